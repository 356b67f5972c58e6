"""Texts that only say again what is shown already: a body often begins with its title and its subtitles."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NO_LETTER = re.compile(r"[\W_]+")
# A choice: a shorter piece of a title may be a text of its own, such as the name of a place.
_MIN_PIECE_LETTERS = 8


class Shown:
    """What stands above a text. Spaces, marks and case make no difference."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        lines = [line for text in texts for line in text.split("\n")]
        self._letters = [letters for line in lines if (letters := _letters(line))]
        # A line with so many characters has more letters than what is shown, whatever its marks are.
        self._max_chars = 2 * max(map(len, lines), default=0)

    def has(self, text: str) -> bool:
        """Whether `text` repeats one of the lines, or a long piece of one."""
        if len(text) > self._max_chars:
            return False
        letters = _letters(text)
        return bool(letters) and any(
            letters == shown or (len(letters) >= _MIN_PIECE_LETTERS and letters in shown)
            for shown in self._letters
        )


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text).casefold()
