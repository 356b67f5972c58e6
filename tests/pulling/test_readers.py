"""Feeds, sitemaps and list pages as sites write them, well and badly."""

from __future__ import annotations

import gzip
import re
from contextlib import suppress
from io import BytesIO

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.pulling.readers.encoding import text_of
from indexer.pulling.readers.feed import read_feed
from indexer.pulling.readers.item import Item, ListingError, id_of_address, web_address
from indexer.pulling.readers.list_page import read_list_page
from indexer.pulling.readers.sitemap import MAX_URLS, read_sitemap

URL = "https://www.example.kr/rss.xml"


def feed(items: str, declaration: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return f'{declaration}<rss version="2.0"><channel><title>시험시</title>{items}</channel></rss>'


def item_of(inner: str) -> Item:
    (item,) = read_feed(feed(f"<item>{inner}</item>").encode(), URL, "시험시")
    return item


def test_an_entry_has_what_the_feed_knows() -> None:
    item = item_of(
        "<title>새 도서관 &amp;lt;개관&amp;gt;</title><link>/news/7?page=3&amp;no=7</link>"
        "<pubDate>Thu, 26 Nov 2026 09:00:00 +0900</pubDate><description>줄인 글</description>"
        '<enclosure url="/files/a.hwp" type="application/octet-stream"/>'
    )
    assert item.title == "새 도서관 <개관>"
    assert item.url == "https://www.example.kr/news/7?page=3&no=7"
    assert item.id == "https://www.example.kr/news/7?no=7"
    assert item.published == "2026-11-26T09:00:00+09:00"
    assert item.files == (("", "https://www.example.kr/files/a.hwp"),)


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("2026-11-26 09:30:00", "2026-11-26T09:30:00+09:00"),
        ("2026-11-26T00:30:00Z", "2026-11-26T09:30:00+09:00"),
        ("Thu, 26 Nov 2026 09:30:00 KST", "2026-11-26T09:30:00+09:00"),
        ("2026.11.26", "2026-11-26"),
        ("어제", ""),
    ],
)
def test_dates_without_a_zone_are_of_seoul(text: str, published: str) -> None:
    assert item_of(f"<title>가</title><link>/1</link><pubDate>{text}</pubDate>").published == published


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("수, 25 11월 2026 09:00:00 +0900", "2026-11-25T09:00:00+09:00"),
        ("수요일, 25 11월 2026 00:00:00 GMT", "2026-11-25T09:00:00+09:00"),
        ("5 1월 2026 09:00:00 +0900", "2026-01-05T09:00:00+09:00"),
        ("수, 25 13월 2026 09:00:00 +0900", ""),
    ],
)
def test_dates_with_korean_names_are_read(text: str, published: str) -> None:
    assert item_of(f"<title>가</title><link>/1</link><pubDate>{text}</pubDate>").published == published


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("&lt;책 읽는 가을&gt; 행사 열어", "<책 읽는 가을> 행사 열어"),
        ("‹책 읽는 가을› 행사", "‹책 읽는 가을› 행사"),
        ("&lt;K-푸드 대전&gt; 개막", "<K-푸드 대전> 개막"),
        ("&lt;A 대학&gt; 개교", "<A 대학> 개교"),
        ("<![CDATA[<책 읽는 가을> 열어]]>", "<책 읽는 가을> 열어"),
        ("&lt;b&gt;새&lt;/b&gt; 도서관&lt;br/&gt;", "새 도서관"),
        ('&lt;font color="red"&gt;새&lt;/font&gt; 도서관', "새 도서관"),
        ("[보도자료] 새 도서관", "새 도서관"),
        ("[보도참고자료]새 도서관", "새 도서관"),
        ("[보도자료]", "[보도자료]"),
    ],
)
def test_words_of_a_title_are_kept_and_its_markup_is_not(written: str, title: str) -> None:
    assert item_of(f"<title>{written}</title><link>/1</link>").title == title


