"""HWPX (OWPML, KS X 6101: XML in a ZIP) -> document."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from lxml import etree

from indexer.sources.formats.detection import HWPX_MIMETYPE, mimetype_of
from indexer.sources.formats.dochan_document import CHANGES_LEFT, check_document, document_of
from indexer.sources.formats.document import Document
from indexer.sources.formats.hwpx_section import AFFECTED_MARKS, visible_section

_XML_SUFFIXES = (".xml", ".hpf", ".rdf")


def read_hwpx(path: Path) -> Document:
    """The document at `path` with its tracked changes accepted.

    Raises ContentError for a password or a damaged package.
    """
    from dochan.hwpx.parser import HWPXParser

    source, is_complete = _prepare_package(path)
    document = document_of(check_document(HWPXParser().parse(source, include_assets=False)))
    if is_complete:
        return document
    return replace(document, warnings=(*document.warnings, CHANGES_LEFT))


def _prepare_package(path: Path) -> tuple[str | BytesIO, bool]:
    """The package as the library needs it, and whether all of its deletions could be applied.

    The library requires the part "mimetype", leaves deleted text in place where the list of changes is not as
    it expects, and skips some of the visible text (see `hwpx_section`).
    """
    changed: dict[str, bytes] = {}
    is_complete = True
    with ZipFile(path) as package:
        for name in package.namelist():
            if not _is_section(name):
                continue
            section = package.read(name)
            if any(mark in section for mark in AFFECTED_MARKS):
                try:
                    changed[name], is_paired = visible_section(section)
                except etree.LxmlError:
                    is_paired = False
                is_complete = is_complete and is_paired
        if not changed and mimetype_of(package) == HWPX_MIMETYPE:
            return str(path), is_complete
        prepared = BytesIO()
        with ZipFile(prepared, "w") as rewritten:
            rewritten.writestr("mimetype", HWPX_MIMETYPE)
            for name, data in changed.items():
                rewritten.writestr(name, data)
            for entry in package.infolist():
                if entry.filename not in changed and entry.filename.lower().endswith(_XML_SUFFIXES):
                    rewritten.writestr(entry, package.read(entry))
    return prepared, is_complete


def _is_section(name: str) -> bool:
    return name.startswith("Contents/") and name.endswith(".xml") and not name.endswith("header.xml")
