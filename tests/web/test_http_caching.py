"""Entity tags: whoever has an answer is told so without a search, and only while the answer is the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Response
from flask.testing import FlaskClient

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.search.service import SearchService
from indexer.search.similar import Similar
from tests.support.services import memory_service
from tests.support.web_releases import RELEASES
from web.app import create_app
from web.http_caching import program_digest
from web.site import Site

TAGGED = [
    "/", "/search?q=하노버", "/help", "/status", "/api", "/embed", "/trends", "/trends?q=하노버", "/trends.csv?q=하노버",
    "/api/v1/search?q=하노버", "/api/v1/suggest?q=하",
]  # fmt: skip


@pytest.fixture
def counted(service: SearchService, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that the service is asked from now on."""
    asked: list[str] = []

    def count(name: str) -> None:
        ask = getattr(service, name)

        def counting(*args: object, **values: object) -> object:
            asked.append(name)
            return ask(*args, **values)

        monkeypatch.setattr(service, name, counting)

    for name in ("search", "suggest", "read", "similar", "trends", "overview", "release"):
        count(name)
    return asked


@pytest.mark.parametrize("path", [*TAGGED, "/releases/{id}?q=하노버"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_an_answer_is_told_so_without_a_search(
    client: FlaskClient, counted: list[str], path: str, method: str
) -> None:
    path = path.format(id=RELEASES[0].id)
    first = client.get(path)
    tag = first.headers["ETag"]
    assert first.status_code == 200
    assert re.fullmatch('W/"[0-9a-f]{32}"', tag)
    counted.clear()
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
        again = client.open(path, method=method, headers={"If-None-Match": known, "Accept-Encoding": "br"})
        assert (again.status_code, again.get_data()) == (304, b"")
        assert not counted
        # A cache takes the headers of a 304 for those of what it keeps (RFC 9110, section 15.4.5).
        for name in (
            "ETag",
            "Cache-Control",
            "Vary",
            "Content-Security-Policy",
            "Access-Control-Allow-Origin",
        ):
            assert again.headers.get(name) == first.headers.get(name), name
        assert "Content-Type" not in again.headers
    other = client.open(path, method=method, headers={"If-None-Match": 'W/"other"'})
    assert (other.status_code, other.headers["ETag"]) == (200, tag)


def test_any_answer_is_known_by_a_star_and_no_error(client: FlaskClient) -> None:
    star = {"If-None-Match": "*"}
    assert client.get("/api/v1/search?q=하노버", headers=star).status_code == 304
    assert client.get("/api/v1/search", headers=star).status_code == 400
    assert client.get("/releases/none", headers=star).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/robots.txt", "/api/v1/search", "/api/v1/nothing", "/releases/none", "/nothing", "/search"],
)
def test_errors_and_what_tells_of_the_process_have_no_tag(client: FlaskClient, path: str) -> None:
    assert "ETag" not in client.get(path).headers


def test_methods_that_ask_for_no_answer_get_no_304(client: FlaskClient) -> None:
    tag = client.get("/search?q=하노버").headers["ETag"]
    assert client.options("/search?q=하노버", headers={"If-None-Match": tag}).status_code == 200
    assert client.post("/search?q=하노버", headers={"If-None-Match": tag}).status_code == 405


def test_every_address_has_its_own_tag(client: FlaskClient, service: SearchService) -> None:
    def tag(path: str, host: str = "localhost", prefix: str = "", known: FlaskClient = client) -> str:
        return known.get(path, headers={"Host": host}, environ_overrides={"SCRIPT_NAME": prefix}).headers[
            "ETag"
        ]

    other = create_app(service, Site(name="다른 이름")).test_client()
    tags = [
        tag("/search?q=하노버"),
        tag("/search?q=%ED%95%98%EB%85%B8%EB%B2%84&"),
        tag("/search?q=하노버&limit=9"),
        tag("/api/v1/search?q=하노버"),
        tag("/search?q=하노버", host="a.kr"),
        tag("/search?q=하노버", prefix="/archive"),
        tag("/search?q=하노버", known=other),
    ]
    assert len(set(tags)) == len(tags)
    # Not of this process: another worker or a restart knows them.
    assert tag("/search?q=하노버", known=create_app(service).test_client()) == tags[0]


def test_another_release_of_the_program_has_other_tags(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = client.get("/help").headers["ETag"]
    monkeypatch.setattr("indexer.__version__", "99")
    program_digest.cache_clear()
    after = create_app(service).test_client().get("/help", headers={"If-None-Match": before})
    program_digest.cache_clear()
    assert after.status_code == 200
    assert after.headers["ETag"] != before


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/search?q={}",
        "/search?q={}",
        "/trends?q={}",
        "/trends.csv?q={}",
        "/api/v1/suggest?q=창원의 하노",
        "/releases/{id}?q={}",
    ],
)
def test_what_was_cut_short_has_no_tag(tmp_path: Path, analyzer: Analyzer, path: str) -> None:
    long = " ".join(f"하노버{number}" for number in range(40))
    release_id = RELEASES[0].id
    client = create_app(
        memory_service(tmp_path, analyzer, RELEASES, start_clock=lambda: lambda: True)
    ).test_client()
    response = client.get(path.format(long, id=release_id))
    assert response.status_code == 200
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-cache"


def test_a_page_without_its_similar_releases_has_no_tag(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/releases/{RELEASES[0].id}"
    assert "ETag" in client.get(path).headers
    monkeypatch.setattr(service, "similar", lambda *_: Similar(timed_out=True))
    assert "ETag" not in client.get(path).headers


def test_a_stream_has_no_tag_and_is_not_read_ahead(service: SearchService) -> None:
    made: list[int] = []

    def lines() -> Iterator[bytes]:
        for number in range(100):
            made.append(number)
            yield b"0" * 2_000 + b"\n"

    app = create_app(service)
    app.add_url_rule("/api/v1/stream", view_func=lambda: Response(lines(), mimetype="application/json"))
    accepted = {"Accept-Encoding": "br", "If-None-Match": "*"}
    with app.test_client().get("/api/v1/stream", headers=accepted) as response:
        assert response.status_code == 200
        assert len(made) <= 1
        assert "ETag" not in response.headers
        assert "Content-Encoding" not in response.headers
        assert len(response.get_data()) == 100 * 2_001


def test_where_the_index_changes_meanwhile_there_is_no_tag(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, looks = service.state(), iter(range(9))
    monkeypatch.setattr(service, "state", lambda: replace(state, generation=str(next(looks))))
    for path in ("/help", "/api/v1/search?q=하노버"):
        response = client.get(path)
        assert response.status_code == 200
        assert "ETag" not in response.headers


def test_without_an_index_pages_that_need_none_are_there(tmp_path: Path, analyzer: Analyzer) -> None:
    client = create_app(SearchService(MemoryEngine(tmp_path, analyzer), analyzer)).test_client()
    page = client.get("/help", headers={"If-None-Match": 'W/"a"'})
    assert page.status_code == 200
    assert "ETag" not in page.headers
    assert client.get("/", headers={"If-None-Match": "*"}).status_code == 503


def test_what_is_wrong_for_a_moment_is_stored_nowhere(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "search", lambda _: 1 / 0)
    for path in ("/search?q=가", "/api/v1/search?q=가"):
        assert client.get(path).headers["Cache-Control"] == "no-store"
