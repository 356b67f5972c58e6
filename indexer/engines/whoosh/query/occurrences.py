"""Where the leaves of a query tree occur: phrases of morphemes, n-gram phrases, prefixes.

A phrase of morphemes is found by its terms at consecutive positions, an n-gram phrase by its bigrams. The
rarest term says which releases are worth looking at. Nothing is done a posting at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from indexer.engine import NgramPhrase, Phrase, Prefix, Term
from indexer.engines.shared.arrays import ByteArray, Int64Array, Mask
from indexer.engines.whoosh.format.postings import BIGRAMS, MORPHEMES
from indexer.engines.whoosh.format.stored_postings import StoredPostings
from indexer.engines.whoosh.query.boundaries import satisfies_boundaries
from indexer.engines.whoosh.query.multi_segment import MultiSegmentReader
from indexer.engines.whoosh.query.term_postings import POSITION_BITS, MultiSegmentStream, TermPostings
from indexer.schema import TEXT_FIELDS

# Longer phrases are found in pieces. A choice: hardly a phrase that people type is longer.
MAX_TERMS_AT_ONCE = 16
_POSITION_MASK = (1 << POSITION_BITS) - 1
_FIELD_INDEXES = {field.name: index for index, field in enumerate(TEXT_FIELDS)}
_NONE: Int64Array = np.zeros(0, np.int64)
_NO_FLAGS: ByteArray = np.zeros(0, np.uint8)

# For occurrences of some terms: doc id and position as one number, the index of its term, its boundary flags.
_TermOccurrences = tuple[Int64Array, Int64Array, ByteArray]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Occurrences of a leaf: the doc id, and the position of the first token."""

    docs: Int64Array
    positions: Int64Array


class SelectedDocs:
    """Some releases, and the occurrences of terms of a stream in them, which are read all at once."""

    def __init__(self, stream: MultiSegmentStream, docs: Int64Array, terms: Sequence[TermPostings]) -> None:
        """`docs` are doc ids, ascending; `terms` may repeat."""
        self.docs = docs
        terms = list({term.term: term for term in terms}.values())
        keys, term_indexes, flags = stream.occurrences(terms, docs, stream.posting_indexes_at(terms, docs))
        order = term_indexes.argsort(kind="stable")
        stops = np.bincount(term_indexes, minlength=len(terms)).cumsum().tolist()
        self._by_term = {
            term.term: (keys[order[start:stop]], flags[order[start:stop]])
            for term, start, stop in zip(terms, [0, *stops], stops, strict=False)
        }

    def occurrences(self, terms: Sequence[TermPostings]) -> _TermOccurrences:
        """The occurrences of some of the terms, one term after the other."""
        keys, flags = zip(*(self._by_term[term.term] for term in terms), strict=True)
        term_indexes = np.arange(len(terms)).repeat([len(own) for own in keys])
        return np.concatenate(keys), term_indexes, np.concatenate(flags)


# Releases to look in: a mask by doc id, or a selection.
Candidates = Mask | SelectedDocs


