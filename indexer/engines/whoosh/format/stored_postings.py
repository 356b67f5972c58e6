"""A stream of an open segment: postings and occurrences, looked up by term id."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.analysis.bigrams import FLAG_BITS
from indexer.engines.shared.arrays import ByteArray, Int64Array, Mask, StoredInts, UInt32Array
from indexer.engines.shared.container import Container
from indexer.engines.whoosh.format.postings import (
    FLAG_MASK,
    POSITION_CAP,
    POSTINGS_PER_SKIP,
    DocIds,
    Postings,
)
from indexer.engines.whoosh.format.stats import INLINE_FREQS, SATURATED, PackedStats

_BLOCK = np.arange(POSTINGS_PER_SKIP)


class StoredPostings:
    """The postings of a stream. A posting index counts through `docs` and `stats`."""

    def __init__(self, stream: str, container: Container) -> None:
        self.starts: StoredInts = container[f"{stream}.starts"]
        self.docs: DocIds = container[f"{stream}.docs"]
        self.stats: PackedStats = container[f"{stream}.stats"]
        self._occurrence_starts: StoredInts = container[f"{stream}.occurrence_starts"]
        self._skips: StoredInts = container[f"{stream}.skips"]
        self._saturated_at: StoredInts = container[f"{stream}.capped_at"]
        self._saturated_freqs: StoredInts = container[f"{stream}.capped_counts"]
        self._occurrences: PackedStats = container[f"{stream}.occurrences"]
        self._overflow_at: StoredInts = container[f"{stream}.far_at"]
        self._overflow: StoredInts = container[f"{stream}.far"]

    @property
    def occurrence_count(self) -> int:
        """How many occurrences are stored."""
        return len(self._occurrences)

    def posting_range(self, term_id: int) -> slice:
        """The posting indexes of a term."""
        return slice(int(self.starts[term_id]), int(self.starts[term_id + 1]))

    def freqs(self, postings: slice) -> UInt32Array:
        """The exact term frequencies of a range of postings."""
        freqs = INLINE_FREQS[self.stats[postings]].astype(np.uint32)
        first, last = _lower_bounds(self._saturated_at, np.array((postings.start, postings.stop)))
        if first < last:
            saturated = self._saturated_at[first:last].astype(np.int64) - postings.start
            freqs[saturated] = self._saturated_freqs[first:last]
        return freqs

    def occurrences(
        self, term_ids: Sequence[int], chosen: Sequence[Int64Array]
    ) -> tuple[Int64Array, Int64Array, ByteArray]:
        """The occurrences of some terms in some of their postings, one term after the other: the frequency of
        each posting; and the position and the flags of each occurrence. `chosen` has for each term indexes
        among its own postings, ascending.
        """
        ranges = [self.posting_range(term_id) for term_id in term_ids]
        # Looking a posting up counts a block of frequencies; where that is more work, count those of the
        # term.
        if sum(map(len, chosen)) * POSTINGS_PER_SKIP < sum(
            postings.stop - postings.start for postings in ranges
        ):
            firsts, freqs = self._locate(
                np.concatenate(
                    [postings.start + indexes for postings, indexes in zip(ranges, chosen, strict=True)]
                )
            )
        else:
            located = [
                self._locate_in_term(term_id, indexes)
                for term_id, indexes in zip(term_ids, chosen, strict=True)
            ]
            firsts, freqs = (np.concatenate(columns) for columns in zip(*located, strict=True))
        values = self._load_occurrences(_concatenate_ranges(firsts, freqs))
        return freqs, values >> FLAG_BITS, (values & FLAG_MASK).astype(np.uint8)

    def occurrences_in(self, first: int, stop: int, wanted: Mask) -> tuple[Int64Array, Int64Array]:
        """Release and position of each occurrence of the terms with ids from `first` to `stop`, in the
        releases that are `wanted`.
        """
        postings = np.arange(int(self.starts[first]), int(self.starts[stop]))
        postings = postings[wanted[self.docs[postings]]]
        firsts, freqs = self._locate(postings)
        values = self._load_occurrences(_concatenate_ranges(firsts, freqs))
        return self.docs[postings].astype(np.int64).repeat(freqs), values >> FLAG_BITS

    def sizes(self) -> tuple[Int64Array, Int64Array]:
        """How many postings and how many occurrences each term has."""
        starts, occurrence_starts = self.starts.astype(np.int64), self._occurrence_starts.astype(np.int64)
        return starts[1:] - starts[:-1], occurrence_starts[1:] - occurrence_starts[:-1]

    def rows_before(self) -> Int64Array:
        """How many postings plus occurrences come before each term, and how many there are."""
        return self.starts.astype(np.int64) + self._occurrence_starts

    def load(self, terms: list[bytes] | Int64Array, first: int, stop: int) -> Postings:
        """The terms with ids from `first` to `stop` in plain arrays; `terms` are these terms themselves."""
        postings = slice(int(self.starts[first]), int(self.starts[stop]))
        span = slice(int(self._occurrence_starts[first]), int(self._occurrence_starts[stop]))
        occurrences = self._occurrences[span].astype(np.uint32)
        low, high = _lower_bounds(self._overflow_at, np.array((span.start, span.stop)))
        occurrences[self._overflow_at[low:high].astype(np.int64) - span.start] = self._overflow[low:high]
        return Postings(
            terms,
            self.starts[first : stop + 1].astype(np.int64) - postings.start,
            self.docs[postings],
            self.stats[postings],
            self.freqs(postings),
            occurrences,
        )

    def _locate_in_term(self, term_id: int, chosen: Int64Array) -> tuple[Int64Array, Int64Array]:
        """The index of the first occurrence, and the frequency, of some postings of a term: by counting all
        of its postings.
        """
        freqs = self.freqs(self.posting_range(term_id)).astype(np.int64)
        firsts = freqs.cumsum() - freqs + int(self._occurrence_starts[term_id])
        return firsts[chosen], freqs[chosen]

    def _locate(self, postings: Int64Array) -> tuple[Int64Array, Int64Array]:
        """The same for any posting indexes: each by counting from the skip before it."""
        blocks = postings // POSTINGS_PER_SKIP
        around = (blocks * POSTINGS_PER_SKIP)[:, None] + _BLOCK
        if len(postings) and int(blocks.max() + 1) * POSTINGS_PER_SKIP > len(self.stats):
            around = np.minimum(around, len(self.stats) - 1)
        freqs = INLINE_FREQS[self.stats[around]].astype(np.int64)
        saturated = (freqs == SATURATED).nonzero()
        if len(saturated[0]):
            freqs[saturated] = self._saturated_freqs[_lower_bounds(self._saturated_at, around[saturated])]
        inside = np.arange(len(postings)), postings - blocks * POSTINGS_PER_SKIP
        located = freqs[inside]
        return self._skips[blocks] + freqs.cumsum(axis=1)[inside] - located, located

    def _load_occurrences(self, indexes: Int64Array) -> Int64Array:
        """Position and flags of occurrences by index, from the side table where the position overflows."""
        values = self._occurrences[indexes].astype(np.int64)
        overflow = (values >> FLAG_BITS == POSITION_CAP).nonzero()[0]
        if len(overflow):
            values[overflow] = self._overflow[_lower_bounds(self._overflow_at, indexes[overflow])]
        return values


def _lower_bounds(values: StoredInts, wanted: Int64Array) -> Int64Array:
    """The lower bound of each `wanted` among ascending values. Both of one type, or NumPy would convert all
    values.
    """
    return values.searchsorted(wanted.astype(values.dtype))


def _concatenate_ranges(firsts: Int64Array, lengths: Int64Array) -> Int64Array:
    """The integers of ranges, `lengths` long from `firsts` on, one range after the other."""
    ends = lengths.cumsum()
    integers: Int64Array = np.arange(int(ends[-1]) if len(ends) else 0)
    integers += (firsts - ends + lengths).repeat(lengths)
    return integers
