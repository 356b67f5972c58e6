"""What is known by how it is written, whatever a tagger cuts it into: numbers, days, and the marks of
companies.

1,000 and 3.5 are one term. A day of the year is one term and its two numbers, however it is written: 6·25, 4.
25. and 2023.04.25 hold 6.25, 4.25 and 4.25, so that 6.25 and 6·25 find each other. (주), as ㈜ is written in
normal form, is a term of its own and no 주.
"""

from __future__ import annotations

import re
from typing import Literal

from indexer.analysis.morphemes import Emission, Lexeme, Rule

# What begins with a digit; the first is tried for each digit of a text, and for nothing else of it.
# A number has thousands separators or a decimal point. A day has a middle dot; or full stops and a space; or
# stands behind a year.
_MONTH = "(?:(?<=0)[1-9]|(?<=1)[0-2]|(?<=[1-9]))"  # behind its first digit
_DAY = "(?:3[01]|[12]\\d|0?[1-9])"
_BEGINS = r"(?<![\d.,·•]\d)"
_WRITTEN = re.compile(
    rf"\d(?:{_BEGINS}(?P<day>{_MONTH}(?:[·•]{_DAY}(?![\d·•]|[.,]\d)|\. {_DAY}(?=\.(?!\d)| ?\()))"
    rf"|(?:(?<=\d\d\d\d\.\d)|(?<=\d\d\d\d\. \d))(?P<dated>{_MONTH}\. ?{_DAY}(?!\d|\.\d))"
    rf"|{_BEGINS}(?:\d{{0,2}}(?:,\d{{3}})+(?:\.\d+)?|\d*\.\d+)(?!\d|[.,]\d))",
    re.ASCII,
)
_COMPANY = re.compile(r"\([주유재사합자]\)")
_DECIMAL_DAY = re.compile(r"(0?[1-9]|1[0-2])\.(3[01]|[12]\d|0?[1-9])", re.ASCII)
_NUMBERS = re.compile(r"\d+", re.ASCII)

Kind = Literal["number", "day", "company"]


def find_written(text: str) -> list[tuple[int, int, Kind]]:
    """Where something that `read_written` reads stands in a text in normal form, and what it is, in order."""
    found: list[tuple[int, int, Kind]] = [
        (*match.span(), "day" if match.lastgroup else "number") for match in _WRITTEN.finditer(text)
    ]
    companies: list[tuple[int, int, Kind]] = [(*match.span(), "company") for match in _COMPANY.finditer(text)]
    return sorted([*found, *companies]) if companies else found


def read_written(written: str, kind: Kind) -> Lexeme:
    """The lexeme of a number, day or mark of a company. Of a day its two numbers are terms behind it."""
    length = len(written)

    def whole(term: str, tag: str, rule: Rule) -> Emission:
        return Emission(term, tag, 0, length, 0, rule)

    if kind == "company":
        return Lexeme(written, "NNG", (whole(written, "NNG", "word"),), 1)
    if kind == "number":
        number = written.replace(",", "")
        terms = dict.fromkeys((number, day_of(number) or number))
        return Lexeme(written, "SN", tuple(whole(term, "SN", "number") for term in terms), 1)
    numbers = list(_NUMBERS.finditer(written))
    day = ".".join(number.group().lstrip("0") for number in numbers)
    parts = [
        Emission(number.group(), "SN", *number.span(), step, "part") for step, number in enumerate(numbers, 1)
    ]
    return Lexeme(written, "SN", (whole(day, "SN", "number"), *parts), 1 + len(parts))


def day_of(term: str) -> str:
    """The day that a decimal may be, without the zeros before its numbers: 4.25 of 04.25; '' where it is
    none.
    """
    if not _DECIMAL_DAY.fullmatch(term):
        return ""
    return ".".join(number.lstrip("0") for number in term.split("."))