@pytest.mark.parametrize(
    ("author", "outlet", "department"),
    [
        ("행정안전부", "행정안전부", ""),
        ("창원시 공보관", "창원시", "공보관"),
        ("총무과", "", "총무과"),
        ("시민소통담당관", "", "시민소통담당관"),
        # Which of both it is tells whether the issuer is known.
        ("창원문화재단", "창원문화재단", "창원문화재단"),
        ("홍길동", "", ""),
        ("a@example.kr", "", ""),
    ],
)
@pytest.mark.parametrize("tag", ["author", "dc:creator"])
def test_an_author_is_an_issuer_or_a_department(tag: str, author: str, outlet: str, department: str) -> None:
    text = feed(f"<item><title>가</title><link>/1</link><{tag}>{author}</{tag}></item>")
    text = text.replace("<rss ", '<rss xmlns:dc="http://purl.org/dc/elements/1.1/" ')
    (item,) = read_feed(text.encode(), URL, "시험시")
    assert (item.outlet, item.department) == (outlet, department)


@pytest.mark.parametrize(
    ("guid", "link", "identity"),
    [
        ("tag:example.kr,2026:7", "/7", "tag:example.kr,2026:7"),
        ("http://www.example.kr/view?no=7&amp;page=2", "/else", "https://www.example.kr/view?no=7"),
        ("7", "/view;jsessionid=AB12?no=7", "https://www.example.kr/view?no=7"),
        ("7", "", "시험시:7"),
    ],
)
def test_an_id_is_the_guid_or_the_address(guid: str, link: str, identity: str) -> None:
    assert item_of(f"<title>가</title><guid>{guid}</guid><link>{link}</link>").id == identity


def feed_ids(*entries: tuple[str, str, str]) -> list[str]:
    """The ids of entries of title, guid and link."""
    items = "".join(
        f"<item><title>{title}</title><guid>{guid}</guid><link>{link}</link></item>"
        for title, guid, link in entries
    )
    return [item.id for item in read_feed(feed(items).encode(), URL, "시험시")]


@pytest.mark.parametrize(
    "guid", ["http://www.example.kr/", "https://www.example.kr", URL, "tag:example.kr,2026:news"]
)
def test_a_guid_that_all_entries_have_names_none(guid: str) -> None:
    ids = feed_ids(("가", guid, "/view?no=1"), ("나", guid, "/view?no=2"))
    assert ids == ["https://www.example.kr/view?no=1", "https://www.example.kr/view?no=2"]


def test_a_release_that_a_feed_lists_twice_is_one() -> None:
    guid = "https://www.example.kr/view?no=1"
    assert len(set(feed_ids(("가", guid, "/view?no=1&amp;cat=2"), ("가", guid, "/view?no=1&amp;cat=3")))) == 1
    assert len(set(feed_ids(("가", guid, "/view?no=1"), ("가(정정)", guid, "/view?no=1")))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("q.php?1000", "q.php?1001"),
        ("q.php?1000=", "q.php?1001="),
        ("q.php?1000&cat", "q.php?1001&cat"),
        # 가 and 나 in EUC-KR.
        ("view?f=%B0%A1", "view?f=%B3%AA"),
        ("view?%B0%A1=1", "view?%B3%AA=1"),
        ("view?f=a%26b=1", "view?f=a&b=1"),
        ("view?f=1+2", "view?f=1%2B2"),
    ],
)
def test_different_addresses_are_different_releases(one: str, other: str) -> None:
    assert id_of_address(f"https://a.example/{one}") != id_of_address(f"https://a.example/{other}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("view?no=7&page=2", "view?no=7"),
        ("view?no=7&cat=", "view?no=7"),
        ("view?no=7&&", "view?no=7"),
        ("view?f=%b0%a1", "view?f=%B0%A1"),
        ("view?f=가 나", "view?f=%EA%B0%80+%EB%82%98"),
        ("view?no=7&%70age=2", "view?no=7"),
    ],
)
def test_the_same_page_has_one_id_however_it_is_written(one: str, other: str) -> None:
    assert id_of_address(f"https://a.example/{one}") == id_of_address(f"https://a.example/{other}")


