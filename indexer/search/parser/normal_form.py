"""Texts of a query in normal form: without operators, and from the first letter or digit to the last."""

from __future__ import annotations

import unicodedata

from indexer.analysis import find_patterns, is_letter_or_digit
from indexer.text.normalize import normalize

# Hyphens and printers' quotation marks that NFKC leaves as they are.
_PLAIN = {"“": '"', "”": '"', "„": '"', "‟": '"', "〝": '"', "〞": '"', "−": "-", "–": "-", "‐": "-"}
_OPERATORS = frozenset('"|:*-')


def plain_operators(text: str) -> str:
    """The text with each form of an operator, full-width ones among them, as its plain self. Every character
    keeps its offset.
    """
    return "".join(map(_plain_operator, text))


def trim_word(text: str) -> str:
    """A word in normal form, from its first letter or digit to its last; '' where it has none. The marks of
    companies are words: ㈜ is (주), not 주.
    """
    normal = "".join(_normalize(text).split())
    inside = [offset for offset, char in enumerate(normal) if is_letter_or_digit(char)]
    for start, end, kind in find_patterns(normal):
        if kind == "company":
            inside += [start, end - 1]
    return normal[min(inside) : max(inside) + 1] if inside else ""


def squeeze_phrase(text: str) -> str:
    """A quoted text in normal form with single spaces; '' where it has no letter or digit."""
    normal = " ".join(_normalize(text).split())
    return normal if any(map(is_letter_or_digit, normal)) else ""


def squeeze_value(text: str) -> str:
    """A value of a facet as typed: NFC, with single spaces and without quotation marks."""
    return " ".join(unicodedata.normalize("NFC", text).replace('"', " ").split())


def split_at_marks(normal: str) -> list[str]:
    """The parts of a word between marks: 창원,하노버 is 창원 and 하노버. A mark between two digits belongs to
    its number.
    """
    parts: list[str] = [""]
    for offset, char in enumerate(normal):
        in_number = (
            0 < offset < len(normal) - 1 and normal[offset - 1].isdigit() and normal[offset + 1].isdigit()
        )
        if is_letter_or_digit(char) or in_number:
            parts[-1] += char
        elif parts[-1]:
            parts.append("")
    return [part for part in parts if part]


def _plain_operator(char: str) -> str:
    plain = _PLAIN.get(char) or unicodedata.normalize("NFKC", char)
    return plain if plain in _OPERATORS else char


def _normalize(text: str) -> str:
    """The normal form without the operators that it may bring."""
    return "".join(" " if char in '"|' else char for char in plain_operators(normalize(text).text))
