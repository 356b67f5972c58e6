"""The parameters of the endpoint as pydantic models, which check them and describe them (OpenAPI).

A model checks names, types, limits and choices. What a search needs besides, `SearchRequest` checks, since
the command asks for the same; its limits are only described here.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, create_model
from pydantic.json_schema import SkipJsonSchema

from indexer.json_records import Highlight
from indexer.schema import SWITCH_ON, Facet, filter_facets
from indexer.search.request import (
    DEFAULT_LIMIT,
    MAX_CURSOR_CHARS,
    MAX_LIMIT,
    MAX_QUERY_CHARS,
    MAX_VALUES,
    MAX_VALUES_CHARS,
    SearchRequest,
    Sort,
)
from indexer.search.suggest import MAX_SUGGESTIONS, MAX_TYPED_CHARS
from web.parameters import day, number
from web.query_string import QueryString, given

# Choices. What is analysed is a query or a sentence; a trend is a line of a chart; more releases than this
# are not like another one.
MAX_ANALYSED_CHARS = 2_000
MAX_TRENDS = 5
MAX_SIMILAR, DEFAULT_SIMILAR = 20, 5
# More than one reads at a time. Without a limit everything comes.
MAX_STREAMED = 1_000_000

# Values of facets, and what else is to say of them, for the description.
_EXAMPLES = {"outlet": "창원특례시", "department": "전략산업과", "reporter": "이도균"}
_NOTES = {"outlet": ". 기관의 지금 이름이나 준말이면 옛 이름으로 낸 것도, 옛 이름이면 그 이름으로 낸 것만"}
_Switch = Literal["yes"] | SkipJsonSchema[None]
# A query is not blank.
_NOT_BLANK = r"\S"


def _natural(name: str) -> BeforeValidator:
    # pydantic takes `1_0`, `+1` and ` 1 ` for numbers as well.
    return BeforeValidator(partial(number, name))


def _day(name: str) -> BeforeValidator:
    # pydantic takes numbers and times for dates as well.
    return BeforeValidator(partial(day, name))


_Values = list[str]


class Filtered(QueryString):
    """A question that is narrowed to values of facets. `with_filters` adds a parameter for each facet."""

    def filters(self) -> dict[str, tuple[str, ...]]:
        """The values that are chosen of each facet, each once."""
        chosen = {facet.name: getattr(self, facet.name) or [] for facet in filter_facets()}
        return {
            name: (values,) if isinstance(values, str) else tuple(dict.fromkeys(values))
            for name, values in chosen.items()
        }


def with_filters(model: type[Filtered]) -> type[Filtered]:
    """The model with a parameter for each facet that filters."""
    fields: dict[str, Any] = {facet.name: _filter(facet) for facet in filter_facets()}
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields)


def _filter(facet: Facet) -> tuple[Any, Any]:
    """The type of a facet's parameter, and what it is."""
    if facet.filter == "switch":
        meaning = f"`{SWITCH_ON}`: {facet.help}"
        return _Switch, given(meaning, SWITCH_ON, default=None)
    meaning = (
        f"{facet.label}. 여러 번 쓰면 그 가운데 하나. {MAX_VALUES}개, 모두 더해 {MAX_VALUES_CHARS:,}자까지"
        f"{_NOTES.get(facet.name, '')}"
    )
    kind: Any = list[str]
    example = [_EXAMPLES.get(facet.name, facet.label)]
    one = {"type": "string", "maxLength": MAX_VALUES_CHARS}
    return kind, given(meaning, example, default=[], max_length=MAX_VALUES, items=one)


