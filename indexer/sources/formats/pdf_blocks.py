"""The lines and tables of the pages of a PDF -> paragraphs and tables, without running heads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.sources.formats.document import Block, Paragraph, Table
from indexer.sources.formats.pdf_layout import Line
from indexer.sources.formats.pdf_tables import BBox, Rows

# Chosen by hand; `tests/benchmarks/extractors.py` compares the outcome with that of other programs.
_MARGIN_SHARE = 0.09
_REPEATED_SHARE = 0.5
_LEAST_REPEATED_PAGES = 2
_SAME_SIZE_PT = 1.0
_MOST_LEADING_EMS = 1.5
_SHORT_LINE_EMS = 2.5
_PAGE_NUMBER = re.compile(r"[-–—<(\s]*\d{1,4}[-–—>)\s]*+(?:/\s*\d{1,4}\s*+)?쪽?[-–—>)\s]*+")
_NEW_PARAGRAPH = re.compile(
    r"[□■○●ㅇ◦❍▶▷◇◆◎※❏☐▸▪•·*☞◈❖✓①-⑳⓵-⓾ⅠⅡⅢⅣⅤ㈀-㉟]|[-–]\s|<[^<>]{1,40}>|【|\d{1,2}\.\s|[가-하]\.\s|\(\d\)"
)


@dataclass(frozen=True, slots=True)
class Page:
    """The lines and tables of a page, in points from its top left corner; `number` counts from 1.

    Of its `letters`, `unknown` have a font that does not say which they are, and `private` are characters of
    the font alone.
    """

    number: int
    height: float
    lines: tuple[Line, ...]
    tables: tuple[tuple[BBox, Rows], ...]
    letters: int
    unknown: int
    private: int


def blocks_of_pages(pages: list[Page]) -> Iterator[Block]:
    """The paragraphs and tables of the pages, from top to bottom."""
    running_heads = _find_running_heads(pages)
    for page in pages:
        yield from _blocks(page, running_heads)


def _find_running_heads(pages: list[Page]) -> frozenset[str]:
    """The lines in the margin of at least half of the pages, as `_key` gives them."""
    counts = Counter(
        key for page in pages for key in {_key(line) for line in page.lines if _in_margin(line, page)}
    )
    least = max(_LEAST_REPEATED_PAGES, _REPEATED_SHARE * len(pages))
    return frozenset(key for key, count in counts.items() if count >= least)


def _in_margin(line: Line, page: Page) -> bool:
    return line.bottom < page.height * _MARGIN_SHARE or line.top > page.height * (1 - _MARGIN_SHARE)


def _key(line: Line) -> str:
    """The text of a line with all numbers made equal: a running head may hold the number of the page."""
    return re.sub(r"\d+", "0", " ".join(line.text.split()))


def _blocks(page: Page, running_heads: frozenset[str]) -> Iterator[Block]:
    """The paragraphs and tables of a page from top to bottom, without running heads and page numbers."""
    lines = [
        line
        for line in page.lines
        if not (_in_margin(line, page) and (_key(line) in running_heads or _PAGE_NUMBER.fullmatch(line.text)))
    ]
    waiting = list(page.tables)
    pending: list[Line] = []
    for line in lines:
        # A table comes before the first line below its top in the same column.
        due = [table for table in waiting if table[0][1] < line.top and _overlaps(table[0], line)]
        if due:
            yield from _paragraphs(pending, page.number)
            pending = []
            for table in due:
                waiting.remove(table)
                yield from _table_blocks(table[1], page.number)
        pending.append(line)
    yield from _paragraphs(pending, page.number)
    for table in waiting:
        yield from _table_blocks(table[1], page.number)


def _overlaps(bbox: BBox, line: Line) -> bool:
    return bbox[0] < line.x1 and line.x0 < bbox[2]


def _table_blocks(rows: Rows, page: int) -> Iterator[Block]:
    """A table; the lines of one that has a single column are paragraphs."""
    if max(sum(1 for cell in row if cell) for row in rows) > 1:
        yield Table(rows, page=page)
        return
    for row in rows:
        for cell in row:
            yield from (Paragraph(line.strip(), page=page) for line in cell.splitlines() if line.strip())


def _paragraphs(lines: list[Line], page: int) -> Iterator[Paragraph]:
    """The lines, joined where one continues in the next."""
    text, last = "", None
    right = max((line.x1 for line in lines), default=0.0)
    size_pt = 0.0
    for line in lines:
        if last is not None and _continues(last, line, right):
            text += ("" if last.joined else " ") + line.text
            size_pt = max(size_pt, line.size_pt)
        else:
            if text:
                yield Paragraph(text, size_pt, page=page)
            text, size_pt = line.text, line.size_pt
        last = line
    if text:
        yield Paragraph(text, size_pt, page=page)


def _continues(above: Line, below: Line, right: float) -> bool:
    """Whether `below` is in the paragraph of `above`, which reaches the right edge of its column."""
    return (
        not _NEW_PARAGRAPH.match(below.text)
        and abs(above.size_pt - below.size_pt) < _SAME_SIZE_PT
        and below.top - above.bottom < _MOST_LEADING_EMS * above.size_pt
        and below.top >= above.top
        and above.x1 > min(right, above.column_right) - _SHORT_LINE_EMS * above.size_pt
    )
