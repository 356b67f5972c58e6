"""Whoosh's own table of contents for a generation, so that `whoosh.index.open_dir` opens it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

from indexer.engines.whoosh.generations import SegmentEntry

with warnings.catch_warnings():
    # Whoosh 2.7.4 is pinned and warns of itself when Python first compiles it.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from whoosh.filedb.filestore import FileStorage
    from whoosh.index import TOC

    from indexer.engines.whoosh.codec import ArraySegment
    from indexer.engines.whoosh.fields import make_schema

_NAME = "MAIN"


def write_toc(folder: Path, entries: Sequence[SegmentEntry]) -> None:
    """Write the table of contents of the segments in a folder."""
    segments = [ArraySegment(_NAME, entry.name, entry.documents, entry.deleted) for entry in entries]
    TOC(make_schema(), segments, 1).write(FileStorage(str(folder)), _NAME)
