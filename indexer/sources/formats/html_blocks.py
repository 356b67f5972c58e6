"""The elements of an article -> paragraphs, headings and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.sources.formats.document import Block, Paragraph, Table
from indexer.sources.formats.html_boilerplate import is_navigation
from indexer.sources.formats.html_text import BLOCK_TAGS, HEADINGS, MOST_LINK_SHARE, Element, text_of

_LEAST_LINK_LIST = 3
_MOST_SPANNED_COLUMNS = 64
_SPACES = re.compile(r"\s+")


def blocks_of(article: Element) -> Iterator[Block]:
    """Paragraphs, headings and tables in order, without navigation.

    Navigation is a list of links, or a single link whose text says so.
    """
    links: list[Paragraph] = []
    for block, is_link in _BlockReader(article).read():
        if is_link and isinstance(block, Paragraph):
            links.append(block)
            continue
        yield from _links_of_text(links)
        links.clear()
        yield block
    yield from _links_of_text(links)


def _links_of_text(links: list[Paragraph]) -> Iterator[Paragraph]:
    if len(links) < _LEAST_LINK_LIST:
        yield from (link for link in links if not is_navigation(link.text))


class _BlockReader:
    """Walks an article once and makes its blocks."""

    def __init__(self, article: Element) -> None:
        self._article = article
        self._texts: list[str] = []
        self._link_chars = 0
        self._level = 0
        self._preformatted = 0

    def read(self) -> Iterator[tuple[Block, bool]]:
        """Each block, and whether it is a paragraph of mostly links."""
        # A stack of (element, is_end) instead of recursion: a page may nest deeper than Python can.
        stack: list[tuple[Element, bool]] = [(self._article, False)]
        while stack:
            element, is_end = stack.pop()
            is_block = element.tag in BLOCK_TAGS
            if is_block:
                yield from self._flush()
            if is_end:
                self._end(element, is_block=is_block)
                continue
            stack.append((element, True))
            if element.tag == "table" and _is_data_table(element):
                yield _table(element), False
                continue
            self._start(element)
            stack += [(child, False) for child in reversed(element) if isinstance(child.tag, str)]
        yield from self._flush()

    def _start(self, element: Element) -> None:
        self._level = HEADINGS.get(element.tag, self._level)
        self._preformatted += element.tag == "pre"
        if element.tag == "br":
            self._texts.append("\n")
        self._add(element.text)
        if element.tag == "a":
            self._link_chars += len(text_of(element))

    def _end(self, element: Element, *, is_block: bool) -> None:
        if is_block:
            self._level = 0
        self._preformatted -= element.tag == "pre"
        if element is not self._article:
            self._add(element.tail)

    def _add(self, text: str | None) -> None:
        if text:
            self._texts.append(text if self._preformatted else _SPACES.sub(" ", text))

    def _flush(self) -> Iterator[tuple[Block, bool]]:
        """The lines of the text since the last block."""
        for line in "".join(self._texts).split("\n"):
            text = " ".join(line.split())
            if text:
                is_link = not self._level and self._link_chars >= MOST_LINK_SHARE * len(text)
                yield Paragraph(text, level=self._level), is_link
        self._texts.clear()
        self._link_chars = 0


def _is_data_table(table: Element) -> bool:
    """Whether a table holds data rather than the layout of the page."""
    rows = list(table.iter("tr"))
    widest = max((sum(cell.tag in ("td", "th") for cell in row) for row in rows), default=0)
    return widest > 1 and not table.findall(".//table")


def _table(table: Element) -> Table:
    rows = []
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row:
            if cell.tag in ("td", "th"):
                span = cell.get("colspan", "1")
                columns = min(int(span), _MOST_SPANNED_COLUMNS) if span.isdigit() else 1
                cells += [text_of(cell), *[""] * (columns - 1)]
        rows.append(tuple(cells))
    caption = table.find("caption")
    return Table(tuple(rows), text_of(caption) if caption is not None else "")
