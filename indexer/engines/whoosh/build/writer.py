"""The way of a release into a segment: runs, made on every core, and one merge.

`put` cuts what it is given into runs of some thousand releases. A worker process analyses and inverts a run
and writes it as a small segment; as many runs as one segment may hold are merged into it. A few releases
need neither workers nor a merge: they are a segment of their own. Small segments are merged when there are
several of a size, after what was written is live: nobody waits for that.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from indexer.analysis import Analyzer
from indexer.curation.dictionary import Dictionary
from indexer.engines.whoosh.store import disk
from indexer.engines.whoosh.format.container import Container
from indexer.engines.whoosh.format.documents import StoredDocuments
from indexer.engines.whoosh.store.generations import (
    CHECKPOINT,
    Generations,
    Manifest,
    SegmentEntry,
    segment_file,
)
from indexer.engines.whoosh.build.invert import invert
from indexer.engines.whoosh.build.merge import BYTES_A_ROW, DEFAULT_RANGE, merge_segments
from indexer.engines.whoosh.format.postings import MAX_SEGMENT_RELEASES
from indexer.engines.whoosh.format.segment import Segment, write_segment
from indexer.errors import BodoError, IndexUnavailable, refusing_damage
from indexer.processes import die_with_parent
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS

MAX_RUN_RELEASES = 2_000
MAX_RUN_CHARS = 2_000_000
# Measured: private memory of a worker before it has begun, and what it takes a character to analyse.
WORKER_BYTES = 110_000_000
BYTES_A_CHAR = 220
_MIN_RUN_CHARS = 100_000
_MIN_MERGE_ROWS = 200_000
# So many segments of about one size become one.
MERGE_FACTOR = 8


@dataclass(frozen=True, slots=True)
class Memory:
    """What a worker may take at once: characters of a run, and rows of a merge. A release is not cut: it
    takes BYTES_A_CHAR for each of its characters, whatever the share.
    """

    run_chars: int
    merge_rows: int

    @classmethod
    def of(cls, memory_mb: int, processes: int) -> Memory:
        """Shares of what all processes may have together; this process has one as well."""
        share = memory_mb * 1_000_000 // (processes + 1) - WORKER_BYTES
        return cls(
            run_chars=min(max(share // BYTES_A_CHAR, _MIN_RUN_CHARS), MAX_RUN_CHARS),
            merge_rows=min(max(share // BYTES_A_ROW, _MIN_MERGE_ROWS), DEFAULT_RANGE),
        )


class ArrayWriter:
    """Writes one generation into `path`. See `indexer.engine.Writer`."""

    def __init__(
        self,
        generations: Generations,
        path: Path,
        analyzer: Analyzer,
        curated_files: Mapping[str, str],
        base: tuple[Path, Manifest] | None,
        *,
        memory_mb: int,
        processes: int,
        at: float,
    ) -> None:
        """`at` is now, in seconds since 1970."""
        self._generations = generations
        self._path = path
        self._analyzer = analyzer
        self._resources = curated_files
        self._base = base
        self._memory = Memory.of(memory_mb, processes)
        segments = base[1].segments if base else ()
        earlier = [path / segment_file(entry.name) for entry in segments]
        self._at = at
        self._runs = _Runs(path, analyzer, processes, self._memory, earlier, at)
        self._entries: list[SegmentEntry] = []
        self._shared: dict[str, tuple[int, str]] = {}
        self._next_segment = 1
        self.committed = False
        if base is not None:
            self._entries = list(base[1].segments)
            self._next_segment = base[1].next_segment
            for entry in self._entries:
                self._share(segment_file(entry.name))

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add or replace."""
        replaced: list[str] = []

        def watched() -> Iterator[PressRelease]:
            for release in releases:
                replaced.append(release.id)
                yield release

        self._runs.put(watched())
        self.remove(replaced)

    @refusing_damage()
    def remove(self, release_ids: Iterable[str]) -> None:
        """Remove what is there of these ids."""
        wanted = list(release_ids)
        for number, entry in enumerate(self._entries if wanted else ()):
            (documents,) = _documents([self._path / segment_file(entry.name)])
            gone = {place for release_id in wanted if (place := documents.find(release_id)) >= 0}
            if gone:
                deleted = tuple(sorted({*entry.deleted, *gone}))
                self._entries[number] = SegmentEntry(entry.name, entry.documents, deleted)

    def set_curated_file(self, name: str, text: str) -> None:
        """Keep another text with the generation."""
        self._resources = {**self._resources, name: text}

    def commit(self, source_digests: Mapping[str, str]) -> None:
        """Finish the files, then make them the live generation."""
        for path, documents in self._runs.finish():
            name = self._name_segment()
            disk.replace(path, self._path / segment_file(name))
            self._entries.append(SegmentEntry(name, documents))
        self._runs.clear()
        record = json.dumps(dict(source_digests), ensure_ascii=False).encode("utf-8", "surrogatepass")
        disk.write_bytes(self._path / CHECKPOINT, record)
        self._publish()

    def is_merge_due(self) -> bool:
        """Whether small segments have come together."""
        return next(self._due(), None) is not None

    def merge(self) -> None:
        """Merge what is due, and make that the live generation; it says the same as the one before. Raises
        IndexUnavailable where a segment that is due is damaged.
        """
        for entries in self._due():
            self._refuse_damaged(entries)
            merged = self._merge(
                [(self._path / segment_file(entry.name), entry.deleted) for entry in entries]
            )
            self._entries = [entry for entry in self._entries if entry not in entries] + [merged]
        self._share(CHECKPOINT)
        self._publish()

    def _publish(self) -> None:
        self._entries = [entry for entry in self._entries if not self._dropped(entry)]
        from indexer.engines.whoosh.bridge.toc import write_toc

        write_toc(self._path, self._entries)
        self._generations.publish(
            self._path,
            analyzer=self._analyzer.identity.to_dict(),
            curated_files=self._resources,
            segments=self._entries,
            next_segment=self._next_segment,
            shared=self._shared,
        )
        self.committed = True

    def _share(self, name: str) -> None:
        """Have a file of the generation before in this one."""
        assert self._base is not None
        folder, manifest = self._base
        disk.link(folder / name, self._path / name)
        self._shared[name] = manifest.files[name]

    def close(self) -> None:
        """End the workers."""
        self._runs.close()

    def _dropped(self, entry: SegmentEntry) -> bool:
        """Let go of a segment that has nothing left."""
        if len(entry.deleted) < entry.documents:
            return False
        (self._path / segment_file(entry.name)).unlink()
        return True

    def _due(self) -> Iterator[list[SegmentEntry]]:
        """Segments to be merged: MERGE_FACTOR of about one size, as long as there are such, and a segment
        more than half of which is deleted.
        """
        while True:
            tiers: dict[int, list[SegmentEntry]] = {}
            for entry in self._entries:
                size = entry.documents - len(entry.deleted)
                if 0 < size < entry.documents // 2:
                    yield [entry]
                    break
                if 0 < size <= MAX_SEGMENT_RELEASES // MERGE_FACTOR:
                    tiers.setdefault(int(math.log(size, MERGE_FACTOR)), []).append(entry)
            else:
                due = next((tier for tier in tiers.values() if len(tier) >= MERGE_FACTOR), None)
                if due is None:
                    return
                yield due

    def _merge(self, parts: Sequence[tuple[Path, Sequence[int]]]) -> SegmentEntry:
        """A new segment of files and what is deleted of each."""
        name = self._name_segment()
        return SegmentEntry(
            name,
            merge_files(self._path / segment_file(name), parts, self._memory.merge_rows, at=self._at),
        )

    def _refuse_damaged(self, entries: Sequence[SegmentEntry]) -> None:
        # What is merged gets a digest of its own: damage would be signed, and never be found again.
        for name in (segment_file(entry.name) for entry in entries):
            if name in self._shared and disk.sha256(self._path / name) != self._shared[name][1]:
                raise IndexUnavailable(
                    f"색인의 {name} 파일이 손상되어 작은 조각을 합치지 않았습니다.",
                    "`bodo verify`로 확인하고 `bodo reindex --full`로 색인을 다시 만드세요.",
                )

    def _name_segment(self) -> str:
        name = f"{self._next_segment:06d}"
        self._next_segment += 1
        return name


