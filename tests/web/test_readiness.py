"""/healthz is the process, /readyz the live index."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.analysis import Analyzer
from indexer.bootstrap import open_service
from indexer.engines.whoosh import WhooshEngine
from indexer.settings import Settings
from tests.conftest import release_of
from web.app import create_app


def write(folder: Path, title: str) -> None:
    with WhooshEngine(folder, Analyzer()).write() as writer:
        writer.put([release_of(title, "창원의 본문이다.", id=title)])
        writer.commit({})


@pytest.fixture
def index(tmp_path: Path) -> Path:
    write(tmp_path / "비밀폴더", "첫째")
    return tmp_path / "비밀폴더"


@pytest.fixture
def client(index: Path) -> FlaskClient:
    return create_app(open_service(Settings(index=index))).test_client()


def reason(response: TestResponse) -> str:
    """Why a server is not ready, once it is sure that nothing internal is told."""
    assert response.status_code == 503
    assert response.mimetype == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0
    body = response.get_json()
    assert (body["status"], body["type"]) == (503, "about:blank")
    assert not re.search(r"비밀폴더|/|bodo|Error", body["title"] + body["detail"] + body["hint"])
    return str(body["detail"])


def test_an_open_index_is_ready(client: FlaskClient) -> None:
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json() == client.get("/healthz").get_json()
    assert ready.get_json()["documents"] == 1
    assert client.head("/readyz").status_code == 200


def test_it_follows_the_live_index(client: FlaskClient, index: Path) -> None:
    before = client.get("/readyz").get_json()
    write(index, "둘째")
    after = client.get("/readyz").get_json()
    assert (before["documents"], after["documents"]) == (1, 2)
    assert before["generation"] != after["generation"]


def test_without_an_index_the_process_is_well_and_not_ready(tmp_path: Path) -> None:
    index = tmp_path / "비밀폴더"
    client = create_app(open_service(Settings(index=index))).test_client()
    assert "열 수 없습니다" in reason(client.get("/readyz"))
    process = client.get("/healthz")
    assert (process.status_code, process.get_json()) == (
        200,
        {"status": "ok", "generation": "", "documents": 0},
    )
    write(index, "첫째")
    assert client.get("/readyz").status_code == 200


def test_an_index_of_another_analyzer_is_told(
    index: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("indexer.analysis.analyzer.ANALYSIS_VERSION", 10_000)
    client = create_app(open_service(Settings(index=index))).test_client()
    assert "분석기" in reason(client.get("/readyz"))
    assert "bodo reindex --full" in caplog.text
    assert client.get("/healthz").status_code == 200


def test_a_former_index_answers_and_the_live_one_is_not_ready(client: FlaskClient, index: Path) -> None:
    former = client.get("/readyz").get_json()["generation"]
    current = (index / "CURRENT").read_bytes()
    (index / "CURRENT").write_bytes(b"{}")
    for _ in range(2):
        assert former in reason(client.get("/readyz"))
    assert client.get("/healthz").get_json()["generation"] == former
    assert client.get("/api/v1/search?q=창원").get_json()["total"] == 1
    (index / "CURRENT").write_bytes(current)
    assert client.get("/readyz").status_code == 200


def test_a_deleted_index_is_not_ready(client: FlaskClient, index: Path) -> None:
    assert client.get("/readyz").status_code == 200
    shutil.rmtree(index)
    assert "앞의 색인" in reason(client.get("/readyz"))
