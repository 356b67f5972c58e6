"""A snapshot answers the same as long as it can, and says so when it cannot."""

from __future__ import annotations

import time
from typing import Any

import pytest

from indexer.engine import And, Search, Term, find_release
from indexer.engines.opensearch import OpenSearchEngine
from indexer.engines.opensearch.snapshot import OpenSearchSnapshot
from indexer.errors import IndexUnavailable
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.engines.opensearch.conftest import Pages
from tests.support.engines import commit_releases
from tests.support.faulty_proxy import Cut, FaultyProxy, Pass, Request
from tests.support.opensearch_archive import Archive, go_red, recover
from tests.support.snapshots import versions

EVERYTHING = Search(query=And(()), sort="newest", facets=("outlet",))


def lose(archive: Archive, snapshot: OpenSearchSnapshot) -> None:
    """As the cluster does where nobody asks for long, or with its node."""
    deleted = archive.ask("DELETE", "/_search/point_in_time", {"pit_id": [snapshot._point._id]})
    assert deleted["pits"][0]["successful"]


def ask_everything(snapshot: OpenSearchSnapshot) -> list[object]:
    return [
        snapshot.search(EVERYTHING),
        snapshot.count([Term("소식")]),
        versions(snapshot),
        find_release(snapshot, "r1"),
        snapshot.facet_values("outlet", limit=10),
        snapshot.info,
    ]


def fill(archive: Archive, *, ending: str = "") -> OpenSearchEngine:
    engine = archive.engine()
    commit_releases(
        engine,
        [release_of(f"{number}째 소식", ending, id=f"r{number}", outlet="창원시") for number in range(40)],
    )
    return engine


def test_a_lost_point_is_opened_again(archive: Archive) -> None:
    snapshot = fill(archive).open()
    before = ask_everything(snapshot)
    lose(archive, snapshot)
    assert ask_everything(snapshot) == before
    lose(archive, snapshot)
    snapshot.close()


