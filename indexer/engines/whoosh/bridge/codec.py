"""The Whoosh codec over the arrays: `whoosh.index.open_dir` and Whoosh's own queries work on an index of
bodo.

It reads only, and knows nothing of embargoes. bodo itself searches the arrays directly (`query`), which is
some fifty times faster than Whoosh's matchers with their Python call a posting. Those serve other tools, and
tests as an oracle.

`ArraySegment` is pickled by module path into the TOC: to rename it or this module, increment `INDEX_FORMAT`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from whoosh.codec.base import Codec
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.filedb.filestore import FileStorage

from indexer.engines.whoosh.bridge.document_reader import ArrayDocumentReader
from indexer.engines.whoosh.bridge.terms_reader import ArrayTermsReader
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.store.manifest import SEGMENT_EXTENSION, is_file_name
from indexer.errors import IndexUnavailable


class ArraySegment(WhooshSegment):
    """A segment as the TOC knows it: its name, how many releases it has, and which of them are deleted."""

    def __init__(self, indexname: str, segid: str, documents: int, deleted: Iterable[int]) -> None:
        super().__init__(indexname)
        self.segid = segid
        self._documents = documents
        self._deleted = frozenset(deleted)

    def codec(self) -> ArrayCodec:
        """The codec that reads it."""
        return ArrayCodec()

    def doc_count_all(self) -> int:
        """How many releases, deleted ones included."""
        return self._documents

    def deleted_count(self) -> int:
        """How many releases are deleted."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        """The doc ids that are deleted, ascending."""
        return iter(sorted(self._deleted))

    def is_deleted(self, docnum: int) -> bool:
        """Whether a release is deleted."""
        return docnum in self._deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Raises TypeError: only bodo writes an index of bodo."""
        raise TypeError("an index of bodo is written by bodo only")

    def set_doc_count(self, doccount: int) -> None:
        """Raises TypeError: only bodo writes an index of bodo."""
        raise TypeError("an index of bodo is written by bodo only")

    def should_assemble(self) -> bool:
        """No: a segment is one file already."""
        return False


class ArrayCodec(Codec):
    """Reads segments of arrays."""

    def terms_reader(self, storage: FileStorage, segment: ArraySegment) -> ArrayTermsReader:
        """Terms and postings."""
        return ArrayTermsReader(_open(storage, segment))

    def per_document_reader(self, storage: FileStorage, segment: ArraySegment) -> ArrayDocumentReader:
        """Lengths, stored fields and deletions."""
        return ArrayDocumentReader(_open(storage, segment), segment)

    def per_document_writer(self, storage: FileStorage, segment: ArraySegment) -> Any:
        """Raises TypeError: only bodo writes an index of bodo."""
        raise TypeError("an index of bodo is written by bodo only")

    field_writer = per_document_writer


def _open(storage: FileStorage, segment: ArraySegment) -> Segment:
    name = segment.make_filename(SEGMENT_EXTENSION)
    if not is_file_name(name):
        raise IndexUnavailable(f"Whoosh 목차에 폴더 밖의 파일 이름이 있습니다: {name}")
    return Segment(Path(storage.folder) / name)