class OccurrenceFinder:
    """Finds the occurrences of leaves in all segments."""

    def __init__(self, reader: MultiSegmentReader, *, max_terms: int = MAX_TERMS_AT_ONCE) -> None:
        """Phrases of more than `max_terms` terms are found in pieces."""
        self._reader = reader
        self._max_terms = max_terms

    def select(
        self, docs: Int64Array, nodes: Sequence[Term | Phrase | NgramPhrase | Prefix]
    ) -> tuple[SelectedDocs, SelectedDocs]:
        """Some releases, ascending, to find these nodes in: by their morphemes, and by their bigrams."""
        by_chars = [begins_with(node) if isinstance(node, Prefix) else node for node in nodes]
        morphemes = [
            term for node in nodes if isinstance(node, Term | Phrase) for term in self.morphemes(node)
        ]
        bigrams = [term for node in by_chars if isinstance(node, NgramPhrase) for term in self.bigrams(node)]
        return (
            SelectedDocs(self._reader.morphemes, docs, morphemes),
            SelectedDocs(self._reader.bigrams, docs, bigrams),
        )

    def morphemes(self, node: Term | Phrase) -> list[TermPostings]:
        """The postings of each morpheme of a node."""
        texts = (node.text,) if isinstance(node, Term) else node.terms
        return [self._reader.morpheme(text) for text in texts]

    def bigrams(self, phrase: NgramPhrase) -> list[TermPostings]:
        """The postings of each bigram of a phrase."""
        return [self._reader.bigram(a + b) for a, b in pairwise(phrase.chars)]

    def find_phrase(self, node: Term | Phrase, candidates: Candidates) -> Occurrences:
        """Where the morphemes of a node stand at consecutive positions."""
        occurrences, _ = self._find_adjacent(self._reader.morphemes, self.morphemes(node), candidates)
        return self._restrict(occurrences, node.field, MORPHEMES)

    def find_ngrams(self, phrase: NgramPhrase, candidates: Candidates) -> Occurrences:
        """Where a phrase of two characters or more occurs, with the boundaries that it wants."""
        found, flags = self._find_adjacent(self._reader.bigrams, self.bigrams(phrase), candidates)
        allowed = satisfies_boundaries(phrase, flags)
        occurrences = Occurrences(found.docs[allowed], found.positions[allowed])
        return self._restrict(occurrences, phrase.field, BIGRAMS)

    def find_char(self, phrase: NgramPhrase, selected: SelectedDocs) -> Occurrences:
        """Where a phrase of a single character occurs."""
        segments = self._reader.segments
        ranges = [segment.bigram_terms.first_char_range(phrase.chars) for segment in segments]
        occurrences = self._find_any([segment.bigrams for segment in segments], ranges, selected)
        return self._restrict(occurrences, phrase.field, BIGRAMS)

    def find_prefix(self, prefix: Prefix, selected: SelectedDocs) -> Occurrences:
        """Where morphemes with a prefix occur."""
        segments = self._reader.segments
        ranges = [segment.morpheme_terms.prefix_range(prefix.text.encode()) for segment in segments]
        occurrences = self._find_any([segment.morphemes for segment in segments], ranges, selected)
        return self._restrict(occurrences, prefix.field, MORPHEMES)

    def _find_any(
        self, streams: Sequence[StoredPostings], ranges: Sequence[tuple[int, int]], selected: SelectedDocs
    ) -> Occurrences:
        """Where any term of a range of term ids occurs; there is a range for each segment."""
        columns = [(_NONE, _NONE)]
        for stream, (first, stop), (base, end) in zip(
            streams, ranges, pairwise(self._reader.doc_bases), strict=True
        ):
            wanted = np.zeros(end - base, bool)
            wanted[selected.docs[(selected.docs >= base) & (selected.docs < end)] - base] = True
            docs, positions = stream.occurrences_in(first, stop, wanted)
            columns.append((docs + base, positions))
        docs, positions = (np.concatenate(column) for column in zip(*columns, strict=True))
        order = np.lexsort((positions, docs))
        return Occurrences(docs[order], positions[order])

    def _find_adjacent(
        self, stream: MultiSegmentStream, terms: Sequence[TermPostings], candidates: Candidates
    ) -> tuple[Occurrences, list[ByteArray]]:
        """Where `terms` stand at consecutive positions, and the boundary flags of each term there."""
        if not all(term.segments for term in terms):
            return Occurrences(_NONE, _NONE), [_NO_FLAGS] * len(terms)
        if isinstance(candidates, SelectedDocs):
            keys, term_indexes, flags = candidates.occurrences(terms)
        elif len(terms) > self._max_terms:
            return self._find_adjacent_in_pieces(stream, terms, candidates)
        else:
            keys, term_indexes, flags = self._read_occurrences(stream, terms, candidates)
        count = len(terms)
        if count > 1:
            # Shifted by the index of its term, every occurrence of one phrase has the same key. Positions are
            # unique per term, so a key that is there `count` times means that all terms are adjacent.
            keys += count - term_indexes
            order = keys.argsort(kind="stable")
            ordered = keys[order]
            first = (ordered[count - 1 :] == ordered[: max(len(ordered) - count + 1, 0)]).nonzero()[0]
            keys = ordered[first] - count
            flags = flags[order[first + np.arange(count)[:, None]]]
        return _unpack_keys(keys), list(flags.reshape(count, -1))

    def _find_adjacent_in_pieces(
        self, stream: MultiSegmentStream, terms: Sequence[TermPostings], candidates: Mask
    ) -> tuple[Occurrences, list[ByteArray]]:
        """`_find_adjacent` for many terms. Each piece is looked for only where those before it occur, so that
        a character repeated for ever costs no more than its first few.
        """
        mask = np.zeros(len(self._reader), bool)
        mask[stream.docs(min(terms, key=lambda term: term.doc_freq))] = True
        mask &= candidates
        keys: Int64Array | None = None
        flags: list[ByteArray] = []
        for start in range(0, len(terms), self._max_terms):
            piece, own_flags = self._find_adjacent(stream, terms[start : start + self._max_terms], mask)
            own_keys = (piece.docs << POSITION_BITS) + piece.positions - start
            if keys is None:
                keys, flags = own_keys, own_flags
            else:
                keys, before, here = np.intersect1d(keys, own_keys, return_indices=True)
                flags = [column[before] for column in flags] + [column[here] for column in own_flags]
            if not len(keys):
                return Occurrences(keys, keys), [_NO_FLAGS] * len(terms)
            mask = np.zeros(len(self._reader), bool)
            mask[keys >> POSITION_BITS] = True
        assert keys is not None
        return _unpack_keys(keys), flags

    def _read_occurrences(
        self, stream: MultiSegmentStream, terms: Sequence[TermPostings], candidates: Mask
    ) -> _TermOccurrences:
        """The occurrences of terms in the candidates that have all of them."""
        rarest = min(range(len(terms)), key=lambda index: terms[index].doc_freq)
        docs, postings = stream.docs(terms[rarest]), stream.posting_indexes(terms[rarest])
        inside = candidates[docs]
        docs, postings = docs[inside], postings[inside]
        others = [index for index in range(len(terms)) if index != rarest]
        indexes = np.empty((len(terms), len(docs)), np.int64)
        indexes[rarest] = postings
        indexes[others] = stream.posting_indexes_at([terms[index] for index in others], docs)
        in_all = (indexes >= 0).all(axis=0)
        if not in_all.all():
            docs, indexes = docs[in_all], indexes[:, in_all]
        return stream.occurrences(terms, docs, indexes)

    def _restrict(self, occurrences: Occurrences, field: str, stream: int) -> Occurrences:
        """The occurrences in one text field; all if `field` is ''."""
        if not field:
            return occurrences
        fields = len(TEXT_FIELDS)
        index = _FIELD_INDEXES[field]
        starts = self._reader.field_starts[:, stream * fields : (stream + 1) * fields]
        inside = occurrences.positions >= starts[occurrences.docs, index]
        if index + 1 < fields:
            inside &= occurrences.positions < starts[occurrences.docs, index + 1]
        return Occurrences(occurrences.docs[inside], occurrences.positions[inside])


def begins_with(prefix: Prefix) -> NgramPhrase:
    """The characters of a prefix where they begin with a morpheme: what they begin is the same word."""
    return NgramPhrase(prefix.text, prefix.field, "begin")


def _unpack_keys(keys: Int64Array) -> Occurrences:
    return Occurrences(keys >> POSITION_BITS, keys & _POSITION_MASK)
