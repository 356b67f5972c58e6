"""A line of JSON for each request: what stands in it, and that it harms no answer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import BodoError, Busy
from indexer.search.service import SearchService
from indexer.settings import Settings
from tests.support.web_releases import HANOVER
from web.access_log import AccessLog, check_access_log
from web.app import create_app
from web.observation import observe_requests


def logging_app(service: SearchService, **settings: Any) -> Flask:  # noqa: ANN401
    app = create_app(service)

    @app.get("/stream")
    def stream() -> Response:
        return Response(chunk for chunk in ("가" * 10, "나" * 10))

    log = AccessLog(Settings(**settings))
    observe_requests(app, [log])
    _OPEN.append(log)
    return app


_OPEN: list[AccessLog] = []


@pytest.fixture(autouse=True)
def close_logs() -> Iterator[None]:
    yield
    while _OPEN:
        _OPEN.pop().close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.jsonl"


@pytest.fixture
def client(service: SearchService, log: Path) -> FlaskClient:
    return logging_app(service, access_log=str(log)).test_client()


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_bytes().decode("ascii").splitlines()]


def test_a_request_is_one_line(client: FlaskClient, service: SearchService, log: Path) -> None:
    response = client.get(
        "/api/v1/search?q=하노버&limit=5",
        headers={"User-Agent": "curl/8 " + "x" * 1_000},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
        buffered=True,
    )
    (line,) = lines(log)
    at = datetime.fromisoformat(line.pop("time"))
    assert at.utcoffset() == timedelta(0)
    assert 0 <= line.pop("ms") < 60_000
    assert len(line["agent"]) == 200
    assert line.pop("agent").startswith("curl/8 xx")
    assert line == {
        "level": "info",
        "event": "request",
        "request_id": response.headers["X-Request-ID"],
        "method": "GET",
        "path": "/api/v1/search",
        "parameters": ["q", "limit"],
        "status": 200,
        "bytes": len(response.data),
        "client": "192.0.2.7",
        "generation": service.state().generation,
        "total": response.get_json()["total"],
    }


@pytest.mark.parametrize("path", ["/search?q=하노버", "/feed.atom?q=하노버"])
def test_pages_and_feeds_that_search_tell_what_they_found(client: FlaskClient, log: Path, path: str) -> None:
    client.get(path, buffered=True)
    assert lines(log)[0]["total"] > 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/search", 405),
        ("GET", "/api/v1/search?q=", 400),
        ("HEAD", "/api/v1/search?q=하노버", 200),
        ("GET", "/static/bodo.css", 200),
        ("GET", "/stream", 200),
        ("OPTIONS", "/api/v1/search", 200),
    ],
)
def test_every_answer_is_written_down(
    client: FlaskClient, log: Path, method: str, path: str, status: int
) -> None:
    response = client.open(path, method=method, buffered=True)
    (line,) = lines(log)
    assert (line["method"], line["status"], line["bytes"]) == (method, status, len(response.data))
    assert method in ("HEAD", "OPTIONS") or line["bytes"] > 0


def test_a_client_that_leaves_is_written_down(client: FlaskClient, log: Path) -> None:
    body = client.get("/stream").response
    assert isinstance(body, Iterator)
    next(body)
    assert not log.exists()
    body.close()  # type: ignore[attr-defined]  # werkzeug's ClosingIterator
    assert lines(log)[0]["bytes"] == len(("가" * 10).encode())


def test_what_was_searched_for_is_not_in_it(client: FlaskClient, log: Path) -> None:
    for query in (
        "q=비밀",
        "q=secret",
        "비밀",
        "%EB%B9%84=1",
        "q=가&outlet=비밀&secret%20=3",
        "secret",
        "s=&&=&q=1",
    ):
        client.get(f"/search?{query}", buffered=True, headers={"Referer": "http://a/?q=secret"})
    assert not any(word in log.read_text() for word in ("secret", "비밀", "%EB", "\\ube44"))
    assert lines(log)[-1]["parameters"] == ["s", "?", "q"]


def test_what_was_searched_for_is_in_it_if_it_is_asked_for(service: SearchService, log: Path) -> None:
    client = logging_app(service, access_log=str(log), log_queries=True).test_client()
    client.get("/search?q=%ED%95%98%EB%85%B8%EB%B2%84&sort=newest", buffered=True)
    assert lines(log)[0]["query"] == "q=하노버&sort=newest"


@given(
    # Slashes at the beginning are taken for one.
    path=st.text(st.characters(exclude_categories=["Cs"])).map(lambda path: path.lstrip("/")),
    agent=st.text(st.characters(max_codepoint=255)),
    query=st.text(st.characters(max_codepoint=127)),
)
def test_no_request_forges_a_line(
    service: SearchService,
    tmp_path_factory: pytest.TempPathFactory,
    path: str,
    agent: str,
    query: str,
) -> None:
    log = tmp_path_factory.mktemp("log") / "log"
    app = logging_app(service, access_log=str(log), log_queries=True)
    environ = {
        "REQUEST_METHOD": "G\nET",
        "PATH_INFO": "/" + path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_USER_AGENT": agent,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
    }
    body = app.wsgi_app(environ, lambda *_: lambda _: None)
    b"".join(body)
    body.close()  # type: ignore[attr-defined]
    _OPEN.pop().close()
    written = log.read_bytes()
    assert written.count(b"\n") == 1
    assert not [byte for byte in written[:-1] if byte < 0x20 or byte > 0x7E]
    assert json.loads(written)["path"] == ("/" + path)[:200]


def test_a_file_that_was_moved_away_is_made_again(client: FlaskClient, log: Path) -> None:
    client.get("/help", buffered=True)
    log.rename(log.with_suffix(".1"))
    client.get("/api", buffered=True)
    assert [line["path"] for line in lines(log)] == ["/api"]
    assert [line["path"] for line in lines(log.with_suffix(".1"))] == ["/help"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_fails_no_answer(service: SearchService, capfd: pytest.CaptureFixture[str]) -> None:
    client = logging_app(service, access_log="/dev/full").test_client()
    for _ in range(3):
        assert client.get("/api/v1/search?q=하노버", buffered=True).status_code == 200
    assert capfd.readouterr().err == ""


def test_a_file_that_cannot_be_opened_fails_no_answer(service: SearchService, tmp_path: Path) -> None:
    log = tmp_path / "away" / "log"
    client = logging_app(service, access_log=str(log)).test_client()
    assert client.get("/help", buffered=True).status_code == 200
    log.parent.mkdir()
    assert client.get("/help", buffered=True).status_code == 200
    assert len(lines(log)) == 1


def test_a_closed_pipe_fails_no_answer(service: SearchService, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr("web.access_log._STANDARD_ERROR_FD", writing)
    client = logging_app(service, access_log="-").test_client()
    assert client.get("/help", buffered=True).status_code == 200
    os.close(writing)
    assert client.get("/help", buffered=True).status_code == 200


def test_standard_error_is_written_to(service: SearchService, capfd: pytest.CaptureFixture[str]) -> None:
    logging_app(service, access_log="-").test_client().get("/help", buffered=True)
    assert json.loads(capfd.readouterr().err)["path"] == "/help"


def test_nothing_is_written_unless_asked_for(
    service: SearchService, capfd: pytest.CaptureFixture[str]
) -> None:
    client = logging_app(service).test_client()
    client.get("/search?q=하노버", buffered=True)
    assert capfd.readouterr().err == ""


def test_a_slow_search_says_what_took_long(service: SearchService, capfd: pytest.CaptureFixture[str]) -> None:
    client = logging_app(service, slow_search_s=1e-9).test_client()
    client.get("/search?q=하노버 산업박람회", buffered=True)
    client.get(f"/releases/{HANOVER.id}", buffered=True)
    line = json.loads(capfd.readouterr().err)  # the only one
    assert (line["level"], line["event"], line["words"]) == ("warning", "slow_search", 2)
    assert line["took_ms"] == pytest.approx(line["wait_ms"] + line["find_ms"] + line["show_ms"], abs=0.2)
    assert line["timed_out"] is False
    assert "query" not in line


def test_a_slow_search_may_be_of_no_interest(
    service: SearchService, capfd: pytest.CaptureFixture[str]
) -> None:
    logging_app(service, slow_search_s=0.0).test_client().get("/search?q=하노버", buffered=True)
    assert capfd.readouterr().err == ""


def test_an_answer_that_fails_is_written_down(
    service: SearchService, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = logging_app(service, access_log=str(log))

    def refuse(*_: object) -> None:
        raise Busy("바쁩니다.")

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(service, "search", refuse)
    app.test_client().get("/search?q=가", buffered=True)
    monkeypatch.setattr(service, "search", fail)
    app.test_client().get("/search?q=가", buffered=True)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/search?q=가", buffered=True)
    assert [line["status"] for line in lines(log)] == [503, 500, 500]


def test_a_file_that_cannot_be_is_told_before_the_server_starts(tmp_path: Path) -> None:
    for fine in ("none", "-", str(tmp_path / "log")):
        check_access_log(Settings(access_log=fine))
    with pytest.raises(BodoError, match="BODO_ACCESS_LOG") as raised:
        check_access_log(Settings(access_log=str(tmp_path / "no" / "log")))
    assert "none" in raised.value.hint
