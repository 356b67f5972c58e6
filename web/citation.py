"""An address that leads to a sentence of a release."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from indexer.search.reading import Reading
from indexer.search.repetition import Shown

# A choice: a longer text is named by its beginning and its end, so that the address can be sent.
_WHOLE_CHARS = 60
_EDGE_WORDS = 4


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph of a release. `fragment` goes behind the address of its page; `is_marked`: the query is
    in it.
    """

    fragment: str
    is_marked: bool


def find_passage(reading: Reading) -> Passage | None:
    """The first paragraph with a mark, else the first one, as a fragment to which a browser scrolls
    (https://wicg.github.io/scroll-to-text-fragment/). Paragraphs that repeat what stands above the text would
    be found there. None if there is no other.
    """
    shown = Shown((reading.title.text, *(subtitle.text for subtitle in reading.subtitles)))
    paragraphs = [
        text
        for section in reading.sections
        for text in section.paragraphs
        if text.text.strip() and not shown.has(text.text)
    ]
    chosen = next((text for text in paragraphs if text.ranges), next(iter(paragraphs), None))
    if chosen is None:
        return None
    text = " ".join(chosen.text.split())
    words = text.split(" ")
    if len(text) <= _WHOLE_CHARS or len(words) < 2 * _EDGE_WORDS:
        directive = _encode(text)
    else:
        directive = f"{_encode(' '.join(words[:_EDGE_WORDS]))},{_encode(' '.join(words[-_EDGE_WORDS:]))}"
    return Passage(f"#:~:text={directive}", bool(chosen.ranges))


def _encode(text: str) -> str:
    # A hyphen, a comma and an ampersand are syntax of a directive; quote leaves the hyphen.
    return quote(text, safe="").replace("-", "%2D")
