"""The head of a news page: where the article begins, and what of the lines above is title and subtitle."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from indexer.sources.extraction.news_lines import Line, PageFields, boilerplate_at, shows_title
from indexer.sources.problems import ContentError
from indexer.sources.recognizers.boilerplate import normalize_line
from indexer.sources.recognizers.contacts import is_organisation, states_contact
from indexer.sources.recognizers.dateline import find_dateline
from indexer.sources.recognizers.issuer import begins_with_issuer
from indexer.sources.recognizers.line_kinds import (
    is_caption,
    is_dashed,
    is_heading_like,
    is_list_item,
    is_named_part,
    is_promotion,
    is_prose,
)
from indexer.sources.recognizers.masthead import flag_masthead
from indexer.sources.recognizers.times import DATE
from indexer.sources.recognizers.titles import MOST_TITLE_CHARS, repeats_title, subtitle_of

# Chosen by hand, as the numbers of the recognizers.
_MOST_HEAD_LINES = 40
# A line above the title that is as short names a place of the site.
_LONGEST_SITE_NAME_CHARS = 20
_MOST_UNMARKED_SUBTITLES = 3
_LEAST_SUBTITLE_CHARS = 4
_LEAST_REPEATED_CHARS = 6

_NO_LETTERS = re.compile(r"[\W_]+")
_BEFORE_TITLE = re.compile(r"^[\[(<【][^\[\]()<>【】]{1,12}[\])>】]\s*")
_BEHIND_TITLE = re.compile(rf"(?<!\s)\s*(?:※.*|\([^()]*\)|{DATE}.{{0,20}})$", re.ASCII)
_WHEN_AND_WHERE = re.compile(rf"[\s–-]*{DATE}[\s,]*[^,]{{0,20}}", re.ASCII)
_MARK = re.compile(r"[-–—―◈◆◇▶▷▸△▲·•‣∙○ㅇ□■<\"“‘'(]")
_HALF_SENTENCE = re.compile(r"[가-힣](?:하여|하고|도록|으며|하며|[은는을를])$")
_ENDS_DASHED = re.compile(r"[-–—―]$")


@dataclass(frozen=True, slots=True)
class Head:
    """`lead` holds lines of the head that belong to the text of the article."""

    title: str
    subtitles: tuple[str, ...]
    lead: list[Line]


def split_head(lines: list[Line], fields: PageFields) -> tuple[list[Line], int]:
    """The lines of the head that are no boilerplate, and the index of the article's first line.

    Adds what the boilerplate states to `fields`.
    """
    head: list[Line] = []
    index = 0
    while index < len(lines) and len(head) < _MOST_HEAD_LINES:
        line = lines[index]
        pieces, used = boilerplate_at(lines, index)
        if pieces is not None:
            fields.add(pieces)
            index += used
            continue
        below_title = bool(head) or bool(fields.first("title"))
        if below_title and is_caption(line.plain):
            index += 1
            continue
        if below_title and (find_dateline(line.text) or _starts_article(line, head)):
            if _ends_with_heading(head, line):
                return head[:-1], index - 1
            return head, index
        head.append(line)
        index += 1
    # Nothing looks like a sentence: the article begins below the title and its dashed subtitles.
    kept = 0 if fields.first("title") else 1
    while kept < len(head) and (is_dashed(head[kept].plain) or shows_title(head[0].plain, head[kept].plain)):
        kept += 1
    return head[:kept], head[kept].index if kept < len(head) else len(lines)


def sort_head(head: list[Line], fields: PageFields) -> Head:
    """Title, subtitles and lead among the lines of a head. Raises ContentError where there is no title."""
    title, rest = fields.first("title"), head
    if not title:
        index = _title_index(head, fields.first("outlet"))
        title = head[index].text
        above = [
            line
            for line in head[:index]
            if len(line.plain) > _LONGEST_SITE_NAME_CHARS or is_dashed(line.plain)
        ]
        rest = [*above, *head[index + 1 :]]
    flags = flag_masthead(line.plain for line in rest)
    rest = [
        line
        for line, is_masthead in zip(rest, flags, strict=True)
        if not is_masthead
        and not _repeats_part(line.plain, normalize_line(title))
        and not is_promotion(line.plain)
    ]
    candidates, lead = _split_subtitles(_join_dashed(rest))
    subtitles = (subtitle_of(line.text) for line in candidates)
    return Head(title, tuple(line for line in subtitles if not repeats_title(line, title)), lead)


def _split_subtitles(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Which of the lines below a title are subtitles, and which belong to the lead."""
    lead = [line for line in lines if _belongs_to_text(line.plain)]
    dashed = next((index for index, line in enumerate(lines) if is_dashed(line.plain)), len(lines))
    # Where dashes mark the subtitles, an unmarked line below the first of them begins the text.
    lead += [line for line in lines[dashed:] if not _MARK.match(line.plain) and line not in lead]
    subtitles = [line for line in lines if line not in lead]
    unmarked = [line for line in subtitles if not is_dashed(line.plain)]
    if len(unmarked) > _MOST_UNMARKED_SUBTITLES:
        subtitles = [line for line in subtitles if is_dashed(line.plain)]
        lead += unmarked
    return subtitles, sorted(lead, key=lambda line: line.index)


