"""The port: what any engine must do.

An engine keeps releases and answers plans. It gives ids, scores, an exact total, facet counts and where
the terms of a release stand; snippets, highlighting and pages are made above it, so that every engine
gives the same page. `tests/contracts/` holds the suite that each engine must pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from indexer.release import PressRelease


@dataclass(frozen=True, slots=True)
class Term:
    """Releases with this term in any text field."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Releases with these terms at neighbouring positions of one text field, in order."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And:
    """Releases that all of `nodes` match; of no nodes, every release."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Releases that at least one of `nodes` matches; of no nodes, none."""

    nodes: tuple[Node, ...]


Node = Term | Phrase | And | Or


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a release must be, without bearing on its score. Empty and None do not restrict.

    `outlets`: any of these. `published_from` is inclusive, `published_before` exclusive, both aware;
    a release without a date is outside any bound.
    """

    outlets: tuple[str, ...] = ()
    published_from: datetime | None = None
    published_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A search: `offset` and `limit` cut the page out of the whole ordered result.

    Sorted by relevance (ties: newest first), or by date with undated releases last; then by id.
    `facets` names entries of `schema.FACETS`.
    """

    query: Node
    filters: Filters = Filters()
    sort: Literal["relevance", "newest", "oldest"] = "relevance"
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredId:
    """A release of the page and its score."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """`total` is exact. `facets` maps a facet's name to counts by value over the whole result."""

    total: int
    page: tuple[ScoredId, ...]
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Span:
    """A term in a text: characters `start` to `end` (exclusive), at a token position."""

    term: str
    start: int
    end: int
    position: int


@dataclass(frozen=True, slots=True)
class Generation:
    """The state of the index that a reader answers from. `updated_at` is aware; `size_bytes` is on disk."""

    name: str
    updated_at: datetime
    documents: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What reindexing needs to know of an indexed release."""

    content_hash: str
    source_path: str


class Reader(Protocol):
    """One generation of the index, unchanging while it is open. Safe to share between threads."""

    @property
    def generation(self) -> Generation:
        """What this reader answers from."""

    @property
    def checkpoint(self) -> Mapping[str, str]:
        """What the last `Writer.commit` was given."""

    def search(self, plan: Plan) -> Results:
        """Answer a plan."""

    def release(self, release_id: str) -> PressRelease | None:
        """The release as it was indexed; None where there is none of this id."""

    def spans(self, release_id: str, field: str, terms: Iterable[str]) -> list[Span]:
        """Where the terms stand in a text field of a release, by ascending start."""

    def stored(self) -> dict[str, Stored]:
        """Every indexed release by id."""

    def terms(self) -> int:
        """How many different terms the text fields hold."""

    def close(self) -> None:
        """Let go of the generation's files."""


class Writer(Protocol):
    """The one writer of an index. What it was told is seen by readers opened after `commit`, or never."""

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add releases; one with an id that is indexed replaces it. An id comes once between two commits."""

    def remove(self, release_ids: Iterable[str]) -> None:
        """Remove releases; unknown ids are ignored."""

    def commit(self, checkpoint: Mapping[str, str]) -> None:
        """Make it durable and live, together with the caller's own record of what was read."""


class Engine(Protocol):
    """An index, made or yet to be made."""

    def open(self) -> Reader:
        """The live generation. Raises IndexUnavailable where there is none that can be read."""

    def live_name(self) -> str:
        """The name of the live generation, cheap to ask; '' where there is none."""

    def write(self, *, fresh: bool = False, wait_s: float = 30.0) -> AbstractContextManager[Writer]:
        """The writer, on top of the live generation or, if `fresh`, of an empty one. Leaving the context
        without `commit` discards everything. Raises IndexUnavailable where another writer holds the
        index for longer than `wait_s`, or where there is a generation that cannot be built on.
        """
