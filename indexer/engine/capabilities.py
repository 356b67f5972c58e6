"""What an engine may do besides: each is a way to be fast, or belongs to how it stores.

Whoever asks goes through `search/` (`positions.py`, `offsets.py`, `phrases.py`, `explain.py`), which has a
default for each of a snapshot's capabilities, made from the stored texts and the analyzer: an engine without
them gives the same page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from indexer.engine.query import Node
from indexer.engine.requests import DocRef, ScoringTerm, Stop, Stream, never

# Numbers in order: a list or an array.
Column = Iterable[int]


@dataclass(frozen=True, slots=True)
class MatchPositions:
    """Where the morphemes of a query stand in some releases, for ranking these more closely.

    `frequencies` has for each term how many releases of the snapshot have it, and `documents` how many
    releases that counts. `docs`, `terms` and `positions` have an entry an occurrence, by release, then by
    position: the index of the release and of the term as they were asked for, and the position, which counts
    on from title to subtitle to contact to body. `title_ends` has for each release the position behind its
    title. `in_lead` has for each release a row that says of each term whether it stands in the lead.
    """

    documents: int
    frequencies: Column
    docs: Column
    terms: Column
    positions: Column
    title_ends: Column
    in_lead: Iterable[Iterable[bool]]


@runtime_checkable
class HasPositions(Protocol):
    """A snapshot that stores positions."""

    def positions(self, refs: Sequence[DocRef], terms: Sequence[str]) -> MatchPositions:
        """Where morphemes stand in releases."""


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a text field, which node number `node` matches."""

    field: str
    start: int
    end: int
    node: int


@runtime_checkable
class HasOffsets(Protocol):
    """A snapshot that stores where its tokens stand in the text."""

    def offsets(self, refs: Sequence[DocRef], nodes: Sequence[Node], stop: Stop = never) -> list[list[Span]]:
        """Where each of `nodes` matches in each release, by field and ascending start. Of very many places in
        one release the first some hundred will do; once `stop` says so, the other nodes may have none.
        """


@dataclass(frozen=True, slots=True)
class TermContribution:
    """What a scoring term adds to the score of a release, and how many releases have it."""

    score: float
    frequency: int


@runtime_checkable
class HasExplanation(Protocol):
    """A snapshot that can say how it came to a score."""

    def explain(self, ref: DocRef, scoring: Sequence[ScoringTerm]) -> tuple[list[TermContribution], float]:
        """What each scoring term adds, and what the release gets for a title that covers them all."""


@runtime_checkable
class PhraseDictionary(Protocol):
    """The phrases of all releases (`analysis.phrases`), for suggestions, with how many releases have each."""

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """Phrases whose keystrokes (see `analysis.keyboard`) begin so, the most frequent first."""

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """Phrases whose first consonants begin so, likewise."""

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases that any of these keystrokes type."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many segments; by stream how many different terms, and how many pairs of term and release; and how
    many bytes each part of the index takes. `embargoed` releases are under embargo; the first of them appears
    at `next_embargo`, aware, None where there is none.
    """

    segments: int
    terms: Mapping[Stream, int]
    postings: Mapping[Stream, int]
    bytes_by_part: Mapping[str, int]
    embargoed: int = 0
    next_embargo: datetime | None = None


@runtime_checkable
class HasStatistics(Protocol):
    """A snapshot that counts what it holds."""

    def statistics(self) -> Statistics:
        """What the index holds, counted."""


@dataclass(frozen=True, slots=True)
class Corruption:
    """What is wrong with a part of the index, by the path of its file in the index, or by its table."""

    part: str
    what: str


@runtime_checkable
class Maintenance(Protocol):
    """An engine whose storage wants looking after."""

    def verify(self) -> Iterator[Corruption]:
        """Whatever is damaged in the live state. Raises IndexUnavailable where it cannot be opened."""

    def merge(self) -> None:
        """Merge what many small commits have left, if it is due. The live state stands whatever becomes of
        this. Does nothing while another writes.
        """
