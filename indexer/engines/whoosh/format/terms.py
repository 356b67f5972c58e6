"""The sorted terms of an open segment: a term's rank is its term id."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import pairwise

import numpy as np

from indexer.analysis.bigrams import pack
from indexer.engines.shared.arrays import ByteArray, Int64Array, UInt32Array
from indexer.engines.shared.container import Container

# Every 64th term is a Python object: the first steps of a search touch no mapped page. A balance between
# steps and memory.
_TERMS_PER_SAMPLE = 64
# A query asks for each of its terms several times.
_CACHED_TERMS = 4_096


class MorphemeTerms:
    """Morphemes in UTF-8."""

    def __init__(self, container: Container) -> None:
        self._bytes: ByteArray = container["morphemes.term_bytes"]
        self._ends: UInt32Array = container["morphemes.term_ends"]
        self._samples = [self[term_id] for term_id in range(0, len(self), _TERMS_PER_SAMPLE)]
        self.find = lru_cache(_CACHED_TERMS)(self._find)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, term_id: int) -> bytes:
        start = int(self._ends[term_id - 1]) if term_id else 0
        return self._bytes[start : int(self._ends[term_id])].tobytes()

    def lower_bound(self, term: bytes) -> int:
        """The id of the first term that is not before `term`."""
        block = bisect_left(self._samples, term)
        low, high = max(block - 1, 0) * _TERMS_PER_SAMPLE, min(block * _TERMS_PER_SAMPLE, len(self))
        return bisect_left(self, term, low, high)

    def prefix_range(self, prefix: bytes) -> tuple[int, int]:
        """The ids of the terms that begin with `prefix`, end exclusive."""
        # No UTF-8 has this byte: it sorts behind every term with the prefix.
        return self.lower_bound(prefix), self.lower_bound(prefix + b"\xff")

    def _find(self, term: bytes) -> int:
        """The id of a term, -1 if the segment does not have it."""
        term_id = self.lower_bound(term)
        return term_id if term_id < len(self) and self[term_id] == term else -1

    def load(self, first: int, stop: int) -> list[bytes]:
        """The terms with ids from `first` to `stop`."""
        ends = [int(self._ends[first - 1]) if first else 0, *self._ends[first:stop].tolist()]
        joined = self._bytes[ends[0] : ends[-1]].tobytes()
        return [joined[start - ends[0] : end - ends[0]] for start, end in pairwise(ends)]

    def all(self) -> list[bytes]:
        """Every term, in order."""
        return self.load(0, len(self))


class BigramTerms:
    """Bigrams as keys, see `analysis.bigrams.pack`."""

    def __init__(self, container: Container) -> None:
        self.keys: Int64Array = container["bigrams.keys"]
        self.find = lru_cache(_CACHED_TERMS)(self._find)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, term_id: int) -> int:
        return int(self.keys[term_id])

    def lower_bound(self, key: int) -> int:
        """The id of the first bigram whose key is not below `key`."""
        return int(self.keys.searchsorted(key))

    def first_char_range(self, char: str) -> tuple[int, int]:
        """The ids of the bigrams whose first character is `char`, end exclusive."""
        return self.lower_bound(pack(ord(char), 0)), self.lower_bound(pack(ord(char) + 1, 0))

    def _find(self, key: int) -> int:
        """The id of a bigram, -1 if the segment does not have it."""
        term_id = self.lower_bound(key)
        return term_id if term_id < len(self.keys) and self.keys[term_id] == key else -1

    def load(self, first: int, stop: int) -> Int64Array:
        """The keys with ids from `first` to `stop`."""
        return np.array(self.keys[first:stop])
