"""The pages: what they show, where their links lead, and that hostile documents stay text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from itertools import repeat
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import lxml.html
import pytest
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.release import PressRelease, Section
from indexer.search.cursor import write_cursor
from indexer.search.request import SearchRequest
from indexer.search.rerank import Place
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.services import expired_cursor, index_only, memory_service
from tests.support.web_releases import HANOVER, HOSTILE, RELEASES
from web.app import create_app
from web.formats import korean_date
from web.navigation import release_url

HOSTILE_PATH = "/releases/" + quote(HOSTILE.id, safe="")


class Reader(HTMLParser):
    """The tags, links and marked words of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.links: dict[str, str] = {}
        self.marked: list[str] = []
        self._open: list[str] = []
        self._href: str | None = None
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._open.append(tag)
        if tag == "a":
            self._href, self._text = dict(attrs)["href"], ""

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass
        if tag == "a" and self._href is not None:
            self.links[" ".join(self._text.split())] = self._href

    def handle_data(self, data: str) -> None:
        self._text += data
        if "mark" in self._open:
            self.marked.append(data)

    def link(self, text: str) -> str:
        return next(href for label, href in self.links.items() if label.startswith(text))


def read(client: FlaskClient, url: str, status: int = 200) -> tuple[str, Reader]:
    response = client.get(url)
    page = response.get_data(as_text=True)
    assert response.status_code == status, page
    assert response.mimetype == "text/html"
    assert '<html lang="ko">' in page
    return page, Reader(page)


def arguments(href: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(href).query, strict_parsing=True)


def test_home_shows_the_number_and_the_newest(client: FlaskClient, service: SearchService) -> None:
    page, reader = read(client, "/")
    assert f"{len(RELEASES)}건" in page
    assert f"{korean_date(service.state().updated_at)}</time> 갱신" in page
    assert reader.link("홍남표 창원특례시장") == f"/releases/{HANOVER.id}"
    assert '<time datetime="2023-04-25T01:28:00+09:00">2023. 4. 25. 01:28</time>' in page


def client_of(folder: Path, analyzer: Analyzer, *releases: PressRelease) -> FlaskClient:
    return create_app(memory_service(folder, analyzer, releases)).test_client()


def test_home_of_an_empty_index_says_what_to_run(tmp_path: Path, analyzer: Analyzer) -> None:
    page, _ = read(client_of(tmp_path, analyzer), "/")
    assert "bodo reindex" in page
    assert "최근 보도자료" not in page


def test_results_show_every_part_of_a_hit(client: FlaskClient) -> None:
    page, reader = read(client, "/search?q=하노버 산업박람회")
    assert "2건" in page
    assert {"하노버", "산업박람회"} <= set(reader.marked)
    assert "경남에나뉴스" in page
    assert "이도균 기자" in page
    assert 'value="하노버 산업박람회"' in page
    assert arguments(reader.link("홍남표"))["q"] == ["하노버 산업박람회"]


def test_a_date_without_a_time_shows_none(client: FlaskClient) -> None:
    page, _ = read(client, "/search?q=중소기업 수출상담회")
    assert '<time datetime="2024-02-10">2024. 2. 10.</time>' in page


def test_every_page_of_a_result_is_reached_by_its_links(client: FlaskClient) -> None:
    seen: list[str] = []
    url: str | None = "/search?q=산업박람회&sort=oldest&limit=5"
    pages = 0
    while url:
        _, reader = read(client, url)
        seen += [urlsplit(href).path for href in reader.links.values() if href.startswith("/releases/")]
        url = reader.links.get("다음 결과")
        pages += 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 13
    assert arguments(reader.links["처음으로"]) == {"q": ["산업박람회"], "sort": ["oldest"], "limit": ["5"]}


def test_sorting_keeps_the_query_and_drops_the_page(client: FlaskClient) -> None:
    _, reader = read(client, "/search?q=산업박람회&outlet=창원특례시&limit=2")
    _, reader = read(client, reader.links["다음 결과"])
    assert arguments(reader.links["최신순"]) == {
        "q": ["산업박람회"],
        "outlet": ["창원특례시"],
        "sort": ["newest"],
        "limit": ["2"],
    }


def test_facets_narrow_and_filters_widen(client: FlaskClient) -> None:
    _, reader = read(client, "/search?q=산업박람회")
    narrowed = reader.link("2023년")
    assert arguments(narrowed) == {"q": ["산업박람회"], "from": ["2023-01-01"], "to": ["2023-12-31"]}

    _, reader = read(client, narrowed)
    both = reader.link("창원특례시")
    page, reader = read(client, both)
    assert "2건" in page
    assert arguments(reader.links["창원특례시 × 조건 빼기"]) == arguments(narrowed)
    assert arguments(reader.links["2023년 × 조건 빼기"]) == {"q": ["산업박람회"], "outlet": ["창원특례시"]}
    assert arguments(reader.links["모두 빼기"]) == {"q": ["산업박람회"]}
    assert not any(label.startswith("2023년 2") for label in reader.links)


