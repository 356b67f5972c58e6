"""Text copied from a news page -> PressRelease.

A page is read in three zones: a head of title, fields and furniture; the article; and a tail of fields
and furniture. Nothing between the first and the last sentence is ever taken for furniture, so that an
article about comments keeps its sentences, and whatever is not known to be furniture is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from indexer.release import Attachment, Precision, PressRelease, Section, sections_of
from indexer.sources.content_error import ContentError
from indexer.sources.extraction.boilerplate import Kind, Piece, is_bare_label, plain, read_furniture
from indexer.sources.extraction.contacts import is_organisation
from indexer.sources.extraction.dateline import find_dateline
from indexer.sources.extraction.masthead import is_furniture
from indexer.sources.extraction.named_fields import repeats, subtitle_of
from indexer.sources.extraction.prose import (
    copyright_owner,
    is_caption,
    is_copyright,
    is_dashed,
    is_heading_like,
    is_list_header,
    is_list_item,
    is_named_part,
    is_passed_on,
    is_promotion,
    is_prose,
)
from indexer.sources.extraction.release_fields import begins_with_issuer, states_contact
from indexer.sources.extraction.times import DATE, parse_embargo, parse_time

_LONGEST_TITLE_CHARS = 150
_LONGEST_CHROME_CHARS = 20
_LONGEST_LABELLED_CHARS = 60
_MOST_PLAIN_SUBTITLES = 3
_DATELINE_PARAGRAPHS = 5
_MOST_HEAD_LINES = 40

_LEAST_REPEATED_CHARS = 6
_NO_LETTER = re.compile(r"[\W_]+")
_BEFORE_TITLE = re.compile(r"^[\[(<【][^\[\]()<>【】]{1,12}[\])>】]\s*")
_BEHIND_TITLE = re.compile(rf"(?<!\s)\s*(?:※.*|\([^()]*\)|{DATE}.{{0,20}})$", re.ASCII)
_WHEN_AND_WHERE = re.compile(rf"[\s–-]*{DATE}[\s,]*[^,]{{0,20}}", re.ASCII)
_LEAST_SUBTITLE_CHARS = 4
_MARKED = re.compile(r"[-–—―◈◆◇▶▷▸△▲·•‣∙○ㅇ□■<\"“‘'(]")
_HALF_SENTENCE = re.compile(r"[가-힣](?:하여|하고|도록|으며|하며|[은는을를])$")
_ENDS_DASHED = re.compile(r"[-–—―]$")
# A number, an address: the cell beside a label may hold a rank or nothing of the kind.
_REACHES = re.compile(r"\d{3}|@")
_SITE_NAME = re.compile(r"\s*[-<|│–:]\s.{1,40}")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank: as written, as recognised (see `plain`), and whether a blank one precedes."""

    index: int
    text: str
    plain: str
    after_gap: bool


