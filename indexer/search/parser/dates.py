"""Days as a query writes them: a year, a month or a day, and ranges of them."""

from __future__ import annotations

import calendar
import re
from datetime import date

from indexer.search.parser.nodes import DateRange

_DATE = re.compile(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?")


def read_days(text: str) -> tuple[date, date] | None:
    """The first and last day of a year, month or day; None where the text is none of them."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except (ValueError, calendar.IllegalMonthError):
        return None


def read_range(text: str) -> DateRange | None:
    """The range that is written with `..`, whichever end is first; None where the text is no range."""
    first, dots, last = text.partition("..")
    if not dots or not (first or last):
        return None
    begins, ends = read_days(first) if first else None, read_days(last) if last else None
    if (first and begins is None) or (last and ends is None):
        return None
    if begins and ends and begins[0] > ends[1]:
        begins, ends = ends, begins
    return DateRange(begins[0] if begins else None, ends[1] if ends else None)
