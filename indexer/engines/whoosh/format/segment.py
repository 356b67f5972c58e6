"""A segment: up to 65,536 releases in one file that never changes once it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from weakref import WeakValueDictionary

from indexer.engines.shared.container import Container
from indexer.engines.shared.phrases import Phrases
from indexer.engines.whoosh.format.documents import StoredDocuments
from indexer.engines.whoosh.format.postings import STREAMS
from indexer.engines.whoosh.format.stored_postings import StoredPostings
from indexer.engines.whoosh.format.terms import BigramTerms, MorphemeTerms

_TEXTS = ("blobs", "blob_dictionary")


class Segment:
    """An open segment."""

    def __init__(self, path: Path) -> None:
        """Raises IndexUnavailable if the file is missing or no container."""
        self._container = container = Container(path)
        self.documents = StoredDocuments(container)
        self.morpheme_terms = MorphemeTerms(container)
        self.morphemes = StoredPostings("morphemes", container)
        self.bigram_terms = BigramTerms(container)
        self.bigrams = StoredPostings("bigrams", container)
        self.phrases = Phrases(container)

    def __len__(self) -> int:
        return len(self.documents)

    def postings(self, stream: str) -> StoredPostings:
        """The postings of one of STREAMS."""
        return self.morphemes if stream == "morphemes" else self.bigrams

    def terms(self, stream: str) -> MorphemeTerms | BigramTerms:
        """The terms of one of STREAMS."""
        return self.morpheme_terms if stream == "morphemes" else self.bigram_terms

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Bytes by part: the columns of the documents, their texts, the phrases, and each array of a stream.
        A part may come several times.
        """
        for name, array in self._container.items():
            stream, _, column = name.partition(".")
            if stream in STREAMS:
                yield f"{stream} {column}", array.nbytes
            else:
                part = stream if stream == "phrases" else "texts" if name in _TEXTS else "columns"
                yield part, array.nbytes


class OpenSegments:
    """Opens each segment file once while it is in use: the generations of an index share most of theirs.

    A file is known by its inode, whatever folder it is linked into.
    """

    def __init__(self) -> None:
        self._open: WeakValueDictionary[tuple[int, ...], Segment] = WeakValueDictionary()

    def open(self, path: Path) -> Segment:
        """The segment in a file. Raises IndexUnavailable if the file is missing or no container."""
        try:
            status = path.stat()
        except OSError:
            return Segment(path)
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        segment = self._open.get(key)
        if segment is None:
            segment = self._open[key] = Segment(path)
        return segment
