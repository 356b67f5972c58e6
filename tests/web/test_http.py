"""HTTP done right: methods, ids, durations, links to pages, sizes, and errors that tell nothing internal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from indexer.analysis import Analyzer
from indexer.errors import Busy
from indexer.search.service import SearchService
from indexer.search.similar import Similar
from tests.conftest import ROOT, release_of
from tests.support.services import memory_service
from tests.support.web_releases import RELEASES
from web.app import create_app
from web.request_size import MAX_BODY_BYTES, MAX_URL_BYTES
from web.site import Site

PATHS = [
    "/", "/search?q=하노버", "/releases/" + RELEASES[0].id, "/trends?q=하노버", "/trends.csv?q=하노버", "/help", "/status", "/api", "/embed",
    "/embed.js", "/feed.atom", "/robots.txt", "/sitemap.xml", "/opensearch.xml", "/suggest.json?q=하", "/healthz",
    "/api/v1/search?q=하노버", "/api/v1/suggest?q=하", "/static/bodo.css", "/readyz", "/api/v1/releases?limit=1",
    f"/api/v1/releases/{RELEASES[0].id}", f"/api/v1/releases/{RELEASES[0].id}/similar", "/api/v1/stats",
    "/api/v1/trends?q=하노버", "/api/v1/analyze?text=하노버", "/api/v1/openapi.json",
]  # fmt: skip
ERRORS = [
    ("/nothing", 404),
    ("/search", 400),
    ("/api/v1/search", 400),
    ("/api/nothing", 404),
    ("/releases/no", 404),
]


@pytest.mark.parametrize("path", PATHS)
def test_every_address_takes_get_head_and_options_and_no_other(client: FlaskClient, path: str) -> None:
    with client.get(path) as whole, client.head(path) as head:
        assert (whole.status_code, head.status_code, head.get_data()) == (200, 200, b"")
        assert head.content_type == whole.content_type
    for method in ("OPTIONS", "POST", "PUT", "DELETE", "PATCH"):
        response = client.open(path, method=method)
        assert response.status_code == (200 if method == "OPTIONS" else 405)
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        if method != "OPTIONS" and path.startswith("/api/"):
            assert response.mimetype == "application/problem+json"


def test_every_rule_is_asked_above(client: FlaskClient) -> None:
    adapter = client.application.url_map.bind("localhost")
    asked = {adapter.match(path.partition("?")[0])[0] for path in PATHS}
    rules = {rule.endpoint for rule in client.application.url_map.iter_rules()}
    assert rules - asked <= {"crawlers.part"}


# Ids


@pytest.mark.parametrize("path", [*PATHS, *(path for path, _ in ERRORS)])
def test_every_answer_has_an_id_and_its_duration(client: FlaskClient, path: str) -> None:
    ids = set()
    for _ in range(2):
        with client.get(path) as response:
            ids.add(response.headers["X-Request-ID"])
            assert re.fullmatch(
                r"(search;dur=\d+\.\d{3}, )?total;dur=\d+\.\d{3}", response.headers["Server-Timing"]
            )
    assert len(ids) == 2


@pytest.mark.parametrize(
    "path", ["/search?q=하노버", "/api/v1/search?q=하노버", "/feed.atom?q=하노버", "/trends?q=하노버"]
)
def test_a_search_is_a_part_of_the_duration(client: FlaskClient, path: str) -> None:
    parts = dict(part.split(";dur=") for part in client.get(path).headers["Server-Timing"].split(", "))
    assert 0 < float(parts["search"]) < float(parts["total"])


@given(st.one_of(
    st.from_regex("[A-Za-z0-9._-]{1,64}", fullmatch=True),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80),
))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_id_is_kept_if_it_is_well_formed(client: FlaskClient, given_id: str) -> None:
    answered = client.get("/robots.txt", headers={"X-Request-ID": given_id}).headers["X-Request-ID"]
    kept = re.fullmatch("[A-Za-z0-9._-]{1,64}", given_id.strip()) is not None
    assert (answered == given_id.strip()) == kept
    assert re.fullmatch("[A-Za-z0-9._-]{1,64}", answered)


def test_ids_of_two_are_those_of_none(client: FlaskClient) -> None:
    response = client.get("/robots.txt", headers=[("X-Request-ID", "a"), ("X-Request-ID", "b")])
    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-ID"])


# Errors


SECRET = "/srv/비밀 password=hunter2"  # noqa: S105
QUESTIONS = [
    ("search", "/api/v1/search?q=가"), ("suggest", "/api/v1/suggest?q=가"), ("search", "/search?q=가"), ("overview", "/"),
    ("read", "/releases/a"), ("trends", "/trends?q=가"), ("trends", "/trends.csv?q=가"), ("state", "/healthz"), ("search", "/feed.atom?q=가"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "path"), QUESTIONS)
@pytest.mark.parametrize(
    "error",
    [ValueError(SECRET), OSError(28, SECRET), KeyError(SECRET), RecursionError(SECRET), MemoryError(SECRET)],
)
def test_what_nobody_expected_is_in_the_log_under_its_id_only(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    question: str, path: str, error: Exception,
) -> None:  # fmt: skip
    def fail(*_: object) -> None:
        raise error

    service = memory_service(tmp_path, analyzer, [release_of("가", id="a")])
    monkeypatch.setattr(service, question, fail)
    response = create_app(service).test_client().get(path, headers={"X-Request-ID": "find.me-1"})
    text = response.get_data(as_text=True)
    assert response.status_code == 500
    assert not re.search("srv|비밀|hunter2|Error|Traceback|[.]py", text)
    assert "find.me-1" in text
    if response.mimetype == "application/problem+json":
        assert response.get_json()["request_id"] == "find.me-1"
    assert response.headers["X-Request-ID"] == "find.me-1"
    assert "find.me-1" in caplog.text
    assert SECRET in caplog.text
    # Whoever reads the log need not know what was searched for.
    assert "q=" not in caplog.text


def test_an_error_behind_the_answer_is_told_in_the_same_way(
    service: SearchService, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(service)
    app.after_request(lambda _: 1 / 0)
    response = app.test_client().get("/api/v1/suggest?q=가")
    assert response.status_code == 500
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["request_id"] in caplog.text


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/search?q=가", "application/problem+json"), ("/search?q=가", "text/html")]
)
def test_busy_says_when_to_come_back_and_its_id(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch, path: str, kind: str
) -> None:
    def fail(_: object) -> None:
        raise Busy("바쁩니다.", "잠시 뒤 다시 해 보세요.")

    monkeypatch.setattr(service, "search", fail)
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (503, kind)
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["X-Request-ID"] in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b"x" * MAX_BODY_BYTES}, 200),
        ({"data": b"x" * (MAX_BODY_BYTES + 1)}, 413),
        ({"environ_overrides": {"CONTENT_LENGTH": "9" * 30}}, 413),
        ({"query_string": "q=" + "a" * MAX_URL_BYTES}, 414),
        ({"query_string": "q=" + "%EA%B0%80" * (MAX_URL_BYTES // 9 + 1)}, 414),
    ],
)
@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/suggest", "application/problem+json"), ("/help", "text/html")]
)
def test_what_is_too_large_is_refused(
    client: FlaskClient, sent: dict[str, Any], status: int, path: str, kind: str
) -> None:
    response = client.get(path, **sent)
    assert response.status_code == status
    if status != 200:
        assert response.mimetype == kind
        assert "너무" in response.get_data(as_text=True)


def test_the_documents_say_the_sizes() -> None:
    for name in ("api.md", "operations.md"):
        text = (ROOT / "docs" / name).read_text("utf-8")
        assert f"{MAX_BODY_BYTES:,}바이트" in text
        assert f"{MAX_URL_BYTES:,}바이트" in text


# Pages of a result


def links_of(header: str) -> dict[str, str]:
    """The addresses of a header `Link` by their relation."""
    pairs = [re.fullmatch(r"<([^>]*)>(.*)", part.strip()) for part in re.split(r",\s*(?=<)", header)]
    return {parse_options_header(f"x{pair[2]}")[1]["rel"]: pair[1] for pair in pairs if pair}


def test_pages_lead_to_each_other_by_their_header(tmp_path: Path, analyzer: Analyzer) -> None:
    releases = [release_of(f"소식 {n}", f"서로 다른 글 {n}", id=f"r{n}", outlet="가&나") for n in range(5)]
    client = create_app(memory_service(tmp_path, analyzer, releases)).test_client()
    address: str | None = (
        "/api/v1/search?q=%EC%86%8C%EC%8B%9D&limit=2&outlet=가%26나&sort=oldest&highlight=none"
    )
    seen: list[str] = []
    before: list[str] = []
    while address:
        response = client.get(address)
        record = response.get_json()
        found = [hit["id"] for hit in record["hits"]]
        links = links_of(response.headers.get("Link", ""))
        assert set(links) == {name for name, key in (("next", "next"), ("prev", "previous")) if record[key]}
        if "prev" in links:
            assert [hit["id"] for hit in client.get(links["prev"]).get_json()["hits"]] == before
        assert "title_html" not in record["hits"][0]
        seen, before, address = seen + found, found, links.get("next")
        assert address is None or (
            address.isascii() and address.startswith("http://localhost/api/v1/search?")
        )
    assert seen == [f"r{n}" for n in range(5)]


def test_links_are_of_the_public_address(tmp_path: Path, analyzer: Analyzer) -> None:
    releases = [release_of(f"소식 {n}", f"서로 다른 글 {n}", id=f"r{n}") for n in range(3)]
    service = memory_service(tmp_path, analyzer, releases)
    client = create_app(service, Site(public_url="https://a.kr/archive")).test_client()
    header = client.get("/api/v1/search?q=소식&limit=1").headers["Link"]
    assert header.startswith("<https://a.kr/archive/api/v1/search?q=")
    assert urljoin("https://a.kr/", links_of(header)["next"]) == links_of(header)["next"]


def test_a_long_link_is_left_to_the_body(tmp_path: Path, analyzer: Analyzer) -> None:
    releases = [release_of(f"소식 {n}", f"서로 다른 글 {n}", id=f"r{n}") for n in range(3)]
    client = create_app(memory_service(tmp_path, analyzer, releases)).test_client()
    response = client.get("/api/v1/search?limit=1&q=" + "소식 " * 300)
    assert response.get_json()["next"]
    assert "Link" not in response.headers
    assert sum(len(name) + len(value) + 4 for name, value in response.headers.items()) < 4_096


def test_similar_ones_are_not_a_search(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "similar", lambda *_: Similar())
    assert "search;" not in client.get(f"/releases/{RELEASES[0].id}").headers["Server-Timing"]
