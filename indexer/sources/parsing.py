"""One file -> its press releases. The sandbox runs this: a parser of a format may hang or use up memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from indexer.release import PressRelease, Section
from indexer.sources.extraction.field_values import fields_of
from indexer.sources.extraction.front_matter import has_front_matter, read_front_matter
from indexer.sources.extraction.news_item import read_news_item
from indexer.sources.extraction.news_page import release_of_page, release_of_text
from indexer.sources.extraction.official_release import release_of_document
from indexer.sources.extraction.release_times import unread_embargo, unread_embargo_problem
from indexer.sources.formats.decoding import decode
from indexer.sources.formats.detection import Format, claimed_format, detect_format
from indexer.sources.formats.document import (
    Block,
    Document,
    FieldValue,
    Table,
    lines_of,
    location_of,
    number_tables,
    with_public_characters,
)
from indexer.sources.formats.docx import read_docx
from indexer.sources.formats.html import read_html
from indexer.sources.formats.hwp import read_hwp
from indexer.sources.formats.hwpx import read_hwpx
from indexer.sources.formats.pdf import read_pdf
from indexer.sources.problems import ContentError, ReadProblem

MAX_TEXT_FILE_BYTES = 20_000_000
# Documents hold pictures too.
MAX_DOCUMENT_FILE_BYTES = 200_000_000

_DOCUMENT_READERS: dict[Format, Callable[[Path], Document]] = {
    "hwp": read_hwp,
    "hwpx": read_hwpx,
    "pdf": read_pdf,
    "docx": read_docx,
}
_PLAIN_FORMATS = ("text", "markdown")
_EMPTY_FILE = "빈 파일입니다.", "첫 줄에 제목, 그 아래에 본문을 쓰세요."


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """The format of a file, its releases (not yet identified) and problems, and the values of its fields.

    `tables` and `pages` are counts; a format without pages has 0. `format` is None for JSON Lines.
    """

    format: Format | None
    items: tuple[PressRelease | ReadProblem, ...]
    fields: tuple[FieldValue, ...] = ()
    tables: int = 0
    pages: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The file as JSON values; `from_dict` reads them back."""
        return {
            "format": self.format,
            "releases": [item.to_dict() if isinstance(item, PressRelease) else None for item in self.items],
            "problems": [
                [item.source_path, item.reason, item.hint, item.line, item.severity]
                if isinstance(item, ReadProblem)
                else None
                for item in self.items
            ],
            "fields": [[item.field, item.value, item.origin] for item in self.fields],
            "tables": self.tables,
            "pages": self.pages,
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> ParsedFile:
        """Read what `to_dict` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        pairs = zip(record["releases"], record["problems"], strict=True)
        return cls(
            record["format"],
            tuple(
                PressRelease.from_dict(release) if release is not None else ReadProblem(*problem)
                for release, problem in pairs
            ),
            tuple(FieldValue(*value) for value in record["fields"]),
            record["tables"],
            record["pages"],
        )


def parse_file(path: Path, source_path: str, charset: str = "") -> ParsedFile:
    """The release of a file, after a warning for each part that could not be read.

    `charset` is the encoding that a server told of a page, '' if none. Raises ContentError where the file
    holds no release, OSError where it cannot be read.
    """
    file_format = _format_of(path)
    if file_format in _PLAIN_FORMATS:
        return _parse_plain(path, file_format, source_path)
    if file_format == "newsitem":
        release, fields = read_news_item(path.read_bytes(), source_path)
        return ParsedFile(file_format, (release,), fields)
    document = _read_document(path, file_format, charset)
    extract = release_of_page if file_format == "html" else release_of_document
    release, fields = extract(document, source_path)
    warnings = [
        ReadProblem(source_path, reason, hint, severity="warning") for reason, hint in document.warnings
    ]
    lines = (line for block in document.blocks for line in lines_of(block))
    warnings += _embargo_doubts(release, lines, source_path)
    tables = sum(isinstance(block, Table) for block in document.blocks)
    pages = max((block.page for block in document.blocks), default=0)
    return ParsedFile(file_format, (*warnings, release), fields, tables, pages)


def parse_attachment(path: Path, name: str) -> tuple[Section, ...]:
    """The text of an attachment, one section for each page and table.

    The headings say which: "붙임1.pdf · 3쪽". Raises ContentError where the text cannot be parsed, OSError
    where the file cannot be read.
    """
    file_format = _format_of(path)
    if file_format in _PLAIN_FORMATS:
        lines = tuple(line.strip() for line in decode(path.read_bytes()).splitlines() if line.strip())
        return (Section(name, lines, name),) if lines else ()
    if file_format == "newsitem":
        release, _ = read_news_item(path.read_bytes(), name)
        return tuple(replace(section, file=name) for section in release.sections)
    return tuple(_attachment_sections(_read_document(path, file_format).blocks, name))


def _format_of(path: Path) -> Format:
    """The format of a file. Raises ContentError where the file is empty, too large, or of another format."""
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise ContentError(*_EMPTY_FILE)
    file_format = detect_format(path)
    limit = MAX_DOCUMENT_FILE_BYTES if file_format in _DOCUMENT_READERS else MAX_TEXT_FILE_BYTES
    if size_bytes > limit:
        raise ContentError(
            f"파일이 너무 큽니다({limit // 1_000_000} MB 초과).", "보도자료 하나를 파일 하나로 나누세요."
        )
    return file_format


def _read_document(path: Path, file_format: Format, charset: str = "") -> Document:
    if file_format == "xlsx":
        raise ContentError("엑셀 문서(XLSX)입니다.", "보도자료의 목록이면 이름을 .xlsx로 바꾸어 넣으세요.")
    document = _read_page(path, charset) if file_format == "html" else _DOCUMENT_READERS[file_format](path)
    return with_public_characters(replace(document, blocks=tuple(number_tables(document.blocks))))


def _read_page(path: Path, charset: str) -> Document:
    try:
        return read_html(path.read_bytes(), charset)
    except ContentError as error:
        if (name := claimed_format(path)) is None:
            raise
        # A server may answer the request for a document with an error page.
        reason = f"{name} 문서가 아니라 보도자료가 없는 HTML 쪽입니다."
        raise ContentError(reason, "잘못 내려받은 것인지 보고 원본을 다시 받으세요.") from error


def _parse_plain(path: Path, file_format: Format, source_path: str) -> ParsedFile:
    text = decode(path.read_bytes())
    if not text.strip():
        raise ContentError(*_EMPTY_FILE)
    if file_format == "markdown" or has_front_matter(text):
        items = tuple(read_front_matter(text, source_path))
        release = next((item for item in items if isinstance(item, PressRelease)), None)
        return ParsedFile(file_format, items, fields_of(release, "머리말") if release else ())
    release, fields = release_of_text(text, source_path)
    doubts = _embargo_doubts(release, text.splitlines(), source_path)
    return ParsedFile(file_format, (*doubts, release), fields)


def _embargo_doubts(release: PressRelease, lines: Iterable[str], source_path: str) -> list[ReadProblem]:
    """A warning where the text states an embargo that cannot be read."""
    unread = "" if release.embargo_until else unread_embargo(lines)
    return [unread_embargo_problem(unread, source_path)] if unread else []


def _attachment_sections(blocks: tuple[Block, ...], name: str) -> Iterator[Section]:
    """One section for each table, and for each stretch of a page without one."""
    for (page, table), blocks_there in groupby(blocks, key=location_of):
        heading = (name, f"{page}쪽" if page else "", f"표 {table}" if table else "")
        lines = tuple(line for block in blocks_there for line in lines_of(block))
        if lines:
            yield Section(" · ".join(filter(None, heading)), lines, name, page, table)
