"""The elements of WordprocessingML (ECMA-376-1, 17) that a reader sees."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

# An element of lxml, which has no types.
Element = Any

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Deleted text, the text that was moved away, and properties.
_SKIPPED = {f"{WORD}del", f"{WORD}moveFrom", f"{WORD}rPr", f"{WORD}pPr"}
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Prefixes of the extensions that Word supports; of content that needs another it shows the fallback.
_KNOWN_EXTENSIONS = frozenset(
    ("wps", "wpg", "wpc", "wpi", "wp14", "w14", "w15", "w16", "w16se", "w16cid", "w16cex", "a14", "v", "o")
)
# Characters of Adobe's Symbol encoding that texts use, by the low byte of their private character.
_SYMBOLS = {
    0xB0: "°", 0xB1: "±", 0xA3: "≤", 0xB3: "≥", 0xB4: "×", 0xB8: "÷", 0xB9: "≠", 0xB7: "•", 0xA5: "∞",
    0xAE: "→", 0x57: "Ω", 0x61: "α", 0x62: "β", 0x67: "γ", 0x6D: "μ", 0x70: "π", 0x73: "σ", 0x53: "Σ",
}  # fmt: skip
PARAGRAPH, TABLE, ROW, _CELL, TEXT_BOX = (f"{WORD}{name}" for name in ("p", "tbl", "tr", "tc", "txbxContent"))
# Word makes tables of at most 63 columns.
_MOST_SPANNED_COLUMNS = 64
_OFF = ("0", "false", "off")


def is_on(value: str | None) -> bool:
    """Whether the value of an on/off property is on; one without a value is."""
    return value not in _OFF


def find_nearest(parent: Element, *tags: str) -> Iterator[Element]:
    """The visible descendants with one of `tags`, in order, that are in no other with one of them.

    Content controls, insertions and the like may stand between `parent` and these.
    """
    for child in _visible_children(parent):
        if child.tag in tags:
            yield child
        else:
            yield from find_nearest(child, *tags)


def descendants(run: Element) -> Iterator[Element]:
    """The visible descendants of a run in order, without the content of text boxes."""
    for child in _visible_children(run):
        yield child
        if child.tag != TEXT_BOX:
            yield from descendants(child)


def _visible_children(parent: Element) -> Iterator[Element]:
    """The children of an element that are shown.

    Of content that is stored in several ways, as text boxes are, the first way that Word supports.
    """
    if parent.tag == f"{_COMPATIBILITY}AlternateContent":
        choices = list(parent.iterchildren(f"{_COMPATIBILITY}Choice", f"{_COMPATIBILITY}Fallback"))
        supported = next(
            (choice for choice in choices if set(choice.get("Requires", "").split()) <= _KNOWN_EXTENSIONS),
            None,
        )
        if supported is not None:
            yield supported
        return
    for child in parent.iterchildren():
        if isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield child


def symbol_text(node: Element) -> str:
    """The character of a symbol; '' where it is a picture of some font."""
    try:
        code = int(node.get(f"{WORD}char", ""), 16)
    except ValueError:
        return ""
    if node.get(f"{WORD}font") == "Symbol":
        return _SYMBOLS.get(code & 0xFF, "")
    character = chr(code) if code <= sys.maxunicode else ""
    return character if character.isprintable() else ""


def is_row_hidden(row: Element) -> bool:
    """Whether a row is deleted by change tracking, or hidden."""
    properties = row.find(f"{WORD}trPr")
    if properties is None:
        return False
    hidden = properties.find(f"{WORD}hidden")
    return properties.find(f"{WORD}del") is not None or (
        hidden is not None and is_on(hidden.get(f"{WORD}val"))
    )


def cells_of(row: Element) -> Iterator[Element]:
    """The cells of a row by column; None where a merged cell covers the column, or the cell is deleted."""
    for cell in find_nearest(row, _CELL):
        span = cell.tcPr.gridSpan if cell.tcPr is not None else None
        deleted = cell.tcPr is not None and cell.tcPr.find(f"{WORD}cellDel") is not None
        yield None if cell.vMerge == "continue" or deleted else cell
        for _ in range(min(int(span.val), _MOST_SPANNED_COLUMNS) - 1 if span is not None else 0):
            yield None
