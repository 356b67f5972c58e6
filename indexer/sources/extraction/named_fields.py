"""Named values (YAML front matter, a JSON record) -> PressRelease."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from indexer.release import Attachment, Precision, PressRelease, Section
from indexer.sources.content_error import ContentError
from indexer.sources.extraction.release_fields import read_embargo
from indexer.sources.extraction.times import parse_time
from indexer.text.private_use import to_public

_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "제목"),
    "subtitles": ("subtitles", "subtitle", "부제", "부제목"),
    "outlet": ("outlet", "ministry", "매체", "기관"),
    "department": ("department", "부서", "담당부서"),
    "reporter": ("reporter", "기자"),
    "contact": ("contact", "문의", "연락처"),
    "published": ("published", "date", "날짜", "배포", "배포일"),
    "embargo": ("embargo", "엠바고", "보도시점"),
    "url": ("url", "주소"),
    "id": ("id",),
    "attachments": ("attachments", "첨부", "첨부파일"),
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}
_LISTS = ("subtitles", "attachments")

SUPPORTED_NAMES = ", ".join("/".join(names) for names in _NAMES.values())

_TIME_HINT = "2023-04-25 01:28 또는 2023. 4. 25. 오전 1:28처럼 쓰세요."
# An entity that is well formed: without its semicolon the letters may be those of a name (AT&T).
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MOST_ESCAPES = 3
# "[보도자료] 제목": what kind of paper it is.
_KIND = re.compile(r"^\s*[\[(<【〈]\s*(?:보도|참고|설명|해명)[가-힣\s]{0,6}자료\s*[\])>】〉]")
_MARK = re.compile(r"(?:(?P<dash>[-–—―]>?)|[□■○ㅇ◇◆•])\s*")
_DASHES = ("-", "–", "—", "―")


@lru_cache(maxsize=256)
def field_of(name: str) -> str | None:
    """The field that a person means by `name`, in Korean or English; None where there is none."""
    return _FIELD_OF.get(unicodedata.normalize("NFC", name).strip().casefold())


def add_value(values: dict[str, object], field: str, value: object) -> None:
    """Keep a value under its field: of several names for one field the first that says something counts.

    Raises ContentError where two embargoes are not the same: to choose may be to publish early.
    """
    before = values.get(field)
    if _is_blank(before):
        values[field] = value
    elif field == "embargo" and not _is_blank(value) and str(value).strip() != str(before).strip():
        message = f"엠바고가 두 가지로 적혀 있습니다(‘{str(before)[:40]}’, ‘{str(value)[:40]}’)."
        raise ContentError(message, "하나만 남기세요.")


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def release_of(
    values: Mapping[str, object],
    sections: tuple[Section, ...],
    source_path: str,
    origins: tuple[tuple[str, str], ...] = (),
) -> PressRelease:
    """A release, not yet identified, of `values` keyed by field (see `field_of`); `origins` as in a release.

    A value is a string, a whole number or None; subtitles and attachments may be lists of such.
    Raises ContentError where there is no title or a value cannot be used.
    """
    lists = {field: _texts(field, values.get(field)) for field in _LISTS}
    texts = {field: _text(field, values.get(field)) for field in _NAMES if field not in _LISTS}
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
        embargo_until=_embargo(texts["embargo"]),
        url=texts["url"],
        sections=sections,
        attachments=tuple(_attachment(text) for text in lists["attachments"] if text),
        source_path=source_path,
        origins=origins,
    )


def subtitles_of(texts: Iterable[str], title: str) -> tuple[str, ...]:
    """The lines of `texts` without the dash or bullet that marks them as subtitles; blank ones left out, and
    those that say the title again.
    """
    lines = [subtitle_of(line) for text in texts for line in text.splitlines()]
    said = _said(title)
    if _said("".join(lines)) == said:
        return ()
    return tuple(line for line in lines if line and _said(line) != said)


def repeats(line: str, title: str) -> bool:
    """Whether `line` only says the title again, whatever marks and spaces it has."""
    return _said(line) == _said(title)


def _said(text: str) -> str:
    """The letters of `text` without what kind of paper it is."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", _KIND.sub("", text)))


def with_letters(text: str) -> str:
    """`text` with its well-formed entities as the letters that they stand for, doubly escaped ones too."""
    for _ in range(_MOST_ESCAPES if "&" in text else 0):
        text = _ENTITY.sub(lambda found: to_public(unescape(found[0])), text)
    return text.replace("\xa0", " ") if "\xa0" in text else text


def subtitle_of(line: str) -> str:
    """`line` without a leading dash or bullet, nor the closing dash that answers a leading one."""
    stripped = line.strip()
    found = _MARK.match(stripped)
    text = stripped[found.end() :] if found else stripped
    return text[:-1].rstrip() if found and found["dash"] and text.endswith(_DASHES) else text


def _text(field: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ContentError(f"{field}의 값이 글이 아닙니다.", f"{field}에는 글 한 줄을 쓰세요.")
    return with_letters(str(value)).strip()


def _texts(field: str, value: object) -> list[str]:
    return [_text(field, item) for item in value] if isinstance(value, list) else [_text(field, value)]


def _published(text: str) -> tuple[datetime | None, Precision]:
    if not text:
        return None, "time"
    try:
        return parse_time(text)
    except ValueError as error:
        raise ContentError(f"날짜 ‘{text[:40]}’를 읽을 수 없습니다.", _TIME_HINT) from error


def _embargo(text: str) -> datetime | None:
    try:
        return read_embargo(text)
    except ValueError as error:
        raise ContentError(f"엠바고 ‘{text[:40]}’를 읽을 수 없습니다.", _TIME_HINT) from error


def _attachment(text: str) -> Attachment:
    if not text.startswith(("http://", "https://")):
        return Attachment(text)
    try:
        path = urlsplit(text).path
    except ValueError as error:
        raise ContentError(f"첨부 주소 ‘{text[:40]}’를 읽을 수 없습니다.", "주소를 확인하세요.") from error
    return Attachment(unquote(PurePosixPath(path).name) or text, text)
