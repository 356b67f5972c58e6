"""The protocols of every engine. What an engine may offer besides is in `capabilities`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from indexer.engine.query import Node
from indexer.engine.requests import DocRef, Search, SearchResults, Stop, TopDocs, TopK, never
from indexer.release import PressRelease


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """The state of the index that a snapshot answers from.

    - `name`: differs from that of any other state, also of another index that was in the same place.
    - `updated_at`: when it was committed, aware.
    - `documents`: how many releases the snapshot can find.
    - `size_bytes`: the size of the index on the disk.
    """

    name: str
    updated_at: datetime
    documents: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class IndexedVersion:
    """The version of a release that is indexed, for comparison with the corpus. `ref` fetches it."""

    id: str
    content_hash: str
    source_path: str
    ref: DocRef = field(default=None, compare=False)


class Snapshot(Protocol):
    """The index as of one moment. It does not change while it is open. Threads may share it.

    Releases that are under embargo at that moment are neither found nor counted, and have no influence on
    scores, unless the snapshot was opened with `embargoed`.
    """

    @property
    def info(self) -> SnapshotInfo:
        """What this snapshot answers from."""

    @property
    def curated_files(self) -> Mapping[str, str]:
        """The curated files (`curation.files`) that the index was made with: their texts by file name."""

    @property
    def source_digests(self) -> Mapping[str, str]:
        """The digests that the last `Writer.commit` was given."""

    def at_present(self) -> Snapshot:
        """The same state as of now: this snapshot, or another one if an embargo has passed since this one was
        opened. In that case the caller closes both.
        """

    def search(self, request: Search) -> SearchResults:
        """A page of the releases that match."""

    def top(self, request: TopK) -> TopDocs:
        """The releases with the highest scores."""

    def count(self, nodes: Sequence[Node], stop: Stop = never) -> list[int | None]:
        """How many releases match each node; None for those that were not counted because `stop` said so."""

    def fetch(self, refs: Sequence[DocRef]) -> list[PressRelease]:
        """Releases as they were indexed, in the order of `refs`, which are from this snapshot."""

    def facet_values(self, facet: str, *, containing: str = "", limit: int) -> list[str]:
        """At most `limit` values of a facet that contain a text, spaces and case aside
        (`text.normalize.squeeze`). Values that are equal to it come first, then all are sorted. '' is not a
        value.
        """

    def versions(self) -> Iterator[IndexedVersion]:
        """The versions of all releases, in no particular order."""

    def close(self) -> None:
        """End the use of the snapshot. Searching, fetching and listing raise ValueError afterwards."""


class Writer(Protocol):
    """The one writer of an index.

    Snapshots that are opened after `commit` find all changes. After a failure each release is as before or as
    it was changed, and `source_digests` are those of before, so that the next reindex completes the changes.
    """

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add releases. A release replaces the indexed one with the same id. Between two commits each id may
        be put only once.
        """

    def remove(self, release_ids: Iterable[str]) -> None:
        """Remove releases. Unknown ids are ignored."""

    def set_curated_file(self, name: str, text: str) -> None:
        """Replace the text of a curated file in the index. The indexed releases do not change."""

    def commit(self, source_digests: Mapping[str, str]) -> None:
        """Make all changes durable and live. `source_digests` is the caller's record of the files that it
        read: their digests by path.
        """


class Engine(Protocol):
    """An index, which need not exist yet, and a clock that says which embargoes have passed."""

    def open(self, name: str = "", *, embargoed: bool = False) -> Snapshot:
        """The live state, or the state named `name`, which was live not long ago, as of now by the clock of
        the engine. `embargoed`: with the releases under embargo, which is for writers and for the operator.

        Raises IndexUnavailable if there is no such state, or if it cannot be read.
        """

    def live_name(self) -> str:
        """The name of the live state; '' if there is none. Cheap enough to ask for each search."""

    def live_documents(self) -> int:
        """How many releases the live state has, with those under embargo, even if it cannot be searched; 0 if
        unknown.
        """

    def write(
        self,
        *,
        fresh: bool = False,
        read_curated_files: Callable[[], Mapping[str, str]] | None = None,
        wait_s: float = 30.0,
    ) -> AbstractContextManager[Writer]:
        """The writer. Its changes apply to the live state or, if `fresh`, to an empty one.

        `read_curated_files` is called once no one else writes. The index keeps the files that it returns, and
        uses their user dictionary from now on. None keeps those of the live state. Changes that are not
        committed when the context is left are discarded.

        Raises IndexUnavailable if another writer holds the index for longer than `wait_s` seconds, or if the
        live state cannot be built on.
        """
