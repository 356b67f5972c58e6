"""How good a release is for a query, in two passes.

The first is the engine's: BM25F over the scoring terms made here. Morphemes find what is meant, bigrams what
no dictionary knows and what is spaced otherwise; numbers tell releases of the same kind apart. The second
looks at the best of the first more closely: which neighbours of the query are neighbours in the release, how
much of the query one stretch of text holds, how much of it the lead. The weights are in `indexer/weights.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Analysis, Token
from indexer.engine import Evidence, Reader, ScoringTerm, Stream
from indexer.weights import WEIGHTS, Weights

# How many of the best the second pass looks at.
RERANKED = 100
# A word of so many syllables may be several that were typed without their spaces.
LONG_WORD = 6
# What `features` has a column of, by the weight of each.
FEATURES = ("pair_share", "stretch_share", "lead_share", "title_order_share", "title_cover_share")


def scoring_terms(
    analysed: Analysis, texts: Sequence[int] = (0,), weights: Weights = WEIGHTS
) -> tuple[ScoringTerm, ...]:
    """The terms of some analysed texts of a query."""
    worth: defaultdict[tuple[Stream, str], float] = defaultdict(float)
    inside: set[str] = set()
    for text in texts:
        borders = set()
        for token in analysed.morphemes.tokens(text):
            worth["morphemes", token.term] += _number(token.term, weights)
            borders |= {token.start, token.end}
        # A syllable that ends its sentence says nothing of its own.
        pairs = [token for token in analysed.bigrams.tokens(text) if len(token.term) == 2]
        for token in pairs:
            worth["bigrams", token.term] += weights.bigram * _number(token.term, weights)
        for run in _unbroken(pairs):
            # Any border of morphemes in a long word may be one of words.
            parted = borders if len(run) + 1 >= LONG_WORD else ()
            inside |= {token.term for token in run if token.start + 1 not in parted}
    return tuple(
        ScoringTerm(stream, term, weight, across=stream == "bigrams" and term not in inside)
        for (stream, term), weight in worth.items()
    )


def _unbroken(pairs: Sequence[Token]) -> Iterator[list[Token]]:
    """The bigrams with nothing between their syllables, those that follow each other together."""
    touching = [token for token in pairs if token.end - token.start == 2]
    for _, run in groupby(enumerate(touching), key=lambda item: item[1].start - item[0]):
        yield [token for _, token in run]


def rank_closely(
    reader: Reader, morphemes: Sequence[str], release_ids: Sequence[str], first: Sequence[float]
) -> list[float]:
    """The scores of releases with the second pass. `morphemes` are those of the query in order, `first` the
    scores of the first pass.
    """
    terms, pairs = terms_and_pairs(morphemes)
    evidence = reader.evidence(release_ids, terms)
    scores: list[float] = second_pass(first, evidence, terms, pairs, reader.generation.documents).tolist()
    return scores


def terms_and_pairs(morphemes: Sequence[str]) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    """The different morphemes of a query, and the numbers of those that are neighbours in it."""
    terms = tuple(dict.fromkeys(morphemes))
    numbers = {term: number for number, term in enumerate(terms)}
    pairs = dict.fromkeys((numbers[a], numbers[b]) for a, b in pairwise(morphemes) if a != b)
    return terms, list(pairs)


def second_pass(
    first: Sequence[float],
    evidence: Evidence,
    terms: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    documents: int,
    weights: Weights = WEIGHTS,
) -> NDArray[np.float64]:
    """The scores of releases, looked at closely, from their `first` ones: to these are added the shares that
    `features` gives, each times its weight and what the query weighs.
    """
    shares, total = features(evidence, terms, pairs, documents, weights)
    worth = np.array([getattr(weights, name) for name in FEATURES])
    scores: NDArray[np.float64] = np.array(first, np.float64) + shares @ worth * total * (weights.k1 + 1)
    return scores


def features(
    evidence: Evidence,
    terms: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    documents: int,
    weights: Weights = WEIGHTS,
) -> tuple[NDArray[np.float64], float]:
    """What releases show of a query: for each of FEATURES a share of its idf, and that idf.

    `terms` are the query's morphemes, `pairs` the numbers of those that are neighbours in it; `documents` is
    the size of the index. The shares: of pairs whose second follows the first within `pair_reach` places; of
    the query in the best `stretch` places; of the query in the lead; and for a title that holds all of the
    query, of pairs that stand in it in order, and of the title that is the query.
    """
    count = len(evidence.title_ends)
    shares = np.zeros((count, len(FEATURES)))
    idf = np.log1p((documents - evidence.frequencies + 0.5) / (evidence.frequencies + 0.5))
    idf = np.array([_number(term, weights) for term in terms]) * idf
    total = float(idf.sum())
    if not count or total <= 0:
        return shares, 0.0
    pair_total = sum(idf[a] + idf[b] for a, b in pairs)
    if pair_total:
        for a, b in pairs:
            follows = _follows(evidence, a, b, count, weights.pair_reach)
            shares[:, 0] += (idf[a] + idf[b]) / pair_total * follows
    shares[:, 1] = _best_stretch(evidence, idf, count, weights.stretch) / total
    shares[:, 2] = evidence.in_lead @ idf / total
    shares[:, 3:] = _titles(evidence, pairs, idf, count)
    return shares, total


def _titles(
    evidence: Evidence, pairs: Sequence[tuple[int, int]], idf: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """For titles that hold every term: the share of pairs in order, and of the places that hold one."""
    found = np.zeros((count, 2))
    inside = evidence.positions < evidence.title_ends[evidence.releases]
    releases, terms, positions = evidence.releases[inside], evidence.terms[inside], evidence.positions[inside]
    first = np.full((count, len(idf)), -1, np.int64)
    # Backwards, so that the first place of each term is what stays.
    first[releases[::-1], terms[::-1]] = positions[::-1]
    whole = (first >= 0).all(axis=1)
    if not whole.any():
        return found
    in_order = sum(((idf[a] + idf[b]) * (first[:, a] < first[:, b]) for a, b in pairs), np.zeros(count))
    found[:, 0] = in_order / sum(idf[a] + idf[b] for a, b in pairs) if pairs else 1.0
    places = np.bincount(releases, minlength=count)
    found[:, 1] = np.minimum(places / np.maximum(evidence.title_ends - 1, 1), 1.0)
    found[~whole] = 0.0
    return found


def _follows(evidence: Evidence, a: int, b: int, count: int, reach: int) -> NDArray[np.bool_]:
    """In which releases term `b` stands within `reach` places behind term `a`."""
    found = np.zeros(count, bool)
    own, other = evidence.terms == a, evidence.terms == b
    if not own.any() or not other.any():
        return found
    span = int(evidence.positions.max()) + reach + 2
    firsts = evidence.releases[own] * span + evidence.positions[own]
    seconds = evidence.releases[other] * span + evidence.positions[other]
    at = np.searchsorted(seconds, firsts, "right")
    near = (at < len(seconds)) & (seconds[np.minimum(at, len(seconds) - 1)] - firsts <= reach)
    found[evidence.releases[own][near]] = True
    return found


def _best_stretch(
    evidence: Evidence, idf: NDArray[np.float64], count: int, stretch: int
) -> NDArray[np.float64]:
    """For each release the most that a window of `stretch` places holds of the query's idf."""
    best = np.zeros(count)
    if not len(evidence.releases):
        return best
    span = int(evidence.positions.max()) + stretch + 2
    places = evidence.releases * span + evidence.positions
    held = np.zeros(len(places))
    for term, worth in enumerate(idf):
        own = places[evidence.terms == term]
        if len(own):
            at = np.searchsorted(own, places)
            ahead = (at < len(own)) & (own[np.minimum(at, len(own) - 1)] < places + stretch)
            held += worth * ahead
    np.maximum.at(best, evidence.releases, held)
    return best


def _number(term: str, weights: Weights) -> float:
    return weights.number if any(char.isdigit() for char in term) else 1.0
