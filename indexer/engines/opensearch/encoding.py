"""Batches of releases become documents: in this process if there is one batch only, else on every core."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain
from multiprocessing import get_context

from indexer.analysis import Analyzer
from indexer.curation.dictionary import Dictionary
from indexer.engines.opensearch.documents import Document, make_documents
from indexer.errors import BodoError
from indexer.processes import die_with_parent
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS

# A balance between memory and the cost of a batch: some 5 MB of documents.
_MAX_BATCH_RELEASES = 500
_MAX_BATCH_CHARS = 500_000
# What a process takes at most with such a batch.
_PROCESS_MB = 340


class Encoder:
    """Makes documents of releases, batch by batch, in order."""

    def __init__(self, analyzer: Analyzer, memory_mb: int) -> None:
        """`memory_mb` is what all processes together may use."""
        self._analyzer = analyzer
        processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._processes = min(processors, max(memory_mb // _PROCESS_MB - 1, 1))
        self._pool: ProcessPoolExecutor | None = None

    def encode(self, releases: Iterable[PressRelease]) -> Iterator[list[Document]]:
        """The documents of releases. Raises AnalysisError if a text holds a lone surrogate, and BodoError
        if a worker died.
        """
        batches = _cut(releases)
        first, second = next(batches, None), next(batches, None)
        if first is None:
            return
        if second is None:
            yield list(make_documents(first, self._analyzer))
            return
        with _reporting_death():
            yield from self._encode_in_pool(chain((first, second), batches))

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _encode_in_pool(self, batches: Iterable[tuple[PressRelease, ...]]) -> Iterator[list[Document]]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes,
                mp_context=get_context("spawn"),
                initializer=_start_worker,
                initargs=(self._analyzer.identity.name, self._analyzer.dictionary.text),
            )
        waiting: deque[Future[list[Document]]] = deque()
        for batch in batches:
            waiting.append(self._pool.submit(_work, batch))
            if len(waiting) > self._processes + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _cut(releases: Iterable[PressRelease]) -> Iterator[tuple[PressRelease, ...]]:
    batch: list[PressRelease] = []
    chars = 0
    for release in releases:
        batch.append(release)
        chars += sum(len(field.read(release)) for field in TEXT_FIELDS)
        if len(batch) == _MAX_BATCH_RELEASES or chars >= _MAX_BATCH_CHARS:
            yield tuple(batch)
            batch, chars = [], 0
    if batch:
        yield tuple(batch)


@contextmanager
def _reporting_death() -> Iterator[None]:
    try:
        yield
    except (BrokenProcessPool, MemoryError) as error:
        raise BodoError(
            "색인하던 프로세스가 죽었습니다(메모리가 모자랐을 수 있습니다). 앞의 색인은 그대로입니다.",
            "다른 프로그램을 닫고 다시 하세요.",
        ) from error


_analyzer: Analyzer | None = None


def _start_worker(name: str, dictionary: str) -> None:
    die_with_parent()
    # Ctrl-C goes to every process of the terminal; the parent tells the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _analyzer
    _analyzer = Analyzer(name, Dictionary(dictionary))


def _work(releases: tuple[PressRelease, ...]) -> list[Document]:
    assert _analyzer is not None
    return list(make_documents(releases, _analyzer))
