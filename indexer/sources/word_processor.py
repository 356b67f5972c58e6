"""HWP and HWPX share one library, `dochan`: its model -> blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from indexer.sources.content_error import ContentError
from indexer.sources.document import Block, Document, Paragraph, Table

_TOO_MUCH = re.compile(r"exceed|limit|초과|not allowed")
_DEEPEST_NESTING = 16
_RUNNING = ("header", "footer")


def open_document(path: Path, **options: Any) -> Any:  # noqa: ANN401 - the library has no types
    """What `dochan` makes of the file. Raises ContentError where it is locked or nothing can be read."""
    from dochan import Dochan

    document = Dochan(str(path), **options).doc
    fatal = [error for error in document.errors if error.startswith("ERR")]
    if any("암호" in error for error in fatal):
        raise ContentError(
            "암호가 걸려 있거나 보안(DRM) 문서입니다.", "암호나 보안을 풀고 다시 저장해 넣으세요."
        )
    empty = not any(section.elements for section in document.sections)
    if fatal and empty and any(_TOO_MUCH.search(error) for error in fatal):
        raise ContentError(
            "풀면 너무 커지거나 너무 깊이 겹친 파일입니다(압축 폭탄일 수 있습니다).",
            "원본을 확인하고 다시 저장해 넣으세요.",
        )
    if fatal and empty:
        raise ContentError("파일이 깨져 있어 읽을 수 없습니다.", "원본을 다시 받거나 다시 저장해 넣으세요.")
    return document


def document_of(opened: Any, *, styled: bool) -> Document:  # noqa: ANN401 - the library has no types
    """The blocks of what `open_document` gave, without running heads.

    `styled` where heading levels come from styles; otherwise they are the library's guess and are left out.
    """
    blocks = _Blocks(styled)
    for section in opened.sections:
        blocks.add(section.elements)
    warnings = tuple(error for error in opened.errors if error.startswith("ERR"))
    return Document(tuple(blocks.made), warnings=("일부를 읽지 못했습니다.",) if warnings else ())


class _Blocks:
    """Collects blocks in reading order; `made` is the outcome."""

    def __init__(self, styled: bool) -> None:
        self.made: list[Block] = []
        self._styled = styled
        self._boxes = 0

    def add(self, elements: Iterable[Any], box: int = 0, depth: int = 0) -> None:
        for element in elements if depth < _DEEPEST_NESTING else ():
            if hasattr(element, "rows"):
                self._add_table(element, depth)
            elif hasattr(element, "runs"):
                self._add_paragraph(element, box)
            elif hasattr(element, "paragraphs") and element.type not in _RUNNING:
                self.add(element.paragraphs, box, depth + 1)
            elif hasattr(element, "caption"):
                self.add(element.caption, box, depth + 1)

    def _add_paragraph(self, paragraph: Any, box: int) -> None:  # noqa: ANN401
        # The library marks where a note belongs by its number in brackets, which is no text of the release.
        runs = [run for run in paragraph.runs if not run.note_ref]
        text = "".join(run.text for run in runs).strip()
        if text:
            size = max((run.font_size_pt for run in runs if run.text.strip()), default=0.0)
            level = paragraph.heading_level if self._styled else 0
            self.made.append(Paragraph(text, size, level, box))

    def _add_table(self, table: Any, depth: int) -> None:  # noqa: ANN401
        rows = [[cell for cell in row if not cell.is_merged_away] for row in table.rows]
        captions = [text for text in table.caption_text.splitlines() if text.strip()]
        if max((sum(1 for cell in row if cell.text.strip()) for row in rows), default=0) <= 1:
            self._boxes += 1
            box = self._boxes
            self.made += [Paragraph(text, box=box) for text in captions]
            for row in rows:
                for cell in row:
                    self.add(cell.paragraphs, box, depth + 1)
            return
        grid = tuple(tuple(_covered(row)) for row in table.rows)
        self.made.append(Table(grid, " ".join(captions)))
        for note in _notes(table):
            self.add(note.paragraphs, 0, depth + 1)


def _covered(row: Iterable[Any]) -> Iterator[str]:
    for cell in row:
        yield "" if cell.is_merged_away else cell.text.strip()


def _notes(table: Any) -> Iterator[Any]:  # noqa: ANN401
    """Footnotes that stand in cells: the text of a cell leaves them out."""
    for row in table.rows:
        for cell in row:
            for element in cell.paragraphs:
                if hasattr(element, "paragraphs") and element.type not in _RUNNING:
                    yield element
