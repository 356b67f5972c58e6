"""Bodies that are alike, or nearly: a release is often issued by several offices on one day, each with its
own contact.

A sketch of a body estimates which share of their runs of six syllables two of them have in common: the
least hash of each of SKETCH_BYTES parts of all (one permutation hashing: Li, Owen and Zhang 2012), of that 8
bits (Li and König 2010). Releases that are alike have the same group, a number; one alone has its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.engines.whoosh.format.postings import Indexes

# Seconds since 1970 of a release without a date. Negative: sorts as older than any other.
UNDATED = -(2**62)
SKETCH_BYTES = 32
# So many bytes of two sketches are the same where nine tenths of the runs are.
_ALIKE_BYTES = 29
# What is to be compared has the same four bytes somewhere: 98 in 100 of those that are alike at nine tenths.
_BANDS = SKETCH_BYTES // 4
_RUN_BIGRAMS = 5
_DAY_S = 24 * 60 * 60
_SEOUL_S = 9 * 60 * 60
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
_MIX = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True)
class Bodies:
    """Columns of some releases: seconds since 1970; a number that is the same where long bodies are, 0 for
    short ones; sketches, a row each; groups, 0 for short bodies.
    """

    published: NDArray[np.int64]
    prints: NDArray[np.uint64]
    sketches: NDArray[np.uint8]
    groups: NDArray[np.uint64]

    def take(self, rows: Indexes | NDArray[np.bool_]) -> Bodies:
        """Some of the releases."""
        return Bodies(self.published[rows], self.prints[rows], self.sketches[rows], self.groups[rows])


def join_bodies(parts: Sequence[Bodies]) -> Bodies:
    """All releases of some parts, of one at least."""
    return Bodies(
        np.concatenate([part.published for part in parts]),
        np.concatenate([part.prints for part in parts]),
        np.concatenate([part.sketches for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )


def sketch_bodies(keys: NDArray[np.int64], bodies: Sequence[tuple[int, int]]) -> NDArray[np.uint8]:
    """The sketches of some bodies, a row each, whose bigrams are those from the first to the second number of
    `keys`, end exclusive. Those with none have a sketch of zeros.
    """
    sketches = np.zeros((len(bodies), SKETCH_BYTES), np.uint8)
    long = [number for number, (first, stop) in enumerate(bodies) if stop - first >= _RUN_BIGRAMS]
    if not long:
        return sketches
    values = keys.astype(np.uint64)
    first_factor, second_factor, third_factor = _FACTORS
    # Every second bigram of five: six syllables.
    mixed = values[:-4] * first_factor ^ values[2:-2] * second_factor ^ values[4:] * third_factor
    mixed ^= mixed >> np.uint64(32)
    mixed *= _MIX
    hashes = np.concatenate([mixed[first : stop - 4] for first, stop in (bodies[number] for number in long)])
    lengths = [bodies[number][1] - bodies[number][0] - 4 for number in long]
    places = np.arange(len(long)).repeat(lengths) * SKETCH_BYTES + (hashes >> np.uint64(59)).astype(np.int64)
    least = np.full(len(long) * SKETCH_BYTES, np.iinfo(np.uint32).max, np.uint32)
    np.minimum.at(least, places, (hashes >> np.uint64(27)).astype(np.uint32))
    sketches[long] = (least & np.uint32(0xFF)).astype(np.uint8).reshape(-1, SKETCH_BYTES)
    return sketches


def group_alike(own: Bodies, earlier: Sequence[Bodies]) -> NDArray[np.uint64]:
    """The groups of some releases: the same for bodies that are the same, and for those of one day that
    nearly are. Where there are `earlier` ones like them, it is their group.
    """
    known = [
        bodies.take(
            (np.isin(_days(bodies), _days(own)) | np.isin(bodies.prints, own.prints)) & (bodies.prints > 0)
        )
        for bodies in earlier
    ]
    long = own.prints > 0
    every = join_bodies([*known, own.take(long)])
    groups = own.prints.copy()
    if len(every.prints):
        # What is grouped already stays; what is new begins as a group of its own.
        first = _first_alike(every)
        groups[long] = every.groups[first][len(every.prints) - int(long.sum()) :]
    return groups


def _first_alike(bodies: Bodies) -> Indexes:
    """For each release the first of those that are like it, or like one that is."""
    first = np.arange(len(bodies.prints))

    def first_of(row: int) -> int:
        while first[row] != row:
            first[row] = row = int(first[first[row]])
        return row

    # Those without a date share none.
    days = np.where(bodies.published == UNDATED, -1 - np.arange(len(first)), _days(bodies))
    bands = np.ascontiguousarray(bodies.sketches).view(np.uint32).reshape(-1, _BANDS)
    pairs = [_neighbours(bodies.prints, np.zeros(len(first), np.int64))]
    for band in bands.T:
        one, other = _neighbours(band, days)
        alike = (bodies.sketches[one] == bodies.sketches[other]).sum(axis=1) >= _ALIKE_BYTES
        pairs.append((one[alike], other[alike]))
    for rows, others in pairs:
        for row, other in zip(rows.tolist(), others.tolist(), strict=True):
            low, high = sorted((first_of(row), first_of(other)))
            first[high] = low
    return np.array([first_of(row) for row in range(len(first))], np.int64)


def _neighbours(values: NDArray[np.uint32] | NDArray[np.uint64], days: Indexes) -> tuple[Indexes, Indexes]:
    """Rows that have the same value and day as an earlier one, and the first such row of each."""
    order = np.lexsort((values, days))
    again = np.zeros(len(order), bool)
    again[1:] = (values[order][1:] == values[order][:-1]) & (days[order][1:] == days[order][:-1])
    firsts = np.maximum.accumulate(np.where(again, 0, np.arange(len(order))))
    return order[again], order[firsts[again]]


def _days(bodies: Bodies) -> Indexes:
    """The days in Seoul, by number."""
    return (bodies.published + _SEOUL_S) // _DAY_S
