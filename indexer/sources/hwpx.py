"""HWPX (XML in a ZIP) -> document."""

from __future__ import annotations

from pathlib import Path

from indexer.sources.document import Document
from indexer.sources.word_processor import document_of, open_document


def read_hwpx(path: Path) -> Document:
    """The document at `path`. Raises ContentError for a password or a damaged package."""
    return document_of(open_document(path, include_assets=False), styled=False)
