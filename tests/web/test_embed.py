"""What other sites and browsers take of the archive: the script, CORS, and the description as a search engine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.errors import BodoError
from indexer.search.service import SearchService
from indexer.settings import Settings
from tests.conftest import ROOT
from tests.support.web_releases import HANOVER
from web.app import create_app
from web.cors import Origins
from web.help_texts import EMBED_ATTRIBUTES
from web.site import Site

OTHER_SITE = "https://www.example.kr"
MAX_SCRIPT_BYTES = 15_000
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
SCRIPT = (ROOT / "web" / "static" / "embed.js").read_text("utf-8")


# The script


def test_the_script_is_small_and_may_be_loaded_from_anywhere(client: FlaskClient) -> None:
    response = client.get("/embed.js", buffered=True)
    assert response.status_code == 200
    # Pages in EUC-KR load it too.
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.text == SCRIPT
    assert len(response.data) <= MAX_SCRIPT_BYTES


def test_the_script_is_kept_for_a_while_and_then_compared(client: FlaskClient) -> None:
    response = client.get("/embed.js", buffered=True)
    assert response.cache_control.max_age == 600
    again = client.get("/embed.js", buffered=True, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    # A browser takes the headers of a 304 for those of what it keeps.
    assert again.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    "path", ["/", "/search?q=가", "/embed", "/static/embed.js", "/api/v1/search?q=가", "/nothing"]
)
def test_nothing_else_may_be_loaded_by_other_sites(client: FlaskClient, path: str) -> None:
    assert client.get(path, buffered=True).headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_script_makes_no_html_of_texts() -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|srcdoc", SCRIPT)


def test_the_endpoint_says_where_the_words_of_a_title_are(client: FlaskClient) -> None:
    for highlight, has_ranges in (("html", True), ("ranges", True), ("none", False)):
        hit = client.get(f"/api/v1/search?q=하노버&highlight={highlight}").get_json()["hits"][0]
        assert ("title_ranges" in hit) is has_ranges
        assert all(hit["title"][start:end] == "하노버" for start, end in hit.get("title_ranges", [(0, 3)]))


def test_the_guide_and_the_page_name_every_attribute(client: FlaskClient) -> None:
    used = set(re.findall(r"\bdata\.(\w+)", SCRIPT))
    for names in re.findall(r'\[((?:"\w+"(?:, )?)+)\](?=\.flatMap|\.filter)', SCRIPT):
        used |= set(re.findall(r"\w+", names))
    named = {name for names, _ in EMBED_ATTRIBUTES for name in re.findall(r"data-(\w+)", names)}
    assert named == used
    guide = (ROOT / "docs" / "embed.md").read_text("utf-8")
    for names, meaning in EMBED_ATTRIBUTES:
        assert " ".join(f"`{name}`" for name in names.split(", ")) in guide.replace("`, `", "` `")
        assert meaning.split(".")[0] in guide
    page = client.get("/embed").text
    assert 'src="/embed.js"' in page
    assert "&lt;script src=&#34;" not in page
    assert "http://localhost/embed.js" in page


# CORS


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/search?q=하노버", 200),
        ("/api/v1/suggest?q=하", 200),
        ("/api/v1/search", 400),
        ("/api/v1/nothing", 404),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_any_site_may_read_the_endpoint_and_its_errors(
    client: FlaskClient, path: str, status: int, method: str
) -> None:
    response = client.open(path, method=method, headers={"Origin": OTHER_SITE})
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Expose-Headers"] == (
        "ETag, Link, Retry-After, Server-Timing, X-Request-ID"
    )
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_any_site_may_read_that_there_is_no_index(tmp_path: Path, analyzer: Analyzer) -> None:
    client = create_app(SearchService(MemoryEngine(tmp_path, analyzer), analyzer)).test_client()
    response = client.get("/api/v1/search?q=가")
    assert response.status_code == 503
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_preflight_is_answered(client: FlaskClient) -> None:
    asked = {
        "Origin": OTHER_SITE,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-own",
    }
    response = client.options("/api/v1/search", headers=asked)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert response.headers["Access-Control-Allow-Headers"] == "*"
    assert response.headers["Access-Control-Max-Age"] == "7200"


@pytest.mark.parametrize(
    "path",
    ["/", "/search?q=하노버", f"/releases/{HANOVER.id}", "/api", "/embed", "/embed.js", "/suggest.json?q=하", "/healthz",
     "/opensearch.xml", "/static/bodo.css", "/nothing"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_other_site_reads_anything_else(client: FlaskClient, path: str, method: str) -> None:
    response = client.open(path, method=method, headers={"Origin": OTHER_SITE}, buffered=True)
    assert not [name for name in response.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118


def test_the_sites_may_be_named(service: SearchService) -> None:
    origins = Origins.of(Settings(cors_origin=f"{OTHER_SITE}/, http://localhost:8080 https://[::1]:8443"))
    client = create_app(service, None, origins).test_client()
    for origin in (OTHER_SITE, "http://localhost:8080", "https://[::1]:8443"):
        response = client.get("/api/v1/suggest?q=하", headers={"Origin": origin})
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert "Origin" in response.vary
    for origin in ("https://www.example.kr.evil.example", "http://www.example.kr", "null", "*", ""):
        response = client.get("/api/v1/suggest?q=하", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "Origin" in response.vary


@pytest.mark.parametrize("setting", ["", "none", " none "])
def test_no_site_may_be_named(service: SearchService, setting: str) -> None:
    client = create_app(service, None, Origins.of(Settings(cors_origin=setting))).test_client()
    response = client.options("/api/v1/search", headers={"Origin": OTHER_SITE})
    assert not [name for name in response.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118


@pytest.mark.parametrize(
    "setting",
    ["example.kr", "https://a.kr/path", "https://", "* https://a.kr", "https://a.kr\r\nX: y", "null"],
)
def test_a_site_that_is_none_is_told(setting: str) -> None:
    with pytest.raises(BodoError, match="BODO_CORS_ORIGIN") as raised:
        Origins.of(Settings(cors_origin=setting))
    assert "https://www.example.kr" in raised.value.hint


# A search engine of the browser


def description_of(client: FlaskClient) -> etree._Element:
    response = client.get("/opensearch.xml")
    assert response.mimetype == "application/opensearchdescription+xml"
    return etree.fromstring(response.data)


def follow(client: FlaskClient, template: str, terms: str) -> tuple[int, str | None, str]:
    """The status, type and text of what a template leads to."""
    assert template.startswith("http://localhost/")
    response = client.get(template.removeprefix("http://localhost").replace("{searchTerms}", quote(terms)))
    return response.status_code, response.mimetype, response.text


def test_a_browser_finds_the_description_and_follows_its_templates(client: FlaskClient) -> None:
    link = re.search(
        r'<link rel="search" type="application/opensearchdescription\+xml" href="([^"]+)"',
        client.get("/").text,
    )
    assert link is not None
    assert link[1] == "/opensearch.xml"
    root = description_of(client)
    assert root.tag == f"{OPENSEARCH}OpenSearchDescription"
    assert root.findtext(f"{OPENSEARCH}ShortName") == "보도자료 검색"
    templates = {url.get("type"): url.get("template") for url in root.iter(f"{OPENSEARCH}Url")}
    status, kind, page = follow(client, templates["text/html"], "하노버 & 산업")
    assert (status, kind) == (200, "text/html")
    assert 'value="하노버 &amp; 산업"' in page
    status, kind, text = follow(client, templates["application/x-suggestions+json"], "하노")
    assert (status, kind) == (200, "application/x-suggestions+json")
    typed, suggested = json.loads(text)
    assert (typed, suggested[0]) == ("하노", "하노버")
    status, kind, text = follow(client, templates["application/atom+xml"], "하노버")
    assert (status, kind) == (200, "application/atom+xml")
    assert "하노버" in text
    status, kind, _ = follow(client, templates["application/opensearchdescription+xml"], "")
    assert (status, kind) == (200, "application/opensearchdescription+xml")
    image = root.findtext(f"{OPENSEARCH}Image")
    assert client.get(image.removeprefix("http://localhost"), buffered=True).mimetype == "image/svg+xml"


@given(
    name=st.text(min_size=1), terms=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
def test_every_name_and_address_is_a_sound_description(service: SearchService, name: str, terms: str) -> None:
    site = Site(name, "https://보도.example.kr/archive")
    root = description_of(create_app(service, site).test_client())
    assert len(root.findtext(f"{OPENSEARCH}ShortName") or "") <= 16
    assert len(root.findtext(f"{OPENSEARCH}LongName") or "") <= 48
    (template,) = [
        url.get("template") for url in root.iter(f"{OPENSEARCH}Url") if url.get("type") == "text/html"
    ]
    assert template == "https://보도.example.kr/archive/search?q={searchTerms}"
    url = template.replace("{searchTerms}", quote(terms))
    assert parse_qsl(urlsplit(url).query, keep_blank_values=True) == [("q", terms)]


@pytest.mark.parametrize("typed", ["", "하노", "없는말없는말", "가" * 101, '"],[<script>'])
def test_suggestions_are_what_the_endpoint_suggests(client: FlaskClient, typed: str) -> None:
    response = client.get("/suggest.json", query_string={"q": typed})
    assert response.status_code == 200
    repeated, texts = response.get_json(force=True)
    assert repeated == typed
    if len(typed) <= 100:
        found = client.get("/api/v1/suggest", query_string={"q": typed}).get_json()["suggestions"]
        assert texts == [suggestion["text"] for suggestion in found]
    else:
        assert texts == []


def test_a_wrong_request_for_suggestions_is_a_problem(client: FlaskClient) -> None:
    response = client.get("/suggest.json?q=%ff")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
