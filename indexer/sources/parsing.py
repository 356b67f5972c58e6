"""One file -> what was read of it. Runs in the worker process: nothing here is trusted to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick

from indexer.release import Attachment, PressRelease, Section
from indexer.sources.content_error import ContentError
from indexer.sources.extraction.news_text import read_news_text
from indexer.sources.extraction.official_release import fill, lines_of, place_of, release_of_document
from indexer.sources.extraction.release_fields import find_fields
from indexer.sources.formats.decoding import decode
from indexer.sources.formats.detection import Format, document_name, tell_format
from indexer.sources.formats.document import (
    Block,
    Document,
    Found,
    Paragraph,
    Table,
    numbered,
    with_public_letters,
)
from indexer.sources.formats.docx import read_docx
from indexer.sources.formats.front_matter import has_front_matter, read_front_matter
from indexer.sources.formats.html import read_html
from indexer.sources.formats.hwp import read_hwp
from indexer.sources.formats.hwpx import read_hwpx
from indexer.sources.formats.pdf import read_pdf
from indexer.sources.problems import Refusal

MAX_TEXT_FILE_BYTES = 20_000_000
MAX_DOCUMENT_FILE_BYTES = 200_000_000

_READERS: dict[Format, Callable[[Path], Document]] = {
    "hwp": read_hwp,
    "hwpx": read_hwpx,
    "pdf": read_pdf,
    "docx": read_docx,
}
_FIELDS = {
    "title": "title", "subtitles": "subtitles", "outlet": "outlet", "department": "department",
    "reporter": "reporter", "contact": "contact", "published_at": "published",
    "embargo_until": "embargo", "url": "url",
}  # fmt: skip
_UNTITLED = "제목 없는 쪽"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file gave: its format, releases (not yet identified) and refusals, and where fields stand.

    `found` names the origin of every filled field. `tables` and `pages` are counts; a format without
    pages has 0.
    """

    format: Format | None
    items: tuple[PressRelease | Refusal, ...]
    found: tuple[Found, ...] = ()
    tables: int = 0
    pages: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The reading as JSON values; `from_dict` reads it back."""
        return {
            "format": self.format,
            "releases": [item.to_dict() if isinstance(item, PressRelease) else None for item in self.items],
            "refusals": [
                [item.source_path, item.reason, item.hint, item.line, item.warning]
                if isinstance(item, Refusal)
                else None
                for item in self.items
            ],
            "found": [[item.field, item.value, item.origin] for item in self.found],
            "tables": self.tables,
            "pages": self.pages,
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Reading:
        """Read what `to_dict` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        pairs = zip(record["releases"], record["refusals"], strict=True)
        return cls(
            record["format"],
            tuple(
                PressRelease.from_dict(release) if release is not None else Refusal(*refusal)
                for release, refusal in pairs
            ),
            tuple(Found(*item) for item in record["found"]),
            record["tables"],
            record["pages"],
        )


def read_release(path: Path, source_path: str) -> Reading:
    """The release that the file holds. Raises ContentError where it holds none, OSError where unreadable."""
    told = _told(path)
    if told in ("text", "markdown"):
        return _read_text(path, told, source_path)
    document = _read_document(path, told)
    if told == "html":
        release, found = _release_of_page(document, source_path)
    else:
        release, found = release_of_document(document, source_path)
    warnings = tuple(Refusal(source_path, text, hint, warning=True) for text, hint in document.warnings)
    return Reading(told, (*warnings, release), found, *_counts(document))


def read_sections(path: Path, name: str) -> tuple[Section, ...]:
    """The text of an attachment, a section a page or table, whose heading says which: "붙임1.pdf · 3쪽".

    Raises ContentError where it cannot be read, OSError where the file cannot.
    """
    told = _told(path)
    if told in ("text", "markdown"):
        lines = tuple(line.strip() for line in decode(path.read_bytes()).splitlines() if line.strip())
        return (Section(name, lines, name),) if lines else ()
    return tuple(_sections_of(_read_document(path, told).blocks, name))


def _told(path: Path) -> Format:
    size = path.stat().st_size
    if size == 0:
        raise ContentError("빈 파일입니다.", "첫 줄에 제목, 그 아래에 본문을 쓰세요.")
    told = tell_format(path)
    limit = MAX_TEXT_FILE_BYTES if told in ("text", "markdown", "html") else MAX_DOCUMENT_FILE_BYTES
    if size > limit:
        raise ContentError(
            f"파일이 너무 큽니다({limit // 1_000_000} MB 초과).", "보도자료 하나를 파일 하나로 나누세요."
        )
    return told


def _read_document(path: Path, told: Format) -> Document:
    document = _read_page(path) if told == "html" else _READERS[told](path)
    return with_public_letters(replace(document, blocks=tuple(numbered(document.blocks))))


