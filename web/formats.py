"""How dates, sizes, addresses and the names of fields are shown on a page."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlsplit

from indexer.release import SEOUL, Precision

_FIELD_LABELS = {
    "title": "제목", "subtitles": "부제", "outlet": "발행 기관", "department": "담당 부서",
    "reporter": "기자", "contact": "연락처", "published": "배포 시각", "embargo": "보도시점", "url": "주소",
    "attachments": "첨부",
}  # fmt: skip


def korean_day(day: date) -> str:
    """Write a day as `2023. 4. 25.`."""
    return f"{day.year}. {day.month}. {day.day}."


def korean_date(at: datetime, precision: Precision = "time") -> str:
    """Write an aware time as read in Seoul: `2023. 4. 25. 01:28`; at precision "day" without the time."""
    local = at.astimezone(SEOUL)
    return korean_day(local) if precision == "day" else f"{korean_day(local)} {local:%H:%M}"


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


def safe_url(url: str) -> str:
    """Return `url` if it leads to a web page (http or https, with a host), else ''.

    Addresses come from the documents: `javascript:` and the like must never become a link.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
