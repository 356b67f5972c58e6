"""Why a release has its score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.engine import (
    And,
    HasExplanation,
    Ids,
    ScoredDoc,
    ScoringTerm,
    Search,
    Snapshot,
    Stream,
    TermContribution,
    offers,
)
from indexer.search.compiled_query import CompiledQuery
from indexer.search.rerank import find_features
from indexer.search.snapshots import OpenSnapshot


@dataclass(frozen=True, slots=True)
class TermScore:
    """What one term of the query adds to a score. `frequency` counts the releases with the term."""

    stream: Stream
    term: str
    weight: float
    frequency: int
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The score of a release, part by part.

    - `matches`: whether the release matches the whole query.
    - `terms` and `title_bonus`: the first pass, term by term, and the bonus of a title that covers the query.
    - `second_pass`: what reranking adds; `features` has the same by feature (`rerank.FEATURES`).
    """

    release_id: str
    matches: bool
    terms: tuple[TermScore, ...]
    title_bonus: float
    second_pass: float
    features: Mapping[str, float]

    @property
    def score(self) -> float:
        """The sum of all parts."""
        return sum(term.score for term in self.terms) + self.title_bonus + self.second_pass


def explain(opened: OpenSnapshot, compiled: CompiledQuery, doc: ScoredDoc) -> Explanation:
    """Explain the score that a release has, or would have if it matched."""
    snapshot = opened.snapshot
    if offers(snapshot, HasExplanation):
        terms, title_bonus = snapshot.explain(doc.ref, compiled.scoring)
    else:
        terms, title_bonus = explain_by_searches(snapshot, doc.id, compiled.scoring)
    first_pass = sum(term.score for term in terms) + title_bonus
    features = find_features(snapshot, opened.analyzer, compiled.morphemes, [doc])
    (score,) = features.add_to([first_pass]).tolist()
    return Explanation(
        doc.id,
        snapshot.count([And((Ids((doc.id,)), compiled.node))]) == [1],
        tuple(
            TermScore(term.stream, term.text, term.weight, contribution.frequency, contribution.score)
            for term, contribution in zip(compiled.scoring, terms, strict=True)
        ),
        title_bonus,
        score - first_pass,
        features.of(0),
    )


def explain_by_searches(
    snapshot: Snapshot, release_id: str, scoring: Sequence[ScoringTerm]
) -> tuple[list[TermContribution], float]:
    """What each term adds to the score of a release, and its title bonus, for an engine that cannot say. Each
    term is searched for alone: a score is the sum over the terms, and the bonus is the rest.
    """

    def score(*terms: ScoringTerm) -> float:
        return snapshot.search(Search(query=Ids((release_id,)), scoring=terms, limit=1)).docs[0].score

    frequencies = snapshot.count([term.node for term in scoring])
    terms = [
        TermContribution(score(replace(term, coverage_groups=())), frequency or 0)
        for term, frequency in zip(scoring, frequencies, strict=True)
    ]
    return terms, score(*scoring) - sum(term.score for term in terms)
