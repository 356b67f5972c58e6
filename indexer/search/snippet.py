"""The places of a text that show the most of a query: whole sentences, or clean cuts of long ones.

Candidates are windows of neighbouring sentences up to the length limit; they are taken greedily by how
many words of the query they add, then by how many marks they hold, then by how early they are.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.search.answer import Marked, Range
from indexer.search.highlight import merge_ranges

MAX_SNIPPETS = 3
MAX_SNIPPET_CHARS = 160
ELLIPSIS = "…"

# A sentence ends behind 다. 요! and their kin, with the closing marks that follow, or with its line.
_SENTENCE_END = re.compile(r"(?<=[.!?。])[”’\"')\]』」》]*(?=\s|$)|\n")


@dataclass(frozen=True, slots=True)
class WordRange:
    """A range of the text and which word of the query (by number) it shows."""

    start: int
    end: int
    word: int


def make_snippets(text: str, matches: Sequence[WordRange]) -> tuple[tuple[int, Marked], ...]:
    """Up to MAX_SNIPPETS pieces of `text`, in its order, each of at most MAX_SNIPPET_CHARS characters
    besides the ellipses of a cut; with each the offset that it begins at. Without matches, the beginning of
    the text.
    """
    ordered = sorted(matches, key=lambda match: (match.start, match.end))
    sentences = split_sentences(text)
    if not sentences:
        return ()
    if not ordered:
        start, end = _grow(sentences, 0)
        return ((start, _cut(text, start, min(end, start + MAX_SNIPPET_CHARS), ())),)
    chosen: list[Range] = []
    missing = {match.word for match in ordered}
    starts = [match.start for match in ordered]
    windows = _windows(sentences, ordered)
    while len(chosen) < MAX_SNIPPETS:
        free = [window for window in windows if all(window[1] <= a or b <= window[0] for a, b in chosen)]
        if not free:
            break
        inside = {
            window: {
                match.word
                for match in ordered[bisect_left(starts, window[0]) : bisect_right(starts, window[1])]
                if match.end <= window[1]
            }
            for window in free
        }
        best = max(
            free,
            key=lambda window: (
                len(inside[window] & missing),
                bisect_left(starts, window[1]) - bisect_left(starts, window[0]),
                -window[0],
            ),
        )
        if chosen and not inside[best]:
            break
        missing -= inside[best]
        chosen.append(best)
    return tuple((window[0], _cut(text, *window, ordered)) for window in sorted(chosen))


def split_sentences(text: str) -> list[Range]:
    """The sentences of `text` without the white space around them, in order; blank ones left out."""
    borders = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    sentences = []
    for start, end in itertools.pairwise(borders):
        piece = text[start:end]
        if stripped := piece.strip():
            offset = start + piece.index(stripped[0])
            sentences.append((offset, offset + len(stripped)))
    return sentences


def _windows(sentences: list[Range], matches: list[WordRange]) -> list[Range]:
    """For each sentence with a match, a window around it."""
    windows: dict[Range, None] = {}
    ends = [end for _, end in sentences]
    for match in matches:
        index = min(bisect_left(ends, match.end), len(sentences) - 1)
        start, end = sentences[index]
        if end - start > MAX_SNIPPET_CHARS:
            windows[_around(match, start, end)] = None
        else:
            windows[_grow(sentences, index)] = None
    return list(windows)


def _grow(sentences: list[Range], index: int) -> Range:
    """The sentence and as many of those behind it as fit."""
    start, end = sentences[index]
    for _, following in sentences[index + 1 :]:
        if following - start > MAX_SNIPPET_CHARS:
            break
        end = following
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
