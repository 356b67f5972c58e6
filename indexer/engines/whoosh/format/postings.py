"""Postings as arrays: the format of one stream (morphemes or bigrams) of one segment.

A segment has at most 65,536 releases, so that a release is 16 bits wherever it is named. For each term, in
order: the releases that have it, ascending; for each of those 16 bits of statistics (`stats`); and all of its
occurrences.

An occurrence is 16 bits: position (12 bits) and boundary flags (4 bits, see `analysis.bigrams`). From
position 4,095 on, the whole number is in a side table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import FLAG_BITS
from indexer.engines.shared.arrays import Int64Array, UInt32Array
from indexer.engines.whoosh.format.stats import PackedStats

# The two streams of tokens of a segment, and the order of their columns and arrays.
STREAMS = ("morphemes", "bigrams")
MORPHEMES, BIGRAMS = range(2)

MAX_SEGMENT_RELEASES = 1 << 16
# Releases of one segment by number.
DocIds = NDArray[np.uint16]
# The first position that 12 bits cannot say: it marks an occurrence in the side table.
POSITION_CAP = (1 << 12) - 1
FLAG_MASK = (1 << FLAG_BITS) - 1
# The index of the first occurrence is stored for every 16th posting: a look-up counts at most 15 frequencies.
# A balance between speed and two bits a posting.
POSTINGS_PER_SKIP = 16


@dataclass(slots=True)
class Postings:
    """A stream, or some of its terms, in plain arrays, as inverting and merging have it.

    `terms` ascend: UTF-8 bytes or packed bigrams. The postings of term t are starts[t] to starts[t + 1],
    which index `docs`, `stats` and `freqs`. Occurrences follow each other as `freqs` says, each `position <<
    FLAG_BITS | flags`.
    """

    terms: list[bytes] | Int64Array
    starts: Int64Array
    docs: DocIds
    stats: PackedStats
    freqs: UInt32Array
    occurrences: UInt32Array


def cut_terms(rows: Int64Array, max_rows: int) -> Iterator[tuple[int, int]]:
    """Ranges of term ids, end exclusive, with about `max_rows` of the terms' `rows` each."""
    block = np.cumsum(rows) // max(max_rows, 1)
    return pairwise([0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(rows)])


def running_total(counts: UInt32Array) -> UInt32Array | Int64Array:
    """The sum of the `counts` before each, and of all at the end; in 32 bits where they suffice."""
    total = int(counts.sum(dtype=np.int64))
    if total < 1 << 32:
        narrow = np.zeros(len(counts) + 1, np.uint32)
        np.cumsum(counts, out=narrow[1:])
        return narrow
    wide = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=wide[1:])
    return wide
