"""Texts of any characters and any length as keywords, which OpenSearch compares and sorts as they are."""

from __future__ import annotations

# Marks a lone surrogate, which ids and paths may hold and JSON in UTF-8 may not: this and four digits.
_SURROGATE = "\U0010fffd"
# Lucene refuses a keyword of more than 32,766 bytes.
_MAX_FACET_CHARS = 8_000


def to_keyword(text: str) -> str:
    """A text of any characters as a keyword, which `from_keyword` reads back."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(
            f"{_SURROGATE}{ord(char):04x}" if "\ud800" <= char <= "\udfff" else char for char in text
        )
    return text


def from_keyword(keyword: str) -> str:
    """The text that `to_keyword` was given."""
    first, *others = keyword.split(_SURROGATE)
    return first + "".join(chr(int(other[:4], 16)) + other[4:] for other in others)


def facet_keyword(value: str) -> str:
    """The value of a facet as it is indexed: one that is too long is cut."""
    return to_keyword(value[:_MAX_FACET_CHARS])
