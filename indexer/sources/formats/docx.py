"""DOCX -> document: what Word shows and prints. Heading styles give the headings; running heads stay out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from indexer.sources.content_error import ContentError
from indexer.sources.formats.document import Block, Document, Paragraph, Table

_DAMAGED = "DOCX 파일이 깨져 있어 읽을 수 없습니다."
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Deleted text, and the place that moved text came from.
_SKIPPED = {f"{_WORD}del", f"{_WORD}moveFrom", f"{_WORD}rPr", f"{_WORD}pPr"}
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# The extensions that Word knows by these prefixes; what needs another is shown as its fallback.
_KNOWN_EXTENSIONS = frozenset(
    ("wps", "wpg", "wpc", "wpi", "wp14", "w14", "w15", "w16", "w16se", "w16cid", "w16cex", "a14", "v", "o")
)
_WORD_ART = "{urn:schemas-microsoft-com:vml}textpath"
_FOREIGN = f"{_WORD}altChunk"
# The signs of Adobe's Symbol encoding that texts use, by the low byte of their private letter.
_SYMBOLS = {
    0xB0: "°", 0xB1: "±", 0xA3: "≤", 0xB3: "≥", 0xB4: "×", 0xB8: "÷", 0xB9: "≠", 0xB7: "•", 0xA5: "∞",
    0xAE: "→", 0x57: "Ω", 0x61: "α", 0x62: "β", 0x67: "γ", 0x6D: "μ", 0x70: "π", 0x73: "σ", 0x53: "Σ",
}  # fmt: skip
_PARAGRAPH, _TABLE, _ROW, _CELL, _BOX = (f"{_WORD}{name}" for name in ("p", "tbl", "tr", "tc", "txbxContent"))
_BREAKS = {
    f"{_WORD}tab": "\t", f"{_WORD}ptab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n",
    f"{_WORD}noBreakHyphen": "-",
}  # fmt: skip
_NOTES = {f"{_WORD}footnoteReference": "footnotes", f"{_WORD}endnoteReference": "endnotes"}
_STRICT = b"purl.oclc.org/ooxml/wordprocessingml"
_HEAD_BYTES = 8_192
_FOREIGN_PARTS = (
    "다른 형식의 글을 끼워 넣은(altChunk) 부분은 읽지 못했습니다.",
    "Word에서 열어 다시 저장해 넣으세요.",
)
_OFF = ("0", "false", "off")


def read_docx(path: Path) -> Document:
    """The document at `path`. Raises ContentError where the package is damaged."""
    from docx.opc.exceptions import OpcError
    from lxml import etree

    try:
        _refuse_strict(path)
        # The parser stops at entities that grow without end and at elements nested too deep.
        opened = _open(path)
        reader = _Reader(opened)
        reader.add(opened.element.body)
    except (OpcError, BadZipFile, etree.LxmlError, KeyError, ValueError, AttributeError) as error:
        raise ContentError(_DAMAGED, "원본을 다시 받거나 다시 저장해 넣으세요.") from error
    warnings = (_FOREIGN_PARTS,) if any(True for _ in opened.element.body.iter(_FOREIGN)) else ()
    if warnings and not reader.made:
        raise ContentError(*_FOREIGN_PARTS)
    return Document(tuple(reader.made), warnings=warnings)


def _refuse_strict(path: Path) -> None:
    """Raise ContentError for the form of ISO/IEC 29500 Strict, which the library does not know."""
    with ZipFile(path) as package:
        if "word/document.xml" in package.namelist():
            with package.open("word/document.xml") as part:
                if _STRICT in part.read(_HEAD_BYTES):
                    raise ContentError(
                        "엄격한(Strict) Open XML 형식의 DOCX입니다.",
                        "Word에서 ‘Word 문서(*.docx)’로 다시 저장해 넣으세요.",
                    )


def _open(path: Path) -> Any:  # noqa: ANN401 - the library has no types
    import docx

    try:
        return docx.Document(str(path))
    except ValueError as error:
        if "is not a Word file" not in str(error):
            raise
        raise ContentError(
            "매크로나 서식이 든 Word 파일(DOCM, DOTX)입니다.", "DOCX로 다시 저장해 넣으세요."
        ) from error


@dataclass(slots=True)
class _Read:
    """What a paragraph shows, and what hangs on it: text boxes and notes, as elements that hold blocks."""

    text: str = ""
    size_pt: float = 0.0
    boxes: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)


class _Reader:
    """Collects the blocks of a document; `made` is the outcome."""

    def __init__(self, opened: Any) -> None:  # noqa: ANN401
        self.made: list[Block] = []
        self._opened = opened
        self._boxes = 0
        self._styles = _Styles(opened)
        self._noted: set[tuple[str, str | None]] = set()

    def add(self, parent: Any, box: int = 0) -> None:  # noqa: ANN401
        """Add the paragraphs and tables that stand in `parent`, in order."""
        begun = _Read()
        for element in _nearest(parent, _PARAGRAPH, _TABLE):
            if element.tag == _TABLE:
                self._add_paragraph(begun, 0, box)
                begun = _Read()
                self._add_table(element)
                continue
            read = self._read(element)
            begun = _Read(
                begun.text + read.text,
                max(begun.size_pt, read.size_pt),
                begun.boxes + read.boxes,
                begun.notes + read.notes,
            )
            if not self._styles.runs_on(element):
                self._add_paragraph(begun, self._styles.level(element), box)
                begun = _Read()
        self._add_paragraph(begun, 0, box)

    def _add_paragraph(self, read: _Read, level: int, box: int) -> None:
        if text := read.text.strip():
            self.made.append(Paragraph(text, read.size_pt, level, box))
        for inner in (*read.boxes, *read.notes):
            self.add(inner, box)

    def _read(self, paragraph: Any) -> _Read:  # noqa: ANN401
        read = _Read()
        parts: list[str] = []
        # One entry a field that is open: whether its instruction, which is not shown, still goes on.
        fields: list[bool] = []
        for run, node in self._shown(paragraph):
            if node.tag == f"{_WORD}fldChar":
                kind = node.get(f"{_WORD}fldCharType")
                if kind == "begin":
                    fields.append(True)
                elif fields and kind == "separate":
                    fields[-1] = False
                elif fields and kind == "end":
                    fields.pop()
            elif any(fields):
                continue
            elif node.tag == f"{_WORD}t":
                parts.append(node.text or "")
                if (node.text or "").strip():
                    read.size_pt = max(read.size_pt, self._styles.size_pt(run, paragraph))
            elif node.tag in _BREAKS:
                parts.append(_BREAKS[node.tag])
            elif node.tag == f"{_WORD}sym":
                parts.append(_symbol(node))
            elif node.tag == _WORD_ART:
                parts.append(node.get("string", ""))
            elif node.tag == _BOX:
                read.boxes.append(node)
            elif node.tag in _NOTES:
                read.notes += self._note(_NOTES[node.tag], node.get(f"{_WORD}id"))
        read.text = "".join(parts)
        return read

    def _shown(self, paragraph: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
        """Run and node of all that the runs of a paragraph show, in order; not what text boxes hold."""
        for run in _nearest(paragraph, f"{_WORD}r"):
            if not self._styles.is_hidden(run, paragraph):
                for node in _inside(run):
                    yield run, node

    def _note(self, kind: str, number: str | None) -> list[Any]:
        """The note of a reference; nothing where it was told before, as of a note that refers to itself."""
        if (kind, number) in self._noted:
            return []
        self._noted.add((kind, number))
        root = self._notes.get(kind, ())
        return [note for note in root if note.get(f"{_WORD}id") == number]

    @cached_property
    def _notes(self) -> dict[str, Any]:
        from docx.oxml import parse_xml

        return {
            relation.reltype.rsplit("/", 1)[-1]: parse_xml(relation.target_part.blob)
            for relation in self._opened.part.rels.values()
            if not relation.is_external and relation.reltype.endswith(("/footnotes", "/endnotes"))
        }

    def _add_table(self, table: Any) -> None:  # noqa: ANN401
        rows = [list(_cells(row)) for row in _nearest(table, _ROW) if not _is_row_gone(row)]
        notes: list[Any] = []
        noted = set(self._noted)
        texts = [
            ["" if cell is None else "\n".join(self._lines(cell, notes)) for cell in row] for row in rows
        ]
        if max((sum(1 for text in row if text) for row in texts), default=0) <= 1:
            self._noted = noted
            self._boxes += 1
            box = self._boxes
            for row in rows:
                for cell in row:
                    if cell is not None:
                        self.add(cell, box)
            return
        self.made.append(Table(tuple(tuple(row) for row in texts)))
        for note in notes:
            self.add(note)

    def _lines(self, parent: Any, notes: list[Any]) -> Iterator[str]:  # noqa: ANN401
        """The lines of a cell: paragraphs, text boxes, inner tables; its notes are added to `notes`."""
        begun = ""
        for element in _nearest(parent, _PARAGRAPH, _TABLE):
            if element.tag == _TABLE:
                for row in _nearest(element, _ROW):
                    if not _is_row_gone(row):
                        cells = (self._lines(cell, notes) for cell in _cells(row) if cell is not None)
                        yield " ".join(line for lines in cells for line in lines)
                continue
            read = self._read(element)
            notes += read.notes
            begun += read.text
            if not self._styles.runs_on(element):
                if begun.strip():
                    yield begun.strip()
                begun = ""
            for box in read.boxes:
                yield from self._lines(box, notes)
        if begun.strip():
            yield begun.strip()


class _Styles:
    """What the styles of a document say of its paragraphs and runs."""

    def __init__(self, opened: Any) -> None:  # noqa: ANN401
        self._styles = {style.styleId: style for style in opened.styles.element.style_lst}
        default = opened.styles.default(1)
        self._default = default.style_id if default is not None else None

    def level(self, paragraph: Any) -> int:  # noqa: ANN401
        """The heading level of a paragraph's style: 1 for a title, 0 for none."""
        style = self._styles.get(self._paragraph_style(paragraph))
        name = (style.name_val or "").lower() if style is not None else ""
        if name.startswith("heading ") and name[8:].isdigit():
            return int(name[8:])
        return 1 if name == "title" else 0

    def size_pt(self, run: Any, paragraph: Any) -> float:  # noqa: ANN401
        """The size of a run's letters in points; 0 where neither it nor a style says one."""
        own = _property(run, "sz")
        styled = (
            own,
            self._styled(_style_of(run), "sz"),
            self._styled(self._paragraph_style(paragraph), "sz"),
        )
        return next((float(size) / 2 for size in styled if size), 0.0)

    def is_hidden(self, run: Any, paragraph: Any) -> bool:  # noqa: ANN401
        """Whether a run is hidden text: by itself, or by one of its two styles.

        Two styles that hide cancel each other (ECMA-376-1, 17.7.3, toggle properties).
        """
        own = _property(run, "vanish")
        if own is not None:
            return own not in _OFF
        styles = (_style_of(run), self._paragraph_style(paragraph))
        return sum(self._styled(style, "vanish") not in (None, *_OFF) for style in styles) == 1

    def runs_on(self, paragraph: Any) -> bool:  # noqa: ANN401
        """Whether the next paragraph goes on in the same line: the mark between them is deleted or hidden."""
        mark = paragraph.pPr.find(f"{_WORD}rPr") if paragraph.pPr is not None else None
        if mark is None:
            return False
        vanish = mark.find(f"{_WORD}vanish")
        gone = (mark.find(f"{_WORD}{name}") for name in ("del", "moveFrom"))
        return any(found is not None for found in gone) or (
            vanish is not None and vanish.get(f"{_WORD}val") not in _OFF
        )

    def _paragraph_style(self, paragraph: Any) -> str | None:  # noqa: ANN401
        return paragraph.style or self._default

    def _styled(self, style_id: str | None, name: str) -> str | None:
        """What a style or the styles that it is based on say of the property `name`."""
        seen: set[str] = set()
        while style_id is not None and style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            style = self._styles[style_id]
            if (value := _property(style, name)) is not None:
                return value
            based = style.find(f"{_WORD}basedOn")
            style_id = based.get(f"{_WORD}val") if based is not None else None
        return None


