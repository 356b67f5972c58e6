"""The title of a web page: a heading, the title in its head, or the first line of a saved part of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.sources.formats.document import Block, FieldValue, Paragraph, Table, title_cell
from indexer.sources.formats.html_text import HEADINGS, MOST_LINK_SHARE, Element, link_share, text_of
from indexer.sources.recognizers.contacts import is_organisation, states_contact
from indexer.sources.recognizers.line_kinds import is_heading_like, is_prose
from indexer.sources.recognizers.masthead import is_emblem
from indexer.sources.recognizers.times import DATE
from indexer.sources.recognizers.titles import MOST_TITLE_CHARS, subtitle_of

# Chosen by hand, as the numbers of the recognizers.
_LEAST_CHARS, _USUAL_CHARS = 4, 12
_LEAST_SCORE = 1
_BESIDE_CHARS = 80
_FIRST_LINES = 5
_MOST_BODY_NAME_WORDS = 2
_SEPARATOR = re.compile(r"(?<!\s)\s+[|<>:–-]\s+")
# Names of the parts of a site.
_SITE_PART_NAME = re.compile(
    r"(?:대한민국\s?)?정책\s?브리핑|브리핑룸?|보도\s?자료\s?(?:목록|상세|보기|상세\s?보기|게시판)?"
    r"|(?:시정|구정|군정|도정)\s?(?:소식|뉴스)|(?:언론|보도)\s?(?:보도|해명|브리핑)|뉴스|소식|새\s?소식|알림(?:마당|터|판)?|공지\s?사항|게시판|상세\s?(?:보기|페이지|내용)?"
    r"|(?:본문|내용)\s?(?:보기|바로가기)?|제목\s?없음|untitled|home|홈|메인",
    re.I,
)
_CONTACT_OR_DATE_LABEL = re.compile(
    r"[\s□■○ㅇ▪·•*※-]*(?:담당\s?(?:부서|자|과)?|문의(?:처|\s?전화)?|연락처|작성자|등록(?:일|자)|조회수?)\s?[:：|]"
)
_SENTENCE_END = re.compile(r"(?:[가-힣][.。]|[?!])[”\"’')\]」]*(?=\s|$)")
_LEAST_SENTENCE_CHARS = 8
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|bolder|[6-9]00)", re.I)
_DATE = re.compile(DATE, re.ASCII)


@dataclass(frozen=True, slots=True)
class FirstLine:
    """The title of a page that states none.

    `block` is the index of the block that is the title, None where the title is the first sentence of one.
    `is_guess` is True where only its position makes it the title.
    """

    text: str
    block: int | None
    origin: str
    is_guess: bool = True


def is_of_site(text: str) -> bool:
    """Whether a heading names a part of the site rather than a release."""
    return is_emblem(text) or _SITE_PART_NAME.fullmatch(text.strip(" []<>【】")) is not None


def title_heading(root: Element, fields: list[FieldValue]) -> Element | None:
    """The heading that is the title; None where none is likely.

    It is a part of the title that the page states, is repeated on the page, or stands beside a date.
    """
    stated_titles = [item.value for item in fields if item.field == "title"] + [_title_element_text(root)]
    page_text = text_of(root)
    best, best_score = None, _LEAST_SCORE
    for element in root.iter(*HEADINGS):
        text = text_of(element)
        if (
            not _LEAST_CHARS <= len(text) <= MOST_TITLE_CHARS
            or is_of_site(text)
            or link_share(element) > MOST_LINK_SHARE
        ):
            continue
        parent = element.getparent()
        beside = text_of(parent).replace(text, "", 1)[:_BESIDE_CHARS] if parent is not None else ""
        score = (
            4 * any(text in stated for stated in stated_titles)
            + 2 * (page_text.count(text) > 1)
            + 2 * (_DATE.search(beside) is not None)
            + (len(text) >= _USUAL_CHARS)
            + (element.tag == "h1")
        )
        if score > best_score:
            best, best_score = element, score
    return best


def head_title(root: Element) -> str:
    """The text of <title> without the names of the site in it; '' where nothing else is left."""
    first, *others = _SEPARATOR.split(_title_element_text(root))
    if not is_of_site(first) and not (len(first.split()) <= _MOST_BODY_NAME_WORDS and _names_body(first)):
        return first
    titles = (part for part in others if len(part) >= _USUAL_CHARS and not is_of_site(part))
    return next((part for part in titles if not _names_body(part)), "")


def labelled_title(blocks: Sequence[Block]) -> str:
    """The title in a table of the page, beside its cell 제목; '' where there is none."""
    tables = (block for block in blocks if isinstance(block, Table))
    return next((title for table in tables if (title := title_cell(table))), "")


def _names_body(text: str) -> bool:
    return bool(text) and is_organisation(text.split()[-1])


def first_line_title(blocks: Sequence[Block], article: Element) -> FirstLine | None:
    """The title of a part of a page; None where it has no text.

    It is a heading or a bold line above the text, else the first line, or the first sentence of that.
    """
    paragraphs = [
        (index, block.text)
        for index, block in enumerate(blocks)
        if isinstance(block, Paragraph) and not _is_above_title(block.text)
    ]
    levels = [block.level if isinstance(block, Paragraph) else 0 for block in blocks]
    bold = [text_of(element) for element in article.iter() if _is_bold(element)]
    for index, text in paragraphs[:_FIRST_LINES]:
        if _LEAST_CHARS <= len(text) <= MOST_TITLE_CHARS:
            if levels[index]:
                return FirstLine(text, index, f"쪽의 제목(<h{levels[index]}>)", is_guess=False)
            if any(text in line for line in bold):
                return FirstLine(subtitle_of(text), index, "굵은 첫 줄")
        if is_prose(text):
            break
    for index, text in paragraphs:
        if len(text) >= _LEAST_CHARS:
            if is_heading_like(text, after_gap=True):
                return FirstLine(text, index, "첫 줄")
            return FirstLine(_first_sentence(subtitle_of(text)), None, "첫 문장")
    return None


def _is_above_title(text: str) -> bool:
    """Whether a line above the title is the name of a part of the site, a date, or a contact."""
    return (
        is_of_site(text)
        or is_organisation(text.strip(" []<>【】()"))
        or _DATE.fullmatch(text) is not None
        or _CONTACT_OR_DATE_LABEL.match(text) is not None
        or (states_contact(text) and not is_prose(text))
    )


def _first_sentence(text: str) -> str:
    ends = (match.end() for match in _SENTENCE_END.finditer(text) if match.end() >= _LEAST_SENTENCE_CHARS)
    # The end of a quoted sentence is not the end of the sentence that quotes it.
    outside_quotes = (end for end in ends if text.count("“", 0, end) == text.count("”", 0, end))
    sentence = text[: next(outside_quotes, len(text))]
    if len(sentence) <= MOST_TITLE_CHARS:
        return sentence
    return f"{sentence[: MOST_TITLE_CHARS - 1].rpartition(' ')[0] or sentence[: MOST_TITLE_CHARS - 1]}…"


def _is_bold(element: Element) -> bool:
    return isinstance(element.tag, str) and (
        element.tag in ("b", "strong") or _BOLD_STYLE.search(element.get("style", "")) is not None
    )


def _title_element_text(root: Element) -> str:
    element = root.find(".//title")
    return " ".join(element.text_content().split()) if element is not None else ""
