"""A segment: up to 65,536 releases in one file that never changes once it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from indexer.engines.whoosh import documents as documents_module
from indexer.engines.whoosh import postings as postings_module
from indexer.engines.whoosh.container import AnyArray, Container, write_container
from indexer.engines.whoosh.documents import StoredDocuments
from indexer.engines.whoosh.invert import Inverted
from indexer.engines.whoosh.postings import BigramTerms, MorphemeTerms, Postings, StoredPostings

STREAMS = ("morphemes", "bigrams")


def write_segment(path: Path, inverted: Inverted) -> None:
    """Write a segment's file."""

    def arrays() -> Iterator[tuple[str, AnyArray]]:
        yield from documents_module.stored_arrays(inverted.documents)
        yield from postings_module.stored_arrays("morphemes", inverted.morphemes)
        yield from postings_module.stored_arrays("bigrams", inverted.bigrams)

    write_container(path, arrays())


class Segment:
    """An open segment. `path` is its file."""

    def __init__(self, path: Path) -> None:
        self._container = container = Container(path)
        self.path = path
        self.documents = StoredDocuments(container)
        self.morpheme_terms = MorphemeTerms(container)
        self.morphemes = StoredPostings("morphemes", container)
        self.bigram_terms = BigramTerms(container)
        self.bigrams = StoredPostings("bigrams", container)

    def __len__(self) -> int:
        return len(self.documents)

    def load_stream(self, prefix: str, *, occurrences: bool) -> Postings:
        """A stream in plain form, for merging; without its occurrences where they are not asked for."""
        if prefix == "morphemes":
            return self.morphemes.load(self.morpheme_terms.all(), occurrences=occurrences)
        return self.bigrams.load(np.array(self.bigram_terms.keys), occurrences=occurrences)

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Bytes by part: the columns of the documents, their texts, and each array of the streams."""
        for name, array in self._container.items():
            stream, _, column = name.partition(".")
            part = f"{stream} {column}" if stream in STREAMS else "texts" if name == "blobs" else "columns"
            yield part, array.nbytes
