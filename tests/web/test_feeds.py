"""The feed of a search: valid Atom whatever the text, the same entries again, nothing early."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import lxml.html
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from werkzeug.http import http_date

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.engines.whoosh import WhooshEngine
from indexer.release import SEOUL, Section
from indexer.search.service import SearchService
from tests.conftest import ROOT, Clock, release_of
from tests.support.services import index_only, memory_service
from tests.support.web_releases import HANOVER, HOSTILE, OTHERS, RELEASES
from web.app import create_app
from web.site import Site
from web.xml_answers import legal_text

SCHEMA = etree.RelaxNG(etree.parse(ROOT / "tests" / "support" / "atom.rng"))
A = "{http://www.w3.org/2005/Atom}"


def parse(body: bytes) -> etree._Element:
    """The feed, which is valid: by the grammar of RFC 4287, and by what the grammar cannot say."""
    feed = etree.fromstring(body)
    assert SCHEMA.validate(feed), SCHEMA.error_log
    for element in (feed, *feed.iter(f"{A}entry")):
        assert urlsplit(element.findtext(f"{A}id")).scheme
        kinds = [(link.get("rel"), link.get("type")) for link in element.findall(f"{A}link")]
        assert len(kinds) == len(set(kinds))
        assert ("alternate", "text/html") in kinds
    for entry in feed.iter(f"{A}entry"):
        assert entry.findtext(f"{A}author/{A}name")
    ids = [entry.findtext(f"{A}id") for entry in feed.iter(f"{A}entry")]
    assert len(ids) == len(set(ids))
    for moment in (*feed.iter(f"{A}updated"), *feed.iter(f"{A}published")):
        # RFC 3339, which is narrower than xsd:dateTime.
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", moment.text)
    return feed


def read(client: FlaskClient, url: str) -> etree._Element:
    response = client.get(url)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/atom+xml"
    return parse(response.get_data())


def entries(feed: etree._Element) -> list[etree._Element]:
    return list(feed.iter(f"{A}entry"))


def titles(feed: etree._Element) -> list[str]:
    return [entry.findtext(f"{A}title") for entry in entries(feed)]


def link(element: etree._Element, rel: str) -> str | None:
    found = [one.get("href") for one in element.findall(f"{A}link") if one.get("rel") == rel]
    return found[0] if found else None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?q=하노버",
        "?q=산업박람회&outlet=창원특례시&from=2023-01-01",
        "?q=없는말",
        "?q=따옴표",
        "?q=<script>]]>",
    ],
)
def test_a_feed_is_valid(client: FlaskClient, query: str) -> None:
    feed = read(client, f"/feed.atom{query}")
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "ko"


def test_an_entry_says_what_a_release_is(client: FlaskClient) -> None:
    feed = read(client, "/feed.atom?q=하노버 산업박람회&outlet=경남에나뉴스")
    assert feed.findtext(f"{A}title") == "하노버 산업박람회, 경남에나뉴스 - 보도자료 검색"
    assert feed.findtext(f"{A}updated") == "2023-04-25T01:28:00+09:00"
    (entry,) = entries(feed)
    assert entry.findtext(f"{A}title") == HANOVER.title
    assert entry.findtext(f"{A}published") == entry.findtext(f"{A}updated") == "2023-04-25T01:28:00+09:00"
    assert entry.findtext(f"{A}author/{A}name") == "경남에나뉴스"
    assert entry.findtext(f"{A}summary") == HANOVER.subtitle
    address = f"http://localhost/releases/{HANOVER.id}"
    assert (link(entry, "alternate"), link(entry, "via")) == (address, HANOVER.url)


def test_ids_are_the_same_at_another_host(client: FlaskClient) -> None:
    def ids(host: str) -> list[str]:
        feed = parse(client.get("/feed.atom?q=하노버", headers={"Host": host}).get_data())
        return [feed.findtext(f"{A}id"), *(entry.findtext(f"{A}id") for entry in entries(feed))]

    assert ids("a.kr") == ids("b.kr:8000")
    assert len(set(ids("a.kr"))) == len(ids("a.kr"))
    assert all(one.startswith("urn:uuid:") for one in ids("a.kr"))


def test_a_date_without_a_time_is_the_beginning_of_the_day(client: FlaskClient) -> None:
    (entry,) = entries(read(client, "/feed.atom?q=제목:수출상담회"))
    assert OTHERS[1].published_precision == "day"
    assert OTHERS[1].published_at is not None
    assert datetime.fromisoformat(entry.findtext(f"{A}published")) == OTHERS[1].published_at


def test_a_release_without_a_date_is_the_last_and_never_news(client: FlaskClient) -> None:
    *_, last = entries(read(client, "/feed.atom"))
    assert last.findtext(f"{A}title") == HOSTILE.title
    assert datetime.fromisoformat(last.findtext(f"{A}updated")).timestamp() == 0
    assert last.find(f"{A}published") is None
    # Its address is no web address.
    assert link(last, "via") is None


def test_without_a_query_it_has_the_newest_of_the_archive(client: FlaskClient) -> None:
    feed = read(client, "/feed.atom?utm_source=letter")
    assert feed.findtext(f"{A}title") == "보도자료 검색"
    assert len(entries(feed)) == len(RELEASES)
    times = [entry.findtext(f"{A}updated") for entry in entries(feed)]
    assert times == sorted(times, reverse=True)
    assert feed.findtext(f"{A}updated") == times[0]


def test_it_has_the_newest_first_whatever_order_and_length_is_asked_for(client: FlaskClient) -> None:
    plain = client.get("/feed.atom?q=산업박람회")
    times = [entry.findtext(f"{A}updated") for entry in entries(parse(plain.get_data()))]
    assert len(times) == 13
    assert times == sorted(times, reverse=True)
    assert client.get("/feed.atom?limit=1&sort=oldest&exact=1&q=산업박람회").get_data() == plain.get_data()


@pytest.mark.parametrize("q", ["하노바", "하노버 산불", "없는말"])
def test_it_has_only_what_was_asked_for(client: FlaskClient, service: SearchService, q: str) -> None:
    feed = read(client, f"/feed.atom?q={q}")
    assert entries(feed) == []
    assert datetime.fromisoformat(feed.findtext(f"{A}updated")) == service.state().updated_at.replace(
        microsecond=0
    )


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("q=", "검색어가 비어 있습니다"),
        ("outlet=창원특례시", "검색어가 비어 있습니다"),
        ("q=하노버&from=어제", "from=어제"),
        ("q=하노버&sort=best", "sort"),
        ("q=하노버&q=둘", "한 번만"),
        ("q=%ff", "UTF-8"),
        ("q=%00", "NUL"),
    ],
)
def test_a_bad_parameter_is_told_as_on_a_page(client: FlaskClient, query: str, says: str) -> None:
    response = client.get(f"/feed.atom?{query}")
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert says in response.text


@pytest.mark.parametrize("url", ["/feed.atom", "/feed.atom?q=산업박람회"])
def test_who_has_it_is_told_so(client: FlaskClient, url: str) -> None:
    first = client.get(url)
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": date}):
        for accepted in ("", "gzip"):
            again = client.get(url, headers={**headers, "Accept-Encoding": accepted})
            assert (again.status_code, again.get_data()) == (304, b"")
            assert again.headers["ETag"] == tag
    assert (
        client.get(url, headers={"If-None-Match": 'W/"other"', "If-Modified-Since": date}).status_code == 200
    )
    head = client.head(url)
    assert (head.status_code, head.get_data()) == (200, b"")
    assert {name: head.headers[name] for name in ("ETag", "Content-Type", "Content-Length")} == {
        name: first.headers[name] for name in ("ETag", "Content-Type", "Content-Length")
    }


def test_search_engines_are_told_to_leave_it(client: FlaskClient) -> None:
    assert client.get("/feed.atom?q=하노버").headers["X-Robots-Tag"] == "noindex"


def test_entries_are_the_same_after_another_index(changing: tuple[MemoryEngine, FlaskClient]) -> None:
    engine, client = changing
    index_only(engine, RELEASES)
    before = client.get("/feed.atom")
    index_only(engine, reversed(RELEASES))
    assert client.get("/feed.atom").headers["ETag"] == before.headers["ETag"]
    corrected = replace(HANOVER, title="고친 제목", sections=(Section("", ("고친 본문",)),))
    added = release_of("옛 소식", "늦게 들어왔다.", published="1950-01-01T09:00")
    index_only(engine, [corrected, *RELEASES[1:], added])
    after = client.get("/feed.atom", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    old, new = ({one.findtext(f"{A}id"): one.findtext(f"{A}updated") for one in entries(parse(answer.get_data()))}
                for answer in (before, after))  # fmt: skip
    assert old.items() < new.items()
    assert "고친 제목" in titles(parse(after.get_data()))


def test_it_has_at_most_fifty(changing: tuple[MemoryEngine, FlaskClient]) -> None:
    engine, client = changing
    day = datetime(2024, 1, 1, 9)
    index_only(
        engine,
        [release_of(f"소식 {n:02}", f"{n}번째다.", id=str(n), published=(day + timedelta(n)).isoformat()) for n in range(60)],
    )  # fmt: skip
    for url in ("/feed.atom", "/feed.atom?q=소식"):
        assert titles(read(client, url)) == [f"소식 {n:02}" for n in range(59, 9, -1)]


@pytest.mark.parametrize(
    "at", ["1900-01-01T00:00", "1908-03-31T23:59", "1987-06-01T09:00", "2100-12-31T23:59"]
)
def test_any_year_is_written(changing: tuple[MemoryEngine, FlaskClient], at: str) -> None:
    engine, client = changing
    release = release_of("먼 소식", published=at)
    index_only(engine, [release])
    response = client.get("/feed.atom")
    (entry,) = entries(parse(response.get_data()))
    written = datetime.fromisoformat(entry.findtext(f"{A}published"))
    assert release.published_at is not None
    assert abs(written - release.published_at) < timedelta(seconds=1)
    assert response.last_modified is not None
    assert response.last_modified <= datetime.now(SEOUL)


# Controls, non-characters and what would end a text, among any letters that UTF-8 can write.
PIECES = st.sampled_from(["\1", "\x0b", "\x1f", "\x7f", "\x85", "\ufffe", "\uffff", "\r\n", "\u2028", "]]>", "<![CDATA[", "&",
                          "&#0;", "<!--", "<?xml?>", "<b>", '"', "'", "\u202e", "가", " "])  # fmt: skip
TEXTS = st.lists(
    st.one_of(PIECES, st.text(st.characters(exclude_categories=["Cs"]), max_size=3)), max_size=4
).map("".join)
URLS = st.tuples(
    st.sampled_from(["", "javascript:", "data:", "https://", "http://보도.kr/", "https://a.kr:99", "//"]),
    TEXTS,
).map("".join)


@given(texts=st.lists(TEXTS, min_size=6, max_size=6), url=URLS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_breaks_it(
    changing: tuple[MemoryEngine, FlaskClient], analyzer: Analyzer, texts: list[str], url: str
) -> None:
    engine, client = changing
    release = replace(
        release_of(f"소식 {texts[0]}", f"하노버 {texts[1]}"),
        id=f"id{texts[2]}",
        outlet=f"매체{texts[3]}",
        subtitles=(f"부제 {texts[4]}",),
        url=url,
    )
    index_only(engine, [release])
    q = f"소식 | {texts[5]}".replace("\0", "")
    query = urlencode({"q": q, "outlet": release.outlet.replace("\0", "")})
    site = Site(name=texts[5])
    other = create_app(SearchService(engine, analyzer), site).test_client()
    for feed in (read(client, "/feed.atom"), read(other, "/feed.atom"), read(client, f"/feed.atom?{query}")):
        for entry in entries(feed):
            assert entry.findtext(f"{A}title") == legal_text(release.title)
            assert client.get(link(entry, "alternate")).status_code == 200
            assert (link(entry, "via") or "https://").startswith(("http://", "https://"))
        assert client.get(link(feed, "alternate")).status_code == 200
        assert read(client, link(feed, "self") or "") is not None


@given(lifted=st.lists(st.integers(-3, 3), min_size=1, max_size=4), at=st.integers(-4, 4))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_release_is_there_from_its_minute_and_another_feed_then(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer, lifted: list[int], at: int
) -> None:
    base = 4_000_000_000
    clock = Clock(base + at)
    engine = WhooshEngine(tmp_path_factory.mktemp("embargo") / "index", analyzer, clock=clock)
    waiting = [
        release_of(f"소식 {n}", "합병", id=f"w{n}", published="2024-03-02T09:00",
                   embargo_until=datetime.fromtimestamp(base + minute, SEOUL))
        for n, minute in enumerate(lifted)
    ]  # fmt: skip
    with engine.write() as writer:
        writer.put([release_of("소식", "버스", id="public"), *waiting])
        writer.commit({})
    client = create_app(SearchService(engine, analyzer)).test_client()
    tags: dict[tuple[str, int], str] = {}
    for moment in (at, at + 1, at + 2, at):
        clock.at = base + moment
        shown = {"public", *(f"w{n}" for n, minute in enumerate(lifted) if minute <= moment)}
        for url in ("/feed.atom", "/feed.atom?q=소식"):
            response = client.get(url)
            feed = parse(response.get_data())
            found = {(link(entry, "alternate") or "").rpartition("/")[2] for entry in entries(feed)}
            assert found == shown
            # Nothing that waits is told of by its time.
            passed = [base + minute for minute in lifted if minute <= moment]
            newest = datetime.fromisoformat(feed.findtext(f"{A}updated")).timestamp()
            assert newest == max(passed, default=datetime(2024, 1, 1, 9, tzinfo=SEOUL).timestamp())
            # The same releases are the same feed, others another.
            tag = tags.setdefault((url, len(shown)), response.headers["ETag"])
            assert response.headers["ETag"] == tag
    assert len(set(tags.values())) == len(tags)


def test_a_date_tells_of_an_embargo_that_passed_since_the_index_was_made(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = datetime(2024, 6, 1, 9, tzinfo=SEOUL)
    service = memory_service(
        tmp_path, analyzer, [release_of("소식"), release_of("합병 소식", embargo_until=passed)]
    )
    overview = service.overview()
    indexed = replace(overview.index, updated_at=passed - timedelta(days=1))
    monkeypatch.setattr(service, "overview", lambda: replace(overview, index=indexed))
    client = create_app(service).test_client()
    assert client.get("/feed.atom").last_modified == passed
    for seconds, status in ((-1, 200), (0, 304)):
        since = http_date(passed + timedelta(seconds=seconds))
        assert client.get("/feed.atom", headers={"If-Modified-Since": since}).status_code == status


# The pages


def feeds_of(page: str) -> tuple[list[str], list[str]]:
    """The addresses of feeds: in the head, and in links that a reader sees."""
    document = lxml.html.document_fromstring(page)
    return (
        [one.get("href") for one in document.iter("link") if one.get("rel") == "alternate"],
        [one.get("href") for one in document.iter("a") if "구독" in one.text_content()],
    )


def test_a_result_page_leads_to_its_feed(client: FlaskClient) -> None:
    url = "/search?q=산업박람회&outlet=창원특례시&from=2023-01-01&sort=oldest&limit=2"
    ((head,), (seen,)) = feeds_of(client.get(url).text)
    assert head == seen
    query = urlencode({"q": "산업박람회", "outlet": "창원특례시", "from": "2023-01-01"})
    assert head == f"/feed.atom?{query}"
    feed = read(client, head)
    assert len(entries(feed)) == 4
    assert link(feed, "self") == f"http://localhost{head}"


def test_the_feed_of_a_corrected_search_asks_for_what_was_found(client: FlaskClient) -> None:
    (_, (seen,)) = feeds_of(client.get("/search?q=하노바").text)
    assert titles(read(client, seen)) == titles(read(client, "/feed.atom?q=하노버")) != []


def test_the_first_page_leads_to_the_feed_of_all(client: FlaskClient) -> None:
    assert feeds_of(client.get("/").text) == (["/feed.atom"], [])


def test_addresses_are_those_of_the_public_site(service: SearchService) -> None:
    client = create_app(service, Site(name="아카이브", public_url="https://a.kr/archive")).test_client()
    feed = read(client, "/feed.atom?q=하노버")
    addresses = [one.get("href") for one in feed.findall(f"{A}link")]
    addresses += [link(entry, "alternate") or "" for entry in entries(feed)]
    assert all(address.startswith("https://a.kr/archive/") for address in addresses)
    assert feed.findtext(f"{A}title").endswith(" - 아카이브")


def test_the_grammar_refuses_what_is_no_feed() -> None:
    feed = f'<feed xmlns="{A[1:-1]}"><id>a:b</id><title/><updated>{{}}</updated>{{}}</feed>'
    assert SCHEMA.validate(etree.fromstring(feed.format("2024-01-01T09:00:00Z", "")))
    assert not SCHEMA.validate(etree.fromstring(feed.format("2024-01-01", "")))
    assert not SCHEMA.validate(etree.fromstring(feed.format("2024-01-01T09:00:00Z", "<entry/>")))
    assert not SCHEMA.validate(etree.fromstring(feed.format("2024-01-01T09:00:00Z", "<title/>")))
    assert not SCHEMA.validate(etree.fromstring(feed.format("2024-01-01T09:00:00Z", '<link rel="self"/>')))