def test_an_entry_without_an_address_is_kept_under_the_name_of_its_source() -> None:
    item = item_of('<title>가</title><guid isPermaLink="false">7</guid><description>글</description>')
    assert (item.id, item.url, item.content) == ("시험시:7", "", "글")
    assert read_feed(feed("<item><title>가</title></item>").encode(), URL, "시험시") == []


def test_an_entry_changes_its_stamp_with_its_words() -> None:
    first = item_of("<title>가</title><link>/1</link><description>하나</description>")
    assert first.stamp == item_of("<title>가</title><link>/1</link><description>하나</description>").stamp
    assert first.stamp != item_of("<title>가</title><link>/1</link><description>둘</description>").stamp


@pytest.mark.parametrize("declared", ["utf-8", "euc-kr", "EUC-KR", "ks_c_5601-1987", "windows-1252", ""])
@pytest.mark.parametrize("written", ["utf-8", "cp949", "utf-16", "utf-8-sig"])
def test_the_encoding_may_be_told_wrongly(declared: str, written: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = feed("<item><title>똠방각하 새 도서관 문 열어</title><link>/1</link></item>", declaration)
    if (declared, written) == ("windows-1252", "cp949"):
        # The one lie that cannot be told from a truth.
        return
    (item,) = read_feed(text.encode(written), URL, "시험시")
    assert item.title == "똠방각하 새 도서관 문 열어"


def test_control_characters_and_broken_xml_do_not_lose_the_feed() -> None:
    text = feed(
        "<item><title>첫째\x0b</title><link>/1</link></item><item><title>둘째 & 셋째</title><link>/2</link></item>"
    )
    assert [item.title for item in read_feed(text.encode(), URL, "시험시")] == ["첫째", "둘째 & 셋째"]


def test_a_feed_reads_no_file_and_unfolds_no_entity(tmp_path: object) -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "ha"><!ENTITY x SYSTEM "file:///etc/passwd">{bomb}]>'
    text = feed("<item><title>&a9;&x;가</title><link>/1</link></item>", doctype)
    try:
        items = read_feed(text.encode(), URL, "시험시")
    except ListingError:
        return
    assert all(len(item.title) < 1_000 and "root:" not in item.title for item in items)


@pytest.mark.parametrize(
    "prolog",
    [
        "\n" * 300_000,
        "<!-- <rss> -->" * 10_000,
        "<?xml-stylesheet?>\n" * 10_000,
        "<!DOCTYPE rss [" + "<!ENTITY a '<b>'>" * 10_000 + "] >",
        "<!DOCTYPE[" * 30_000,
        "<!DOCTYPE\n" * 30_000,
        "Warning: mysql_connect() in /a.php\n" * 10_000,
    ],
    ids=["lines", "comments", "instructions", "entities", "types", "open types", "words"],
)
def test_what_stands_before_a_feed_never_reaches_the_library(
    prolog: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []
    parse = feedparser.parse

    def spy(stream: BytesIO, **named: object) -> object:
        read.append(stream.getvalue())
        return parse(stream, **named)

    monkeypatch.setattr(feedparser, "parse", spy)
    text = prolog + feed("<item><title>가</title><link>/1</link></item>", "")
    assert [item.title for item in read_feed(text.encode(), URL, "시험시")] == ["가"]
    assert read[0].startswith(b"<rss ")
    assert len(read[0]) < 300


def test_bytes_are_never_the_name_of_a_file() -> None:
    with pytest.raises(ListingError):
        read_feed(b"/etc/passwd", URL, "시험시")
    with pytest.raises(ListingError):
        read_feed(b"https://www.example.kr/other.xml", URL, "시험시")


def sitemap(*urls: str, more: str = "") -> bytes:
    entries = "".join(f"<url><loc>{url}</loc>{more}</url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()


def test_a_sitemap_is_filtered_and_the_newest_come_first() -> None:
    text = (
        "<urlset><url><loc>https://a.example/press/1</loc><lastmod>2026-01-02</lastmod></url>"
        "<url><loc> https://a.example/about </loc></url>"
        "<url><loc>https://a.example/press/2</loc><lastmod>2026-11-26T09:00:00+09:00</lastmod></url></urlset>"
    )
    found = read_sitemap(text.encode(), "https://a.example/sitemap.xml", include=re.compile("/press/"))
    assert [item.url for item in found.items] == ["https://a.example/press/2", "https://a.example/press/1"]
    assert len({item.stamp for item in found.items}) == 2
    packed = read_sitemap(gzip.compress(text.encode()), "https://a.example/sitemap.xml.gz")
    assert len(packed.items) == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html></html>",
        b"\x1f\x8b broken",
        gzip.compress(b"0" * 60_000_000),
        b'<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>',
    ],
    ids=["empty", "page", "broken", "bomb", "entity"],
)
def test_what_is_no_sitemap_is_refused(data: bytes) -> None:
    with pytest.raises(ListingError):
        read_sitemap(data, "https://a.example/sitemap.xml")


