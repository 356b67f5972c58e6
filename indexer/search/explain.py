"""Why a release has its score."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.engine import Snapshot, Stream
from indexer.search.compile import SearchTree
from indexer.search.ranking import rank_closely


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
    """The score of a release: terms of the first pass, the bonus of a title that holds the whole query, and
    what the second pass adds. `matches` says whether the release has all that was asked for.
    """

    release_id: str
    matches: bool
    terms: tuple[TermScore, ...]
    title_bonus: float
    second_pass: float

    @property
    def score(self) -> float:
        """All of it."""
        return sum(term.score for term in self.terms) + self.title_bonus + self.second_pass


def explain(reader: Snapshot, tree: SearchTree, release_id: str) -> Explanation:
    """The score of a release that is indexed, whether it matches or not."""
    terms, bonus = reader.contributions(release_id, tree.scoring)
    first = sum(score for score, _ in terms) + bonus
    (second,) = rank_closely(reader, tree.morphemes, [release_id], [first])
    return Explanation(
        release_id,
        reader.matches(release_id, tree.node),
        tuple(
            TermScore(term.stream, term.text, term.weight, frequency, score)
            for term, (score, frequency) in zip(tree.scoring, terms, strict=True)
        ),
        bonus,
        second - first,
    )
