"""The phrases of a segment, for suggestions: sorted by the keys that type them, so that all that begin alike
stand together, and their counts beside them. What comes first is found by two binary searches and one look
at a slice of counts; a memory-mapped array needs no trie to be unpacked, and a damaged one runs nothing.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.keyboard import initials_of, to_keys
from indexer.engines.whoosh.container import Container, ContainerWriter
from indexer.engines.whoosh.documents import Strings, write_strings

_HIGHEST = "\U0010ffff"
_MIN_INITIALS = 2


def write_phrases(
    container: ContainerWriter, counts: Mapping[str, int], *, exact: bool, searchable: bool = True
) -> None:
    """Write phrases and how many releases have each; `exact` says that each is in a release for sure. Those
    that are not `searchable` can only be merged.
    """
    keyed = sorted((to_keys(phrase) if searchable else "", phrase) for phrase in counts)
    phrases = [phrase for _, phrase in keyed]
    initials = sorted(
        (letters, number)
        for number, phrase in enumerate(phrases)
        if searchable and len(letters := initials_of(phrase)) >= _MIN_INITIALS
    )
    prints = np.array([_print(keys) for keys, _ in keyed if searchable], np.uint64)
    order = np.argsort(prints, kind="stable")
    write_strings(container, "phrases", phrases)
    container.add("phrases.counts", np.array([counts[phrase] for phrase in phrases], np.uint32))
    container.add("phrases.by_initials", np.array([number for _, number in initials], np.uint32))
    container.add("phrases.prints", prints[order])
    container.add("phrases.by_print", order.astype(np.uint32))
    container.add("phrases.exact", np.array([exact], np.uint8))


class Phrases:
    """The phrases of an open segment."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._phrases = Strings(container, "phrases")
        self._counts: NDArray[np.uint32] = container["phrases.counts"]

    @property
    def exact(self) -> bool:
        """Whether each was in a release of the segment when it was written."""
        return bool(self._container["phrases.exact"][0])

    def items(self) -> Iterator[tuple[str, int]]:
        """Each with its count."""
        return zip(self._phrases.all(), self._counts.tolist(), strict=True)

    def complete(self, keys: str, count: int) -> dict[str, int]:
        """The most frequent whose keys begin so."""
        first, stop = _range(lambda number: to_keys(self._phrases[number]), len(self._phrases), keys)
        return self._top(np.arange(first, stop), count)

    def complete_initials(self, letters: str, count: int) -> dict[str, int]:
        """The most frequent whose first consonants begin so."""
        numbers: NDArray[np.uint32] = self._container["phrases.by_initials"]
        first, stop = _range(lambda row: initials_of(self._phrases[int(numbers[row])]), len(numbers), letters)
        return self._top(numbers[first:stop], count)

    def with_keys(self, wanted: Sequence[str]) -> dict[str, int]:
        """Those whose keys are any of some."""
        prints: NDArray[np.uint64] = self._container["phrases.prints"]
        places: NDArray[np.uint32] = self._container["phrases.by_print"]
        asked = np.array([_print(keys) for keys in wanted], np.uint64)
        firsts, stops = np.searchsorted(prints, asked), np.searchsorted(prints, asked, "right")
        known = set(wanted)
        numbers = [int(places[row]) for a, b in zip(firsts, stops, strict=True) for row in range(a, b)]
        found = ((self._phrases[number], int(self._counts[number])) for number in numbers)
        return {phrase: times for phrase, times in found if to_keys(phrase) in known}

    def _top(self, numbers: NDArray[np.int64] | NDArray[np.uint32], count: int) -> dict[str, int]:
        counts = self._counts[numbers]
        if len(counts) > count:
            numbers = numbers[np.argpartition(counts, -count)[-count:]]
        return {self._phrases[int(number)]: int(self._counts[int(number)]) for number in numbers}


def merge_phrases(parts: Iterable[Phrases]) -> Counter[str]:
    """The phrases of several segments with their counts added up."""
    counts: Counter[str] = Counter()
    for part in parts:
        for phrase, times in part.items():
            counts[phrase] += times
    return counts


def _range(key: Callable[[int], str], count: int, prefix: str) -> tuple[int, int]:
    """Which of `count` rows, ascending by key, begin with a prefix."""
    rows = range(count)
    return bisect_left(rows, prefix, key=key), bisect_left(rows, prefix + _HIGHEST, key=key)


def _print(keys: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(keys.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )
