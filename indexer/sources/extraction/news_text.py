"""Text copied from a news page -> press release.

A page has three zones: a head of title, fields and boilerplate; the article; and a tail of fields and
boilerplate. No line between the first and the last sentence counts as boilerplate, so that an article about
comments keeps its sentences, and a line that is not recognized as boilerplate is kept.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from indexer.release import Attachment, Precision, PressRelease, Section, sections_of
from indexer.sources.extraction.news_head import sort_head, split_head
from indexer.sources.extraction.news_lines import Line, PageFields, boilerplate_at, split_lines
from indexer.sources.recognizers.boilerplate import Piece, normalize_line, parse_boilerplate
from indexer.sources.recognizers.dateline import find_dateline
from indexer.sources.recognizers.line_kinds import (
    copyright_owner,
    is_caption,
    is_copyright,
    is_heading_like,
    is_list_header,
    is_promotion,
    is_prose,
    is_syndication_notice,
)
from indexer.sources.recognizers.times import parse_embargo, parse_time

_DATELINE_PARAGRAPHS = 5
# A telephone number or an address: the cell beside the label of a contact may hold a rank or less.
_PHONE_OR_ADDRESS = re.compile(r"\d{3}|@")


def read_news_text(text: str, source_path: str) -> PressRelease:
    """The release, not yet identified, that `text` holds. Raises ContentError where it has no title."""
    lines = split_lines(text)
    fields = PageFields()
    head_lines, start = split_head(lines, fields)
    last, end = _end_of_article(lines, start)
    article = _without_dateline(lines[start : last + 1], fields)
    tail = _read_tail(lines[last + 1 : end], fields)
    for line in lines[end:]:
        if is_copyright(line.plain):
            fields.add([Piece("outlet", copyright_owner(line.plain))])
    head = sort_head(head_lines, fields)
    published_at, precision = _published(fields)
    contacts = [value for value in fields.all("contact") if _PHONE_OR_ADDRESS.search(value)]
    return PressRelease(
        id="",
        title=head.title,
        subtitles=head.subtitles,
        outlet=fields.first("outlet"),
        department=fields.first("department"),
        reporter=fields.first("reporter"),
        contact=", ".join(contacts),
        published_at=published_at,
        published_precision=precision,
        embargo_until=_embargo(fields),
        sections=_sections([*head.lead, *article, *tail]),
        attachments=tuple(Attachment(name) for name in fields.all("attachment")),
        source_path=source_path,
    )


def _end_of_article(lines: list[Line], start: int) -> tuple[int, int]:
    """The index of the article's last sentence, and of the first line that belongs to the page alone.

    Nothing is news below a copyright notice or a notice of syndication, nor, once a reporter has signed,
    below the header of a list.
    """
    last, signed = start - 1, False
    for line in lines[start:]:
        ends = is_copyright(line.plain) or (last >= start and is_syndication_notice(line.plain))
        if ends or (signed and is_list_header(line.plain)):
            return last, line.index
        pieces = parse_boilerplate(line.plain)
        if pieces is None and is_prose(line.plain) and not is_promotion(line.plain):
            last, signed = line.index, False
        else:
            signed = signed or any(piece.kind == "reporter" for piece in pieces or [])
    return last, len(lines)


def _read_tail(lines: list[Line], fields: PageFields) -> list[Line]:
    """The lines below the last sentence that are neither boilerplate nor below the header of a list.

    Adds what the boilerplate states to `fields`.
    """
    kept: list[Line] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if is_list_header(line.plain):
            break
        pieces, used = boilerplate_at(lines, index)
        # A date alone below an article is its signature, not its publication.
        if pieces is not None and not any(piece.kind == "date" for piece in pieces):
            fields.add(pieces)
            index += used
            continue
        if not is_promotion(line.plain) and not is_caption(line.plain):
            kept.append(line)
        index += 1
    return kept


def _without_dateline(lines: list[Line], fields: PageFields) -> list[Line]:
    """The lines without the dateline of the first paragraph that has one; its parts are added to `fields`."""
    for index, line in enumerate(lines[:_DATELINE_PARAGRAPHS]):
        dateline = find_dateline(line.text)
        if dateline is not None:
            fields.add([Piece("outlet", dateline.outlet), Piece("reporter", dateline.reporter)])
            text = line.text[dateline.length :].strip()
            shortened = [replace(line, text=text, plain=normalize_line(text))] if text else []
            return [*lines[:index], *shortened, *lines[index + 1 :]]
    return lines


def _sections(lines: list[Line]) -> tuple[Section, ...]:
    has_gaps = any(line.after_gap for line in lines[1:])
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for index, line in enumerate(lines):
        if index + 1 < len(lines) and _is_heading(line, lines[index + 1], has_gaps):
            blocks.append((line.text, []))
        else:
            blocks[-1][1].append(line.text)
    return sections_of(blocks)


def _is_heading(line: Line, below: Line, has_gaps: bool) -> bool:
    apart = line.after_gap or not has_gaps
    return apart and is_prose(below.plain) and is_heading_like(line.plain, line.after_gap)


def _published(fields: PageFields) -> tuple[datetime | None, Precision]:
    """The labelled time of publication, else the time without a label where the page shows only one."""
    times = fields.all("published")[:1]
    if not times and len(fields.all("date")) == 1:
        times = fields.all("date")
    try:
        return parse_time(times[0]) if times else (None, "time")
    except ValueError:
        return None, "time"


def _embargo(fields: PageFields) -> datetime | None:
    try:
        return parse_embargo(fields.first("embargo"))
    except ValueError:
        return None
