"""The JSON endpoint: its answers, every kind of error, and that docs/api.md describes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer.analysis import Analyzer
from indexer.bootstrap import open_service
from indexer.engines.memory import MemoryEngine
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import Busy
from indexer.json_records import answer_record
from indexer.schema import FACETS
from indexer.search.cursor import write_cursor
from indexer.search.request import (
    MAX_CURSOR_CHARS,
    MAX_LIMIT,
    MAX_QUERY_CHARS,
    MAX_VALUES,
    MAX_VALUES_CHARS,
    SearchRequest,
)
from indexer.search.rerank import Place
from indexer.search.response import Answer
from indexer.search.service import SearchService
from indexer.settings import Settings
from tests.conftest import release_of
from tests.support.services import expired_cursor
from tests.support.web_releases import RELEASES
from web.app import create_app

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"


def problem(client: FlaskClient, url: str, status: int, method: str = "GET") -> dict[str, Any]:
    response = client.open(url, method=method)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    body: dict[str, Any] = response.get_json()
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert re.search("[가-힣]", body["title"])
    assert re.search("[가-힣]", body["detail"])
    return body


@pytest.fixture
def asked(service: SearchService, monkeypatch: pytest.MonkeyPatch) -> list[SearchRequest]:
    """What the service is asked to search from now on."""
    requests: list[SearchRequest] = []
    search = service.search

    def record(request: SearchRequest) -> Answer:
        requests.append(request)
        return search(request)

    monkeypatch.setattr(service, "search", record)
    return requests


def failing(error: Exception) -> Callable[[SearchRequest], Answer]:
    """A search that ends with `error`."""

    def search(request: SearchRequest) -> Answer:
        raise error

    return search


def test_search_is_the_documented_form_in_readable_korean(
    client: FlaskClient, service: SearchService
) -> None:
    response = client.get("/api/v1/search?q=%ED%95%98%EB%85%B8%EB%B2%84")
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert "하노버" in response.get_data().decode("utf-8")
    record, other = response.get_json(), answer_record(service.search(SearchRequest(q="하노버")))
    assert record.pop("took_ms") > 0 < other.pop("took_ms")
    assert record == other


def test_every_parameter_reaches_the_search(
    client: FlaskClient, service: SearchService, asked: list[SearchRequest]
) -> None:
    request = SearchRequest(
        q="a b&c",
        published_from=date(2023, 4, 1),
        published_to=date(2023, 4, 30),
        filters={"outlet": ("가", "나")},
        sort="oldest",
        limit=7,
    )
    cursor = write_cursor(request, service.state().generation, Place(2))
    query = "q=a+b%26c&from=2023-04-01&to=2023-04-30&outlet=가&outlet=나&sort=oldest&limit=7"
    assert client.get(f"/api/v1/search?{query}&cursor={cursor}").status_code == 200
    assert asked == [replace(request, cursor=cursor)]


def test_highlight_chooses_what_is_marked(client: FlaskClient) -> None:
    def first(highlight: str) -> dict[str, Any]:
        hits: list[dict[str, Any]] = client.get(f"/api/v1/search?q=하노버&highlight={highlight}").get_json()[
            "hits"
        ]
        return hits[0]

    assert "<mark>하노버</mark>" in first("html")["snippets"][0]["html"]
    assert "title_html" not in first("ranges")
    assert set(first("ranges")["snippets"][0]) == {"text", "ranges", "file", "page", "table"}
    assert set(first("none")["snippets"][0]) == {"text", "file", "page", "table"}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "q"),
        ("q=", "q"),
        ("q=%20", "q"),
        ("q=" + "가" * 2001, "q"),
        ("q=%00", "q"),
        ("q=%ff", "q"),
        ("q=%C7%CF%B3%EB%B9%F6", "q"),
        ("q=%ED%A0%80", "q"),
        ("q=가&q=나", "q"),
        ("q=가&from=어제", "from"),
        ("q=가&from=", "from"),
        ("q=가&from=20230425", "from"),
        ("q=가&to=2023-02-30", "to"),
        ("q=가&to=2023-01-01&to=2023-01-02", "to"),
        ("q=가&from=2023-02-01&to=2023-01-01", "from"),
        ("q=가&outlet=%ff", "outlet"),
        ("q=가&outlet=%00", "outlet"),
        ("q=가" + "".join(f"&outlet={number}" for number in range(21)), "outlet"),
        ("q=가&department=" + "가" * 501, "department"),
        ("q=가&reporter=" + "가" * 251 + "&reporter=" + "나" * 250, "reporter"),
        ("q=가&cursor=" + "a" * (MAX_CURSOR_CHARS + 1), "cursor"),
        ("q=가&sort=best", "sort"),
        ("q=가&limit=0", "limit"),
        ("q=가&limit=101", "limit"),
        ("q=가&limit=-1", "limit"),
        ("q=가&limit=1_0", "limit"),
        ("q=가&limit=" + "9" * 5000, "limit"),
        ("q=가&highlight=bold", "highlight"),
        ("q=가&highlight=html&highlight=none", "highlight"),
        ("q=가&page=2", "page"),
        ("q=R&D", "D"),
        ("q=가&%ff=1", "\ufffd"),
    ],
)
def test_a_bad_parameter_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    assert problem(client, f"/api/v1/search?{query}", 400)["parameter"] == parameter


def test_raw_and_encoded_bytes_mix(client: FlaskClient, asked: list[SearchRequest]) -> None:
    raw = "q=하%EB%85%B8버&&".encode().decode("latin-1")
    client.get("/api/v1/search", environ_overrides={"QUERY_STRING": raw})
    assert asked[0].q == "하노버"


def test_an_expired_cursor_is_gone(client: FlaskClient) -> None:
    body = problem(client, f"/api/v1/search?q=가&cursor={expired_cursor('가')}", 410)
    assert body["parameter"] == "cursor"
    assert body["hint"]


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v1/nothing", "/api/v2/search"])
def test_an_unknown_path_is_not_found(client: FlaskClient, path: str) -> None:
    problem(client, path, 404)


def test_another_method_is_refused(client: FlaskClient) -> None:
    problem(client, "/api/v1/search?q=가", 405, method="POST")
    assert set(client.post("/api/v1/search").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_why_there_is_no_index_is_for_the_log_only(
    tmp_path: Path, analyzer: Analyzer, caplog: pytest.LogCaptureFixture
) -> None:
    client = create_app(SearchService(MemoryEngine(tmp_path / "srv", analyzer), analyzer)).test_client()
    for path in ("/api/v1/search?q=가", "/readyz"):
        body = problem(client, path, 503)
        assert "색인" in body["detail"]
        assert "잠시 뒤" in body["hint"]
        assert not re.search("srv|bodo", str(body))
        assert f"{tmp_path / 'srv'}에 색인이 없습니다." in caplog.text
        assert "bodo reindex" in caplog.text
        caplog.clear()


def test_where_too_many_wait_it_is_said_when_to_come_back(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy("찾는 사람이 많습니다.", "잠시 뒤 다시 찾아 주세요.")
    monkeypatch.setattr(service, "search", failing(busy))
    response = client.get("/api/v1/search?q=가")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.get_json()["detail"] == "찾는 사람이 많습니다."
    assert response.get_json()["hint"] == "잠시 뒤 다시 찾아 주세요."


def test_damage_is_503_and_its_cause_is_logged(
    tmp_path: Path, analyzer: Analyzer, caplog: pytest.LogCaptureFixture
) -> None:
    with WhooshEngine(tmp_path, analyzer).write() as writer:
        writer.put([release_of("창원 소식", "창원의 본문이다.", id="a")])
        writer.commit({})
    path = next(tmp_path.glob("0*/*.arrays"))
    data = path.read_bytes()
    _, start, count = json.loads(re.findall(rb'"blobs": (\[.*?\])', data)[0])
    path.write_bytes(data[:start] + bytes(count) + data[start + count :])
    client = create_app(open_service(Settings(index=tmp_path))).test_client()
    problem(client, "/api/v1/search?q=창원", 503)
    assert client.get("/releases/a").status_code == 503
    assert "bodo verify" in caplog.text
    assert "Traceback" in caplog.text


def test_an_unexpected_error_is_logged_and_not_shown(
    client: FlaskClient,
    service: SearchService,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "search", failing(ZeroDivisionError("비밀스러운 내부 사정")))
    body = problem(client, "/api/v1/search?q=하노버", 500)
    assert "비밀" not in str(body)
    assert "비밀스러운 내부 사정" in caplog.text


def test_health(client: FlaskClient, service: SearchService) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.get_json() == {
        "status": "ok",
        "generation": service.state().generation,
        "documents": len(RELEASES),
    }


def test_the_document_names_every_key_of_the_health_check(client: FlaskClient) -> None:
    section = DOCUMENT.read_text("utf-8").split("## `GET /healthz`")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([^`]+)`", section, flags=re.M)) == set(client.get("/healthz").get_json())


def test_the_document_says_the_limits() -> None:
    table = DOCUMENT.read_text("utf-8").split("## `GET /api/v1/search`")[1].split("### 답")[0]
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.*?) \|", table, flags=re.M))
    assert f"{MAX_QUERY_CHARS:,}자까지" in rows["q"]
    assert f"1–{MAX_LIMIT}" in rows["limit"]
    for name in (facet.name for facet in FACETS.values() if facet.filter == "values"):
        assert f"{MAX_VALUES}개, 모두 더해 {MAX_VALUES_CHARS:,}자까지" in rows[name]
