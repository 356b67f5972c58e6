"""A document -> press release: masthead, title, subtitles and body, in the order that ministries use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from indexer.release import Attachment, PressRelease, Section
from indexer.sources.extraction.field_values import fill_fields
from indexer.sources.extraction.release_fields import find_fields
from indexer.sources.formats.document import (
    Block,
    Document,
    FieldValue,
    Paragraph,
    Table,
    filled_cells,
    lines_of,
    location_of,
    title_cell,
)
from indexer.sources.recognizers.line_kinds import is_dashed, is_list_item, is_prose
from indexer.sources.recognizers.masthead import flag_masthead, is_emblem
from indexer.sources.recognizers.titles import MOST_TITLE_CHARS, repeats_title, subtitle_of

# Chosen by hand, as the numbers of the recognizers.
_HEAD_BLOCKS = 24
_LEAST_TITLE_CHARS = 4
_MOST_SUBTITLES = 6
_SAME_SIZE_PT = 0.6
_LEAST_UNFRAMED_TITLE_PT = 18
_SURELY_BODY_CHARS = 90
_MOST_FORM_LINE_CHARS = 20
_MOST_ANNEX_CELLS = 3
_QUOTED_CHARS = 30
_NOT_A_TITLE = re.compile(
    r"보\s?도\s?시\s?점|보\s?도\s?일\s?시|엠바고|배\s?포(?:\s?일\s?시)?\s?[:|\d]|담\s?당\s?부\s?서|담\s?당\s?자|문\s?의\s?처?\s?[:：]|쪽\s?수|페이지\s?수"
    r"|[총본]\s?\d+\s?쪽|관련\s?국정과제|☎|즉시\s?보도|사진\s?(?:없음|있음)|매수|공공누리|다시\s?대한민국|https?://"
)
_ANNEX_LABEL = re.compile(
    r"[\s<【〈\[(]*(?:붙\s?임|별\s?첨|참\s?고|첨\s?부|별\s?지)\s?(?:자료\s?)?(?P<number>\d{0,2})[\s>】〉\])]*"
)
_ANNEX_LINE = re.compile(r"(?:붙임|별첨|참고)\s?\d{1,2}\s(?P<title>\S.{1,80})")


@dataclass(frozen=True, slots=True)
class _Head:
    """The title and subtitles of a document, and the blocks that are left: its body."""

    body: list[Block]
    title: FieldValue | None = None
    subtitles: tuple[str, ...] = ()


def release_of_document(document: Document, source_path: str) -> tuple[PressRelease, tuple[FieldValue, ...]]:
    """The release, not yet identified, and the values of its fields. Its title may be ''."""
    blocks = list(document.blocks)
    values = [*document.fields, *find_fields([line for block in blocks for line in lines_of(block)])]
    issuer_names = {item.value for item in values if item.field == "outlet"}
    head = _split_head(blocks, issuer_names)
    if head.title is not None:
        values.append(head.title)
    values += [
        FieldValue("subtitles", text, f"제목 아래 ‘{text[:_QUOTED_CHARS]}’") for text in head.subtitles
    ]
    release = PressRelease(
        id="",
        title="",
        sections=_sections(head.body),
        attachments=tuple(Attachment(name, url) for name, url in document.attachments),
        source_path=source_path,
    )
    return fill_fields(release, values)


def _split_head(blocks: list[Block], issuer_names: Collection[str]) -> _Head:
    head = blocks[:_HEAD_BLOCKS]
    for index, block in enumerate(head):
        if isinstance(block, Table) and (title := title_cell(block)):
            rows = tuple(row for row in block.rows if filled_cells(row)[1:] != [title])
            above = [*head[:index], replace(block, rows=rows)]
            body = [*_without_masthead(above, issuer_names), *blocks[index + 1 :]]
            return _Head(body, FieldValue("title", title, "‘제목’ 칸"))
    title_start = _find_title(head)
    if title_start is None:
        return _Head(blocks)
    start, first = title_start
    end = start + 1
    while end < len(head) and _continues_title(first, head[end]):
        end += 1
    title = " ".join(line for block in head[start:end] for line in lines_of(block))
    subtitles: list[str] = []
    while end < len(head) and len(subtitles) < _MOST_SUBTITLES and _is_subtitle(head[end], first):
        subtitle = subtitle_of(" ".join(lines_of(head[end])))
        if not repeats_title(subtitle, title):
            subtitles.append(subtitle)
        end += 1
    body = [*_without_masthead(head[:start], issuer_names), *blocks[end:]]
    return _Head(body, FieldValue("title", title, _title_origin(first)), tuple(subtitles))


def _without_masthead(blocks: list[Block], issuer_names: Collection[str]) -> Iterator[Block]:
    """Blocks above the title, without the lines of the masthead and of the table of times."""
    for block in blocks:
        if isinstance(block, Table):
            rows = [row for row in block.rows if filled_cells(row)]
            flags = flag_masthead(Table(tuple(rows)).lines, issuer_names)
            kept = tuple(row for row, is_masthead in zip(rows, flags, strict=True) if not is_masthead)
            if kept:
                yield replace(block, rows=kept)
            elif block.caption:
                yield Paragraph(block.caption, page=block.page)
        else:
            lines = lines_of(block)
            flags = flag_masthead(lines, issuer_names)
            text = "\n".join(line for line, is_masthead in zip(lines, flags, strict=True) if not is_masthead)
            if text:
                yield replace(block, text=text)


def _find_title(head: list[Block]) -> tuple[int, Paragraph] | None:
    """Index and paragraph where the title starts; None where no paragraph can be one.

    It is the first paragraph of heading level 1 above the body, else the first of those with the largest
    letters.
    """
    candidates: list[tuple[int, Paragraph]] = []
    for index, block in enumerate(head):
        if isinstance(block, Table):
            continue
        text = " ".join(block.text.split())
        if len(text) >= _SURELY_BODY_CHARS or (
            candidates and (is_list_item(text) or (is_prose(text) and not block.box))
        ):
            if candidates:
                break
            continue
        if _LEAST_TITLE_CHARS <= len(text) <= MOST_TITLE_CHARS and not _is_form_line(text):
            candidates.append((index, block))
    if not candidates:
        return None
    of_level_1 = [candidate for candidate in candidates if candidate[1].level == 1]
    if of_level_1:
        return of_level_1[0]
    largest_pt = max(block.size_pt for _, block in candidates)
    return next(candidate for candidate in candidates if candidate[1].size_pt > largest_pt - _SAME_SIZE_PT)


def _is_form_line(text: str) -> bool:
    """Whether a line belongs to the form of a release: its emblem, its times, its contacts."""
    return is_emblem(text) or _NOT_A_TITLE.search(text) is not None


def _continues_title(first: Paragraph, below: Block) -> bool:
    """Whether `below` is one more line of the title that begins with `first`."""
    return (
        isinstance(below, Paragraph)
        and first.size_pt > 0
        and abs(below.size_pt - first.size_pt) < _SAME_SIZE_PT
        and below.box == first.box
        and below.level == first.level
        and (first.box > 0 or first.size_pt >= _LEAST_UNFRAMED_TITLE_PT)
        and not is_dashed(below.text)
        and not is_list_item(below.text)
    )


def _is_subtitle(block: Block, title: Paragraph) -> bool:
    if not isinstance(block, Paragraph) or block.level:
        return False
    text = " ".join(block.text.split())
    if len(text) > MOST_TITLE_CHARS or (_is_form_line(text) and len(text) > _MOST_FORM_LINE_CHARS):
        return False
    return (title.box > 0 and block.box == title.box) or is_dashed(text)


def _title_origin(paragraph: Paragraph) -> str:
    size = f"{paragraph.size_pt:g}pt " if paragraph.size_pt else ""
    page = f"{paragraph.page}쪽의 " if paragraph.page else "머리의 "
    return f"{page}{size}‘{' '.join(paragraph.text.split())[:_QUOTED_CHARS]}’"


def _sections(blocks: list[Block]) -> tuple[Section, ...]:
    """The text under its headings, cut where a page or a table begins or ends."""
    parts: list[tuple[str, tuple[int, int], list[str]]] = []
    for block in blocks:
        location = location_of(block)
        if heading := _heading(block):
            parts.append((heading, (block.page, 0), []))
            continue
        if not parts or parts[-1][1] != location:
            heading = ""
            if parts and parts[-1][1] == (block.page, 0) and not parts[-1][2]:
                # A heading right above a table is the heading of the table.
                heading, *_ = parts.pop()
            parts.append((heading, location, []))
        parts[-1][2].extend(lines_of(block))
    sections = (Section(heading, tuple(lines), "", *location) for heading, location, lines in parts)
    return tuple(section for section in sections if section.lines)


def _heading(block: Block) -> str:
    """The text of a block that is a heading, by its style or as the title bar of an annex; else ''."""
    if isinstance(block, Table):
        cells = [cell for row in block.rows for cell in filled_cells(row)]
        if len(block.rows) == 1 and 1 < len(cells) <= _MOST_ANNEX_CELLS and _ANNEX_LABEL.fullmatch(cells[0]):
            return " ".join(cells)
        return ""
    text = " ".join(block.text.split())
    if block.level or (block.page and _ANNEX_LINE.fullmatch(text) and not is_prose(text)):
        return text if len(text) <= MOST_TITLE_CHARS else ""
    return ""
