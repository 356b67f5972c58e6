"""The text of an element of a web page as a browser shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# An element of lxml, which has no types.
Element = Any

# An element with a larger share of its letters in links is navigation.
MOST_LINK_SHARE = 0.6

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCK_TAGS = frozenset(HEADINGS) | frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "header", "hr", "legend", "li",
        "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "textarea", "tfoot", "th",
        "thead", "tr", "ul",
    )
)  # fmt: skip


def text_of(element: Element) -> str:
    """All text of an element on one line, with a space between blocks but none between tags within a line."""
    return " ".join("".join(_pieces(element)).split())


def link_share(element: Element) -> float:
    """The share of the characters of an element that are in links, 0 to 1."""
    return sum(len(text_of(link)) for link in element.iter("a")) / max(1, len(text_of(element)))


def _pieces(element: Element) -> Iterator[str]:
    # A stack of (element, is_end) instead of recursion: a page may nest deeper than Python can.
    stack: list[tuple[Element, bool]] = [(element, False)]
    while stack:
        current, is_end = stack.pop()
        if current.tag in BLOCK_TAGS:
            yield " "
        if is_end:
            if current is not element:
                yield current.tail or ""
            continue
        yield current.text or ""
        stack.append((current, True))
        stack += [(child, False) for child in reversed(current)]