def _read_page(path: Path) -> Document:
    try:
        return read_html(path.read_bytes())
    except ContentError as error:
        if (name := document_name(path)) is None:
            raise
        # A server answers a request for a file with a page.
        reason = f"{name} 문서가 아니라 보도자료가 없는 HTML 쪽입니다."
        raise ContentError(reason, "잘못 내려받은 것인지 보고 원본을 다시 받으세요.") from error


def _read_text(path: Path, told: Format, source_path: str) -> Reading:
    text = decode(path.read_bytes())
    if not text.strip():
        raise ContentError("빈 파일입니다.", "첫 줄에 제목, 그 아래에 본문을 쓰세요.")
    if told == "markdown" or has_front_matter(text):
        items = tuple(read_front_matter(text, source_path))
        found = tuple(_own(item, "머리말") for item in items if isinstance(item, PressRelease))
        return Reading(told, items, found[0] if found else ())
    release = read_news_text(text, source_path)
    beside = _stated_beside(release, text.splitlines())
    # A news page shows the line of a contact as it stands; here names, ranks and numbers are told apart.
    clearer: dict[str, Any] = {item.field: "" for item in beside if item.field in ("department", "contact")}
    outlet = release.outlet or next((item.value for item in beside if item.field == "outlet"), "")
    if release.department == outlet:
        clearer["department"] = ""
    release = replace(release, **clearer)
    own = _own(release, "글의 머리와 꼬리")
    release, stated = fill(release, beside)
    return Reading(told, (release,), (*own, *stated))


def _release_of_page(page: Document, source_path: str) -> tuple[PressRelease, tuple[Found, ...]]:
    """A page is read as the text of a news page, after what it states in its tags."""
    lines = [line for block in page.blocks for line in lines_of(block)]
    title = next((item.value for item in page.found if item.field == "title"), "")
    # A title that is a sentence of the text would be taken for the title said again.
    heading = _UNTITLED if title and any(line.startswith(title) for line in lines) else title
    names = AhoCorasick([name for name, _ in page.attachments if name])
    body = [line for line in lines if not names.find_matches_as_indexes(line)]
    text = "\n\n".join(([heading] if heading else []) + body)
    news = read_news_text(text, source_path)
    if heading == _UNTITLED:
        news = replace(news, title=title)
    linked = tuple(Attachment(name, url) for name, url in page.attachments)
    news = replace(
        news,
        attachments=linked or news.attachments,
        sections=tuple(_with_tables(news.sections, page.blocks)),
    )
    release, found = fill(news, [*page.found, *_stated_beside(news, lines)])
    kept = tuple(item for item in page.found if item.field == "title" and item.value == release.title)
    return release, (*_own(news, "쪽의 글", without=kept), *kept, *found)


def _with_tables(sections: tuple[Section, ...], blocks: tuple[Block, ...]) -> Iterator[Section]:
    """The sections, cut where a table of the page begins or ends: the reader of news text sees lines only."""
    tables = {line: place_of(block)[1] for block in blocks for line in lines_of(block)}
    # A line that also stands outside of tables is not known to be in one.
    tables |= {line: 0 for block in blocks if isinstance(block, Paragraph) for line in lines_of(block)}
    for section in sections:
        heading = section.heading
        for table, lines in groupby(section.paragraphs, key=lambda line: tables.get(line, 0)):
            yield Section(heading, tuple(lines), table=table)
            heading = ""
        if heading:
            yield section


def _stated_beside(release: PressRelease, lines: list[str]) -> list[Found]:
    """What the lines state; an article that a reporter signs names bodies that did not issue it."""
    found = find_fields(lines)
    return [item for item in found if item.field != "outlet"] if release.reporter else found


def _own(release: PressRelease, origin: str, without: tuple[Found, ...] = ()) -> tuple[Found, ...]:
    """The fields that a reader of text filled, all from the same place."""
    known = {item.field for item in without}
    return tuple(
        Found(field, str(value), origin)  # type: ignore[arg-type]
        for name, field in _FIELDS.items()
        if (value := getattr(release, name)) and field not in known
    )


def _counts(document: Document) -> tuple[int, int]:
    tables = sum(isinstance(block, Table) for block in document.blocks)
    return tables, max((block.page for block in document.blocks), default=0)


def _sections_of(blocks: tuple[Block, ...], name: str) -> Iterator[Section]:
    """A section for every page and table: what stands between two tables of a page is one of its own."""
    for (page, table), run in groupby(blocks, key=place_of):
        parts = (name, f"{page}쪽" if page else "", f"표 {table}" if table else "")
        lines = tuple(line for block in run for line in lines_of(block))
        if lines:
            yield Section(" · ".join(filter(None, parts)), lines, name, page, table)
