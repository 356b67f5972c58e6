"""DOCX -> document. Heading styles give the headings; running heads live in other parts and stay out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from indexer.sources.content_error import ContentError
from indexer.sources.document import Block, Document, Paragraph, Table

_DAMAGED = "DOCX 파일이 깨져 있어 읽을 수 없습니다."
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# A text box is stored twice: for new readers, and as a fallback for old ones.
_SKIPPED = {
    f"{_WORD}del", f"{_WORD}rPr", f"{_WORD}pPr",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}  # fmt: skip
_BREAKS = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}noBreakHyphen": "-"}
_NOTES = {f"{_WORD}footnoteReference": "footnotes", f"{_WORD}endnoteReference": "endnotes"}
_DEEPEST_NESTING = 16


def read_docx(path: Path) -> Document:
    """The document at `path`. Raises ContentError where the package is damaged."""
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree

    try:
        # The parser stops at entities that grow without end and at elements nested too deep.
        opened = docx.Document(str(path))
        reader = _Reader(opened)
        reader.add(opened.element.body)
    except (OpcError, BadZipFile, etree.LxmlError, KeyError, ValueError, AttributeError) as error:
        raise ContentError(_DAMAGED, "원본을 다시 받거나 다시 저장해 넣으세요.") from error
    return Document(tuple(reader.made))


class _Reader:
    """Collects the blocks of a document; `made` is the outcome."""

    def __init__(self, opened: Any) -> None:  # noqa: ANN401 - the library has no types
        self.made: list[Block] = []
        self._opened = opened
        self._boxes = 0
        self._notes = {
            relation.reltype.rsplit("/", 1)[-1]: relation.target_part
            for relation in opened.part.rels.values()
            if not relation.is_external and relation.reltype.endswith(("/footnotes", "/endnotes"))
        }

    def add(self, parent: Any, box: int = 0, depth: int = 0) -> None:  # noqa: ANN401
        """Add the paragraphs and tables that stand in `parent`, in order."""
        for child in parent.iterchildren() if depth < _DEEPEST_NESTING else ():
            if child.tag == f"{_WORD}p":
                self._add_paragraph(child, box, depth)
            elif child.tag == f"{_WORD}tbl":
                self._add_table(child, depth)
            elif child.tag in (f"{_WORD}sdt", f"{_WORD}sdtContent", f"{_WORD}ins", f"{_WORD}customXml"):
                self.add(child, box, depth + 1)

    def _add_paragraph(self, element: Any, box: int, depth: int) -> None:  # noqa: ANN401
        parts: list[str] = []
        boxes: list[Any] = []
        notes: list[Any] = []
        for node in _walk(element):
            if node.tag == f"{_WORD}t":
                parts.append(node.text or "")
            elif node.tag in _BREAKS:
                parts.append(_BREAKS[node.tag])
            elif node.tag == f"{_WORD}txbxContent":
                boxes.append(node)
            elif node.tag in _NOTES:
                notes += self._note(_NOTES[node.tag], node.get(f"{_WORD}id"))
        text = "".join(parts).strip()
        if text:
            size, level = self._style(element)
            self.made.append(Paragraph(text, size, level, box))
        for inner in (*boxes, *notes):
            self.add(inner, box, depth + 1)

    def _style(self, element: Any) -> tuple[float, int]:  # noqa: ANN401
        """The size in points of the largest run, and the heading level of the style."""
        from docx.text.paragraph import Paragraph as WordParagraph

        paragraph = WordParagraph(element, self._opened)
        style = paragraph.style
        name = (style.name or "").lower() if style is not None else ""
        inherited = 0.0
        while style is not None and not inherited:
            inherited = style.font.size.pt if style.font.size is not None else 0.0
            style = style.base_style
        sizes = [
            run.font.size.pt if run.font.size else inherited for run in paragraph.runs if run.text.strip()
        ]
        level = 1 if name == "title" else 0
        if name.startswith("heading ") and name[8:].isdigit():
            level = int(name[8:])
        return max(sizes, default=inherited), level

    def _note(self, kind: str, number: str | None) -> list[Any]:
        if kind not in self._notes:
            return []
        from docx.oxml import parse_xml

        root = parse_xml(self._notes[kind].blob)
        return [note for note in root.iterchildren() if note.get(f"{_WORD}id") == number]

    def _add_table(self, table: Any, depth: int) -> None:  # noqa: ANN401
        rows = [list(_cells(row)) for row in table.iterchildren(f"{_WORD}tr")]
        texts = [["" if cell is None else _text(cell) for cell in row] for row in rows]
        if max((sum(1 for text in row if text) for row in texts), default=0) <= 1:
            self._boxes += 1
            for row in rows:
                for cell in row:
                    if cell is not None:
                        self.add(cell, self._boxes, depth + 1)
            return
        self.made.append(Table(tuple(tuple(row) for row in texts)))


def _cells(row: Any) -> Iterator[Any]:  # noqa: ANN401
    """The cells of a row by column; None where a merged cell covers the place."""
    for cell in row.iterchildren(f"{_WORD}tc"):
        span = cell.tcPr.gridSpan if cell.tcPr is not None else None
        merge = cell.vMerge
        yield None if merge == "continue" else cell
        for _ in range(min(int(span.val), 64) - 1 if span is not None else 0):
            yield None


def _text(cell: Any) -> str:  # noqa: ANN401
    lines = ["".join(_pieces(paragraph)) for paragraph in cell.iter(f"{_WORD}p")]
    return "\n".join(line.strip() for line in lines if line.strip())


def _pieces(element: Any) -> Iterable[str]:  # noqa: ANN401
    for node in _walk(element):
        if node.tag == f"{_WORD}t":
            yield node.text or ""
        elif node.tag in _BREAKS:
            yield _BREAKS[node.tag]


def _walk(element: Any) -> Iterator[Any]:  # noqa: ANN401
    """The descendants of `element` in order, but what text boxes and `_SKIPPED` hold."""
    for child in element.iterchildren():
        if child.tag in _SKIPPED or not isinstance(child.tag, str):
            continue
        yield child
        if child.tag != f"{_WORD}txbxContent":
            yield from _walk(child)
