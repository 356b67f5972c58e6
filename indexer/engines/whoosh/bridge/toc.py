"""Whoosh's own table of contents for a generation, so that `whoosh.index.open_dir` opens it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from pickle import Unpickler, UnpicklingError
from typing import Any

from indexer.engines.whoosh.store.manifest import SegmentEntry
from indexer.errors import IndexUnavailable

with warnings.catch_warnings():
    # Python warns of Whoosh 2.7.4, which is pinned, when it first compiles it.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from whoosh.filedb.filestore import FileStorage
    from whoosh.filedb.structfile import StructFile
    from whoosh.index import TOC, FileIndex

    from indexer.engines.whoosh.bridge.codec import ArraySegment
    from indexer.engines.whoosh.bridge.schema import make_schema

_NAME = "MAIN"
_ALLOWED = frozenset(
    (
        ("indexer.engines.whoosh.bridge.codec", "ArraySegment"),
        ("builtins", "frozenset"),
        ("__builtin__", "frozenset"),
    )
)


class _CarefulUnpickler(Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


class _CarefulFile(StructFile):
    def read_pickle(self) -> Any:
        """The next pickled object. Raises UnpicklingError for a class that is not allowed."""
        return _CarefulUnpickler(self.file).load()


class _CarefulStorage(FileStorage):
    def open_file(self, name: str, **_: Any) -> StructFile:
        """Open a file of this folder. Raises UnpicklingError for one of another."""
        if Path(name).name != name:
            raise UnpicklingError(name)
        return _CarefulFile(BytesIO((Path(self.folder) / name).read_bytes()), name=name)


def open_index(folder: Path) -> FileIndex:
    """Whoosh's own index of a generation, for its own searchers.

    Whoosh's `open_dir` unpickles whatever it is given. This unpickles only the classes that a table of
    contents of bodo consists of. Raises IndexUnavailable for anything else.
    """
    try:
        storage = _CarefulStorage(str(folder))
        segments = TOC.read(storage, _NAME, schema=make_schema()).segments
        if not all(isinstance(segment, ArraySegment) for segment in segments):
            raise UnpicklingError("segments of another kind")
        return FileIndex(storage, make_schema(), _NAME)
    except Exception as error:  # Whoosh may raise any of them on such bytes
        raise IndexUnavailable(
            f"{folder}의 Whoosh 목차를 읽을 수 없습니다({error}).",
            "`bodo reindex --full`로 색인을 다시 만드세요.",
        ) from error


def write_toc(folder: Path, entries: Sequence[SegmentEntry]) -> None:
    """Write the table of contents of the segments in a folder."""
    segments = [ArraySegment(_NAME, entry.name, entry.documents, entry.deleted) for entry in entries]
    TOC(make_schema(), segments, 1).write(FileStorage(str(folder)), _NAME)
