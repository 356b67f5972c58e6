"""What a query's words are worth: the scoring terms of the first pass.

Morphemes find what is meant, bigrams what no dictionary knows and what is spaced otherwise; numbers tell
releases of the same kind apart. The weights are in `indexer/weights.py`.
"""

from __future__ import annotations

from collections import defaultdict

from indexer.analysis import Analyzer
from indexer.engine import ScoringTerm, Stream
from indexer.weights import WEIGHTS, Weights


def scoring_terms(analyzer: Analyzer, text: str, weights: Weights = WEIGHTS) -> tuple[ScoringTerm, ...]:
    """The terms of a query. Raises AnalysisError where it holds a lone surrogate."""
    analysed = analyzer.analyze([text])
    worth: defaultdict[tuple[Stream, str], float] = defaultdict(float)
    for token in analysed.morphemes.tokens(0):
        worth["morphemes", token.term] += _number(token.term, weights)
    for token in analysed.bigrams.tokens(0):
        # A syllable that ends its sentence says nothing of its own.
        if len(token.term) == 2:
            worth["bigrams", token.term] += weights.bigram * _number(token.term, weights)
    return tuple(ScoringTerm(stream, term, weight) for (stream, term), weight in worth.items())


def _number(term: str, weights: Weights) -> float:
    return weights.number if any(char.isdigit() for char in term) else 1.0
