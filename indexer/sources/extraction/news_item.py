"""A press release as the API of 정책브리핑 (korea.kr) gives it: a NewsItem in XML -> press release.

API 1371000/pressReleaseService of 공공데이터포털; times are in Seoul, as month, day and year.
"""

from __future__ import annotations

import re
from dataclasses import replace

from indexer.release import Attachment, PressRelease
from indexer.sources.extraction.field_values import fields_of
from indexer.sources.extraction.markup import lines_of_markup, text_of_markup
from indexer.sources.extraction.records import release_of_record
from indexer.sources.formats.document import FieldValue
from indexer.sources.problems import ContentError

_TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(\d{1,2}:\d{2}(?::\d{2})?))?(?:\.\d+)?", re.ASCII)
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.I)
_ORIGIN = "API의 값"
_TEXTS = {
    "title": "Title", "outlet": "MinisterCode", "id": "NewsItemId", "url": "OriginalUrl",
}  # fmt: skip
_SUBTITLES = ("SubTitle1", "SubTitle2", "SubTitle3")


def news_item_time(text: str) -> str:
    """05/08/2026 16:51:00 as 2026-05-08 16:51:00; any other text as it is."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return text
    month, day, year, clock = match.groups()
    return f"{year}-{int(month):02}-{int(day):02}" + (f" {clock}" if clock else "")


def read_news_item(data: bytes, source_path: str) -> tuple[PressRelease, tuple[FieldValue, ...]]:
    """The release of a NewsItem, not yet identified, and the values of its fields.

    Raises ContentError where it is broken, has no title, or a value cannot be used.
    """
    from lxml import etree

    if _DOCTYPE.search(data[:4_096]):
        raise ContentError("DTD가 있는 XML은 읽지 않습니다.", "API가 준 NewsItem을 그대로 넣으세요.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        node = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        raise ContentError("NewsItem(XML)이 깨져 있습니다.", "원본을 다시 받아 넣으세요.") from error

    def text(name: str) -> str:
        return (node.findtext(name) or "").strip()

    names = ((one.text or "").strip() for one in node.iterfind("FileName"))
    urls = ((one.text or "").strip() for one in node.iterfind("FileUrl"))
    values: dict[str, object] = {field: text(name) for field, name in _TEXTS.items()}
    values |= {
        "subtitles": [line for name in _SUBTITLES for line in lines_of_markup(text(name))],
        "published": news_item_time(text("ApproveDate")),
        "embargo": news_item_time(text("EmbargoDate")),
        "corrected": news_item_time(text("ModifyDate")),
        "body": text_of_markup(text("DataContents")),
    }
    attachments = tuple(Attachment(name, url) for name, url in zip(names, urls, strict=False) if name)
    release = replace(release_of_record(values, source_path), attachments=attachments)
    found = [name for name, _ in release.origins]
    in_text = tuple(
        FieldValue(name, str(getattr(release, name, "")), origin)  # type: ignore[arg-type]
        for name, origin in release.origins
        if getattr(release, name, "")
    )
    return release, (*fields_of(release, _ORIGIN, without=found), *in_text)
