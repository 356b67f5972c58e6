"""Months as bars and lines: where each stands in a drawing, which is stretched to the width of a page."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

# The drawing's own units: a month is so wide, and the highest bar so high.
MONTH_WIDTH, HEIGHT = 10, 100
_BAR_WIDTH = 8
# A choice: a bar of fewer releases is still seen.
_MIN_BAR = 2.0
# A choice: with more years a month is narrower than a pixel of a phone.
MAX_YEARS_OF_MONTHS = 25

LinkToDays = Callable[[date, date], str]


@dataclass(frozen=True, slots=True)
class Bar:
    """A month or a year with `count` releases. `href` narrows a search to it; `chosen`: it is narrowed to it
    or to days of it. Left, top, width and height are units of the drawing.
    """

    label: str
    count: int
    href: str
    chosen: bool
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Year:
    """A year, and how many releases each of its twelve months has."""

    label: str
    count: int
    href: str
    chosen: bool
    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many releases were published when. `years` are all from the first to the last, in order of time;
    `bars` are those of the drawing, which is `width` units wide.
    """

    years: tuple[Year, ...]
    bars: tuple[Bar, ...]
    width: int

    @property
    def height(self) -> int:
        """The height of the drawing."""
        return HEIGHT


def make_histogram(
    months: Mapping[str, int], first: date | None, last: date | None, link: LinkToDays
) -> Histogram | None:
    """The months `YYYY-MM` with their counts, drawn. `first` and `last` are the days that are searched. None
    if there is nothing to compare: fewer than two months.
    """
    counts = {month: count for month, count in months.items() if count}
    if len(counts) < 2:
        return None
    numbers = range(int(min(counts)[:4]), int(max(counts)[:4]) + 1)
    by_year = {year: _counts_of(counts, year) for year in numbers}
    draws_months = len(numbers) <= MAX_YEARS_OF_MONTHS
    highest = max(counts.values()) if draws_months else max(map(sum, by_year.values()))

    def bar(label: str, count: int, days: tuple[date, date], slot: int, slots: int) -> Bar:
        height = max(count / highest * HEIGHT, _MIN_BAR)
        return Bar(
            label,
            count,
            link(*days),
            _overlap(days, first, last),
            left=slot * MONTH_WIDTH + (MONTH_WIDTH - _BAR_WIDTH) / 2,
            top=round(HEIGHT - height, 1),
            width=slots * MONTH_WIDTH - (MONTH_WIDTH - _BAR_WIDTH),
            height=round(height, 1),
        )

    years, bars = [], []
    for index, (year, year_counts) in enumerate(by_year.items()):
        days, total = (date(year, 1, 1), date(year, 12, 31)), sum(year_counts)
        years.append(Year(str(year), total, link(*days), _overlap(days, first, last), tuple(year_counts)))
        if draws_months:
            bars += [
                bar(f"{year}. {month}.", count, _days_of(year, month), 12 * index + month - 1, 1)
                for month, count in enumerate(year_counts, 1)
                if count
            ]
        elif total:
            bars.append(bar(f"{year}.", total, days, 12 * index, 12))
    return Histogram(tuple(years), tuple(bars), 12 * MONTH_WIDTH * len(numbers))


@dataclass(frozen=True, slots=True)
class Line:
    """The counts of one trend as the points of a polyline."""

    points: str


def make_lines(counts: Sequence[Sequence[float]]) -> tuple[Line, ...]:
    """Lines through counts, each with as many as the others, under one height."""
    highest = max((count for line in counts for count in line), default=0) or 1
    return tuple(
        Line(
            " ".join(
                f"{MONTH_WIDTH * index + MONTH_WIDTH / 2:g},{HEIGHT - count / highest * HEIGHT:.2f}"
                for index, count in enumerate(line)
            )
        )
        for line in counts
    )


def _counts_of(counts: Mapping[str, int], year: int) -> list[int]:
    return [counts.get(f"{year:04}-{month:02}", 0) for month in range(1, 13)]


def _days_of(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _overlap(days: tuple[date, date], first: date | None, last: date | None) -> bool:
    """Whether some of the days are searched. If all days are searched, none stands out."""
    if first is None and last is None:
        return False
    return (first is None or first <= days[1]) and (last is None or days[0] <= last)
