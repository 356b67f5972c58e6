"""PDF -> document: words by their places, tables by their lines, columns by the gap between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.sources.content_error import ContentError
from indexer.sources.formats.document import Block, Document, Paragraph, Table
from indexer.sources.formats.page_layout import Line, in_reading_order
from indexer.text.private_use import to_public

_Box = tuple[float, float, float, float]

_MARGIN_SHARE = 0.09
_REPEATED_SHARE = 0.5
_PAGE_NUMBER = re.compile(r"[-–—<(\s]*\d{1,4}[-–—>)\s]*+(?:/\s*\d{1,4}\s*+)?쪽?[-–—>)\s]*+")
_LEAST_CHARS = 10
_SAVE_AGAIN = "원본을 다시 저장해 보세요."
_SCAN_ANEW = "글자 인식(OCR)을 해서 저장하거나 원본 문서를 넣으세요."
# How far a table's rules may be drawn over those of the one that it stands in, and how much more than its
# frame the cells of a table may cover before some of them must be another's.
_RULE_PT = 2.0
_OVERLAPPING = 1.02
# Bold that is drawn as two strikes puts the same letter again a few hundredths of its size beside the first,
# a shadow a little more; the narrowest letters that may really be doubled stand .2 of it apart, syllables .5.
_STRIKE_EMS, _WIDE_STRIKE_EMS = 0.15, 0.3
# A letter whose font does not say which one it is: the library's name for it, or the replacement character;
# and one of the font's own, as bullets are, which says no more where all of the text is made of them.
_UNKNOWN = re.compile(r"\(cid:\d+\)|\ufffd")
_NAMELESS = re.compile("[\ue000-\uf8ff\U000f0000-\U000fffff]")
_MOST_UNKNOWN_SHARE = 0.5
_NEW_PARAGRAPH = re.compile(
    r"[□■○●ㅇ◦❍▶▷◇◆◎※❏☐▸▪•·*☞◈❖✓①-⑳⓵-⓾ⅠⅡⅢⅣⅤ㈀-㉟]|[-–]\s|<[^<>]{1,40}>|【|\d{1,2}\.\s|[가-하]\.\s|\(\d\)"
)
_SHORT_LINE_EMS = 2.5


@dataclass(frozen=True, slots=True)
class _Page:
    """What stands on a page, in points from its top left corner."""

    number: int
    height: float
    lines: tuple[Line, ...]
    tables: tuple[tuple[_Box, tuple[tuple[str, ...], ...]], ...]
    letters: int
    unknown: int
    nameless: int


def read_pdf(path: Path) -> Document:
    """The document at `path`; every block knows its page.

    Raises ContentError for a password, a scan without text, letters that no one can know, or a damaged file.
    """
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    pages: list[_Page] = []
    unread = 0
    try:
        with pdfplumber.open(path) as opened:
            for page in opened.pages:
                try:
                    pages.append(_read_page(page))
                except (
                    PDFException,
                    PdfminerException,
                    ValueError,
                    TypeError,
                    KeyError,
                    IndexError,
                ) as error:
                    _raise_if_out_of_memory(error)
                    unread += 1
                page.close()
    except (PDFException, PdfminerException) as error:
        _raise_if_out_of_memory(error)
        if isinstance(error, PDFPasswordIncorrect) or "PDFPasswordIncorrect" in repr(error):
            message = "암호가 걸린 PDF입니다."
            raise ContentError(message, "암호를 풀고 다시 저장해 넣으세요.") from error
        raise _damaged() from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError) as error:
        raise _damaged() from error
    if not pages:
        raise _damaged()
    unknown = sum(page.unknown for page in pages)
    if unknown + sum(page.nameless for page in pages) > _MOST_UNKNOWN_SHARE * sum(
        page.letters for page in pages
    ):
        raise ContentError("글자를 알 수 없는 PDF입니다(글꼴에 글자표가 없습니다).", _SCAN_ANEW)
    if sum(len(line.text) for page in pages for line in page.lines) < _LEAST_CHARS and not any(
        page.tables for page in pages
    ):
        raise ContentError("글자가 없는 스캔한 PDF입니다.", _SCAN_ANEW)
    running = _running_heads(pages)
    blocks = [block for page in pages for block in _blocks(page, running)]
    warnings = [(f"{unread}쪽을 읽지 못했습니다.", _SAVE_AGAIN)] if unread else []
    if unknown:
        warnings.append((f"글꼴에 글자표가 없어 {unknown:,}자를 빼고 읽었습니다.", _SCAN_ANEW))
    return Document(tuple(blocks), warnings=tuple(warnings))


def _raise_if_out_of_memory(error: BaseException) -> None:
    """The library wraps whatever happens; running out of memory is no damage of one page."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or any(isinstance(part, MemoryError) for part in cause.args):
            raise MemoryError from error
        cause = cause.__cause__ or cause.__context__


