"""The title of a web page: a heading, what its head states, or, of a saved part of a page, its first line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from indexer.sources.extraction.contacts import is_organisation
from indexer.sources.extraction.masthead import is_emblem
from indexer.sources.extraction.named_fields import subtitle_of
from indexer.sources.extraction.official_release import title_cell
from indexer.sources.extraction.prose import is_heading_like, is_prose
from indexer.sources.extraction.release_fields import states_contact
from indexer.sources.extraction.times import DATE
from indexer.sources.formats.document import Block, Found, Paragraph, Table
from indexer.sources.formats.page_text import HEADINGS, link_share, text_of

_LEAST_CHARS, _USUAL_CHARS, _MOST_CHARS = 4, 12, 150
_LEAST_SCORE = 1
_BESIDE_CHARS = 80
_MOST_LINK_SHARE = 0.6
_FIRST_LINES = 5
_MOST_NAME_WORDS = 2
_SITE = re.compile(r"(?<!\s)\s+[|<>:–-]\s+")
# What the places of a site are called; a release has a name of its own.
_OF_SITE = re.compile(
    r"(?:대한민국\s?)?정책\s?브리핑|브리핑룸?|보도\s?자료\s?(?:목록|상세|보기|상세\s?보기|게시판)?"
    r"|(?:시정|구정|군정|도정)\s?(?:소식|뉴스)|(?:언론|보도)\s?(?:보도|해명|브리핑)|뉴스|소식|새\s?소식|알림(?:마당|터|판)?|공지\s?사항|게시판|상세\s?(?:보기|페이지|내용)?"
    r"|(?:본문|내용)\s?(?:보기|바로가기)?|제목\s?없음|untitled|home|홈|메인",
    re.I,
)
_ASK = re.compile(
    r"[\s□■○ㅇ▪·•*※-]*(?:담당\s?(?:부서|자|과)?|문의(?:처|\s?전화)?|연락처|작성자|등록(?:일|자)|조회수?)\s?[:：|]"
)
_SENTENCE_END = re.compile(r"(?:[가-힣][.。]|[?!])[”\"’')\]」]*(?=\s|$)")
_LEAST_SENTENCE_CHARS = 8
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|bolder|[6-9]00)", re.I)
_DATE = re.compile(DATE, re.ASCII)


@dataclass(frozen=True, slots=True)
class FirstLine:
    """The title of a page that has none: its text, the number of the block that it is, or None where the
    title is the first sentence of one, where it was found, and whether nothing but its place says so.
    """

    text: str
    block: int | None
    origin: str
    is_guess: bool = True


def is_of_site(text: str) -> bool:
    """Whether a heading names a place of the site and no release."""
    return is_emblem(text) or _OF_SITE.fullmatch(text.strip(" []<>【】")) is not None


def title_heading(root: Any, found: list[Found]) -> Any | None:  # noqa: ANN401 - lxml has no types here
    """The heading that is the title: named by the page's own title, said again below it, beside a date."""
    named = [item.value for item in found if item.field == "title"] + [_whole_title(root)]
    whole = text_of(root)
    best, best_score = None, _LEAST_SCORE
    for element in root.iter(*HEADINGS):
        text = text_of(element)
        if (
            not _LEAST_CHARS <= len(text) <= _MOST_CHARS
            or is_of_site(text)
            or link_share(element) > _MOST_LINK_SHARE
        ):
            continue
        parent = element.getparent()
        beside = text_of(parent).replace(text, "", 1)[:_BESIDE_CHARS] if parent is not None else ""
        score = (
            4 * any(text in name for name in named)
            + 2 * (whole.count(text) > 1)
            + 2 * (_DATE.search(beside) is not None)
            + (len(text) >= _USUAL_CHARS)
            + (element.tag == "h1")
        )
        if score > best_score:
            best, best_score = element, score
    return best


def head_title(root: Any) -> str:  # noqa: ANN401
    """What <title> says of the release, without the names of the site around it; '' where it says no more."""
    first, *others = _SITE.split(_whole_title(root))
    if not is_of_site(first) and not (len(first.split()) <= _MOST_NAME_WORDS and _names_body(first)):
        return first
    named = (part for part in others if len(part) >= _USUAL_CHARS and not is_of_site(part))
    return next((part for part in named if not _names_body(part)), "")


def labelled_title(blocks: Sequence[Block]) -> str:
    """What a table of the page says in its cell 제목; '' where none does."""
    tables = (block for block in blocks if isinstance(block, Table))
    return next((title for table in tables if (title := title_cell(table))), "")


def _names_body(text: str) -> bool:
    return bool(text) and is_organisation(text.split()[-1])


def first_line_title(blocks: Sequence[Block], article: Any) -> FirstLine | None:  # noqa: ANN401
    """The title of a part of a page: a heading or a bold line above the text, else its first line, or the
    first sentence of that.
    """
    paragraphs = [
        (number, block.text)
        for number, block in enumerate(blocks)
        if isinstance(block, Paragraph) and not _says_no_title(block.text)
    ]
    levels = [block.level if isinstance(block, Paragraph) else 0 for block in blocks]
    bold = [text_of(element) for element in article.iter() if _is_bold(element)]
    for number, text in paragraphs[:_FIRST_LINES]:
        if _LEAST_CHARS <= len(text) <= _MOST_CHARS:
            if levels[number]:
                return FirstLine(text, number, f"쪽의 제목(<h{levels[number]}>)", is_guess=False)
            if any(text in line for line in bold):
                return FirstLine(subtitle_of(text), number, "굵은 첫 줄")
        if is_prose(text):
            break
    for number, text in paragraphs:
        if len(text) >= _LEAST_CHARS:
            if is_heading_like(text, after_gap=True):
                return FirstLine(text, number, "첫 줄")
            return FirstLine(_first_sentence(subtitle_of(text)), None, "첫 문장")
    return None


def _says_no_title(text: str) -> bool:
    """Whether a line above the text is a place of the site, a date, or whom to ask."""
    return (
        is_of_site(text)
        or is_organisation(text.strip(" []<>【】()"))
        or _DATE.fullmatch(text) is not None
        or _ASK.match(text) is not None
        or (states_contact(text) and not is_prose(text))
    )


def _first_sentence(text: str) -> str:
    ends = (found.end() for found in _SENTENCE_END.finditer(text) if found.end() >= _LEAST_SENTENCE_CHARS)
    # A sentence that someone says within it does not end it.
    whole = (end for end in ends if text.count("“", 0, end) == text.count("”", 0, end))
    sentence = text[: next(whole, len(text))]
    if len(sentence) <= _MOST_CHARS:
        return sentence
    return f"{sentence[: _MOST_CHARS - 1].rpartition(' ')[0] or sentence[: _MOST_CHARS - 1]}…"


def _is_bold(element: Any) -> bool:  # noqa: ANN401
    return isinstance(element.tag, str) and (
        element.tag in ("b", "strong") or _BOLD_STYLE.search(element.get("style", "")) is not None
    )


def _whole_title(root: Any) -> str:  # noqa: ANN401
    element = root.find(".//title")
    return " ".join(element.text_content().split()) if element is not None else ""
