"""Writes a stream of postings into a container."""

from __future__ import annotations

import numpy as np

from indexer.analysis.bigrams import FLAG_BITS
from indexer.engines.shared.arrays import AnyArray
from indexer.engines.shared.container import ContainerWriter
from indexer.engines.whoosh.format.postings import (
    FLAG_MASK,
    POSITION_CAP,
    POSTINGS_PER_SKIP,
    Postings,
    running_total,
)
from indexer.engines.whoosh.format.stats import INLINE_FREQS, SATURATED

_ZERO, _NONE, _NO_BYTES = np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8)


class StreamWriter:
    """Writes a stream in pieces of ascending terms; its postings and occurrences are counted before."""

    def __init__(self, stream: str, container: ContainerWriter, postings: int, occurrences: int) -> None:
        self._stream = stream
        self._container = container
        self._docs = container.reserve(f"{stream}.docs", np.dtype(np.uint16), postings)
        self._stats = container.reserve(f"{stream}.stats", np.dtype(np.uint16), postings)
        self._occurrences = container.reserve(f"{stream}.occurrences", np.dtype(np.uint16), occurrences)
        self._posting_count = self._occurrence_count = 0
        # Either UTF-8 and the length of each term, or keys.
        self._terms: list[AnyArray] = []
        self._term_lengths: list[list[int]] = []
        self._starts, self._occurrence_starts, self._skips = [_ZERO], [_ZERO], [_NONE]
        self._saturated_at, self._saturated_freqs = [_NONE], [_NONE]
        self._overflow_at, self._overflow = [_NONE], [_NONE]

    def append(self, piece: Postings) -> None:
        """Write the postings of the next terms."""
        if isinstance(piece.terms, list):
            self._terms.append(np.frombuffer(b"".join(piece.terms), np.uint8))
            self._term_lengths.append(list(map(len, piece.terms)))
        else:
            self._terms.append(piece.terms)
        self._starts.append(piece.starts[1:] + self._posting_count)
        self._docs.append(piece.docs)
        self._stats.append(piece.stats)
        ends = running_total(piece.freqs)
        self._occurrence_starts.append(ends[piece.starts[1:]] + np.int64(self._occurrence_count))
        first = -self._posting_count % POSTINGS_PER_SKIP
        self._skips.append(ends[:-1][first::POSTINGS_PER_SKIP] + np.int64(self._occurrence_count))
        saturated = np.flatnonzero(INLINE_FREQS[piece.stats] == SATURATED)
        self._saturated_at.append(saturated + self._posting_count)
        self._saturated_freqs.append(piece.freqs[saturated].astype(np.int64))
        positions = piece.occurrences >> FLAG_BITS
        overflow = np.flatnonzero(positions >= POSITION_CAP)
        self._overflow_at.append(overflow + self._occurrence_count)
        self._overflow.append(piece.occurrences[overflow].astype(np.int64))
        self._occurrences.append(
            np.minimum(positions, POSITION_CAP) << FLAG_BITS | piece.occurrences & FLAG_MASK
        )
        self._posting_count += len(piece.docs)
        self._occurrence_count += len(piece.occurrences)

    def finish(self) -> None:
        """Write terms, offsets and side tables. Raises ValueError if fewer postings came than were said."""
        for reserved in (self._docs, self._stats, self._occurrences):
            reserved.finish()
        if self._stream == "morphemes":
            self._add("term_bytes", np.concatenate([_NO_BYTES, *self._terms]))
            lengths = [length for piece in self._term_lengths for length in piece]
            self._add("term_ends", np.cumsum(lengths, dtype=np.uint32))
        else:
            self._add("keys", np.concatenate([_NONE, *self._terms]))
        # One type for all: no value among them is larger than the number of occurrences.
        dtype = np.uint32 if self._occurrence_count < 1 << 32 else np.int64
        # `bodo stats` prints these names.
        for name, pieces in (
            ("starts", self._starts),
            ("occurrence_starts", self._occurrence_starts),
            ("skips", self._skips),
            ("capped_at", self._saturated_at),
            ("capped_counts", self._saturated_freqs),
            ("far_at", self._overflow_at),
            ("far", self._overflow),
        ):
            self._add(name, np.concatenate(pieces).astype(dtype))

    def _add(self, name: str, array: AnyArray) -> None:
        self._container.add(f"{self._stream}.{name}", array)


def write_stream(stream: str, container: ContainerWriter, postings: Postings) -> None:
    """Write a whole stream."""
    writer = StreamWriter(stream, container, len(postings.docs), len(postings.occurrences))
    writer.append(postings)
    writer.finish()
