"""Dates and times as Korean pages and press officers write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from indexer.release import SEOUL, Precision

# Year, month and day, a weekday in brackets, and a time, in the forms 2023-04-25T01:28:00,
# 2023.04.25 01:28, 2023. 4. 25.(화) 오후 1:28 and 2023년 4월 25일 13시 28분.
DATE = (
    r"(?P<year>(?:19|20)\d{2}|(?<!\d)\d{2}(?=\.\d{2}\.\d{2}))\s?[-./년]\s?(?P<month>\d{1,2})\s?[-./월]\s?"
    r"(?P<day>\d{1,2})(?!\d)(?:\s?일|\.)?(?:\s?\([월화수목금토일](?:요일)?\))?"
    r"(?:(?:T|[\s,]*)(?P<half>오전|오후)?\s?(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?|시(?:\s?(?P<minutes>\d{1,2})분)?)(?!\d)(?:\s?KST)?)?"
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

    A date without a time means the start of that day. Raises ValueError where `text` cannot be read.
    """
    stripped = _strip_time(text)
    if not stripped or _AT_ONCE.fullmatch(stripped):
        return None
    return parse_time(_FROM_THEN_ON.sub("", stripped))[0]


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
        if not 1 <= hour <= 12:
            raise ValueError(f"{match['half']} {hour}시")
        hour = hour % 12 + (12 if match["half"] == "오후" else 0)
    minute = int(match["minute"] or match["minutes"] or 0)
    # 24:00 is the end of a day (ISO 8601-1).
    days, hour = (1, 0) if (hour, minute) == (24, 0) else (0, hour)
    moment = datetime(year, month, day, hour, minute, int(match["second"] or 0), tzinfo=SEOUL)
    return moment + timedelta(days=days), "time"