class SearchParameters(Filtered):
    """A search."""

    q: str = given(
        f"찾을 말, {MAX_QUERY_CHARS:,}자까지",
        "하노버 산업박람회",
        maxLength=MAX_QUERY_CHARS,
        pattern=_NOT_BLANK,
    )
    published_from: Annotated[date, _day("from")] | SkipJsonSchema[None] = given(
        "이 날부터, 그날 포함. 한국 시간", "2023-04-01", default=None, alias="from"
    )
    published_to: Annotated[date, _day("to")] | SkipJsonSchema[None] = given(
        "이 날까지, 그날 포함. 한국 시간", "2023-04-30", default=None, alias="to"
    )
    sort: Sort = given(
        "차례: `relevance`(정확도순), `recent`(정확도순이되 최근 것을 앞에), `newest`(최신순), "
        "`oldest`(오래된순)",
        "newest",
        default="relevance",
    )
    limit: Annotated[int, _natural("limit")] = given(
        "한 쪽의 결과 수", 20, default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT
    )
    cursor: str | SkipJsonSchema[None] = given(
        "앞 답의 `next`나 `previous`. 다른 매개변수는 그대로 둡니다",
        "WyIwMDAwMDctMDEyMzQ1Njc4OWFiY2RlZiIsMTAsbnVsbCwiMTIzNDU2Nzg5YWJjIl0",
        default=None,
        min_length=1,
        maxLength=MAX_CURSOR_CHARS,
    )
    exact: Literal["1"] | SkipJsonSchema[None] = given(
        "`1`이면 적은 그대로만: 고치거나 일부만 맞는 것을 내놓지 않음", "1", default=None
    )
    highlight: Highlight = given(
        "맞은 곳을 알리는 방법: `html`, `ranges`(HTML 없이 자리만), `none`(둘 다 없이)",
        "ranges",
        default="html",
    )

    def request(self) -> SearchRequest:
        """The search. Raises RequestError as SearchRequest does."""
        return SearchRequest(
            q=self.q,
            filters=self.filters(),
            published_from=self.published_from,
            published_to=self.published_to,
            sort=self.sort,
            limit=self.limit,
            cursor=self.cursor,
            exact=self.exact is not None,
        )


class SuggestParameters(QueryString):
    """What was typed so far."""

    q: str = given(f"지금까지 친 것, {MAX_TYPED_CHARS}자까지", "하노", default="", max_length=MAX_TYPED_CHARS)
    limit: Annotated[int, _natural("limit")] = given(
        "제안의 수", 5, default=MAX_SUGGESTIONS, ge=1, le=MAX_SUGGESTIONS
    )


class ReleasePath(BaseModel):
    """A release in the path of a URL."""

    release_id: str = Field(
        min_length=1,
        description="보도자료의 id, 퍼센트 인코딩",
        json_schema_extra={"example": "0f3c1d7a9b2e4c58"},
    )


class ReleaseParameters(QueryString):
    """How to read a release."""

    q: str = given(
        f"본문에서 찾을 말, {MAX_QUERY_CHARS:,}자까지. 있으면 `marks`가 맞은 곳을 알립니다",
        "하노버",
        default="",
        max_length=MAX_QUERY_CHARS,
    )


class SimilarParameters(QueryString):
    """How many similar releases."""

    limit: Annotated[int, _natural("limit")] = given(
        "`same`과 `similar` 저마다의 수", 5, default=DEFAULT_SIMILAR, ge=1, le=MAX_SIMILAR
    )


class TrendsParameters(Filtered):
    """What to count by month."""

    q: list[str] = given(
        f"견줄 말, 저마다 {MAX_QUERY_CHARS:,}자까지. {MAX_TRENDS}개까지 되풀이해 씁니다",
        ["하노버", "베를린"],
        min_length=1,
        max_length=MAX_TRENDS,
        items={"type": "string", "maxLength": MAX_QUERY_CHARS},
    )

    def requests(self) -> list[SearchRequest]:
        """A search for each query. Raises RequestError as SearchRequest does."""
        return [SearchRequest(q=q, filters=self.filters()) for q in self.q]


class AnalyzeParameters(QueryString):
    """What to analyse."""

    text: str = given(
        f"나눌 글, {MAX_ANALYSED_CHARS:,}자까지",
        "창원에서 만났다",
        min_length=1,
        max_length=MAX_ANALYSED_CHARS,
    )


class StreamParameters(QueryString):
    """Where a stream of releases begins, and how long it is."""

    since: Annotated[date, _day("since")] | SkipJsonSchema[None] = given(
        "이 날부터 발표한 것, 그날 포함. 한국 시간", "2023-04-01", default=None
    )
    cursor: str | SkipJsonSchema[None] = given(
        "읽은 마지막 줄의 `cursor`. 그다음부터 이어서 읽습니다",
        "WzE2ODIzNTM3MDAsIjBmM2MxZDdhOWIyZTRjNTgiXQ",
        default=None,
        min_length=1,
        max_length=MAX_CURSOR_CHARS,
    )
    limit: Annotated[int, Field(ge=1, le=MAX_STREAMED), _natural("limit")] | SkipJsonSchema[None] = given(
        "줄 수. 없으면 끝까지", 1000, default=None
    )


class NoParameters(QueryString):
    """No parameters."""
