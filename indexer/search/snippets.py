"""The places of a text that show the most of a query: whole sentences, or clean cuts of long ones.

Candidates are windows of neighbouring sentences up to the length limit; they are taken greedily by how
many words of the query they add, then by how many marks they hold, then by how early they are.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from indexer.search.marks import merge_ranges
from indexer.search.response import Marked, Range

MAX_SNIPPETS = 3
MAX_SNIPPET_CHARS = 160
ELLIPSIS = "…"
# Between a line that is no sentence, as a heading is none, and the next.
LINE_BREAK = " · "

# A sentence ends behind 다. 요! and their kin, with the closing marks that follow, or with its line; not
# behind the number of a list or date.
_CLOSING = r"[”’\"')\]』」》]"
_END_MARKS = rf"(?:[!?。]|(?<!\d)\.){_CLOSING}*"
# Likewise, put so that it begins with one of some characters, which are searched for fast.
_SENTENCE_END = re.compile(rf"[!?。.\n](?:(?<=\n)|(?<!\d\.){_CLOSING}*(?=\s|$))")
_ENDED = re.compile(rf"{_END_MARKS}\s*$")
_LINE_ENDS = re.compile(r"\s*\n\s*")
# So many characters at the end of a sentence show that it is one.
_LONGEST_END = 8


class WordRange(NamedTuple):
    """A range of the text and which word of the query (by number) it shows."""

    start: int
    end: int
    word: int


class Sentences:
    """The sentences of a text by number; some may be blank."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = [match.end() for match in _SENTENCE_END.finditer(text)]
        if text and self._ends[-1:] != [len(text)]:
            self._ends.append(len(text))
        self._ranges: dict[int, Range] = {}

    def __len__(self) -> int:
        return len(self._ends)

    def find(self, offset: int) -> int:
        """The number of the sentence that the character before `offset` is in."""
        return bisect_left(self._ends, offset)

    def range(self, number: int) -> Range:
        """Where a sentence is, without the white space around it; empty where it is blank."""
        if (known := self._ranges.get(number)) is not None:
            return known
        start, end = self._ends[number - 1] if number else 0, self._ends[number]
        piece = self._text[start:end]
        start += len(piece) - len(piece.lstrip())
        found = start, max(start, end - len(piece) + len(piece.rstrip()))
        self._ranges[number] = found
        return found


def make_snippets(text: str, matches: Sequence[WordRange]) -> tuple[tuple[int, Marked], ...]:
    """Up to MAX_SNIPPETS pieces of `text`, in its order, each of at most MAX_SNIPPET_CHARS characters of it,
    and what shows its cuts and lines; with each the offset that it begins at. Without matches, the beginning
    of the text.
    """
    ordered = sorted(matches)
    sentences = Sentences(text)
    # A blank that matches shows nothing.
    windows = {
        window: shown for window, shown in _windows(sentences, ordered).items() if window[0] < window[1]
    }
    if not windows:
        first = next((number for number in range(len(sentences)) if _is_shown(sentences, number)), None)
        if first is None:
            return ()
        start, end = _grow(sentences, first)
        return ((start, _cut(text, start, min(end, start + MAX_SNIPPET_CHARS), ())),)
    chosen: list[Range] = []
    missing = {match.word for match in ordered}
    while windows and len(chosen) < MAX_SNIPPETS:
        best, (words, _) = max(
            windows.items(), key=lambda item: (len(item[1][0] & missing), item[1][1], -item[0][0])
        )
        if chosen and not words:
            break
        missing -= words
        chosen.append(best)
        windows = {
            window: shown for window, shown in windows.items() if window[1] <= best[0] or best[1] <= window[0]
        }
    return tuple((window[0], _cut(text, *window, ordered)) for window in sorted(chosen))


def _is_shown(sentences: Sentences, number: int) -> bool:
    start, end = sentences.range(number)
    return start < end


