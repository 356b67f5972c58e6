"""A document as its format gave it, before anything is known of its being a press release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from indexer.text.private_use import to_public

Field = Literal[
    "title", "subtitles", "outlet", "department", "reporter", "contact", "published", "embargo", "url",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A value that a document states, and the place that states it, as a person would look for it."""

    field: Field
    value: str
    origin: str


def origins_of(found: Iterable[Found]) -> tuple[tuple[str, str], ...]:
    """Field and origin of what was found, once a field: the first of several subtitles tells where."""
    origins: dict[str, str] = {}
    for item in found:
        origins.setdefault(item.field, item.origin)
    return tuple(origins.items())


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. What a format does not tell is 0.

    `size_pt` is the size of its largest letters; `level` the level of its heading style; `box` the
    number of the one-column table that frames it; `page` counts from 1.
    """

    text: str
    size_pt: float = 0.0
    level: int = 0
    box: int = 0
    page: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of at least two columns; a cell that a merged one covers is ''. `page` as in a paragraph.

    `number` counts the tables of a document from 1 (see `numbered`); 0 is not yet counted.
    """

    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    page: int = 0
    number: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """The rows that hold text, their filled cells joined by " | "."""
        lines = (" | ".join(" ".join(cell.split()) for cell in row if cell.strip()) for row in self.rows)
        return tuple(line for line in lines if line)


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks of a document in reading order.

    `found` is what the format itself states (the title of a web page), `attachments` the names and
    addresses of files it links to, `warnings` what could not be read of it and the way out.
    """

    blocks: tuple[Block, ...]
    found: tuple[Found, ...] = ()
    attachments: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


def numbered(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, the tables among them counted in reading order."""
    tables = 0
    for block in blocks:
        if isinstance(block, Table):
            tables += 1
            yield replace(block, number=tables)
        else:
            yield block


def with_public_letters(document: Document) -> Document:
    """The document with the private letters of Hangul word processors as public ones."""
    return replace(
        document,
        blocks=tuple(map(_with_public_letters, document.blocks)),
        found=tuple(replace(item, value=to_public(item.value)) for item in document.found),
        attachments=tuple((to_public(name), url) for name, url in document.attachments),
    )


def _with_public_letters(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return replace(block, text=to_public(block.text))
    rows = tuple(tuple(map(to_public, row)) for row in block.rows)
    return replace(block, rows=rows, caption=to_public(block.caption))
