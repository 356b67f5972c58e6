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
from numpy.typing import NDArray

from indexer.analysis import Analyzer
from indexer.engine import Plan, Reader
from indexer.engines.whoosh import WhooshEngine
from indexer.evaluation import SHARED_BODY_CHARS, JudgedSet, read_judged_set
from indexer.search.ranking import RERANKED, features, scoring_terms, terms_and_pairs
from indexer.search.words import morphemes_of
from indexer.weights import WEIGHTS, Weights

GRID = {
    "whole_title": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3),
    "pair_share": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    "stretch_share": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7),
    "lead_share": (0.0, 0.06, 0.12, 0.18, 0.25, 0.35, 0.5),
    "title_order_share": (0.0, 0.05, 0.1, 0.2, 0.3),
    "title_cover_share": (0.0, 0.05, 0.1, 0.2, 0.3, 0.4),
}


@dataclass(frozen=True)
class Asked:
    """A query: what each release of its first page shows, and which of them answers it."""

    base: NDArray[np.float64]  # the first score without the bonus of the title
    shown: NDArray[np.float64]  # columns in the order of GRID
    answers: NDArray[np.bool_]


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
        [ask(reader, analyzer, judged, query) for query in list(judged.queries)[: options.queries]]
        for judged in (read_judged_set(options.judged / f"eval-{name}") for name in ("subtitles", "titles"))
    ]
    print("now", WEIGHTS, [round(mrr(own, WEIGHTS), 4) for own in sets])
    for name, train, test in (("even", 0, 1), ("odd", 1, 0)):
        found = climb([own[train::2] for own in sets])
        print(
            f"found on {name}, measured on the others",
            _said(found),
            [round(mrr(own[test::2], found), 4) for own in sets],
        )
    best = climb(sets)
    print("found on all", _said(best), [round(mrr(own, best), 4) for own in sets])


def ask(reader: Reader, analyzer: Analyzer, judged: JudgedSet, query: str) -> Asked:
    """The first page of a query, looked at."""
    analysed = analyzer.analyze([judged.queries[query]])
    scoring = scoring_terms(analysed)
    page = reader.search(Plan(query=None, scoring=scoring, limit=RERANKED, exact_total=False)).page
    ids = [scored.id for scored in page]
    terms, pairs = terms_and_pairs(morphemes_of(list(analysed.morphemes.tokens(0))))
    evidence = reader.evidence(ids, terms)
    shares, total = features(evidence, terms, pairs, reader.generation.documents)
    bonuses = np.array([reader.contributions(release_id, scoring)[1] for release_id in ids])
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


def mrr(queries: Sequence[Asked], weights: Weights) -> float:
    """MRR@10 with these weights."""
    worth = np.array([getattr(weights, name) for name in GRID])
    total = 0.0
    for query in queries:
        scores = query.base + query.shown @ worth
        right = scores[query.answers]
        if len(right):
            rank = 1 + int((scores > right.max()).sum())
            total += 1 / rank if rank <= 10 else 0
    return total / max(len(queries), 1)


def climb(sets: Sequence[Sequence[Asked]]) -> Weights:
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


def _mean(sets: Sequence[Sequence[Asked]], weights: Weights) -> float:
    return sum(mrr(own, weights) for own in sets) / len(sets)


def _said(weights: Weights) -> str:
    return ", ".join(f"{name} {getattr(weights, name)}" for name in GRID)


if __name__ == "__main__":
    main()
