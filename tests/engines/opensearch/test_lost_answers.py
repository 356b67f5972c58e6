"""Answers of a cluster that are lost, and a writer that stood still: nothing live is harmed."""

from __future__ import annotations

import pytest

from indexer.engines.opensearch import OpenSearchEngine
from indexer.engines.opensearch import lock as locks
from indexer.errors import IndexUnavailable
from indexer.release import PressRelease
from tests.support.engines import BUSES, HANNOVER, commit_releases
from tests.support.faulty_proxy import GARBAGE, Answer, Cut, Fault, FaultyProxy, Pass, Request
from tests.support.opensearch_archive import Archive
from tests.support.snapshots import versions


@pytest.fixture
def engine(archive: Archive, proxy: FaultyProxy) -> OpenSearchEngine:
    made = archive.engine(proxy.url)
    replace_all(made, HANNOVER)
    return made


def replace_all(engine: OpenSearchEngine, release: PressRelease) -> None:
    with engine.write(fresh=True) as writer:
        writer.put([release])
        writer.commit({})


def live_ids(engine: OpenSearchEngine) -> set[str]:
    snapshot = engine.open()
    try:
        return set(versions(snapshot))
    finally:
        snapshot.close()


def test_an_index_that_became_live_unheard_stays(proxy: FaultyProxy, engine: OpenSearchEngine) -> None:
    def lose(request: Request) -> Fault:
        return Cut("after") if request.path == "/_aliases" else Pass()

    proxy.behaviour = lose
    with pytest.raises(IndexUnavailable):
        replace_all(engine, BUSES)
    proxy.behaviour = Pass()
    assert live_ids(engine) == {BUSES.id}
    replace_all(engine, HANNOVER)
    assert live_ids(engine) == {HANNOVER.id}
    assert len(engine._store.indexes()) == 2


def test_a_page_that_is_not_found_is_no_missing_index(proxy: FaultyProxy, engine: OpenSearchEngine) -> None:
    proxy.behaviour = lambda request: Answer(404) if "_mapping" in request.path else Pass()
    with pytest.raises(IndexUnavailable):
        commit_releases(engine, [BUSES])
    proxy.behaviour = Pass()
    assert live_ids(engine) == {HANNOVER.id}


@pytest.mark.parametrize("fault", [Cut("after"), GARBAGE], ids=str)
def test_a_lock_whose_answer_was_lost_is_held(
    proxy: FaultyProxy, engine: OpenSearchEngine, fault: Fault
) -> None:
    lost = iter([fault])

    def lose_first(request: Request) -> Fault:
        return next(lost, Pass()) if request.method == "PUT" and "-lock/_doc" in request.path else Pass()

    proxy.behaviour = lose_first
    with locks.writing(engine._store, 1.0) as lock:
        lock.check()


def test_a_writer_that_lost_its_lock_leaves_it_alone(
    engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LEASE_S", 0.5)
    with locks.writing(engine._store, 5.0) as first:
        first._ended.set()
        first._renewer.join()
        with locks.writing(engine._store, 5.0) as second:
            for _ in range(2):
                with pytest.raises(IndexUnavailable, match="다른 프로세스가"):
                    first.check()
            second.check()
