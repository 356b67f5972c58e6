"""What is asked of an engine, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from indexer.engine.query import DateRange, Node

Stream = Literal["morphemes", "bigrams"]
Sort = Literal["relevance", "newest", "oldest"]

# How many values of a facet are counted where a request does not say.
DEFAULT_FACET_LIMIT = 100

# Asked between the steps of a search: whether its time is over. Then the rest of it is left out.
Stop = Callable[[], bool]


def never() -> bool:
    """There is time for all of it."""
    return False


# A document as one snapshot names it. Only the snapshot that gave it understands it.
DocRef = Hashable


@dataclass(frozen=True, slots=True)
class ScoringTerm:
    """A term that adds to the score of every release that has it, times `weight`.

    `text` is a morpheme, or a bigram: two characters, or the last one of a text. Terms with a number of
    `coverage_groups` in common are alternatives. A title covers the query if in one stream it has a term of
    every group; then the release scores more.
    """

    stream: Stream
    text: str
    weight: float = 1.0
    coverage_groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a release must be, without bearing on its score.

    `values` maps a facet to values, any of which it must have. The counts of that facet itself ignore its
    filter, so that another value can be chosen beside; a filter of dates likewise for the facets of dates.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    published: DateRange = field(default_factory=DateRange)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A page of the releases that match `query` and `filters`.

    - `scoring` says how good each of them is. Where `prefers_recent`, newer ones score more.
    - Sorted by relevance (ties: newest first), or by date with undated releases last; then by id.
    - `offset` and `limit` cut the page out of the whole ordered result.
    - `facets` names entries of `schema.FACETS`. Of each the `facet_limit` most frequent values are counted.
    - Where `collapse`, of releases with the same long body, or nearly the same on one day, only the first is
      on a page; it names the others.
    - Once `stop` says so, what is not looked at yet is left out: all that is found matches, but something may
      be missing, and the order may be another.
    """

    query: Node
    scoring: tuple[ScoringTerm, ...] = ()
    filters: Filters = Filters()
    sort: Sort = "relevance"
    prefers_recent: bool = False
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = ()
    facet_limit: int = DEFAULT_FACET_LIMIT
    collapse: bool = False
    stop: Stop = field(default=never, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopK:
    """The `limit` releases that score most by any of the terms, without a total or a filter: an engine may
    leave out whatever cannot be among them. `stop` as in `Search`.
    """

    scoring: tuple[ScoringTerm, ...]
    limit: int
    stop: Stop = field(default=never, compare=False)


@dataclass(frozen=True, slots=True)
class ScoredDoc:
    """A release of a result. `published` is in seconds since 1970, less than any date where there is none.
    `collapsed_ids` are the ids of releases with nearly its body, which are not listed.
    """

    id: str
    score: float
    published: int
    collapsed_ids: tuple[str, ...] = ()
    ref: DocRef = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TopDocs:
    """Releases, the best first. `timed_out`: the search was stopped, and they are of what was found until
    then.
    """

    docs: tuple[ScoredDoc, ...]
    timed_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """A page. `total` counts all that match, `has_more` says whether there is a page behind this one.
    `facets` maps a facet's name to counts by value over the whole result, the highest first, equal ones by
    value; '' is not counted. `timed_out` as in `TopDocs`.
    """

    docs: tuple[ScoredDoc, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    has_more: bool = False
    timed_out: bool = False
