"""The press releases of korea.kr by their API: asked, kept as they came, read again, never early."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from html import escape
from pathlib import Path

import pytest

from indexer.pulling.check import check
from indexer.pulling.readers.item import ListingError
from indexer.pulling.readers.korea_kr import read_answer
from indexer.pulling.state import STATE_FILE
from indexer.release import SEOUL
from tests.support.documents import hwpx, paragraph
from tests.support.korea_kr import KEY, answer, news_item, publish, puller_of
from tests.support.pulls import Puller, page, portal
from tests.support.site_answers import Page
from tests.support.site_pages import publish as publish_site
from tests.support.site_pages import release_page
from tests.support.sites import Site


def test_an_item_is_kept_as_it_came_and_read(site: Site, tmp_path: Path) -> None:
    puller = puller_of(site, tmp_path)
    file = f"{site.url}/common/download.do?fileId=1"
    more = f"<FileName>보도자료 계획.hwpx</FileName><FileUrl><![CDATA[{file}]]></FileUrl>"
    item = news_item(more=more, title="산불 예방 &#039;한 달&#039; 늘려")
    publish(site, puller, answer(item))
    site.pages["/common/download.do?fileId=1"] = Page(
        hwpx(paragraph("붙임의 글이다.")), "application/octet-stream"
    )
    report = puller.pull()
    assert (report.new, report.refused, report.error) == (1, [], "")
    (release,) = puller.releases().values()
    assert (release.id, release.title) == ("156000001", "산불 예방 '한 달' 늘려")
    assert release.outlet == "산림청"
    assert release.subtitles == ("6월 15일까지",)
    assert release.published_at == datetime(2026, 11, 26, 9, tzinfo=SEOUL)
    assert release.url == "https://www.korea.kr/briefing/pressReleaseView.do?newsId=156000001"
    assert "산불 예방 기간을 한 달 늘린다고" in release.body
    assert "붙임의 글이다." in release.body
    assert release.department == "산불방지과"
    assert [(one.name, one.url) for one in release.attachments] == [("보도자료 계획.hwpx", file)]
    kept = (puller.corpus / release.source_path).read_bytes()
    assert release.source_path.endswith(".xml")
    assert kept.decode() == item
    # Again: nothing.
    before = puller.stamps()
    assert (puller.pull().new, puller.stamps()) == (0, before)


def test_each_day_is_asked_by_itself(site: Site, tmp_path: Path) -> None:
    puller = puller_of(site, tmp_path, "days = 5")
    for days_ago in range(5):
        publish(site, puller, answer(news_item(156_000_000 + days_ago)), days_ago=days_ago)
    assert puller.pull().new == 5
    spans = [re.findall(r"(?:start|end)Date=(\d+)", path) for path in site.paths()]
    assert [start == end for start, end in spans] == [True] * 5


def test_a_modified_item_replaces_the_old_one(site: Site, tmp_path: Path) -> None:
    puller = puller_of(site, tmp_path)
    publish(site, puller, answer(news_item(), news_item(156_000_002, title="다른 자료")))
    puller.pull()
    changed = news_item(title="산불 예방 기간 두 달 늘려").replace("09:10:00", "15:20:00")
    publish(site, puller, answer(changed, news_item(156_000_002, title="다른 자료")))
    report = puller.pull()
    assert (report.new, report.changed) == (0, 1)
    assert {one.title for one in puller.releases().values()} == {"산불 예방 기간 두 달 늘려", "다른 자료"}


@pytest.mark.parametrize(
    ("stated", "until"),
    [
        ("<EmbargoDate>11/27/2026 12:00:00</EmbargoDate>", datetime(2026, 11, 27, 12, tzinfo=SEOUL)),
        ("<EmbargoDate>11/27/2026</EmbargoDate>", datetime(2026, 11, 27, tzinfo=SEOUL)),
        ("<EmbargoDate></EmbargoDate>", None),
    ],
)
def test_an_embargo_holds_from_the_first_moment(
    stated: str, until: datetime | None, site: Site, tmp_path: Path
) -> None:
    puller = puller_of(site, tmp_path)
    publish(site, puller, answer(news_item(more=stated)))
    assert puller.pull().new == 1
    (release,) = puller.releases().values()
    assert release.embargo_until == until


def test_an_embargo_that_cannot_be_read_keeps_the_item_out(site: Site, tmp_path: Path) -> None:
    puller = puller_of(site, tmp_path)
    publish(site, puller, answer(news_item(more="<EmbargoDate>내일 정오쯤</EmbargoDate>"), news_item(7)))
    report = puller.pull()
    assert (report.new, len(report.refused)) == (1, 1)
    assert "엠바고" in report.refused[0].reason
    assert list(puller.releases()) == ["7"]


def test_the_embargo_that_only_the_text_states_holds_too(site: Site, tmp_path: Path) -> None:
    puller = puller_of(site, tmp_path)
    body = "<p>보도시점: 2026. 11. 28.(토) 12:00</p><p>산림청은 산불 예방 기간을 한 달 늘린다고 밝혔다.</p>"
    publish(site, puller, answer(news_item(body=body)))
    puller.pull()
    (release,) = puller.releases().values()
    assert release.embargo_until == datetime(2026, 11, 28, 12, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (answer(code="98", message="THREE_DAYS_OVER_ERROR").body.decode(), "THREE_DAYS_OVER_ERROR"),
        (
            "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
            "<returnAuthMsg>SERVICE_KEY_IS_NOT_REGISTERED_ERROR</returnAuthMsg>"
            "<returnReasonCode>30</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>",
            "활용신청",
        ),
        (
            "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
            "<returnAuthMsg>LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR</returnAuthMsg>"
            "<returnReasonCode>22</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>",
            "내일",
        ),
        ("Unauthorized", "Unauthorized"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><response>&x;</response>', "DTD"),
        ("<response><body></body></response>", "까닭 없음"),
    ],
)
def test_an_error_of_the_portal_is_told(text: str, word: str) -> None:
    with pytest.raises(ListingError, match=word):
        read_answer(text.encode())


def test_a_day_without_releases_is_no_error() -> None:
    assert read_answer(answer(code="3", message="NODATA_ERROR").body) == []
    assert read_answer(answer().body) == []


def test_without_a_key_nothing_is_asked(site: Site, tmp_path: Path) -> None:
    puller = puller_of(site, tmp_path)
    puller.environment = {}
    report = puller.pull()
    assert "BODO_KOREA_KR_KEY" in report.error
    assert site.asked == []


@pytest.mark.parametrize("key", [KEY, "abc%2B%2FDEF%3D%3D"])
def test_the_key_is_in_the_request_and_nowhere_else(
    key: str, site: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    puller = puller_of(site, tmp_path)
    puller.environment = {"BODO_KOREA_KR_KEY": key}
    publish(site, puller, answer(news_item()))
    first = puller.pull()
    assert "serviceKey=abc%2B%2FDEF%3D%3D" in site.paths()[0]
    site.pages.clear()
    failed = puller.pull()
    assert failed.error
    told = f"{first}{failed}{''.join(capfd.readouterr())}"
    kept = b"".join(path.read_bytes() for path in puller.corpus.rglob("*") if path.is_file()).decode()
    for text in (told, kept):
        assert "DEF" not in text


ECHOES = (
    "abc+/DEF==",
    "abc%2B%2FDEF%3D%3D",
    "abc%2b%2fDEF%3d%3d",
    "abc%252B%252FDEF%253D%253D",
    "ABC+/DEF==",
)


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize(
    "text",
    [
        "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>NOT REGISTERED {}"
        "</returnAuthMsg><returnReasonCode>30</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>",
        "Unauthorized: serviceKey={}&pageNo=1",
        # The message is cut in the middle of the key.
        "Unauthorized ------------------------------------ {}",
        answer(news_item(title="열쇠 {}")).body.decode(),
        answer(news_item(more="<EmbargoDate>{}</EmbargoDate>")).body.decode(),
    ],
)
def test_a_key_that_the_server_repeats_is_not_told(text: str, echo: str, site: Site, tmp_path: Path) -> None:
    puller = puller_of(site, tmp_path)
    publish(site, puller, Page(text.replace("{}", echo).encode(), "text/xml"))
    report = puller.pull()
    assert report.error or report.refused or report.new
    checked = check(puller.source, puller.fetcher, now=puller.now, environment=puller.environment)
    files = b"".join(path.read_bytes() for path in puller.corpus.rglob("*") if path.is_file()).decode()
    for told in (str(report), str(checked), files):
        assert "abc" not in told.casefold()


def test_the_state_holds_no_key_of_an_address(site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish_site(site, [one])
    secret = "s3cret77token"  # noqa: S105
    site.pages[f"/rss.xml?token={secret}"] = site.pages["/rss.xml"]
    signed = f"{one.file_path(0)}&amp;sig={secret}"
    site.pages[one.path] = page(release_page(one).replace(escape(one.file_path(0)), signed))
    site.pages[f"{one.file_path(0)}&sig={secret}"] = site.pages[one.file_path(0)]
    puller = Puller(site, tmp_path)
    source = replace(puller.source, url=f"{site.url}/rss.xml?token={secret}")
    assert puller.pull(source).new == 1
    assert secret not in (puller.folder / STATE_FILE).read_text("utf-8")
    # And is not needed to ask for what has changed only.
    assert puller.pull(source).changed == 0
    assert site.asked[-1].headers["If-None-Match"]
