"""The times that a release states in its head: when it was issued, and its embargo."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import datetime

from indexer.sources.extraction.line_search import matching_lines, quote
from indexer.sources.formats.document import Field, FieldValue
from indexer.sources.recognizers.times import (
    DATE,
    LONGEST_TIME_CHARS,
    parse_embargo,
    parse_time,
    with_plain_times,
)

_HEAD_LINES = 40

_EMBARGO = re.compile(
    r"(?:^|[|/(\[<〈▣■□◇◈*※\s])(?:보\s?도\s?(?:시\s?점|일\s?시|시\s?기)|엠\s?바\s?고)(?![가-힣])\s?[|:：)\]>]*"
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
_ISSUED_BESIDE = re.compile(r"/\s?배\s?포|\|\s?배\s?포")
_AT_ONCE = re.compile(r"즉\s?시")
_HALF_DAY = re.compile(r"오[전후]")
_NO_EMBARGO = re.compile(r"없음|해당\s?(?:사항\s?)?없음|배포\s?(?:시|와\s?동시)(?:부터|에)?")
_DATE = re.compile(DATE, re.ASCII)
# What every label of an embargo holds. Searching the whole text for these first leaves few lines to look at;
# two patterns that begin with a letter are searched faster than one with a choice.
_EMBARGO_HINTS = (re.compile(r"보 ?도 ?[시일]"), re.compile(r"엠 ?바 ?고"))


def find_times(lines: list[str], text: str, wanted: Collection[Field]) -> Iterator[FieldValue]:
    """Embargo and, if `wanted`, time of publication that `lines` state; `text` is the lines joined."""
    labelled = matching_lines(_EMBARGO_HINTS, text)
    if not labelled and "published" not in wanted:
        return
    head = with_plain_times("\n".join(lines[:_HEAD_LINES])).split("\n")
    embargo = _embargo_of_head(head, labelled)
    if embargo is not None and embargo.value:
        yield embargo
    if "published" not in wanted:
        return
    issued = next(filter(None, (_issued_at(head, index) for index in range(len(head)))), None)
    if issued is None and embargo is not None:
        # A release that does not say when it was handed out was handed out on the day of its embargo.
        day = _DATE.search(embargo.value or embargo.origin)
        issued = FieldValue("published", day[0], embargo.origin) if day and _is_time(day[0]) else None
    if issued is not None:
        yield issued


def read_embargo(text: str) -> datetime | None:
    """The moment that the value of an embargo names.

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
    embargo = _embargo_in(plain, plain)
    if embargo is not None:
        return parse_embargo(embargo.value) if embargo.value else None
    day = _DATE.search(plain)
    if (day is None or _is_time(day[0])) and _UNTIL_EVENT.search(_HALF_DAY.sub("", plain)):
        return None
    raise unread


def _embargo_of_head(head: list[str], labelled: list[int]) -> FieldValue | None:
    """The first embargo among the `labelled` lines of the head; its value is '' for "at once"."""
    for index in labelled:
        label = _EMBARGO.search(head[index]) if index < len(head) else None
        if label is None or _is_about_newspaper(head, index):
            continue
        value = head[index][label.end() :]
        if len(value.strip(" |:")) < 2:
            value = " ".join(head[index + 1 : index + 3])
        embargo = _embargo_in(value, head[index])
        if embargo is not None:
            return embargo
    return None


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


def _embargo_in(value: str, line: str) -> FieldValue | None:
    """The embargo that `value` of `line` states; '' for "at once". Of several media the internet counts."""
    value = _ISSUED_BESIDE.split(value)[0]
    online = _ONLINE.search(value)
    time = value[online.end() :] if online else value
    date = _DATE.search(time)
    if _AT_ONCE.search(time.split("(지")[0]):
        return FieldValue("embargo", "", quote(line))
    if date is None or not _is_time(date[0]):
        return None
    if date["hour"] is None and _UNTIL_EVENT.search(time, date.end()):
        return None
    return FieldValue("embargo", date[0], quote(line))


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
        parse_embargo(text)
    except ValueError:
        return False
    return True
