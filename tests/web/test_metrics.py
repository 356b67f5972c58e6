"""/metrics: what Prometheus reads, from one process and from two."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from indexer import __version__
from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.errors import Busy
from indexer.search.service import SearchService
from indexer.settings import Settings
from tests.conftest import ROOT
from tests.support.servers import PATIENCE_SECONDS, announced, free_port, serving, started
from tests.support.web_releases import RELEASES
from web.app import create_app, open_app
from web.metrics import Metrics
from web.observation import observe_requests

GUIDE = ROOT / "docs" / "operations.md"


def measured(service: SearchService) -> FlaskClient:
    app = create_app(service)
    metrics = Metrics(service)
    metrics.add_to(app)
    observe_requests(app, [metrics])
    return app.test_client()


@pytest.fixture
def client(service: SearchService) -> FlaskClient:
    return measured(service)


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(client: FlaskClient) -> dict[tuple[str, ...], float]:
    response = client.get("/metrics", buffered=True)
    assert response.status_code == 200
    assert response.content_type.startswith("text/plain; version=")
    return samples(response.get_data(as_text=True))


def test_requests_are_counted_by_rule_and_status(client: FlaskClient) -> None:
    for path in (
        "/search?q=하노버",
        "/search?q=가",
        "/search?cursor=x&q=가",
        "/releases/하나",
        "/releases/둘",
    ):
        client.get(path, buffered=True)
    found = read(client)
    assert found["bodo_requests_total", "/search", "200"] == 2
    assert found["bodo_requests_total", "/search", "400"] == 1
    assert found["bodo_requests_total", "/releases/<any_text:release_id>", "404"] == 2
    assert found["bodo_request_seconds_count", "/search"] == 3
    assert found["bodo_request_seconds_bucket", "+Inf", "/search"] == 3


def test_nothing_that_a_client_sent_is_a_label(client: FlaskClient) -> None:
    for path in ("/secret", "/secret?q=secret", "/search?q=secret", "/static/secret", "/releases/secret"):
        for method in ("GET", "SECRET"):
            client.open(path, method=method, buffered=True, headers={"User-Agent": "secret"})
    text = client.get("/metrics", buffered=True).get_data(as_text=True)
    assert "secret" not in text.lower()
    assert 'route="none"' in text


def test_the_index_is_told(client: FlaskClient, service: SearchService) -> None:
    found = read(client)
    state = service.state()
    assert found["bodo_documents",] == len(RELEASES)
    assert found["bodo_index_updated_timestamp_seconds",] == pytest.approx(state.updated_at.timestamp())
    assert found["bodo_index_bytes",] == state.size_bytes
    assert found["bodo_ready",] == 1
    assert [key for key in found if key[0] == "bodo_build_info" and __version__ in key]


def test_without_an_index_there_are_metrics(tmp_path: Path, analyzer: Analyzer) -> None:
    found = read(measured(SearchService(MemoryEngine(tmp_path, analyzer), analyzer)))
    assert found["bodo_ready",] == 0
    assert ("bodo_documents",) not in found


def test_what_is_being_answered_is_counted(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(client)["bodo_requests_in_flight", "/metrics"] == 1  # itself
    search = service.search
    seen = []

    def look(*arguments: object) -> object:
        seen.append(read(client)["bodo_requests_in_flight", "/search"])
        return search(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "search", look)
    client.get("/search?q=하노버", buffered=True)
    assert seen == [1]
    assert read(client)["bodo_requests_in_flight", "/search"] == 0


def test_refusals_are_counted(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Busy("바쁩니다.")

    monkeypatch.setattr(service, "search", refuse)
    assert read(client)["bodo_searches_refused_total",] == 0
    client.get("/search?q=가", buffered=True)
    client.get("/api/v1/search?q=가", buffered=True)
    found = read(client)
    assert found["bodo_searches_refused_total",] == 2
    assert found["bodo_requests_in_flight", "/search"] == 0


def test_there_are_none_unless_asked_for(first_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.app.put_aside_soon", lambda: None)
    for metrics, status in ((False, 404), (True, 200)):
        app = open_app(Settings(index=first_index, metrics=metrics))
        assert app.test_client().get("/metrics").status_code == status


def test_the_guide_names_every_metric(client: FlaskClient) -> None:
    text = client.get("/metrics", buffered=True).get_data(as_text=True)
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    guide = GUIDE.read_text("utf-8").partition("## 지표\n")[2].partition("\n## ")[0]
    assert {row.split("`")[1] for row in guide.splitlines() if row.startswith("| `bodo_")} == {
        name for name in names if not name.endswith("_created")
    }


# Two workers


def get(port: int, path: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return client.makefile("rb").read().decode().partition("\r\n\r\n")[2]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a server makes its folder of numbers."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("BODO_METRICS", "1")
    tempfile.tempdir = None
    yield tmp_path
    tempfile.tempdir = None


def workers_of(folder: Path) -> set[str]:
    return {path.stem.rpartition("_")[2] for path in folder.glob("bodo-metrics-*/counter_*.db")}


def test_two_workers_count_together(first_index: Path, folders: Path) -> None:
    port, asked = free_port(), 0
    with started(serving(first_index, port, workers=2)) as server:
        announced(server)
        # Which worker takes a connection is for the kernel to say.
        while len(workers_of(folders)) < 2 or asked < 10:
            assert asked < 1_000
            get(port, "/help")
            asked += 1
        for _ in range(5):
            found = samples(get(port, "/metrics"))
            assert found["bodo_requests_total", "/help", "200"] == asked
            assert found["bodo_request_seconds_count", "/help"] == asked
            assert found["bodo_requests_in_flight", "/help"] == 0
            assert found["bodo_documents",] > 0
        server.terminate()
        assert server.wait(PATIENCE_SECONDS) == 0
    assert not list(folders.iterdir())


def test_a_dead_worker_is_in_no_gauge(
    tmp_path: Path, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = tmp_path / f"gauge_livesum_{dead.pid}.db"
    counted = tmp_path / f"counter_{dead.pid}.db"
    alive = tmp_path / "gauge_livesum_1.db"
    for path in (left, counted, alive):
        path.write_bytes(b"")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    Metrics(service)
    assert [path.exists() for path in (left, counted, alive)] == [False, True, True]
