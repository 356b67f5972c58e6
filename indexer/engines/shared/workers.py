"""Processes that analyse batches of releases, one for each core."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context

from indexer.analysis import Analyzer
from indexer.curation.dictionary import Dictionary
from indexer.errors import BodoError
from indexer.processes import die_with_parent
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cut_batches(
    releases: Iterable[PressRelease], max_releases: int, max_chars: int
) -> Iterator[tuple[PressRelease, ...]]:
    """Batches of at most `max_releases`, each ended by the release that reaches `max_chars`."""
    batch: list[PressRelease] = []
    chars = 0
    for release in releases:
        batch.append(release)
        chars += sum(len(field.read(release)) for field in TEXT_FIELDS)
        if len(batch) == max_releases or chars >= max_chars:
            yield tuple(batch)
            batch, chars = [], 0
    if batch:
        yield tuple(batch)


def open_pool(analyzer: Analyzer, processes: int) -> ProcessPoolExecutor:
    """Processes in which `worker_analyzer` gives an analyzer like this one."""
    return ProcessPoolExecutor(
        processes,
        mp_context=get_context("spawn"),
        initializer=_start_worker,
        initargs=(analyzer.identity.name, analyzer.dictionary.text),
    )


_analyzer: Analyzer | None = None


def _start_worker(name: str, dictionary: str) -> None:
    die_with_parent()
    # Ctrl-C goes to every process of the terminal; the parent tells the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _analyzer
    _analyzer = Analyzer(name, Dictionary(dictionary))


def worker_analyzer() -> Analyzer:
    """The analyzer of the worker that calls this."""
    assert _analyzer is not None
    return _analyzer


@contextmanager
def reporting_death(hint: str) -> Iterator[None]:
    """Raise BodoError with a remedy if a worker died or memory ran out."""
    try:
        yield
    except (BrokenProcessPool, MemoryError) as error:
        raise BodoError(
            "색인하던 프로세스가 죽었습니다(메모리가 모자랐을 수 있습니다). 앞의 색인은 그대로입니다.", hint
        ) from error
