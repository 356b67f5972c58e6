"""The snippets of a text: the sentences, or pieces of long sentences, that show the most of a query.

Candidates are windows of neighbouring sentences up to MAX_SNIPPET_CHARS. The choice is greedy: first the
window with the most words of the query that are not shown yet, then the one with the most marks, then the
earliest.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from indexer.search.marks import merge_ranges
from indexer.search.repetition import Shown
from indexer.search.response import Marked, Range

# Choices: two lines of a page for each snippet, and few enough that a page shows several releases.
MAX_SNIPPETS = 3
MAX_SNIPPET_CHARS = 160
ELLIPSIS = "…"
# Stands between a line that does not end a sentence, such as a heading, and the next line.
LINE_BREAK = " · "

# A sentence ends with . ! ? or 。 and the closing marks behind it, or with its line. A point behind a digit
# does not end it: that is the number of a list or of a date.
_CLOSING = r"[”’\"')\]』」》]"
_END_MARKS = rf"(?:[!?。]|(?<!\d)\.){_CLOSING}*"
# The same, but it begins with a set of characters, which `re` searches for fast.
_SENTENCE_END = re.compile(rf"[!?。.\n](?:(?<=\n)|(?<!\d\.){_CLOSING}*(?=\s|$))")
_ENDED = re.compile(rf"{_END_MARKS}\s*$")
_LINE_ENDS = re.compile(r"\s*\n\s*")
# A choice: so many characters at the end of a text are looked at for the end of a sentence.
_MAX_END_CHARS = 8
_NOTHING = Shown()


class WordRange(NamedTuple):
    """A range of the text that shows the query's word number `word`, counted from 0."""

    start: int
    end: int
    word: int


class Sentences:
    """The sentences of a text by index. Some may be blank. `shown` is what stands above the text."""

    def __init__(self, text: str, shown: Shown = _NOTHING) -> None:
        self._text = text
        self._repeated = shown.find_lines(text)
        self._ends = [match.end() for match in _SENTENCE_END.finditer(text)]
        if text and self._ends[-1:] != [len(text)]:
            self._ends.append(len(text))
        self._ranges: dict[int, Range] = {}

    def __len__(self) -> int:
        return len(self._ends)

    def find(self, offset: int) -> int:
        """The index of the sentence that has the character before `offset`."""
        return bisect_left(self._ends, offset)

    def range(self, index: int) -> Range:
        """The range of a sentence without the white space around it; an empty range if it is blank."""
        if (known := self._ranges.get(index)) is not None:
            return known
        start, end = self._ends[index - 1] if index else 0, self._ends[index]
        sentence = self._text[start:end]
        start += len(sentence) - len(sentence.lstrip())
        trimmed = start, max(start, end - len(sentence) + len(sentence.rstrip()))
        self._ranges[index] = trimmed
        return trimmed

    def is_worth_showing(self, index: int) -> bool:
        """Whether a sentence is neither blank nor in a line that is a repetition."""
        start, end = self.range(index)
        if not self._repeated:
            return start < end
        return start < end and not any(first <= start and end <= last for first, last in self._repeated)

    def next_repetition(self, offset: int) -> int:
        """Where the next line that is a repetition begins behind `offset`; else the end of the text."""
        if not self._repeated:
            return len(self._text)
        return next((first for first, _ in self._repeated if first > offset), len(self._text))


def make_snippets(
    text: str, matches: Sequence[WordRange], shown: Shown = _NOTHING
) -> tuple[tuple[int, Marked], ...]:
    """At most MAX_SNIPPETS pieces of `text` in its order, each with the offset where it begins.

    A piece has at most MAX_SNIPPET_CHARS characters of the text, with ELLIPSIS where a sentence is cut and
    LINE_BREAK between lines. Lines that repeat what is `shown` above them are left out. If nothing else
    matches, the only piece is the beginning of the text.
    """
    ordered = sorted(matches)
    sentences = Sentences(text, shown)
    # A match of white space only has an empty window.
    windows = {
        window: content for window, content in _windows(sentences, ordered).items() if window[0] < window[1]
    }
    if not windows:
        first = next(filter(sentences.is_worth_showing, range(len(sentences))), None)
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
            window: content
            for window, content in windows.items()
            if window[1] <= best[0] or best[1] <= window[0]
        }
    return tuple((window[0], _cut(text, *window, ordered)) for window in sorted(chosen))


def _windows(sentences: Sentences, matches: list[WordRange]) -> dict[Range, tuple[set[int], int]]:
    """A window for each sentence that a match begins in, with the words in it and the number of marks."""
    windows: dict[Range, tuple[set[int], int]] = {}
    starts = [match.start for match in matches]
    previous = 0, 0
    for match in matches:
        if previous[0] <= match.start and match.end <= previous[1]:
            continue
        index = sentences.find(match.start + 1)
        if not sentences.is_worth_showing(index):
            continue
        start, end = sentences.range(index)
        if match.end > end:
            end = sentences.range(sentences.find(match.end))[1]
        if end - start > MAX_SNIPPET_CHARS:
            window = _around(match, start, end)
        else:
            window = _grow(sentences, index)
            # Other matches in this sentence have the same window.
            previous = start, end
        if window not in windows:
            low, high = bisect_left(starts, window[0]), bisect_right(starts, window[1])
            inside = {match.word for match in matches[low:high] if match.end <= window[1]}
            windows[window] = inside, bisect_left(starts, window[1]) - low
    return windows


def _grow(sentences: Sentences, index: int) -> Range:
    """A sentence and as many of the following ones as fit."""
    start, end = sentences.range(index)
    limit = min(start + MAX_SNIPPET_CHARS, sentences.next_repetition(start))
    # The sentence at the limit fits if only white space of it is behind the limit.
    for following in range(min(sentences.find(limit), len(sentences) - 1), index, -1):
        first, last = sentences.range(following)
        if first < last <= limit:
            return start, last
    return start, end


def _around(match: WordRange, start: int, end: int) -> Range:
    """A window of a sentence that is too long, with the match after a third of the window."""
    first = max(start, min(match.start - MAX_SNIPPET_CHARS // 3, end - MAX_SNIPPET_CHARS))
    return first, min(end, first + MAX_SNIPPET_CHARS)


def _cut(text: str, start: int, end: int, matches: Sequence[WordRange]) -> Marked:
    """A window as text and ranges. A cut inside a sentence moves to a space, unless that would lose a mark,
    and shows an ellipsis.
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
    """The lines of a text joined to one, and a function from offsets in the text to offsets in the result."""
    if "\n" not in text:
        return text, lambda offset: offset
    pieces: list[str] = []
    # For each line: its start in the text, by how much its characters move, and its end in the result.
    ends, shifts, limits = [0], [0], []
    for line_end in _LINE_ENDS.finditer(text):
        start, end = line_end.span()
        between = " " if _ENDED.search(text, max(ends[-1], start - _MAX_END_CHARS), start) else LINE_BREAK
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
        and not _ENDED.search(before[-_MAX_END_CHARS:])
    )
