"""The model of `dochan`, the library that parses HWP and HWPX -> document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from indexer.sources.formats.document import Block, Document, Paragraph, Table
from indexer.sources.problems import ContentError

_EXCEEDS_LIMIT = re.compile(r"exceed|limit|초과|not allowed")
# Deeper content is dropped, so that a hostile file cannot exhaust the stack.
_DEEPEST_NESTING = 16
# Parts that Hangul shows outside of the text or not at all; memos and hidden comments are "comment".
_OUTSIDE_TEXT = ("header", "footer", "comment")
# The library adds a run with the name of a bookmark, which no reader sees.
_BOOKMARK = re.compile(r"\[bookmark: .+\] ", re.S)
CHANGES_LEFT = (
    "변경 추적을 다 풀지 못해 지운 글이 남아 있을 수 있습니다.",
    "한글에서 변경 내용을 모두 적용하고 다시 저장해 넣으세요.",
)


def check_document(document: Any) -> Any:  # noqa: ANN401 - the library has no types
    """`document` of the library. Raises ContentError where it is locked or nothing of it could be read."""
    fatal = [error for error in document.errors if error.startswith("ERR")]
    if any("암호" in error for error in fatal):
        raise ContentError(
            "암호가 걸려 있거나 보안(DRM) 문서입니다.", "암호나 보안을 풀고 다시 저장해 넣으세요."
        )
    empty = not any(section.elements for section in document.sections)
    if fatal and empty and any(_EXCEEDS_LIMIT.search(error) for error in fatal):
        raise ContentError(
            "풀면 너무 커지거나 너무 깊이 겹친 파일입니다(압축 폭탄일 수 있습니다).",
            "원본을 확인하고 다시 저장해 넣으세요.",
        )
    if fatal and empty:
        raise ContentError("파일이 깨져 있어 읽을 수 없습니다.", "원본을 다시 받거나 다시 저장해 넣으세요.")
    return document


def document_of(opened: Any) -> Document:  # noqa: ANN401 - the library has no types
    """The document of what `check_document` accepted, without running heads.

    The heading levels of the library are guesses and are left out.
    """
    collector = _BlockCollector()
    for section in opened.sections:
        collector.add(section.elements)
    errors = [error for error in opened.errors if error.startswith("ERR")]
    tracked = [error for error in errors if "revision" in error]
    warnings = []
    if tracked:
        warnings.append(CHANGES_LEFT)
    if len(errors) > len(tracked):
        warnings.append(("일부를 읽지 못했습니다.", "원본을 다시 저장해 보세요."))
    return Document(tuple(collector.blocks), warnings=tuple(warnings))


class _BlockCollector:
    """Collects blocks in reading order in `blocks`."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._boxes = 0

    def add(self, elements: Iterable[Any], box: int = 0, depth: int = 0) -> None:
        for element in elements if depth < _DEEPEST_NESTING else ():
            if hasattr(element, "rows"):
                self._add_table(element, depth)
            elif hasattr(element, "runs"):
                self._add_paragraph(element, box)
            elif hasattr(element, "paragraphs"):
                if element.type not in _OUTSIDE_TEXT:
                    self.add(element.paragraphs, box, depth + 1)
            elif hasattr(element, "caption"):
                self.add(element.caption, box, depth + 1)

    def _add_paragraph(self, paragraph: Any, box: int) -> None:  # noqa: ANN401
        runs = list(_visible_runs(paragraph))
        text = "".join(run.text for run in runs).strip()
        if text:
            size = max((run.font_size_pt for run in runs if run.text.strip()), default=0.0)
            self.blocks.append(Paragraph(text, size, 0, box))

    def _add_table(self, table: Any, depth: int) -> None:  # noqa: ANN401
        notes: list[Any] = []
        captions = list(_cell_lines(table.caption, notes))
        rows = [
            tuple(
                "" if cell.is_merged_away else "\n".join(_cell_lines(cell.paragraphs, notes)) for cell in row
            )
            for row in table.rows
        ]
        if max((sum(1 for text in row if text) for row in rows), default=0) <= 1:
            self._boxes += 1
            box = self._boxes
            self.blocks += [Paragraph(text, box=box) for text in captions]
            for row in table.rows:
                for cell in row:
                    if not cell.is_merged_away:
                        self.add(cell.paragraphs, box, depth + 1)
            return
        self.blocks.append(Table(tuple(rows), " ".join(captions)))
        for note in notes:
            self.add(note.paragraphs, 0, depth + 1)


def _visible_runs(paragraph: Any) -> Iterator[Any]:  # noqa: ANN401
    """The runs of a paragraph that a reader sees as its text.

    Without the number of a note in brackets, which the library adds at its reference.
    """
    return (run for run in paragraph.runs if not run.note_ref and not _BOOKMARK.fullmatch(run.text))


def _cell_lines(elements: Iterable[Any], notes: list[Any], depth: int = 0) -> Iterator[str]:
    """The lines of a cell or caption; a row of an inner table is one line. Adds its notes to `notes`."""
    for element in elements if depth < _DEEPEST_NESTING else ():
        if hasattr(element, "rows"):
            yield from _cell_lines(element.caption, notes, depth + 1)
            for row in element.rows:
                cells = (
                    _cell_lines(cell.paragraphs, notes, depth + 1) for cell in row if not cell.is_merged_away
                )
                if line := " ".join(line for lines in cells for line in lines):
                    yield line
        elif hasattr(element, "runs"):
            if text := "".join(run.text for run in _visible_runs(element)).strip():
                yield text
        elif hasattr(element, "paragraphs"):
            if element.type not in _OUTSIDE_TEXT:
                notes.append(element)
        elif hasattr(element, "caption"):
            yield from _cell_lines(element.caption, notes, depth + 1)
        elif text := str(getattr(element, "latex", "") or getattr(element, "script", "")):
            yield text
