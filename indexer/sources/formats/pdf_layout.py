"""The words of a page -> lines in reading order, column after column.

A recursive XY-cut (Nagy and Seth, "Hierarchical representation of optically scanned documents", 1984): a
region is cut at its widest vertical gap where both sides are columns, else at its tallest horizontal gap,
until nothing can be cut. All positions are in points from the top left corner of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

# Chosen by hand; `tests/benchmarks/extractors.py` compares the outcome with that of other programs.
_GUTTER_EMS = 1.2
_ROW_GAP_EMS = 0.8
_LEAST_COLUMN_LINES = 4
_LEAST_COLUMN_SHARE = 0.25
_SMALL_SHARE = 0.75
_DEEPEST_CUT = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column. `joined` is True where its last word goes on in the next line, without a space."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size_pt: float
    column_right: float
    joined: bool


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float


def in_reading_order(words: Iterable[dict[str, Any]], spaces: Iterable[dict[str, Any]]) -> Iterator[Line]:
    """The lines that `words` make.

    Words and the space characters between them have x0, x1, top and bottom; words have text and size too.
    """
    parsed = [
        _Word(word["text"], word["x0"], word["x1"], word["top"], word["bottom"], float(word["size"]))
        for word in words
    ]
    # On a page with spaces at the ends of lines, a line without one ends within a word.
    boxes = [(space["x0"], space["top"], space["bottom"]) for space in spaces]
    lines = [
        (line, max(word.x1 for word in region)) for region in _cut(parsed, 0) for line in _lines_of(region)
    ]
    ends_with_space = [_ends_with_space(line, boxes) for line, _ in lines]
    has_spaces = any(ends_with_space)
    for (line, right), has_space in zip(lines, ends_with_space, strict=True):
        yield Line(
            " ".join(word.text for word in line),
            line[0].x0,
            max(word.x1 for word in line),
            min(word.top for word in line),
            max(word.bottom for word in line),
            round(max(word.size for word in line), 1),
            right,
            has_spaces and not has_space,
        )


def _ends_with_space(line: list[_Word], spaces: list[tuple[float, float, float]]) -> bool:
    last = line[-1]
    return any(
        -1.0 <= x0 - last.x1 <= last.size and top < last.bottom and bottom > last.top
        for x0, top, bottom in spaces
    )


def _cut(words: list[_Word], depth: int) -> Iterator[list[_Word]]:
    """The regions of `words` in reading order."""
    if len(words) < 2 * _LEAST_COLUMN_LINES or depth > _DEEPEST_CUT:
        if words:
            yield words
        return
    em = median(word.size for word in words)
    gutter = _gutter(words, em)
    if gutter is not None:
        yield from _cut([word for word in words if word.x1 <= gutter], depth + 1)
        yield from _cut([word for word in words if word.x1 > gutter], depth + 1)
        return
    level = _widest_gap([(word.top, word.bottom) for word in words], _ROW_GAP_EMS * em)
    # A horizontal cut is of use only where columns appear on one side of it.
    if level is None:
        yield words
        return
    above = [word for word in words if word.bottom <= level]
    below = [word for word in words if word.bottom > level]
    parts = [*_cut(above, depth + 1), *_cut(below, depth + 1)]
    if len(parts) == 2:
        yield words
    else:
        yield from parts


def _gutter(words: list[_Word], em: float) -> float | None:
    """The x of a vertical gap between two columns, each several lines tall and wide enough for prose."""
    x = _widest_gap([(word.x0, word.x1) for word in words], _GUTTER_EMS * em)
    if x is None:
        return None
    left = [word for word in words if word.x1 <= x]
    right = [word for word in words if word.x1 > x]
    width = max(word.x1 for word in words) - min(word.x0 for word in words)
    for side in (left, right):
        side_width = max(word.x1 for word in side) - min(word.x0 for word in side)
        if side_width < _LEAST_COLUMN_SHARE * width or len(_lines_of(side)) < _LEAST_COLUMN_LINES:
            return None
    return x


def _widest_gap(spans: list[tuple[float, float]], least: float) -> float | None:
    """The middle of the widest stretch that no span covers; None where none is `least` points wide."""
    widest, middle, reach = least, None, None
    for start, end in sorted(spans):
        if reach is not None and start - reach >= widest:
            widest, middle = start - reach, (start + reach) / 2
        reach = end if reach is None else max(reach, end)
    return middle


def _lines_of(words: list[_Word]) -> list[list[_Word]]:
    """The words by line, lines from top to bottom, words from the left. Words of a line overlap in height.

    Raised and lowered words are small: they join the line that they overlap most.
    """
    em = median(word.size for word in words)
    lines: list[list[_Word]] = []
    small: list[_Word] = []
    for word in sorted(words, key=lambda word: word.top + word.bottom):
        if word.size < _SMALL_SHARE * em:
            small.append(word)
        elif lines and (word.top + word.bottom) / 2 < lines[-1][0].bottom:
            lines[-1].append(word)
        else:
            lines.append([word])
    for word in small:
        touched = max(lines, key=lambda line: _overlap(line[0], word), default=None)
        if touched is not None and _overlap(touched[0], word) > 0:
            touched.append(word)
        else:
            lines.append([word])
    lines.sort(key=lambda line: line[0].top + line[0].bottom)
    return [sorted(line, key=lambda word: word.x0) for line in lines]


def _overlap(one: _Word, other: _Word) -> float:
    """How many points of height two words share; zero or less where they share none."""
    return min(one.bottom, other.bottom) - max(one.top, other.top)
