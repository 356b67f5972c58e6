"""The key of an API, taken out of what its server says: some servers repeat what they were asked."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

# What is shorter is part of other words, and no portal gives it as a key.
_SHORTEST_KEY_CHARS = 8
_HIDDEN = "…"


def without_key(text: str, key: str) -> str:
    """`text` with `…` for `key`, as it is and in percents, of which any of its characters may be."""
    return _pattern(key).sub(_HIDDEN, text) if len(key) >= _SHORTEST_KEY_CHARS else text


def answer_without_key(data: bytes, key: str) -> bytes:
    """As `without_key`, for bytes in an encoding with ASCII in it."""
    if len(key) < _SHORTEST_KEY_CHARS:
        return data
    text = data.decode("latin-1")
    return _pattern(key).sub("*", text).encode("latin-1")


@lru_cache(maxsize=8)
def _pattern(key: str) -> re.Pattern[str]:
    # %2B, and %252B for what was written in percents twice.
    characters = (f"(?:{re.escape(one)}|%(?:25)*{ord(one):02x})" for one in unquote(key))
    return re.compile("".join(characters), re.I)
