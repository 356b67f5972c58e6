"""The title of a web page: a heading, what its head states, or, of a saved part of a page, its first line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from indexer.sources.contacts import is_organisation
from indexer.sources.document import Block, Found, Paragraph
from indexer.sources.masthead import is_emblem
from indexer.sources.named_fields import subtitle_of
from indexer.sources.prose import is_heading_like, is_prose
from indexer.sources.times import DATE

HEADINGS = {f"h{level}": level for level in range(1, 7)}

_LEAST_CHARS, _USUAL_CHARS, _MOST_CHARS = 4, 12, 150
_LEAST_SCORE = 1
_BESIDE_CHARS = 80
_MOST_LINK_SHARE = 0.6
_FIRST_LINES = 5
_SITE = re.compile(r"\s+[|<>:–-]\s+")
# What the places of a site are called; a release has a name of its own.
_OF_SITE = re.compile(
    r"(?:대한민국\s?)?정책\s?브리핑|브리핑룸?|보도\s?자료\s?(?:목록|상세|보기|상세\s?보기|게시판)?"
    r"|(?:시정|구정|군정|도정)\s?(?:소식|뉴스)|(?:언론|보도)\s?(?:보도|해명|브리핑)|뉴스|소식|새\s?소식|알림(?:마당|터|판)?|공지\s?사항|게시판|상세\s?(?:보기|페이지|내용)?"
    r"|(?:본문|내용)\s?(?:보기|바로가기)?|제목\s?없음|untitled|home|홈|메인",
    re.I,
)
_SENTENCE = re.compile(r".{8,}?(?:[가-힣][.。]|[?!])(?=[\s”\"’')\]」]|$)")
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
    if not is_of_site(first):
        return first
    named = (part for part in others if len(part) >= _USUAL_CHARS and not is_of_site(part))
    return next((part for part in named if not is_organisation(part.split()[-1])), "")


def first_line_title(blocks: Sequence[Block], article: Any) -> FirstLine | None:  # noqa: ANN401
    """The title of a part of a page: a heading or a bold line above the text, else its first line, or the
    first sentence of that.
    """
    paragraphs = [
        (number, block.text)
        for number, block in enumerate(blocks)
        if isinstance(block, Paragraph) and not is_of_site(block.text) and not _DATE.fullmatch(block.text)
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


def _first_sentence(text: str) -> str:
    found = _SENTENCE.match(text)
    sentence = found[0] if found else text
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


def link_share(element: Any) -> float:  # noqa: ANN401
    """The share of an element's letters that stand in links."""
    return sum(len(text_of(link)) for link in element.iter("a")) / max(1, len(text_of(element)))


def text_of(element: Any) -> str:  # noqa: ANN401
    """All text of an element on one line."""
    return " ".join(" ".join(element.itertext()).split())
