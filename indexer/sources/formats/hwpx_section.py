"""A section of HWPX as a reader sees it, where the library does not show it so.

Tracked changes are accepted. OWPML (KS X 6101) puts empty marks around deleted text, `deleteBegin` and
`deleteEnd` with the same `Id`, anywhere in the text; `paraend="1"` at the end mark says that the end of the
paragraph is deleted too.

Word art, the captions of shapes and the numbers of tables and pictures become text beside their object.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

# An element of lxml, which has no types.
Element = Any

# A section without any of these is as the library shows it.
AFFECTED_MARKS = (b"deleteBegin", b"textart", b"caption", b"autoNum")

_MARKS = frozenset({"insertBegin", "insertEnd", "deleteBegin", "deleteEnd"})
# The elements that text consists of. Any other in it is an object, kept or deleted as a whole.
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


def visible_section(section: bytes) -> tuple[bytes, bool]:
    """The XML of a section without deleted text, and whether every mark of a deletion had its counterpart.

    Text behind a mark without one is kept. Raises etree.LxmlError where the XML is damaged.
    """
    root = etree.fromstring(section, etree.XMLParser(resolve_entities=False))
    ends, is_paired = _pair_marks(root)
    for story in [root, *(element for element in root.iter() if _name(element) == "subList")]:
        _Story(ends).accept(story)
    for mark in [element for element in root.iter() if _name(element) in _MARKS]:
        _remove_mark(mark)
    for element in list(root.iter()):
        _show_object(element)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True), is_paired


def _show_object(element: Element) -> None:
    """Put the text of an object, which the library leaves out, into a paragraph below it."""
    name = _name(element)
    if name == "autoNum" and element.get("numType") in _NUMBERED:
        control = element.getparent()
        number = etree.Element(etree.QName(element, "t"))
        number.text, number.tail = element.get("num"), control.tail
        control.getparent().replace(control, number)
        return
    paragraph = next((ancestor for ancestor in element.iterancestors() if _name(ancestor) == "p"), None)
    if name not in _SHAPES or paragraph is None:
        return
    captions = [caption for caption in element if _name(caption) == "caption"]
    below = [inner for caption in captions for inner in caption.iter() if _name(inner) == "p"]
    if name == "textart" and element.get("text"):
        below.insert(0, _new_paragraph(element, element.get("text")))
    for added in reversed(below):
        paragraph.addnext(added)


def _new_paragraph(beside: Element, text: str) -> Element:
    paragraph = etree.Element(etree.QName(beside, "p"))
    run = etree.SubElement(paragraph, etree.QName(beside, "run"))
    etree.SubElement(run, etree.QName(beside, "t")).text = text
    return paragraph


def _pair_marks(root: Element) -> tuple[dict[Element, Element], bool]:
    """The end mark of every deletion by its begin mark, and whether no mark is without its counterpart.

    The marks of a cell or a note have nothing to do with those of the text around it.
    """
    opened: dict[tuple[Element, str | None], Element] = {}
    ends: dict[Element, Element] = {}
    is_paired = True
    for element in root.iter():
        name = _name(element)
        if name not in ("deleteBegin", "deleteEnd"):
            continue
        story = next((ancestor for ancestor in element.iterancestors() if _name(ancestor) == "subList"), root)
        key = (story, element.get("Id"))
        if name == "deleteBegin":
            is_paired = is_paired and key not in opened
            opened[key] = element
        elif key in opened:
            ends[opened.pop(key)] = element
        else:
            is_paired = False
    return ends, is_paired and not opened


class _Story:
    """Removes the deleted parts of one story: the text of a section, a cell or a note."""

    def __init__(self, ends: dict[Element, Element]) -> None:
        self._begins = set(ends)
        self._ends = set(ends.values())
        self._open = 0

    def accept(self, story: Element) -> None:
        self._walk(story, in_text=False)

    def _walk(self, parent: Element, *, in_text: bool) -> None:
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

    def _deletes_end(self, paragraph: Element) -> bool:
        ends = [mark for mark in paragraph.iter() if mark in self._ends]
        return bool(ends) and ends[-1].get("paraend") == "1"


def _empty(element: Element) -> None:
    tail = element.tail
    element.clear()
    # No parser of the format knows this name; the element stays because the text behind it is its tail.
    element.tag = "deleted"
    element.tail = tail


def _remove_mark(mark: Element) -> None:
    """Remove a mark and keep the text behind it."""
    parent, before = mark.getparent(), mark.getprevious()
    if mark.tail:
        if before is not None:
            before.tail = (before.tail or "") + mark.tail
        else:
            parent.text = (parent.text or "") + mark.tail
    parent.remove(mark)


def _name(element: Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
