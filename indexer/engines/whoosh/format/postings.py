"""Postings as arrays: the format of one stream (morphemes or bigrams) of one segment.

A segment holds at most 65,536 releases, so that a release is 16 bits wherever it is named. For each term, in
order: the releases that have it, ascending; for each of those a word of statistics; and all its occurrences.

Statistics, 16 bits: occurrences in the body (7 bits, capped), whether an occurrence is a word by itself
(bit 7, `analysis.bigrams.is_matchable_alone`), and occurrences in title, subtitle, headings and lead (2 bits
each, capped). Where a cap was reached the exact number of occurrences is in a side table.

Occurrences, 16 bits: position (12 bits) and border flags (4 bits, see `analysis.bigrams`); from position
4,095 on, the whole number is in a side table.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import FLAG_BITS, pack
from indexer.engines.whoosh.format.container import AnyArray, Container, ContainerWriter

MAX_SEGMENT_RELEASES = 1 << 16

Docs = NDArray[np.uint16]
Words = NDArray[np.uint16]
Indexes = NDArray[np.int64]
# Stored in 32 bits where those suffice, see `StreamWriter.finish`.
Numbers = NDArray[np.int64] | NDArray[np.uint32]

BODY_MASK = 0x7F
VALID_BIT = 0x80
TITLE_SHIFT, SUBTITLE_SHIFT, HEADING_SHIFT, LEAD_SHIFT = 8, 10, 12, 14
_ZONE_CAP = 3
_SAMPLED_TERMS = 64
_CACHED_TERMS = 4_096
# For every so many postings the place of the first occurrence is stored.
_SKIPPED_POSTINGS = 16
_FAR = (1 << 12) - 1
_FLAGS = (1 << FLAG_BITS) - 1
_BLOCK = np.arange(_SKIPPED_POSTINGS)
_ZERO, _NONE, _NO_BYTES = np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8)

# Where a token stands: in the title, in the subtitle, or in the body, of which headings and lead are parts.
TITLE, SUBTITLE, HEADING, LEAD, BODY = range(5)


@dataclass(slots=True)
class Postings:
    """A stream in plain arrays, as inverting and merging have it.

    `terms` ascend: UTF-8 bytes or packed bigrams. Term t has postings starts[t] to starts[t + 1], which
    index `docs`, `stats` and `counts`; occurrences follow each other as `counts` says, `position << 4 |
    flags` each.
    """

    terms: list[bytes] | NDArray[np.int64]
    starts: Indexes
    docs: Docs
    stats: Words
    counts: NDArray[np.uint32]
    occurrences: NDArray[np.uint32]


def make_stats(zone_counts: NDArray[np.int64], valid: NDArray[np.bool_]) -> Words:
    """Statistics of postings: `zone_counts` has a row for each of TITLE to BODY, a column a posting."""
    body = np.minimum(zone_counts[HEADING] + zone_counts[LEAD] + zone_counts[BODY], BODY_MASK)
    stats = body | np.where(valid, VALID_BIT, 0)
    for zone, shift in (
        (TITLE, TITLE_SHIFT), (SUBTITLE, SUBTITLE_SHIFT), (HEADING, HEADING_SHIFT), (LEAD, LEAD_SHIFT),
    ):  # fmt: skip
        stats |= np.minimum(zone_counts[zone], _ZONE_CAP) << shift
    words: Words = stats.astype(np.uint16)
    return words


def zone_of(stats: Words, shift: int) -> Words:
    """Occurrences in the zone at `shift`, capped at 3."""
    zone: Words = (stats >> np.uint16(shift)) & np.uint16(_ZONE_CAP)
    return zone


def in_field(stats: Words, field: str) -> NDArray[np.bool_]:
    """Which postings have an occurrence in a text field."""
    shift = {"title": TITLE_SHIFT, "subtitle": SUBTITLE_SHIFT}.get(field)
    there: NDArray[np.bool_] = (stats & BODY_MASK if shift is None else zone_of(stats, shift)) > 0
    return there


def _said_counts() -> NDArray[np.uint8]:
    """For each word of statistics how many occurrences it says there are; _CAPPED where a cap was reached."""
    stats = np.arange(1 << 16, dtype=np.uint16)
    body, title, subtitle = stats & BODY_MASK, zone_of(stats, TITLE_SHIFT), zone_of(stats, SUBTITLE_SHIFT)
    said = body + title + subtitle
    said[(body == BODY_MASK) | (title == _ZONE_CAP) | (subtitle == _ZONE_CAP)] = _CAPPED
    return said.astype(np.uint8)


_CAPPED = 255
_SAID_COUNTS = _said_counts()


class StreamWriter:
    """Writes a stream to a container, in pieces of ascending terms."""

    def __init__(self, prefix: str, container: ContainerWriter, postings: int, occurrences: int) -> None:
        self._prefix = prefix
        self._container = container
        self._docs = container.reserve(f"{prefix}.docs", np.dtype(np.uint16), postings)
        self._stats = container.reserve(f"{prefix}.stats", np.dtype(np.uint16), postings)
        self._near = container.reserve(f"{prefix}.occurrences", np.dtype(np.uint16), occurrences)
        self._posting_count = self._occurrence_count = 0
        # UTF-8 and the length of each term, or keys.
        self._terms: list[AnyArray] = []
        self._term_lengths: list[list[int]] = []
        self._starts, self._occurrence_starts, self._skips = [_ZERO], [_ZERO], [_NONE]
        self._capped_at, self._capped_counts = [_NONE], [_NONE]
        self._far_at, self._far = [_NONE], [_NONE]

    def append(self, piece: Postings) -> None:
        """The postings of the next terms."""
        if isinstance(piece.terms, list):
            self._terms.append(np.frombuffer(b"".join(piece.terms), np.uint8))
            self._term_lengths.append(list(map(len, piece.terms)))
        else:
            self._terms.append(piece.terms)
        self._starts.append(piece.starts[1:] + self._posting_count)
        self._docs.append(piece.docs)
        self._stats.append(piece.stats)
        ends = running_total(piece.counts)
        self._occurrence_starts.append(ends[piece.starts[1:]] + np.int64(self._occurrence_count))
        first = -self._posting_count % _SKIPPED_POSTINGS
        self._skips.append(ends[:-1][first::_SKIPPED_POSTINGS] + np.int64(self._occurrence_count))
        capped = np.flatnonzero(_SAID_COUNTS[piece.stats] == _CAPPED)
        self._capped_at.append(capped + self._posting_count)
        self._capped_counts.append(piece.counts[capped].astype(np.int64))
        positions = piece.occurrences >> FLAG_BITS
        far = np.flatnonzero(positions >= _FAR)
        self._far_at.append(far + self._occurrence_count)
        self._far.append(piece.occurrences[far].astype(np.int64))
        self._near.append(np.minimum(positions, _FAR) << FLAG_BITS | piece.occurrences & _FLAGS)
        self._posting_count += len(piece.docs)
        self._occurrence_count += len(piece.occurrences)

    def finish(self) -> None:
        """Write what is known only now."""
        for room in (self._docs, self._stats, self._near):
            room.finish()
        add = self._container.add
        # One type for all: what is looked up among them is never larger than the number of occurrences.
        number = np.uint32 if self._occurrence_count < 1 << 32 else np.int64
        if self._prefix == "morphemes":
            add(f"{self._prefix}.term_bytes", np.concatenate([_NO_BYTES, *self._terms]))
            lengths = [length for piece in self._term_lengths for length in piece]
            add(f"{self._prefix}.term_ends", np.cumsum(lengths, dtype=np.uint32))
        else:
            add(f"{self._prefix}.keys", np.concatenate([_NONE, *self._terms]))
        for name, pieces in (
            ("starts", self._starts), ("occurrence_starts", self._occurrence_starts), ("skips", self._skips),
            ("capped_at", self._capped_at), ("capped_counts", self._capped_counts),
            ("far_at", self._far_at), ("far", self._far),
        ):  # fmt: skip
            add(f"{self._prefix}.{name}", np.concatenate(pieces).astype(number))


def write_stream(prefix: str, container: ContainerWriter, postings: Postings) -> None:
    """Write a whole stream."""
    writer = StreamWriter(prefix, container, len(postings.docs), len(postings.occurrences))
    writer.append(postings)
    writer.finish()


def cut_terms(rows: NDArray[np.int64], rows_at_once: int) -> Iterator[tuple[int, int]]:
    """Ranges of terms, from number to number, with about `rows_at_once` of their `rows` together."""
    block = np.cumsum(rows) // max(rows_at_once, 1)
    return pairwise([0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(rows)])


def _lay_out(firsts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of some ranges, one range after the other."""
    ends = lengths.cumsum()
    laid: NDArray[np.int64] = np.arange(int(ends[-1]) if len(ends) else 0)
    laid += (firsts - ends + lengths).repeat(lengths)
    return laid


