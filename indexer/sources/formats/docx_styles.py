"""What the styles of a DOCX say of its paragraphs and runs."""

from __future__ import annotations

from typing import Any

from indexer.sources.formats.docx_elements import WORD, Element, is_on


class Styles:
    """The styles of one document."""

    def __init__(self, opened: Any) -> None:  # noqa: ANN401 - the library has no types
        self._styles = {style.styleId: style for style in opened.styles.element.style_lst}
        default = opened.styles.default(1)
        self._default = default.style_id if default is not None else None

    def level(self, paragraph: Element) -> int:
        """The heading level of a paragraph's style: 1 for a title, 0 for none."""
        style = self._styles.get(self._paragraph_style(paragraph))
        name = (style.name_val or "").lower() if style is not None else ""
        if name.startswith("heading ") and name[8:].isdigit():
            return int(name[8:])
        return 1 if name == "title" else 0

    def size_pt(self, run: Element, paragraph: Element) -> float:
        """The size of a run's letters in points; 0 where neither the run nor a style states one."""
        half_points = (
            _property(run, "sz"),
            self._style_property(_style_of(run), "sz"),
            self._style_property(self._paragraph_style(paragraph), "sz"),
        )
        return next((float(size) / 2 for size in half_points if size), 0.0)

    def is_hidden(self, run: Element, paragraph: Element) -> bool:
        """Whether a run is hidden text: by itself, or by one of its two styles.

        Two styles that hide cancel each other (ECMA-376-1, 17.7.3, toggle properties).
        """
        direct = _property(run, "vanish")
        if direct is not None:
            return is_on(direct)
        styles = (_style_of(run), self._paragraph_style(paragraph))
        values = [self._style_property(style, "vanish") for style in styles]
        return sum(value is not None and is_on(value) for value in values) == 1

    def joins_next(self, paragraph: Element) -> bool:
        """Whether the next paragraph continues this one: the mark between them is deleted or hidden."""
        mark = paragraph.pPr.find(f"{WORD}rPr") if paragraph.pPr is not None else None
        if mark is None:
            return False
        vanish = mark.find(f"{WORD}vanish")
        deletions = (mark.find(f"{WORD}{name}") for name in ("del", "moveFrom"))
        return any(deletion is not None for deletion in deletions) or (
            vanish is not None and is_on(vanish.get(f"{WORD}val"))
        )

    def _paragraph_style(self, paragraph: Element) -> str | None:
        return paragraph.style or self._default

    def _style_property(self, style_id: str | None, name: str) -> str | None:
        """The property `name` of a style, or of the nearest style that it is based on."""
        seen: set[str] = set()
        while style_id is not None and style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            style = self._styles[style_id]
            if (value := _property(style, name)) is not None:
                return value
            base = style.find(f"{WORD}basedOn")
            style_id = base.get(f"{WORD}val") if base is not None else None
        return None


def _property(element: Element, name: str) -> str | None:
    """A property of a run or style: "1" where it is set without a value, None where it is not set."""
    properties = element.find(f"{WORD}rPr")
    element = properties.find(f"{WORD}{name}") if properties is not None else None
    return None if element is None else element.get(f"{WORD}val", "1")


def _style_of(run: Element) -> str | None:
    return _property(run, "rStyle")