def _starts_article(line: Line, head: list[Line]) -> bool:
    repeated = any(
        shows_title(above.plain, line.plain) or repeats_title(above.plain, line.plain) for above in head
    )
    if is_dashed(line.plain) or repeated:
        return False
    return (
        is_list_item(line.plain)
        or is_prose(line.plain)
        or line.plain.endswith((",", ":"))
        or begins_with_issuer(line.plain)
    )


def _ends_with_heading(head: list[Line], first: Line) -> bool:
    """Whether the last line of a head is the heading of `first`, the first line of the article.

    Such a line stands right above `first`, with a blank line above itself.
    """
    if len(head) < 2 or head[-1].index != first.index - 1:
        return False
    last = head[-1]
    apart = last.after_gap and not first.after_gap
    repeated = any(shows_title(above.plain, last.plain) for above in head[:-1])
    return apart and not repeated and is_heading_like(last.plain, after_gap=True)


def _belongs_to_text(line: str) -> bool:
    """Whether a plain line below a title is no subtitle.

    It states a contact, a time and place, what a picture shows, half a sentence, or a number alone.
    """
    return (
        states_contact(line)
        or " | " in line
        or is_organisation(line)
        or is_named_part(subtitle_of(line))
        or _WHEN_AND_WHERE.fullmatch(line) is not None
        or (_HALF_SENTENCE.search(line) is not None and not is_dashed(line))
        or len(_NO_LETTERS.sub("", line)) < _LEAST_SUBTITLE_CHARS
    )


def _join_dashed(lines: list[Line]) -> list[Line]:
    """The lines, with two of them joined where a dash opens the first and another closes the second."""
    joined: list[Line] = []
    for line in lines:
        above = joined[-1] if joined else None
        if (
            above is not None
            and is_dashed(above.plain)
            and not is_dashed(line.plain)
            and not _ENDS_DASHED.search(above.plain)
            and _ENDS_DASHED.search(line.plain)
        ):
            text, plain = f"{above.text} {line.text}", f"{above.plain} {line.plain}"
            joined[-1] = replace(above, text=text, plain=plain)
        else:
            joined.append(line)
    return joined


def _title_index(head: list[Line], outlet: str) -> int:
    """Where the title is: the last line that repeats one above, else the first that is not the outlet."""
    for index in range(len(head) - 1, 0, -1):
        if any(shows_title(above.plain, head[index].plain) for above in head[:index]):
            return index
    index = next((index for index, line in enumerate(head) if line.plain != outlet), 0)
    if not head or len(head[index].plain) > MOST_TITLE_CHARS or find_dateline(head[index].text):
        raise ContentError("제목을 찾을 수 없습니다.", "첫 줄에 제목을, 그 아래에 본문을 쓰세요.")
    return index


def _repeats_part(line: str, title: str) -> bool:
    """Whether a plain line repeats the title or a part of it.

    Spaces, quotation marks, a word in brackets before it, and brackets or a date behind it do not count.
    """
    core = _BEHIND_TITLE.sub("", _BEFORE_TITLE.sub("", line))
    letters = _NO_LETTERS.sub("", core)
    return shows_title(line, title) or (
        len(letters) >= _LEAST_REPEATED_CHARS and letters in _NO_LETTERS.sub("", title)
    )
