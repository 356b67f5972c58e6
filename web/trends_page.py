"""How often queries were published by month: a chart, a table, and CSV for other programs."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request

from indexer.errors import RequestError
from indexer.schema import filter_facets
from indexer.search.request import SearchRequest
from web.charts import HEIGHT, MONTH_WIDTH, Line, make_lines
from web.http_caching import note_answer
from web.navigation import SearchLinks, path_of, search_url
from web.parameters import Parameters, read_parameters, search_request, without_blank
from web.quoting import quote
from web.server_timing import timed

if TYPE_CHECKING:
    from indexer.search.response import NamedIssuer, WordWithSynonyms
    from indexer.search.service import SearchService
    from indexer.search.trends import Trend, Trends

# More lines in one chart cannot be told apart.
MAX_QUERIES = 5
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection).
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Compared:
    """A trend of a chart: its counts for each month, its line, and the address of its results. `synonyms` and
    `issuers` are what its words found besides, each with the address of the same chart without that.
    """

    trend: Trend
    counts: tuple[int, ...]
    line: Line
    href: str
    synonyms: list[tuple[WordWithSynonyms, str | None]]
    issuers: list[tuple[NamedIssuer, str | None]]


def trends_blueprint(service: SearchService) -> Blueprint:
    """`/trends` and `/trends.csv` over `service`."""
    blueprint = Blueprint("trends_page", __name__)

    @blueprint.get("/trends")
    def trends() -> str:
        parameters = without_blank(read_parameters(request.query_string))
        queries = [q for q in parameters.get("q", []) if q.strip()]
        if not queries:
            return render_template("trends.html", trends=None, queries=[], compared=[], kept={})
        asked = _read(parameters)
        found = _find(service, asked)
        compared = _compare(asked, found)
        return render_template(
            "trends.html",
            trends=found,
            queries=[one.q for one in asked],
            compared=compared,
            peak=max((count for one in compared for count in one.counts), default=0),
            januaries=[
                MONTH_WIDTH * index for index, month in enumerate(found.months) if month.endswith("-01")
            ],
            kept=asked[0].filters,
            filters=[choice.label for choice in SearchLinks(asked[0]).filters()],
            without_filters=path_of("/trends", {"q": [one.q for one in asked]}),
            width=MONTH_WIDTH * len(found.months),
            height=HEIGHT,
            csv=path_of("/trends.csv", {**asked[0].filters, "q": [one.q for one in asked]}),
        )

    @blueprint.get("/trends.csv")
    def as_csv() -> Response:
        parameters = without_blank(read_parameters(request.query_string))
        return Response(
            _write_csv(_find(service, _read(parameters))),
            mimetype="text/csv",
            headers={"Content-Disposition": 'attachment; filename="trends.csv"'},
        )

    return blueprint


def _find(service: SearchService, asked: list[SearchRequest]) -> Trends:
    with timed("search"):
        found = service.trends(asked)
    note_answer(timed_out=found.timed_out, index=found.index)
    return found


def _read(parameters: Parameters) -> list[SearchRequest]:
    """A search for each of the queries. Raises RequestError naming the parameter at fault."""
    queries = dict.fromkeys(q.strip() for q in parameters.get("q", []) if q.strip())
    if not queries:
        raise RequestError("q", "견줄 검색어가 없습니다.", "q=하노버&q=베를린처럼 적으세요.")
    if len(queries) > MAX_QUERIES:
        raise RequestError("q", f"한 번에 {MAX_QUERIES}개까지 견줄 수 있습니다.", "검색어를 줄이세요.")
    # A trend is of all months, in no order.
    filters = {facet.name: parameters[facet.name] for facet in filter_facets() if facet.name in parameters}
    search_request({**parameters, "q": list(queries)[:1]})
    return [search_request({**filters, "q": [q]}) for q in queries]


def _compare(asked: list[SearchRequest], found: Trends) -> list[Compared]:
    counts = [tuple(trend.months.get(month, 0) for month in found.months) for trend in found.trends]
    lines = make_lines(counts)

    def quoting(word: WordWithSynonyms | NamedIssuer, q: str) -> str | None:
        queries = [(quote(word, q) or q) if one.q == q else one.q for one in asked]
        return path_of("/trends", {**asked[0].filters, "q": queries}) if q not in queries else None

    return [
        Compared(
            trend,
            of_months,
            line,
            search_url(one),
            [(word, quoting(word, one.q)) for word in trend.synonyms],
            [(word, quoting(word, one.q)) for word in trend.issuers],
        )
        for trend, of_months, line, one in zip(found.trends, counts, lines, asked, strict=True)
    ]


def _write_csv(found: Trends) -> str:
    """The months with the count of each query and of all releases. It begins with a byte order mark, without
    which spreadsheets read Korean wrongly.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["월", *(_harmless(trend.q) for trend in found.trends), "모든 보도자료"])
    for month in found.months:
        counts = [trend.months.get(month, 0) for trend in found.trends]
        writer.writerow([month, *counts, found.all_months.get(month, 0)])
    return "\ufeff" + text.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_BEGINS) else text
