"""The press releases of 정책브리핑 (korea.kr) at 공공데이터포털: requests and answers.

API 1371000/pressReleaseService/pressReleaseList: from `startDate` to `endDate` (YYYYMMDD, at most three
days), in XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import unquote, urlencode, urlsplit

from indexer.pulling.readers.encoding import text_of
from indexer.pulling.readers.item import (
    Item,
    ListingError,
    id_of_address,
    iso_time,
    short_id,
    short_title,
    stamp_of,
    web_address,
)
from indexer.sources.extraction.news_item import news_item_time

# So many that a day of all ministries (some 150) is one answer.
ROWS = 1_000
# The codes of the portal: 0 and 00 done, 3 and 03 no data.
_DONE, _NOTHING = ("0", "00"), ("3", "03")
_DOCTYPE = re.compile(r"<!DOCTYPE", re.I)
# What its codes and messages mean to who has the key.
_CAUSES = (
    (
        ("SERVICE_KEY", "30", "31", "32"),
        "열쇠가 등록되지 않았거나 기한이 지났습니다. 공공데이터포털의 활용신청을 확인하세요",
    ),
    (("LIMITED_NUMBER", "22"), "하루에 물을 수 있는 수를 넘었습니다. 내일 다시 됩니다"),
    (("ACCESS_DENIED", "20"), "이 API의 활용신청이 되어 있지 않습니다"),
)


def days_back(today: date, days: int) -> Iterator[date]:
    """`days` days, today first. Each is asked by itself: a day fits into an answer."""
    return (today - timedelta(days=count) for count in range(days))


def request_url(base: str, day: date, page: int, key: str) -> str:
    """The address to ask. The portal hands its keys out both as they are and in percents; either will do."""
    asked = {"serviceKey": unquote(key) if "%" in key else key, "startDate": f"{day:%Y%m%d}"}
    asked |= {"endDate": f"{day:%Y%m%d}", "numOfRows": str(ROWS), "pageNo": str(page)}
    return f"{base}{'&' if urlsplit(base).query else '?'}{urlencode(asked)}"


def read_answer(data: bytes) -> list[Item]:
    """The releases of an answer. Raises ListingError with the portal's own reason where it is an error."""
    from lxml import etree

    text = text_of(data)
    if _DOCTYPE.search(text[:2_000]):
        raise ListingError("DTD가 있는 답은 읽지 않습니다.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False
    )
    try:
        root = etree.fromstring(text.strip().encode(), parser)
    except (etree.LxmlError, ValueError) as error:
        raise ListingError(f"XML 답이 아닙니다({' '.join(text.split())[:60]}).") from error
    code = (root.findtext(".//resultCode") or root.findtext(".//returnReasonCode") or "").strip()
    message = (root.findtext(".//returnAuthMsg") or root.findtext(".//resultMsg") or "").strip()
    if code in _NOTHING:
        return []
    if code not in _DONE:
        raise ListingError(_complaint(code, message or (root.findtext(".//errMsg") or "").strip()))
    return [item for node in root.iter("NewsItem") if (item := _item(node)) is not None]


def _complaint(code: str, message: str) -> str:
    causes = (text for (name, *codes), text in _CAUSES if code in codes or name in message)
    cause = next(causes, "")
    told = short_title(f"{code} {message}")[:100] or "까닭 없음"
    return f"API가 거절했습니다({told}). {cause}".rstrip(". ") + "."


def _item(node: object) -> Item | None:
    from lxml import etree

    def text(name: str) -> str:
        return (node.findtext(name) or "").strip()  # type: ignore[attr-defined]

    number, title = text("NewsItemId"), short_title(text("Title"))
    url = web_address(text("OriginalUrl"))
    if not number and not url:
        return None
    names = [(one.text or "").strip() for one in node.iterfind("FileName")]  # type: ignore[attr-defined]
    urls = [web_address((one.text or "").strip()) for one in node.iterfind("FileUrl")]  # type: ignore[attr-defined]
    names += [""] * (len(urls) - len(names))
    record: bytes = etree.tostring(node, encoding="utf-8", with_tail=False)
    return Item(
        id=short_id(number) if number else id_of_address(url),
        url=url,
        title=title,
        title_counts=True,
        published=iso_time(news_item_time(text("ApproveDate"))),
        outlet=short_title(text("MinisterCode")),
        stamp=stamp_of(text("ModifyDate"), record.decode()),
        record=record,
        files=tuple((name, address) for name, address in zip(names, urls, strict=False) if address),
    )
