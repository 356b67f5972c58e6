"""Titles and subtitles: the marks around them, and lines that only repeat a title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MOST_TITLE_CHARS = 150

# "[보도자료] 제목": the kind of document is not part of the title.
_DOCUMENT_KIND = re.compile(r"^\s*[\[(<【〈]\s*(?:보도|참고|설명|해명)[가-힣\s]{0,6}자료\s*[\])>】〉]")
_MARK = re.compile(r"(?:(?P<dash>[-–—―]>?)|[□■○ㅇ◇◆•])\s*")
_DASHES = ("-", "–", "—", "―")


def subtitle_of(line: str) -> str:
    """`line` without the dash or bullet before it, and without the dash behind it that answers a dash."""
    stripped = line.strip()
    mark = _MARK.match(stripped)
    if mark is None:
        return stripped
    text = stripped[mark.end() :]
    return text[:-1].rstrip() if mark["dash"] and text.endswith(_DASHES) else text


def subtitles_of(texts: Iterable[str], title: str) -> tuple[str, ...]:
    """The lines of `texts` as subtitles, without blank lines and lines that repeat the title."""
    lines = [subtitle_of(line) for text in texts for line in text.splitlines()]
    title_letters = _letters(title)
    if _letters("".join(lines)) == title_letters:
        return ()
    return tuple(line for line in lines if line and _letters(line) != title_letters)


def repeats_title(line: str, title: str) -> bool:
    """Whether `line` repeats the title, ignoring marks and spaces."""
    return _letters(line) == _letters(title)


def without_document_kind(title: str) -> str:
    """`title` without "[보도자료]" or the like in front; as it is where that is all."""
    return _DOCUMENT_KIND.sub("", title).strip() or title


def _letters(text: str) -> str:
    """The letters and digits of `text` in NFKC, without the kind of document."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", _DOCUMENT_KIND.sub("", text)))
