"""Releases added one by one at full size from another process, while queries go on."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from indexer.bootstrap import open_engine
from indexer.engine import Maintenance
from indexer.release import PressRelease, Section, identify
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from indexer.settings import Settings
from tests.benchmarks.bench import Bench
from tests.benchmarks.markdown import table, times
from tests.benchmarks.part import Figures, Measured, Part
from tests.benchmarks.timing import spread

# Between two additions, so that there are queries meanwhile; between these; and between two looks.
_PAUSE_S, _QUERY_PAUSE_S, _LOOK_PAUSE_S = 0.2, 0.005, 0.002
_TIMEOUT_S = 60.0
_STOP = -1


def measure(bench: Bench) -> Measured:
    """Each release until a service finds it. The index that is changed is a copy."""
    with bench.temporary_folder() as folder:
        copied = folder / "index"
        shutil.copytree(bench.index, copied)
        service = bench.service(copied)
        documents = service.state().documents
        service.search(SearchRequest(q="창원"))
        with _writing(copied) as (wanted, done), _asking(service, bench.keywords.timed) as query_times:
            added = [_add(service, number, wanted, done) for number in range(bench.limits.changes)]
    figures = {"added": len(added), "add_one": spread(added), "queries_meanwhile": spread(query_times)}
    return Measured(figures, documents, len(query_times))


def _add(service: SearchService, number: int, wanted: Any, done: Any) -> float:  # noqa: ANN401 - queues
    """Seconds until a release is found."""
    started = time.perf_counter()
    wanted.put(number)
    while not service.search(SearchRequest(q=f"두루미{number}호", exact=True)).total:
        if time.perf_counter() - started > _TIMEOUT_S:
            raise TimeoutError(f"release {number} was not found within {_TIMEOUT_S} s")
        time.sleep(_LOOK_PAUSE_S)
    seconds = time.perf_counter() - started
    done.get(timeout=_TIMEOUT_S)
    time.sleep(_PAUSE_S)
    return seconds


@contextmanager
def _writing(index: Path) -> Iterator[tuple[Any, Any]]:
    """A process that adds the releases whose numbers it is given, and says when each is written."""
    context = get_context("spawn")
    wanted, done = context.Queue(), context.Queue()
    writer = context.Process(target=_write, args=(index, wanted, done))
    writer.start()
    done.get(timeout=_TIMEOUT_S)
    try:
        yield wanted, done
    finally:
        wanted.put(_STOP)
        writer.join()


def _write(index: Path, wanted: Any, done: Any) -> None:  # noqa: ANN401 - queues
    engine = open_engine(Settings(index=index))
    engine.open().close()
    done.put(_STOP)
    while (number := wanted.get()) != _STOP:
        title, body = f"하노버에 간 두루미{number}호", Section("", ("본문이다.",))
        with engine.write() as writer:
            writer.put([identify(PressRelease(id=f"added-{number}", title=title, sections=(body,)))])
            writer.commit({})
        if isinstance(engine, Maintenance):
            engine.merge()
        done.put(number)


@contextmanager
def _asking(service: SearchService, queries: Sequence[str]) -> Iterator[list[float]]:
    """The seconds of queries that a thread asks until the context ends."""
    times: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        for query in cycle(queries):
            started = time.perf_counter()
            service.search(SearchRequest(q=query))
            times.append(time.perf_counter() - started)
            if stop.wait(_QUERY_PAUSE_S):
                return

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield times
    finally:
        stop.set()
        thread.join()


def show(figures: Figures) -> Iterator[str]:
    """One table."""
    meanwhile = figures["queries_meanwhile"]
    yield from table(
        ("", "p50 / p95"),
        [
            (
                f"전체 크기에서 다른 프로세스가 한 건을 더해 서비스가 찾기까지({figures['added']}번)",
                times(figures["add_one"]),
            ),
            ("그동안의 다른 질의(온전한 쪽)", f"{times(meanwhile)}, 가장 느린 것 {meanwhile['max_ms']:.2f}"),
        ],
    )


PART = Part("change", "전체 크기에 한 건씩 더하기, 그동안의 질의", measure, show)
