"""BM25F over the arrays of a collection, and the best releases of an any-word query without scoring them
all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from indexer.engine import ScoringTerm
from indexer.engines.whoosh.format.documents import ZONES
from indexer.engines.whoosh.format.postings import (
    BODY_MASK,
    HEADING_SHIFT,
    LEAD_SHIFT,
    SUBTITLE_SHIFT,
    TITLE_SHIFT,
    Indexes,
    Words,
    zone_of,
)
from indexer.engines.whoosh.format.signatures import UNDATED
from indexer.engines.whoosh.query.multi_segment import Collection, Deadline, Stream, TermPostings
from indexer.weights import Weights

Scores = NDArray[np.float32]

_STREAMS = ("morphemes", "bigrams")
# The postings that are added up before the best are looked at for a threshold.
_FIRST_POSTINGS = 20_000
# So many times the wanted releases are scored for it, chosen among so many postings.
_LOOKED_AT = 3
_CHOSEN_FROM = 40
# Terms are added up until the others weigh less than this share of the threshold: the smaller, the more
# postings, and the fewer releases to look up.
_LEFT_SHARE = 0.7
# Where more than so many times the wanted releases may still win, those that cannot are left out after each
# so many terms.
_FEW = 10
_FINISHED_TOGETHER = 6
# Statistics that are scored at once.
_MAX_AT_ONCE = 1 << 20
# Postings that are added up at once, in some tens of milliseconds.
_MAX_ADDED_AT_ONCE = 1 << 22
_NONE: Indexes = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A scoring term as the collection knows it: its stream, its postings, and its weight times idf."""

    stream: int
    postings: TermPostings
    weight: float


@dataclass(frozen=True, slots=True)
class FoundQuery:
    """The scoring terms that are in the collection; for each stream that a title may hold the query by, the
    clauses of each of which it must hold one term for the bonus, the rarest first; and what all terms weigh.
    """

    terms: tuple[FoundTerm, ...]
    whole: tuple[Sequence[Sequence[FoundTerm]], ...]
    weight: float


