"""What a caller asks for. Checked once, here, for the page, the command and the JSON endpoint."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from indexer.errors import RequestError

Sort = Literal["relevance", "recent", "newest", "oldest"]
SORTS: tuple[Sort, ...] = get_args(Sort)

MAX_LIMIT = 100
DEFAULT_LIMIT = 10
MAX_QUERY_CHARS = 2_000
# What may be chosen of one filter: so many values, of so many characters in all. Every link of a page repeats
# them.
MAX_VALUES = 20
MAX_VALUES_CHARS = 500
# Longer than any that was given out.
MAX_CURSOR_CHARS = 500


def may_be_chosen(values: Collection[str]) -> bool:
    """Whether a filter may have these values."""
    return len(values) <= MAX_VALUES and sum(map(len, values)) <= MAX_VALUES_CHARS


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A search: words, filters, order and page.

    `published_from` and `published_to` are inclusive days in Asia/Seoul. `attachment` is for releases that
    have one. `sort` is by relevance, with what is `recent` preferred, or by date. `limit` is 1 to
    100. `exact` is for what was typed and nothing else: no correction, no partial matches.
    `may_be_chosen` says how many values a filter may have.
    Raises RequestError naming the parameter where a value cannot be used.
    """

    q: str
    outlet: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    reporter: tuple[str, ...] = ()
    attachment: bool = False
    published_from: date | None = None
    published_to: date | None = None
    sort: Sort = "relevance"
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    exact: bool = False

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """The values that each filtered facet may have."""
        chosen = {
            "outlet": self.outlet,
            "department": self.department,
            "reporter": self.reporter,
            "attachment": ("yes",) if self.attachment else (),
        }
        return {name: values for name, values in chosen.items() if values}

    def __post_init__(self) -> None:
        if not self.q.strip():
            raise RequestError("q", "검색어가 비어 있습니다.", "찾을 낱말을 입력하세요.")
        if len(self.q) > MAX_QUERY_CHARS:
            raise RequestError(
                "q", f"검색어가 너무 깁니다({len(self.q):,}자).", f"{MAX_QUERY_CHARS:,}자 이하로 줄이세요."
            )
        if "\0" in self.q:
            raise RequestError("q", "검색어에 쓸 수 없는 문자(NUL)가 있습니다.", "그 문자를 지우세요.")
        for name in ("outlet", "department", "reporter"):
            if not may_be_chosen(getattr(self, name)):
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
