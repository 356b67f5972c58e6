"""Numbers, days of the year and marks of companies: known by their pattern, whatever a tagger makes of them.

1,000 and 3.5 are one term each. A day gives one term and its two numbers, however it is written: 6·25, 4. 25.
and 2023.04.25 give 6.25, 4.25 and 4.25, so that 6.25 and 6·25 match each other. (주), which is also the
normal form of ㈜, is one term and no 주.
"""

from __future__ import annotations

import re
from typing import Literal

import numpy as np

from indexer.analysis.lexeme import Emission, Lexeme, whole_emission
from indexer.analysis.lexicon import Lexicon
from indexer.analysis.morphemes import Morphemes
from indexer.text.tags import Tag

PatternKind = Literal["number", "day", "company"]

# All alternatives share one \d in front, so that the regex engine tries them at digits only. A number has
# thousands separators or a decimal point. A day has a middle dot; or full stops and a space; or is behind a
# year.
_MONTH = "(?:(?<=0)[1-9]|(?<=1)[0-2]|(?<=[1-9]))"  # from its second digit on
_DAY = "(?:3[01]|[12]\\d|0?[1-9])"
_FIRST_DIGIT = r"(?<![\d.,·•]\d)"
_NUMERIC = re.compile(
    rf"\d(?:{_FIRST_DIGIT}(?P<day>{_MONTH}(?:[·•]{_DAY}(?![\d·•]|[.,]\d)|\. {_DAY}(?=\.(?!\d)| ?\()))"
    rf"|(?:(?<=\d\d\d\d\.\d)|(?<=\d\d\d\d\. \d))(?P<dated>{_MONTH}\. ?{_DAY}(?!\d|\.\d))"
    rf"|{_FIRST_DIGIT}(?:\d{{0,2}}(?:,\d{{3}})+(?:\.\d+)?|\d*\.\d+)(?!\d|[.,]\d))",
    re.ASCII,
)
# Abbreviations of 주식회사, 유한회사, 재단법인, 사단법인, 합명회사 and 합자회사.
_COMPANY = re.compile(r"\([주유재사합자]\)")
_DECIMAL_DAY = re.compile(r"(0?[1-9]|1[0-2])\.(3[01]|[12]\d|0?[1-9])", re.ASCII)
_INTEGER = re.compile(r"\d+", re.ASCII)


def merge_patterns(text: str, morphemes: Morphemes, lexicon: Lexicon) -> Morphemes:
    """Merge each number, day and mark of a company, which taggers split at their signs."""
    matches = find_patterns(text)
    if not matches:
        return morphemes
    spans = np.array([(start, end) for start, end, _ in matches], np.int64)
    first = np.searchsorted(morphemes.starts, spans[:, 0])
    last = np.searchsorted(morphemes.ends, spans[:, 1])
    # A match that begins or ends inside a morpheme is left as it is.
    whole = (morphemes.starts[first] == spans[:, 0]) & (morphemes.ends[last] == spans[:, 1])
    lexemes = [
        lexicon.computed_id(read_pattern, text[start:end], kind)
        for (start, end, kind), is_whole in zip(matches, whole.tolist(), strict=True)
        if is_whole
    ]
    return morphemes.merge(first[whole], last[whole], lexemes)


def find_patterns(text: str) -> list[tuple[int, int, PatternKind]]:
    """Start, end (exclusive) and kind of each match in a text in normal form, in order, without overlaps."""
    matches: list[tuple[int, int, PatternKind]] = [
        (*match.span(), "day" if match.lastgroup else "number") for match in _NUMERIC.finditer(text)
    ]
    companies: list[tuple[int, int, PatternKind]] = [
        (*match.span(), "company") for match in _COMPANY.finditer(text)
    ]
    return sorted([*matches, *companies]) if companies else matches


def read_pattern(surface: str, kind: PatternKind) -> Lexeme:
    """The lexeme of a match. The two numbers of a day are terms at the positions behind it."""
    if kind == "company":
        return Lexeme(surface, Tag.NNG, (whole_emission(surface, Tag.NNG, "word"),), 1)
    if kind == "number":
        number = surface.replace(",", "")
        terms = dict.fromkeys((number, day_of(number) or number))
        emissions = (whole_emission(surface, Tag.SN, "number", term=term) for term in terms)
        return Lexeme(surface, Tag.SN, tuple(emissions), 1)
    numbers = list(_INTEGER.finditer(surface))
    day = ".".join(number.group().lstrip("0") for number in numbers)
    parts = [
        Emission(number.group(), Tag.SN, *number.span(), position, "part")
        for position, number in enumerate(numbers, 1)
    ]
    whole = whole_emission(surface, Tag.SN, "number", term=day)
    return Lexeme(surface, Tag.SN, (whole, *parts), 1 + len(parts))


def day_of(term: str) -> str:
    """The day that a decimal number may be, without leading zeros: 4.25 for 04.25; '' if it cannot be one."""
    if not _DECIMAL_DAY.fullmatch(term):
        return ""
    return ".".join(number.lstrip("0") for number in term.split("."))
