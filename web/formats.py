"""How dates, sizes, addresses and the names of fields are shown on a page."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from werkzeug.urls import iri_to_uri

from indexer.release import SEOUL, Precision, PressRelease
from indexer.search.citation import korean_day as korean_day
from indexer.search.citation import safe_url as safe_url
from indexer.search.repetition import Shown

# Behind a consonant, behind a vowel, and where the last letter is not Hangul.
_PARTICLES = {"으로": ("으로", "로", "(으)로"), "과": ("과", "와", "와(과)"), "을": ("을", "를", "을(를)")}
# Behind ㄹ it is 로, as behind a vowel.
_RIEUL = 8
_FIELD_LABELS = {
    "title": "제목", "subtitles": "부제", "outlet": "발행 기관", "department": "담당 부서",
    "reporter": "기자", "contact": "연락처", "published": "배포 시각", "embargo": "보도시점",
    "corrected": "정정", "url": "주소", "attachments": "첨부",
}  # fmt: skip
# All that a URI may be written with (RFC 3986, section 2).
_URI = re.compile(r"[\w.~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)


def korean_month(month: str) -> str:
    """Write the month `2023-04` as `2023. 4.`."""
    return f"{int(month[:4])}. {int(month[5:])}."


def korean_date(at: datetime, precision: Precision = "time") -> str:
    """Write an aware time as read in Seoul: `2023. 4. 25. 01:28`; at precision "day" without the time."""
    local = at.astimezone(SEOUL)
    return korean_day(local) if precision == "day" else f"{korean_day(local)} {local:%H:%M}"


def iso_day(at: datetime) -> str:
    """Write the day of an aware time in Seoul as `2023-04-25`."""
    return at.astimezone(SEOUL).date().isoformat()


def subtitles_below(release: PressRelease, limit: int) -> list[str]:
    """The first subtitles of a release that do not repeat its title, at most `limit`."""
    title = Shown((release.title,))
    return [subtitle for subtitle in release.subtitles if not title.has(subtitle)][:limit]


def particle(word: str, name: str) -> str:
    """The form in which the particle `name`, one of _PARTICLES, follows `word`."""
    behind_consonant, behind_vowel, unknown = _PARTICLES[name]
    last = ord(word[-1]) - ord("가") if word else -1
    if not 0 <= last <= ord("힣") - ord("가"):
        return unknown
    # A syllable is numbered by its first consonant, its vowel and one of 28 endings (Unicode, section 3.12).
    ending = last % 28
    if name == "으로" and ending == _RIEUL:
        return behind_vowel
    return behind_consonant if ending else behind_vowel


def byte_size(size_bytes: int) -> str:
    """Write a size as `912 B`, `34 KB` or `1.2 MB`, in powers of 1,024."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    if size_bytes < 1024**2:
        return f"{size_bytes / 1024:.0f} KB"
    return f"{size_bytes / 1024**2:.1f} MB"


def field_label(name: str) -> str:
    """What a page calls the field `name`; the name itself where it has no other."""
    return _FIELD_LABELS.get(name, name)


def plain_uri(url: str) -> str:
    """The address of a web page as RFC 3986 writes it, in ASCII; '' if it is none, as for `safe_url`."""
    try:
        uri = iri_to_uri(url) if safe_url(url) else ""
        return uri if _URI.fullmatch(uri) and urlsplit(uri).hostname else ""
    except ValueError:
        return ""
