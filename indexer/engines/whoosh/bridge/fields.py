"""The fields of a segment as Whoosh sees them: sorted terms, and the postings of each."""

from __future__ import annotations

import numpy as np

from indexer.analysis.bigrams import unpack
from indexer.engine import UNDATED
from indexer.engines.shared.arrays import Int64Array
from indexer.engines.whoosh.bridge.schema import ALL_TEXT, PUBLISHED, SYLLABLES, make_schema
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.format.stats import is_in_field
from indexer.engines.whoosh.format.stored_postings import StoredPostings
from indexer.schema import FACETS, TEXT_FIELDS

# Doc ids, frequencies, and positions if the field has them.
FieldPostings = tuple[Int64Array, Int64Array, list[Int64Array] | None]


class Field:
    """A field: sorted terms, and the postings of each by its rank."""

    def __init__(self, terms: list[bytes]) -> None:
        self.terms = terms
        self._ranks = {term: rank for rank, term in enumerate(terms)}

    def find(self, term: bytes) -> int:
        """The rank of a term. Raises KeyError if the field does not have it."""
        return self._ranks[term]

    def postings(self, rank: int) -> FieldPostings:
        """The postings of a term."""
        raise NotImplementedError


class _TextField(Field):
    """Morphemes or bigrams, of all text fields or of one, whose positions then count from its first."""

    def __init__(self, segment: Segment, stream: StoredPostings, terms: list[bytes], field: str = "") -> None:
        self._stream = stream
        self._term_ids: Int64Array = np.arange(len(terms))
        self._first: Int64Array = np.zeros(len(segment), np.int64)
        self._stop = self._first + np.iinfo(np.int64).max
        if field:
            index = [own.name for own in TEXT_FIELDS].index(field)
            starts = segment.documents.field_starts.astype(np.int64)
            self._first = starts[:, index]
            if index + 1 < len(TEXT_FIELDS):
                self._stop = starts[:, index + 1]
            before = np.concatenate([[0], np.cumsum(is_in_field(stream.stats, field))])[stream.starts]
            self._term_ids = np.flatnonzero(np.diff(before))
        super().__init__([terms[term_id] for term_id in self._term_ids])

    def postings(self, rank: int) -> FieldPostings:
        term_id = int(self._term_ids[rank])
        docs = self._stream.docs[self._stream.posting_range(term_id)].astype(np.int64)
        freqs, positions, _ = self._stream.occurrences([term_id], [np.arange(len(docs))])
        owners = np.arange(len(docs)).repeat(freqs)
        inside = (positions >= self._first[docs[owners]]) & (positions < self._stop[docs[owners]])
        owners, positions = owners[inside], positions[inside] - self._first[docs[owners[inside]]]
        used, counts = np.unique(owners, return_counts=True)
        return docs[used], counts, np.split(positions, np.cumsum(counts)[:-1])


class _ValueField(Field):
    """A column: each release has at most one value."""

    def __init__(self, values: list[bytes]) -> None:
        by_value: dict[bytes, list[int]] = {}
        for doc_id, value in enumerate(values):
            if value:
                by_value.setdefault(value, []).append(doc_id)
        self._docs = [by_value[value] for value in sorted(by_value)]
        super().__init__(sorted(by_value))

    def postings(self, rank: int) -> FieldPostings:
        docs = np.array(self._docs[rank], np.int64)
        return docs, np.ones(len(docs), np.int64), None


def read_fields(segment: Segment) -> dict[str, Field]:
    """All fields of a segment by name."""
    morphemes = segment.morpheme_terms.all()
    bigrams = [unpack(key).encode() for key in segment.bigram_terms.keys.tolist()]
    fields: dict[str, Field] = {
        ALL_TEXT: _TextField(segment, segment.morphemes, morphemes),
        SYLLABLES: _TextField(segment, segment.bigrams, bigrams),
        "id": _ValueField([text.encode() for text in segment.documents.ids()]),
        PUBLISHED: _ValueField(_published_terms(segment)),
    }
    for field in TEXT_FIELDS:
        fields[field.name] = _TextField(segment, segment.morphemes, morphemes, field.name)
    for name in FACETS:
        codes, values = segment.documents.facet(name)
        fields[name] = _ValueField([values[code].encode() for code in codes])
    return fields


def _published_terms(segment: Segment) -> list[bytes]:
    to_bytes = make_schema()[PUBLISHED].to_bytes
    return [b"" if value == UNDATED else to_bytes(value) for value in segment.documents.published.tolist()]
