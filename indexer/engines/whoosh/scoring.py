"""BM25F over the arrays of a segment, and the best releases of an any-word query without scoring them all."""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import NO_SYLLABLE, pack
from indexer.engine import ScoringTerm, Stream
from indexer.engines.whoosh.documents import UNDATED, ZONES
from indexer.engines.whoosh.postings import (
    BODY_MASK,
    HEADING_SHIFT,
    LEAD_SHIFT,
    SUBTITLE_SHIFT,
    TITLE_SHIFT,
    find_among,
    zone_of,
)
from indexer.engines.whoosh.segment import Segment
from indexer.weights import Weights

Scores = NDArray[np.float32]
# Rows of scores, the statistics of a term in each, and the term.
_Rows = tuple[NDArray[np.integer], NDArray[np.uint16], "FoundTerm"]

_CACHED_TERMS = 65_536
_STREAMS = ("morphemes", "bigrams")


class Collection:
    """What scoring needs of all segments together: how many releases, how long, how often a term."""

    def __init__(self, segments: Sequence[Segment], weights: Weights) -> None:
        self.segments = segments
        self.weights = weights
        # The words of queries repeat, and so do their terms; what they weigh there does not.
        self._look_up = lru_cache(_CACHED_TERMS)(self._look_up_term)
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

    @cached_property
    def recency(self) -> list[Scores]:
        """For each segment how recent its releases are: 1 for the newest of all, 0 without a date."""
        columns = [segment.documents.published for segment in self.segments]
        newest = max((int(column.max()) for column in columns if len(column)), default=UNDATED)
        # A date in the future may be a slip, which must not make all others old.
        newest = min(newest, int(time.time()))
        half_life_s = self.weights.recency_half_life_days * 24 * 60 * 60
        return [
            np.where(
                column == UNDATED, 0.0, np.exp2((np.minimum(column, newest) - newest) / half_life_s)
            ).astype(np.float32)
            for column in columns
        ]

    def frequency(self, stream: Stream, text: str) -> int:
        """How many releases have a term."""
        return self._look_up(stream, text)[1]

    def find_all(self, scoring: Sequence[ScoringTerm]) -> FoundQuery:
        """The terms of a query."""
        found = [self.find(term) for term in scoring]
        terms = tuple(term for term in found if term)
        whole = []
        for stream in _STREAMS:
            clauses: dict[int, list[FoundTerm]] = {}
            for term, known in zip(scoring, found, strict=True):
                if term.stream == stream:
                    for clause in term.clauses:
                        clauses.setdefault(clause, []).extend([known] if known else [])
            if clauses and all(clauses.values()):
                whole.append(
                    sorted(clauses.values(), key=lambda terms: sum(term.frequency for term in terms))
                )
        return FoundQuery(terms, tuple(whole), sum(term.weight for term in terms))

    def find(self, term: ScoringTerm) -> FoundTerm | None:
        """A term in every segment, with its weight; None where no release has it."""
        numbers, frequency = self._look_up(term.stream, term.text)
        if not frequency:
            return None
        idf = math.log1p((self.documents - frequency + 0.5) / (frequency + 0.5))
        return FoundTerm(_STREAMS.index(term.stream), numbers, term.weight * idf, frequency)

    def _look_up_term(self, stream_name: Stream, text: str) -> tuple[tuple[int, ...], int]:
        """The number of a term in each segment, and how many releases have it."""
        numbers = []
        frequency = 0
        for segment in self.segments:
            if stream_name == "morphemes":
                number = segment.morpheme_terms.find(text.encode())
                stream = segment.morphemes
            else:
                number = segment.bigram_terms.find(bigram_key(text))
                stream = segment.bigrams
            numbers.append(number)
            if number >= 0:
                rows = stream.rows(number)
                frequency += rows.stop - rows.start
        return tuple(numbers), frequency


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A scoring term as the segments know it: its stream, its number in each (-1: not there), its weight
    times idf, and how many releases have it.
    """

    stream: int
    numbers: tuple[int, ...]
    weight: float
    frequency: int


@dataclass(frozen=True, slots=True)
class FoundQuery:
    """The scoring terms that are in the collection; for each stream that a title may hold the query by, the
    clauses of each of which it must hold one term for the bonus, the rarest first; and what all terms weigh.
    """

    terms: tuple[FoundTerm, ...]
    whole: tuple[Sequence[Sequence[FoundTerm]], ...]
    weight: float


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

    def score(self, query: FoundQuery, docs: NDArray[np.int64], *, recent: bool = False) -> Scores:
        """The scores of some releases, given ascending; more for what is `recent`, if that is wanted."""
        scores = np.zeros(len(docs), np.float32)
        if not len(docs):
            return scores
        self._add_chosen(query.terms, docs, scores)
        there, _ = find_among(self.titled(query), docs)
        scores[there] += self.title_bonus(query)
        if recent:
            bonus = np.float32(self._collection.weights.recency * query.weight)
            scores += bonus * self._collection.recency[self._number][docs]
        return scores

    def title_bonus(self, query: FoundQuery) -> float:
        """What a title that holds all of a query adds."""
        return self._collection.weights.whole_title * query.weight

    def titled(self, query: FoundQuery) -> NDArray[np.int64]:
        """The releases whose title holds all morphemes of a query, or all its bigrams."""
        found = [np.zeros(0, np.int64)]
        for first, *others in query.whole:
            docs = self._titled(first[0])
            for term in first[1:]:
                docs = np.union1d(docs, self._titled(term))
            for clause in others:
                if not len(docs):
                    break
                held = np.zeros(len(docs), bool)
                for term in clause:
                    own, stats = self.postings(term)
                    there, places = find_among(own, docs)
                    held[there[zone_of(stats[places], TITLE_SHIFT) > 0]] = True
                docs = docs[held]
            if len(docs):
                found.append(docs)
        return found[-1] if len(found) < len(_STREAMS) + 1 else np.unique(np.concatenate(found))

    def _titled(self, term: FoundTerm) -> NDArray[np.int64]:
        """The releases with a term in their title."""
        own, stats = self.postings(term)
        return own[zone_of(stats, TITLE_SHIFT) > 0].astype(np.int64)

    def best(
        self,
        query: FoundQuery,
        count: int,
        threshold: float,
        alive: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.int64], Scores]:
        """The releases that may be among the best `count` of the whole collection, and their scores.

        MaxScore (Turtle and Flood 1995) by whole columns: rare terms are added up for all releases, as
        they cost little; once the rest together cannot lift a release over `threshold`, or over the
        best found here, only those that are near are looked up in the rest. Releases whose title holds the
        whole query are scored by themselves.
        """
        docs, scores = self._best(query.terms, count, threshold, alive)
        titled = self.titled(query)
        if alive is not None:
            titled = titled[alive[titled]]
        if len(titled):
            others = np.isin(docs, titled, invert=True)
            docs = np.concatenate([docs[others], titled])
            scores = np.concatenate([scores[others], self.score(query, titled)])
        return docs, scores

    def _best(
        self,
        terms: Sequence[FoundTerm],
        count: int,
        threshold: float,
        alive: NDArray[np.bool_] | None,
    ) -> tuple[NDArray[np.int64], Scores]:
        ordered = sorted(terms, key=lambda term: term.frequency)
        # A term adds at most its weight times (k1 + 1), as the saturation stays below 1.
        bounds = [term.weight * float(self._saturation) for term in ordered]
        rest = [*np.cumsum(bounds[::-1])[::-1].tolist(), 0.0]
        # What is deleted starts so low that it never comes up.
        scores = np.zeros(len(self._segment), np.float32)
        if alive is not None:
            scores[~alive] = -np.inf
        done = 0
        work = _FIRST_POSTINGS
        while done < len(ordered):
            stop = done + 1
            cost = ordered[done].frequency
            while stop < len(ordered) and cost + ordered[stop].frequency <= work:
                cost += ordered[stop].frequency
                stop += 1
            self._add_together(ordered[done:stop], scores)
            done = stop
            work *= 2
            if rest[done] < rest[0] - rest[done]:
                threshold = max(threshold, self._reached(ordered[:done], scores, count))
                if rest[done] < threshold:
                    return self._finish(ordered[done:], scores, count, threshold)
        docs = np.flatnonzero(scores > 0)
        return docs, scores[docs]

    def _reached(self, terms: Sequence[FoundTerm], scores: Scores, count: int) -> float:
        """A score that `count` releases have reached. Not the best such score: it is looked for only among
        the releases of the terms that weigh most.
        """
        reached = 0.0
        for term in heapq.nlargest(_LOOKED_AT, terms, key=lambda term: term.weight):
            docs, _ = self.postings(term)
            if len(docs) >= count:
                reached = max(reached, _kth(scores[docs], count))
        return reached

    def _finish(
        self, terms: Sequence[FoundTerm], scores: Scores, count: int, threshold: float
    ) -> tuple[NDArray[np.int64], Scores]:
        """Look the releases that may still win up in the remaining terms, those that weigh most first."""
        terms = sorted(terms, key=lambda term: -term.weight)
        left = sum(term.weight for term in terms) * float(self._saturation)
        docs = np.flatnonzero((scores >= threshold - left) & (scores > 0))
        found = scores[docs]
        while terms:
            if len(docs) > _FEW * count:
                threshold = max(threshold, _kth(found, count))
                near = found >= threshold - left
                docs, found = docs[near], found[near]
            together = _FINISHED_TOGETHER if len(docs) > _FEW * count else len(terms)
            self._add_chosen(terms[:together], docs, found)
            left -= sum(term.weight for term in terms[:together]) * float(self._saturation)
            terms = terms[together:]
        return docs, found

    def _add_together(self, terms: Sequence[FoundTerm], scores: Scores) -> None:
        """Add up several terms at once: a call for each of the rare ones costs more than its work."""
        self._add_rows([(*self.postings(term), term) for term in terms], None, scores)

    def _add_rows(self, columns: Sequence[_Rows], docs: NDArray[np.int64] | None, scores: Scores) -> None:
        """Add what terms are worth to rows of `scores`, which are those of `docs`, or of all releases."""
        for stream in (0, 1):
            own = [column for column in columns if column[2].stream == stream and len(column[0])]
            if not own:
                continue
            rows = np.concatenate([rows for rows, _, _ in own])
            frequencies = self._collection.frequencies[np.concatenate([stats for _, stats, _ in own])]
            weights = np.array([term.weight for _, _, term in own], np.float32) * self._saturation
            impacts = np.repeat(weights, [len(rows) for rows, _, _ in own])
            impacts *= frequencies
            frequencies += self._collection.norms[self._number][stream][rows if docs is None else docs[rows]]
            impacts /= frequencies
            if len(own) == 1:
                scores[rows] += impacts
            else:
                np.add.at(scores, rows, impacts)

    def _add_chosen(self, terms: Sequence[FoundTerm], docs: NDArray[np.int64], scores: Scores) -> None:
        """Add what terms are worth to each of some releases; those that few are looked up in, together."""
        found: list[_Rows] = []
        for term in terms if len(docs) else ():
            own, stats = self.postings(term)
            if len(docs) * _SEARCH_COST > len(own):
                table = np.zeros(len(self._segment), np.uint16)
                table[own] = stats
                values = table[docs]
                there = values.nonzero()[0]
                found.append((there, values[there], term))
            else:
                there, places = find_among(own, docs)
                found.append((there, stats[places], term))
        self._add_rows(found, docs, scores)


# The postings that are added up before the first look at the threshold; twice as many before each next.
_FIRST_POSTINGS = 20_000
# Among the releases of so many terms the threshold is looked for.
_LOOKED_AT = 3
# Where more than so many times the wanted releases may still win, those that cannot are left out after each
# so many terms.
_FEW = 10
_FINISHED_TOGETHER = 4
# Looking one release up in a term costs about as much as adding up this many postings.
_SEARCH_COST = 12


def _kth(scores: Scores, count: int) -> float:
    """The `count`-th highest score; 0 where there are fewer."""
    return float(np.partition(scores, -count)[-count]) if len(scores) >= count else 0.0
