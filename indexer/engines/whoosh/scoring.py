"""BM25F over the arrays of a segment, and the best releases of an any-word query without scoring them all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import NO_SYLLABLE, pack
from indexer.engine import ScoringTerm
from indexer.engines.whoosh.documents import ZONES
from indexer.engines.whoosh.postings import (
    BODY_MASK,
    HEADING_SHIFT,
    LEAD_SHIFT,
    SUBTITLE_SHIFT,
    TITLE_SHIFT,
    zone_of,
)
from indexer.engines.whoosh.segment import Segment
from indexer.weights import Weights

Scores = NDArray[np.float32]

_STREAMS = ("morphemes", "bigrams")


class Collection:
    """What scoring needs of all segments together: how many releases, how long, how often a term."""

    def __init__(self, segments: Sequence[Segment], weights: Weights) -> None:
        self.segments = segments
        self.weights = weights
        self.documents = sum(len(segment) for segment in segments)
        stats = np.arange(1 << 16, dtype=np.uint16)
        # What each word of statistics comes to as a frequency.
        self.frequencies = (
            (stats & BODY_MASK)
            + weights.title * zone_of(stats, TITLE_SHIFT)
            + weights.subtitle * zone_of(stats, SUBTITLE_SHIFT)
            + (weights.heading - 1) * zone_of(stats, HEADING_SHIFT)
            + (weights.lead - 1) * zone_of(stats, LEAD_SHIFT)
        ).astype(np.float32)
        zones = np.array([weights.title, weights.subtitle, weights.heading, weights.lead, 1.0], np.float32)
        lengths = [
            np.stack([segment.documents.lengths[:, at : at + ZONES] @ zones for at in (0, ZONES)])
            for segment in segments
        ]
        total = sum((column.sum(axis=1) for column in lengths), np.zeros(2))
        averages = np.maximum(total / max(self.documents, 1), 1.0)
        # BM25's k1 * (1 - b + b * length / average), for each segment, stream and release.
        self.norms = [
            (weights.k1 * (1 - weights.b + weights.b * column / averages[:, None])).astype(np.float32)
            for column in lengths
        ]

    def find(self, term: ScoringTerm) -> FoundTerm | None:
        """A term in every segment, with its weight; None where no release has it."""
        numbers = []
        frequency = 0
        for segment in self.segments:
            if term.stream == "morphemes":
                number = segment.morpheme_terms.find(term.text.encode())
                stream = segment.morphemes
            else:
                number = segment.bigram_terms.find(bigram_key(term.text))
                stream = segment.bigrams
            numbers.append(number)
            if number >= 0:
                rows = stream.rows(number)
                frequency += rows.stop - rows.start
        if not frequency:
            return None
        idf = math.log1p((self.documents - frequency + 0.5) / (frequency + 0.5))
        return FoundTerm(_STREAMS.index(term.stream), tuple(numbers), term.weight * idf, frequency)


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A scoring term as the segments know it: its stream, its number in each (-1: not there), its weight
    times idf, and how many releases have it.
    """

    stream: int
    numbers: tuple[int, ...]
    weight: float
    frequency: int


def bigram_key(text: str) -> int:
    """The key of a bigram given as text."""
    return pack(ord(text[0]), ord(text[1]) if len(text) > 1 else NO_SYLLABLE)