def test_searching_again_keeps_the_filters(client: FlaskClient, service: SearchService) -> None:
    request = SearchRequest(
        q="산업박람회", filters={"outlet": ("가", "나")}, published_from=date(2023, 4, 25), limit=20
    )
    cursor = write_cursor(request, service.state().generation, Place())
    page, _ = read(
        client, f"/search?q=산업박람회&outlet=가&outlet=나&from=2023-04-25&limit=20&cursor={cursor}"
    )
    hidden = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', page)
    assert hidden == [("outlet", "가"), ("outlet", "나"), ("from", "2023-04-25"), ("limit", "20")]


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("from=2023-04-01&to=2023-05-02", "2023. 4. 1. ~ 2023. 5. 2."),
        ("from=2023-04-01", "2023. 4. 1.부터"),
        ("to=2023-05-02", "2023. 5. 2.까지"),
    ],
)
def test_any_period_can_be_taken_off(client: FlaskClient, query: str, label: str) -> None:
    _, reader = read(client, f"/search?q=없는말&{query}")
    assert arguments(reader.links[f"{label} × 조건 빼기"]) == {"q": ["없는말"]}


def test_nothing_found_says_what_to_try(client: FlaskClient) -> None:
    page, reader = read(client, "/search?q=없는말&outlet=창원특례시")
    assert "찾지 못했습니다" in page
    assert arguments(reader.link("조건을 모두 빼고")) == {"q": ["없는말"]}


def test_a_corrected_reading_is_told(client: FlaskClient) -> None:
    page, reader = read(client, "/search?q=하노바")
    assert "<strong>하노바</strong>에 맞는 보도자료가 없어 <strong>하노버</strong>로 찾았습니다." in page
    assert arguments(reader.links["그대로 찾기"]) == {"q": ["하노바"], "exact": ["1"]}


def test_a_relaxed_reading_is_told(client: FlaskClient) -> None:
    page, reader = read(client, "/search?q=하노버 산불")
    assert "일부가 들어 있는" in page
    assert arguments(reader.links["모두 든 것만 찾기"]) == {"q": ["하노버 산불"], "exact": ["1"]}
    assert arguments(reader.links["산불"]) == {"q": ["산불"]}


def test_releases_with_some_of_the_words_stand_apart(client: FlaskClient) -> None:
    page, _ = read(client, "/search?q=하노버 산업박람회")
    whole, partial = page.split("낱말 일부가 들어 있는 보도자료")
    assert HANOVER.title in re.sub("</?mark>", "", whole)
    assert "산불" not in whole
    assert "봄철 산불 예방" in partial


def test_a_stranger_parameter_does_not_stop_a_visitor(client: FlaskClient) -> None:
    read(client, "/search?q=하노버&utm_source=letter")


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("", 400, "검색어가 비어 있습니다"),
        ("q=하노버&from=어제", 400, "from=어제"),
        (f"q=하노버&cursor={expired_cursor('하노버')}", 410, "첫 쪽부터 다시 보기"),
        ("q=%ff", 400, "UTF-8"),
        ("q=%00", 400, "NUL"),
    ],
)
def test_an_error_page_keeps_the_box(client: FlaskClient, query: str, status: int, says: str) -> None:
    page, reader = read(client, f"/search?{query}", status)
    assert says in page
    assert ("name", "q") in reader.attributes
    assert ("하노버" in page) == ("하노버" in query)


def test_an_unexpected_error_keeps_the_box_too(
    client: FlaskClient, service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: SearchRequest) -> None:
        raise ZeroDivisionError("비밀스러운 내부 사정")

    monkeypatch.setattr(service, "search", fail)
    page, reader = read(client, "/search?q=하노버", 500)
    assert "오류가 났습니다" in page
    assert ("value", "하노버") in reader.attributes
    assert "비밀" not in page


def test_an_unknown_page_is_not_found(client: FlaskClient) -> None:
    for path in ("/nothing", "/releases/nothing", "/releases/nothing?q=하노버", "/static/nothing.css"):
        read(client, path, 404)


def test_another_method_is_refused(client: FlaskClient) -> None:
    response = client.post("/search")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_without_an_index_pages_say_so_and_nothing_of_the_server(tmp_path: Path, analyzer: Analyzer) -> None:
    client = create_app(SearchService(MemoryEngine(tmp_path / "srv", analyzer), analyzer)).test_client()
    for path in ("/", "/search?q=하노버"):
        page, _ = read(client, path, 503)
        assert "지금은 색인을 열 수 없습니다." in page
        assert "srv" not in page
        assert "reindex" not in page