def running_total(counts: NDArray[np.uint32]) -> NDArray[np.uint32] | NDArray[np.int64]:
    """What is before each of `counts`, and all of them at the end; in 32 bits where they suffice."""
    total = int(counts.sum(dtype=np.int64))
    if total < 1 << 32:
        narrow = np.zeros(len(counts) + 1, np.uint32)
        np.cumsum(counts, out=narrow[1:])
        return narrow
    wide = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=wide[1:])
    return wide


class StoredPostings:
    """A stream of an open segment."""

    def __init__(self, prefix: str, container: Container) -> None:
        self.starts: Numbers = container[f"{prefix}.starts"]
        self.docs: Docs = container[f"{prefix}.docs"]
        self.stats: Words = container[f"{prefix}.stats"]
        self._occurrence_starts: Numbers = container[f"{prefix}.occurrence_starts"]
        self._skips: Numbers = container[f"{prefix}.skips"]
        self._capped_at: Numbers = container[f"{prefix}.capped_at"]
        self._capped_counts: Numbers = container[f"{prefix}.capped_counts"]
        self._occurrences: Words = container[f"{prefix}.occurrences"]
        self._far_at: Numbers = container[f"{prefix}.far_at"]
        self._far: Numbers = container[f"{prefix}.far"]

    def rows(self, term: int) -> slice:
        """Where the postings of a term are."""
        return slice(int(self.starts[term]), int(self.starts[term + 1]))

    def counts(self, postings: slice) -> NDArray[np.uint32]:
        """Exact numbers of occurrences."""
        counts = _SAID_COUNTS[self.stats[postings]].astype(np.uint32)
        first, last = _find(self._capped_at, np.array((postings.start, postings.stop)))
        if first < last:
            capped = self._capped_at[first:last].astype(np.int64) - postings.start
            counts[capped] = self._capped_counts[first:last]
        return counts

    def occurrences(
        self, terms: Sequence[int], chosen: Sequence[Indexes]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """Occurrences in some postings of some terms, one term after the other: how many each posting has,
        and the position and flags of every one. `chosen` are, for each term, places among its postings,
        ascending.
        """
        rows = [self.rows(term) for term in terms]
        if sum(map(len, chosen)) * _SKIPPED_POSTINGS < sum(row.stop - row.start for row in rows):
            firsts, lengths = self._skip(
                np.concatenate([row.start + places for row, places in zip(rows, chosen, strict=True)])
            )
        else:
            found = [self._count(term, places) for term, places in zip(terms, chosen, strict=True)]
            firsts, lengths = (np.concatenate(columns) for columns in zip(*found, strict=True))
        words = self._words(_lay_out(firsts, lengths))
        return lengths, words >> FLAG_BITS, (words & _FLAGS).astype(np.uint8)

    def _count(self, term: int, chosen: Indexes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first occurrence and the number of occurrences of some postings of a term."""
        counts = self.counts(self.rows(term)).astype(np.int64)
        firsts = counts.cumsum() - counts + int(self._occurrence_starts[term])
        return firsts[chosen], counts[chosen]

    def _skip(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Likewise of some rows, without counting all those before them in their term."""
        blocks = rows // _SKIPPED_POSTINGS
        around = (blocks * _SKIPPED_POSTINGS)[:, None] + _BLOCK
        if len(rows) and int(blocks.max() + 1) * _SKIPPED_POSTINGS > len(self.stats):
            around = np.minimum(around, len(self.stats) - 1)
        counts = _SAID_COUNTS[self.stats[around]].astype(np.int64)
        capped = (counts == _CAPPED).nonzero()
        if len(capped[0]):
            counts[capped] = self._capped_counts[_find(self._capped_at, around[capped])]
        inside = np.arange(len(rows)), rows - blocks * _SKIPPED_POSTINGS
        lengths = counts[inside]
        return self._skips[blocks] + counts.cumsum(axis=1)[inside] - lengths, lengths

    def occurrences_in(
        self, first: int, stop: int, wanted: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Release and position of each occurrence of the terms from `first` to `stop` in the releases that
        are `wanted`.
        """
        rows = np.arange(int(self.starts[first]), int(self.starts[stop]))
        rows = rows[wanted[self.docs[rows]]]
        firsts, lengths = self._skip(rows)
        words = self._words(_lay_out(firsts, lengths))
        return self.docs[rows].astype(np.int64).repeat(lengths), words >> FLAG_BITS

    def _words(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Occurrences by their places, those behind position 4,094 put right."""
        words = self._occurrences[places].astype(np.int64)
        far = (words >> FLAG_BITS == _FAR).nonzero()[0]
        if len(far):
            words[far] = self._far[_find(self._far_at, places[far])]
        return words

    @property
    def occurrence_count(self) -> int:
        """How many occurrences are stored."""
        return len(self._occurrences)

    def sizes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many postings and how many occurrences each term has."""
        starts, places = self.starts.astype(np.int64), self._occurrence_starts.astype(np.int64)
        return starts[1:] - starts[:-1], places[1:] - places[:-1]

    def rows_before(self) -> NDArray[np.int64]:
        """How many postings and occurrences, together, are before each term, and all of them."""
        return self.starts.astype(np.int64) + self._occurrence_starts

    def load(self, terms: list[bytes] | NDArray[np.int64], first: int, stop: int) -> Postings:
        """The terms from number `first` to `stop` in plain form; `terms` are their names."""
        rows = slice(int(self.starts[first]), int(self.starts[stop]))
        places = slice(int(self._occurrence_starts[first]), int(self._occurrence_starts[stop]))
        found = self._occurrences[places].astype(np.uint32)
        low, high = _find(self._far_at, np.array((places.start, places.stop)))
        found[self._far_at[low:high].astype(np.int64) - places.start] = self._far[low:high]
        return Postings(
            terms,
            self.starts[first : stop + 1].astype(np.int64) - rows.start,
            self.docs[rows],
            self.stats[rows],
            self.counts(rows),
            found,
        )


def _find(numbers: Numbers, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where `wanted` belong among ascending numbers. Both of one type, lest all numbers are converted."""
    return numbers.searchsorted(wanted.astype(numbers.dtype))


class MorphemeTerms:
    """The sorted terms of a segment's morphemes."""

    def __init__(self, container: Container) -> None:
        self._bytes: NDArray[np.uint8] = container["morphemes.term_bytes"]
        self._ends: NDArray[np.uint32] = container["morphemes.term_ends"]
        # Every so many terms one in memory: the last steps of a search are left.
        self._samples = [self[number] for number in range(0, len(self), _SAMPLED_TERMS)]
        # A query asks for each of its terms several times.
        self.find = lru_cache(_CACHED_TERMS)(self._find)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> bytes:
        start = int(self._ends[number - 1]) if number else 0
        return self._bytes[start : int(self._ends[number])].tobytes()

    def place(self, term: bytes) -> int:
        """The number of the first term that is not before `term`."""
        block = bisect_left(self._samples, term)
        low, high = max(block - 1, 0) * _SAMPLED_TERMS, min(block * _SAMPLED_TERMS, len(self))
        while low < high:
            middle = (low + high) // 2
            if self[middle] < term:
                low = middle + 1
            else:
                high = middle
        return low

    def beginning(self, text: bytes) -> tuple[int, int]:
        """The numbers of the terms that begin so, end exclusive."""
        # No UTF-8 has this byte: it comes behind whatever begins so.
        return self.place(text), self.place(text + b"\xff")

    def _find(self, term: bytes) -> int:
        """The number of a term; -1 where the segment does not hold it."""
        number = self.place(term)
        return number if number < len(self) and self[number] == term else -1

    def all(self) -> list[bytes]:
        """Every term, in order."""
        return self.names(0, len(self))

    def names(self, first: int, stop: int) -> list[bytes]:
        """The terms from number `first` to `stop`."""
        ends = [int(self._ends[first - 1]) if first else 0, *self._ends[first:stop].tolist()]
        whole = self._bytes[ends[0] : ends[-1]].tobytes()
        return [whole[start - ends[0] : end - ends[0]] for start, end in pairwise(ends)]


class BigramTerms:
    """The sorted keys of a segment's bigrams."""

    def __init__(self, container: Container) -> None:
        self.keys: NDArray[np.int64] = container["bigrams.keys"]
        self.find = lru_cache(_CACHED_TERMS)(self._find)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, number: int) -> int:
        return int(self.keys[number])

    def place(self, key: int) -> int:
        """The number of the first key that is not before `key`."""
        return int(self.keys.searchsorted(key))

    def _find(self, key: int) -> int:
        """The number of a key; -1 where the segment does not hold it."""
        number = self.place(key)
        return number if number < len(self.keys) and self.keys[number] == key else -1

    def names(self, first: int, stop: int) -> NDArray[np.int64]:
        """The keys from number `first` to `stop`."""
        return np.array(self.keys[first:stop])

    def range(self, first_syllable: int) -> tuple[int, int]:
        """The numbers of the bigrams that begin with a syllable, end exclusive."""
        return self.place(pack(first_syllable, 0)), self.place(pack(first_syllable + 1, 0))
