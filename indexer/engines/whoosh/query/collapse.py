"""One result for releases that are nearly the same."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from indexer.engines.shared.arrays import Int64Array, Mask, UInt64Array
from indexer.engines.whoosh.query.hits import HitList
from indexer.engines.whoosh.query.multi_segment import MultiSegmentReader

# Buckets enough for the releases of the largest index.
_GROUP_BITS = 20


class BodyGroups:
    """Which releases have nearly the same body."""

    def __init__(self, reader: MultiSegmentReader) -> None:
        self._reader = reader

    def collapse(self, hits: HitList, sort: str) -> CollapsedHits:
        """The first of each group by `sort`."""
        is_listed = np.ones(len(hits.docs), bool)
        in_groups = np.flatnonzero(self._has_others[hits.docs])
        in_groups = in_groups[hits.order(in_groups, sort)]
        groups = self._reader.body_groups[hits.docs[in_groups]]
        _, firsts, counts = np.unique(groups, return_index=True, return_counts=True)
        is_listed[in_groups] = False
        is_listed[in_groups[firsts]] = True
        several = firsts[counts > 1]
        group_of = dict(zip(in_groups[several].tolist(), groups[several].tolist(), strict=True))
        return CollapsedHits(hits, is_listed, in_groups, groups, group_of)

    @cached_property
    def _has_others(self) -> Mask:
        """Which releases are in a group with others."""
        groups = self._reader.body_groups
        # Most groups have one release, which their first bits show; only the others are sorted.
        buckets = (groups >> np.uint64(64 - _GROUP_BITS)).astype(np.int64)
        shared: Mask = (np.bincount(buckets, minlength=1 << _GROUP_BITS)[buckets] > 1) & (groups > 0)
        candidates = shared.nonzero()[0]
        _, index, counts = np.unique(groups[candidates], return_inverse=True, return_counts=True)
        shared[candidates] = counts[index] > 1
        return shared


class CollapsedHits:
    """Hits of which `is_listed` says which stand for their group."""

    def __init__(
        self,
        hits: HitList,
        is_listed: Mask,
        in_groups: Int64Array,
        groups: UInt64Array,
        group_of: dict[int, int],
    ) -> None:
        self._hits, self._in_groups, self._groups, self._group_of = hits, in_groups, groups, group_of
        self.is_listed = is_listed

    def others(self, hit: int) -> tuple[str, ...]:
        """The ids of the releases that stand behind one, in their order."""
        if hit not in self._group_of:
            return ()
        same = self._in_groups[self._groups == self._group_of[hit]]
        return tuple(self._hits.id(int(other)) for other in same if other != hit)