def test_a_sitemap_has_as_many_addresses_as_the_protocol_allows() -> None:
    data = sitemap(*(f"https://a.example/{number}" for number in range(MAX_URLS + 10)))
    assert len(read_sitemap(data, "https://a.example/").items) == MAX_URLS


LIST = """<table>
<tr><td><a href="view.do?nttNo=1&pageIndex=1" title="첫째 소식">첫째…</a></td></tr>
<tr><td><a href="javascript:void(0)" onclick="fn_view('2', 'B01'); return false;">둘째 소식</a></td></tr>
<tr><td><a href="mailto:a@b.example">전자우편</a> <a href="#top">위로</a></td></tr>
</table><a class="next" href="list.do?pageIndex=2">다음</a>"""
LIST_URL = "https://www.example.kr/news/list.do?pageIndex=1"


def test_links_are_chosen_by_selector_and_pattern() -> None:
    items, following = read_list_page(LIST.encode(), LIST_URL, links="table td", next_links="a.next")
    assert [(item.url, item.title) for item in items] == [
        ("https://www.example.kr/news/view.do?nttNo=1&pageIndex=1", "첫째 소식")
    ]
    assert items[0].id == "https://www.example.kr/news/view.do?nttNo=1"
    assert following == "https://www.example.kr/news/list.do?pageIndex=2"
    items, following = read_list_page(LIST.encode(), LIST_URL, link_pattern=re.compile(r"nttNo=\d+"))
    assert (len(items), following) == (1, "")


def test_a_link_of_script_leads_where_the_source_says() -> None:
    items, _ = read_list_page(
        LIST.encode("cp949"), LIST_URL, links="table a", charset="cp949",
        link_pattern=re.compile(r"fn_view\('(\d+)', '(\w+)'\)"),
        link_url="https://www.example.kr/news/view.do?board={1}&no={0}",
    )  # fmt: skip
    assert [(item.url, item.title) for item in items] == [
        ("https://www.example.kr/news/view.do?board=B01&no=2", "둘째 소식")
    ]


def test_a_template_reaches_nothing_but_its_groups() -> None:
    items, _ = read_list_page(
        LIST.encode(), LIST_URL, links="a", link_pattern=re.compile(r"fn_view\('(\d+)'"),
        link_url="https://www.example.kr/{0.__class__}/{1}",
    )  # fmt: skip
    assert items == []


@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_or_refused(data: bytes) -> None:
    for read in (
        lambda: read_feed(data, URL, "시험시"),
        lambda: read_sitemap(data, URL),
        lambda: read_list_page(data, URL, links="a"),
        lambda: text_of(data),
    ):
        with suppress(ListingError):
            read()


@given(st.text(max_size=80))
def test_an_address_is_of_the_web_or_none(text: str) -> None:
    for address in (web_address(text), web_address(text, URL)):
        assert not address or address.startswith(("http://", "https://"))
        assert "#" not in address
        assert not address or id_of_address(address).startswith("https://")
        assert not address or id_of_address(address) == id_of_address(address)
