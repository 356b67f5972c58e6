"""A search as the page, the command and the JSON endpoint ask for it. Its parameters are checked here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, get_args

from indexer.errors import RequestError
from indexer.schema import filter_facets

Sort = Literal["relevance", "recent", "newest", "oldest"]
SORTS: tuple[Sort, ...] = get_args(Sort)

# The limits are choices. They bound the work of one request.
MAX_LIMIT = 100
DEFAULT_LIMIT = 10
MAX_QUERY_CHARS = 2_000
# How many values a filter may have, and how many characters in all. Every link of a page repeats them.
MAX_VALUES = 20
MAX_VALUES_CHARS = 500
# Longer than any cursor that `cursor.write_cursor` makes.
MAX_CURSOR_CHARS = 4_000


def may_be_chosen(values: Collection[str]) -> bool:
    """Whether these values are few and short enough for one filter."""
    return len(values) <= MAX_VALUES and sum(map(len, values)) <= MAX_VALUES_CHARS


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A search: words, filters, order and page.

    - `q`: the query, at most MAX_QUERY_CHARS characters.
    - `filters`: names of `schema.filter_facets` with the values of which a release must have one; for a
      switch the value is `SWITCH_ON`. Kept read-only, in the order of the schema, without empty entries.
    - `published_from`, `published_to`: days in Asia/Seoul, both inclusive.
    - `sort`: by relevance ("recent" prefers newer releases), or by date.
    - `limit`: how many releases a page has, 1 to MAX_LIMIT.
    - `cursor`: `Answer.next` of the page before; None for the first page.
    - `exact`: only releases that match what was typed: no correction, no partial matches.

    Raises RequestError, which names the parameter, for a value that cannot be used, and ValueError for a name
    in `filters` that is not a filter.
    """

    q: str
    # Left out of the hash, since a mapping has none. Equal requests still have equal hashes.
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    published_from: date | None = None
    published_to: date | None = None
    sort: Sort = "relevance"
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    exact: bool = False

    def __post_init__(self) -> None:
        names = [facet.name for facet in filter_facets()]
        if unknown := self.filters.keys() - set(names):
            raise ValueError(f"no filter: {', '.join(sorted(unknown))}")
        chosen = {name: tuple(self.filters[name]) for name in names if self.filters.get(name)}
        object.__setattr__(self, "filters", MappingProxyType(chosen))
        self._check_query()
        for name, values in chosen.items():
            if not may_be_chosen(values):
                raise RequestError(
                    name,
                    f"{name}의 값이 너무 많거나 깁니다.",
                    f"{MAX_VALUES}개, 모두 더해 {MAX_VALUES_CHARS:,}자 이하로 줄이세요.",
                )
        if len(self.cursor or "") > MAX_CURSOR_CHARS:
            raise RequestError("cursor", "cursor를 읽을 수 없습니다.", "첫 쪽부터 다시 검색하세요.")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise RequestError("limit", f"limit은 1에서 {MAX_LIMIT}까지입니다.")
        if self.sort not in SORTS:
            raise RequestError("sort", f"sort는 {', '.join(SORTS)} 가운데 하나입니다.")
        if self.published_from and self.published_to and self.published_from > self.published_to:
            raise RequestError("from", "시작 날짜(from)가 끝 날짜(to)보다 늦습니다.")

    def _check_query(self) -> None:
        if not self.q.strip():
            raise RequestError("q", "검색어가 비어 있습니다.", "찾을 낱말을 입력하세요.")
        if len(self.q) > MAX_QUERY_CHARS:
            raise RequestError(
                "q", f"검색어가 너무 깁니다({len(self.q):,}자).", f"{MAX_QUERY_CHARS:,}자 이하로 줄이세요."
            )
        if "\0" in self.q:
            raise RequestError("q", "검색어에 쓸 수 없는 문자(NUL)가 있습니다.", "그 문자를 지우세요.")

    def chosen(self, facet: str) -> tuple[str, ...]:
        """The values of the filter of a facet; () without this filter."""
        return self.filters.get(facet, ())

    def with_filter(self, facet: str, values: tuple[str, ...]) -> SearchRequest:
        """The same search with these values of a facet; if there are none, without this filter."""
        return replace(self, filters={**self.filters, facet: values})


def parameters_of(request: SearchRequest) -> dict[str, Any]:
    """A search as the parameters of its URL, without defaults. A filter by values is a list of strings; every
    other value is a string.
    """
    filters = {
        facet.name: list(values) if facet.filter == "values" else values[0]
        for facet in filter_facets()
        if (values := request.chosen(facet.name))
    }
    parameters = {
        "q": request.q,
        **filters,
        "from": request.published_from.isoformat() if request.published_from else None,
        "to": request.published_to.isoformat() if request.published_to else None,
        "sort": request.sort if request.sort != "relevance" else None,
        "limit": str(request.limit) if request.limit != DEFAULT_LIMIT else None,
        "exact": "1" if request.exact else None,
        "cursor": request.cursor,
    }
    return {name: value for name, value in parameters.items() if value}


def search_parameters() -> tuple[str, ...]:
    """The names of all parameters that `parameters_of` may write, in the order of an error message."""
    filters = (facet.name for facet in filter_facets())
    return ("q", "from", "to", *filters, "sort", "limit", "cursor", "exact")
