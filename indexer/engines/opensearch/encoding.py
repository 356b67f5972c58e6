"""Batches of releases become documents: in this process if there is one batch only, else on every core."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain

from indexer.analysis import Analyzer
from indexer.engines.opensearch.documents import Document, make_documents
from indexer.engines.shared.workers import (
    cut_batches,
    open_pool,
    reporting_death,
    usable_processors,
    worker_analyzer,
)
from indexer.release import PressRelease

# A balance between memory and the cost of a batch: some 5 MB of documents.
_MAX_BATCH_RELEASES = 500
_MAX_BATCH_CHARS = 500_000
# What a process takes at most with such a batch.
_PROCESS_MB = 340
_HINT = "다른 프로그램을 닫거나 --memory-mb를 줄여 다시 하세요: bodo reindex --memory-mb 512"


class Encoder:
    """Makes documents of releases, batch by batch, in order."""

    def __init__(self, analyzer: Analyzer, memory_mb: int) -> None:
        """`memory_mb` is what all processes together may use."""
        self._analyzer = analyzer
        self._processes = min(usable_processors(), max(memory_mb // _PROCESS_MB - 1, 1))
        self._pool: ProcessPoolExecutor | None = None

    def encode(self, releases: Iterable[PressRelease]) -> Iterator[list[Document]]:
        """The documents of releases. Raises AnalysisError if a text holds a lone surrogate, and BodoError
        if a worker died.
        """
        batches = cut_batches(releases, _MAX_BATCH_RELEASES, _MAX_BATCH_CHARS)
        first, second = next(batches, None), next(batches, None)
        if first is None:
            return
        if second is None:
            yield list(make_documents(first, self._analyzer))
            return
        with reporting_death(_HINT):
            yield from self._encode_in_pool(chain((first, second), batches))

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _encode_in_pool(self, batches: Iterable[tuple[PressRelease, ...]]) -> Iterator[list[Document]]:
        if self._pool is None:
            self._pool = open_pool(self._analyzer, self._processes)
        waiting: deque[Future[list[Document]]] = deque()
        for batch in batches:
            waiting.append(self._pool.submit(_work, batch))
            if len(waiting) > self._processes + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _work(releases: tuple[PressRelease, ...]) -> list[Document]:
    return list(make_documents(releases, worker_analyzer()))