def _property(element: Any, name: str) -> str | None:  # noqa: ANN401
    """The value of a property of a run or style: "1" where it is set without one, None where it is not."""
    properties = element.find(f"{_WORD}rPr")
    found = properties.find(f"{_WORD}{name}") if properties is not None else None
    return None if found is None else found.get(f"{_WORD}val", "1")


def _style_of(run: Any) -> str | None:  # noqa: ANN401
    return _property(run, "rStyle")


def _nearest(parent: Any, *tags: str) -> Iterator[Any]:  # noqa: ANN401
    """The descendants with one of `tags`, in order, that stand in none of their kind and in nothing skipped.

    Content controls, insertions and the like may stand around anything.
    """
    for child in _children(parent):
        if child.tag in tags:
            yield child
        else:
            yield from _nearest(child, *tags)


def _inside(run: Any) -> Iterator[Any]:  # noqa: ANN401
    """The descendants of a run in order, but what text boxes hold."""
    for child in _children(run):
        yield child
        if child.tag != _BOX:
            yield from _inside(child)


def _children(parent: Any) -> Iterator[Any]:  # noqa: ANN401
    """The children of an element that are shown. Of what is stored in several ways, as text boxes are, it is
    the first that Word knows.
    """
    if parent.tag == f"{_COMPATIBILITY}AlternateContent":
        ways = list(parent.iterchildren(f"{_COMPATIBILITY}Choice", f"{_COMPATIBILITY}Fallback"))
        known = next((way for way in ways if set(way.get("Requires", "").split()) <= _KNOWN_EXTENSIONS), None)
        if known is not None:
            yield known
        return
    for child in parent.iterchildren():
        if isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield child


