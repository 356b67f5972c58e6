"""BM25F over the postings of all segments.

The formula is that of `indexer.weights`. What does not depend on the query is computed once: the frequency
that each of the 65,536 values of statistics comes to, and the length norm of each release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from indexer.engine import UNDATED, ScoringTerm
from indexer.engines.shared.arrays import FloatArray, Int64Array
from indexer.engines.whoosh.format.postings import STREAMS
from indexer.engines.whoosh.format.stats import (
    BODY_MASK,
    LEAD_SHIFT,
    SUBTITLE_SHIFT,
    TITLE_SHIFT,
    ZONES,
    freqs_in_zone,
    is_in_title,
)
from indexer.engines.whoosh.query.deadline import Deadline
from indexer.engines.whoosh.query.multi_segment import MultiSegmentReader
from indexer.engines.whoosh.query.term_postings import MultiSegmentStream, TermPostings
from indexer.weights import Weights, idf

# Term frequencies that are scored at once, and postings that are added up at once (some tens of
# milliseconds): they bound memory, and how late a deadline is seen.
_MAX_CELLS = 1 << 20
_MAX_POSTINGS = 1 << 22
_NONE: Int64Array = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A scoring term that the index has: its stream (an index into STREAMS), its postings, and its
    weight times idf.
    """

    stream: int
    postings: TermPostings
    weight: float


@dataclass(frozen=True, slots=True)
class WeightedQuery:
    """The scoring terms that the index has, and the sum of their weights.

    `coverage` has, for each stream by which a title can cover the query, its coverage groups, the rarest
    first: the title has to have one term of each. See `ScoringTerm`.
    """

    terms: tuple[WeightedTerm, ...]
    coverage: tuple[Sequence[Sequence[WeightedTerm]], ...]
    weight: float


