"""The second pass of ranking, beside the same counted place by place."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine import MatchPositions
from indexer.search.rerank import FEATURES, Features, terms_and_pairs
from indexer.weights import Weights

WEIGHTS = Weights(pair_reach=3, stretch=5, number=2.0)
DOCUMENTS = 100
TERMS = ("창원", "40", "버스", "노선")
# For each release, by position, the terms that stand there; and how long its title is.
RELEASES = st.lists(
    st.tuples(st.lists(st.sets(st.integers(0, len(TERMS) - 1)), max_size=14), st.integers(1, 6)), max_size=4
)
QUERIES = st.lists(st.sampled_from(TERMS), min_size=1, max_size=6)


def positions_of(releases: list[tuple[list[set[int]], int]], terms: tuple[str, ...]) -> MatchPositions:
    rows = [
        (release, terms.index(TERMS[number]), position)
        for release, (places, _) in enumerate(releases)
        for position, found in enumerate(places)
        for number in sorted(found)
        if TERMS[number] in terms
    ]
    docs, term_indexes, term_positions = np.array(rows, np.int64).reshape(-1, 3).T
    in_lead = np.zeros((len(releases), len(terms)), bool)
    in_lead[:, 0] = True
    frequencies = np.arange(1, len(terms) + 1)
    return MatchPositions(
        DOCUMENTS,
        frequencies,
        docs,
        term_indexes,
        term_positions,
        np.array([end for _, end in releases], np.int64),
        in_lead,
    )


@given(RELEASES, QUERIES)
def test_shares_are_those_counted_place_by_place(
    releases: list[tuple[list[set[int]], int]], query: list[str]
) -> None:
    terms, pairs = terms_and_pairs(query)
    features = Features(positions_of(releases, terms), terms, pairs, WEIGHTS)
    shares, total = features.shares, features.query_weight
    idf = [
        (2.0 if term == "40" else 1.0) * math.log1p((DOCUMENTS - df + 0.5) / (df + 0.5))
        for df, term in enumerate(terms, 1)
    ]
    if not releases:
        assert shares.shape == (0, len(FEATURES))
        return
    assert total == pytest.approx(sum(idf))
    for number, (places, end) in enumerate(releases):
        stands = [[at for at, found in enumerate(places) if TERMS.index(term) in found] for term in terms]

        def apart(a: int, b: int, stands: list[list[int]] = stands) -> int:
            return min((y - x for x in stands[a] for y in stands[b] if y > x), default=99)

        def part(held: list[float], all_: list[float]) -> float:
            return sum(held) / sum(all_) if sum(all_) else 0.0

        both = [idf[a] + idf[b] for a, b in pairs]
        numbers = [idf[a] if terms[a] == "40" else 0.0 for a, _ in pairs]
        near = [apart(a, b) for a, b in pairs]
        windows = [
            sum(idf[term] for term, own in enumerate(stands) if any(at <= place < at + 5 for place in own))
            for at in range(len(places))
        ]
        titled = [[at for at in own if at < end] for own in stands]
        whole = all(titled)
        in_order = [
            worth if whole and titled[a][0] < titled[b][-1] else 0.0
            for worth, (a, b) in zip(both, pairs, strict=True)
        ]
        covered = min(sum(map(len, titled)) / max(end - 1, 1), 1.0)
        assert shares[number].tolist() == pytest.approx(
            [
                part([worth for worth, at in zip(both, near, strict=True) if at <= 3], both),
                part([worth for worth, at in zip(numbers, near, strict=True) if at == 1], numbers),
                max(windows, default=0.0) / total,
                idf[0] / total,
                (part(in_order, both) if pairs else 1.0) if whole else 0.0,
                covered if whole else 0.0,
            ]
        )
