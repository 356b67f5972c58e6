"""Why a release has its score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.engine import (
    And,
    HasExplanation,
    Ids,
    NgramPhrase,
    ScoredDoc,
    ScoringTerm,
    Search,
    Snapshot,
    Stream,
    Term,
    TermContribution,
)
from indexer.search.compiled_query import CompiledQuery
from indexer.search.rerank import find_features
from indexer.search.snapshots import OpenSnapshot


@dataclass(frozen=True, slots=True)
class TermScore:
    """What one term of the query adds. `frequency` is how many releases have it."""

    stream: Stream
    term: str
    weight: float
    frequency: int
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The score of a release: terms of the first pass, the bonus of a title that covers the query, and what
    the second pass adds, also by feature (`rerank.FEATURES`). `matches` says whether the release has all that
    was asked for.
    """

    release_id: str
    matches: bool
    terms: tuple[TermScore, ...]
    title_bonus: float
    second_pass: float
    features: Mapping[str, float]

    @property
    def score(self) -> float:
        """All of it."""
        return sum(term.score for term in self.terms) + self.title_bonus + self.second_pass


def explain(opened: OpenSnapshot, tree: CompiledQuery, doc: ScoredDoc) -> Explanation:
    """The score of a release that is indexed, whether it matches or not."""
    snapshot = opened.snapshot
    if isinstance(snapshot, HasExplanation):
        terms, title_bonus = snapshot.explain(doc.ref, tree.scoring)
    else:
        terms, title_bonus = _explain(snapshot, doc.id, tree.scoring)
    first = sum(term.score for term in terms) + title_bonus
    features = find_features(snapshot, opened.analyzer, tree.morphemes, [doc])
    (score,) = features.add_to([first]).tolist()
    return Explanation(
        doc.id,
        snapshot.search(Search(query=And((Ids((doc.id,)), tree.node)), limit=0)).total > 0,
        tuple(
            TermScore(term.stream, term.text, term.weight, found.frequency, found.score)
            for term, found in zip(tree.scoring, terms, strict=True)
        ),
        title_bonus,
        score - first,
        features.of(0),
    )


def _explain(
    snapshot: Snapshot, release_id: str, scoring: Sequence[ScoringTerm]
) -> tuple[list[TermContribution], float]:
    """What each term adds, asked one by one: scores of terms add up."""

    def score(*terms: ScoringTerm) -> float:
        return snapshot.search(Search(query=Ids((release_id,)), scoring=terms, limit=1)).docs[0].score

    plain = [replace(term, coverage_groups=()) for term in scoring]
    terms = [TermContribution(score(term), _frequency(snapshot, term)) for term in plain]
    return terms, score(*scoring) - sum(term.score for term in terms)


def _frequency(snapshot: Snapshot, term: ScoringTerm) -> int:
    node = Term(term.text) if term.stream == "morphemes" else NgramPhrase(term.text, borders="none")
    return snapshot.search(Search(query=node, limit=0)).total
