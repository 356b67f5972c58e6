"""Named values (YAML front matter, a JSON record, a sidecar, a column) -> press release."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from indexer.release import Attachment, Precision, PressRelease, Section
from indexer.sources.extraction.release_times import read_embargo
from indexer.sources.problems import ContentError
from indexer.sources.recognizers.times import parse_time
from indexer.sources.recognizers.titles import subtitles_of
from indexer.text.private_use import to_public
from indexer.text.unicode import nfc

_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "제목"),
    "subtitles": ("subtitles", "subtitle", "부제", "부제목"),
    "outlet": ("outlet", "ministry", "매체", "기관"),
    "department": ("department", "부서", "담당부서"),
    "reporter": ("reporter", "기자"),
    "contact": ("contact", "문의", "연락처"),
    "published": ("published", "date", "날짜", "배포", "배포일"),
    "embargo": ("embargo", "엠바고", "보도시점"),
    "corrected": ("corrected", "modified", "updated", "정정", "정정일", "수정", "수정일"),
    "url": ("url", "주소"),
    "id": ("id",),
    "attachments": ("attachments", "첨부", "첨부파일"),
}
# What portals call the columns of what they export, in the order in which several for one field count, with
# the names above behind them. Records and sidecars do not know these: there "no" or "source" may be anything.
# No column is a time of correction by itself: portals change theirs (수정일) for a comma or a counter.
_COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("제목", "title", "기사제목", "글제목", "게시글제목", "게시물제목", "subject", "headline"),
    "body": (
        "본문", "body", "본문내용", "내용", "보도내용", "글내용", "게시글내용", "게시물내용", "상세내용",
        "content", "contents", "datacontents", "text", "description",
    ),
    "subtitles": ("부제", "subtitle", "subtitle1"),
    "outlet": (
        "기관명", "기관", "발행기관", "발행기관명", "배포기관", "제공기관", "제공기관명", "부처", "부처명",
        "매체명", "언론사", "지자체명", "출처", "outlet", "ministry", "source", "publisher", "agency",
        "ministercode",
    ),
    "department": (
        "담당부서", "담당부서명", "부서", "부서명", "담당과", "작성부서", "등록부서", "제공부서", "dept",
    ),
    "reporter": ("기자", "기자명"),
    "contact": (
        "문의", "문의처", "연락처", "문의전화", "담당자연락처", "담당전화", "전화번호", "담당자", "phone",
        "tel",
    ),
    "published": (
        "배포일시", "배포일", "배포일자", "배포", "보도일", "보도일자", "등록일시", "등록일", "등록일자",
        "게시일시", "게시일", "게시일자", "작성일시", "작성일", "작성일자", "발행일", "발행일자", "일시",
        "일자", "날짜", "published", "publishedat", "publisheddate", "pubdate", "approvedate", "date",
        "regdate", "regdt", "createdat",
    ),
    "embargo": ("엠바고", "보도시점", "보도일시", "엠바고일시", "embargo", "embargountil", "embargodate"),
    "url": (
        "원문링크", "원문주소", "원문url", "상세링크", "상세주소", "상세url", "링크", "게시글주소",
        "originalurl", "url", "link",
    ),
    "id": (
        "id", "게시글번호", "게시물번호", "글번호", "보도자료번호", "자료번호", "관리번호", "고유번호",
        "newsitemid", "nttid",
    ),
    "attachments": ("첨부파일", "첨부", "첨부파일명", "첨부파일주소", "첨부파일url", "fileurl", "filename"),
}  # fmt: skip
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}
_LISTS = ("subtitles", "attachments")
_NOT_IN_NAMES = re.compile(r"[\W_]+")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|【[^【】]*】|（[^（）]*）")
# A longer name is no name of a column.
_LONGEST_COLUMN_CHARS = 200
# The place of each name among those of its field, by its field and name.
_COLUMNS = {
    name: (field, place)
    for field, names in _COLUMN_NAMES.items()
    for place, name in enumerate(dict.fromkeys((*names, *_NAMES.get(field, ()))))
}
_UNTEXTUAL = (*_LISTS, "corrected")

SUPPORTED_NAMES = ", ".join("/".join(names) for names in _NAMES.values())

_TIME_HINT = "2023-04-25 01:28 또는 2023. 4. 25. 오전 1:28처럼 쓰세요."
# An entity with its semicolon: without it the letters may be those of a name (AT&T).
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MOST_ESCAPES = 3
# The most characters of a value that a message quotes.
_QUOTED_CHARS = 40


@lru_cache(maxsize=256)
def field_of(name: str) -> str | None:
    """The field with this name, in Korean or English; None where there is none."""
    return _FIELD_OF.get(nfc(name).strip().casefold())


def column_key(name: str) -> str:
    """The name of a column as names are compared: without case, white space, brackets and other marks."""
    return _NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", name[:_LONGEST_COLUMN_CHARS]).casefold())


def field_of_column(name: str) -> tuple[str, int] | None:
    """The field ("body" is one) that a column of this name holds, and the place of the name among its names.

    Of several columns for one field the lowest place counts most. What stands in brackets is left out
    where the name is none with it: 등록일(YYYY-MM-DD). None where it is no usual name.
    """
    whole = _COLUMNS.get(column_key(name))
    if whole is not None:
        return whole
    bracketed = _COLUMNS.get(column_key(_BRACKETED.sub("", name[:_LONGEST_COLUMN_CHARS])))
    return (bracketed[0], bracketed[1] + len(_COLUMNS)) if bracketed else None


def add_value(values: dict[str, object], field: str, value: object) -> None:
    """Add a value under its field to `values`: of several values for one field the first not blank counts.

    Raises ContentError where two embargoes differ: choosing one could publish a release early.
    """
    earlier = values.get(field)
    if _is_blank(earlier):
        values[field] = value
    elif field == "embargo" and not _is_blank(value) and str(value).strip() != str(earlier).strip():
        quoted = ", ".join(f"‘{str(one)[:_QUOTED_CHARS]}’" for one in (earlier, value))
        message = f"엠바고가 두 가지로 적혀 있습니다({quoted})."
        raise ContentError(message, "하나만 남기세요.")


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def release_from_fields(
    values: Mapping[str, object],
    sections: tuple[Section, ...],
    source_path: str,
    origins: tuple[tuple[str, str], ...] = (),
) -> PressRelease:
    """A release, not yet identified, of `values` by field (see `field_of`); `origins` as in a release.

    A value is a string, an integer or None; subtitles and attachments may be lists of these.
    Raises ContentError where there is no title or a value cannot be used.
    """
    lists = {field: _texts(field, values.get(field)) for field in _LISTS}
    texts = {field: _text(field, values.get(field)) for field in _NAMES if field not in _UNTEXTUAL}
    if not texts["title"]:
        raise ContentError("제목(title)이 없습니다.", "title에 제목을 쓰세요.")
    published_at, precision = _published(texts["published"])
    return PressRelease(
        id=texts["id"],
        title=" ".join(texts["title"].splitlines()),
        subtitles=subtitles_of(lists["subtitles"], texts["title"]),
        outlet=texts["outlet"],
        department=texts["department"],
        reporter=texts["reporter"],
        contact=texts["contact"],
        published_at=published_at,
        published_precision=precision,
        embargo_until=_embargo(texts["embargo"], published_at),
        corrected_at=_corrected(values.get("corrected")),
        url=texts["url"],
        sections=sections,
        attachments=tuple(_attachment(text) for text in lists["attachments"] if text),
        source_path=source_path,
        origins=origins,
    )


def unescape_entities(text: str) -> str:
    """`text` with its entities as the characters that they stand for, escaped up to three times."""
    for _ in range(_MOST_ESCAPES if "&" in text else 0):
        text = _ENTITY.sub(lambda match: to_public(unescape(match[0])), text)
    return text.replace("\xa0", " ") if "\xa0" in text else text


def _text(field: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ContentError(f"{field}의 값이 글이 아닙니다.", f"{field}에는 글 한 줄을 쓰세요.")
    return unescape_entities(str(value)).strip()


def _texts(field: str, value: object) -> list[str]:
    return [_text(field, item) for item in value] if isinstance(value, list) else [_text(field, value)]


def _published(text: str) -> tuple[datetime | None, Precision]:
    if not text:
        return None, "time"
    try:
        return parse_time(text)
    except ValueError as error:
        raise ContentError(f"날짜 ‘{text[:_QUOTED_CHARS]}’를 읽을 수 없습니다.", _TIME_HINT) from error


def _embargo(text: str, published_at: datetime | None) -> datetime | None:
    try:
        return read_embargo(text, published_at.date() if published_at else None)
    except ValueError as error:
        raise ContentError(f"엠바고 ‘{text[:_QUOTED_CHARS]}’를 읽을 수 없습니다.", _TIME_HINT) from error


def _corrected(value: object) -> datetime | None:
    """When a release was corrected; None where the value is no time: some systems have a flag so named."""
    try:
        return parse_time(value)[0] if isinstance(value, str) else None
    except ValueError:
        return None


def _attachment(text: str) -> Attachment:
    if not text.startswith(("http://", "https://")):
        return Attachment(text)
    try:
        path = urlsplit(text).path
    except ValueError as error:
        raise ContentError(
            f"첨부 주소 ‘{text[:_QUOTED_CHARS]}’를 읽을 수 없습니다.", "주소를 확인하세요."
        ) from error
    return Attachment(unquote(PurePosixPath(path).name) or text, text)