@dataclass(slots=True)
class _Fields:
    """What the furniture said, by kind, in the order of the page."""

    said: dict[Kind, list[str]] = field(default_factory=dict)

    def add(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if piece.value:
                self.said.setdefault(piece.kind, []).append(piece.value)

    def first(self, kind: Kind) -> str:
        return self.said.get(kind, [""])[0]

    def all(self, kind: Kind) -> list[str]:
        return list(dict.fromkeys(self.said.get(kind, [])))


def read_news_text(text: str, source_path: str) -> PressRelease:
    """The release, not yet identified, that `text` holds. Raises ContentError where it has no title."""
    lines = _lines_of(text)
    fields = _Fields()
    head, start = _read_head(lines, fields)
    last, stop = _end_of_article(lines, start)
    article = _without_dateline(lines[start : last + 1], fields)
    tail = _read_tail(lines[last + 1 : stop], fields)
    for line in lines[stop:]:
        fields.add([Piece("outlet", copyright_owner(line.plain))] if is_copyright(line.plain) else [])
    title, subtitles, lead = _sort_head(head, fields)
    published_at, precision = _published(fields)
    return PressRelease(
        id="",
        title=title,
        subtitles=subtitles,
        outlet=fields.first("outlet"),
        department=fields.first("department"),
        reporter=fields.first("reporter"),
        contact=", ".join(value for value in fields.all("contact") if _REACHES.search(value)),
        published_at=published_at,
        published_precision=precision,
        embargo_until=_embargo(fields),
        sections=_sections([*lead, *article, *tail]),
        attachments=tuple(Attachment(name) for name in fields.all("attachment")),
        source_path=source_path,
    )


def _lines_of(text: str) -> list[_Line]:
    lines: list[_Line] = []
    after_gap = False
    for line in text.splitlines():
        stripped = line.strip()
        if stripped:
            lines.append(_Line(len(lines), stripped, plain(line), after_gap))
        after_gap = not stripped
    return lines


def _read_head(lines: list[_Line], fields: _Fields) -> tuple[list[_Line], int]:
    """The lines of the head that are no furniture, and the index of the article's first line."""
    head: list[_Line] = []
    index = 0
    while index < len(lines) and len(head) < _MOST_HEAD_LINES:
        line = lines[index]
        pieces, used = _furniture_at(lines, index)
        if pieces is not None:
            fields.add(pieces)
            index += used
            continue
        titled = bool(head) or bool(fields.first("title"))
        if titled and is_caption(line.plain):
            index += 1
            continue
        if titled and (find_dateline(line.text) or _starts_article(line, head)):
            if _ends_with_heading(head, line):
                return head[:-1], index - 1
            return head, index
        head.append(line)
        index += 1
    # Nothing looks like a sentence: the article begins below the title and its dashed subtitles.
    kept = 0 if fields.first("title") else 1
    while kept < len(head) and (is_dashed(head[kept].plain) or _repeats(head[0].plain, head[kept].plain)):
        kept += 1
    return head[:kept], head[kept].index if kept < len(head) else len(lines)


def _furniture_at(lines: list[_Line], index: int) -> tuple[list[Piece] | None, int]:
    """What the furniture at `index` says, and how many lines it takes: a label may stand above its value."""
    here = lines[index].plain
    if index + 1 < len(lines) and is_bare_label(here):
        below = lines[index + 1].plain
        labelled = read_furniture(f"{here.rstrip(' :|')} | {below}")
        if labelled and len(below) <= _LONGEST_LABELLED_CHARS and not is_bare_label(below):
            return labelled, 2
    return read_furniture(here), 1


def _starts_article(line: _Line, head: list[_Line]) -> bool:
    again = any(_repeats(above.plain, line.plain) or repeats(above.plain, line.plain) for above in head)
    if is_dashed(line.plain) or again:
        return False
    return (
        is_list_item(line.plain)
        or is_prose(line.plain)
        or line.plain.endswith((",", ":"))
        or begins_with_issuer(line.plain)
    )


def _ends_with_heading(head: list[_Line], first: _Line) -> bool:
    """Whether the last line of a head sits on the article's first line, apart from what is above it."""
    if len(head) < 2 or head[-1].index != first.index - 1:
        return False
    last = head[-1]
    apart = last.after_gap and not first.after_gap
    repeated = any(_repeats(before.plain, last.plain) for before in head[:-1])
    return apart and not repeated and is_heading_like(last.plain, after_gap=True)


def _end_of_article(lines: list[_Line], start: int) -> tuple[int, int]:
    """The index of the article's last sentence, and of the first line that belongs to the page alone.

    After a copyright notice nothing is news, nor after the line that says whose release this is; after the
    reporter's line, nothing below a list's header.
    """
    last, signed = start - 1, False
    for line in lines[start:]:
        ended = is_copyright(line.plain) or (last >= start and is_passed_on(line.plain))
        if ended or (signed and is_list_header(line.plain)):
            return last, line.index
        if is_prose(line.plain) and not is_promotion(line.plain):
            pieces = read_furniture(line.plain)
            if pieces is None:
                last, signed = line.index, False
                continue
        else:
            pieces = read_furniture(line.plain)
        signed = signed or any(piece.kind == "reporter" for piece in pieces or [])
    return last, len(lines)


def _read_tail(lines: list[_Line], fields: _Fields) -> list[_Line]:
    """The lines under the last sentence that are neither furniture nor below a list's header."""
    kept: list[_Line] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if is_list_header(line.plain):
            break
        pieces, used = _furniture_at(lines, index)
        # A date alone under an article is its signature, not its publication.
        if pieces is not None and not any(piece.kind == "date" for piece in pieces):
            fields.add(pieces)
            index += used
            continue
        if not is_promotion(line.plain) and not is_caption(line.plain):
            kept.append(line)
        index += 1
    return kept


def _without_dateline(lines: list[_Line], fields: _Fields) -> list[_Line]:
    for place, line in enumerate(lines[:_DATELINE_PARAGRAPHS]):
        dateline = find_dateline(line.text)
        if dateline is not None:
            fields.add([Piece("outlet", dateline.outlet), Piece("reporter", dateline.reporter)])
            rest = line.text[dateline.length :].strip()
            opened = [replace(line, text=rest, plain=plain(rest))] if rest else []
            return [*lines[:place], *opened, *lines[place + 1 :]]
    return lines


def _sort_head(head: list[_Line], fields: _Fields) -> tuple[str, tuple[str, ...], list[_Line]]:
    """Title, subtitles, and the lines that must belong to the lead."""
    title, rest = fields.first("title"), head
    if not title:
        place = _title_place(head, fields.first("outlet"))
        title = head[place].text
        chrome, below = head[:place], head[place + 1 :]
        above = [line for line in chrome if len(line.plain) > _LONGEST_CHROME_CHARS or is_dashed(line.plain)]
        rest = [*above, *below]
    furniture = is_furniture(line.plain for line in rest)
    rest = [
        line
        for line, dropped in zip(rest, furniture, strict=True)
        if not dropped and not _says_no_more(line.plain, plain(title)) and not is_promotion(line.plain)
    ]
    rest = _joined(rest)
    beside = [line for line in rest if _is_beside(line.plain)]
    dashed = next((place for place, line in enumerate(rest) if is_dashed(line.plain)), len(rest))
    # Dashes mark the subtitles where there are any: what stands below without a mark begins the text.
    beside += [line for line in rest[dashed:] if not _MARKED.match(line.plain) and line not in beside]
    rest = [line for line in rest if line not in beside]
    loose = [line for line in rest if not is_dashed(line.plain)]
    lead: list[_Line] = []
    if len(loose) > _MOST_PLAIN_SUBTITLES:
        rest, lead = [line for line in rest if is_dashed(line.plain)], loose
    lead = sorted((*beside, *lead), key=lambda line: line.index)
    subtitles = (subtitle_of(line.text) for line in rest)
    return title, tuple(subtitle for subtitle in subtitles if not repeats(subtitle, title)), lead


def _is_beside(line: str) -> bool:
    """Whether a plain line below a title belongs to the text: whom to ask, when and where, what a picture
    shows, the first half of a sentence, a number alone.
    """
    return (
        states_contact(line)
        or " | " in line
        or is_organisation(line)
        or is_named_part(subtitle_of(line))
        or _WHEN_AND_WHERE.fullmatch(line) is not None
        or (_HALF_SENTENCE.search(line) is not None and not is_dashed(line))
        or len(_NO_LETTER.sub("", line)) < _LEAST_SUBTITLE_CHARS
    )


def _joined(lines: list[_Line]) -> list[_Line]:
    """The lines, where a dash opens one and closes the next made one."""
    made: list[_Line] = []
    for line in lines:
        above = made[-1] if made else None
        if (
            above is not None
            and is_dashed(above.plain)
            and not is_dashed(line.plain)
            and not _ENDS_DASHED.search(above.plain)
            and _ENDS_DASHED.search(line.plain)
        ):
            made[-1] = replace(above, text=f"{above.text} {line.text}", plain=f"{above.plain} {line.plain}")
        else:
            made.append(line)
    return made


def _title_place(head: list[_Line], outlet: str) -> int:
    """Where the title is: the line that a page repeats, last time, else the first that is not the outlet."""
    for later in range(len(head) - 1, 0, -1):
        if any(_repeats(before.plain, head[later].plain) for before in head[:later]):
            return later
    place = next((place for place, line in enumerate(head) if line.plain != outlet), 0)
    if not head or len(head[place].plain) > _LONGEST_TITLE_CHARS or find_dateline(head[place].text):
        raise ContentError("제목을 찾을 수 없습니다.", "첫 줄에 제목을, 그 아래에 본문을 쓰세요.")
    return place


def _repeats(line: str, title: str) -> bool:
    """Whether a plain line is the title again, bare or as browsers show it, with the site's name behind."""
    return line == title or (line.startswith(title) and _SITE_NAME.fullmatch(line, len(title)) is not None)


def _says_no_more(line: str, title: str) -> bool:
    """Whether a plain line repeats the title or a part of it, whatever its spaces and quotation marks, a word
    in brackets before it, and brackets or a date behind it.
    """
    core = _BEHIND_TITLE.sub("", _BEFORE_TITLE.sub("", line))
    letters = _NO_LETTER.sub("", core)
    return _repeats(line, title) or (
        len(letters) >= _LEAST_REPEATED_CHARS and letters in _NO_LETTER.sub("", title)
    )


def _sections(lines: list[_Line]) -> tuple[Section, ...]:
    has_gaps = any(line.after_gap for line in lines[1:])
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for place, line in enumerate(lines):
        if place + 1 < len(lines) and _is_heading(line, lines[place + 1], has_gaps):
            blocks.append((line.text, []))
        else:
            blocks[-1][1].append(line.text)
    return sections_of(blocks)


def _is_heading(line: _Line, below: _Line, has_gaps: bool) -> bool:
    apart = line.after_gap or not has_gaps
    return apart and is_prose(below.plain) and is_heading_like(line.plain, line.after_gap)


def _published(fields: _Fields) -> tuple[datetime | None, Precision]:
    """The labelled time of publication, else the only time that the page shows."""
    times = fields.all("published")[:1]
    if not times and len(fields.all("date")) == 1:
        times = fields.all("date")
    try:
        return parse_time(times[0]) if times else (None, "time")
    except ValueError:
        return None, "time"


def _embargo(fields: _Fields) -> datetime | None:
    try:
        return parse_embargo(fields.first("embargo"))
    except ValueError:
        return None