def test_an_idle_point_expires_and_is_opened_again(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.engines.opensearch.point_in_time._KEEP_ALIVE", "1s")
    snapshot = fill(archive).open()
    before = ask_everything(snapshot)
    opened = snapshot._point._id
    # The cluster looks once a minute for what has expired; deleting is what it does then.
    lose(archive, snapshot)
    assert ask_everything(snapshot) == before
    assert snapshot._point._id != opened
    snapshot.close()


def test_a_point_lost_behind_a_commit_is_told_and_the_next_request_answers(archive: Archive) -> None:
    engine = fill(archive)
    service = SearchService(engine, archive.analyzer)
    request = SearchRequest(q="소식", limit=5)
    assert service.search(request).total == 40
    current = service._snapshots._current
    assert current is not None
    snapshot = current.snapshot
    assert isinstance(snapshot, OpenSearchSnapshot)
    commit_releases(archive.engine(), [release_of("새 소식", id="new")])
    lose(archive, snapshot)
    engine._seen_at = time.monotonic()  # it has just looked
    with pytest.raises(IndexUnavailable, match="색인이 바뀌었습니다"):
        service.search(SearchRequest(q="째 소식", limit=5))
    assert service.search(request).total == 41


def test_a_cursor_of_a_point_lost_behind_a_commit_has_expired(archive: Archive, pages: Pages) -> None:
    engine = fill(archive)
    snapshots: list[OpenSearchSnapshot] = []
    open_once = engine.open

    def remember(*arguments: Any, **options: Any) -> OpenSearchSnapshot:  # noqa: ANN401
        snapshots.append(open_once(*arguments, **options))
        return snapshots[-1]

    engine.open = remember  # type: ignore[method-assign]
    client = pages(engine)
    cursor = client.get("/api/v1/search?q=소식&limit=5").get_json()["next"]
    path = f"/api/v1/search?q=소식&limit=5&cursor={cursor}"
    assert client.get(path).status_code == 200
    commit_releases(archive.engine(), [release_of("새 소식", id="new")])
    time.sleep(1.1)
    # The former snapshot answers until its point is lost.
    assert client.get(path).get_json()["total"] == 40
    lose(archive, snapshots[0])
    assert client.get(path).status_code == 410
    assert client.get("/api/v1/search?q=소식&limit=5").get_json()["total"] == 41
    assert client.get(path).status_code == 410


def test_threads_open_a_lost_point_once(archive: Archive, proxy: FaultyProxy) -> None:
    fill(archive)
    snapshot = archive.engine(proxy.url).open()
    lost = snapshot._point._id
    lose(archive, snapshot)
    proxy.requests.clear()
    snapshot._point._reopen(lost)
    snapshot._point._reopen(lost)
    assert [request.path.partition("?")[0] for request in proxy.requests if request.method == "POST"] == [
        f"/{archive.live()}/_search/point_in_time"
    ]
    snapshot.close()


def test_what_is_opened_has_all_shards(filled: Archive, pages: Pages) -> None:
    """The one node of the server may have one of the two shards only."""
    index = go_red(filled, {"routing.allocation.total_shards_per_node": 1})
    shards = filled.ask("GET", f"/_cluster/health/{index}?wait_for_active_shards=1&timeout=30s")
    assert (shards["active_shards"], shards["status"]) == (1, "red")
    with pytest.raises(IndexUnavailable, match="red"):
        filled.engine().open()
    client = pages(filled.engine())
    assert client.get("/api/v1/search?q=하노버").status_code == 503
    recover(filled, index, {"routing.allocation.total_shards_per_node": None})
    assert client.get("/api/v1/search?q=하노버").status_code == 200


@pytest.mark.parametrize("kind", ["circuit_breaking_exception", "node_disconnected_exception"])
def test_an_answer_without_a_shard_says_so(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """One server does not lose a single shard: the answer is made partial."""
    engine = fill(archive)
    service, snapshot = SearchService(engine, archive.analyzer), engine.open()
    assert not service.search(SearchRequest(q="소식")).timed_out
    cluster = engine._store.cluster
    ask = cluster.ask

    def lose_a_shard(*arguments: Any, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        answer = ask(*arguments, **options)
        for response in answer.get("responses", ()):
            failure = {"shard": 0, "reason": {"type": kind, "reason": "gone"}}
            response["_shards"] |= {"successful": 1, "failed": 1, "failures": [failure]}
        return answer

    monkeypatch.setattr(cluster, "ask", lose_a_shard)
    grouped = Search(query=And(()), sort="newest", collapse=True)
    assert snapshot.search(grouped).timed_out
    assert snapshot.search(EVERYTHING).timed_out
    assert service.search(SearchRequest(q="소식")).timed_out
    # What has to be whole is refused.
    with pytest.raises(IndexUnavailable, match="red"):
        versions(snapshot)
    snapshot.close()


def test_a_cluster_that_is_gone_keeps_a_snapshot_only_waiting(archive: Archive, proxy: FaultyProxy) -> None:
    fill(archive)
    snapshot = archive.engine(proxy.url).open()
    before = ask_everything(snapshot)
    proxy.behaviour = Cut("before")
    with pytest.raises(IndexUnavailable, match="연결할 수 없습니다"):
        snapshot.search(EVERYTHING)
    proxy.behaviour = Pass()
    assert ask_everything(snapshot) == before
    snapshot.close()


def test_closing_needs_no_cluster(archive: Archive, proxy: FaultyProxy) -> None:
    fill(archive)
    snapshot = archive.engine(proxy.url).open()
    lost: list[Request] = []
    proxy.behaviour = lambda request: lost.append(request) or Cut("before")  # type: ignore[func-returns-value]
    snapshot.close()
    assert [request.method for request in lost] == ["DELETE"]
    with pytest.raises(ValueError, match="closed"):
        snapshot.search(EVERYTHING)
    archive.ask("DELETE", "/_search/point_in_time", {"pit_id": [snapshot._point._id]})