def test_where_time_ran_out_it_is_said(client: FlaskClient, tmp_path: Path, analyzer: Analyzer) -> None:
    # Of more words than are searched for whatever the time.
    url = "/search?q=홍남표 창원특례시장 독일 출장 힌트 성과 국가산단 혁신 하노버 산업박람회"

    def page_of(steps: int) -> str:
        in_time = repeat(False, steps)
        service = memory_service(
            tmp_path, analyzer, RELEASES, start_clock=lambda: lambda: next(in_time, True)
        )
        return read(create_app(service).test_client(), url)[0]

    pages = [page_of(steps) for steps in range(0, 100, 20)]
    assert all(("시간이 모자라 일부만 찾았습니다." in page) == ("적어도" in page) for page in pages)
    assert "적어도 0건" in pages[0]
    assert any("적어도 1건" in page for page in pages)
    page, _ = read(client, url)
    assert "모자라" not in page
    assert "적어도" not in page


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
@example("/lead")
@example("a\nb")
@example("\r\n//")
@example("a/")
@example("\u2028\0 ?#%2F")
def test_any_id_has_a_page_at_its_link(changing: tuple[MemoryEngine, FlaskClient], release_id: str) -> None:
    engine, client = changing
    index_only(engine, [release_of("제목이다", id=release_id)])
    response = client.get(release_url(release_id, {"q": "제목"}))
    assert response.status_code == 200
    assert "제목이다" in response.get_data(as_text=True)


def test_a_release_is_shown_whole(client: FlaskClient) -> None:
    page, reader = read(client, f"/releases/{HANOVER.id}?q=하노버&outlet=경남에나뉴스&sort=newest")
    text = lxml.html.document_fromstring(page).text_content()
    for part in (HANOVER.title, *HANOVER.subtitles, *HANOVER.body.split("\n"), "이도균", "보도자료.hwp"):
        assert part in text
    headings = [heading.text_content() for heading in lxml.html.document_fromstring(page).iter("h2")]
    assert HANOVER.headings[0] in headings
    assert reader.links[HANOVER.url] == HANOVER.url
    assert reader.links["하노버 산업박람회 사진.zip"] == "https://news.example/photos.zip"
    assert "3.2 MB" in page
    assert arguments(reader.link("← ‘하노버’")) == {
        "q": ["하노버"],
        "outlet": ["경남에나뉴스"],
        "sort": ["newest"],
    }


def test_a_release_reached_directly_has_no_way_back(client: FlaskClient) -> None:
    page, _ = read(client, f"/releases/{HANOVER.id}")
    assert "검색 결과로" not in page


def test_a_release_says_where_its_fields_were_found(client: FlaskClient) -> None:
    page, reader = read(client, f"/releases/{HANOVER.id}")
    shown = unescape(page).split("이 값들을 찾은 자리")[1]
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", shown) == [
        ("제목", "머리의 26pt ‘홍남표 창원특례시장’"), ("배포 시각", "글의 머리와 꼬리"),
    ]  # fmt: skip
    assert ("open", None) not in reader.attributes
    assert "찾은 자리" not in read(client, f"/releases/{RELEASES[-1].id}")[0]


def test_a_release_without_a_body_says_so(tmp_path: Path, analyzer: Analyzer) -> None:
    bare = replace(HANOVER, id="bare", sections=())
    page, _ = read(client_of(tmp_path, analyzer, bare), "/releases/bare")
    assert "본문이 없습니다" in page


def test_the_rows_of_a_table_stand_in_the_text_without_a_heading(tmp_path: Path, analyzer: Analyzer) -> None:
    sections = (
        Section("", ("첫 쪽이다.",), page=1),
        Section("", ("구분 | 수",), page=1, table=1),
        Section("", ("둘째 쪽이다.",), page=2),
    )
    made = replace(HANOVER, id="tables", sections=sections, attachments=())
    page, _ = read(client_of(tmp_path, analyzer, made), "/releases/tables")
    assert re.findall(r"<p(?: class=\"row\")?>[^<]*</p>", page)[:3] == [
        "<p>첫 쪽이다.</p>", '<p class="row">구분 | 수</p>', "<p>둘째 쪽이다.</p>",
    ]  # fmt: skip
    assert "<h2" not in page


@pytest.mark.parametrize("path", ["/search?q=<script>", "/search?q=하노버", HOSTILE_PATH + "?q=<script>"])
def test_hostile_documents_stay_text(client: FlaskClient, path: str) -> None:
    page, reader = read(client, path)
    assert not {"b", "i", "u"} & set(reader.tags)
    assert reader.tags.count("script") == (2 if path.startswith("/releases/") else 1)  # ours, and JSON-LD
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name == "style"]
    assert not [value for _, value in reader.attributes if (value or "").strip().startswith("javascript:")]
    assert "alert('제목')" in unescape(page)
    assert "{{ 7 * 7 }}" in unescape(page)


def test_a_hostile_id_is_reached_by_its_link(client: FlaskClient) -> None:
    _, reader = read(client, "/search?q=따옴표")
    page, _ = read(client, reader.link("<script>alert('제목')"))
    assert "alert('본문')" in unescape(page)


@pytest.mark.parametrize(
    "path", ["/", "/search?q=하노버", "/search", "/api/v1/search?q=가", "/api/no", "/static/bodo.css"]
)
def test_security_headers_are_on_every_answer(client: FlaskClient, path: str) -> None:
    with client.get(path) as response:
        headers = response.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-cache"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_synonyms_that_applied_are_said(client: FlaskClient) -> None:
    page = client.get("/search?q=창원시").get_data(as_text=True)
    assert "<strong>창원시</strong>와 같은 말 <strong>창원특례시</strong>도 찾았습니다." in page
