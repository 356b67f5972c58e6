"""A news page, saved as HTML or copied as text -> press release, with the origin of each field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from ahocorasick_rs import AhoCorasick

from indexer.release import Attachment, PressRelease, Section
from indexer.sources.extraction.field_values import fields_of, fill_fields
from indexer.sources.extraction.news_text import read_news_text
from indexer.sources.extraction.release_fields import find_fields
from indexer.sources.formats.document import (
    Block,
    Document,
    FieldValue,
    Paragraph,
    lines_of,
    location_of,
)

_PLACEHOLDER_TITLE = "제목 없는 쪽"


def release_of_text(text: str, source_path: str) -> tuple[PressRelease, tuple[FieldValue, ...]]:
    """The release, not yet identified, of a copied page, and the values of its fields.

    Raises ContentError where the text has no title.
    """
    release = read_news_text(text, source_path)
    found_fields = _fields_in_text(release, text.splitlines(), release.published_at)
    # The page has the whole line of a contact; `find_fields` separates names, ranks and numbers.
    names = {item.field for item in found_fields}
    cleared: dict[str, Any] = dict.fromkeys(names & {"department", "contact"}, "")
    outlet = release.outlet or next((item.value for item in found_fields if item.field == "outlet"), "")
    if release.department == outlet:
        cleared["department"] = ""
    release = _without_embargo(replace(release, **cleared), found_fields)
    page_fields = fields_of(release, "글의 머리와 꼬리")
    release, text_fields = fill_fields(release, found_fields)
    return release, (*page_fields, *text_fields)


def release_of_page(page: Document, source_path: str) -> tuple[PressRelease, tuple[FieldValue, ...]]:
    """The release, not yet identified, of a web page, and the values of its fields.

    The page is read as copied text under the title that its tags state. Raises ContentError where it has no
    title.
    """
    lines = [line for block in page.blocks for line in lines_of(block)]
    title = next((item.value for item in page.fields if item.field == "title"), "")
    # A title that begins a line of the text would make that line look like the title repeated.
    is_first_words = bool(title) and any(line.startswith(title) for line in lines)
    heading = _PLACEHOLDER_TITLE if is_first_words else title
    attachment_names = AhoCorasick([name for name, _ in page.attachments if name])
    body = [line for line in lines if not attachment_names.find_matches_as_indexes(line)]
    news = read_news_text("\n\n".join(([heading] if heading else []) + body), source_path)
    if is_first_words:
        news = replace(news, title=title)
    linked = tuple(Attachment(name, url) for name, url in page.attachments)
    news = replace(
        news,
        attachments=linked or news.attachments,
        sections=tuple(_split_at_tables(news.sections, page.blocks)),
    )
    dated, _ = fill_fields(news, page.fields)
    found_fields = _fields_in_text(news, lines, dated.published_at)
    release, tag_fields = fill_fields(_without_embargo(news, found_fields), [*page.fields, *found_fields])
    title_fields = tuple(
        item for item in page.fields if item.field == "title" and item.value == release.title
    )
    page_fields = fields_of(news, "쪽의 글", without=[item.field for item in title_fields])
    return release, (*page_fields, *title_fields, *tag_fields)


def _without_embargo(release: PressRelease, found_fields: list[FieldValue]) -> PressRelease:
    """The release without its embargo where `find_fields` has found one: it knows more of its forms."""
    is_found = any(item.field == "embargo" for item in found_fields)
    return replace(release, embargo_until=None) if is_found else release


def _fields_in_text(
    release: PressRelease, lines: list[str], published_at: datetime | None
) -> list[FieldValue]:
    """What the lines state; an article signed by a reporter names bodies that did not issue it."""
    fields = find_fields(lines, near=published_at.date() if published_at else None)
    return [item for item in fields if item.field != "outlet"] if release.reporter else fields


def _split_at_tables(sections: tuple[Section, ...], blocks: tuple[Block, ...]) -> Iterator[Section]:
    """The sections, cut where a table of the page begins or ends: news text is parsed as lines only."""
    tables = {line: location_of(block)[1] for block in blocks for line in lines_of(block)}
    # A line that also stands outside of tables cannot be assigned to one.
    tables |= {line: 0 for block in blocks if isinstance(block, Paragraph) for line in lines_of(block)}
    for section in sections:
        heading = section.heading
        for table, lines in groupby(section.paragraphs, key=lambda line: tables.get(line, 0)):
            yield Section(heading, tuple(lines), table=table)
            heading = ""
        if heading:
            yield section
