"""Which segments are merged, and when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.engines.whoosh.build.merge_policy import MERGE_FACTOR, find_merge
from indexer.engines.whoosh.format.postings import MAX_SEGMENT_RELEASES
from indexer.engines.whoosh.store.manifest import SegmentEntry

SIZES = st.one_of(st.integers(1, 20), st.integers(1, MAX_SEGMENT_RELEASES))


def entry(number: int, documents: int, deleted: int = 0) -> SegmentEntry:
    return SegmentEntry(f"{number:06d}", documents, tuple(range(deleted)))


@st.composite
def segments(draw: st.DrawFn) -> list[SegmentEntry]:
    sizes = draw(st.lists(SIZES, max_size=5 * MERGE_FACTOR))
    return [entry(number, size, draw(st.integers(0, size))) for number, size in enumerate(sizes)]


def live(one: SegmentEntry) -> int:
    return one.documents - len(one.deleted)


def test_a_full_tier_is_merged_in_order() -> None:
    assert find_merge([entry(number, 1) for number in range(MERGE_FACTOR - 1)]) == []
    full = [entry(number, 1) for number in range(MERGE_FACTOR)]
    assert find_merge(full) == full
    assert find_merge([entry(99, 1_000), *full]) == full


def test_segments_of_different_tiers_do_not_fill_one() -> None:
    assert (
        find_merge([entry(number, MERGE_FACTOR ** (number % 4)) for number in range(3 * MERGE_FACTOR)]) == []
    )


def test_a_segment_more_than_half_deleted_is_rewritten_alone() -> None:
    full = [entry(number, 1) for number in range(MERGE_FACTOR)]
    assert find_merge([*full, entry(99, 10, 6)]) == [entry(99, 10, 6)]
    assert find_merge([entry(99, 10, 5)]) == []


def test_a_segment_without_live_releases_is_no_work_for_a_merge() -> None:
    assert find_merge([entry(number, 10, 10) for number in range(2 * MERGE_FACTOR)]) == []


def test_a_large_segment_is_left_alone() -> None:
    size = MAX_SEGMENT_RELEASES // MERGE_FACTOR + 1
    assert find_merge([entry(number, size) for number in range(2 * MERGE_FACTOR)]) == []


@given(segments())
def test_merging_what_is_due_comes_to_an_end(entries: list[SegmentEntry]) -> None:
    before = sum(map(live, entries))
    steps = 0
    while due := find_merge(entries):
        assert all(map(live, due))
        assert len(due) in (1, MERGE_FACTOR)
        assert sum(map(live, due)) <= MAX_SEGMENT_RELEASES
        steps += 1
        merged = entry(1_000 + steps, sum(map(live, due)))
        entries = [one for one in entries if one not in due] + [merged]
    assert steps <= 10 * MERGE_FACTOR
    assert sum(map(live, entries)) == before