def _damaged() -> ContentError:
    return ContentError("PDF 파일이 깨져 있어 읽을 수 없습니다.", "원본을 다시 받거나 다시 저장해 넣으세요.")


def _read_page(whole: Any) -> _Page:  # noqa: ANN401 - the library has no types
    seen = [char for char in whole.chars if not char["text"].isspace()]
    unknown = [char for char in seen if _UNKNOWN.fullmatch(char["text"])]
    nameless = sum(_NAMELESS.fullmatch(to_public(char["text"])) is not None for char in seen)
    # What stands outside of the visible part of a page is a printer's mark; where all does, the box is wrong.
    cut_off = [char for char in whole.chars if not _inside(char, whole.cropbox)]
    if len(cut_off) == len(whole.chars):
        cut_off = []
    gone = {id(char) for char in (*unknown, *cut_off)} | _repeated(whole.chars)
    page = whole.filter(lambda thing: id(thing) not in gone)
    words = page.extract_words(extra_attrs=["size"], use_text_flow=False, keep_blank_chars=False)
    tables = []
    found = [part for table in page.find_tables() for part in _parted(table)]
    for table in found:
        rows = tuple(_rows(_without_inner(table, found, page), words))
        if any(cell for row in rows for cell in row):
            tables.append((table.bbox, rows))
    boxes = [bbox for bbox, _ in tables]

    def outside(thing: dict[str, Any]) -> bool:
        return not any(_inside(thing, box) for box in boxes)

    spaces = [char for char in page.chars if char["text"] == " " and outside(char)]
    return _Page(
        page.page_number,
        float(page.height),
        tuple(in_reading_order(filter(outside, words), spaces)),
        tuple(tables),
        len(seen),
        len(unknown),
        nameless,
    )


def _repeated(chars: list[dict[str, Any]]) -> set[int]:
    """The ids of the letters that are drawn once more over the same letter."""
    kept: dict[tuple[str, float, int, int], list[dict[str, Any]]] = {}
    repeated: set[int] = set()
    for char in chars:
        wide = "가" <= char["text"] <= "힣"
        reach = max((_WIDE_STRIKE_EMS if wide else _STRIKE_EMS) * char["size"], 0.1)
        column, row = int(char["x0"] / reach), int(char["top"] / reach)
        name = (char["text"], round(char["size"], 1))
        if any(
            abs(other["x0"] - char["x0"]) < reach and abs(other["top"] - char["top"]) < reach
            for x in (column - 1, column, column + 1)
            for y in (row - 1, row, row + 1)
            for other in kept.get((*name, x, y), ())
        ):
            repeated.add(id(char))
        else:
            kept.setdefault((*name, column, row), []).append(char)
    return repeated


def _parted(table: Any) -> list[Any]:  # noqa: ANN401
    """A table, and those in its cells apart: to the library they are one, with cells that lie in others."""
    from pdfplumber.table import Table as PageTable

    if sum(map(_area, table.cells)) <= _OVERLAPPING * _area(table.bbox):
        return [table]
    outer = [cell for cell in table.cells if not any(_holds(other, cell) for other in table.cells)]
    parts = [PageTable(table.page, outer)]
    for cell in outer:
        if inner := [other for other in table.cells if other not in outer and _holds(cell, other)]:
            parts += _parted(PageTable(table.page, inner))
    return parts


def _without_inner(table: Any, tables: list[Any], page: Any) -> Any:  # noqa: ANN401
    """A table without the letters of those that stand in its cells, which are told by themselves."""
    from pdfplumber.table import Table as PageTable

    inner = [other.bbox for other in tables if other is not table and _holds(table.bbox, other.bbox)]
    if not inner:
        return table
    plain = page.filter(lambda thing: not any(_inside(thing, bbox) for bbox in inner))
    return PageTable(plain, table.cells)


