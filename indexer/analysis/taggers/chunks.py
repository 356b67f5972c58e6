"""Splits texts into chunks of a size that a tagger can work on."""

from __future__ import annotations

import re
from functools import lru_cache


def split_text(text: str, max_chars: int) -> list[str]:
    """`text` in chunks of at most `max_chars` characters, split before white space if there is any.

    The chunks, joined, are the text.
    """
    return [text] if len(text) <= max_chars else _chunk_pattern(max_chars).findall(text)


@lru_cache
def _chunk_pattern(max_chars: int) -> re.Pattern[str]:
    return re.compile(rf"[\s\S]{{1,{max_chars}}}(?=\s|\Z)|[\s\S]{{{max_chars}}}")
