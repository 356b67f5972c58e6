"""The phrases of a segment, for suggestions: sorted by the keystrokes that type them, so that all with one
prefix stand together, and how many releases have each. Two binary searches and one slice of counts find the
most frequent completions; a memory-mapped array needs no trie to be unpacked, and damage in it runs no code.

The phrases of a release whose embargo was still to come when they were counted are kept apart, by release: a
reader adds them once the embargo has passed.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from indexer.analysis.keyboard import initials_of, to_keystrokes
from indexer.engines.shared.arrays import Int64Array, Mask, StoredInts, UInt32Array, UInt64Array
from indexer.engines.shared.container import Container, ContainerWriter
from indexer.engines.shared.strings import Strings, encode, write_strings

_HIGHEST_CHAR = "\U0010ffff"
# Initials of one syllable would complete to it alone.
_MIN_INITIALS = 2


@dataclass(frozen=True, slots=True)
class CountedPhrases:
    """How many releases have each phrase; and, not counted in that, the phrases of releases under embargo, by
    doc id.
    """

    counts: Counter[str]
    waiting: Mapping[int, Collection[str]]


def write_phrases(
    container: ContainerWriter, counted: CountedPhrases, *, exact: bool, searchable: bool = True
) -> None:
    """Write phrases. `exact` says that each is in a release of the segment for sure. If not `searchable`,
    they can only be merged.
    """
    counts, waiting = counted.counts, counted.waiting
    every = {*counts, *chain.from_iterable(waiting.values())}
    keyed = sorted((to_keystrokes(phrase) if searchable else "", phrase) for phrase in every)
    phrases = [phrase for _, phrase in keyed]
    phrase_ids = {phrase: phrase_id for phrase_id, phrase in enumerate(phrases)}
    initials = sorted(
        (letters, phrase_id)
        for phrase_id, phrase in enumerate(phrases)
        if searchable and len(letters := initials_of(phrase)) >= _MIN_INITIALS
    )
    fingerprints = np.array([_fingerprint(keys) for keys, _ in keyed if searchable], np.uint64)
    order = np.argsort(fingerprints, kind="stable")
    write_strings(container, "phrases", phrases)
    container.add("phrases.counts", np.array([counts[phrase] for phrase in phrases], np.uint32))
    container.add("phrases.by_initials", np.array([phrase_id for _, phrase_id in initials], np.uint32))
    container.add("phrases.fingerprints", fingerprints[order])
    container.add("phrases.by_fingerprint", order.astype(np.uint32))
    container.add("phrases.exact", np.array([exact], np.uint8))
    docs = sorted(waiting)
    waiting_ids = [sorted(map(phrase_ids.__getitem__, waiting[doc_id])) for doc_id in docs]
    container.add("phrases.waiting_documents", np.array(docs, np.int64))
    container.add("phrases.waiting_sizes", np.array([len(own) for own in waiting_ids], np.int64))
    container.add("phrases.waiting_numbers", np.array(list(chain.from_iterable(waiting_ids)), np.int64))


class Phrases:
    """The phrases of an open segment. A phrase id is the rank of a phrase by its keystrokes."""

    def __init__(self, container: Container, live: Mask | None = None) -> None:
        """`live` says which releases of the segment are to be found: their waiting phrases count too."""
        self._container = container
        self._phrases = Strings(container, "phrases")
        self._counts: UInt32Array = container["phrases.counts"]
        self.waiting_documents: Int64Array = container["phrases.waiting_documents"]
        self._waiting_sizes: Int64Array = container["phrases.waiting_sizes"]
        self._waiting_ids: Int64Array = container["phrases.waiting_numbers"]
        if live is not None and len(self.waiting_documents):
            added = self._waiting_ids[live[self.waiting_documents].repeat(self._waiting_sizes)]
            self._counts = self._counts + np.bincount(added, minlength=len(self._counts)).astype(np.uint32)

    def among(self, live: Mask) -> Phrases:
        """The phrases if these releases of the segment are to be found."""
        return Phrases(self._container, live)

    @property
    def exact(self) -> bool:
        """Whether each phrase was in a release of the segment when it was written."""
        return bool(self._container["phrases.exact"][0])

    def is_sound(self, documents: int) -> bool:
        """Whether the waiting phrases name releases and phrases that exist; the segment has so many
        `documents`.
        """
        waiting, sizes, phrase_ids = self.waiting_documents, self._waiting_sizes, self._waiting_ids
        return (
            len(waiting) == len(sizes)
            and bool((np.diff(waiting, prepend=-1) > 0).all() and (waiting < documents).all())
            and bool((sizes >= 0).all() and sizes.sum() == len(phrase_ids))
            and bool(((phrase_ids >= 0) & (phrase_ids < len(self._phrases))).all())
        )

    def load(self) -> CountedPhrases:
        """All phrases in plain form."""
        phrases = self._phrases.all()
        counted = zip(phrases, self._counts.tolist(), strict=True)
        phrase_ids = iter(self._waiting_ids.tolist())
        waiting = {
            doc_id: [phrases[phrase_id] for phrase_id in islice(phrase_ids, size)]
            for doc_id, size in zip(
                self.waiting_documents.tolist(), self._waiting_sizes.tolist(), strict=True
            )
        }
        return CountedPhrases(Counter({phrase: count for phrase, count in counted if count}), waiting)

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """The most frequent phrases whose keystrokes begin with `keys`, with how many releases have each."""
        first, stop = _prefix_range(
            lambda phrase_id: to_keystrokes(self._phrases[phrase_id]), len(self._phrases), keys
        )
        return self._most_frequent(np.arange(first, stop), limit)

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """The most frequent phrases whose initial consonants begin with `letters`, likewise."""
        by_initials: UInt32Array = self._container["phrases.by_initials"]
        first, stop = _prefix_range(
            lambda rank: initials_of(self._phrases[int(by_initials[rank])]), len(by_initials), letters
        )
        return self._most_frequent(by_initials[first:stop], limit)

    def with_keys(self, wanted: Sequence[str]) -> dict[str, int]:
        """The phrases that one of the `wanted` keystrokes types, with how many releases have each."""
        fingerprints: UInt64Array = self._container["phrases.fingerprints"]
        by_fingerprint: UInt32Array = self._container["phrases.by_fingerprint"]
        asked = np.array([_fingerprint(keys) for keys in wanted], np.uint64)
        firsts, stops = np.searchsorted(fingerprints, asked), np.searchsorted(fingerprints, asked, "right")
        phrase_ids = [
            int(by_fingerprint[rank])
            for first, stop in zip(firsts, stops, strict=True)
            for rank in range(first, stop)
        ]
        keys = set(wanted)
        counted = ((self._phrases[phrase_id], int(self._counts[phrase_id])) for phrase_id in phrase_ids)
        return {phrase: count for phrase, count in counted if count and to_keystrokes(phrase) in keys}

    def _most_frequent(self, phrase_ids: StoredInts, limit: int) -> dict[str, int]:
        counts = self._counts[phrase_ids]
        if len(counts) > limit:
            phrase_ids = phrase_ids[np.argpartition(counts, -limit)[-limit:]]
        counted = ((int(phrase_id), int(self._counts[int(phrase_id)])) for phrase_id in phrase_ids)
        return {self._phrases[phrase_id]: count for phrase_id, count in counted if count}


def merge_phrases(parts: Iterable[tuple[Phrases, Int64Array, Int64Array]], at: float) -> CountedPhrases:
    """The phrases of several segments, their counts added up. Each comes with the embargoes of its releases,
    in seconds since 1970, and their new doc ids, -1 for a deleted one. Phrases whose embargo is over `at`
    this time are counted.
    """
    counts: Counter[str] = Counter()
    waiting: dict[int, Collection[str]] = {}
    for part, embargoes, new_ids in parts:
        counted = part.load()
        counts.update(counted.counts)
        for doc_id, phrases in counted.waiting.items():
            if new_ids[doc_id] < 0:
                continue
            if embargoes[doc_id] > at:
                waiting[int(new_ids[doc_id])] = phrases
            else:
                counts.update(phrases)
    return CountedPhrases(counts, waiting)


def _prefix_range(key: Callable[[int], str], count: int, prefix: str) -> tuple[int, int]:
    """Which of `count` ranks, ascending by key, have a key that begins with `prefix`, end exclusive."""
    ranks = range(count)
    return bisect_left(ranks, prefix, key=key), bisect_left(ranks, prefix + _HIGHEST_CHAR, key=key)


def _fingerprint(keys: str) -> int:
    return int.from_bytes(hashlib.blake2b(encode(keys), digest_size=8).digest(), "little")
