"""The API of korea.kr, played by a site of the tests."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from indexer.pulling.readers.korea_kr import request_url
from indexer.release import SEOUL
from tests.support.pulls import Puller, page
from tests.support.site_answers import Page
from tests.support.sites import Site

KEY = "abc+/DEF=="
API = "/1371000/pressReleaseService/pressReleaseList"


def news_item(
    number: int = 156_000_001, *, title: str = "산불 예방 기간 늘려", more: str = "", body: str = ""
) -> str:
    body = body or "<p>산림청은 산불 예방 기간을 한 달 늘린다고 밝혔다.</p><p>담당 부서: 산불방지과</p>"
    return (
        f"<NewsItem><NewsItemId>{number}</NewsItemId><ContentsStatus>I</ContentsStatus>"
        f"<ModifyDate>11/26/2026 09:10:00</ModifyDate><ApproveDate>11/26/2026 09:00:00</ApproveDate>"
        f"<GroupingCode>press</GroupingCode><Title><![CDATA[{title}]]></Title>"
        f"<SubTitle1><![CDATA[- 6월 15일까지 -]]></SubTitle1><ContentsType>H</ContentsType>"
        f"<DataContents><![CDATA[{body}]]></DataContents><MinisterCode>산림청</MinisterCode>"
        f"<OriginalUrl>https://www.korea.kr/briefing/pressReleaseView.do?newsId={number}</OriginalUrl>{more}</NewsItem>"
    )


def answer(*items: str, code: str = "0", message: str = "NORMAL_SERVICE") -> Page:
    return page(
        '<?xml version="1.0" encoding="UTF-8"?>\n<response><header>'
        f"<resultCode>{code}</resultCode><resultMsg>{message}</resultMsg></header>"
        f"<body>{''.join(items)}</body></response>",
        "application/xml;charset=UTF-8",
    )


def puller_of(site: Site, folder: Path, more: str = "days = 1") -> Puller:
    puller = Puller(site, folder, "korea.kr", f"{more}\n", name="정책브리핑")
    puller.source = type(puller.source)(
        **{**{name: getattr(puller.source, name) for name in puller.source.__slots__}, "url": site.url + API}
    )
    puller.environment = {"BODO_KOREA_KR_KEY": KEY}
    return puller


def publish(site: Site, puller: Puller, page_of_today: Page, *, days_ago: int = 0) -> None:
    day = (puller.now().astimezone(SEOUL) - timedelta(days=days_ago)).date()
    site.pages[request_url(API, day, 1, KEY)] = page_of_today
