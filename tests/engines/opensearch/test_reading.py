"""What stands between a reader and the cluster is one clear error, and the reader recovers by itself."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import pytest
from click.testing import Result
from flask.testing import FlaskClient

from indexer.engine import And, Search
from indexer.errors import IndexUnavailable
from tests.conftest import release_of
from tests.engines.opensearch.conftest import Command, Pages, answer
from tests.support.engines import commit_releases
from tests.support.faulty_proxy import (
    GARBAGE,
    Answer,
    Behaviour,
    Cut,
    Delay,
    Fault,
    FaultyProxy,
    Pass,
    Request,
    Truncate,
)
from tests.support.opensearch_archive import Archive, go_red, recover

# Longer than an answer takes on a busy machine.
TIMEOUT_S = 3.0
ATTEMPTS = 3


@dataclass(frozen=True)
class Case:
    """A fault, with what the error says and what it advises."""

    name: str
    behaviour: Behaviour
    message: str
    hint: str


def about(**version: str) -> Answer:
    return Answer(200, json.dumps({"name": "node", "version": version}).encode())


BUSY = answer(429, "opensearch_rejected_execution_exception", "rejected execution of coordinating operation")
CASES = (
    Case("gone", Cut("before"), "연결할 수 없습니다", "BODO_OPENSEARCH_URL"),
    Case("lost", Cut("after"), "연결할 수 없습니다", "BODO_OPENSEARCH_URL"),
    Case("half", Cut("answer"), "연결할 수 없습니다", "BODO_OPENSEARCH_URL"),
    Case("garbage", GARBAGE, "알아볼 수 없는 답", "프록시"),
    Case("truncated", Truncate(), "알아볼 수 없는 답", "프록시"),
    Case("other JSON", Answer(200, b'["no", "object"]'), "알아볼 수 없는 답", "프록시"),
    Case("busy", BUSY, "클러스터가 바빠", "노드를 늘리세요"),
    Case("unavailable", Answer(503, b"<html>no server</html>", "text/html"), "답하지 못했습니다", "클러스터의 상태"),
    Case("gateway", Answer(504, b"", "text/html"), "답하지 못했습니다", "클러스터의 상태"),
    Case("password", answer(401, "security_exception", "no"), "비밀번호가 맞지 않습니다", "BODO_OPENSEARCH_PASSWORD"),
    Case("rights", answer(403, "security_exception", "no permissions"), "권한이 없습니다", "docs/scale.md"),
    Case("moved", Answer(302, b"", headers=(("Location", "/login"),)), "거절했습니다", "프록시"),
)  # fmt: skip
# Of the first question only, with which a process asks whom it talks to.
STRANGERS = (
    Case("another server", Answer(200, b'{"hello": "world"}'), "OpenSearch가 아닙니다", "BODO_OPENSEARCH_URL"),
    Case("Elasticsearch", about(number="8.1.0"), "OpenSearch가 아닙니다", "BODO_OPENSEARCH_URL"),
    Case("a text", Answer(200, b'{"version": "3.1"}'), "OpenSearch가 아닙니다", "BODO_OPENSEARCH_URL"),
    Case("old", about(distribution="opensearch", number="2.9.0"), "너무 오래", "2.12"),
)  # fmt: skip


def refused(done: Result, case: Case) -> None:
    """A command ended with one error that says what to do."""
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert done.stderr.count("오류:") == 1
    assert case.message in done.stderr
    assert case.hint in done.stderr
    assert "Traceback" not in done.stderr


def unavailable(client: FlaskClient) -> None:
    """The pages and the endpoint say that there is nothing to be searched now."""
    problem = client.get("/api/v1/search?q=하노버")
    assert (problem.status_code, problem.mimetype) == (503, "application/problem+json")
    assert int(problem.headers["Retry-After"]) > 0
    page = client.get("/search?q=하노버")
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert "지금은 색인을 열 수 없습니다" in page.get_data(as_text=True)


def found(client: FlaskClient) -> list[str]:
    answer = client.get("/api/v1/search?q=하노버")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [hit["id"] for hit in answer.get_json()["hits"]]


@pytest.mark.parametrize("case", [*CASES, *STRANGERS], ids=lambda case: case.name)
def test_a_fault_is_told_and_passes(
    filled: Archive, proxy: FaultyProxy, pages: Pages, command: Command, case: Case
) -> None:
    strange = case in STRANGERS
    proxy.behaviour = case.behaviour
    refused(command("search", "하노버", url=proxy.url), case)
    refused(command("reindex", url=proxy.url), case)
    client = pages(filled.engine(proxy.url, timeout_s=TIMEOUT_S))
    unavailable(client)
    with pytest.raises(IndexUnavailable, match=case.message):
        filled.engine(proxy.url).open()
    proxy.behaviour = Pass()
    assert found(client) == ["r0"]
    if not strange:
        # The same when it was open already.
        proxy.behaviour = case.behaviour
        unavailable(client)
        proxy.behaviour = Pass()
        assert found(client) == ["r0"]


@pytest.mark.parametrize("body", [b"{}", b'{"some": {}}', b'{"some": []}', b'{"responses": []}'])
def test_json_of_something_else_is_told(
    filled: Archive, proxy: FaultyProxy, pages: Pages, body: bytes
) -> None:
    """It stands before the cluster, and came after the first question."""
    client = pages(filled.engine(proxy.url))
    proxy.behaviour = lambda request: Pass() if request.path == "/" else Answer(200, body)
    unavailable(client)
    with pytest.raises(IndexUnavailable):
        filled.engine(proxy.url).open()
    proxy.behaviour = Pass()
    assert found(client) == ["r0"]
    proxy.behaviour = lambda request: Answer(200, body) if request.method == "POST" else Pass()
    unavailable(client)
    with pytest.raises(IndexUnavailable):
        filled.engine(proxy.url).open()
    proxy.behaviour = Pass()
    assert found(client) == ["r0"]


def test_a_slow_cluster_is_told(filled: Archive, proxy: FaultyProxy, pages: Pages, command: Command) -> None:
    client = pages(filled.engine(proxy.url, timeout_s=TIMEOUT_S))
    assert found(client) == ["r0"]
    proxy.behaviour = Delay(60)
    case = Case("slow", Delay(60), "0.5초 안에 답하지 않았습니다", "BODO_OPENSEARCH_TIMEOUT_S")
    started = time.monotonic()
    refused(command("search", "하노버", url=proxy.url, BODO_OPENSEARCH_TIMEOUT_S="0.5"), case)
    assert time.monotonic() - started < ATTEMPTS * 0.5 + 3


def test_no_request_hangs_longer_than_its_attempts(filled: Archive, proxy: FaultyProxy, pages: Pages) -> None:
    client = pages(filled.engine(proxy.url, timeout_s=0.5))
    assert found(client) == ["r0"]
    time.sleep(1.1)
    proxy.behaviour = Delay(60)
    started = time.monotonic()
    assert client.get("/api/v1/search?q=두루미").status_code == 503
    # The poll and the search, which gives the cluster a second to say itself that it took too long.
    assert time.monotonic() - started < ATTEMPTS * (0.5 + 1.5) + 2
    proxy.behaviour = Pass()
    assert client.get("/api/v1/search?q=두루미").get_json()["hits"][0]["id"] == "r2"


@pytest.mark.parametrize("fault", [Cut("before"), Cut("after"), Truncate(), BUSY], ids=str)
def test_a_read_is_repeated(filled: Archive, proxy: FaultyProxy, fault: Fault) -> None:
    seen: dict[Request, int] = {}

    def fail_twice(request: Request) -> Fault:
        seen[request] = seen.get(request, 0) + 1
        return fault if seen[request] < ATTEMPTS else Pass()

    proxy.behaviour = fail_twice
    snapshot = filled.engine(proxy.url).open()
    assert len(snapshot.search(Search(query=And(()), sort="newest")).docs) == 3
    snapshot.close()


def test_a_missing_index_is_told(archive: Archive, pages: Pages, command: Command) -> None:
    refused(command("search", "하노버"), Case("", Cut("before"), "없습니다", "bodo reindex"))
    client = pages(archive.engine())
    unavailable(client)
    assert command("reindex").exit_code == 0
    time.sleep(1.0)
    assert len(found(client)) == 1


def test_an_index_that_is_deleted_is_told(filled: Archive, pages: Pages, command: Command) -> None:
    client = pages(filled.engine())
    assert found(client) == ["r0"]
    for name in filled.indexes():
        filled.ask("DELETE", f"/{name}")
    time.sleep(1.0)
    unavailable(client)
    assert command("reindex").exit_code == 0
    time.sleep(1.0)
    assert len(found(client)) == 1


def test_a_shard_without_a_node_is_told(filled: Archive, pages: Pages, command: Command) -> None:
    client = pages(filled.engine())
    assert found(client) == ["r0"]
    index = go_red(filled, {"routing.allocation.require._name": "nobody"})
    time.sleep(1.0)
    red = Case("red", Cut("before"), "red", "_cluster/health")
    refused(command("search", "하노버"), red)
    refused(command("reindex"), red)
    with pytest.raises(IndexUnavailable, match="red"):
        filled.engine().open()
    # What was open goes on answering.
    assert found(client) == ["r0"]
    unavailable(pages(filled.engine()))
    recover(filled, index, {"routing.allocation.require._name": None})
    assert found(client) == []


@pytest.mark.parametrize(
    ("block", "message", "hint"),
    [
        ("read_only_allow_delete", "디스크가 거의 찼습니다", "디스크를 비우거나"),
        ("write", "쓰기를 막았습니다", "index.blocks"),
        ("read_only", "쓰기를 막았습니다", "index.blocks"),
    ],
)
def test_a_blocked_index_is_searched_and_not_written(
    filled: Archive, pages: Pages, command: Command, block: str, message: str, hint: str
) -> None:
    client = pages(filled.engine())
    for name in filled.indexes():
        filled.ask("PUT", f"/{name}/_settings", {f"index.blocks.{block}": not name.endswith("-lock")})
    try:
        started = time.monotonic()
        refused(command("reindex", "--allow-removals"), Case("", Cut("before"), message, hint))
        assert time.monotonic() - started < 30
        assert found(client) == ["r0"]
        with pytest.raises(IndexUnavailable, match=message):
            commit_releases(filled.engine(), [release_of("새 소식", id="new")])
    finally:
        for name in filled.indexes():
            filled.ask("PUT", f"/{name}/_settings", {f"index.blocks.{block}": None})
    commit_releases(filled.engine(), [release_of("새 소식", id="new")])
    assert filled.engine().live_documents() == 4
