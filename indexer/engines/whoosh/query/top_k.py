"""The best releases of an any-word query, without scoring all of them.

MaxScore (Turtle and Flood 1995, "Query Evaluation: Strategies and Optimizations") by whole columns: the terms
that weigh most for their postings are added up for all releases. Some of the best so far are scored in full,
for a threshold that k releases reach. Once the other terms together cannot lift a release far, only those
near the threshold are looked up in them. Releases whose title covers the query are scored by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.engines.shared.arrays import FloatArray, Int64Array
from indexer.engines.whoosh.query.deadline import Deadline
from indexer.engines.whoosh.query.scorer import Scorer, WeightedQuery, WeightedTerm

_NONE: Int64Array = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Pruning:
    """How much is scored before the next decision. A balance: results do not depend on it, only speed."""

    # Add up this many postings before there is a threshold.
    first_postings: int = 20_000
    # For the threshold, take this many times k postings with the highest scores so far,
    threshold_candidates: int = 40
    # and of their releases score at most this many times k in full.
    threshold_sample: int = 3
    # Add up terms while the others together may add this share of the threshold.
    rest_share: float = 0.7
    # While more than this many times k candidates remain, prune
    few: int = 10
    # after every so many terms.
    terms_per_round: int = 6


_PRUNING = Pruning()


def find_top(
    scorer: Scorer, query: WeightedQuery, k: int, deadline: Deadline, pruning: Pruning = _PRUNING
) -> tuple[Int64Array, FloatArray]:
    """The releases that may be among the best `k`, and their scores, by the terms that are reached before the
    deadline.
    """
    docs, scores = _find_without_bonus(scorer, query.terms, k, deadline, pruning)
    covering = scorer.docs_with_title_coverage(query, deadline)
    live = scorer.reader.live_docs
    if live is not None:
        covering = covering[live[covering]]
    if len(covering):
        others = np.isin(docs, covering, invert=True)
        docs = np.concatenate([docs[others], covering])
        scores = np.concatenate([scores[others], scorer.score(query, covering, deadline)])
    return docs, scores


def _find_without_bonus(
    scorer: Scorer, terms: Sequence[WeightedTerm], k: int, deadline: Deadline, pruning: Pruning
) -> tuple[Int64Array, FloatArray]:
    ordered = sorted(terms, key=lambda term: term.postings.doc_freq / term.weight)
    bounds = np.array([term.weight for term in ordered]) * float(scorer.saturation)
    # What the terms from each on can add at most.
    rest = np.append(bounds[::-1].cumsum()[::-1], 0.0)
    costs = np.cumsum([term.postings.doc_freq for term in ordered])
    scores = np.zeros(len(scorer.reader), np.float32)
    live = scorer.reader.live_docs
    if live is not None:
        scores[~live] = -np.inf
    done = int(costs.searchsorted(pruning.first_postings, "right")) + 1
    added = scorer.add_postings(ordered[:done], scores, deadline)
    if done < len(ordered):
        seen = np.concatenate([_NONE, *added])
        threshold = _find_threshold(scorer, seen, scores, ordered[done:], k, deadline, pruning)
        stop = max(done, int((rest >= threshold * pruning.rest_share).sum()))
        scorer.add_postings(ordered[done:stop], scores, deadline)
        if stop < len(ordered):
            return _finish(scorer, ordered[stop:], scores, k, threshold, deadline, pruning)
    docs = np.flatnonzero(scores > 0)
    return docs, scores[docs]


def _find_threshold(
    scorer: Scorer,
    seen: Int64Array,
    scores: FloatArray,
    terms: Sequence[WeightedTerm],
    k: int,
    deadline: Deadline,
    pruning: Pruning,
) -> float:
    """A score that `k` releases reach, by scoring some of the best of `seen` in the other `terms` too. A
    release may be several times in `seen`.
    """
    candidates = seen[_highest(scores[seen], pruning.threshold_candidates * k)]
    docs = np.unique(candidates)
    docs = docs[np.sort(_highest(scores[docs], pruning.threshold_sample * k))]
    full = scores[docs]
    scorer.add_selected(terms, docs, full, deadline)
    return max(_kth_highest(full, k), 0.0)


def _finish(
    scorer: Scorer,
    terms: Sequence[WeightedTerm],
    scores: FloatArray,
    k: int,
    threshold: float,
    deadline: Deadline,
    pruning: Pruning,
) -> tuple[Int64Array, FloatArray]:
    """Look the releases that may still win up in the other terms, those that weigh most first."""
    terms = sorted(terms, key=lambda term: -term.weight)
    rest = sum(term.weight for term in terms) * float(scorer.saturation)
    docs = np.flatnonzero((scores >= threshold - rest) & (scores > 0))
    near = scores[docs]
    while terms and not deadline():
        if len(docs) > pruning.few * k:
            threshold = max(threshold, _kth_highest(near, k))
            winning = near >= threshold - rest
            docs, near = docs[winning], near[winning]
        together = pruning.terms_per_round if len(docs) > pruning.few * k else len(terms)
        scorer.add_selected(terms[:together], docs, near, deadline)
        rest -= sum(term.weight for term in terms[:together]) * float(scorer.saturation)
        terms = terms[together:]
    return docs, near


def _highest(scores: FloatArray, count: int) -> Int64Array:
    """The indexes of the `count` highest scores, in no order."""
    return np.argpartition(scores, -count)[-count:] if len(scores) > count else np.arange(len(scores))


def _kth_highest(scores: FloatArray, k: int) -> float:
    """The k-th highest score, 0 if there are fewer."""
    return float(np.partition(scores, -k)[-k]) if len(scores) >= k else 0.0
