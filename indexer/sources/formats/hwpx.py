"""HWPX (XML in a ZIP) -> document."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from lxml import etree

from indexer.sources.formats.detection import HWPX_MIMETYPE, mimetype_of
from indexer.sources.formats.document import Document
from indexer.sources.formats.hwpx_section import TELLING, shown_section
from indexer.sources.formats.word_processor import CHANGES_LEFT, check_document, document_of

_XML_SUFFIXES = (".xml", ".hpf", ".rdf")


def read_hwpx(path: Path) -> Document:
    """The document at `path` as it is after its tracked changes.

    Raises ContentError for a password or a damaged package.
    """
    from dochan.hwpx.parser import HWPXParser

    source, whole = _plain_package(path)
    document = document_of(check_document(HWPXParser().parse(source, include_assets=False)))
    if whole:
        return document
    return replace(document, warnings=(*document.warnings, CHANGES_LEFT))


def _plain_package(path: Path) -> tuple[str | BytesIO, bool]:
    """The package with its mark and without deleted text, and whether all of that could be told.

    The library asks for the mark, leaves what was deleted in the text where the list of changes is not as it
    expects, and passes over some of what is shown.
    """
    changed: dict[str, bytes] = {}
    whole = True
    with ZipFile(path) as package:
        for name in package.namelist():
            if not _is_section(name):
                continue
            section = package.read(name)
            if any(mark in section for mark in TELLING):
                try:
                    changed[name], paired = shown_section(section)
                except etree.LxmlError:
                    paired = False
                whole = whole and paired
        if not changed and mimetype_of(package) == HWPX_MIMETYPE:
            return str(path), whole
        made = BytesIO()
        with ZipFile(made, "w") as rewritten:
            rewritten.writestr("mimetype", HWPX_MIMETYPE)
            for name, data in changed.items():
                rewritten.writestr(name, data)
            for entry in package.infolist():
                if entry.filename not in changed and entry.filename.lower().endswith(_XML_SUFFIXES):
                    rewritten.writestr(entry, package.read(entry))
    return made, whole


def _is_section(name: str) -> bool:
    return name.startswith("Contents/") and name.endswith(".xml") and not name.endswith("header.xml")
