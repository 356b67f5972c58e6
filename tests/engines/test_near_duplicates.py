"""Bodies that are nearly the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine import UNDATED
from indexer.engines.shared.near_duplicates import compute_minhashes, group_near_duplicates
from indexer.engines.shared.signatures import (
    SIGNATURE_BYTES,
    BodySignatures,
    join_signatures,
)

DAY_S = 24 * 60 * 60
CHANCE = np.random.default_rng(1)
TEXT = CHANCE.integers(1, 1 << 40, 4_000)
# Signatures with no byte in common.
KINDS = [np.full(SIGNATURE_BYTES, 16 * kind, np.uint8) for kind in range(4)]

# Of each release its day (None: no date), what it is about, and which byte of its signature is another.
RELEASES = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 2)), st.integers(0, 3), st.integers(0, 2)), max_size=12
)


def signatures_of(releases: list[tuple[int | None, int, int]]) -> BodySignatures:
    minhashes = np.zeros((len(releases), SIGNATURE_BYTES), np.uint8)
    for row, (_, kind, changed) in enumerate(releases):
        minhashes[row] = KINDS[kind]
        minhashes[row, changed] += 1
    published = [UNDATED if day is None else day * DAY_S for day, _, _ in releases]
    fingerprints = np.array([1 + 10 * kind + changed for _, kind, changed in releases], np.uint64)
    return BodySignatures(np.array(published, np.int64), fingerprints, minhashes, fingerprints)


def are_alike(one: tuple[int | None, int, int], other: tuple[int | None, int, int]) -> bool:
    return one[1:] == other[1:] or (one[0] is not None and one[:2] == other[:2])


@given(RELEASES)
def test_groups_are_what_hangs_together(releases: list[tuple[int | None, int, int]]) -> None:
    expected = list(range(len(releases)))
    for _ in releases:
        for row, one in enumerate(releases):
            expected[row] = min(expected[other] for other, two in enumerate(releases) if are_alike(one, two))
    groups = group_near_duplicates(signatures_of(releases), []).tolist()
    firsts = {group: groups.index(group) for group in groups}
    assert [firsts[group] for group in groups] == expected


@given(RELEASES, RELEASES)
def test_what_is_new_joins_what_is_there(
    earlier: list[tuple[int | None, int, int]], new: list[tuple[int | None, int, int]]
) -> None:
    first = signatures_of(earlier)
    there = BodySignatures(
        first.published, first.fingerprints, first.minhashes, group_near_duplicates(first, [])
    )
    groups = group_near_duplicates(signatures_of(new), [there])
    for release, group in zip(new, groups.tolist(), strict=True):
        known = {int(there.groups[row]) for row, other in enumerate(earlier) if are_alike(release, other)}
        assert not known or group in known | set(there.groups.tolist())
        if not known and not any(are_alike(release, other) for other in new if other != release):
            assert group not in there.groups.tolist()


@pytest.mark.parametrize(
    ("changed", "least", "most"), [(0, 32, 32), (20, 26, 32), (2_000, 0, 16), (4_000, 0, 4)]
)
def test_a_minhash_tells_how_much_two_bodies_share(changed: int, least: int, most: int) -> None:
    other = TEXT.copy()
    other[:changed] = CHANCE.integers(1, 1 << 40, changed)
    minhashes = compute_minhashes(
        np.concatenate([TEXT, other]), [(0, len(TEXT)), (0, 0), (len(TEXT), 2 * len(TEXT))]
    )
    assert least <= int((minhashes[0] == minhashes[2]).sum()) <= most
    assert not minhashes[1].any()


def test_short_bodies_have_no_group() -> None:
    bodies = signatures_of([(0, 1, 0), (0, 1, 1)])
    short = BodySignatures(bodies.published, np.zeros(2, np.uint64), bodies.minhashes, np.zeros(2, np.uint64))
    assert group_near_duplicates(short, [bodies]).tolist() == [0, 0]
    assert group_near_duplicates(join_signatures([short, bodies]), []).tolist() == [0, 0, 11, 11]
