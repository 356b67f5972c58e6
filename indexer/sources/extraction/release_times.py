"""The times that a release states in its head: when it was issued, and its embargo."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from itertools import islice

from indexer.sources.extraction.line_search import matching_lines, quote
from indexer.sources.formats.document import Field, FieldValue
from indexer.sources.problems import ReadProblem
from indexer.sources.recognizers.times import (
    DATE,
    LONGEST_TIME_CHARS,
    find_time,
    parse_embargo,
    parse_time,
    with_plain_times,
)
from indexer.text.unicode import nfc

_HEAD_LINES = 40

_EMBARGO = re.compile(
    r"(?<!\w)(?:보\s?도\s?(?:시\s?점|일\s?시|시\s?기)"
    r"|엠\s?바\s?고(?:\s?해\s?제)?(?:\s?(?:일\s?시|시\s?점|시\s?각|시\s?간|일\s?자))?)(?![가-힣])\s?[|:：)\]>]*"
)
# A time before the word: "12. 30.(수) 12시까지 엠바고입니다", "12시부터 보도 가능하오니 엠바고에 유의", and,
# at the start of a line, "15시 엠바고".
_EMBARGO_BEHIND = re.compile(
    r"(?P<when>\d[\d\s./:,()년월일화수목금토오전후시분T-]{2,40}?(?:\s?[조석]간)?)"
    r"(?:\s?(?:까지|부터|이후)[^\d]{0,20}|\s?)엠\s?바\s?고"
    r"|^\W*(?P<alone>\d{1,2}(?:시(?:\s?\d{1,2}분)?|:\d{2}))\s?엠\s?바\s?고"
)
_ISSUED = re.compile(
    r"(?:^|[|/(\[<〈▣■□◇◈*※\s])(?:(?:자\s?료|보도\s?자료)?\s?배\s?포\s?(?:일\s?시|일\s?자|시\s?점|시\s?각|일)?"
    rf"|제공\s?(?:일시|일자|일))\s?[|:：)\]>]*\s?(?P<when>{DATE})",
    re.ASCII,
)
_ISSUED_LABEL = re.compile(
    r"(?:자\s?료\s?)?배\s?포\s?(?:일\s?시|일\s?자|시\s?점|일)?|제공\s?(?:일시|일자|일)"
)
_ONLINE = re.compile(r"(?:인\s?터\s?넷|온\s?라\s?인|방송|통신)")
# "국회 본회의 통과 시", "행사 종료 후": the day is stated, the time is not.
_UNTIL_EVENT = re.compile(r"[가-힣]\s?(?:시|직?후)(?:\s|$|부터|보도|[|)])")
_NEWSPAPER = re.compile(
    r"(?:보도|언론)\s?매체|매체\s?명|보도\s?제목|(?:^|\s|□)제\s?목\s?:|신문사|보도\s?내용|언론\s?사"
)
_ISSUED_BESIDE = re.compile(r"[/|]\s?배\s?포|배\s?포\s?(?:일\s?시|일\s?자|시\s?점)")
_AT_ONCE = re.compile(r"즉\s?시")
# Words that `_UNTIL_EVENT` would take for an event.
_NO_EVENT = re.compile(r"오[전후]|이후")
_FROM_THEN_ON = re.compile(r"^[\s,)]*이후")
# How the reason of `unread_embargo_problem` begins.
_UNREAD = "보도시점의 연도나 시각을 알 수 없어 엠바고 없이 읽었습니다:"
_STATE_EMBARGO = (
    '곁 파일이나 레코드의 embargo에 "2026-11-25 14:30"처럼 쓰세요. 엠바고가 없으면 "없음"을 쓰세요.'
)
# What has a digit and looks like a time, or names an edition of a newspaper.
_LIKE_A_TIME = re.compile(r"\d\s?(?:시|:\d\d)|\d\s?[./월]\s?\d{1,2}(?![\d%배])|\d{4}-\d|[조석]간", re.ASCII)
# A choice: a value is short, and what comes behind it in a paragraph is about something else.
_LOOKED_AT_CHARS = 100
_NO_EMBARGO = re.compile(r"없음|해당\s?(?:사항\s?)?없음|배포\s?(?:시|와\s?동시)(?:부터|에)?")
_DATE = re.compile(DATE, re.ASCII)
# What every label of an embargo holds. Searching the whole text for these first leaves few lines to look at;
# two patterns that begin with a letter are searched faster than one with a choice.
_EMBARGO_HINTS = (re.compile(r"보 ?도 ?[시일]"), re.compile(r"엠 ?바 ?고"))


def find_times(
    lines: list[str], text: str, wanted: Collection[Field], near: date | None = None
) -> Iterator[FieldValue]:
    """Embargo and, if `wanted`, time of publication that `lines` state; `text` is the lines joined.

    An embargo without a year is read with the day on which the lines say that they were handed out, else with
    the day `near`.
    """
    labelled = matching_lines(_EMBARGO_HINTS, text)
    if not labelled and "published" not in wanted:
        return
    head = with_plain_times("\n".join(lines[:_HEAD_LINES])).split("\n")
    issued = next(filter(None, (_issued_at(head, index) for index in range(len(head)))), None)
    near = _day_of(head, issued) or near
    stated = (_embargo_in(value, line, near) for value, line in _embargo_values(head, labelled))
    embargo = next(filter(None, stated), None)
    if embargo is not None and embargo.value:
        yield embargo
    if "published" not in wanted:
        return
    if issued is None and embargo is not None:
        # A release that does not say when it was handed out was handed out on the day of its embargo.
        day = _DATE.search(embargo.value or embargo.origin)
        issued = FieldValue("published", day[0], embargo.origin) if day and _is_time(day[0]) else None
    if issued is not None:
        yield issued


def unread_embargo(lines: Iterable[str]) -> str:
    """What follows the first label of an embargo in the head of `lines` and looks like a time, though
    `find_times` finds none there; '' where there is no such.
    """
    head = [" ".join(line.split()) for line in islice((line for line in lines if line.strip()), _HEAD_LINES)]
    text = with_plain_times(nfc("\n".join(head)))
    for value, line in _embargo_values(text.split("\n"), matching_lines(_EMBARGO_HINTS, text)):
        if _embargo_in(value, line, None) is not None:
            return ""
        value = _ISSUED_BESIDE.split(value[:_LOOKED_AT_CHARS])[0]
        if _LIKE_A_TIME.search(value) and not _UNTIL_EVENT.search(_NO_EVENT.sub("", value)):
            return quote(value)
    return ""


def unread_embargo_problem(unread: str, source_path: str, line: int | None = None) -> ReadProblem:
    """The warning about what `unread_embargo` found."""
    reason = f"{_UNREAD} {unread}"
    return ReadProblem(source_path, reason, _STATE_EMBARGO, line, "warning")


def is_embargo_doubt(item: object) -> bool:
    """Whether an item is the warning of `unread_embargo_problem`."""
    return isinstance(item, ReadProblem) and item.reason.startswith(_UNREAD)


def read_embargo(text: str, near: date | None = None) -> datetime | None:
    """The moment that the value of an embargo names; a day without a year is one around the day `near`.

    None where it says "at once" or nothing, or names an event whose time cannot be known. Raises ValueError
    where it says none of these.
    """
    try:
        return parse_embargo(text)
    except ValueError as error:
        unread = error
    if len(text) > LONGEST_TIME_CHARS:
        raise unread
    plain = with_plain_times(" ".join(unicodedata.normalize("NFKC", text).split()))
    if not plain.strip(" -–—") or _NO_EMBARGO.fullmatch(plain):
        return None
    embargo = _embargo_in(plain, plain, near)
    if embargo is not None:
        return parse_embargo(embargo.value) if embargo.value else None
    day = _DATE.search(plain)
    if (day is None or _is_time(day[0])) and _UNTIL_EVENT.search(_NO_EVENT.sub("", plain)):
        return None
    raise unread


def _embargo_values(head: list[str], labelled: list[int]) -> Iterator[tuple[str, str]]:
    """What the `labelled` lines of the head say of an embargo, and the line of each."""
    for index in labelled:
        line = head[index] if index < len(head) else ""
        label, behind = _EMBARGO.search(line), _EMBARGO_BEHIND.search(line)
        value = line[label.end() :] if label else ""
        if behind and len(value.strip(" |:")) < 2:
            yield behind["when"] or behind["alone"], line
        elif label and not _is_about_newspaper(head, index):
            if len(value.strip(" |:")) < 2:
                value = " ".join(head[index + 1 : index + 3])
            yield value, line


def _day_of(head: list[str], issued: FieldValue | None) -> date | None:
    """The day on which a text was handed out: as it says, or where a line of its head is a date alone."""
    dates = (_DATE.fullmatch(line.strip(" |:*□■<>[]()")) for line in head)
    text = issued.value if issued else next((match[0] for match in dates if match), "")
    return parse_time(text)[0].date() if text and _is_time(text) else None


def _is_about_newspaper(lines: list[str], index: int) -> bool:
    """Whether 보도일시 is the time of an article in a newspaper: a rebuttal names the paper beside it."""
    return any(_NEWSPAPER.search(line) for line in lines[max(0, index - 2) : index + 4])


def _issued_at(lines: list[str], index: int) -> FieldValue | None:
    """The time of publication that the line at `index` states, alone or with the line below it."""
    line = lines[index]
    match = _ISSUED.search(line)
    if match is not None:
        time = match["when"]
    elif _ISSUED_LABEL.fullmatch(line.strip(" |:*□■<>[]()")) and index + 1 < len(lines):
        below = _DATE.match(lines[index + 1].strip(" |:"))
        time = below[0] if below else ""
    else:
        return None
    return FieldValue("published", time, quote(line)) if time and _is_time(time) else None


def _embargo_in(value: str, line: str, near: date | None) -> FieldValue | None:
    """The embargo that `value` of `line` states; '' for "at once". Of several media the internet counts."""
    value = _ISSUED_BESIDE.split(value[:_LOOKED_AT_CHARS])[0]
    online = _ONLINE.search(value)
    time = value[online.end() :] if online else value
    if _AT_ONCE.search(time.split("(지")[0]):
        return FieldValue("embargo", "", quote(line))
    found = find_time(time, near)
    if found is None or not _is_time(found[0]):
        return None
    stated, end = found
    date_of = _DATE.match(stated)
    if date_of and date_of["hour"] is None and _UNTIL_EVENT.search(_FROM_THEN_ON.sub("", time[end:])):
        return None
    return FieldValue("embargo", stated, quote(line))


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
        parse_embargo(text)
    except ValueError:
        return False
    return True
