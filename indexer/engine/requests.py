"""The requests to a snapshot, and its answers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from indexer.engine.query import DateRange, NgramPhrase, Node, Term
from indexer.release import SEOUL
from indexer.schema import FACETS

Stream = Literal["morphemes", "bigrams"]
Sort = Literal["relevance", "newest", "oldest"]

# A choice: how many values of a facet are returned by default.
DEFAULT_FACET_LIMIT = 100
# `ScoredDoc.published` of a release without a date: less than any date.
UNDATED = -(2**62)
# How many values of a facet are all of them: more than korea.kr has of any (some 8,000 departments), and than
# the months of a hundred years.
MAX_FACET_VALUES = 10_000

# Called between the steps of a search. True ends it: the rest is left out.
Stop = Callable[[], bool]


def never() -> bool:
    """The Stop of a search that is never stopped."""
    return False


class SortKey(NamedTuple):
    """What a release is sorted by, and so its place in a result. See `ScoredDoc`."""

    score: float
    published: int
    id: str


# How a snapshot names a release. Only that snapshot understands it.
DocRef = Hashable


@dataclass(frozen=True, slots=True)
class ScoringTerm:
    """A term that adds to the score of every release that has it, times `weight`.

    `text` is a morpheme, or a bigram: two characters, or the last one of a text. Each term of
    `coverage_groups` may stand for the group. A title covers the query if it has, in one stream, a term of
    every group of that stream; then its release gets a bonus.
    """

    stream: Stream
    text: str
    weight: float = 1.0
    coverage_groups: tuple[int, ...] = ()

    @property
    def node(self) -> Node:
        """The releases that have the term."""
        return Term(self.text) if self.stream == "morphemes" else NgramPhrase(self.text, borders="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Conditions that a release must fulfil, without influence on its score.

    `values` maps facets to values, one of which the release must have. The counts of a facet ignore the
    filter of that facet, so that they show what another value would find. The counts of year and month
    likewise ignore `published`.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    published: DateRange = field(default_factory=DateRange)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A page of the releases that match `query` and `filters`.

    - `scoring`: the score of a release is the sum over these terms, plus the bonus of its title.
    - `sort`: by relevance, which is the score, then newest first; or by date, with undated releases last.
      Equal releases are sorted by id.
    - `prefers_recent`: newer releases score more, as much whenever a state is opened. Only for relevance.
    - `offset`, `limit`: the page is cut out of the whole sorted result; or, with `after`, out of what comes
      behind this place in it. The place is the `sort_key` of a release that the same search of the same
      snapshot found, whether it was on a page or not. By date, its score is not looked at.
    - `facets`: names of `schema.FACETS` to count. `facet_limit`: how many of the most frequent values each
      has; years and months, which are drawn in a row, and those of `whole_facets` are all counted, up to
      MAX_FACET_VALUES.
    - `collapse`: of releases with the same long body, or nearly the same body on one day, only the first is
      on a page; it names the others.
    - `stop`: once it says so, the rest of the search is left out. All results match, but some may be missing,
      and their order may differ.
    """

    query: Node
    scoring: tuple[ScoringTerm, ...] = ()
    filters: Filters = Filters()
    sort: Sort = "relevance"
    prefers_recent: bool = False
    after: SortKey | None = None
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = ()
    facet_limit: int = DEFAULT_FACET_LIMIT
    whole_facets: tuple[str, ...] = ()
    collapse: bool = False
    stop: Stop = field(default=never, compare=False)

    def limit_of(self, facet: str) -> int:
        """How many values of a facet the results have at most."""
        is_whole = FACETS[facet].filters_days or facet in self.whole_facets
        return MAX_FACET_VALUES if is_whole else self.facet_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class TopK:
    """The `limit` releases with the highest scores that have any of the terms. There is neither a filter nor
    a total, so that an engine may skip releases that cannot be among the best. `stop` is as in `Search`.
    """

    scoring: tuple[ScoringTerm, ...]
    limit: int
    stop: Stop = field(default=never, compare=False)


@dataclass(frozen=True, slots=True)
class ScoredDoc:
    """A release of a result. `published` is in seconds since 1970; UNDATED if there is no date.
    `collapsed_ids` are the ids of the releases that `Search.collapse` left out for this one.
    """

    id: str
    score: float
    published: int
    collapsed_ids: tuple[str, ...] = ()
    ref: DocRef = field(default=None, compare=False)

    @property
    def published_at(self) -> datetime | None:
        """When it was published, aware; None if unknown."""
        return datetime.fromtimestamp(self.published, SEOUL) if self.published > UNDATED else None

    @property
    def sort_key(self) -> SortKey:
        """Its place in the result; `Search.after` goes on behind it."""
        return SortKey(self.score, self.published, self.id)


@dataclass(frozen=True, slots=True)
class TopDocs:
    """Releases, the best first. `timed_out`: the search was stopped; these are the best ones until then."""

    docs: tuple[ScoredDoc, ...]
    timed_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """A page of a result.

    - `docs`: the releases of the page. `has_more`: there are releases behind it.
    - `total`: how many releases match.
    - `facets`: for each facet, how many releases of the whole result have each value, the highest count
      first, then by value. '' is not counted.
    - `timed_out`: the search was stopped.
    """

    docs: tuple[ScoredDoc, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    has_more: bool = False
    timed_out: bool = False