def _holds(outer: _Box, inner: _Box) -> bool:
    """Whether a table stands in another, whose rules may be drawn over its own."""
    reach = _RULE_PT
    inside = (
        outer[0] <= inner[0] + reach
        and outer[1] <= inner[1] + reach
        and outer[2] >= inner[2] - reach
        and outer[3] >= inner[3] - reach
    )
    return inside and _area(outer) > _area(inner)


def _area(bbox: _Box) -> float:
    return (bbox[2] - bbox[0]) * (bbox[3] - bbox[1])


def _rows(table: Any, words: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:  # noqa: ANN401
    """The rows of a table. A cell that lacks a rule at its side is none to the library: its words stand first
    or last in their row.
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
            and not any(_inside(word, cell) for cell in table.cells)
        ]
        first = min((cell[0] for cell in cells), default=x1)
        before = " ".join(word["text"] for word in loose if _middle(word)[0] < first)
        after = " ".join(word["text"] for word in loose if _middle(word)[0] >= first)
        yield tuple((text or "").strip() for text in (before, *texts, after))


def _middle(thing: dict[str, Any]) -> tuple[float, float]:
    return (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2


def _inside(thing: dict[str, Any], bbox: _Box) -> bool:
    x, y = _middle(thing)
    return bbox[0] <= x <= bbox[2] and bbox[1] <= y <= bbox[3]


def _running_heads(pages: list[_Page]) -> frozenset[str]:
    """The lines, numbers made equal, that stand in the margin of at least half of the pages."""
    counts = Counter(
        key for page in pages for key in {_key(line) for line in page.lines if _in_margin(line, page)}
    )
    least = max(2, _REPEATED_SHARE * len(pages))
    return frozenset(key for key, count in counts.items() if count >= least)


def _in_margin(line: Line, page: _Page) -> bool:
    return line.bottom < page.height * _MARGIN_SHARE or line.top > page.height * (1 - _MARGIN_SHARE)


def _key(line: Line) -> str:
    return re.sub(r"\d+", "0", " ".join(line.text.split()))


def _blocks(page: _Page, running: frozenset[str]) -> Iterator[Block]:
    """The paragraphs and tables of a page from top to bottom, without running heads and page numbers."""
    lines = [
        line
        for line in page.lines
        if not (_in_margin(line, page) and (_key(line) in running or _PAGE_NUMBER.fullmatch(line.text)))
    ]
    waiting = list(page.tables)
    run: list[Line] = []
    for line in lines:
        # A table is told where the reading first passes below its top.
        due = [table for table in waiting if table[0][1] < line.top and _beside(table[0], line)]
        if due:
            yield from _paragraphs(run, page.number)
            run = []
            for table in due:
                waiting.remove(table)
                yield from _table_blocks(table[1], page.number)
        run.append(line)
    yield from _paragraphs(run, page.number)
    for table in waiting:
        yield from _table_blocks(table[1], page.number)


def _beside(bbox: _Box, line: Line) -> bool:
    return bbox[0] < line.x1 and line.x0 < bbox[2]


def _table_blocks(rows: tuple[tuple[str, ...], ...], page: int) -> Iterator[Block]:
    if max(sum(1 for cell in row if cell) for row in rows) > 1:
        yield Table(rows, page=page)
        return
    for row in rows:
        for cell in row:
            yield from (Paragraph(line.strip(), page=page) for line in cell.splitlines() if line.strip())


def _paragraphs(lines: list[Line], page: int) -> Iterator[Paragraph]:
    """Lines joined where one runs on into the next."""
    text, last = "", None
    right = max((line.x1 for line in lines), default=0.0)
    size = 0.0
    for line in lines:
        if last is not None and _runs_on(last, line, right):
            text += ("" if last.joined else " ") + line.text
            size = max(size, line.size_pt)
        else:
            if text:
                yield Paragraph(text, size, page=page)
            text, size = line.text, line.size_pt
        last = line
    if text:
        yield Paragraph(text, size, page=page)


def _runs_on(above: Line, below: Line, right: float) -> bool:
    return (
        not _NEW_PARAGRAPH.match(below.text)
        and abs(above.size_pt - below.size_pt) < 1.0
        and below.top - above.bottom < 1.5 * above.size_pt
        and below.top >= above.top
        and above.x1 > min(right, above.column_right) - _SHORT_LINE_EMS * above.size_pt
    )