class Scorer:
    """Scores the releases of a collection."""

    def __init__(self, collection: Collection, weights: Weights, at: float) -> None:
        """`at` is now, in seconds since 1970."""
        self.weights = weights
        self._collection = collection
        self._at = at
        # What is under embargo counts in nothing.
        self._counted = len(collection) - len(collection.hidden)
        self._streams: tuple[Stream, Stream] = (collection.morphemes, collection.bigrams)
        self._saturation = np.float32(weights.k1 + 1)
        stats = np.arange(1 << 16, dtype=np.uint16)
        # What each word of statistics comes to as a frequency.
        self._frequencies = (
            (stats & BODY_MASK)
            + weights.title * zone_of(stats, TITLE_SHIFT)
            + weights.subtitle * zone_of(stats, SUBTITLE_SHIFT)
            + (weights.heading - 1) * zone_of(stats, HEADING_SHIFT)
            + (weights.lead - 1) * zone_of(stats, LEAD_SHIFT)
        ).astype(np.float32)
        zones = np.array([weights.title, weights.subtitle, weights.heading, weights.lead, 1.0], np.float32)
        # BM25's k1 * (1 - b + b * length / average), for each stream and release.
        self._norms = []
        for at in (0, ZONES):
            columns = (segment.documents.lengths[:, at : at + ZONES] for segment in collection.segments)
            lengths = np.concatenate([np.zeros(0, np.float32), *(column @ zones for column in columns)])
            counted = np.delete(lengths, collection.hidden)
            average = max(float(counted.sum(dtype=np.float64)) / max(len(counted), 1), 1.0)
            self._norms.append(
                (weights.k1 * (1 - weights.b + weights.b * lengths / average)).astype(np.float32)
            )

    @cached_property
    def recency(self) -> Scores:
        """How recent each release is: 1 for the newest of all, 0 without a date."""
        published = self._collection.published
        counted = np.delete(published, self._collection.hidden)
        # A date in the future may be a slip, which must not make all others old.
        newest = min(int(counted.max(initial=UNDATED)), int(self._at))
        half_life_s = self.weights.recency_half_life_days * 24 * 60 * 60
        recency: Scores = np.where(
            published == UNDATED, 0.0, np.exp2((np.minimum(published, newest) - newest) / half_life_s)
        ).astype(np.float32)
        return recency

    def postings(self, term: ScoringTerm) -> TermPostings:
        """Where a term is."""
        collection = self._collection
        return collection.morpheme(term.text) if term.stream == "morphemes" else collection.bigram(term.text)

    def find_all(self, scoring: Sequence[ScoringTerm]) -> FoundQuery:
        """The terms of a query."""
        found = [self.find(term) for term in scoring]
        terms = tuple(term for term in found if term)
        whole = []
        for stream in _STREAMS:
            clauses: dict[int, list[FoundTerm]] = {}
            for term, known in zip(scoring, found, strict=True):
                if term.stream == stream:
                    for clause in term.coverage_groups:
                        clauses.setdefault(clause, []).extend([known] if known else [])
            if clauses and all(clauses.values()):
                whole.append(
                    sorted(clauses.values(), key=lambda terms: sum(term.postings.frequency for term in terms))
                )
        return FoundQuery(terms, tuple(whole), sum(term.weight for term in terms))

    def find(self, term: ScoringTerm) -> FoundTerm | None:
        """A term with its weight; None where no release has it."""
        postings = self.postings(term)
        frequency = postings.frequency
        if not frequency:
            return None
        idf = math.log1p((self._counted - frequency + 0.5) / (frequency + 0.5))
        return FoundTerm(_STREAMS.index(term.stream), postings, term.weight * idf)

    def score(
        self, query: FoundQuery, docs: Indexes, deadline: Deadline | None = None, *, recent: bool = False
    ) -> Scores:
        """The scores of some releases, given ascending; more for what is `recent`, if that is wanted. Terms
        that are not reached before the deadline add nothing.
        """
        deadline = deadline or Deadline()
        postings = sum(term.postings.frequency for term in query.terms)
        # Where more would be looked up than there is, all of it is added up.
        if postings + len(self._collection) < len(docs) * len(query.terms):
            every = np.zeros(len(self._collection), np.float32)
            self._add_postings(query.terms, every, deadline)
            scores: Scores = every[docs]
        else:
            scores = np.zeros(len(docs), np.float32)
            self._add_chosen(query.terms, docs, scores, deadline)
        titled = self.titled(query, deadline)
        if len(titled):
            scores[np.isin(docs, titled)] += self.title_bonus(query)
        if recent:
            scores += np.float32(self.weights.recency * query.weight) * self.recency[docs]
        return scores

    def title_bonus(self, query: FoundQuery) -> float:
        """What a title that holds all of a query adds."""
        return self.weights.whole_title * query.weight

    def titled(self, query: FoundQuery, deadline: Deadline) -> Indexes:
        """The releases whose title holds all morphemes of a query, or all its bigrams. None past the
        deadline.
        """
        found = [docs for clauses in query.whole if len(docs := self._holding_all(clauses, deadline))]
        return np.unique(np.concatenate(found)) if len(found) > 1 else found[0] if found else _NONE

    def _holding_all(self, clauses: Sequence[Sequence[FoundTerm]], deadline: Deadline) -> Indexes:
        """The releases whose title holds a term of each of some clauses."""
        first, *others = clauses
        stream = self._streams[first[0].stream]
        columns = [stream.docs(term.postings, _in_title) for term in first]
        docs = np.unique(np.concatenate(columns)) if len(columns) > 1 else columns[0]
        at_once = 1
        while others and len(docs):
            if deadline():
                return _NONE
            clauses, others = others[:at_once], others[at_once:]
            # One clause leaves few releases or none; those that are left will have most of the others.
            at_once *= 2
            stats = stream.stats_at([term.postings for clause in clauses for term in clause], docs)
            firsts = [0, *accumulate(len(clause) for clause in clauses[:-1])]
            docs = docs[np.logical_or.reduceat(_in_title(stats), firsts).all(axis=0)]
        return docs

    def best(self, query: FoundQuery, count: int, deadline: Deadline) -> tuple[Indexes, Scores]:
        """The releases that may be among the best `count`, and their scores, by the terms that are reached
        before the deadline.

        MaxScore (Turtle and Flood 1995) by whole columns: the terms that weigh most for their postings are
        added up for all releases. The best of a first part of them are scored in full, for a threshold.
        Once the rest of the terms together cannot lift a release near it, only those that are near are
        looked up in the rest. Releases whose title holds the whole query are scored by themselves.
        """
        docs, scores = self._best(query.terms, count, deadline)
        titled = self.titled(query, deadline)
        if self._collection.alive is not None:
            titled = titled[self._collection.alive[titled]]
        if len(titled):
            others = np.isin(docs, titled, invert=True)
            docs = np.concatenate([docs[others], titled])
            scores = np.concatenate([scores[others], self.score(query, titled, deadline)])
        return docs, scores

    def _best(self, terms: Sequence[FoundTerm], count: int, deadline: Deadline) -> tuple[Indexes, Scores]:
        ordered = sorted(terms, key=lambda term: term.postings.frequency / term.weight)
        # A term adds at most its weight times (k1 + 1), as the saturation stays below 1.
        bounds = np.array([term.weight for term in ordered]) * float(self._saturation)
        left = np.append(bounds[::-1].cumsum()[::-1], 0.0)
        costs = np.cumsum([term.postings.frequency for term in ordered])
        scores = np.zeros(len(self._collection), np.float32)
        if self._collection.alive is not None:
            # What is deleted starts so low that it never comes up.
            scores[~self._collection.alive] = -np.inf
        done = int(costs.searchsorted(_FIRST_POSTINGS, "right")) + 1
        looked_at = self._add_postings(ordered[:done], scores, deadline)
        if done < len(ordered):
            near = np.concatenate([_NONE, *looked_at])
            threshold = self._threshold(near, scores, ordered[done:], count, deadline)
            stop = max(done, int((left >= threshold * _LEFT_SHARE).sum()))
            self._add_postings(ordered[done:stop], scores, deadline)
            if stop < len(ordered):
                return self._finish(ordered[stop:], scores, count, threshold, deadline)
        docs = np.flatnonzero(scores > 0)
        return docs, scores[docs]

    def _threshold(
        self, near: Indexes, scores: Scores, terms: Sequence[FoundTerm], count: int, deadline: Deadline
    ) -> float:
        """A score that `count` releases reach: some of the best so far, among those of the postings `near`,
        with the remaining terms.
        """
        chosen = near[_highest(scores[near], _CHOSEN_FROM * count)]
        docs = np.unique(chosen)
        docs = docs[np.sort(_highest(scores[docs], _LOOKED_AT * count))]
        found = scores[docs]
        self._add_chosen(terms, docs, found, deadline)
        return max(_kth(found, count), 0.0)

    def _finish(
        self, terms: Sequence[FoundTerm], scores: Scores, count: int, threshold: float, deadline: Deadline
    ) -> tuple[Indexes, Scores]:
        """Look the releases that may still win up in the remaining terms, those that weigh most first."""
        terms = sorted(terms, key=lambda term: -term.weight)
        left = sum(term.weight for term in terms) * float(self._saturation)
        docs = np.flatnonzero((scores >= threshold - left) & (scores > 0))
        found = scores[docs]
        while terms and not deadline():
            if len(docs) > _FEW * count:
                threshold = max(threshold, _kth(found, count))
                near = found >= threshold - left
                docs, found = docs[near], found[near]
            together = _FINISHED_TOGETHER if len(docs) > _FEW * count else len(terms)
            self._add_chosen(terms[:together], docs, found, deadline)
            left -= sum(term.weight for term in terms[:together]) * float(self._saturation)
            terms = terms[together:]
        return docs, found

    def _add_postings(self, terms: Sequence[FoundTerm], scores: Scores, deadline: Deadline) -> list[Indexes]:
        """Add what terms are worth to all releases that have them; the releases of their postings."""
        added = []
        for own in _pieces(terms):
            if deadline():
                break
            number = own[0].stream
            stream, norms = self._streams[number], self._norms[number]
            docs, stats, lengths, places = stream.postings([term.postings for term in own])
            weights = np.array([term.weight for term in own], np.float32) * self._saturation
            impacts = weights[places].repeat(lengths)
            frequencies = self._frequencies[stats]
            impacts *= frequencies
            frequencies += norms[docs]
            impacts /= frequencies
            np.add.at(scores, docs, impacts)
            added.append(docs)
        return added

    def _add_chosen(
        self, terms: Sequence[FoundTerm], docs: Indexes, scores: Scores, deadline: Deadline
    ) -> None:
        """Add what terms are worth to each of some releases."""
        for number, (stream, norms) in enumerate(zip(self._streams, self._norms, strict=True)):
            own = [term for term in terms if term.stream == number]
            at_once = max(_MAX_AT_ONCE // max(len(docs), 1), 1)
            for start in range(0, len(own) if len(docs) else 0, at_once):
                if deadline():
                    return
                piece = own[start : start + at_once]
                frequencies = self._frequencies[stream.stats_at([term.postings for term in piece], docs)]
                impacts = frequencies / (frequencies + norms[docs])
                impacts *= np.array([term.weight for term in piece], np.float32)[:, None] * self._saturation
                # Term by term, so that releases with the same statistics have the same score.
                scores += impacts.sum(axis=0)


def _pieces(terms: Sequence[FoundTerm]) -> Iterator[list[FoundTerm]]:
    """The terms of each stream in their order, so many together as have no more postings than are added up at
    once, or one.
    """
    for number in range(len(_STREAMS)):
        piece: list[FoundTerm] = []
        postings = 0
        for term in terms:
            if term.stream != number:
                continue
            postings += term.postings.frequency
            if piece and postings > _MAX_ADDED_AT_ONCE:
                yield piece
                piece, postings = [], term.postings.frequency
            piece.append(term)
        if piece:
            yield piece


def _in_title(stats: Words) -> NDArray[np.bool_]:
    there: NDArray[np.bool_] = zone_of(stats, TITLE_SHIFT) > 0
    return there


def _highest(scores: Scores, count: int) -> Indexes:
    """The places of the `count` highest scores, in no order."""
    return np.argpartition(scores, -count)[-count:] if len(scores) > count else np.arange(len(scores))


def _kth(scores: Scores, count: int) -> float:
    """The `count`-th highest score; 0 where there are fewer."""
    return float(np.partition(scores, -count)[-count]) if len(scores) >= count else 0.0
