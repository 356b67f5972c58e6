"""Marks of a release to read, with a way from each text that has some to the next one."""

from __future__ import annotations

from html import escape

from markupsafe import Markup

from indexer.search.reading import Reading
from indexer.search.response import Marked


class MarkedTexts:
    """The texts of one page as HTML, in the order in which they are shown."""

    def __init__(self, reading: Reading) -> None:
        self._count = sum(bool(text.ranges) for text in reading.texts)
        self._last = 0

    def __call__(self, marked: Marked) -> Markup:
        """A text as HTML. The first mark of the third text with marks is `#m3`; at the end of that text is a
        link to `#m4`. Marks of one text are seen together.
        """
        if not marked.ranges:
            return Markup(escape(marked.text))  # noqa: S704 - it is escaped
        self._last += 1
        parts: list[str] = []
        shown_end = 0
        for start, end in marked.ranges:
            name = "" if parts else f' id="m{self._last}"'
            parts += [
                escape(marked.text[shown_end:start]),
                f"<mark{name}>{escape(marked.text[start:end])}</mark>",
            ]
            shown_end = end
        parts += [escape(marked.text[shown_end:]), self._way_on()]
        return Markup("".join(parts))  # noqa: S704 - every piece of text is escaped above

    def _way_on(self) -> str:
        """A link to the next text with marks; from the last one back to the first."""
        if self._count < 2:
            return ""
        following = self._last % self._count + 1
        label = f"다음 찾은 곳 ({following}/{self._count})"
        return f'<a class="next-mark" href="#m{following}" title="{label}" aria-label="{label}"></a>'
