"""The places of a text that show the most of a query: whole sentences, or clean cuts of long ones.

Candidates are windows of neighbouring sentences up to the length limit; they are taken greedily by how
many words of the query they add, then by how many marks they hold, then by how early they are.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from indexer.search.answer import Marked, Range
from indexer.search.highlight import merge_ranges

MAX_SNIPPETS = 3
MAX_SNIPPET_CHARS = 160
ELLIPSIS = "…"

# A sentence ends behind 다. 요! and their kin, with the closing marks that follow, or with its line.
_SENTENCE_END = re.compile(r"[.!?。][”’\"')\]』」》]*(?=\s|$)|\n")


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
    """Up to MAX_SNIPPETS pieces of `text`, in its order, each of at most MAX_SNIPPET_CHARS characters
    besides the ellipses of a cut; with each the offset that it begins at. Without matches, the beginning of
    the text.
    """
    ordered = sorted(matches)
    sentences = Sentences(text)
    if not ordered:
        first = next((number for number in range(len(sentences)) if _is_shown(sentences, number)), None)
        if first is None:
            return ()
        start, end = _grow(sentences, first)
        return ((start, _cut(text, start, min(end, start + MAX_SNIPPET_CHARS), ())),)
    windows = _windows(sentences, ordered)
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
    """For each sentence with a match, a window around it: the words in it, and how many marks."""
    windows: dict[Range, tuple[set[int], int]] = {}
    starts = [match.start for match in matches]
    done = 0, 0
    for match in matches:
        if done[0] < match.end <= done[1]:
            continue
        number = sentences.find(match.end)
        start, end = sentences.range(number)
        if end - start > MAX_SNIPPET_CHARS:
            window = _around(match, start, end)
        else:
            window = _grow(sentences, number)
            # Whatever else ends in this sentence has the same window.
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
    shift = len(before) - start
    ranges = merge_ranges([(match.start + shift, match.end + shift) for match in inside])
    return Marked(before + text[start:end].replace("\n", " ") + after, ranges)


def _cuts_sentence(text: str, offset: int) -> bool:
    """Whether `offset` is inside a sentence."""
    before = text[:offset].rstrip(" ")
    return bool(
        before
        and text[offset:].strip()
        and before[-1] != "\n"
        and not text[offset:].startswith("\n")
        and not re.search(r"[.!?。][”’\"')\]』」》]*$", before[-8:])
    )