def _windows(sentences: Sentences, matches: list[WordRange]) -> dict[Range, tuple[set[int], int]]:
    """For each sentence that a match begins in, a window with it: the words in it, and how many marks."""
    windows: dict[Range, tuple[set[int], int]] = {}
    starts = [match.start for match in matches]
    done = 0, 0
    for match in matches:
        if done[0] <= match.start and match.end <= done[1]:
            continue
        number = sentences.find(match.start + 1)
        start, end = sentences.range(number)
        if match.end > end:
            end = sentences.range(sentences.find(match.end))[1]
        if end - start > MAX_SNIPPET_CHARS:
            window = _around(match, start, end)
        else:
            window = _grow(sentences, number)
            # Whatever else is in this sentence has the same window.
            done = start, end
        if window not in windows:
            low, high = bisect_left(starts, window[0]), bisect_right(starts, window[1])
            inside = {match.word for match in matches[low:high] if match.end <= window[1]}
            windows[window] = inside, bisect_left(starts, window[1]) - low
    return windows


def _grow(sentences: Sentences, number: int) -> Range:
    """The sentence and as many of those behind it as fit."""
    start, end = sentences.range(number)
    limit = start + MAX_SNIPPET_CHARS
    # The sentence that the limit is in fits if what is behind it is only white space.
    for following in range(min(sentences.find(limit), len(sentences) - 1), number, -1):
        first, last = sentences.range(following)
        if first < last <= limit:
            return start, last
    return start, end


def _around(match: WordRange, start: int, end: int) -> Range:
    """A window of a sentence that is too long: the match a third of the way in."""
    first = max(start, min(match.start - MAX_SNIPPET_CHARS // 3, end - MAX_SNIPPET_CHARS))
    return first, min(end, first + MAX_SNIPPET_CHARS)


def _cut(text: str, start: int, end: int, matches: Sequence[WordRange]) -> Marked:
    """The piece as text and ranges. A cut inside a sentence moves to a space, if that loses no mark, and
    shows an ellipsis.
    """
    inside = [match for match in matches if start <= match.start and match.end <= end]
    first = min((match.start for match in inside), default=end)
    last = max((match.end for match in inside), default=start)
    if start > 0 and not text[start - 1].isspace():
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    if end < len(text) and not text[end].isspace():
        space = text.rfind(" ", max(last, start + 1), end)
        end = space if space >= 0 else end
    before = ELLIPSIS if _cuts_sentence(text, start) else ""
    after = ELLIPSIS if _cuts_sentence(text, end) else ""
    shown, moved = _join_lines(before + text[start:end] + after)
    shift = len(before) - start
    ranges = [(moved(match.start + shift), moved(match.end + shift)) for match in inside]
    return Marked(shown, merge_ranges([(first, last) for first, last in ranges if first < last]))


def _join_lines(text: str) -> tuple[str, Callable[[int], int]]:
    """The lines of a text as one, and where an offset in it comes to be."""
    if "\n" not in text:
        return text, lambda offset: offset
    pieces: list[str] = []
    # Behind each break its place in the text, and by how much what follows is moved; where the next one ends.
    ends, shifts, limits = [0], [0], []
    for line_end in _LINE_ENDS.finditer(text):
        start, end = line_end.span()
        between = " " if _ENDED.search(text, max(ends[-1], start - _LONGEST_END), start) else LINE_BREAK
        pieces += text[ends[-1] : start], between
        ends.append(end)
        shifts.append(shifts[-1] + len(between) - (end - start))
        limits.append(end + shifts[-1])
    pieces.append(text[ends[-1] :])
    limits.append(len(text) + shifts[-1])

    def moved(offset: int) -> int:
        line = bisect_right(ends, offset) - 1
        return min(offset + shifts[line], limits[line])

    return "".join(pieces), moved


def _cuts_sentence(text: str, offset: int) -> bool:
    """Whether `offset` is inside a sentence."""
    before = text[:offset].rstrip(" ")
    return bool(
        before
        and text[offset:].strip()
        and before[-1] != "\n"
        and not text[offset:].startswith("\n")
        and not _ENDED.search(before[-_LONGEST_END:])
    )
