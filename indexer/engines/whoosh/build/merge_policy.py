"""Which segments to merge next: a tiered policy, as that of Lucene is.

Segments fall into tiers by how many live releases they have, each tier MERGE_FACTOR times as large as the one
before. A tier with MERGE_FACTOR segments is merged into one, so an index of n releases has about
MERGE_FACTOR * log(n) small segments, and a release is copied about log(n) times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from indexer.engines.whoosh.format.postings import MAX_SEGMENT_RELEASES
from indexer.engines.whoosh.store.manifest import SegmentEntry

# A balance: a larger factor means fewer merges and more segments for a query to open. Answers do not depend
# on it.
MERGE_FACTOR = 8


def find_merge(entries: Sequence[SegmentEntry]) -> list[SegmentEntry]:
    """The segments to merge into one, in the order of `entries`; none if no merge is due.

    The first segment with more than half of its releases deleted is rewritten alone. Otherwise it is the
    first MERGE_FACTOR segments of a full tier. A segment of more than MAX_SEGMENT_RELEASES / MERGE_FACTOR
    live releases is in no tier, so what is merged fits into one segment.
    """
    tiers: dict[int, list[SegmentEntry]] = {}
    for entry in entries:
        live = entry.documents - len(entry.deleted)
        if 0 < live < entry.documents // 2:
            return [entry]
        if 0 < live <= MAX_SEGMENT_RELEASES // MERGE_FACTOR:
            tiers.setdefault(int(math.log(live, MERGE_FACTOR)), []).append(entry)
    return next((tier[:MERGE_FACTOR] for tier in tiers.values() if len(tier) >= MERGE_FACTOR), [])
