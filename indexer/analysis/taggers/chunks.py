"""Texts cut to what a tagger bears."""

from __future__ import annotations

import re
from functools import lru_cache


def cut(text: str, max_chars: int) -> list[str]:
    """`text` in pieces of at most `max_chars` characters, cut before white space where there is any.

    Nothing is lost: the pieces, put end to end, are the text.
    """
    return [text] if len(text) <= max_chars else _pieces(max_chars).findall(text)


@lru_cache
def _pieces(max_chars: int) -> re.Pattern[str]:
    return re.compile(rf"[\s\S]{{1,{max_chars}}}(?=\s|\Z)|[\s\S]{{{max_chars}}}")
