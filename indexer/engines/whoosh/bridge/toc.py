"""Whoosh's own table of contents for a generation, so that `whoosh.index.open_dir` opens it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from pickle import Unpickler, UnpicklingError
from typing import Any

from indexer.engines.whoosh.store.generations import SegmentEntry
from indexer.errors import IndexUnavailable

with warnings.catch_warnings():
    # Whoosh 2.7.4 is pinned and warns of itself when Python first compiles it.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from whoosh.filedb.filestore import FileStorage
    from whoosh.filedb.structfile import StructFile
    from whoosh.index import TOC, FileIndex

    from indexer.engines.whoosh.bridge.codec import ArraySegment
    from indexer.engines.whoosh.bridge.fields import make_schema

_NAME = "MAIN"
_ALLOWED = frozenset(
    (
        ("indexer.engines.whoosh.bridge.codec", "ArraySegment"),
        ("builtins", "frozenset"),
        ("__builtin__", "frozenset"),
    )
)


class _CarefulUnpickler(Unpickler):
    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - pickle's own signature
        if (module, name) not in _ALLOWED:
            raise UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


class _CarefulFile(StructFile):  # type: ignore[misc]
    def read_pickle(self) -> Any:  # noqa: ANN401 - Whoosh's own signature
        """The next pickled object, if it is made of allowed classes."""
        return _CarefulUnpickler(self.file).load()


class _CarefulStorage(FileStorage):  # type: ignore[misc]
    def open_file(self, name: str, **_: Any) -> StructFile:  # noqa: ANN401 - Whoosh's own signature
        """A file of this folder, and of no other."""
        if Path(name).name != name:
            raise UnpicklingError(name)
        return _CarefulFile(BytesIO((Path(self.folder) / name).read_bytes()), name=name)


def open_index(folder: Path) -> FileIndex:
    """Whoosh's own index over a generation, for its own searchers.

    Whoosh's `open_dir` unpickles whatever it is given. Here only the classes that a table of contents of ours
    is made of are: anything else raises IndexUnavailable.
    """
    try:
        storage = _CarefulStorage(str(folder))
        segments = TOC.read(storage, _NAME, schema=make_schema()).segments
        if not all(isinstance(segment, ArraySegment) for segment in segments):
            raise UnpicklingError("segments of another kind")
        return FileIndex(storage, make_schema(), _NAME)
    except Exception as error:  # whatever Whoosh makes of bytes that are no table of contents
        raise IndexUnavailable(
            f"{folder}의 Whoosh 목차를 읽을 수 없습니다({error}).",
            "`bodo reindex --full`로 색인을 다시 만드세요.",
        ) from error


def write_toc(folder: Path, entries: Sequence[SegmentEntry]) -> None:
    """Write the table of contents of the segments in a folder."""
    segments = [ArraySegment(_NAME, entry.name, entry.documents, entry.deleted) for entry in entries]
    TOC(make_schema(), segments, 1).write(FileStorage(str(folder)), _NAME)
