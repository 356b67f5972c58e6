"""Datelines: outlet, place and reporter in front of the first paragraph of a news article."""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.text.unicode import nfc

REPORTER_NAME = r"[가-힣]{2,4}"
_KIND = r"(?:선임|수습|인턴|전문|객원|시민)?\s?(?:기자|특파원)"
REPORTERS = rf"(?P<names>{REPORTER_NAME}(?:\s?[·,ㆍ]\s?{REPORTER_NAME}){{0,4}})\s?{_KIND}(?![가-힣])"

_BRACKETED = re.compile(
    r"(?:\[(?P<square>[^\[\]]{2,50})\]|【(?P<lenticular>[^【】]{2,50})】|\((?P<round>[^()]{2,50})\))\s*"
    rf"(?:{REPORTERS}\s*(?:=|-(?=\s))?\s*|=\s*)?"
)
_ENGLISH = re.compile(
    r"[A-Z][A-Z .'-]{2,30}(?:, [A-Z][a-z]+\.?)?, [A-Z][a-z]{2,8}\.? \d{1,2} "
    r"\((?P<agency>[A-Z][\w .&]{1,30})\)\s*(?:--?|–|—)\s*"
)
_PARTS = re.compile(r"[=|│ㅣ]")
_REPORTERS = re.compile(REPORTERS)
_OUTLET = re.compile(
    r"\S*(?:뉴스\d?|뉴시스|연합|일보|신문|경제|방송|타임[즈스]|저널|투데이|미디어|통신"
    r"|데일리|닷컴|포스트|매일|헤럴드|TV|KBS|MBC|SBS|YTN)"
)
_NOT_NAMES = frozenset({"본지", "시민", "취재", "현장", "담당"})


@dataclass(frozen=True, slots=True)
class Dateline:
    """The outlet and reporter of a dateline, '' where it names none; `length` in characters of the text."""

    length: int
    outlet: str = ""
    reporter: str = ""


def find_dateline(text: str) -> Dateline | None:
    """The dateline that `text` begins with; None where there is none.

    A bracket is a dateline only where it holds a reporter, or a place and an outlet joined by "=".
    A place alone is no outlet: `[창원=홍길동 기자]` has none.
    """
    composed = nfc(text)
    match = _ENGLISH.match(composed)
    if match:
        return Dateline(_original_offset(text, composed, match.end()), match["agency"])
    match = _BRACKETED.match(composed)
    if match is None:
        return None
    inside = match["square"] or match["lenticular"] or match["round"]
    outlet, reporter = _parse_bracket(inside.strip(), signed=match["names"] is not None)
    if match["names"]:
        reporter = reporter or reporter_names(match["names"])
    if not outlet and not reporter:
        return None
    return Dateline(_original_offset(text, composed, match.end()), outlet, reporter)


def reporter_names(names: str) -> str:
    """The names of a match of `REPORTERS`, joined by ", ", without words that only look like one."""
    parts = (name.strip() for name in re.split(r"[·,ㆍ]", names))
    return ", ".join(name for name in parts if name not in _NOT_NAMES)


def _parse_bracket(inside: str, signed: bool) -> tuple[str, str]:
    """Outlet and reporter inside a bracket; `signed` where a reporter's name follows it."""
    *before, last = map(str.strip, _PARTS.split(inside))
    match = _REPORTERS.search(last)
    if match and match.end() == len(last):
        before_name = last[: match.start()].strip()
        outlets = [part for part in (*before, before_name) if _OUTLET.fullmatch(_without_place(part))]
        if not outlets and "=" not in inside and len(before) == 1:
            outlets = before
        return (_without_place(outlets[0]) if outlets else ""), reporter_names(match["names"])
    if before and "=" in inside and (signed or _OUTLET.fullmatch(_without_place(last))):
        return _without_place(last), ""
    return "", ""


def _without_place(part: str) -> str:
    """`part` without a place in brackets, from where a reporter writes: "헤럴드경제(창원)"."""
    return part.split("(")[0].strip()


def _original_offset(text: str, composed: str, end: int) -> int:
    """The offset in `text` of the character that is at `end` in `composed`, its NFC form."""
    rest = composed[end:]
    return next(offset for offset in range(end, len(text) + 1) if nfc(text[offset:]) == rest)
