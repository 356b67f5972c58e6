"""How good a release is for a query, in two passes.

The first is the engine's: BM25F over the scoring terms made here. Morphemes find what is meant, bigrams what
no dictionary knows and what is spaced otherwise; numbers tell releases of the same kind apart. The second
looks at the best of the first more closely: which neighbours of the query are neighbours in the release, how
much of the query one stretch of text holds, how much of it the lead. The weights are in `indexer/weights.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Span
from indexer.engine import MatchPositions, ScoringTerm, Snapshot, Stream
from indexer.weights import WEIGHTS, Weights

# How many of the best the second pass looks at.
RERANKED = 100
# A word of so many syllables may be several that were typed without their spaces.
LONG_WORD = 6
# What `features` has a column of, by the weight of each.
FEATURES = (
    "pair_share",
    "number_share",
    "stretch_share",
    "lead_share",
    "title_order_share",
    "title_cover_share",
)


def scoring_terms(
    texts: Iterable[tuple[Sequence[Span], Sequence[Span]]], weights: Weights = WEIGHTS
) -> tuple[ScoringTerm, ...]:
    """The terms of some texts of a query, given by the morphemes and the pairs of syllables of each."""
    worth: defaultdict[tuple[Stream, str], float] = defaultdict(float)
    clauses: dict[tuple[Stream, str], dict[int, None]] = defaultdict(dict)
    number = count()
    for morphemes, pairs in texts:
        borders: set[int] = set()
        for term, start, end in morphemes:
            worth["morphemes", term] += _number(term, weights)
            clauses["morphemes", term] = {next(number): None}
            borders |= {start, end}
        # By the place of each: those that are in no word are across two.
        weight = {start: weights.across for _, start, _ in pairs}
        for run in _unbroken(pairs):
            for either in _clauses([term for term, _, _ in run]):
                clause = next(number)
                for term in either:
                    clauses["bigrams", term][clause] = None
            for _, start, _ in run:
                # At a border in a long word it may be the one or the other.
                unsure = _is_long(run) and start + 1 in borders
                weight[start] = (weights.across + weights.bigram) / 2 if unsure else weights.bigram
        for term, start, _ in pairs:
            worth["bigrams", term] += weight[start] * _number(term, weights)
    return tuple(
        ScoringTerm(stream, term, weight, tuple(clauses[stream, term]))
        for (stream, term), weight in worth.items()
    )


def _clauses(run: Sequence[str]) -> Iterator[Sequence[str]]:
    """What a title must have of the bigrams of a word: one of each of these.

    All of them; but in a long word the words that it may be are not known for sure: a title need not hold a
    bigram where one may end, which is neither next to another such place nor one syllable from an end.
    """
    if _is_long(run):
        yield from (run[:1], run[-1:])
        yield from (run[at : at + 2] for at in range(1, len(run) - 2))
    else:
        yield from ([term] for term in run)


def _is_long(run: Sequence[object]) -> bool:
    """Whether the bigrams of a word are those of several that may have been typed without their spaces."""
    return len(run) + 1 >= LONG_WORD


def _unbroken(pairs: Sequence[Span]) -> Iterator[list[Span]]:
    """The bigrams with nothing between their syllables, those that follow each other together."""
    touching = [span for span in pairs if span[2] - span[1] == 2]
    for _, run in groupby(enumerate(touching), key=lambda item: item[1][1] - item[0]):
        yield [span for _, span in run]


def rank_closely(
    reader: Snapshot, morphemes: Sequence[str], release_ids: Sequence[str], first: Sequence[float]
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
    evidence: MatchPositions,
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
    evidence: MatchPositions,
    terms: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    documents: int,
    weights: Weights = WEIGHTS,
) -> tuple[NDArray[np.float64], float]:
    """What releases show of a query: for each of FEATURES a share of its idf, and that idf.

    `terms` are the query's morphemes, `pairs` the numbers of those that are neighbours in it; `documents` is
    the size of the index. The shares: of pairs whose second follows the first within `pair_reach` places; of
    numbers that have the second of their pair right behind them; of the query in the best `stretch` places;
    of the query in the lead; and for a title that holds all of the query, of pairs that stand in it in order,
    and of the title that is the query.
    """
    count = len(evidence.title_ends)
    shares = np.zeros((count, len(FEATURES)))
    idf = np.log1p((documents - evidence.frequencies + 0.5) / (evidence.frequencies + 0.5))
    idf = np.array([_number(term, weights) for term in terms]) * idf
    total = float(idf.sum())
    if not count or total <= 0:
        return shares, 0.0
    if pairs:
        distances = _distances(evidence, pairs, weights.pair_reach)
        firsts, seconds = np.array(pairs).T
        shares[:, 0] = (distances <= weights.pair_reach) @ _part(idf[firsts] + idf[seconds])
        numbers = np.array([_has_digit(terms[first]) for first in firsts])
        shares[:, 1] = (distances == 1) @ _part(idf[firsts] * numbers)
    shares[:, 2] = _best_stretch(evidence, idf, count, weights.stretch) / total
    shares[:, 3] = evidence.in_lead @ idf / total
    shares[:, 4:] = _titles(evidence, pairs, idf, count)
    return shares, total


def _part(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each is of all of them."""
    return values / (values.sum() or 1.0)


