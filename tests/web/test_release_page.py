"""One release: marked, to cite, to go on from, and as other programs read it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from flask.testing import FlaskClient

from indexer.analysis import Analyzer
from indexer.errors import Busy
from indexer.release import PressRelease, Section
from indexer.search.citation import cite
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.pages import link, read, text_of
from tests.support.services import memory_service
from tests.support.web_releases import HANOVER
from web.app import create_app


def client_of(folder: Path, analyzer: Analyzer, *releases: PressRelease) -> FlaskClient:
    return create_app(memory_service(folder, analyzer, releases)).test_client()


def test_each_text_with_marks_leads_to_the_next(client: FlaskClient) -> None:
    page = read(client, f"/releases/{HANOVER.id}?q=하노버")
    marks = list(page.iter("mark"))
    named = [mark for mark in marks if mark.get("id")]
    texts = [
        one
        for one in page.cssselect("article h1, .standfirst, .body h2, .body p")
        if one.find("mark") is not None
    ]
    assert [mark.get("id") for mark in named] == [f"m{number}" for number in range(1, len(texts) + 1)]
    assert [mark.getparent() for mark in named] == texts
    ways = page.cssselect("a.next-mark")
    assert [way.getparent() for way in ways] == texts
    assert [way.get("href") for way in ways] == [
        *(f"#m{number}" for number in range(2, len(texts) + 1)), "#m1",
    ]  # fmt: skip
    assert ways[0].get("aria-label") == f"다음 찾은 곳 (2/{len(texts)})"
    (first,) = page.cssselect("a.first-mark")
    assert (first.get("href"), text_of(first)) == ("#m1", f"찾은 곳 {len(marks)}군데 ↓")


def test_without_a_query_nothing_is_marked(client: FlaskClient) -> None:
    page = read(client, f"/releases/{HANOVER.id}")
    assert not list(page.iter("mark"))
    assert not page.cssselect("nav.back")


def test_marks_of_one_text_lead_nowhere(tmp_path: Path, analyzer: Analyzer) -> None:
    page = read(
        client_of(tmp_path, analyzer, release_of("하노버와 하노버", "박람회", id="a")), "/releases/a?q=하노버"
    )
    assert len(list(page.iter("mark"))) == 2
    assert not page.cssselect("a.next-mark")


def test_it_leads_to_the_issuers_others_and_to_similar_ones(tmp_path: Path, analyzer: Analyzer) -> None:
    releases = [
        replace(
            release_of(
                f"수소 버스 {day}일째", "수소 버스가 달렸다.", id=f"r{day}", published=f"2024-03-0{day}"
            ),
            outlet="창원시",
        )
        for day in range(1, 4)
    ]
    other = replace(release_of("산불 조심", "산불을 조심하자.", id="x"), outlet="산림청")
    page = read(client_of(tmp_path, analyzer, *releases, other), "/releases/r2")
    neighbours = page.cssselect(".neighbours a")
    assert [(a.get("rel"), a.get("href")) for a in neighbours] == [
        ("next", "/releases/r3"),
        ("prev", "/releases/r1"),
    ]
    similar = {a.get("href") for a in page.cssselect(".onward:not(.neighbours) a")}
    assert similar == {"/releases/r1", "/releases/r3"}


def test_a_reader_does_not_wait_for_similar_ones(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: SearchService, release_id: str, limit: int) -> None:
        raise Busy("많습니다.", "나중에")

    monkeypatch.setattr(SearchService, "similar", busy)
    assert text_of(read(client, f"/releases/{HANOVER.id}").find(".//h1")) == HANOVER.title


def test_it_is_cited(client: FlaskClient) -> None:
    page = read(client, f"/releases/{HANOVER.id}?q=스마트팩토리")
    (citation,) = page.cssselect(".citation p:first-of-type")
    assert (
        text_of(citation)
        == f"경남에나뉴스, 「{HANOVER.title}」, 보도자료, 2023. 4. 25., https://news.example/hanover"
    )
    href = link(page, "찾은 대목을 가리키는 주소")
    address, _, directive = href.partition("#:~:text=")
    assert address == f"http://localhost/releases/{HANOVER.id}"
    start, end = (unquote(part) for part in directive.split(","))
    paragraph = HANOVER.sections[0].paragraphs[0]
    assert paragraph.startswith(start)
    assert paragraph.endswith(end)


def test_what_is_unknown_is_not_cited() -> None:
    bare = PressRelease(id="a", title="제목", url="javascript:alert(1)")
    assert cite(bare, "https://a.example/releases/a") == "「제목」, 보도자료, https://a.example/releases/a"


def test_syntax_of_a_fragment_is_encoded(tmp_path: Path, analyzer: Analyzer) -> None:
    client = client_of(tmp_path, analyzer, release_of("제목", "A-B, C&D #하노버", id="a"))
    href = link(read(client, "/releases/a?q=하노버"), "찾은 대목을 가리키는 주소")
    directive = href.partition("#:~:text=")[2]
    assert not set("-,&#") & set(directive)
    assert unquote(directive) == "A-B, C&D #하노버"


def test_a_passage_is_one_that_is_found_nowhere_else(tmp_path: Path, analyzer: Analyzer) -> None:
    title = "하노버 산업박람회에 간 창원시"
    body = Section("", (title, "둘째 문단이다.", "하노버가 든 문단이다."))
    releases = [
        replace(release_of(title, id="a"), sections=(body,)),
        replace(release_of("제목", id="b"), sections=()),
        replace(release_of("하노버", id="c"), sections=(Section("", ("첫 문단이다.",)),)),
    ]
    client = client_of(tmp_path, analyzer, *releases)
    href = link(read(client, "/releases/a?q=하노버"), "찾은 대목을 가리키는 주소")
    assert unquote(href.partition("#:~:text=")[2]) == "하노버가 든 문단이다."
    href = link(read(client, "/releases/a"), "첫 대목을 가리키는 주소")
    assert unquote(href.partition("#:~:text=")[2]) == "둘째 문단이다."
    # The title is found, but no passage.
    link(read(client, "/releases/c?q=하노버"), "첫 대목을 가리키는 주소")
    assert len(read(client, "/releases/b").cssselect(".citation p")) == 1


def test_a_description_does_not_begin_with_the_title(tmp_path: Path, analyzer: Analyzer) -> None:
    title = "하노버 산업박람회에 간 창원시"
    body = Section("", (f"< {title} >", "둘째 문단이다."))
    client = client_of(tmp_path, analyzer, replace(release_of(title, id="a"), sections=(body,)))
    (description,) = read(client, "/releases/a").cssselect("meta[name=description]")
    assert description.get("content") == "둘째 문단이다."


@pytest.mark.parametrize(
    "query", ["q=", "q=%20", "q=창원&q=축제", "q=창원&sort=zz", "q=창원&limit=0", "q=" + "가" * 2_100]
)
def test_an_address_that_names_no_search_leads_nowhere(client: FlaskClient, query: str) -> None:
    page = read(client, f"/releases/{HANOVER.id}?{query}")
    assert not page.cssselect("nav.back")


def test_other_programs_read_what_it_is(client: FlaskClient) -> None:
    page = read(client, f"/releases/{HANOVER.id}?q=하노버")
    (block,) = page.cssselect('script[type="application/ld+json"]')
    article = json.loads(block.text)
    assert article["@type"] == "NewsArticle"
    assert article["headline"] == HANOVER.title
    assert article["datePublished"] == "2023-04-25T01:28:00+09:00"
    assert article["isBasedOn"] == HANOVER.url
    assert article["publisher"] == {"@type": "Organization", "name": "경남에나뉴스"}
    (canonical,) = page.cssselect("link[rel=canonical]")
    assert article["mainEntityOfPage"] == canonical.get("href") == f"http://localhost/releases/{HANOVER.id}"
    meta = {one.get("property"): one.get("content") for one in page.cssselect("meta[property]")}
    assert meta["og:type"] == "article"
    assert meta["og:title"] == HANOVER.title
    assert meta["og:url"] == canonical.get("href")
    assert meta["article:published_time"] == "2023-04-25T01:28:00+09:00"
    assert len(page.cssselect("meta[name=description]")[0].get("content")) <= 160


def test_a_search_with_filters_is_come_back_to(client: FlaskClient) -> None:
    results = read(client, "/search?q=하노버&outlet=경남에나뉴스&sort=newest&from=2023-01-01")
    release = read(client, results.cssselect("ol.ledger h2 a")[0].get("href"))
    back = urlsplit(link(release, "← ‘하노버’ 검색 결과로"))
    titles = [
        [text_of(h2) for h2 in page.cssselect("ol.ledger h2")]
        for page in (results, read(client, back.geturl()))
    ]
    assert titles[0] == titles[1]