def _symbol(node: Any) -> str:  # noqa: ANN401
    """The letter of a symbol; '' where it is a picture of a font of its own."""
    try:
        code = int(node.get(f"{_WORD}char", ""), 16)
    except ValueError:
        return ""
    if node.get(f"{_WORD}font") == "Symbol":
        return _SYMBOLS.get(code & 0xFF, "")
    letter = chr(code) if code <= sys.maxunicode else ""
    return letter if letter.isprintable() else ""


def _is_row_gone(row: Any) -> bool:  # noqa: ANN401
    """Whether a row is deleted by change tracking, or hidden."""
    properties = row.find(f"{_WORD}trPr")
    if properties is None:
        return False
    hidden = properties.find(f"{_WORD}hidden")
    return properties.find(f"{_WORD}del") is not None or (
        hidden is not None and hidden.get(f"{_WORD}val") not in _OFF
    )


def _cells(row: Any) -> Iterator[Any]:  # noqa: ANN401
    """The cells of a row by column; None where a merged cell covers the place or the cell is deleted."""
    for cell in _nearest(row, _CELL):
        span = cell.tcPr.gridSpan if cell.tcPr is not None else None
        deleted = cell.tcPr is not None and cell.tcPr.find(f"{_WORD}cellDel") is not None
        yield None if cell.vMerge == "continue" or deleted else cell
        for _ in range(min(int(span.val), 64) - 1 if span is not None else 0):
            yield None
