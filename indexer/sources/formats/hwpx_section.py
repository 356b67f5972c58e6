"""A section of HWPX as a reader sees it, where the library does not show it so.

Tracked changes: the text is as it is when all of them are accepted. OWPML (KS X 6101) puts empty marks
around what was deleted, `deleteBegin` and `deleteEnd` with the same `Id`, wherever in the text that is;
`paraend="1"` at the end says that the end of the paragraph is deleted too.

Word art, the captions of shapes and the numbers of tables and pictures become text beside their object.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

# What a section that has to be changed holds.
TELLING = (b"deleteBegin", b"textart", b"caption", b"autoNum")

_MARKS = frozenset({"insertBegin", "insertEnd", "deleteBegin", "deleteEnd"})
# What a text is made of. Everything else that stands in it is an object: there as a whole, or not at all.
_FLOW = frozenset({"p", "run", "t", "switch", "case", "default"})
_STRUCTURE = ("secPr", "fieldBegin", "fieldEnd", "colPr")
# The library reads the captions of tables and pictures.
_SHAPES = frozenset(
    (
        "rect",
        "line",
        "ellipse",
        "arc",
        "polygon",
        "curve",
        "connectLine",
        "container",
        "equation",
        "ole",
        "textart",
    )
)
_NUMBERED = ("TABLE", "PICTURE", "EQUATION")


def shown_section(section: bytes) -> tuple[bytes, bool]:
    """The XML of a section with what is shown as text and without what is deleted, and whether every mark of
    a deletion had its other half.

    What stands behind a mark without one is kept. Raises etree.LxmlError where the XML is damaged.
    """
    root = etree.fromstring(section, etree.XMLParser(resolve_entities=False))
    ends, whole = _pairs(root)
    for story in [root, *(element for element in root.iter() if _name(element) == "subList")]:
        _Story(ends).accept(story)
    for mark in [element for element in root.iter() if _name(element) in _MARKS]:
        _take_out(mark)
    for element in list(root.iter()):
        _show(element)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True), whole


def _show(element: Any) -> None:  # noqa: ANN401 - lxml has no types here
    """Put the text of an object, which the library leaves out, where it is read."""
    name = _name(element)
    if name == "autoNum" and element.get("numType") in _NUMBERED:
        control = element.getparent()
        number = etree.Element(etree.QName(element, "t"))
        number.text, number.tail = element.get("num"), control.tail
        control.getparent().replace(control, number)
        return
    paragraph = next((above for above in element.iterancestors() if _name(above) == "p"), None)
    if name not in _SHAPES or paragraph is None:
        return
    told = [inner for caption in element if _name(caption) == "caption" for inner in caption.iter()]
    below = [inner for inner in told if _name(inner) == "p"]
    if name == "textart" and element.get("text"):
        below.insert(0, _paragraph(element, element.get("text")))
    for made in reversed(below):
        paragraph.addnext(made)


def _paragraph(beside: Any, text: str) -> Any:  # noqa: ANN401
    made = etree.Element(etree.QName(beside, "p"))
    run = etree.SubElement(made, etree.QName(beside, "run"))
    etree.SubElement(run, etree.QName(beside, "t")).text = text
    return made


def _pairs(root: Any) -> tuple[dict[Any, Any], bool]:  # noqa: ANN401 - lxml has no types here
    """The end of every deletion by its beginning, and whether none is without the other.

    A cell or a note is a text of its own, whose marks have nothing to do with those around it.
    """
    opened: dict[tuple[Any, str | None], Any] = {}
    ends: dict[Any, Any] = {}
    whole = True
    for element in root.iter():
        name = _name(element)
        if name not in ("deleteBegin", "deleteEnd"):
            continue
        story = next((above for above in element.iterancestors() if _name(above) == "subList"), root)
        key = (story, element.get("Id"))
        if name == "deleteBegin":
            whole = whole and key not in opened
            opened[key] = element
        elif key in opened:
            ends[opened.pop(key)] = element
        else:
            whole = False
    return ends, whole and not opened


class _Story:
    """Takes the deleted parts out of one text."""

    def __init__(self, ends: dict[Any, Any]) -> None:
        self._begins = set(ends)
        self._ends = set(ends.values())
        self._open = 0

    def accept(self, story: Any) -> None:  # noqa: ANN401
        self._walk(story, in_text=False)

    def _walk(self, parent: Any, *, in_text: bool) -> None:  # noqa: ANN401
        if in_text and self._open:
            parent.text = None
        joined = None
        for child in list(parent):
            name = _name(child)
            if name in _MARKS:
                self._open += (child in self._begins) - (child in self._ends)
            elif name in _FLOW:
                self._walk(child, in_text=in_text or name == "t")
            elif self._open and not any(_name(part) in _STRUCTURE for part in (child, *child)):
                _empty(child)
            if in_text and self._open:
                child.tail = None
            if name == "p":
                goes_on = self._open > 0 or self._deletes_end(child)
                if joined is None:
                    joined = child
                else:
                    joined.extend(list(child))
                    parent.remove(child)
                joined = joined if goes_on else None

    def _deletes_end(self, paragraph: Any) -> bool:  # noqa: ANN401
        ends = [mark for mark in paragraph.iter() if mark in self._ends]
        return bool(ends) and ends[-1].get("paraend") == "1"


def _empty(element: Any) -> None:  # noqa: ANN401
    tail = element.tail
    element.clear()
    # A name that no reader of the format knows; the element holds the place of the text behind it.
    element.tag = "deleted"
    element.tail = tail


def _take_out(mark: Any) -> None:  # noqa: ANN401
    """Take a mark away and leave the text behind it."""
    parent, before = mark.getparent(), mark.getprevious()
    if mark.tail:
        if before is not None:
            before.tail = (before.tail or "") + mark.tail
        else:
            parent.text = (parent.text or "") + mark.tail
    parent.remove(mark)


def _name(element: Any) -> str:  # noqa: ANN401
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
