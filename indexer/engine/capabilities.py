"""Protocols that an engine may offer besides those of `port`.

Some make a search fast: positions, offsets, explanations and phrases. For each of these `indexer.search` has
a module of the same name with a default that needs only a `Snapshot` and the analyzer, so that an engine
without them gives the same page. One saves requests over a network. The others are about storage: statistics
and maintenance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeGuard, TypeVar, runtime_checkable

from indexer.engine.query import Node
from indexer.engine.requests import DocRef, ScoringTerm, Stop, Stream, never

# A list or an array of integers.
Column = Iterable[int]
_Capability = TypeVar("_Capability")
_offered: dict[tuple[type, type], bool] = {}


def offers(subject: object, capability: type[_Capability]) -> TypeGuard[_Capability]:
    """Whether an engine or a snapshot has a capability, which is one of the protocols below. Objects of one
    class have the same: it is looked at once, as that takes as long as a question to the index.
    """
    key = (type(subject), capability)
    if key not in _offered:
        _offered[key] = isinstance(subject, capability)
    return _offered[key]


@dataclass(frozen=True, slots=True)
class MatchPositions:
    """Where some terms stand in some releases, for reranking. Releases and terms are given by their indexes
    in the question.

    - `frequencies`: for each term, how many of `documents` releases have it. A release that was removed may
      still be counted in both.
    - `docs`, `terms`, `positions`: columns with an entry for each occurrence, ordered by release, then by
      position. Positions go on from field to field in the order of `schema.TEXT_FIELDS`, with one position
      between two fields.
    - `title_ends`: for each release, the first position of the field behind its title.
    - `in_lead`: for each release a row that says for each term whether it is in the lead of the body.
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
        """Where the morphemes `terms`, all different, stand in the releases `refs`."""


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a text field, which are marked for a node. `node` is the
    index of the node in the question.
    """

    field: str
    start: int
    end: int
    node: int


@runtime_checkable
class HasOffsets(Protocol):
    """A snapshot that stores the offsets of its tokens."""

    def offsets(self, refs: Sequence[DocRef], nodes: Sequence[Node], stop: Stop = never) -> list[list[Span]]:
        """For each release, the spans of all nodes (`meaning.find_spans`), sorted by field name, start, end
        and node.

        If a node matches very often in one release, its first 300 matches are enough. Once `stop` says so,
        the other nodes may have no spans.
        """


@dataclass(frozen=True, slots=True)
class TermContribution:
    """What a scoring term adds to the score of a release; `frequency` releases have the term."""

    score: float
    frequency: int


@runtime_checkable
class AsksOverNetwork(Protocol):
    """A snapshot that answers each question by a request over a network."""

    def expect(self, scoring: Sequence[ScoringTerm]) -> None:
        """These terms will score in a search soon. What that needs is asked together with the next count."""


@runtime_checkable
class HasExplanation(Protocol):
    """A snapshot that can explain a score."""

    def explain(self, ref: DocRef, scoring: Sequence[ScoringTerm]) -> tuple[list[TermContribution], float]:
        """What each scoring term adds to the score of a release, and the bonus if its title covers the terms,
        else 0.
        """


@runtime_checkable
class PhraseDictionary(Protocol):
    """The phrases of a snapshot's releases, for suggestions: titles, and noun phrases of title, subtitles and
    lead (`analysis.noun_phrases`).

    Each answer maps phrases to the number of releases that have them, the most frequent first. The number may
    be an estimate: an engine may still count a release that was removed, or miss one where a phrase is rare.
    """

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """At most `limit` phrases whose keystrokes (see `analysis.keyboard`) begin with `keys`."""

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """At most `limit` phrases whose initial consonants begin with `letters`."""

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases whose keystrokes are in `keys`, at most as many as there are keystrokes."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an index holds, counted.

    - `segments`: how many there are. `bytes_by_part`: the size of each part of the index.
    - `terms`: by stream, how many different terms. `postings`: how many pairs of a term and a release.
    - `embargoed`: how many releases are under embargo. `next_embargo`: when the first of them appears, aware;
      None if there is none.
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
        """Count what the index holds."""


@dataclass(frozen=True, slots=True)
class Corruption:
    """Damage in the index. `part` is the path of a file in the index, or one of its tables; `what` says in
    Korean what is wrong.
    """

    part: str
    what: str


@runtime_checkable
class Maintenance(Protocol):
    """An engine whose storage needs maintenance."""

    def verify(self) -> Iterator[Corruption]:
        """All damage in the live state. Raises IndexUnavailable if the state cannot be opened."""

    def merge(self) -> None:
        """Merge the small segments that many commits have left, if that is due. If it fails, the live state
        stays as it is. Does nothing while another process writes.
        """
