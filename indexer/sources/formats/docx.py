"""DOCX -> document: what Word shows and prints. Heading styles give the headings; running heads stay out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from indexer.sources.formats.document import Block, Document, Paragraph, Table
from indexer.sources.formats.docx_elements import (
    PARAGRAPH,
    ROW,
    TABLE,
    TEXT_BOX,
    WORD,
    Element,
    cells_of,
    descendants,
    find_nearest,
    is_row_hidden,
    symbol_text,
)
from indexer.sources.formats.docx_styles import Styles
from indexer.sources.problems import ContentError

_DAMAGED = "DOCX 파일이 깨져 있어 읽을 수 없습니다.", "원본을 다시 받거나 다시 저장해 넣으세요."
_WORD_ART = "{urn:schemas-microsoft-com:vml}textpath"
_FOREIGN_PART = f"{WORD}altChunk"
_BREAKS = {
    f"{WORD}tab": "\t", f"{WORD}ptab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n",
    f"{WORD}noBreakHyphen": "-",
}  # fmt: skip
_NOTES = {f"{WORD}footnoteReference": "footnotes", f"{WORD}endnoteReference": "endnotes"}
_STRICT_NAMESPACE = b"purl.oclc.org/ooxml/wordprocessingml"
# The namespaces are declared at the root of a part.
_HEAD_BYTES = 8_192
_FOREIGN_PARTS = (
    "다른 형식의 글을 끼워 넣은(altChunk) 부분은 읽지 못했습니다.",
    "Word에서 열어 다시 저장해 넣으세요.",
)


def read_docx(path: Path) -> Document:
    """The document at `path`.

    Raises ContentError where the package is damaged, of a kind that the library does not know, or holds
    nothing but parts of other formats.
    """
    from docx.opc.exceptions import OpcError
    from lxml import etree

    try:
        _reject_strict(path)
        # The parser of the library stops at entities that grow without end and at elements nested too deep.
        opened = _open(path)
        reader = _DocxReader(opened)
        reader.add(opened.element.body)
    except (OpcError, BadZipFile, etree.LxmlError, KeyError, ValueError, AttributeError) as error:
        raise ContentError(*_DAMAGED) from error
    has_foreign_part = next(opened.element.body.iter(_FOREIGN_PART), None) is not None
    if has_foreign_part and not reader.blocks:
        raise ContentError(*_FOREIGN_PARTS)
    return Document(tuple(reader.blocks), warnings=(_FOREIGN_PARTS,) if has_foreign_part else ())


def _reject_strict(path: Path) -> None:
    """Raise ContentError for the form of ISO/IEC 29500 Strict, which the library does not know."""
    with ZipFile(path) as package:
        if "word/document.xml" not in package.namelist():
            return
        with package.open("word/document.xml") as part:
            if _STRICT_NAMESPACE in part.read(_HEAD_BYTES):
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
class _ParagraphText:
    """What a paragraph shows, and its text boxes and notes, as elements that hold blocks."""

    text: str = ""
    size_pt: float = 0.0
    boxes: list[Element] = field(default_factory=list)
    notes: list[Element] = field(default_factory=list)

    def extend(self, other: _ParagraphText) -> None:
        """Add a paragraph that continues this one."""
        self.text += other.text
        self.size_pt = max(self.size_pt, other.size_pt)
        self.boxes += other.boxes
        self.notes += other.notes


class _DocxReader:
    """Collects the blocks of a document in `blocks`."""

    def __init__(self, opened: Any) -> None:  # noqa: ANN401
        self.blocks: list[Block] = []
        self._opened = opened
        self._boxes = 0
        self._styles = Styles(opened)
        self._seen_notes: set[tuple[str, str | None]] = set()

    def add(self, parent: Element, box: int = 0) -> None:
        """Add the paragraphs and tables of `parent`, in order. `box` is as in `Paragraph`."""
        pending = _ParagraphText()
        for element in find_nearest(parent, PARAGRAPH, TABLE):
            if element.tag == TABLE:
                self._add_paragraph(pending, 0, box)
                pending = _ParagraphText()
                self._add_table(element)
                continue
            pending.extend(self._read_paragraph(element))
            if not self._styles.joins_next(element):
                self._add_paragraph(pending, self._styles.level(element), box)
                pending = _ParagraphText()
        self._add_paragraph(pending, 0, box)

    def _add_paragraph(self, paragraph: _ParagraphText, level: int, box: int) -> None:
        if text := paragraph.text.strip():
            self.blocks.append(Paragraph(text, paragraph.size_pt, level, box))
        for inner in (*paragraph.boxes, *paragraph.notes):
            self.add(inner, box)

    def _read_paragraph(self, paragraph: Element) -> _ParagraphText:
        content = _ParagraphText()
        parts: list[str] = []
        # For each open field whether its instruction, which is not shown, still goes on.
        instructions: list[bool] = []
        for run, node in self._visible_nodes(paragraph):
            if node.tag == f"{WORD}fldChar":
                _follow_field(instructions, node.get(f"{WORD}fldCharType"))
            elif any(instructions):
                continue
            elif node.tag == f"{WORD}t":
                parts.append(node.text or "")
                if (node.text or "").strip():
                    content.size_pt = max(content.size_pt, self._styles.size_pt(run, paragraph))
            elif node.tag in _BREAKS:
                parts.append(_BREAKS[node.tag])
            elif node.tag == f"{WORD}sym":
                parts.append(symbol_text(node))
            elif node.tag == _WORD_ART:
                parts.append(node.get("string", ""))
            elif node.tag == TEXT_BOX:
                content.boxes.append(node)
            elif node.tag in _NOTES:
                content.notes += self._note(_NOTES[node.tag], node.get(f"{WORD}id"))
        content.text = "".join(parts)
        return content

    def _visible_nodes(self, paragraph: Element) -> Iterator[tuple[Element, Element]]:
        """Run and node of all that the runs of a paragraph show, in order, without the text of text boxes."""
        for run in find_nearest(paragraph, f"{WORD}r"):
            if not self._styles.is_hidden(run, paragraph):
                for node in descendants(run):
                    yield run, node

    def _note(self, kind: str, note_id: str | None) -> list[Element]:
        """The note of a reference; none at the second reference to it: a note may refer to itself."""
        if (kind, note_id) in self._seen_notes:
            return []
        self._seen_notes.add((kind, note_id))
        return [note for note in self._notes.get(kind, ()) if note.get(f"{WORD}id") == note_id]

    @cached_property
    def _notes(self) -> dict[str, Element]:
        """The parts of the package that hold footnotes and endnotes, by kind."""
        from docx.oxml import parse_xml

        return {
            relation.reltype.rsplit("/", 1)[-1]: parse_xml(relation.target_part.blob)
            for relation in self._opened.part.rels.values()
            if not relation.is_external and relation.reltype.endswith(("/footnotes", "/endnotes"))
        }

    def _add_table(self, table: Element) -> None:
        rows = [list(cells_of(row)) for row in find_nearest(table, ROW) if not is_row_hidden(row)]
        notes: list[Element] = []
        seen_notes = set(self._seen_notes)
        texts = [
            tuple("" if cell is None else "\n".join(self._cell_lines(cell, notes)) for cell in row)
            for row in rows
        ]
        if max((sum(1 for text in row if text) for row in texts), default=0) <= 1:
            # A frame, whose cells are added as paragraphs: their notes have not been added yet.
            self._seen_notes = seen_notes
            self._boxes += 1
            box = self._boxes
            for row in rows:
                for cell in row:
                    if cell is not None:
                        self.add(cell, box)
            return
        self.blocks.append(Table(tuple(texts)))
        for note in notes:
            self.add(note)

    def _cell_lines(self, parent: Element, notes: list[Element]) -> Iterator[str]:
        """The lines of a cell: paragraphs, text boxes, rows of inner tables. Adds its notes to `notes`."""
        pending = ""
        for element in find_nearest(parent, PARAGRAPH, TABLE):
            if element.tag == TABLE:
                for row in find_nearest(element, ROW):
                    if not is_row_hidden(row):
                        cells = (self._cell_lines(cell, notes) for cell in cells_of(row) if cell is not None)
                        yield " ".join(line for lines in cells for line in lines)
                continue
            paragraph = self._read_paragraph(element)
            notes += paragraph.notes
            pending += paragraph.text
            if not self._styles.joins_next(element):
                if pending.strip():
                    yield pending.strip()
                pending = ""
            for box in paragraph.boxes:
                yield from self._cell_lines(box, notes)
        if pending.strip():
            yield pending.strip()


def _follow_field(instructions: list[bool], kind: str | None) -> None:
    """Update the open fields at a mark of a field (ECMA-376-1, 17.16.18): begin, separate or end."""
    if kind == "begin":
        instructions.append(True)
    elif instructions and kind == "separate":
        instructions[-1] = False
    elif instructions and kind == "end":
        instructions.pop()