def _titles(
    evidence: MatchPositions, pairs: Sequence[tuple[int, int]], idf: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """For titles that hold every term: the share of pairs in order, and of the places that hold one."""
    found = np.zeros((count, 2))
    inside = evidence.positions < evidence.title_ends[evidence.releases]
    releases, terms, positions = evidence.releases[inside], evidence.terms[inside], evidence.positions[inside]
    first = np.full((count, len(idf)), np.iinfo(np.int64).max)
    np.minimum.at(first, (releases, terms), positions)
    last = np.full((count, len(idf)), -1)
    np.maximum.at(last, (releases, terms), positions)
    whole = (last >= 0).all(axis=1)
    if not whole.any():
        return found
    in_order = sum(((idf[a] + idf[b]) * (first[:, a] < last[:, b]) for a, b in pairs), np.zeros(count))
    found[:, 0] = in_order / sum(idf[a] + idf[b] for a, b in pairs) if pairs else 1.0
    places = np.bincount(releases, minlength=count)
    found[:, 1] = np.minimum(places / np.maximum(evidence.title_ends - 1, 1), 1.0)
    found[~whole] = 0.0
    return found


def _distances(evidence: MatchPositions, pairs: Sequence[tuple[int, int]], reach: int) -> NDArray[np.int64]:
    """For each release and pair the least number of places from its first to its second; more than `reach`
    where they are not so close.
    """
    found = np.full((len(evidence.title_ends), len(pairs)), reach + 1)
    known = np.full((len(evidence.frequencies),) * 2, -1)
    firsts, seconds = np.array(pairs).T
    known[firsts, seconds] = range(len(pairs))
    # Rows are in the order of places: what is near a row is near it in the columns too.
    for ahead in range(1, len(evidence.releases)):
        distances = evidence.positions[ahead:] - evidence.positions[:-ahead]
        near = np.flatnonzero(
            (evidence.releases[ahead:] == evidence.releases[:-ahead]) & (distances <= reach)
        )
        if not len(near):
            break
        numbers = known[evidence.terms[near], evidence.terms[near + ahead]]
        asked = (numbers >= 0) & (distances[near] > 0)
        near, numbers = near[asked], numbers[asked]
        np.minimum.at(found, (evidence.releases[near], numbers), distances[near])
    return found


def _best_stretch(
    evidence: MatchPositions, idf: NDArray[np.float64], count: int, stretch: int
) -> NDArray[np.float64]:
    """For each release the most that a window of `stretch` places holds of the query's idf."""
    best = np.zeros(count)
    rows = len(evidence.releases)
    if not rows:
        return best
    span = int(evidence.positions.max()) + stretch + 1
    places = evidence.releases * span + evidence.positions
    # The row behind the last one before of the same term: windows that begin further ahead hold that one.
    order = np.argsort(evidence.terms, kind="stable")
    after = np.zeros(rows, np.int64)
    again = evidence.terms[order][1:] == evidence.terms[order][:-1]
    after[order[1:][again]] = order[:-1][again] + 1
    # A row adds to the windows that begin from here up to itself: summed up as steps up and down.
    begins = np.maximum(after, np.searchsorted(places, places - stretch, "right"))
    worth = idf[evidence.terms]
    steps: NDArray[np.float64] = np.bincount(begins, worth, rows) - np.append(0.0, worth[:-1])
    np.maximum.at(best, evidence.releases, steps.cumsum())
    return best


def _number(term: str, weights: Weights) -> float:
    return weights.number if _has_digit(term) else 1.0


def _has_digit(term: str) -> bool:
    return not term.isalpha() and any(char.isdigit() for char in term)
