"""The port: what any engine must do.

An engine keeps releases and answers plans. It gives ids, scores, an exact total, facet counts and where
the terms of a release stand; snippets, highlighting and pages are made above it, so that every engine
gives the same page. `tests/contracts/` holds the suite that each engine must pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import letters_and_digits
from indexer.release import PressRelease


@dataclass(frozen=True, slots=True)
class Term:
    """Releases with this morpheme; in one text field only, where `field` names it."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Releases with these morphemes at neighbouring positions of one text field, in order."""

    terms: tuple[str, ...]
    field: str = ""


# Where a run has to have borders: at both ends those of words; at both ends, but at the last those of any
# morpheme, a particle or ending too; at its beginning; at either end; or nowhere.
Borders = Literal["both", "form", "begin", "either", "none"]


@dataclass(frozen=True, slots=True)
class NgramPhrase:
    """Releases with this run of syllables, whatever the spaces.

    The borders are those of morphemes and of the dictionary's own parts of compounds. Particles and endings
    are no words but the ends of those before them; on both sides of a space a word is one only where it is
    whole words. But for `borders` "none" a run does not match right behind a negating prefix, over a break
    (the end of a sentence, or what stands between two numbers), nor where it cuts a number or Latin word.
    `chars` are letters and digits in normal form, two at least, or one where `borders` is "none"; then
    `breaks` says behind which syllables, counted from 0, a break is, which has to be there between two
    digits.
    """

    chars: str
    field: str = ""
    borders: Borders = "both"
    breaks: tuple[int, ...] = ()


def exact_text(normal: str, field: str = "") -> NgramPhrase:
    """The run of a text in normal form, wherever it stands."""
    syllables, breaks = letters_and_digits(normal)
    return NgramPhrase(syllables, field, "none", breaks)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Releases with a morpheme that begins so, or a run of syllables that begins so with a morpheme.

    `text` is in normal form, two characters at least.
    """

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class FacetIn:
    """Releases with one of these values of a facet (`schema.FACETS`)."""

    facet: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DateRange:
    """Releases of a time: `start` inclusive, `before` exclusive, both aware; None does not bound. A release
    without a date is outside any bound.
    """

    start: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class And:
    """Releases that all of `nodes` match; of no nodes, every release."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Releases that at least one of `nodes` matches; of no nodes, none."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Releases that `node` does not match."""

    node: Node


Node = Term | Phrase | NgramPhrase | Prefix | FacetIn | DateRange | And | Or | Not

Stream = Literal["morphemes", "bigrams"]


@dataclass(frozen=True, slots=True)
class ScoringTerm:
    """A term that adds to the score of every release that has it: BM25F, times `weight`.

    `text` is a morpheme, or a bigram: two syllables, or the last one of a text. A title holds the whole
    query if it has, for each number among the `clauses` of one stream's terms, a term with that number.
    """

    stream: Stream
    text: str
    weight: float = 1.0
    coverage_groups: tuple[int, ...] = ()


# Asked between the steps of a search whether the time for it is over: then what is left of it is left out.
Stop = Callable[[], bool]


def never() -> bool:
    """There is time for all of it."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a release must be, without bearing on its score.

    `values` maps a facet to values, any of which it must have; the counts of that facet itself are made
    without it, so that another value can be chosen beside.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    published: DateRange = DateRange()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A search: `query` says which releases, `scoring` how good each is; `offset` and `limit` cut the page
    out of the whole ordered result. Without a `query` it is the releases that have any scoring term; where
    then `exact_total` is not wanted either, the engine may leave out those that are not on the page.

    Where `recent`, a release adds to its score `weights.recency` times what the scoring terms that are in the
    index weigh, halved for each `weights.recency_half_life_days` that it is older than the newest, or than
    now where that has a date in the future.

    Sorted by relevance (ties: newest first), or by date with undated releases last; then by id.
    `facets` names entries of `schema.FACETS`, of which the `facet_limit` most frequent values are counted, or
    all. Where `grouped`, only the first is listed of releases that have the same long body, or on one day
    nearly the same. Once `stop` says so, what is not looked at yet is left out: every release that is found
    then matches, but not all that match are found, and their order may be another.
    """

    query: Node | None
    scoring: tuple[ScoringTerm, ...] = ()
    filters: Filters = Filters()
    sort: Literal["relevance", "newest", "oldest"] = "relevance"
    recent: bool = False
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = ()
    facet_limit: int | None = None
    exact_total: bool = True
    grouped: bool = False
    stop: Stop = field(default=never, compare=False)


class ScoredDoc(NamedTuple):
    """A release of the page and its score. `published` is in seconds since 1970, less than any date where
    there is none; `others` are the ids of releases with nearly its body, which are not listed.
    """

    id: str
    score: float
    published: int = 0
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopDocs:
    """`total` is exact, or None where it was not wanted; `listed` is how many of those a page may list. Where
    the search was stopped, it is `timed_out`, and these are of what was found until then. `facets` maps a
    facet's name to counts by value over the whole result, the highest first, equal ones by value.
    """

    total: int | None
    page: tuple[ScoredDoc, ...]
    facets: Mapping[str, Mapping[str, int]]
    listed: int = 0
    timed_out: bool = False


class Span(NamedTuple):
    """A place in a text field, characters `start` to `end` (exclusive), that node number `node` matches."""

    field: str
    start: int
    end: int
    node: int


@dataclass(frozen=True, slots=True)
class MatchPositions:
    """Where the morphemes of a query stand in some releases, for ranking them more closely.

    `frequencies` has for each term how many releases of the index have it. The other columns have a row an
    occurrence, by release, then by position: the number of the release and of the term, and the position,
    which counts on from title to subtitle to body. `title_ends` has for each release the position behind its
    title; `in_lead` says by release and term whether one stands in the lead.
    """

    frequencies: NDArray[np.int64]
    releases: NDArray[np.int64]
    terms: NDArray[np.int64]
    positions: NDArray[np.int64]
    title_ends: NDArray[np.int64]
    in_lead: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """The state of the index that a reader answers from. `name` tells it from any other, also from one of an
    index made anew in the same place. `updated_at` is aware; `documents` are those that it finds;
    `size_bytes` is on disk.
    """

    name: str
    updated_at: datetime
    documents: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many segments; by stream how many different terms, and how many pairs of term and release; and
    how many bytes each part of the index takes. `embargoed` releases are under embargo; the first of them
    appears at `next_embargo`, aware, None where there is none.
    """

    segments: int
    terms: Mapping[Stream, int]
    postings: Mapping[Stream, int]
    bytes_by_part: Mapping[str, int]
    embargoed: int = 0
    next_embargo: datetime | None = None


