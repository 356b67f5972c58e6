"""Queries in process, as the engine answers them; filters and late pages beside the same without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from indexer.engine import And, Filters, Search, Snapshot
from indexer.schema import shown_facets
from indexer.search.compile import published
from tests.benchmarks.bench import Bench
from tests.benchmarks.engine_queries import EngineQueries
from tests.benchmarks.markdown import compared, table, times
from tests.benchmarks.part import Figures, Measured, Part
from tests.benchmarks.timing import Workload, compare, time_alone

_OUTLETS = 5


def measure(bench: Bench) -> Measured:
    """Each kind of query."""
    snapshot = bench.open()
    queries = EngineQueries(snapshot, bench.analyzer)
    figures: dict[str, Any] = {
        "keyword": time_alone(bench.keywords, queries.keyword),
        "long": time_alone(bench.subtitles, queries.any_word),
    }
    filters = _three_filters(snapshot)
    figures["three_filters"] = compare(
        bench.keywords,
        lambda query: queries.search(query, filters=filters, facets=shown_facets()),
        lambda query: queries.search(query, facets=shown_facets()),
    )
    depth = bench.limits.depth
    if (common := _common_words(queries, bench)).timed:
        late = compare(
            common,
            lambda query: queries.search(query, offset=depth, collapse=True),
            lambda query: queries.search(query, collapse=True),
        )
        figures["late_page"] = {"depth": depth, **late}
    return Measured(figures, snapshot.info.documents, len(bench.keywords.timed) + len(bench.subtitles.timed))


def _three_filters(snapshot: Snapshot) -> Filters:
    """Some outlets, no attachment, three years. The facets of each are counted without it."""
    everything = snapshot.search(Search(query=And(()), facets=("outlet",), limit=1))
    outlets = tuple(everything.facets["outlet"])[:_OUTLETS]
    days = published(date(2022, 1, 1), date(2024, 12, 31))
    return Filters(values={"outlet": outlets, "attachment": ("",)}, published=days)


def _common_words(queries: EngineQueries, bench: Bench) -> Workload:
    """Words of the queries that have a page at the depth. Looking for them is their warm-up."""
    words = dict.fromkeys(word for query in bench.keywords.timed for word in query.split())
    least = bench.limits.depth + 10
    common = [word for word in words if queries.keyword(word).total > least]
    return Workload(common[: bench.limits.slow_queries], ())


def show(figures: Figures) -> Iterator[str]:
    """What stands alone, then the pairs."""
    yield from table(
        ("", "p50 / p95"),
        [
            ("낱말 질의: 모두 포함, 10건, 정확한 건수, 매체와 연도", times(figures["keyword"])),
            ("긴 질의: 하나라도 포함, 10건", times(figures["long"])),
        ],
    )
    pairs = []
    if "three_filters" in figures:
        pairs.append(compared("조건 셋, 조건 없이와 견주어(둘 다 갈래 다섯)", figures["three_filters"]))
    if late := figures.get("late_page"):
        pairs.append(compared(f"{late['depth']:,}번째부터의 쪽, 첫 쪽과 견주어", late))
    if pairs:
        yield ""
        yield from table(("", "질의", "이것", "견준 것", "비율"), pairs)


PART = Part("query", "엔진이 프로세스 안에서 답하는 질의: 낱말, 긴 글, 조건, 뒤쪽", measure, show)