class Scorer:
    """Scores releases by doc id."""

    def __init__(
        self, reader: MultiSegmentReader, weights: Weights, at: float, *, max_cells: int = _MAX_CELLS
    ) -> None:
        """`at` is when the index was committed, in seconds since 1970."""
        self.reader = reader
        self.weights = weights
        # The most that a term adds to a score is this times its weight.
        self.saturation = np.float32(weights.k1 + 1)
        self._at = at
        self._max_cells = max_cells
        # Releases under embargo count in nothing.
        self.doc_count = len(reader) - len(reader.hidden)
        self._streams: tuple[MultiSegmentStream, MultiSegmentStream] = (reader.morphemes, reader.bigrams)
        stats = np.arange(1 << 16, dtype=np.uint16)
        # By value of statistics. The lead is counted in the body too.
        self._frequencies = (
            (stats & BODY_MASK)
            + weights.title * freqs_in_zone(stats, TITLE_SHIFT)
            + weights.subtitle * freqs_in_zone(stats, SUBTITLE_SHIFT)
            + (weights.lead - 1) * freqs_in_zone(stats, LEAD_SHIFT)
        ).astype(np.float32)
        zones = np.array([weights.title, weights.subtitle, weights.lead, 1.0], np.float32)
        # k1 * (1 - b + b * length / average length), by stream and doc id.
        self._norms = []
        for first in (0, ZONES):
            columns = (segment.documents.lengths[:, first : first + ZONES] for segment in reader.segments)
            lengths = np.concatenate([np.zeros(0, np.float32), *(column @ zones for column in columns)])
            counted = np.delete(lengths, reader.hidden)
            average = max(float(counted.sum(dtype=np.float64)) / max(len(counted), 1), 1.0)
            self._norms.append(
                (weights.k1 * (1 - weights.b + weights.b * lengths / average)).astype(np.float32)
            )

    @cached_property
    def recency(self) -> FloatArray:
        """How recent each release is, by doc id: 1 for the newest, halved by each half-life, 0 without a
        date.
        """
        published = self.reader.published
        counted = np.delete(published, self.reader.hidden)
        # A date after the commit may be a slip, which must not make all others old. It is not compared with
        # now: a generation that is opened again would have other scores, and cursors hold scores.
        newest = min(int(counted.max(initial=UNDATED)), int(self._at))
        half_life_s = self.weights.recency_half_life_days * 24 * 60 * 60
        recency: FloatArray = np.where(
            published == UNDATED, 0.0, np.exp2((np.minimum(published, newest) - newest) / half_life_s)
        ).astype(np.float32)
        return recency

    def weigh(self, scoring: Sequence[ScoringTerm]) -> WeightedQuery:
        """Look up the terms of a query."""
        weighted = [self.weigh_term(term) for term in scoring]
        terms = tuple(term for term in weighted if term)
        coverage = []
        for stream in STREAMS:
            groups: dict[int, list[WeightedTerm]] = {}
            for term, found in zip(scoring, weighted, strict=True):
                if term.stream == stream:
                    for group in term.coverage_groups:
                        groups.setdefault(group, []).extend([found] if found else [])
            if groups and all(groups.values()):
                coverage.append(
                    sorted(groups.values(), key=lambda group: sum(term.postings.doc_freq for term in group))
                )
        return WeightedQuery(terms, tuple(coverage), sum(term.weight for term in terms))

    def weigh_term(self, term: ScoringTerm) -> WeightedTerm | None:
        """A term with its weight; None if no release has it."""
        reader = self.reader
        postings = reader.morpheme(term.text) if term.stream == "morphemes" else reader.bigram(term.text)
        doc_freq = postings.doc_freq
        if not doc_freq:
            return None
        weight = term.weight * idf(doc_freq, self.doc_count)
        return WeightedTerm(STREAMS.index(term.stream), postings, weight)

    def score(
        self,
        query: WeightedQuery,
        docs: Int64Array,
        deadline: Deadline | None = None,
        *,
        recent: bool = False,
    ) -> FloatArray:
        """The scores of some releases, given ascending; with a bonus for recent ones if `recent`. Terms that
        are not reached before the deadline add nothing.
        """
        deadline = deadline or Deadline()
        postings = sum(term.postings.doc_freq for term in query.terms)
        # If look-ups are more than there are postings, add up all postings.
        if postings + len(self.reader) < len(docs) * len(query.terms):
            every = np.zeros(len(self.reader), np.float32)
            self.add_postings(query.terms, every, deadline)
            scores: FloatArray = every[docs]
        else:
            scores = np.zeros(len(docs), np.float32)
            self.add_selected(query.terms, docs, scores, deadline)
        covering = self.docs_with_title_coverage(query, deadline)
        if len(covering):
            scores[np.isin(docs, covering)] += self.title_bonus(query)
        if recent:
            scores += np.float32(self.weights.recency * query.weight) * self.recency[docs]
        return scores

    def title_bonus(self, query: WeightedQuery) -> float:
        """What a title that covers a query adds to a score."""
        return self.weights.whole_title * query.weight

    def docs_with_title_coverage(self, query: WeightedQuery, deadline: Deadline) -> Int64Array:
        """The releases whose title covers a query by its morphemes or by its bigrams, ascending. None past
        the deadline.
        """
        columns = [docs for groups in query.coverage if len(docs := self._docs_covering(groups, deadline))]
        if not columns:
            return _NONE
        return np.unique(np.concatenate(columns)) if len(columns) > 1 else columns[0]

    def _docs_covering(self, groups: Sequence[Sequence[WeightedTerm]], deadline: Deadline) -> Int64Array:
        """The releases whose title has a term of each group."""
        first, *others = groups
        stream = self._streams[first[0].stream]
        columns = [stream.docs(term.postings, is_in_title) for term in first]
        docs = np.unique(np.concatenate(columns)) if len(columns) > 1 else columns[0]
        at_once = 1
        while others and len(docs):
            if deadline():
                return _NONE
            checked, others = others[:at_once], others[at_once:]
            # One group leaves few releases or none, and these will have most of the other groups.
            at_once *= 2
            stats = stream.stats_at([term.postings for group in checked for term in group], docs)
            firsts = [0, *accumulate(len(group) for group in checked[:-1])]
            docs = docs[np.logical_or.reduceat(is_in_title(stats), firsts).all(axis=0)]
        return docs

    def add_postings(
        self, terms: Sequence[WeightedTerm], scores: FloatArray, deadline: Deadline
    ) -> list[Int64Array]:
        """Add the impacts of terms to all releases that have them; `scores` is by doc id. Returns the doc ids
        of the postings, in pieces and with repetitions.
        """
        added = []
        for piece in _cut(terms):
            if deadline():
                break
            stream, norms = self._streams[piece[0].stream], self._norms[piece[0].stream]
            docs, stats, lengths, term_indexes = stream.postings([term.postings for term in piece])
            weights = np.array([term.weight for term in piece], np.float32) * self.saturation
            # weight * (k1 + 1) * frequency / (frequency + norm)
            impacts = weights[term_indexes].repeat(lengths)
            frequencies = self._frequencies[stats]
            impacts *= frequencies
            frequencies += norms[docs]
            impacts /= frequencies
            np.add.at(scores, docs, impacts)
            added.append(docs)
        return added

    def add_selected(
        self, terms: Sequence[WeightedTerm], docs: Int64Array, scores: FloatArray, deadline: Deadline
    ) -> None:
        """Add the impacts of terms to some releases; `scores` has a score for each of `docs`."""
        for index, (stream, norms) in enumerate(zip(self._streams, self._norms, strict=True)):
            in_stream = [term for term in terms if term.stream == index]
            at_once = max(self._max_cells // max(len(docs), 1), 1)
            for start in range(0, len(in_stream) if len(docs) else 0, at_once):
                if deadline():
                    return
                piece = in_stream[start : start + at_once]
                frequencies = self._frequencies[stream.stats_at([term.postings for term in piece], docs)]
                impacts = frequencies / (frequencies + norms[docs])
                impacts *= np.array([term.weight for term in piece], np.float32)[:, None] * self.saturation
                # Term by term, so that releases with the same statistics have the same score.
                scores += impacts.sum(axis=0)


def _cut(terms: Sequence[WeightedTerm]) -> Iterator[list[WeightedTerm]]:
    """The terms of each stream in order, in pieces of at most _MAX_POSTINGS postings, or of one term."""
    for stream in range(len(STREAMS)):
        piece: list[WeightedTerm] = []
        postings = 0
        for term in terms:
            if term.stream != stream:
                continue
            postings += term.postings.doc_freq
            if piece and postings > _MAX_POSTINGS:
                yield piece
                piece, postings = [], term.postings.doc_freq
            piece.append(term)
        if piece:
            yield piece
