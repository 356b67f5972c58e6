"""How many releases of a search were published in each month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from indexer.engine import Filters, Search, Snapshot, Stop
from indexer.engine.query import Node
from indexer.search.response import IndexState, NamedIssuer, WordWithSynonyms


@dataclass(frozen=True, slots=True)
class Trend:
    """The months (`YYYY-MM`) in which releases match a query, each with how many.

    - `q`: the query as typed. `total`: how many releases match, those without a date too.
    - `timed_out`: the time was over before all were counted.
    - `synonyms` and `issuers`: what its words found besides.
    """

    q: str
    total: int
    months: Mapping[str, int]
    timed_out: bool = False
    synonyms: tuple[WordWithSynonyms, ...] = ()
    issuers: tuple[NamedIssuer, ...] = ()


@dataclass(frozen=True, slots=True)
class Trends:
    """Several trends of one snapshot, and how many releases their filters leave of each month (`YYYY-MM`).
    `timed_out`: the time was over before all of it was counted.
    """

    index: IndexState
    trends: tuple[Trend, ...]
    all_months: Mapping[str, int]
    timed_out: bool = False

    @property
    def months(self) -> list[str]:
        """All months from the first to the last that any trend has, without a gap."""
        found = {month for trend in self.trends for month in trend.months}
        return list(_months_between(min(found), max(found))) if found else []


def count_months(
    snapshot: Snapshot, node: Node, filters: Filters, stop: Stop
) -> tuple[int, dict[str, int], bool]:
    """How many releases match, how many of them each month has in order of time, and whether the time was
    over before all were counted.
    """
    found = snapshot.search(
        Search(query=node, filters=filters, sort="newest", limit=1, facets=("month",), stop=stop)
    )
    return found.total, dict(sorted(found.facets["month"].items())), found.timed_out


def _months_between(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:])
    while (text := f"{year:04}-{month:02}") <= last:
        yield text
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
