"""PDF -> document: words by their positions, tables by their rules, columns by the gap between them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from indexer.sources.formats.document import Document
from indexer.sources.formats.pdf_blocks import Page, blocks_of_pages
from indexer.sources.formats.pdf_layout import in_reading_order
from indexer.sources.formats.pdf_tables import find_tables, is_inside
from indexer.sources.problems import ContentError
from indexer.text.private_use import to_public

_LEAST_CHARS = 10
_SAVE_AGAIN = "원본을 다시 저장해 보세요."
_SCAN_ANEW = "글자 인식(OCR)을 해서 저장하거나 원본 문서를 넣으세요."
# Bold that is drawn as two strikes repeats a letter a few hundredths of its size beside the first, a shadow a
# little farther away. Letters that are really doubled are at least .2 of their size apart, syllables .5.
_STRIKE_EMS, _WIDE_STRIKE_EMS = 0.15, 0.3
_LEAST_STRIKE_PT = 0.1
# A letter whose font does not say which one it is: the name that the library gives it, or the replacement
# character.
_UNKNOWN = re.compile(r"\(cid:\d+\)|\ufffd")
# A character of the font alone. Bullets are such; a text of nothing else cannot be read.
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000fffff]")
_MOST_UNKNOWN_SHARE = 0.5


def read_pdf(path: Path) -> Document:
    """The document at `path`; every block has the number of its page.

    Raises ContentError for a password, a scan without text, a font whose letters are unknown, or a damaged
    file.
    """
    pages, unread = _read_pages(path)
    if not pages:
        raise _damaged()
    unknown = sum(page.unknown for page in pages)
    unreadable = unknown + sum(page.private for page in pages)
    if unreadable > _MOST_UNKNOWN_SHARE * sum(page.letters for page in pages):
        raise ContentError("글자를 알 수 없는 PDF입니다(글꼴에 글자표가 없습니다).", _SCAN_ANEW)
    chars = sum(len(line.text) for page in pages for line in page.lines)
    if chars < _LEAST_CHARS and not any(page.tables for page in pages):
        raise ContentError("글자가 없는 스캔한 PDF입니다.", _SCAN_ANEW)
    warnings = [(f"{unread}쪽을 읽지 못했습니다.", _SAVE_AGAIN)] if unread else []
    if unknown:
        warnings.append((f"글꼴에 글자표가 없어 {unknown:,}자를 빼고 읽었습니다.", _SCAN_ANEW))
    return Document(tuple(blocks_of_pages(pages)), warnings=tuple(warnings))


def _read_pages(path: Path) -> tuple[list[Page], int]:
    """The pages that can be read, and how many cannot. Raises ContentError where no page can."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    damage = (ValueError, TypeError, KeyError, IndexError)
    pages: list[Page] = []
    unread = 0
    try:
        with pdfplumber.open(path) as opened:
            for page in opened.pages:
                try:
                    pages.append(_read_page(page))
                except (PDFException, PdfminerException, *damage) as error:
                    _raise_if_out_of_memory(error)
                    unread += 1
                page.close()
    except (PDFException, PdfminerException) as error:
        _raise_if_out_of_memory(error)
        if isinstance(error, PDFPasswordIncorrect) or "PDFPasswordIncorrect" in repr(error):
            message = "암호가 걸린 PDF입니다."
            raise ContentError(message, "암호를 풀고 다시 저장해 넣으세요.") from error
        raise _damaged() from error
    except (*damage, AttributeError, AssertionError) as error:
        raise _damaged() from error
    return pages, unread


def _raise_if_out_of_memory(error: BaseException) -> None:
    """Raise MemoryError where it is the cause: the library wraps it, but it is no damage of one page."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or any(isinstance(part, MemoryError) for part in cause.args):
            raise MemoryError from error
        cause = cause.__cause__ or cause.__context__


def _damaged() -> ContentError:
    return ContentError("PDF 파일이 깨져 있어 읽을 수 없습니다.", "원본을 다시 받거나 다시 저장해 넣으세요.")


def _read_page(whole: Any) -> Page:  # noqa: ANN401 - the library has no types
    letters = [char for char in whole.chars if not char["text"].isspace()]
    unknown = [char for char in letters if _UNKNOWN.fullmatch(char["text"])]
    private = sum(_PRIVATE.fullmatch(to_public(char["text"])) is not None for char in letters)
    # Text outside of the visible part of a page is a printer's mark; where all is, the box is wrong.
    cut_off = [char for char in whole.chars if not is_inside(char, whole.cropbox)]
    if len(cut_off) == len(whole.chars):
        cut_off = []
    dropped = {id(char) for char in (*unknown, *cut_off)} | _repeated_letters(whole.chars)
    page = whole.filter(lambda thing: id(thing) not in dropped)
    words = page.extract_words(extra_attrs=["size"], use_text_flow=False, keep_blank_chars=False)
    tables = find_tables(page, words)
    boxes = [bbox for bbox, _ in tables]

    def is_outside_tables(thing: dict[str, Any]) -> bool:
        return not any(is_inside(thing, box) for box in boxes)

    spaces = [char for char in page.chars if char["text"] == " " and is_outside_tables(char)]
    return Page(
        page.page_number,
        float(page.height),
        tuple(in_reading_order(filter(is_outside_tables, words), spaces)),
        tuple(tables),
        len(letters),
        len(unknown),
        private,
    )


def _repeated_letters(chars: list[dict[str, Any]]) -> set[int]:
    """The `id` of each character that is drawn once more over the same one.

    Characters are kept in a grid of cells as wide as the distance, so that only neighbours are compared.
    """
    grid: dict[tuple[str, float, int, int], list[dict[str, Any]]] = {}
    repeated: set[int] = set()
    for char in chars:
        is_wide = "가" <= char["text"] <= "힣"
        distance = max((_WIDE_STRIKE_EMS if is_wide else _STRIKE_EMS) * char["size"], _LEAST_STRIKE_PT)
        column, row = int(char["x0"] / distance), int(char["top"] / distance)
        letter = (char["text"], round(char["size"], 1))
        if any(
            abs(other["x0"] - char["x0"]) < distance and abs(other["top"] - char["top"]) < distance
            for x in (column - 1, column, column + 1)
            for y in (row - 1, row, row + 1)
            for other in grid.get((*letter, x, y), ())
        ):
            repeated.add(id(char))
        else:
            grid.setdefault((*letter, column, row), []).append(char)
    return repeated