class _Runs:
    """Makes runs, in this process if there is one only, else on all cores; merges them as they come."""

    def __init__(
        self,
        path: Path,
        analyzer: Analyzer,
        processes: int,
        memory: Memory,
        earlier: Sequence[Path],
        at: float,
    ) -> None:
        """`earlier` are the segments that are there, with whose releases new ones are grouped."""
        self._folder = path / "runs"
        self._analyzer = analyzer
        self._processes = processes
        self._memory = memory
        self._earlier = earlier
        self._at = at
        self._pool: ProcessPoolExecutor | None = None
        self._waiting: tuple[PressRelease, ...] = ()
        self._made = 0
        # The runs of the segment that is being gathered, and how many releases they hold together.
        self._group: list[tuple[Path, Future[int]]] = []
        self._grouped = 0
        self._segments: list[tuple[Path, Future[int]]] = []

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Cut into runs; the last is kept waiting, as it may be the only one."""
        with _told_of_death():
            for run in _cut(releases, self._memory.run_chars):
                if self._waiting:
                    self._submit(self._waiting)
                self._waiting = run

    def finish(self) -> list[tuple[Path, int]]:
        """The files of the segments, in order, and how many releases each holds."""
        if self._waiting and self._pool is None:
            path = self._next_path()
            made = write_run(path, self._waiting, self._analyzer, self._earlier, at=self._at)
            return [(path, made)]
        with _told_of_death():
            if self._waiting:
                self._submit(self._waiting)
            self._merge_group()
            made_segments = [(path, future.result()) for path, future in self._segments]
        self.close()
        return made_segments

    def clear(self) -> None:
        """Remove what is left of the runs."""
        if self._folder.exists():
            shutil.rmtree(self._folder)

    def close(self) -> None:
        """End the workers, without waiting for what they have not begun."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _submit(self, run: tuple[PressRelease, ...]) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes,
                mp_context=get_context("spawn"),
                initializer=_start_worker,
                initargs=(self._analyzer.identity.name, self._analyzer.dictionary.text),
            )
        if self._grouped + len(run) > MAX_SEGMENT_RELEASES:
            self._merge_group()
        # What is handed over and not yet taken is in memory: hardly more than there are workers.
        waited_for = len(self._group) - self._processes - 1
        if waited_for >= 0:
            self._group[waited_for][1].result()
        path = self._next_path()
        self._group.append((path, self._pool.submit(_work, path, run, self._at)))
        self._grouped += len(run)

    def _merge_group(self) -> None:
        """Have the runs gathered so far merged into a segment, by a worker."""
        if not self._group or self._pool is None:
            return
        for _, future in self._group:
            future.result()
        # One merge at a time: it is what takes most memory.
        if self._segments:
            self._segments[-1][1].result()
        path = self._next_path()
        parts: list[tuple[Path, Sequence[int]]] = [(run, ()) for run, _ in self._group]
        earlier = [*self._earlier, *(made for made, _ in self._segments)]
        merged = self._pool.submit(merge_files, path, parts, self._memory.merge_rows, earlier, at=self._at)
        self._segments.append((path, merged))
        self._group, self._grouped = [], 0

    def _next_path(self) -> Path:
        self._folder.mkdir(exist_ok=True)
        self._made += 1
        return self._folder / f"{self._made:06d}"


