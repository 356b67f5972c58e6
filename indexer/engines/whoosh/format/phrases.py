"""The phrases of a segment, for suggestions: sorted by the keys that type them, so that all that begin alike
stand together, and their counts beside them. What comes first is found by two binary searches and one look
at a slice of counts; a memory-mapped array needs no trie to be unpacked, and a damaged one runs nothing.

Those of releases whose embargo was still to come when they were counted are kept apart, release by release,
and added by whoever reads once it has passed.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.keyboard import initials_of, to_keystrokes
from indexer.engines.whoosh.format.container import Container, ContainerWriter
from indexer.engines.whoosh.format.documents import Strings, write_strings

_HIGHEST = "\U0010ffff"
_MIN_INITIALS = 2


@dataclass(frozen=True, slots=True)
class CountedPhrases:
    """How many releases have each phrase, and, not counted in that, the phrases of releases that wait for the
    end of an embargo, by the number of the release.
    """

    counts: Counter[str]
    waiting: Mapping[int, Collection[str]]


def write_phrases(
    container: ContainerWriter, counted: CountedPhrases, *, exact: bool, searchable: bool = True
) -> None:
    """Write phrases; `exact` says that each is in a release for sure. Those that are not `searchable` can
    only be merged.
    """
    counts, waiting = counted.counts, counted.waiting
    every = {*counts, *chain.from_iterable(waiting.values())}
    keyed = sorted((to_keystrokes(phrase) if searchable else "", phrase) for phrase in every)
    phrases = [phrase for _, phrase in keyed]
    numbers = {phrase: number for number, phrase in enumerate(phrases)}
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
    documents = sorted(waiting)
    own = [sorted(map(numbers.__getitem__, waiting[document])) for document in documents]
    container.add("phrases.waiting_documents", np.array(documents, np.int64))
    container.add("phrases.waiting_sizes", np.array([len(row) for row in own], np.int64))
    container.add("phrases.waiting_numbers", np.array(list(chain.from_iterable(own)), np.int64))


class Phrases:
    """The phrases of an open segment."""

    def __init__(self, container: Container, found: NDArray[np.bool_] | None = None) -> None:
        """`found` says which releases of the segment are to be found: of those that were waiting the phrases
        of these are counted too.
        """
        self._container = container
        self._phrases = Strings(container, "phrases")
        self._counts: NDArray[np.uint32] = container["phrases.counts"]
        self.waiting_documents: NDArray[np.int64] = container["phrases.waiting_documents"]
        self._waiting_sizes: NDArray[np.int64] = container["phrases.waiting_sizes"]
        self._waiting_numbers: NDArray[np.int64] = container["phrases.waiting_numbers"]
        if found is not None and len(self.waiting_documents):
            numbers = self._waiting_numbers[found[self.waiting_documents].repeat(self._waiting_sizes)]
            self._counts = self._counts + np.bincount(numbers, minlength=len(self._counts)).astype(np.uint32)

    def among(self, found: NDArray[np.bool_]) -> Phrases:
        """The phrases where these releases of the segment are to be found."""
        return Phrases(self._container, found)

    @property
    def exact(self) -> bool:
        """Whether each was in a release of the segment when it was written."""
        return bool(self._container["phrases.exact"][0])

    def is_sound(self, documents: int) -> bool:
        """Whether what waits names releases and phrases that are there, of a segment of so many releases."""
        waiting, sizes, numbers = self.waiting_documents, self._waiting_sizes, self._waiting_numbers
        return (
            len(waiting) == len(sizes)
            and bool((np.diff(waiting, prepend=-1) > 0).all() and (waiting < documents).all())
            and bool((sizes >= 0).all() and sizes.sum() == len(numbers))
            and bool(((numbers >= 0) & (numbers < len(self._phrases))).all())
        )

    def load(self) -> CountedPhrases:
        """All of them in plain form."""
        phrases = self._phrases.all()
        counted = zip(phrases, self._counts.tolist(), strict=True)
        numbers = iter(self._waiting_numbers.tolist())
        waiting = {
            document: [phrases[number] for number in islice(numbers, size)]
            for document, size in zip(
                self.waiting_documents.tolist(), self._waiting_sizes.tolist(), strict=True
            )
        }
        return CountedPhrases(Counter({phrase: times for phrase, times in counted if times}), waiting)

    def complete(self, keys: str, count: int) -> dict[str, int]:
        """The most frequent whose keys begin so."""
        first, stop = _range(lambda number: to_keystrokes(self._phrases[number]), len(self._phrases), keys)
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
        return {phrase: times for phrase, times in found if times and to_keystrokes(phrase) in known}

    def _top(self, numbers: NDArray[np.int64] | NDArray[np.uint32], count: int) -> dict[str, int]:
        counts = self._counts[numbers]
        if len(counts) > count:
            numbers = numbers[np.argpartition(counts, -count)[-count:]]
        counted = ((int(number), int(self._counts[int(number)])) for number in numbers)
        return {self._phrases[number]: times for number, times in counted if times}


def merge_phrases(
    parts: Iterable[tuple[Phrases, NDArray[np.int64], NDArray[np.int64]]], at: float
) -> CountedPhrases:
    """The phrases of several segments with their counts added up. Each comes with the embargoes of its
    releases, and their new numbers, -1 where one is gone; those that need wait no longer at `at` are counted.
    """
    counts: Counter[str] = Counter()
    waiting: dict[int, Collection[str]] = {}
    for part, embargoes, numbers in parts:
        own = part.load()
        counts.update(own.counts)
        for document, phrases in own.waiting.items():
            if numbers[document] < 0:
                continue
            if embargoes[document] > at:
                waiting[int(numbers[document])] = phrases
            else:
                counts.update(phrases)
    return CountedPhrases(counts, waiting)


def _range(key: Callable[[int], str], count: int, prefix: str) -> tuple[int, int]:
    """Which of `count` rows, ascending by key, begin with a prefix."""
    rows = range(count)
    return bisect_left(rows, prefix, key=key), bisect_left(rows, prefix + _HIGHEST, key=key)


def _print(keys: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(keys.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )
