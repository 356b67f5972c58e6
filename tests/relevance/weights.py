"""Finds the weights of the second pass and of whole titles, on both judged sets at once, cross-validated.

    python -m tests.relevance.weights --index INDEX --judged FOLDER [--queries N]

FOLDER holds `eval-subtitles` and `eval-titles`. Each weight is tried over a grid, one after the other, until
none is better; what counts is the mean of both sets' MRR@10. The weights found on the queries with even
numbers are measured on those with odd numbers, and the other way round; those found on all are what
`indexer/weights.py` should say.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Analyzer
from indexer.bootstrap import open_engine
from indexer.engine import Ids, ScoredDoc, ScoringTerm, Search, Snapshot, TopK, find_docs
from indexer.evaluation.judged import SHARED_BODY_CHARS, JudgedSet, read_judged_set
from indexer.search.interpretations import morphemes_of
from indexer.search.rerank import FEATURES, WINDOW, find_features
from indexer.search.term_weights import scoring_terms
from indexer.settings import Settings
from indexer.weights import WEIGHTS, Weights

GRID = {
    "whole_title": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3),
    "pair_share": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    "number_share": (0.0, 0.1, 0.15, 0.18, 0.2, 0.3),
    "stretch_share": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7),
    "lead_share": (0.0, 0.05, 0.1, 0.15, 0.2, 0.3),
    "title_order_share": (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8),
    "title_cover_share": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
}
# The columns of what is shown.
NAMES = ("whole_title", *FEATURES)
# Releases whose bodies are compared with that of a judged one. A choice: each is read from the index.
_COMPARED_BODIES = 20


@dataclass(frozen=True)
class AskedQuery:
    """A query: what each release of its first page shows, and which of them answers it."""

    base: NDArray[np.float64]  # the first score without the bonus of the title
    shown: NDArray[np.float64]  # columns in the order of NAMES
    answers: NDArray[np.bool_]


@dataclass(frozen=True)
class QuerySet:
    """The queries of a judged set as one: `AskedQuery` with an axis before, filled up to WINDOW releases."""

    base: NDArray[np.float32]
    shown: NDArray[np.float32]
    answers: NDArray[np.bool_]

    def half(self, start: int) -> QuerySet:
        """Every second query."""
        return QuerySet(self.base[start::2], self.shown[start::2], self.answers[start::2])


def main() -> None:
    """Search, and print what is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--judged", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=10_000)
    options = parser.parse_args()
    analyzer = Analyzer()
    snapshot = open_engine(Settings(index=options.index), analyzer).open()
    sets = [
        join([ask(snapshot, analyzer, judged, query) for query in list(judged.queries)[: options.queries]])
        for judged in (read_judged_set(options.judged / f"eval-{name}") for name in ("subtitles", "titles"))
    ]
    print("now", WEIGHTS, [round(mrr(queries, WEIGHTS), 4) for queries in sets])
    for name, train, test in (("even", 0, 1), ("odd", 1, 0)):
        best = climb([queries.half(train) for queries in sets])
        print(
            f"found on {name}, measured on the others",
            _to_text(best),
            [round(mrr(queries.half(test), best), 4) for queries in sets],
        )
    best = climb(sets)
    print("found on all", _to_text(best), [round(mrr(queries, best), 4) for queries in sets])


def ask(snapshot: Snapshot, analyzer: Analyzer, judged: JudgedSet, query: str) -> AskedQuery:
    """The first page of a query, looked at."""
    analysed = analyzer.analyze([judged.queries[query]])
    scoring = scoring_terms([(analysed.morphemes.spans(0), analysed.bigrams.pairs(0))])
    docs = snapshot.top(TopK(scoring=scoring, limit=WINDOW)).docs
    morphemes = morphemes_of(list(analysed.morphemes.tokens(0)))
    features = find_features(snapshot, analyzer, morphemes, docs)
    bonuses = _title_bonuses(snapshot, scoring, docs)
    scale = features.query_weight * (WEIGHTS.k1 + 1)
    shown = np.column_stack([bonuses / max(WEIGHTS.whole_title, 1e-9), features.shares * scale])
    answers = _find_answers(snapshot, judged.relevant.get(query, {}), docs)
    return AskedQuery(np.array([doc.score for doc in docs]) - bonuses, shown, answers)


def _title_bonuses(
    snapshot: Snapshot, scoring: Sequence[ScoringTerm], docs: Sequence[ScoredDoc]
) -> NDArray[np.float64]:
    """What each release gets for its title: what its score has more than one without that."""
    plain = tuple(replace(term, coverage_groups=()) for term in scoring)
    scores = {doc.id: doc.score for doc in snapshot.top(TopK(scoring=plain, limit=10 * WINDOW)).docs}

    def bonus(doc: ScoredDoc) -> float:
        if doc.id in scores:
            return doc.score - scores[doc.id]
        search = Search(query=Ids((doc.id,)), scoring=plain, limit=1)
        return doc.score - snapshot.search(search).docs[0].score

    return np.array([bonus(doc) for doc in docs])


def _find_answers(
    snapshot: Snapshot, relevant: Mapping[str, int], docs: Sequence[ScoredDoc]
) -> NDArray[np.bool_]:
    """Which releases answer: those judged relevant, and of the first ones those with such a one's long body,
    where none of the judged is the first.
    """
    answers = np.array([doc.id in relevant for doc in docs], bool)
    judged = snapshot.fetch([doc.ref for doc in find_docs(snapshot, list(relevant)).values()])
    bodies = {release.body for release in judged if len(release.body) > SHARED_BODY_CHARS}
    if bodies and not answers[:1].any():
        first = snapshot.fetch([doc.ref for doc in docs[:_COMPARED_BODIES]])
        answers[: len(first)] |= [release.body in bodies for release in first]
    return answers


def join(queries: Sequence[AskedQuery]) -> QuerySet:
    """Queries as one set."""
    shape = (len(queries), WINDOW)
    together = QuerySet(
        np.full(shape, -np.inf, np.float32), np.zeros((*shape, len(NAMES)), np.float32), np.zeros(shape, bool)
    )
    for index, query in enumerate(queries):
        count = len(query.base)
        together.base[index, :count] = query.base
        together.shown[index, :count] = query.shown
        together.answers[index, :count] = query.answers
    return together


def mrr(queries: QuerySet, weights: Weights) -> float:
    """MRR@10 with these weights."""
    factors = np.array([getattr(weights, name) for name in NAMES], np.float32)
    scores = queries.base + queries.shown @ factors
    right = np.where(queries.answers, scores, -np.inf).max(axis=1)
    ranks = 1 + (scores > right[:, None]).sum(axis=1)
    return float(np.where((ranks <= 10) & np.isfinite(right), 1 / ranks, 0.0).mean())


def climb(sets: Sequence[QuerySet]) -> Weights:
    """The best weights on the way up from those of now."""
    weights, best = WEIGHTS, _mean(sets, WEIGHTS)
    better = True
    while better:
        better = False
        for name in NAMES:
            for value in GRID[name]:
                change: dict[str, Any] = {name: value}
                tried = replace(weights, **change)
                if (score := _mean(sets, tried)) > best + 1e-6:
                    weights, best, better = tried, score, True
    return weights


def _mean(sets: Sequence[QuerySet], weights: Weights) -> float:
    return sum(mrr(queries, weights) for queries in sets) / len(sets)


def _to_text(weights: Weights) -> str:
    return ", ".join(f"{name} {getattr(weights, name)}" for name in NAMES)


if __name__ == "__main__":
    main()
