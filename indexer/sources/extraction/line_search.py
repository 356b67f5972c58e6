"""Lines of a text by patterns, and a line as the origin of a value."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST_QUOTE_CHARS = 50


def matching_lines(patterns: Iterable[re.Pattern[str]], text: str) -> list[int]:
    """The indexes of the lines of `text` in which one of `patterns` is found, in order."""
    indexes: list[int] = []
    index = counted = 0
    for start in sorted(match.start() for pattern in patterns for match in pattern.finditer(text)):
        index += text.count("\n", counted, start)
        counted = start
        if not indexes or indexes[-1] != index:
            indexes.append(index)
    return indexes


def quote(line: str) -> str:
    """The beginning of a line in quotation marks, as the origin of a value."""
    stripped = line.strip()
    return f"‘{stripped[:_LONGEST_QUOTE_CHARS]}{'…' if len(stripped) > _LONGEST_QUOTE_CHARS else ''}’"