@contextmanager
def _told_of_death() -> Iterator[None]:
    """What became of a worker, as a person can mend it."""
    try:
        yield
    except (BrokenProcessPool, MemoryError) as error:
        raise BodoError(
            "색인하던 프로세스가 죽었습니다(메모리가 모자랐을 수 있습니다). 앞의 색인은 그대로입니다.",
            "다른 프로그램을 닫거나 --memory-mb를 줄여 다시 하세요: bodo reindex --memory-mb 256",
        ) from error


def write_run(
    path: Path,
    releases: Sequence[PressRelease],
    analyzer: Analyzer,
    earlier: Sequence[Path] | None = None,
    *,
    at: float,
) -> int:
    """Analyse and invert releases into a segment's file; how many there are. Where `earlier` segments are
    given it is final; else it will be merged. `at` is now, see `invert`.
    """
    inverted = invert(releases, analyzer, at)
    if earlier is not None:
        with refusing_damage():
            inverted.documents.group(_documents(earlier))
    write_segment(path, inverted, final=earlier is not None)
    return len(releases)


def merge_files(
    target: Path,
    parts: Sequence[tuple[Path, Sequence[int]]],
    rows_at_once: int,
    earlier: Sequence[Path] | None = None,
    *,
    at: float,
) -> int:
    """Merge segments' files, with what is deleted of each, into one, and remove them; how many releases it
    holds. See `merge.merge_segments`.
    """
    segments = [Segment(path) for path, _ in parts]
    kept = []
    for segment, (_, deleted) in zip(segments, parts, strict=True):
        mask = np.ones(len(segment), bool)
        mask[list(deleted)] = False
        kept.append(mask)
    known = None if earlier is None else _documents(earlier)
    merge_segments(target, segments, kept, rows_at_once, known, at)
    for path, _ in parts:
        path.unlink()
    return int(sum(mask.sum() for mask in kept))


def _documents(segments: Sequence[Path]) -> list[StoredDocuments]:
    # Not the whole segments: adding a release asks every one of them.
    return [StoredDocuments(Container(path)) for path in segments]


_analyzer: Analyzer | None = None


def _start_worker(name: str, dictionary: str) -> None:
    die_with_parent()
    # Ctrl-C goes to every process of the terminal; the parent tells the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _analyzer
    _analyzer = Analyzer(name, Dictionary(dictionary))


def _work(path: Path, releases: tuple[PressRelease, ...], at: float) -> int:
    assert _analyzer is not None
    return write_run(path, releases, _analyzer, at=at)


def _cut(releases: Iterable[PressRelease], max_chars: int) -> Iterator[tuple[PressRelease, ...]]:
    """Runs of at most MAX_RUN_RELEASES, and of hardly more than `max_chars`."""
    run: list[PressRelease] = []
    chars = 0
    for release in releases:
        run.append(release)
        chars += sum(len(field.read(release)) for field in TEXT_FIELDS)
        if len(run) == MAX_RUN_RELEASES or chars >= max_chars:
            yield tuple(run)
            run, chars = [], 0
    if run:
        yield tuple(run)


def usable_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
