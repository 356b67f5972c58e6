"""Dates and times as Korean pages and press officers write them."""

from __future__ import annotations

import re
from datetime import datetime

from indexer.release import SEOUL, Precision

# Year, month and day, a weekday in brackets, and a time, in the forms 2023-04-25T01:28:00,
# 2023.04.25 01:28, 2023. 4. 25.(화) 오후 1:28 and 2023년 4월 25일 13시 28분.
DATE = (
    r"(?P<year>(?:19|20)\d{2}|(?<!\d)\d{2}(?=\.\d{2}\.\d{2}))\s?[-./년]\s?(?P<month>\d{1,2})\s?[-./월]\s?"
    r"(?P<day>\d{1,2})(?!\d)(?:\s?일|\.)?(?:\s?\([월화수목금토일](?:요일)?\))?"
    r"(?:(?:T|[\s,]*)(?P<half>오전|오후)?\s?(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?|시(?:\s?(?P<minutes>\d{1,2})분)?)(?!\d)(?:\s?KST)?)?"
)

_DATE = re.compile(DATE, re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_AT_ONCE = re.compile(r"즉시.*|없음")
_FROM_THEN_ON = re.compile(r"\s*(?:이후|부터).*$")


def parse_time(text: str) -> tuple[datetime, Precision]:
    """The moment that `text` names, in Asia/Seoul, and whether it came with a time.

    ISO 8601 or a Korean form. Without an offset it is Asia/Seoul; a local "T00:00:00" is how
    exporters write a date without a time. Raises ValueError on anything else.
    """
    stripped = text.strip()
    try:
        moment = datetime.fromisoformat(stripped)
    except ValueError:
        found = _DATE.fullmatch(stripped)
        if found is None:
            raise
        return time_of(found)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"year {moment.year} is out of range")
    if moment.tzinfo is not None:
        return moment.astimezone(SEOUL), "time"
    has_time = ":" in stripped and not stripped.endswith("T00:00:00")
    return moment.replace(tzinfo=SEOUL), "time" if has_time else "day"


def parse_embargo(text: str) -> datetime | None:
    """The moment before which `text` forbids publication; None where it says "at once" or nothing.

    A date without a time means the first moment of that day. Raises ValueError where it cannot be read.
    """
    stripped = text.strip()
    if not stripped or _AT_ONCE.fullmatch(stripped):
        return None
    return parse_time(_FROM_THEN_ON.sub("", stripped))[0]


def time_of(found: re.Match[str]) -> tuple[datetime, Precision]:
    """The moment of a match of `DATE`, in Asia/Seoul. Raises ValueError where no calendar has it."""
    year = int(found["year"])
    year += 2000 if year < 100 else 0
    month, day = int(found["month"]), int(found["day"])
    if found["hour"] is None:
        return datetime(year, month, day, tzinfo=SEOUL), "day"
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{found['half']} {hour}시")
        hour = hour % 12 + (12 if found["half"] == "오후" else 0)
    minute = int(found["minute"] or found["minutes"] or 0)
    return datetime(year, month, day, hour, minute, int(found["second"] or 0), tzinfo=SEOUL), "time"
