"""What every engine must do. What it may do besides is in `capabilities.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from indexer.engine.requests import DocRef, Search, SearchResults, TopDocs, TopK
from indexer.release import PressRelease


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """The state of the index that a snapshot answers from. `name` tells it from any other, also from one of
    an index made anew in the same place. `updated_at` is aware. `documents` are those that it finds.
    `size_bytes` is what it takes up.
    """

    name: str
    updated_at: datetime
    documents: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class IndexedVersion:
    """What is indexed of a release: what reindexing compares, and `ref` to fetch it."""

    id: str
    content_hash: str
    source_path: str
    ref: DocRef = field(default=None, compare=False)


class Snapshot(Protocol):
    """The index as of one moment, unchanging while it is open. Threads may share it.

    It answers, with scores and counts, as if what is under embargo at that moment had never been indexed.
    """

    @property
    def info(self) -> SnapshotInfo:
        """What this snapshot answers from."""

    @property
    def curated_files(self) -> Mapping[str, str]:
        """The texts that people edit, as the index was made with them, by file name (`curation.files`)."""

    @property
    def source_digests(self) -> Mapping[str, str]:
        """What the last `Writer.commit` was given."""

    def at_present(self) -> Snapshot:
        """The same state as of now: this snapshot itself, or another, where an embargo has passed since it
        was opened. Then both have to be closed.
        """

    def search(self, request: Search) -> SearchResults:
        """A page of what matches."""

    def top(self, request: TopK) -> TopDocs:
        """The best by any word."""

    def fetch(self, refs: Sequence[DocRef]) -> list[PressRelease]:
        """Releases as they were indexed, in the order of `refs`, which this snapshot gave."""

    def facet_values(self, facet: str, *, containing: str = "", limit: int) -> list[str]:
        """At most `limit` values of a facet, sorted, whose `text.squeeze` has that of `containing` in it. ''
        is no value. Those that are equal to it come first.
        """

    def versions(self) -> Iterator[IndexedVersion]:
        """Every indexed release."""

    def close(self) -> None:
        """Let go of it. Nothing may be asked of it afterwards."""


class Writer(Protocol):
    """The one writer of an index.

    After `commit` all that it was told is found by snapshots opened from then on. After a failure each
    release is as before or as it was told, and `source_digests` are those of before, so that the next
    reindex mends it.
    """

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add releases; one with an id that is indexed replaces it. An id comes once between two commits."""

    def remove(self, release_ids: Iterable[str]) -> None:
        """Remove releases; unknown ids are ignored."""

    def set_curated_file(self, name: str, text: str) -> None:
        """Keep another text with the index, which changes nothing of what is indexed."""

    def commit(self, source_digests: Mapping[str, str]) -> None:
        """Make it durable and live, together with the caller's own record of what was read."""


class Engine(Protocol):
    """An index, made or yet to be made, and a clock that says which embargoes have passed."""

    def open(self, name: str = "", *, embargoed: bool = False) -> Snapshot:
        """The live state, or the one of this name, which was live not long ago, as of now by the clock of the
        engine. `embargoed`: with what is under embargo, for writers and for the operator only.

        Raises IndexUnavailable where there is none that can be read.
        """

    def live_name(self) -> str:
        """The name of the live state, cheap to ask; '' where there is none."""

    def live_documents(self) -> int:
        """How many releases the live state holds, those under embargo too, even where it cannot be searched;
        0 where unknown.
        """

    def write(
        self,
        *,
        fresh: bool = False,
        read_curated_files: Callable[[], Mapping[str, str]] | None = None,
        wait_s: float = 30.0,
    ) -> AbstractContextManager[Writer]:
        """The writer, on top of the live state or, if `fresh`, of an empty one.

        What `read_curated_files` reads, once no one else writes, is kept with the index, and its user
        dictionary is used from now on. None: those of the live state. Leaving the context without `commit`
        discards what was told, as far as the engine can.

        Raises IndexUnavailable where another writer holds the index for longer than `wait_s`, or where the
        live state cannot be built on.
        """
