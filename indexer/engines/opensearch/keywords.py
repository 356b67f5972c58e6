"""Texts of any characters and any length as keywords, which OpenSearch compares and sorts as they are."""

from __future__ import annotations

import re

# Marks a lone surrogate, which ids and paths may hold and JSON in UTF-8 may not: this and six digits.
_MARK = "\U0010fffd"
_MARKED = re.compile(f"[\ud800-\udfff{_MARK}]")
_DIGITS = 6
# Lucene refuses a keyword of more than 32,766 bytes.
_MAX_FACET_CHARS = 8_000


def to_keyword(text: str) -> str:
    """A text of any characters as a keyword, which `from_keyword` reads back."""
    return _MARKED.sub(lambda match: f"{_MARK}{ord(match[0]):0{_DIGITS}x}", text)


def from_keyword(keyword: str) -> str:
    """The text that `to_keyword` was given."""
    first, *others = keyword.split(_MARK)
    return first + "".join(chr(int(other[:_DIGITS], 16)) + other[_DIGITS:] for other in others)


def facet_keyword(value: str) -> str:
    """The value of a facet as it is indexed: one that is too long is cut."""
    return to_keyword(value[:_MAX_FACET_CHARS])
