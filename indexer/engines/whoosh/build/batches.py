"""Batches of releases become segments: in this process if there is one batch only, else on every core.

A worker analyses and inverts a batch into a small segment file. As many of these as one segment may hold are
merged into it, also by a worker.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.engines.shared.workers import cut_batches, open_pool, reporting_death, worker_analyzer
from indexer.engines.whoosh.build.merge import BYTES_PER_ROW, DEFAULT_MAX_ROWS
from indexer.engines.whoosh.build.segment_files import merge_files, write_batch
from indexer.engines.whoosh.format.postings import MAX_SEGMENT_RELEASES
from indexer.release import PressRelease

# A balance: larger batches take more memory, smaller ones more merging. The index does not depend on it:
# merged batches give the same bytes.
MAX_BATCH_RELEASES = 2_000
MAX_BATCH_CHARS = 2_000_000
# Measured: private memory of a worker before it has begun, and what analysing takes for each character.
WORKER_BYTES = 110_000_000
BYTES_PER_CHAR = 220
# However little memory is allowed, work in steps of at least this size: smaller ones take hardly less.
_MIN_BATCH_CHARS = 100_000
_MIN_MERGE_ROWS = 200_000
_HINT = "다른 프로그램을 닫거나 --memory-mb를 줄여 다시 하세요: bodo reindex --memory-mb 256"


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """What a worker may take at once: characters of a batch, and postings plus occurrences of a merge. One
    release is never cut: it takes BYTES_PER_CHAR for each of its characters, whatever the limit.
    """

    batch_chars: int
    merge_rows: int

    @classmethod
    def share(cls, memory_mb: int, processes: int) -> WorkLimits:
        """The limits of each of `processes` workers, where they and this process share `memory_mb`."""
        free_bytes = memory_mb * 1_000_000 // (processes + 1) - WORKER_BYTES
        return cls(
            batch_chars=min(max(free_bytes // BYTES_PER_CHAR, _MIN_BATCH_CHARS), MAX_BATCH_CHARS),
            merge_rows=min(max(free_bytes // BYTES_PER_ROW, _MIN_MERGE_ROWS), DEFAULT_MAX_ROWS),
        )


class BatchBuilder:
    """Turns releases into segment files under `path`."""

    def __init__(
        self,
        path: Path,
        analyzer: Analyzer,
        processes: int,
        limits: WorkLimits,
        earlier: Sequence[Path],
        at: float,
    ) -> None:
        """`earlier` are the segment files of the index, for grouping near-duplicates. `at` is now in seconds
        since 1970.
        """
        self._folder = path / "batches"
        self._analyzer = analyzer
        self._processes = processes
        self._limits = limits
        self._earlier = earlier
        self._at = at
        self._pool: ProcessPoolExecutor | None = None
        self._last_batch: tuple[PressRelease, ...] = ()
        self._file_count = 0
        # The batches of the segment that is being gathered, and how many releases they have together.
        self._pending: list[tuple[Path, Future[int]]] = []
        self._pending_releases = 0
        self._segments: list[tuple[Path, Future[int]]] = []

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Cut releases into batches and hand all but the last to the workers. The last one waits: if it is
        the only one, no worker is needed.
        """
        with reporting_death(_HINT):
            for batch in cut_batches(releases, MAX_BATCH_RELEASES, self._limits.batch_chars):
                if self._last_batch:
                    self._submit(self._last_batch)
                self._last_batch = batch

    def finish(self) -> list[tuple[Path, int]]:
        """The segment files, in order, and how many releases each has."""
        if self._last_batch and self._pool is None:
            path = self._next_path()
            count = write_batch(path, self._last_batch, self._analyzer, self._earlier, at=self._at)
            return [(path, count)]
        with reporting_death(_HINT):
            if self._last_batch:
                self._submit(self._last_batch)
            self._merge_pending()
            segments = [(path, future.result()) for path, future in self._segments]
        self.close()
        return segments

    def clear(self) -> None:
        """Remove the folder of the batches."""
        if self._folder.exists():
            shutil.rmtree(self._folder)

    def close(self) -> None:
        """End the workers, without waiting for work that they have not begun."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _submit(self, batch: tuple[PressRelease, ...]) -> None:
        if self._pool is None:
            self._pool = open_pool(self._analyzer, self._processes)
        if self._pending_releases + len(batch) > MAX_SEGMENT_RELEASES:
            self._merge_pending()
        # A submitted batch is in memory until a worker takes it: let few more wait than there are workers.
        awaited = len(self._pending) - self._processes - 1
        if awaited >= 0:
            self._pending[awaited][1].result()
        path = self._next_path()
        self._pending.append((path, self._pool.submit(_work, path, batch, self._at)))
        self._pending_releases += len(batch)

    def _merge_pending(self) -> None:
        """Have a worker merge the batches gathered so far into a segment."""
        if not self._pending or self._pool is None:
            return
        for _, future in self._pending:
            future.result()
        # One merge at a time: nothing takes more memory.
        if self._segments:
            self._segments[-1][1].result()
        path = self._next_path()
        parts: list[tuple[Path, Sequence[int]]] = [(part, ()) for part, _ in self._pending]
        earlier = [*self._earlier, *(segment for segment, _ in self._segments)]
        merged = self._pool.submit(merge_files, path, parts, self._limits.merge_rows, earlier, at=self._at)
        self._segments.append((path, merged))
        self._pending, self._pending_releases = [], 0

    def _next_path(self) -> Path:
        self._folder.mkdir(exist_ok=True)
        self._file_count += 1
        return self._folder / f"{self._file_count:06d}"


def _work(path: Path, releases: tuple[PressRelease, ...], at: float) -> int:
    return write_batch(path, releases, worker_analyzer(), at=at)
