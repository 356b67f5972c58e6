"""What threads may rely on: searches take turns, the rest does not wait, and no snapshot is closed in use."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engine import Search, SearchResults, Snapshot, SnapshotInfo
from indexer.engines.whoosh import WhooshEngine
from indexer.search.request import SearchRequest
from indexer.search.service import MAX_SEARCHES, SearchService
from indexer.search.snapshots import Snapshots
from tests.conftest import release_of
from tests.support.snapshots import WithoutCapabilities

PATIENCE_S = 30
KEPT = 2


class Gate:
    """Holds up whoever comes through until it is opened; knows how many were inside at once."""

    def __init__(self) -> None:
        self.arrived, self.is_open = threading.Semaphore(0), threading.Event()
        self.inside = self.most_inside = 0
        self._lock = threading.Lock()

    @contextmanager
    def passing(self) -> Iterator[None]:
        with self._lock:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        self.arrived.release()
        try:
            assert self.is_open.wait(PATIENCE_S)
            yield
        finally:
            with self._lock:
                self.inside -= 1


class GatedSnapshot(WithoutCapabilities):
    """A snapshot whose scored searches, those of `search` and `explain`, have to pass a gate."""

    def __init__(self, snapshot: Snapshot, gate: Gate) -> None:
        super().__init__(snapshot)
        self._ask, self._gate = snapshot.search, gate
        self.search = self._search

    def at_present(self) -> Snapshot:
        return self

    def _search(self, request: Search) -> SearchResults:
        if not request.scoring:
            return self._ask(request)
        with self._gate.passing():
            return self._ask(request)


class GatedEngine:
    """An engine whose snapshots are gated."""

    def __init__(self, engine: WhooshEngine, gate: Gate) -> None:
        self._engine, self._gate = engine, gate
        self.live_name, self.live_documents = engine.live_name, engine.live_documents
        self.write = engine.write

    def open(self, name: str = "", *, embargoed: bool = False) -> Snapshot:
        return GatedSnapshot(self._engine.open(name, embargoed=embargoed), self._gate)


def test_search_and_explain_take_turns_and_the_rest_does_not_wait(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with engine.write() as writer:
        writer.put([release_of("하노버 박람회", "창원시가 간다.", id="a")])
        writer.commit({})
    gate = Gate()
    service = SearchService(GatedEngine(engine, gate), analyzer)
    answers: list[object] = []
    questions: list[Callable[[], object]] = [
        lambda: service.search(SearchRequest(q="하노버")).total,
        lambda: service.explain("하노버", "a") is not None,
        lambda: service.search(SearchRequest(q="박람회")).total,
    ]
    threads = [threading.Thread(target=lambda ask=ask: answers.append(ask())) for ask in questions]
    threads[0].start()
    assert gate.arrived.acquire(timeout=PATIENCE_S)
    for thread in threads[1:]:
        thread.start()
    try:
        while service._places._value > MAX_SEARCHES - len(threads):  # until all wait
            time.sleep(0.001)
        assert "하노버" in service.suggest("하노").suggestions[0].text
        assert service.suggest("창원시 하노").suggestions
        assert service.release("a") is not None
        assert [release.id for release in service.overview().newest[:5]] == ["a"]
        assert service.state().documents == 1
        assert (gate.inside, answers) == (1, [])
    finally:
        gate.is_open.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(answers) == len(threads)
    assert all(answers)
    assert gate.most_inside == 1


class CountingSnapshot:
    """A snapshot of which only its name is asked, and whether it was closed."""

    def __init__(self, name: str) -> None:
        self.curated_files: dict[str, str] = {}
        self._name, self.closed = name, 0

    @property
    def info(self) -> SnapshotInfo:
        assert not self.closed
        return SnapshotInfo(self._name, None, 0, 0)  # type: ignore[arg-type]

    def at_present(self) -> CountingSnapshot:
        assert not self.closed
        return self

    def close(self) -> None:
        self.closed += 1


class CountingEngine:
    """An engine whose live state is the one that is set; it has every former one."""

    def __init__(self) -> None:
        self.live = "0"
        self.opened: list[CountingSnapshot] = []

    def live_name(self) -> str:
        return self.live

    def open(self, name: str = "", *, embargoed: bool = False) -> CountingSnapshot:
        self.opened.append(CountingSnapshot(name or self.live))
        return self.opened[-1]

    def still_open(self) -> list[str]:
        assert all(snapshot.closed <= 1 for snapshot in self.opened)
        return [snapshot.info.name for snapshot in self.opened if not snapshot.closed]


@pytest.fixture
def engine() -> CountingEngine:
    return CountingEngine()


@pytest.fixture
def snapshots(engine: CountingEngine, analyzer: Analyzer) -> Snapshots:
    return Snapshots(engine, analyzer, lambda: None, embargoed=False)  # type: ignore[arg-type]


def test_a_snapshot_is_closed_after_its_last_user(engine: CountingEngine, snapshots: Snapshots) -> None:
    with snapshots.use() as first, snapshots.use():
        for number in range(1, 6):
            engine.live = str(number)
            with snapshots.use() as opened:
                assert opened.snapshot.info.name == engine.live
        assert first.snapshot.info.name == "0"
    assert sorted(engine.still_open()) == ["3", "4", "5"]


def test_a_state_that_comes_back_leaves_no_snapshot_open(
    engine: CountingEngine, snapshots: Snapshots
) -> None:
    """An index that is restored has a name again that a cursor may have kept open."""
    for live in ("0", "1", "0", "1", "0", "2", "0", "3"):
        engine.live = live
        with snapshots.use(), snapshots.use("0"):
            pass
    assert len(engine.still_open()) <= 1 + KEPT


def test_snapshots_that_are_followed_while_threads_search_are_open_to_the_last(
    engine: CountingEngine, snapshots: Snapshots
) -> None:
    ends, failures = threading.Event(), []

    def search(number: int) -> None:
        uses = 0
        while not ends.is_set():
            # Every other time a cursor of a while ago.
            name = str(max(0, int(engine.live) - number - 1)) if uses % 2 else ""
            try:
                with snapshots.use(name) as opened:
                    for _ in range(3):
                        assert name in ("", opened.snapshot.info.name)
                        time.sleep(0)
            except Exception as error:  # every failure is counted
                failures.append(error)
            uses += 1

    threads = [threading.Thread(target=search, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for number in range(100, 400):
        engine.live = str(number)
        with snapshots.use():
            time.sleep(0.0005)
    ends.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert failures == []
    assert len(engine.opened) > 300
    assert len(engine.still_open()) == 1 + KEPT
