"""The tables of a page of a PDF, by the rules that are drawn around their cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# x0, top, x1, bottom in points from the top left corner of the page.
BBox = tuple[float, float, float, float]
Rows = tuple[tuple[str, ...], ...]

# How far the rules of a table may be drawn over those of the table around it.
_RULE_PT = 2.0
# The cells of a table may cover this much more than its frame; if more, some belong to a table in a cell.
_OVERLAPPING = 1.02


def find_tables(page: Any, words: list[dict[str, Any]]) -> list[tuple[BBox, Rows]]:  # noqa: ANN401
    """The tables of a page of pdfplumber that hold text, those in cells of others apart.

    `words` are the words of the page.
    """
    tables = [part for table in page.find_tables() for part in _split_nested(table)]
    filled = []
    for table in tables:
        rows = tuple(_rows(_without_inner(table, tables, page), words))
        if any(cell for row in rows for cell in row):
            filled.append((table.bbox, rows))
    return filled


def is_inside(thing: dict[str, Any], bbox: BBox) -> bool:
    """Whether the middle of a character or word is in a box."""
    x, y = _middle(thing)
    return bbox[0] <= x <= bbox[2] and bbox[1] <= y <= bbox[3]


def _split_nested(table: Any) -> list[Any]:  # noqa: ANN401
    """A table and the tables in its cells, apart: to the library they are one, with cells in cells."""
    from pdfplumber.table import Table as PageTable

    if sum(map(_area, table.cells)) <= _OVERLAPPING * _area(table.bbox):
        return [table]
    outer = [cell for cell in table.cells if not any(_contains(other, cell) for other in table.cells)]
    parts = [PageTable(table.page, outer)]
    for cell in outer:
        if inner := [other for other in table.cells if other not in outer and _contains(cell, other)]:
            parts += _split_nested(PageTable(table.page, inner))
    return parts


def _without_inner(table: Any, tables: list[Any], page: Any) -> Any:  # noqa: ANN401
    """A table without the letters of the tables in its cells."""
    from pdfplumber.table import Table as PageTable

    inner = [other.bbox for other in tables if other is not table and _contains(table.bbox, other.bbox)]
    if not inner:
        return table
    page_without = page.filter(lambda thing: not any(is_inside(thing, bbox) for bbox in inner))
    return PageTable(page_without, table.cells)


def _contains(outer: BBox, inner: BBox) -> bool:
    """Whether a table is inside another; the rules of both may overlap."""
    return (
        outer[0] <= inner[0] + _RULE_PT
        and outer[1] <= inner[1] + _RULE_PT
        and outer[2] >= inner[2] - _RULE_PT
        and outer[3] >= inner[3] - _RULE_PT
        and _area(outer) > _area(inner)
    )


def _area(bbox: BBox) -> float:
    return (bbox[2] - bbox[0]) * (bbox[3] - bbox[1])


def _rows(table: Any, words: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:  # noqa: ANN401
    """The rows of a table.

    A cell without a rule at its side is no cell to the library: its words become the first or last cell.
    """
    for row, texts in zip(table.rows, table.extract(), strict=True):
        cells = [cell for cell in row.cells if cell is not None]
        _, top, _, bottom = row.bbox
        x0, _, x1, _ = table.bbox
        loose = [
            word
            for word in words
            if x0 <= _middle(word)[0] <= x1
            and top <= _middle(word)[1] <= bottom
            and not any(is_inside(word, cell) for cell in table.cells)
        ]
        first = min((cell[0] for cell in cells), default=x1)
        before = " ".join(word["text"] for word in loose if _middle(word)[0] < first)
        after = " ".join(word["text"] for word in loose if _middle(word)[0] >= first)
        yield tuple((text or "").strip() for text in (before, *texts, after))


def _middle(thing: dict[str, Any]) -> tuple[float, float]:
    return (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
