"""Dates and times as Korean pages and press officers write them."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

from indexer.release import SEOUL, Precision

_WEEKDAY = r"(?:\s?\([월화수목금토일](?:요일)?\))"
_CLOCK = (
    r"(?P<half>오전|오후)?\s?(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?|시(?:\s?(?P<minutes>\d{1,2})분)?)(?!\d)(?:\s?KST)?"
)
# Year, month and day, a weekday in brackets, and a time, in the forms 2023-04-25T01:28:00,
# 2023.04.25 01:28, 2023. 4. 25.(화) 오후 1:28 and 2023년 4월 25일 13시 28분.
DATE = (
    r"(?P<year>(?:19|20)\d{2}|(?<!\d)\d{2}(?=\.\d{2}\.\d{2}))\s?[-./년]\s?(?P<month>\d{1,2})\s?[-./월]\s?"
    rf"(?P<day>\d{{1,2}})(?!\d)(?:\s?일|\.)?{_WEEKDAY}?(?:(?:T|[\s,]*){_CLOCK})?"
)
# A day without its year: 12. 30.(수), 12월 30일, 12/30(수) 09:00. As 12.5 may be any number, a weekday, a
# time, a second point or the like must follow.
_DAY = re.compile(
    r"(?<![\d./:~-])(?P<month>0?[1-9]|1[0-2])\s?[./월]\s?(?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
    rf"(?:(?:\s?일|\.(?!\d)){_WEEKDAY}?|{_WEEKDAY}|(?=[\s,]*(?:오[전후]\s?)?\d{{1,2}}(?::\d{{2}}|시)|\s?[조석]간))"
    rf"(?:[\s,]*{_CLOCK})?",
    re.ASCII,
)
# `\W` would be a letter of Hangul as well where digits are those of ASCII.
_CLOCK_ALONE = re.compile(
    rf"(?:[^\dA-Za-z가-힣]*+(?:금일|오늘|당일))?[^\dA-Za-z가-힣]*+(?P<clock>{_CLOCK})", re.ASCII
)

# Longer values are not parsed: no time takes as many characters.
LONGEST_TIME_CHARS = 200

_DATE = re.compile(DATE, re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_SHORT_YEAR = re.compile(r"[’‘'′`´] ?(\d{2}) ?(?=[-./년] ?\d)")
_NOON = re.compile(r"(?<![가-힣])(?:낮 ?12시|정오)")
_MIDNIGHT = re.compile(r"(?<![가-힣])(?:밤 ?12시|자정)")
_HALF_HOURS = re.compile(r"(오전|오후) ?(\d{1,2})시 ?반")
_EVENING = re.compile(r"(?:밤|저녁) ?(?=\d{1,2}(?:시|:))")
_MORNING = re.compile(r"(?:아침|새벽) ?(?=\d{1,2}(?:시|:))")
_MERIDIEM = re.compile(r"\b([AP])\.?M\.? ?(?=\d)", re.I)
_HANJA_DAY = re.compile(r"\(([月火水木金土日])\)")
_BARE_DAY = re.compile(r"(?<=\.)\s?[월화수목금토일](?=[\s,)]|$)")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?")
_SHORT_DATE = re.compile(r"(\d{2})\. ?(\d{1,2})\. ?(\d{1,2})(?=\.|\s|$|\()")
# Words behind a date that do not change it: the edition of a newspaper, or what happens at that time.
_TRAILING_WORDS = re.compile(
    r"(?:[조석]간|가판|이후|부터|배포|즉시|제공|보도|발표|게시|등록|공개|사용|가능|작성|예정|[\s,.()])*"
)
_AT_ONCE = re.compile(r"(?:배포\s?)?즉시.*|없음")
# Evening papers are out at noon.
_EVENING_PAPER = re.compile(r"[\s,]*석간")
_FROM_THEN_ON = re.compile(r"(?<!\s)\s*(?:이후|부터|[조석]간|가판).*$")


def parse_time(text: str) -> tuple[datetime, Precision]:
    """The moment that `text` names, in Asia/Seoul, and whether it came with a time of day.

    `text` is in the form of ISO 8601, RFC 5322 or a Korean document. Without an offset it is in Asia/Seoul. A
    local "T00:00:00" counts as a date without a time: exporters write dates so. Raises ValueError on anything
    else.
    """
    stripped = _strip_time(text)
    try:
        moment = datetime.fromisoformat(stripped)
    except ValueError:
        plain = _plain_date(stripped)
        match = _DATE.match(plain)
        if match is not None and _TRAILING_WORDS.fullmatch(plain, match.end()):
            return _moment_of(match)
        try:
            moment = parsedate_to_datetime(stripped)
        except OverflowError as error:
            raise ValueError(str(error)) from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"year {moment.year} is out of range")
    if moment.tzinfo is not None:
        return moment.astimezone(SEOUL), "time"
    has_time = ":" in stripped and not stripped.endswith("T00:00:00")
    return moment.replace(tzinfo=SEOUL), "time" if has_time else "day"


def parse_embargo(text: str) -> datetime | None:
    """The moment until which `text` forbids publication, in Asia/Seoul; None for "at once" or an empty text.

    A date without a time means the start of that day, with 석간 its noon. Raises ValueError where `text`
    cannot be read.
    """
    stripped = _strip_time(text)
    if not stripped or _AT_ONCE.fullmatch(stripped):
        return None
    day = _FROM_THEN_ON.sub("", stripped)
    moment, precision = parse_time(day)
    is_noon = precision == "day" and _EVENING_PAPER.match(stripped, len(day)) is not None
    return moment.replace(hour=12) if is_noon else moment


def find_time(text: str, near: date | None) -> tuple[str, int] | None:
    """The first date in `text`, with its time if it has one, in the form of `DATE`, and where it ends.

    A date without a year is in that in which it is nearest to the day `near`: around New Year too, and no
    old text names a day of the future. A time alone at the start of `text` is one of the day `near`. 석간
    behind a date is its noon. None where there is no such time.
    """
    whole, day = _DATE.search(text), _DAY.search(text)
    match: re.Match[str] | None = whole
    stated = whole[0] if whole else ""
    if day is not None and (whole is None or day.start() < whole.start()):
        match = day
        if near is None and whole is not None and _is_time(whole[0]):
            near = parse_time(whole[0])[0].date()
        stated = _with_year(day, near) if near else ""
    elif whole is None and near is not None and (clock := _CLOCK_ALONE.match(text)):
        match, stated = clock, f"{near:%Y-%m-%d} {clock['clock']}"
    if match is None or not _is_time(stated):
        return None
    if match["hour"] is None and _EVENING_PAPER.match(text, match.end()):
        stated += " 12:00"
    return stated, match.end()


def _with_year(day: re.Match[str], near: date) -> str:
    """A match of `_DAY` with its year before it; '' where no year near has this day."""
    days: list[date] = []
    for year in (near.year - 1, near.year, near.year + 1):
        with suppress(ValueError):
            days.append(date(year, int(day["month"]), int(day["day"])))
    return f"{min(days, key=lambda one: abs(one - near)).year}. {day[0]}" if days else ""


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
    except ValueError:
        return False
    return True


def _strip_time(text: str) -> str:
    """`text` without white space around it. Raises ValueError where it is too long for a time."""
    stripped = text.strip()
    if len(stripped) > LONGEST_TIME_CHARS:
        raise ValueError(f"{len(stripped)} characters are no time")
    return stripped


def with_plain_times(text: str) -> str:
    """`text` with its times in the forms that `DATE` knows: ’23.4.25., 정오, 오전 9시 반."""
    text = _SHORT_YEAR.sub(r"20\1", text)
    text = _EVENING.sub("오후 ", _MORNING.sub("오전 ", text))
    text = _HALF_HOURS.sub(r"\1 \2시 30분", text)
    return _MIDNIGHT.sub("00:00", _NOON.sub("12:00", text))


def _plain_date(text: str) -> str:
    """A text that is nothing but a date, in the forms that `DATE` knows.

    Also from forms that mean something else within a sentence: 23.4.25, (火), 20230425093000, PM 2:30.
    """
    text = unicodedata.normalize("NFKC", text)
    text = _HANJA_DAY.sub("", _COMPACT.sub(r"\1-\2-\3 \4:\5", text))
    text = _MERIDIEM.sub(lambda match: "오전 " if match[1] in "Aa" else "오후 ", text)
    if _SHORT_DATE.match(text):
        text = f"20{text}"
    return _BARE_DAY.sub("", with_plain_times(text))


def _moment_of(match: re.Match[str]) -> tuple[datetime, Precision]:
    """The moment of a match of `DATE`, in Asia/Seoul. Raises ValueError where no calendar has it."""
    year = int(match["year"])
    year += 2000 if year < 100 else 0
    month, day = int(match["month"]), int(match["day"])
    if match["hour"] is None:
        return datetime(year, month, day, tzinfo=SEOUL), "day"
    hour = int(match["hour"])
    if match["half"]:
        # People write 오후 15시 as well.
        if not 1 <= hour <= (23 if match["half"] == "오후" else 12):
            raise ValueError(f"{match['half']} {hour}시")
        hour = hour % 12 + (12 if match["half"] == "오후" else 0)
    minute = int(match["minute"] or match["minutes"] or 0)
    # 24:00 is the end of a day (ISO 8601-1).
    days, hour = (1, 0) if (hour, minute) == (24, 0) else (0, hour)
    moment = datetime(year, month, day, hour, minute, int(match["second"] or 0), tzinfo=SEOUL)
    return moment + timedelta(days=days), "time"
