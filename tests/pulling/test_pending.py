"""What could not be fetched, or waits, comes though the source lists it no longer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.pulling.pending import MOST_PENDING, Pending, add_pending, pack, unpack
from indexer.pulling.readers.item import Item
from indexer.pulling.state import SourceState
from tests.support.korea_kr import answer, news_item, puller_of
from tests.support.korea_kr import publish as publish_api
from tests.support.pulls import Puller, page, portal
from tests.support.site_answers import Page, Status
from tests.support.site_pages import publish
from tests.support.sites import Site


@pytest.mark.parametrize("kind", ["rss", "atom", "list", "sitemap"])
def test_what_failed_comes_without_the_list(kind: str, site: Site, tmp_path: Path) -> None:
    releases = portal(4)
    publish(site, releases[1:])
    puller = Puller(site, tmp_path, kind)
    site.script[releases[2].path] = [Status(503)] * 8
    report = puller.pull()
    assert (report.new, len(report.refused)) == (2, 1)
    # By then the list has others.
    publish(site, releases[:2])
    report = puller.pull()
    assert (report.new, report.refused) == (1, [])
    puller.later(minutes=6)
    assert [one.is_passing for one in puller.pull().refused] == [True]
    puller.later(minutes=11)
    assert puller.pull().new == 1
    found = {one.title: one for one in puller.releases().values()}
    assert set(found) == {one.title for one in releases}
    assert found[releases[2].title].published_at == releases[2].issued_at
    # And that is all.
    asked = len(site.paths())
    puller.later(minutes=11)
    assert (puller.pull().refused, releases[2].path in site.paths()[asked:]) == ([], False)


@pytest.mark.parametrize("more", ["", "follow = false"])
def test_what_waits_comes_without_the_list(more: str, site: Site, tmp_path: Path) -> None:
    releases = portal(7)
    publish(site, releases)
    puller = Puller(site, tmp_path, more=f"max_items = 3\n{more}")
    assert (puller.pull().new, puller.source.max_items) == (3, 3)
    publish(site, releases[:1])
    seen = [(report.new, report.waiting) for report in (puller.pull(), puller.pull(), puller.pull())]
    assert seen == [(3, 1), (1, 0), (0, 0)]
    found = {one.title: one.body for one in puller.releases().values()}
    assert set(found) == {one.title for one in releases}
    assert all(one.paragraphs[0] in found[one.title] for one in releases)


def test_an_announced_correction_that_failed_comes_without_the_list(site: Site, tmp_path: Path) -> None:
    first, second = portal(2)
    publish(site, [second])
    puller = Puller(site, tmp_path)
    puller.pull()
    # The feed announces it in other words; the page cannot be had, and then the feed forgets both.
    feed = site.pages["/rss.xml"].body.decode().replace("<description>창원", "<description>(정정) 창원")
    site.pages["/rss.xml"] = page(feed, "application/rss+xml")
    good = site.pages[second.path]
    site.pages[second.path] = Page(
        good.body.replace(b"</article>", "<p>사업비는 99억 원이다.</p></article>".encode())
    )
    site.script[second.path] = [Status(500)] * 4
    assert len(puller.pull().refused) == 1
    publish(site, [first])
    site.pages[second.path] = Page(
        good.body.replace(b"</article>", "<p>사업비는 99억 원이다.</p></article>".encode())
    )
    puller.later(minutes=6)
    report = puller.pull()
    assert (report.new, report.changed) == (1, 1)
    assert any("99억" in one.body for one in puller.releases().values())


def test_an_item_of_the_api_comes_after_its_days(site: Site, tmp_path: Path) -> None:
    puller = puller_of(site, tmp_path)
    file = "/common/download.do?fileId=1"
    more = f"<FileName>계획.hwpx</FileName><FileUrl><![CDATA[{site.url}{file}]]></FileUrl>"
    publish_api(site, puller, answer(news_item(more=more), news_item(7, title="다른 자료")))
    site.pages[file] = Page(portal(1)[0].files[0].body, "application/octet-stream")
    site.script[file] = [Status(503)] * 4
    report = puller.pull()
    assert (report.new, len(report.refused)) == (1, 1)
    puller.later(days=2)
    publish_api(site, puller, answer(news_item(8, title="오늘의 자료")))
    assert puller.pull().new == 2
    assert "156000001" in puller.releases()


def test_giving_up_is_told_once(site: Site, tmp_path: Path) -> None:
    releases = portal(3)
    publish(site, releases)
    site.pages.pop(releases[2].path)
    puller = Puller(site, tmp_path)
    assert len(puller.pull().refused) == 1
    text = "<rss version='2.0'><channel><title>시험시</title>{}</channel></rss>"
    told = []
    for day in range(40):
        # A list of today, with nothing of then.
        item = f"<item><title>{day}일</title><link>{site.url}{releases[0].path}</link></item>"
        site.pages["/rss.xml"] = page(text.format(item), "application/rss+xml")
        puller.later(days=1)
        told += [one.reason for one in puller.pull().refused]
    assert 5 < len(told) < 20
    assert ["그만둡니다" in reason for reason in told] == [False] * (len(told) - 1) + [True]
    assert not SourceState.load(puller.folder).pending


def test_what_is_forgotten_fails_no_source(site: Site, tmp_path: Path) -> None:
    releases = portal(7)
    publish(site, releases[2:])
    puller = Puller(site, tmp_path)
    for one in releases[2:]:
        site.script[one.path] = [Status(503)] * 100
    assert puller.pull().error
    publish(site, releases[:2])
    puller.later(hours=1)
    report = puller.pull()
    assert (report.new, report.error) == (2, "")
    site.script.clear()
    puller.later(days=1)
    assert puller.pull().new == 5


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ITEMS = st.builds(
    Item, id=TEXTS, url=TEXTS, title=TEXTS, title_counts=st.booleans(), published=TEXTS, updated=TEXTS,
    outlet=TEXTS, stamp=TEXTS, content=TEXTS, record=st.binary(max_size=20),
    files=st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
)  # fmt: skip


@given(item=ITEMS, since=st.sampled_from(["", "2026-11-26T09:00:00+00:00"]))
def test_an_item_is_kept_as_it_is(item: Item, since: str) -> None:
    assert unpack(json.loads(json.dumps(pack(Pending(item, since))))) == Pending(item, since)


@pytest.mark.parametrize(
    "values",
    [{}, {"id": 1}, {"id": "a", "url": None}, {"id": "a", "more": 1}, {"id": "a", "record": "?"},
     {"id": "a", "files": 3}, {"id": "a", "failed_since": "2026-11-26"}, {"id": "a", "failed_since": 3}],
)  # fmt: skip
def test_a_damaged_item_is_told(values: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        unpack(values)


def test_there_is_an_end_to_what_is_kept() -> None:
    pending: dict[str, Pending] = {}
    for number in range(MOST_PENDING + 5):
        add_pending(pending, Item(id=str(number)), needs_content=True)
    assert len(pending) == MOST_PENDING
    pending = {}
    for number in range(30):
        add_pending(pending, Item(id=str(number), content="가" * 100_000), needs_content=True)
    assert 10 < len(pending) < 20
