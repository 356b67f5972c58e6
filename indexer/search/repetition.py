"""Texts that only say again what is shown already: a body often begins with its title and its subtitles."""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexer.search.response import Range

_NO_LETTER = re.compile(r"[\W_]+")
_PAIR = re.compile(r"[^\W_]{2}")
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
        if len(text) > self._max_chars or not self._may_have(text):
            return False
        letters = _letters(text)
        return bool(letters) and any(
            letters == shown or (len(letters) >= _MIN_PIECE_LETTERS and letters in shown)
            for shown in self._letters
        )

    def find_lines(self, text: str) -> list[Range]:
        """The ranges of the lines of `text` that repeat, without the line feeds behind them."""
        found: list[Range] = []
        start = 0
        for line in text.split("\n") if self._letters else ():
            end = start + len(line)
            if len(line) <= self._max_chars and self.has(line):
                found.append((start, end))
            start = end + 1
        return found

    def _may_have(self, text: str) -> bool:
        """Whether the first two letters that stand together do so in one of the lines: a quick look at what
        most texts do not have.
        """
        first = _PAIR.search(text)
        if first is None:
            return True
        pair = first[0].casefold()
        return any(pair in shown for shown in self._letters)


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text).casefold()
