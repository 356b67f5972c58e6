"""robots.txt and the sitemaps: every release once, none early, and what the protocols demand."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import lxml.html
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

import web.crawlers
from indexer.engines.memory import MemoryEngine
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.services import index_only
from tests.support.web_releases import RELEASES
from web.app import create_app
from web.navigation import release_url
from web.site import Site

S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
# https://www.w3.org/TR/NOTE-datetime
W3C_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(web.crawlers, "PART_RELEASES", 5)
    return 5


def read(client: FlaskClient, url: str, kind: str) -> etree._Element:
    """A list of addresses or of parts, checked against sitemap.xsd and siteindex.xsd."""
    response = client.get(url)
    assert (response.status_code, response.mimetype) == (200, "application/xml")
    body = response.get_data()
    assert len(body) <= 50 * 1024**2
    root = etree.fromstring(body)
    assert root.tag == f"{S}{kind}"
    assert 1 <= len(root) <= 50_000
    for child in root:
        assert child.tag == f"{S}{'url' if kind == 'urlset' else 'sitemap'}"
        names = [value.tag.removeprefix(S) for value in child]
        assert names in (["loc"], ["loc", "lastmod"])
        assert re.fullmatch(r"https?://[!-~]{1,2030}", child[0].text)
        assert all(W3C_TIME.fullmatch(value.text) for value in child[1:])
    return root


def paths(root: etree._Element) -> list[str]:
    return [urlsplit(loc.text).path for loc in root.iter(f"{S}loc")]


def test_a_small_archive_is_one_list(client: FlaskClient) -> None:
    root = read(client, "/sitemap.xml", "urlset")
    assert sorted(paths(root)) == sorted(["/", *(release_url(release.id) for release in RELEASES)])
    assert client.get("/sitemap-1.xml").get_data() == client.get("/sitemap.xml").get_data()


def test_every_release_is_in_one_part_the_oldest_first(client: FlaskClient, small_parts: int) -> None:
    index = read(client, "/sitemap.xml", "sitemapindex")
    assert paths(index) == ["/sitemap-1.xml", "/sitemap-2.xml", "/sitemap-3.xml"]
    parts = [read(client, path, "urlset") for path in paths(index)]
    listed = [path for part in parts for path in paths(part)]
    assert listed.pop(0) == "/"
    assert len(listed) == len(set(listed))
    assert set(listed) == {release_url(release.id) for release in RELEASES}
    assert all(len(part) <= small_parts + 1 for part in parts)
    dates = [lastmod.text for part in parts for lastmod in part.iter(f"{S}lastmod")]
    assert dates == sorted(dates)
    assert len(dates) == len([release for release in RELEASES if release.published_at])
    for path in listed:
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("number", ["0", "4", "-1", "01", "1.0", "٣", "²", "9" * 5_000, "x", "%00", " 1"])
def test_there_is_no_other_part(client: FlaskClient, small_parts: int, number: str) -> None:
    assert client.get(f"/sitemap-{number}.xml").status_code == 404


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-2.xml"])
def test_who_has_it_is_told_so(client: FlaskClient, small_parts: int, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    for encoding in ("", "br"):
        again = client.get(path, headers={"If-None-Match": tag, "Accept-Encoding": encoding})
        assert (again.status_code, again.get_data()) == (304, b"")
    # An embargo that passes has no date: who only knows a date gets the whole.
    assert "Last-Modified" not in again.headers
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_another_release_is_another_list(changing: tuple[MemoryEngine, FlaskClient]) -> None:
    engine, client = changing
    tags = []
    for releases in ((), RELEASES[:1], RELEASES[:2]):
        index_only(engine, releases)
        assert len(read(client, "/sitemap.xml", "urlset")) == 1 + len(releases)
        tags.append(client.get("/sitemap.xml").headers["ETag"])
    assert len(set(tags)) == 3


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=600), max_size=4, unique=True
    )
)
@example(["가" * 300, "a" * 2_000, "나"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_id_is_an_address(changing: tuple[MemoryEngine, FlaskClient], ids: list[str]) -> None:
    engine, client = changing
    index_only(engine, [release_of(f"소식 {n}", "글", id=one) for n, one in enumerate(ids)])
    # An address of 2,048 characters or more is against the protocol.
    fitting = {release_url(one) for one in ids if len("http://localhost" + release_url(one)) < 2_048}
    assert set(paths(read(client, "/sitemap.xml", "urlset"))) == {"/", *fitting}


@pytest.mark.parametrize("at", ["1900-01-01T00:00", "1908-03-31T23:59"])
def test_an_old_time_is_written_as_the_protocol_has_it(
    changing: tuple[MemoryEngine, FlaskClient], at: str
) -> None:
    engine, client = changing
    index_only(engine, [release_of("옛 소식", published=at)])
    read(client, "/sitemap.xml", "urlset")


def test_addresses_are_those_of_the_public_site(service: SearchService, small_parts: int) -> None:
    client = create_app(service, Site(public_url="https://a.kr/archive")).test_client()
    index = read(client, "/sitemap.xml", "sitemapindex")
    assert paths(index)[0] == "/archive/sitemap-1.xml"
    part = read(client, "/sitemap-1.xml", "urlset")
    assert all(loc.text.startswith("https://a.kr/archive/") for loc in part.iter(f"{S}loc"))
    robots = client.get("/robots.txt").text
    assert "Sitemap: https://a.kr/archive/sitemap.xml\n" in robots
    assert "Disallow: /archive/api/\n" in robots


def may_fetch(robots: str, path: str) -> bool:
    """What RFC 9309, section 2.2.3 says of rules that only disallow: `*` is any text, `$` the end."""
    rules = re.findall(r"^Disallow: (\S+)$", robots, re.MULTILINE)
    assert rules
    patterns = (re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$") for rule in rules)
    return not any(re.match(pattern, path) for pattern in patterns)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/help", True),
        ("/api", True),
        ("/releases/a?q=b&sort=newest", True),
        ("/static/bodo.css?v=1", True),
        ("/sitemap-1.xml", True),
        ("/feed.atom?q=a&outlet=b", True),
        ("/search?q=a", True),
        ("/trends", True),
        ("/trends?q=a", True),
        ("/search?q=a&outlet=b", False),
        ("/search?q=a&cursor=b", False),
        ("/trends?q=a&q=b", False),
        ("/trends.csv?q=a", False),
        ("/api/v1/search?q=a", False),
        ("/api/v1/suggest?q=a", False),
    ],
)
def test_what_crawlers_may_fetch(client: FlaskClient, path: str, allowed: bool) -> None:
    response = client.get("/robots.txt")
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    assert may_fetch(response.text, path) == allowed
    assert response.text.startswith("User-agent: *\n")
    assert re.findall("^Sitemap: (.*)$", response.text, re.MULTILINE) == ["http://localhost/sitemap.xml"]


@pytest.mark.parametrize("path", ["/search?q=하노버", "/trends", "/trends?q=하노버"])
def test_what_is_not_to_be_found_may_be_fetched_and_says_so(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert lxml.html.document_fromstring(page).xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert may_fetch(client.get("/robots.txt").text, path)


@pytest.mark.parametrize("path", ["/", "/help", "/api", "/status", f"/releases/{RELEASES[0].id}"])
def test_a_page_names_its_one_address(client: FlaskClient, service: SearchService, path: str) -> None:
    public = create_app(service, Site(public_url="https://a.kr/archive")).test_client()
    for one, root in ((client, "http://localhost"), (public, "https://a.kr/archive")):
        page = lxml.html.document_fromstring(one.get(f"{path}?utm_source=letter").text)
        assert page.xpath("//link[@rel='canonical']/@href") == [root + path]
        assert page.xpath("//meta[@name='robots']") == []