class SegmentScorer:
    """Adds up scores in one segment of a collection. `number` says which."""

    def __init__(self, collection: Collection, number: int) -> None:
        self._collection = collection
        self._number = number
        self._segment = collection.segments[number]
        self._saturation = np.float32(collection.weights.k1 + 1)

    def postings(self, term: FoundTerm) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Releases and statistics of a term."""
        if term.numbers[self._number] < 0:
            return np.zeros(0, np.uint16), np.zeros(0, np.uint16)
        stream = self._segment.bigrams if term.stream else self._segment.morphemes
        rows = stream.rows(term.numbers[self._number])
        return stream.docs[rows], stream.stats[rows]

    def impacts(self, term: FoundTerm, docs: NDArray[np.uint16], stats: NDArray[np.uint16]) -> Scores:
        """What a term adds to the score of each of its releases."""
        frequencies = self._collection.frequencies[stats]
        norms = self._collection.norms[self._number][term.stream][docs]
        impacts: Scores = (term.weight * self._saturation) * frequencies / (frequencies + norms)
        return impacts

    def score(self, terms: Sequence[FoundTerm], docs: NDArray[np.int64]) -> Scores:
        """The scores of some releases, given ascending."""
        scores = np.zeros(len(docs), np.float32)
        for term in terms:
            self._add_chosen(term, docs, scores)
        return scores

    def score_all(self, terms: Sequence[FoundTerm]) -> Scores:
        """The score of every release."""
        scores = np.zeros(len(self._segment), np.float32)
        for term in terms:
            self._add(term, scores)
        return scores

    def best(
        self,
        terms: Sequence[FoundTerm],
        count: int,
        threshold: float,
        alive: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.int64], Scores]:
        """The releases that may be among the best `count` of the whole collection, and their scores.

        MaxScore (Turtle and Flood 1995) by whole columns: the terms that weigh most are added up for
        all releases; once the rest together cannot lift a release over `threshold`, or over the best
        found here, only those that are near are looked up in the rest.
        """
        ordered = sorted(terms, key=lambda term: -term.weight)
        # A term adds at most its weight times (k1 + 1), as the saturation stays below 1.
        bounds = [term.weight * float(self._saturation) for term in ordered]
        rest = [*np.cumsum(bounds[::-1])[::-1].tolist(), 0.0]
        # What is deleted starts so low that it never comes up.
        scores = np.zeros(len(self._segment), np.float32)
        if alive is not None:
            scores[~alive] = -np.inf
        work = 0
        for place, term in enumerate(ordered):
            remaining = sum(other.frequency for other in ordered[place:])
            if rest[place] < threshold or (work > _CHECK_POSTINGS and remaining > _CHECK_POSTINGS):
                work = 0
                threshold = max(threshold, _kth(scores, count))
                if rest[place] < threshold:
                    return self._finish(ordered[place:], rest[place:], scores, count, threshold)
            work += term.frequency
            self._add(term, scores)
        docs = np.flatnonzero(scores > 0)
        return docs, scores[docs]

    def _finish(
        self, terms: Sequence[FoundTerm], rest: list[float], scores: Scores, count: int, threshold: float
    ) -> tuple[NDArray[np.int64], Scores]:
        """Look the releases that may still win up in the remaining terms."""
        docs = np.flatnonzero(scores >= threshold - rest[0])
        docs = docs[scores[docs] > 0]
        found = scores[docs]
        for place, term in enumerate(terms):
            self._add_chosen(term, docs, found)
            if place % 4 == 3 and len(docs) > count:
                threshold = max(threshold, _kth(found, count))
                near = found >= threshold - rest[place + 1]
                docs, found = docs[near], found[near]
        return docs, found

    def _add(self, term: FoundTerm, scores: Scores) -> None:
        docs, stats = self.postings(term)
        scores[docs] += self.impacts(term, docs, stats)

    def _add_chosen(self, term: FoundTerm, docs: NDArray[np.int64], scores: Scores) -> None:
        own, stats = self.postings(term)
        if not len(own) or not len(docs):
            return
        if len(docs) * _SEARCH_COST > len(own):
            everything = np.zeros(len(self._segment), np.float32)
            everything[own] = self.impacts(term, own, stats)
            scores += everything[docs]
            return
        places = np.minimum(np.searchsorted(own, docs.astype(np.uint16)), len(own) - 1)
        there = np.flatnonzero(own[places] == docs)
        places = places[there]
        scores[there] += self.impacts(term, own[places], stats[places])


# Looking for the threshold costs about as much as adding up this many postings.
_CHECK_POSTINGS = 60_000
# Looking one release up in a term costs about as much as adding up this many postings.
_SEARCH_COST = 12


def _kth(scores: Scores, count: int) -> float:
    """The `count`-th highest score; 0 where there are fewer."""
    return float(np.partition(scores, -count)[-count]) if len(scores) >= count else 0.0
