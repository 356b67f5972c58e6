"""A document as its format gives it, before anything is known of it as a press release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from indexer.sources.recognizers.titles import MOST_TITLE_CHARS
from indexer.text.private_use import to_public

Field = Literal[
    "title", "subtitles", "outlet", "department", "reporter", "contact", "published", "embargo", "corrected",
    "url",
]  # fmt: skip

_TITLE_LABEL = re.compile(r"^제\s?목$")
# The table of a form that states the title is short above it: number, date, department.
_TITLE_ROWS = 4


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The value of a field, and its origin: where in the file it was found, in Korean words for a person."""

    field: Field
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. A number that the format does not tell is 0.

    `size_pt` is the size of its largest letters; `level` that of its heading style; `box` the number of the
    one-column table that frames it; `page` counts from 1.
    """

    text: str
    size_pt: float = 0.0
    level: int = 0
    box: int = 0
    page: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of at least two columns; a cell covered by a merged one is ''. `page` is as in a paragraph.

    `number` counts the tables of a document from 1 (see `number_tables`); until then it is 0.
    """

    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    page: int = 0
    number: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """The rows with text, their filled cells joined by " | "."""
        return tuple(" | ".join(cells) for row in self.rows if (cells := filled_cells(row)))


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks of a document in reading order.

    `fields` are values that the format itself states (the title of a web page), `attachments` name and
    address of the files that it links to, `warnings` what could not be read and what to do about it.
    """

    blocks: tuple[Block, ...]
    fields: tuple[FieldValue, ...] = ()
    attachments: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


def filled_cells(row: Iterable[str]) -> list[str]:
    """The cells of a row that hold text, each on one line."""
    return [" ".join(cell.split()) for cell in row if cell.strip()]


def lines_of(block: Block) -> tuple[str, ...]:
    """The text of a block by line: the lines of a paragraph, the caption and rows of a table."""
    if isinstance(block, Table):
        return (block.caption, *block.lines) if block.caption else block.lines
    return tuple(line.strip() for line in block.text.splitlines() if line.strip())


def location_of(block: Block) -> tuple[int, int]:
    """The page of a block and its number as a table, each 0 where there is none, as in `Section`."""
    return block.page, block.number if isinstance(block, Table) else 0


def title_cell(table: Table) -> str:
    """The text beside the cell 제목 in the first rows of a table; '' where there is none."""
    for row in table.rows[:_TITLE_ROWS]:
        cells = filled_cells(row)
        if len(cells) == 2 and _TITLE_LABEL.match(cells[0]) and len(cells[1]) <= MOST_TITLE_CHARS:
            return cells[1]
    return ""


def number_tables(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, the tables among them numbered in reading order."""
    tables = 0
    for block in blocks:
        if isinstance(block, Table):
            tables += 1
            yield replace(block, number=tables)
        else:
            yield block


def with_public_characters(document: Document) -> Document:
    """The document with the private characters of Hangul word processors as public ones."""
    return replace(
        document,
        blocks=tuple(map(_with_public_characters, document.blocks)),
        fields=tuple(replace(item, value=to_public(item.value)) for item in document.fields),
        attachments=tuple((to_public(name), url) for name, url in document.attachments),
    )


def _with_public_characters(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return replace(block, text=to_public(block.text))
    rows = tuple(tuple(map(to_public, row)) for row in block.rows)
    return replace(block, rows=rows, caption=to_public(block.caption))