@dataclass(frozen=True, slots=True)
class IndexedVersion:
    """What reindexing needs to know of an indexed release."""

    content_hash: str
    source_path: str


@dataclass(frozen=True, slots=True)
class Corruption:
    """What is wrong with a part of the index, by the path of its file in the index, or by its table."""

    part: str
    what: str


class Snapshot(Protocol):
    """One generation of the index as of one moment, unchanging while it is open. Safe to share between
    threads.

    It answers, with scores and counts, as if what is under embargo at that moment had never been indexed.
    """

    @property
    def generation(self) -> SnapshotInfo:
        """What this reader answers from."""

    @property
    def curated_files(self) -> Mapping[str, str]:
        """The texts that the generation was made with, by file name (see `indexer.curation.files`)."""

    @property
    def source_digests(self) -> Mapping[str, str]:
        """What the last `Writer.commit` was given."""

    def at_present(self) -> Snapshot:
        """The generation as of now: this reader itself, or, where an embargo has passed since it was opened,
        another; then both are to be closed.
        """

    def search(self, plan: Plan) -> TopDocs:
        """Answer a plan."""

    def release(self, release_id: str) -> PressRelease | None:
        """The release as it was indexed; None where there is none of this id."""

    def evidence(self, release_ids: Sequence[str], terms: Sequence[str]) -> MatchPositions:
        """Where morphemes stand in releases, which must be indexed."""

    def contributions(
        self, release_id: str, scoring: Sequence[ScoringTerm]
    ) -> tuple[list[tuple[float, int]], float]:
        """What each scoring term adds to the score of a release, and how many releases have it; and what the
        release gets for a title that holds them all.
        """

    def matches(self, release_id: str, node: Node) -> bool:
        """Whether a release is among those of a tree."""

    def values(self, facet: str) -> list[str]:
        """Every value of a facet, sorted; '' is none."""

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """Phrases of the releases whose keys (see `analysis.keyboard`) begin so, the most frequent, with how
        many releases have each.
        """

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """Phrases whose first consonants begin so, likewise."""

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases that any of these keys type."""

    def spans(
        self, release_ids: Sequence[str], nodes: Sequence[Node], stop: Stop = never
    ) -> list[list[Span]]:
        """Where each of `nodes` matches in each release, by field and ascending start; none in a release that
        is not there. Of very many places in one release the first some hundred will do; once `stop` says so,
        the other nodes may have none.
        """

    def stored(self) -> dict[str, IndexedVersion]:
        """Every indexed release by id."""

    def statistics(self) -> Statistics:
        """What the index holds, counted."""

    def close(self) -> None:
        """Let go of the generation's files."""


class Writer(Protocol):
    """The one writer of an index. What it was told is seen by readers opened after `commit`, or never."""

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add releases; one with an id that is indexed replaces it.

        An id comes once between two commits.
        """

    def remove(self, release_ids: Iterable[str]) -> None:
        """Remove releases; unknown ids are ignored."""

    def set_curated_file(self, name: str, text: str) -> None:
        """Keep another text with the generation, which changes nothing of what is indexed."""

    def commit(self, source_digests: Mapping[str, str]) -> None:
        """Make it durable and live, together with the caller's own record of what was read."""


class Engine(Protocol):
    """An index, made or yet to be made, and a clock that says which embargoes have passed."""

    def open(self, name: str = "", *, embargoed: bool = False) -> Snapshot:
        """The live generation, or the one of this name, which was live not long ago, as of now by the clock
        of the engine. `embargoed`: with what is under embargo, for writers and for the operator only.

        Raises IndexUnavailable where there is none that can be read.
        """

    def live_name(self) -> str:
        """The name of the live generation, cheap to ask; '' where there is none."""

    def live_documents(self) -> int:
        """How many releases the live generation holds, those under embargo too, even where it cannot be
        searched; 0 where unknown.
        """

    def verify(self) -> Iterator[Corruption]:
        """Whatever is damaged in the live generation. Raises IndexUnavailable where it cannot be opened."""

    def write(
        self,
        *,
        fresh: bool = False,
        read_curated_files: Callable[[], Mapping[str, str]] | None = None,
        wait_s: float = 30.0,
    ) -> AbstractContextManager[Writer]:
        """The writer, on top of the live generation or, if `fresh`, of an empty one. What
        `read_curated_files` reads, once no one else writes, is kept with the generation, its user dictionary
        is used from now on; None means those of the live generation. Leaving the
        context without `commit` discards everything.

        Raises IndexUnavailable where another writer holds the index for longer than `wait_s`, or where
        there is a generation that cannot be built on.
        """
