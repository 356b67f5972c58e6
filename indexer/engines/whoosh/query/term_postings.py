"""A term's postings in all segments of a generation.

Release d of segment s has doc id `doc_bases[s] + d`. Only what reads the arrays of a segment goes segment by
segment. The rest is computed for all segments at once, as a NumPy call costs as much as some hundred
postings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import numpy as np

from indexer.engines.shared.arrays import ByteArray, Int64Array, Mask
from indexer.engines.whoosh.format.postings import DocIds
from indexer.engines.whoosh.format.stats import PackedStats
from indexer.engines.whoosh.format.stored_postings import StoredPostings

_CACHED_TERMS = 16_384
# A position and the doc id that it is in as one number.
POSITION_BITS = 32
_NONE: Int64Array = np.zeros(0, np.int64)
_NO_DOCS: DocIds = np.zeros(0, np.uint16)


@dataclass(frozen=True, slots=True)
class LookupCosts:
    """The cost model of looking releases up in a term's postings, either by binary search or in a table of
    all releases. The unit is the entry of one posting into that table.

    Estimates: answers do not depend on them, only speed.
    """

    search: int = 24  # one binary search
    releases_per_unit: int = 8  # the room for this many releases in a table


@dataclass(frozen=True, slots=True, eq=False)
class SegmentPostings:
    """A term in one segment: the index of the segment, the term's id there, the index of its first posting,
    and its postings.
    """

    segment: int
    term_id: int
    first: int
    docs: DocIds
    stats: PackedStats


@dataclass(frozen=True, slots=True, eq=False)
class TermPostings:
    """A term in all segments that have it. `doc_freq` is how many releases have it, without those under
    embargo.
    """

    term: bytes | int
    segments: tuple[SegmentPostings, ...]
    doc_freq: int


class MultiSegmentStream:
    """A stream of all segments. Arrays of doc ids are ascending unless it is said otherwise."""

    def __init__(
        self,
        streams: Sequence[StoredPostings],
        finders: Sequence[Callable[[Any], int]],
        doc_bases: Sequence[int],
        hidden: Sequence[DocIds],
        costs: LookupCosts,
    ) -> None:
        """`finders` give the id of a term in each segment, -1 if there is none. `doc_bases` has the first doc
        id of each segment, and the number of all releases. `hidden` has the releases of each segment,
        ascending, that do not count in document frequencies.
        """
        self._streams = streams
        self._finders = finders
        self._doc_bases = doc_bases
        self._bounds = np.array(doc_bases)
        self._hidden = hidden
        self._costs = costs
        # The words of queries repeat, and so do their terms.
        self.find = lru_cache(_CACHED_TERMS)(self._find)

    def _find(self, term: bytes | int) -> TermPostings:
        """The postings of a term, given in UTF-8 or as a key; empty for one that no release has."""
        segments, doc_freq = [], 0
        for segment, (stream, find) in enumerate(zip(self._streams, self._finders, strict=True)):
            term_id = find(term)
            if term_id >= 0:
                postings = stream.posting_range(term_id)
                docs, hidden = stream.docs[postings], self._hidden[segment]
                segments.append(
                    SegmentPostings(segment, term_id, postings.start, docs, stream.stats[postings])
                )
                doc_freq += len(docs)
                if len(hidden):
                    there = docs.searchsorted(hidden, "right") - docs.searchsorted(hidden)
                    doc_freq -= int(there.sum())
        return TermPostings(term, tuple(segments), doc_freq)

    def mark(
        self, mask: Mask, term: TermPostings, which: Callable[[PackedStats], Mask] | None = None
    ) -> Mask:
        """Set the releases of a term in `mask`, or those for whose statistics `which` is true; returns it."""
        for part in term.segments:
            docs = part.docs if which is None else part.docs[which(part.stats)]
            mask[self._doc_bases[part.segment] : self._doc_bases[part.segment + 1]][docs] = True
        return mask

    def docs(self, term: TermPostings, which: Callable[[PackedStats], Mask] | None = None) -> Int64Array:
        """The doc ids of a term, or those for whose statistics `which` is true."""
        columns = [part.docs if which is None else part.docs[which(part.stats)] for part in term.segments]
        return self._to_doc_ids(columns, [part.segment for part in term.segments])

    def posting_indexes(self, term: TermPostings) -> Int64Array:
        """The indexes of all postings of a term, each in the arrays of its own segment."""
        return np.concatenate(
            [_NONE, *(np.arange(part.first, part.first + len(part.docs)) for part in term.segments)]
        )

    def postings(self, terms: Sequence[TermPostings]) -> tuple[Int64Array, PackedStats, list[int], list[int]]:
        """All postings of some terms, segment by segment and term by term in it: doc ids and statistics; and
        for each such block its length and the index of its term among `terms`.
        """
        blocks = sorted(
            ((part.segment, index, part) for index, term in enumerate(terms) for part in term.segments),
            key=itemgetter(0),
        )
        docs = self._to_doc_ids([part.docs for _, _, part in blocks], [segment for segment, _, _ in blocks])
        stats = np.concatenate([_NO_DOCS, *(part.stats for _, _, part in blocks)])
        return docs, stats, [len(part.docs) for _, _, part in blocks], [index for _, index, _ in blocks]

    def stats_at(self, terms: Sequence[TermPostings], docs: Int64Array) -> PackedStats:
        """The statistics of terms in releases: a row a term, a column a release, 0 without a posting."""
        return self.stats(self.posting_indexes_at(terms, docs), docs)

    def stats(self, indexes: Int64Array, docs: Int64Array) -> PackedStats:
        """The statistics at the posting indexes that `posting_indexes_at` returned for `docs`."""
        stats = np.zeros(indexes.shape, np.uint16)
        for stream, (start, stop) in zip(self._streams, pairwise(self._cut(docs)), strict=True):
            if start < stop and len(stream.stats):
                stats[:, start:stop] = stream.stats[indexes[:, start:stop]]
        stats[indexes < 0] = 0
        return stats

    def posting_indexes_at(self, terms: Sequence[TermPostings], docs: Int64Array) -> Int64Array:
        """The index of each term's posting in each of some releases: a row a term, a column a release, -1
        without posting. It is an index in the arrays of the release's segment.
        """
        indexes = np.full((len(terms), len(docs)), -1)
        by_segment: list[tuple[list[int], list[SegmentPostings]]] = [([], []) for _ in self._streams]
        for row, term in enumerate(terms):
            for part in term.segments:
                by_segment[part.segment][0].append(row)
                by_segment[part.segment][1].append(part)
        for segment, (start, stop) in enumerate(pairwise(self._cut(docs))):
            rows, postings = by_segment[segment]
            if postings and start < stop:
                wanted = (docs[start:stop] - self._doc_bases[segment]).astype(np.uint16)
                indexes[rows, start:stop] = self._look_up(segment, postings, wanted)
        return indexes

    def occurrences(
        self, terms: Sequence[TermPostings], docs: Int64Array, indexes: Int64Array
    ) -> tuple[Int64Array, Int64Array, ByteArray]:
        """The occurrences of some terms in some releases, where `posting_indexes_at` returned `indexes`. For
        every one: doc id and position as one number, see POSITION_BITS; the index of its term among `terms`;
        its boundary flags. Those of a segment are together, and term by term in it.
        """
        columns = [(docs[column >= 0], column[column >= 0]) for column in indexes]
        postings = [{part.segment: part for part in term.segments} for term in terms]
        cuts = [self._cut(column) for column, _ in columns]
        by_segment: list[tuple[Int64Array, Int64Array, ByteArray]] = []
        for segment, stream in enumerate(self._streams):
            rows = [row for row, cut in enumerate(cuts) if cut[segment] < cut[segment + 1]]
            if not rows:
                continue
            pieces = [slice(cuts[row][segment], cuts[row][segment + 1]) for row in rows]
            freqs, positions, flags = stream.occurrences(
                [postings[row][segment].term_id for row in rows],
                [
                    columns[row][1][piece] - postings[row][segment].first
                    for row, piece in zip(rows, pieces, strict=True)
                ],
            )
            owners = np.concatenate([columns[row][0][piece] for row, piece in zip(rows, pieces, strict=True)])
            keys = (owners << POSITION_BITS).repeat(freqs) | positions
            term_indexes = np.array(rows).repeat([piece.stop - piece.start for piece in pieces]).repeat(freqs)
            by_segment.append((keys, term_indexes, flags))
        if len(by_segment) == 1:
            return by_segment[0]
        keys, term_indexes, flags = (
            np.concatenate(column)
            for column in zip((_NONE, _NONE, _NONE.astype(np.uint8)), *by_segment, strict=True)
        )
        return keys, term_indexes, flags

    def _to_doc_ids(self, columns: Sequence[DocIds], segments: Sequence[int]) -> Int64Array:
        """Releases of segments as doc ids; the columns of one segment follow each other."""
        doc_ids: Int64Array = np.concatenate([_NO_DOCS, *columns], dtype=np.int64)
        start = 0
        for segment, group in groupby(zip(segments, columns, strict=True), key=itemgetter(0)):
            stop = start + sum(len(column) for _, column in group)
            if base := self._doc_bases[segment]:
                doc_ids[start:stop] += base
            start = stop
        return doc_ids

    def _cut(self, docs: Int64Array) -> list[int]:
        """Where the releases of each segment begin among `docs`, and their number."""
        cuts: list[int] = docs.searchsorted(self._bounds).tolist()
        return cuts

    def _look_up(self, segment: int, postings: Sequence[SegmentPostings], wanted: DocIds) -> Int64Array:
        """`posting_indexes_at` in one segment: of each term by binary search or in a table, as is cheaper."""
        size = self._doc_bases[segment + 1] - self._doc_bases[segment]
        # The cost of searching for a term, less the room for a table: entering its postings costs their
        # number.
        cost = len(wanted) * self._costs.search - size // self._costs.releases_per_unit
        indexes = np.empty((len(postings), len(wanted)), np.int64)
        searched = [row for row, part in enumerate(postings) if cost < 0 or cost < len(part.docs)]
        if searched:
            chosen = [postings[row] for row in searched]
            found = np.concatenate([part.docs.searchsorted(wanted) for part in chosen])
            found = found.reshape(len(chosen), -1)
            np.minimum(found, np.array([len(part.docs) - 1 for part in chosen])[:, None], out=found)
            found += np.array([part.first for part in chosen])[:, None]
            found[self._streams[segment].docs[found] != wanted] = -1
            if len(chosen) == len(postings):
                return found
            indexes[searched] = found
        for row in sorted(set(range(len(postings))).difference(searched)):
            part = postings[row]
            table = np.full(size, -1, np.int32)
            table[part.docs] = np.arange(part.first, part.first + len(part.docs), dtype=np.int32)
            indexes[row] = table[wanted]
        return indexes
