"""A word processor's document -> press release: masthead, title, subtitles, body, in the order of a ministry.

What a release states of itself (`release_fields`) comes from the same lines that are searched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from indexer.release import Attachment, Precision, PressRelease, Section
from indexer.sources.extraction.masthead import is_emblem, is_furniture
from indexer.sources.extraction.named_fields import repeats, subtitle_of
from indexer.sources.extraction.prose import is_dashed, is_list_item, is_prose
from indexer.sources.extraction.release_fields import find_fields
from indexer.sources.extraction.times import parse_time
from indexer.sources.formats.document import Block, Document, Found, Paragraph, Table, origins_of

_HEAD_BLOCKS = 24
_LEAST_TITLE_CHARS, _MOST_TITLE_CHARS = 4, 150
_MOST_SUBTITLES = 6
_SAME_SIZE_PT = 0.6
_SURELY_BODY_CHARS = 90
_NOT_A_TITLE = re.compile(
    r"보\s?도\s?시\s?점|보\s?도\s?일\s?시|엠바고|배\s?포(?:\s?일\s?시)?\s?[:|\d]|담\s?당\s?부\s?서|담\s?당\s?자|문\s?의\s?처?\s?[:：]|쪽\s?수|페이지\s?수"
    r"|[총본]\s?\d+\s?쪽|관련\s?국정과제|☎|즉시\s?보도|사진\s?(?:없음|있음)|매수|공공누리|다시\s?대한민국|https?://"
)
_ATTACHED = re.compile(
    r"[\s<【〈\[(]*(?:붙\s?임|별\s?첨|참\s?고|첨\s?부|별\s?지)\s?(?:자료\s?)?(?P<number>\d{0,2})[\s>】〉\])]*"
)
_ATTACHED_LINE = re.compile(r"(?:붙임|별첨|참고)\s?\d{1,2}\s(?P<title>\S.{1,80})")
_ATTRIBUTES = {"published": "published_at", "embargo": "embargo_until"}
_TITLE_LABEL = re.compile(r"^제\s?목$")


def release_of_document(document: Document, source_path: str) -> tuple[PressRelease, tuple[Found, ...]]:
    """The release, not yet identified, and where each of its fields was found. Its title may be ''."""
    blocks = list(document.blocks)
    stated = [*document.found, *find_fields(list(_lines(blocks)))]
    outlets = {item.value for item in stated if item.field == "outlet"}
    body, title, subtitles = _read_head(blocks, outlets)
    if title is not None:
        stated.append(title)
    stated += [Found("subtitles", text, f"제목 아래 ‘{text[:30]}’") for text in subtitles]
    release = PressRelease(
        id="",
        title="",
        sections=_sections(body),
        attachments=tuple(Attachment(name, url) for name, url in document.attachments),
        source_path=source_path,
    )
    return fill(release, stated)


def fill(release: PressRelease, stated: list[Found]) -> tuple[PressRelease, tuple[Found, ...]]:
    """The release with its empty fields filled by what is stated first, and what was used: its origins."""
    values: dict[str, Any] = {}
    used: list[Found] = []
    for item in stated:
        name = _ATTRIBUTES.get(item.field, item.field)
        if getattr(release, name) or (values.get(name) and name != "subtitles"):
            continue
        if name == "subtitles":
            values[name] = (*values.get(name, ()), item.value)
        elif name in _ATTRIBUTES.values():
            moment = _moment(item.value)
            if moment is None:
                continue
            values[name] = moment[0]
            if name == "published_at":
                values["published_precision"] = moment[1]
        else:
            values[name] = item.value
        used.append(item)
    return (replace(release, **values, origins=origins_of(used)) if used else release), tuple(used)


def lines_of(block: Block) -> tuple[str, ...]:
    """The text of a block, a line a paragraph or row."""
    if isinstance(block, Table):
        return (block.caption, *block.lines) if block.caption else block.lines
    return tuple(line.strip() for line in block.text.splitlines() if line.strip())


def place_of(block: Block) -> tuple[int, int]:
    """The page that a block is on and the number of the table that it is; 0 as in `Section`."""
    return block.page, block.number if isinstance(block, Table) else 0


def _moment(text: str) -> tuple[datetime, Precision] | None:
    try:
        return parse_time(text)
    except ValueError:
        return None


def _lines(blocks: list[Block]) -> Iterator[str]:
    for block in blocks:
        yield from lines_of(block)


def _read_head(
    blocks: list[Block], outlets: Collection[str]
) -> tuple[list[Block], Found | None, tuple[str, ...]]:
    """The blocks of the body, the title and the subtitles; `outlets` are what the issuer is called."""
    head = blocks[:_HEAD_BLOCKS]
    for place, block in enumerate(head):
        if isinstance(block, Table) and (labelled := title_cell(block)):
            rest = replace(block, rows=tuple(row for row in block.rows if _cells(row)[1:] != [labelled]))
            body = [*_kept_above([*head[:place], rest], outlets), *blocks[place + 1 :]]
            return body, Found("title", labelled, "‘제목’ 칸"), ()
    titled = _title_place(head)
    if titled is None:
        return blocks, None, ()
    first, top = titled
    last = first
    while last + 1 < len(head) and _goes_on(top, head[last + 1]):
        last += 1
    title = " ".join(line for block in head[first : last + 1] for line in lines_of(block))
    subtitles: list[str] = []
    place = last + 1
    while place < len(head) and len(subtitles) < _MOST_SUBTITLES and _is_subtitle(head[place], top):
        subtitle = subtitle_of(" ".join(lines_of(head[place])))
        if not repeats(subtitle, title):
            subtitles.append(subtitle)
        place += 1
    body = [*_kept_above(head[:first], outlets), *blocks[place:]]
    return body, Found("title", title, _title_origin(top)), tuple(subtitles)


def _kept_above(head: list[Block], outlets: Collection[str]) -> Iterator[Block]:
    """What stands above the title, without what is recognised as masthead or as the table of times."""
    for block in head:
        if isinstance(block, Table):
            told = [row for row in block.rows if _cells(row)]
            lines = Table(tuple(told)).lines
            kept = [row for row, gone in zip(told, is_furniture(lines, outlets), strict=True) if not gone]
            if kept:
                yield replace(block, rows=tuple(kept))
            elif block.caption:
                yield Paragraph(block.caption, page=block.page)
        else:
            lines = lines_of(block)
            rest = [line for line, gone in zip(lines, is_furniture(lines, outlets), strict=True) if not gone]
            if rest:
                yield replace(block, text="\n".join(rest))


def _cells(row: tuple[str, ...]) -> list[str]:
    """The cells of a row that hold text, on one line each."""
    return [" ".join(cell.split()) for cell in row if cell.strip()]


def title_cell(table: Table) -> str:
    """What stands beside the cell 제목 in the first rows of a table; '' where there is none."""
    for row in table.rows[:4]:
        cells = _cells(row)
        if len(cells) == 2 and _TITLE_LABEL.match(cells[0]) and len(cells[1]) <= _MOST_TITLE_CHARS:
            return cells[1]
    return ""


def _title_place(head: list[Block]) -> tuple[int, Paragraph] | None:
    """The first of the largest paragraphs above the body, else the first paragraph that can be a title."""
    candidates: list[tuple[int, Paragraph]] = []
    for place, block in enumerate(head):
        if isinstance(block, Table):
            continue
        text = " ".join(block.text.split())
        if len(text) >= _SURELY_BODY_CHARS or (
            candidates and (is_list_item(text) or (is_prose(text) and not block.box))
        ):
            if candidates:
                break
            continue
        if _LEAST_TITLE_CHARS <= len(text) <= _MOST_TITLE_CHARS and not _is_no_title(text):
            candidates.append((place, block))
    if not candidates:
        return None
    levelled = [(place, block) for place, block in candidates if block.level == 1]
    if levelled:
        return levelled[0]
    largest = max(block.size_pt for _, block in candidates)
    return next((place, block) for place, block in candidates if block.size_pt > largest - _SAME_SIZE_PT)


def _is_no_title(text: str) -> bool:
    return is_emblem(text) or _NOT_A_TITLE.search(text) is not None


def _goes_on(top: Paragraph, below: Block) -> bool:
    """Whether `below` is one more line of the title that begins with `top`."""
    return (
        isinstance(below, Paragraph)
        and top.size_pt > 0
        and abs(below.size_pt - top.size_pt) < _SAME_SIZE_PT
        and below.box == top.box
        and below.level == top.level
        and (top.box > 0 or top.size_pt >= 18)
        and not is_dashed(below.text)
        and not is_list_item(below.text)
    )


def _is_subtitle(block: Block, title: Paragraph) -> bool:
    if not isinstance(block, Paragraph) or block.level:
        return False
    text = " ".join(block.text.split())
    if len(text) > _MOST_TITLE_CHARS or (_is_no_title(text) and len(text) > 20):
        return False
    return (title.box > 0 and block.box == title.box) or is_dashed(text)


def _title_origin(paragraph: Paragraph) -> str:
    size = f"{paragraph.size_pt:g}pt " if paragraph.size_pt else ""
    page = f"{paragraph.page}쪽의 " if paragraph.page else "머리의 "
    return f"{page}{size}‘{' '.join(paragraph.text.split())[:30]}’"


def _sections(blocks: list[Block]) -> tuple[Section, ...]:
    """The text under its headings, cut where a page or a table begins or ends."""
    parts: list[tuple[str, tuple[int, int], list[str]]] = []
    for block in blocks:
        place = place_of(block)
        if heading := _heading(block):
            parts.append((heading, (block.page, 0), []))
            continue
        if not parts or parts[-1][1] != place:
            title = ""
            if parts and parts[-1][1] == (block.page, 0) and not parts[-1][2]:
                # A heading right above a table is the heading of the table.
                title, *_ = parts.pop()
            parts.append((title, place, []))
        parts[-1][2].extend(lines_of(block))
    sections = (Section(heading, tuple(lines), "", *place) for heading, place, lines in parts)
    return tuple(section for section in sections if section.lines)


def _heading(block: Block) -> str:
    """The heading that a block is: one by its style, or the title bar of an annex; else ''."""
    if isinstance(block, Table):
        cells = [cell for row in block.rows for cell in _cells(row)]
        if len(block.rows) == 1 and 1 < len(cells) <= 3 and _ATTACHED.fullmatch(cells[0]):
            return " ".join(cells)
        return ""
    text = " ".join(block.text.split())
    if block.level or (block.page and _ATTACHED_LINE.fullmatch(text) and not is_prose(text)):
        return text if len(text) <= _MOST_TITLE_CHARS else ""
    return ""
