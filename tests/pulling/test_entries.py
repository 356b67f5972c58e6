"""Feeds whose entries have the whole text, documents behind links, and encodings that only a header tells."""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path

import pytest

from indexer.release import SEOUL
from tests.support.documents import hwpx, paragraph
from tests.support.pulls import Puller, page
from tests.support.site_answers import Page
from tests.support.sites import Site

BODY = "<p>창원특례시는 새 도서관을 열었다고 밝혔다.</p><p>책은 10만 권이다.</p>"


def rss(site: Site, inner: str, *, encoding: str = "utf-8") -> None:
    text = (
        f'<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>시험시</title><item>{inner}</item></channel></rss>"
    )
    site.pages["/rss.xml"] = Page(text.encode(encoding), f"application/rss+xml; charset={encoding}")


def test_an_entry_with_its_text_and_no_page_is_kept(site: Site, tmp_path: Path) -> None:
    rss(
        site,
        "<title>새 도서관 문 열어</title><guid isPermaLink='false'>n-7</guid>"
        "<pubDate>Thu, 26 Nov 2026 09:00:00 +0900</pubDate>"
        f"<description>줄인 글</description><content:encoded>{escape(BODY)}<![CDATA[<script>alert(1)</script>]]></content:encoded>",
    )
    puller = Puller(site, tmp_path, more='outlet = "시험시"')
    report = puller.pull()
    assert (report.new, report.refused) == (1, [])
    (release,) = puller.releases().values()
    assert (release.id, release.title, release.outlet) == ("시험시:n-7", "새 도서관 문 열어", "시험시")
    assert release.published_at == datetime(2026, 11, 26, 9, tzinfo=SEOUL)
    assert release.body == "창원특례시는 새 도서관을 열었다고 밝혔다.\n책은 10만 권이다."
    before = puller.stamps()
    assert (puller.pull().new, puller.stamps()) == (0, before)


def test_a_source_may_say_that_the_entry_is_enough(site: Site, tmp_path: Path) -> None:
    rss(
        site,
        f"<title>새 도서관 문 열어</title><link>{site.url}/7</link><content:encoded>{escape(BODY)}</content:encoded>",
    )
    puller = Puller(site, tmp_path, more="follow = false")
    assert puller.pull().new == 1
    assert site.paths() == ["/rss.xml"]
    (release,) = puller.releases().values()
    assert release.url == f"{site.url}/7"


def test_the_entry_states_an_embargo(site: Site, tmp_path: Path) -> None:
    body = "<p>보도시점: 2026. 11. 28.(토) 12:00</p>" + BODY
    rss(
        site,
        f"<title>새 도서관 문 열어</title><guid>n-7</guid><content:encoded>{escape(body)}</content:encoded>",
    )
    puller = Puller(site, tmp_path, more="follow = false")
    puller.pull()
    (release,) = puller.releases().values()
    assert release.embargo_until == datetime(2026, 11, 28, 12, tzinfo=SEOUL)


@pytest.mark.parametrize("path", ["/files/7.hwpx", "/download.do?no=7"])
def test_a_link_may_lead_to_a_document(path: str, site: Site, tmp_path: Path) -> None:
    document = hwpx(
        paragraph("새 도서관 문 열어"),
        paragraph("창원특례시(시장 홍길동)는 25일 새 도서관을 열었다고 밝혔다."),
    )
    site.pages[path] = Page(document, "application/octet-stream")
    rss(site, f"<title>새 도서관 문 열어</title><link>{site.url}{path}</link>")
    puller = Puller(site, tmp_path)
    report = puller.pull()
    assert (report.new, report.refused) == (1, [])
    ((name, data),) = [(name, data) for name, data in puller.files().items() if name.endswith(".hwpx")]
    assert data == document
    assert "도서관" in puller.releases()[f"{site.url}{path}".replace("http:", "https:")].body, name


def test_an_encoding_that_only_the_header_tells_is_kept(site: Site, tmp_path: Path) -> None:
    # Names in Latin letters with some Hangul: by itself it does not look Korean.
    text = (
        "<html><head><title>LG CNS·SK C&C·NHN 협약</title></head><body><article><h1>LG CNS·SK C&C·NHN 협약</h1>"
        + "<p>LG CNS, SK C&C, NHN, KT DS, POSCO ICT 는 é à ü 협약했다고 밝혔다.</p>" * 3
        + "</article></body></html>"
    )
    data = text.encode("cp949", "ignore") + b"<p>\xa4\xff\x81</p>"
    site.pages["/7"] = Page(data, "text/html; charset=euc-kr")
    rss(site, f"<title>LG CNS·SK C&amp;C·NHN 협약</title><link>{site.url}/7</link>", encoding="euc-kr")
    puller = Puller(site, tmp_path)
    report = puller.pull()
    assert (report.new, report.refused) == (1, [])
    (release,) = puller.releases().values()
    assert "협약했다고 밝혔다" in release.body
    assert any(name.endswith(".html") and kept == data for name, kept in puller.files().items())
    assert any(b'charset = "' in kept for name, kept in puller.files().items() if name.endswith(".toml"))


def test_the_title_of_the_feed_wins_unless_it_was_cut(site: Site, tmp_path: Path) -> None:
    site.pages["/7"] = page(
        f"<html><head><title>새 도서관이 문을 열어 시민을 맞는다</title></head><body>{BODY * 3}</body></html>"
    )
    for title, expected in (
        ("새 도서관이 문을…", "새 도서관이 문을 열어 시민을 맞는다"),
        ("새 도서관", "새 도서관"),
    ):
        rss(site, f"<title>{title}</title><link>{site.url}/7</link>")
        puller = Puller(site, tmp_path)
        puller.pull()
        (release,) = puller.releases().values()
        assert release.title == expected


def test_a_page_with_another_suffix_than_before_replaces_it(site: Site, tmp_path: Path) -> None:
    site.pages["/7"] = page(
        f"<html><body><article><h1>새 도서관 문 열어</h1>{BODY * 3}</article></body></html>"
    )
    rss(site, f"<title>새 도서관 문 열어</title><link>{site.url}/7</link>")
    puller = Puller(site, tmp_path)
    puller.pull()
    document = hwpx(
        paragraph("새 도서관 문 열어"), paragraph("창원특례시는 25일 새 도서관을 열었다고 밝혔다.")
    )
    site.pages["/7"] = Page(document, "application/octet-stream")
    rss(site, f"<title>새 도서관 문 열어</title><link>{site.url}/7</link><description>정정</description>")
    assert puller.pull().changed == 1
    assert len(puller.releases()) == 1
    assert not [name for name in puller.files() if name.endswith(".html")]
