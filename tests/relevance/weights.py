"""Finds the weights of the second pass and of whole titles, on both judged sets at once, cross-validated.

    python -m tests.relevance.weights --index INDEX --judged FOLDER [--queries N]

FOLDER holds `eval-subtitles` and `eval-titles`. Each weight is tried over a grid, one after the other, until
none is better; what counts is the mean of both sets' MRR@10. The weights found on the queries with even
numbers are measured on those with odd numbers, and the other way round; those found on all are what
`indexer/weights.py` should say.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from indexer.search.ranking import RERANKED, features, scoring_terms, terms_and_pairs
from numpy.typing import NDArray

from indexer.analysis import Analyzer
from indexer.engine import Plan, Snapshot
from indexer.engines.whoosh import WhooshEngine
from indexer.evaluation.judged import SHARED_BODY_CHARS, JudgedSet, read_judged_set
from indexer.search.interpretations import morphemes_of
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


@dataclass(frozen=True)
class Asked:
    """A query: what each release of its first page shows, and which of them answers it."""

    base: NDArray[np.float64]  # the first score without the bonus of the title
    shown: NDArray[np.float64]  # columns in the order of GRID
    answers: NDArray[np.bool_]


@dataclass(frozen=True)
class Set:
    """The queries of a judged set as one: `Asked` with an axis before, filled up to RERANKED releases."""

    base: NDArray[np.float32]
    shown: NDArray[np.float32]
    answers: NDArray[np.bool_]

    def part(self, start: int) -> Set:
        """Every second query."""
        return Set(self.base[start::2], self.shown[start::2], self.answers[start::2])


def main() -> None:
    """Search, and print what is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--judged", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=10_000)
    options = parser.parse_args()
    analyzer = Analyzer()
    reader = WhooshEngine(options.index, analyzer).open()
    sets = [
        together([ask(reader, analyzer, judged, query) for query in list(judged.queries)[: options.queries]])
        for judged in (read_judged_set(options.judged / f"eval-{name}") for name in ("subtitles", "titles"))
    ]
    print("now", WEIGHTS, [round(mrr(own, WEIGHTS), 4) for own in sets])
    for name, train, test in (("even", 0, 1), ("odd", 1, 0)):
        found = climb([own.part(train) for own in sets])
        print(
            f"found on {name}, measured on the others",
            _said(found),
            [round(mrr(own.part(test), found), 4) for own in sets],
        )
    best = climb(sets)
    print("found on all", _said(best), [round(mrr(own, best), 4) for own in sets])


def ask(reader: Snapshot, analyzer: Analyzer, judged: JudgedSet, query: str) -> Asked:
    """The first page of a query, looked at."""
    analysed = analyzer.analyze([judged.queries[query]])
    scoring = scoring_terms([(analysed.morphemes.spans(0), analysed.bigrams.pairs(0))])
    plan = Plan(query=None, scoring=scoring, limit=RERANKED, exact_total=False)
    page = reader.search(plan).page
    ids = [scored.id for scored in page]
    terms, pairs = terms_and_pairs(morphemes_of(list(analysed.morphemes.tokens(0))))
    evidence = reader.evidence(ids, terms)
    shares, total = features(evidence, terms, pairs, reader.generation.documents)
    # The bonus of a title is what a score has more than one without it.
    plainly = replace(
        plan, scoring=tuple(replace(term, coverage_groups=()) for term in scoring), limit=10 * RERANKED
    )
    without = {scored.id: scored.score for scored in reader.search(plainly).page}
    bonuses = np.array(
        [
            scored.score - without[scored.id]
            if scored.id in without
            else reader.contributions(scored.id, scoring)[1]
            for scored in page
        ]
    )
    relevant = judged.relevant.get(query, {})
    bodies = {reader.release(one).body for one in relevant if reader.release(one)}  # type: ignore[union-attr]
    bodies = {body for body in bodies if len(body) > SHARED_BODY_CHARS}
    answers = np.array([one in relevant for one in ids], bool)
    if bodies and not answers[:1].any():
        for place, one in enumerate(ids[:20]):
            release = reader.release(one)
            answers[place] |= release is not None and release.body in bodies
    shown = np.column_stack([bonuses / max(WEIGHTS.whole_title, 1e-9), shares * total * (WEIGHTS.k1 + 1)])
    return Asked(np.array([scored.score for scored in page]) - bonuses, shown, answers)


def together(asked: Sequence[Asked]) -> Set:
    """Queries as one set."""
    shape = (len(asked), RERANKED)
    made = Set(
        np.full(shape, -np.inf, np.float32), np.zeros((*shape, len(GRID)), np.float32), np.zeros(shape, bool)
    )
    for number, query in enumerate(asked):
        count = len(query.base)
        made.base[number, :count] = query.base
        made.shown[number, :count] = query.shown
        made.answers[number, :count] = query.answers
    return made


def mrr(queries: Set, weights: Weights) -> float:
    """MRR@10 with these weights."""
    worth = np.array([getattr(weights, name) for name in GRID], np.float32)
    scores = queries.base + queries.shown @ worth
    right = np.where(queries.answers, scores, -np.inf).max(axis=1)
    ranks = 1 + (scores > right[:, None]).sum(axis=1)
    return float(np.where((ranks <= 10) & np.isfinite(right), 1 / ranks, 0.0).mean())


def climb(sets: Sequence[Set]) -> Weights:
    """The best weights on the way up from those of now."""
    weights, best = WEIGHTS, _mean(sets, WEIGHTS)
    better = True
    while better:
        better = False
        for name, values in GRID.items():
            for value in values:
                tried = replace(weights, **{name: value})
                if (score := _mean(sets, tried)) > best + 1e-6:
                    weights, best, better = tried, score, True
    return weights


def _mean(sets: Sequence[Set], weights: Weights) -> float:
    return sum(mrr(own, weights) for own in sets) / len(sets)


def _said(weights: Weights) -> str:
    return ", ".join(f"{name} {getattr(weights, name)}" for name in GRID)


if __name__ == "__main__":
    main()
