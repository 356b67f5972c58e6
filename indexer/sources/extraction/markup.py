"""The text of a value that may be HTML: what an editor of a web site has written into a field."""

from __future__ import annotations

import re

from indexer.sources.formats.document import lines_of
from indexer.sources.formats.html_blocks import blocks_of
from indexer.sources.problems import ContentError

_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
# What only HTML has: the end of a block or of a span, or a break. A text that mentions <b> or <표> has none.
_EVIDENCE = re.compile(r"</(?:p|div|span|table|tr|td|ul|ol|li|h[1-6]|strong|b|font|a)\s*>|<br\s*/?>", re.I)
_UNSHOWN_TAGS = ("script", "style", "template", "noscript")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def is_markup(text: str) -> bool:
    """Whether a text is evidently HTML."""
    return "<" in text and _EVIDENCE.search(text) is not None


def lines_of_markup(text: str) -> list[str]:
    """The lines of a short text that may be HTML, such as a subtitle; a tag ends a line."""
    plain = _TAG.sub("\n", text) if _TAG.search(text) else text
    return [line.strip() for line in plain.splitlines() if line.strip()]


def text_of_markup(text: str) -> str:
    """The text of HTML as a page shows it, a paragraph a line, rows of tables as `lines_of`; any other text
    without its control characters. Raises ContentError where it cannot be read.
    """
    from lxml import etree, html

    text = _FORBIDDEN.sub("", text)
    if not _TAG.search(text):
        return text
    try:
        root = html.fragment_fromstring(text, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ContentError("본문의 HTML을 읽을 수 없습니다.", "원본을 다시 받으세요.") from error
    for element in list(root.iter(*_UNSHOWN_TAGS)):
        element.drop_tree()
    return "\n".join(line for block in blocks_of(root) for line in lines_of(block))
