"""The second pass of ranking: the best releases of the first pass get a score for where the words stand.

Each feature is a share between 0 and 1 of the idf of the whole query. Its weight has the same name in
`indexer/weights.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Analyzer
from indexer.engine import MatchPositions, ScoredDoc, Search, Snapshot, SortKey
from indexer.search.positions import find_positions
from indexer.search.term_weights import has_digit, number_weight
from indexer.weights import WEIGHTS, Weights, idf

# How many releases are reranked: the same ones whatever the page, so that pages neither repeat nor miss any.
# A choice: the weights of the second pass were tuned with it.
WINDOW = 100
# How far down the place of a page is found by counting: as far as OpenSearch counts in one request
# (`index.max_result_window`). A page behind it has none before it.
MAX_OFFSET = 10_000

Shares = NDArray[np.float64]
_Indexes = NDArray[np.int64]


class Place(NamedTuple):
    """Where a page begins. `offset` is how many releases are on the pages before it. `after` is the last of
    them in the first pass, where it is known: it finds a place far down faster than the offset does.
    """

    offset: int = 0
    after: SortKey | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a result. `next` and `previous` are where the pages behind and before it begin; None if there
    is none. For the rest see `SearchResults`.
    """

    docs: tuple[ScoredDoc, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    next: Place | None
    previous: Place | None = None
    timed_out: bool = False


def search_reranked(
    snapshot: Snapshot, analyzer: Analyzer, request: Search, place: Place, morphemes: Sequence[str]
) -> Page:
    """The page of `request` that begins at `place`. If it is sorted by relevance, the best WINDOW releases of
    the first pass are reranked. `morphemes` are those of the query in order.
    """
    is_reranked = request.sort == "relevance" and not place.after and place.offset < WINDOW
    # Where the page begins and ends in what is asked for.
    start = place.offset if is_reranked else 0
    end = start + request.limit
    asked = replace(
        request,
        after=place.after,
        offset=0 if is_reranked or place.after else place.offset,
        limit=max(WINDOW, end) if is_reranked else end,
    )
    results = snapshot.search(asked)
    docs = results.docs
    behind = None
    if results.has_more or len(docs) > end:
        count = place.offset + request.limit
        # Both passes have the same window. So what is behind it is behind its last release of the first pass.
        is_inside = is_reranked and end < WINDOW
        behind = Place(count) if is_inside else Place(count, docs[:end][-1].sort_key)
    before = None
    if 0 < place.offset <= MAX_OFFSET + request.limit:
        before = Place(max(place.offset - request.limit, 0))
    if is_reranked and not request.stop():
        docs = (*rerank(snapshot, analyzer, morphemes, docs[:WINDOW]), *docs[WINDOW:])
    return Page(docs[start:end], results.total, results.facets, behind, before, results.timed_out)


def rerank(
    snapshot: Snapshot, analyzer: Analyzer, morphemes: Sequence[str], docs: Sequence[ScoredDoc]
) -> list[ScoredDoc]:
    """The releases with the scores of both passes together, in their new order."""
    features = find_features(snapshot, analyzer, morphemes, docs)
    scores = features.add_to([doc.score for doc in docs]).tolist()
    ranked = [
        ScoredDoc(doc.id, score, doc.published, doc.collapsed_ids, doc.ref)
        for doc, score in zip(docs, scores, strict=True)
    ]
    return sorted(ranked, key=lambda doc: (-doc.score, -doc.published, doc.id))


def find_features(
    snapshot: Snapshot, analyzer: Analyzer, morphemes: Sequence[str], docs: Sequence[ScoredDoc]
) -> Features:
    """The features of releases for a query with these morphemes."""
    terms, pairs = terms_and_pairs(morphemes)
    return Features(find_positions(snapshot, analyzer, docs, terms), terms, pairs)


def terms_and_pairs(morphemes: Sequence[str]) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    """The different morphemes of a query, and pairs of indexes of those that are neighbours in it."""
    terms = tuple(dict.fromkeys(morphemes))
    index_of = {term: index for index, term in enumerate(terms)}
    pairs = dict.fromkeys((index_of[a], index_of[b]) for a, b in pairwise(morphemes) if a != b)
    return terms, list(pairs)


class Features:
    """The features of some releases: `shares` has a row for each release and a column for each feature.

    `terms` are the different morphemes of the query, `pairs` the indexes of those that are neighbours in it.
    """

    def __init__(
        self,
        positions: MatchPositions,
        terms: Sequence[str],
        pairs: Sequence[tuple[int, int]],
        weights: Weights = WEIGHTS,
    ) -> None:
        self.weights = weights
        idfs = [idf(int(frequency), positions.documents) for frequency in positions.frequencies]
        matches = Matches.of(positions, terms, pairs, idfs, weights)
        # The sum of the idf of all terms, with a higher weight for numbers.
        self.query_weight = float(matches.idf.sum())
        self.shares = np.zeros((matches.count, len(FEATURES)))
        if matches.count and self.query_weight > 0:
            for column, find_share in enumerate(FEATURES.values()):
                self.shares[:, column] = find_share(matches)

    def add_to(self, scores: Sequence[float]) -> Shares:
        """The scores of the first pass plus those of the second."""
        scale = self.query_weight * (self.weights.k1 + 1)
        weights = np.array([getattr(self.weights, name) for name in FEATURES])
        total: Shares = np.array(scores, np.float64) + self.shares @ weights * scale
        return total

    def of(self, row: int) -> dict[str, float]:
        """What each feature adds to the score of one release."""
        scale = self.query_weight * (self.weights.k1 + 1)
        return {
            name: float(share) * getattr(self.weights, name) * scale
            for name, share in zip(FEATURES, self.shares[row], strict=True)
        }


@dataclass(frozen=True)
class Matches:
    """The columns of `MatchPositions` as arrays, for `count` releases. `idf` has the weighted idf of each
    term.
    """

    count: int
    terms: Sequence[str]
    pairs: Sequence[tuple[int, int]]
    idf: Shares
    docs: _Indexes
    term_indexes: _Indexes
    positions: _Indexes
    title_ends: _Indexes
    in_lead: NDArray[np.bool_]
    weights: Weights

    @classmethod
    def of(
        cls,
        stored: MatchPositions,
        terms: Sequence[str],
        pairs: Sequence[tuple[int, int]],
        idfs: Sequence[float],
        weights: Weights,
    ) -> Matches:
        """Turn the columns into arrays. `idfs` are those of `terms`, before the weight of numbers."""
        docs, term_indexes, positions, title_ends = (
            np.asarray(column, np.int64)
            for column in (stored.docs, stored.terms, stored.positions, stored.title_ends)
        )
        number_weights = np.array([number_weight(term, weights) for term in terms])
        in_lead = np.asarray(stored.in_lead, bool).reshape(len(title_ends), len(terms))
        return cls(
            len(title_ends), terms, pairs, number_weights * np.array(idfs), docs, term_indexes, positions,
            title_ends, in_lead, weights,
        )  # fmt: skip

    @cached_property
    def distances(self) -> _Indexes:
        """For each release and pair, the least number of positions from the first term to the second;
        `weights.pair_reach` + 1 if it is more than `weights.pair_reach`.
        """
        reach = self.weights.pair_reach
        distances = np.full((self.count, len(self.pairs)), reach + 1)
        pair_of = np.full((len(self.idf),) * 2, -1)
        firsts, seconds = np.array(self.pairs).T
        pair_of[firsts, seconds] = range(len(self.pairs))
        # Occurrences are ordered by position: those at near positions are near in the columns too.
        for step in range(1, len(self.docs)):
            gaps = self.positions[step:] - self.positions[:-step]
            near = np.flatnonzero((self.docs[step:] == self.docs[:-step]) & (gaps <= reach))
            if not len(near):
                break
            pairs = pair_of[self.term_indexes[near], self.term_indexes[near + step]]
            is_pair = (pairs >= 0) & (gaps[near] > 0)
            near, pairs = near[is_pair], pairs[is_pair]
            np.minimum.at(distances, (self.docs[near], pairs), gaps[near])
        return distances

    @cached_property
    def title(self) -> Title:
        """The occurrences in titles."""
        inside = self.positions < self.title_ends[self.docs]
        docs, terms, positions = self.docs[inside], self.term_indexes[inside], self.positions[inside]
        first = np.full((self.count, len(self.idf)), np.iinfo(np.int64).max)
        np.minimum.at(first, (docs, terms), positions)
        last = np.full((self.count, len(self.idf)), -1)
        np.maximum.at(last, (docs, terms), positions)
        is_covering: NDArray[np.bool_] = np.all(last >= 0, axis=1)
        return Title(is_covering, first, last, np.bincount(docs, minlength=self.count))


@dataclass(frozen=True, slots=True)
class Title:
    """For each release: whether its title has every term, the first and the last position of each term in the
    title, and how many occurrences of terms the title has.
    """

    is_covering: NDArray[np.bool_]
    first: _Indexes
    last: _Indexes
    occurrences: _Indexes


def pair_share(matches: Matches) -> Shares:
    """The pairs whose second term follows the first within `weights.pair_reach` positions."""
    if not matches.pairs:
        return np.zeros(matches.count)
    firsts, seconds = np.array(matches.pairs).T
    near = matches.distances <= matches.weights.pair_reach
    shares: Shares = near @ _normalized(matches.idf[firsts] + matches.idf[seconds])
    return shares


def number_share(matches: Matches) -> Shares:
    """The numbers directly followed by the term that follows them in the query: what they count."""
    if not matches.pairs:
        return np.zeros(matches.count)
    firsts, _ = np.array(matches.pairs).T
    is_number = np.array([has_digit(matches.terms[first]) for first in firsts])
    shares: Shares = (matches.distances == 1) @ _normalized(matches.idf[firsts] * is_number)
    return shares


def stretch_share(matches: Matches) -> Shares:
    """The terms in the window of `weights.stretch` positions that has the most of them, by idf."""
    best = np.zeros(matches.count)
    count = len(matches.docs)
    if not count:
        return best
    window = matches.weights.stretch
    span = int(matches.positions.max()) + window + 1
    keys = matches.docs * span + matches.positions
    # For each occurrence, the index behind the previous one of the same term. Windows that begin before that
    # index have the term already.
    order = np.argsort(matches.term_indexes, kind="stable")
    after = np.zeros(count, np.int64)
    is_same = matches.term_indexes[order][1:] == matches.term_indexes[order][:-1]
    after[order[1:][is_same]] = order[:-1][is_same] + 1
    # An occurrence adds its idf to the windows that begin at `begins` up to itself. The sums are the running
    # totals of these steps up and down.
    begins = np.maximum(after, np.searchsorted(keys, keys - window, "right"))
    added = matches.idf[matches.term_indexes]
    steps: Shares = np.bincount(begins, added, count) - np.append(0.0, added[:-1])
    np.maximum.at(best, matches.docs, steps.cumsum())
    return best / float(matches.idf.sum())


def lead_share(matches: Matches) -> Shares:
    """The terms in the lead."""
    shares: Shares = matches.in_lead @ matches.idf / float(matches.idf.sum())
    return shares


def title_order_share(matches: Matches) -> Shares:
    """For a title that has every term: the pairs that stand in it in the order of the query."""
    title, weights = matches.title, matches.idf
    pairs = matches.pairs
    if not pairs:
        return title.is_covering.astype(np.float64)
    in_order = sum(
        ((weights[a] + weights[b]) * (title.first[:, a] < title.last[:, b]) for a, b in pairs),
        np.zeros(matches.count),
    )
    return np.where(title.is_covering, in_order / sum(weights[a] + weights[b] for a, b in pairs), 0.0)


def title_cover_share(matches: Matches) -> Shares:
    """For a title that has every term: the share of its positions that the terms take."""
    title = matches.title
    covered = np.minimum(title.occurrences / np.maximum(matches.title_ends - 1, 1), 1.0)
    return np.where(title.is_covering, covered, 0.0)


def _normalized(weights: Shares) -> Shares:
    """The weights as shares of their sum."""
    return weights / (weights.sum() or 1.0)


FEATURES: Mapping[str, Callable[[Matches], Shares]] = {
    feature.__name__: feature
    for feature in (pair_share, number_share, stretch_share, lead_share, title_order_share, title_cover_share)
}
