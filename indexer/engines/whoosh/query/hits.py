"""The releases that a search found, and the window of them that a page shows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

import numpy as np

from indexer.engine import UNDATED, SortKey
from indexer.engines.shared.arrays import FloatArray, Int64Array
from indexer.engines.whoosh.query.multi_segment import MultiSegmentReader


class HitList:
    """Doc ids with their scores. A hit is an index into these columns."""

    def __init__(self, reader: MultiSegmentReader, docs: Int64Array, scores: FloatArray) -> None:
        self._reader = reader
        self.docs = docs
        self.scores = scores
        self.published = reader.published[docs]

    def id(self, hit: int) -> str:
        """The id of a hit's release."""
        return self._reader.id(int(self.docs[hit]))

    def order(self, hits: Int64Array, sort: str) -> Int64Array:
        """The order of some hits by a `Search.sort`, as indexes into `hits`; equal ones keep theirs."""
        return np.lexsort((-_date_keys(self.published[hits], sort), -self.scores[hits]))

    def behind(self, place: SortKey, hits: Int64Array, sort: str) -> Int64Array:
        """Those of some hits that come behind a place in the order of a `Search.sort`."""
        dates, date = _date_keys(self.published[hits], sort), _date_keys(np.array(place.published), sort)
        is_behind, is_equal = dates < date, dates == date
        if sort == "relevance":
            # With all its digits: a place that was made up may be between two scores.
            scores, score = self.scores[hits], np.float64(place.score)
            is_behind = (scores < score) | ((scores == score) & is_behind)
            is_equal &= scores == score
        # Ids decide among equal hits.
        is_behind[is_equal] = [self.id(hit) > place.id for hit in hits[is_equal].tolist()]
        return hits[is_behind]

    def window(self, hits: Int64Array, sort: str, offset: int, limit: int) -> list[int]:
        """`limit` of some hits from `offset` on, in the order of a `Search.sort`, equal ones by id."""
        scores, published = self.scores[hits], _date_keys(self.published[hits], sort)
        first_key = scores if sort == "relevance" else published
        near = _highest_with_ties(first_key, offset + limit)
        if offset >= len(near):
            return []
        # Hits that are before the window for certain need no order.
        before = first_key[near] > np.partition(first_key[near], -offset - 1)[-offset - 1]
        near, offset = near[~before], offset - int(before.sum())
        order = near[self.order(hits[near], sort)]
        scores, published, ordered = scores[order], published[order], hits[order].tolist()
        begins = np.append(True, (scores[1:] != scores[:-1]) | (published[1:] != published[:-1]))
        starts = [*begins.nonzero()[0].tolist(), len(order)]
        # Ids decide among equal hits. Such a group may reach beyond either end of the window: take it whole.
        first = bisect_right(starts, offset) - 1
        last = bisect_left(starts, min(offset + limit, len(order)))
        window: list[int] = []
        for start, stop in pairwise(starts[first : last + 1]):
            equal = ordered[start:stop]
            window += sorted(equal, key=self.id) if len(equal) > 1 else equal
        return window[offset - starts[first] :][:limit]


def _date_keys(published: Int64Array, sort: str) -> Int64Array:
    """Keys that are higher the earlier a release comes by its date, lowest without a date."""
    return np.where(published == UNDATED, UNDATED, -published) if sort == "oldest" else published


def _highest_with_ties(values: FloatArray | Int64Array, count: int) -> Int64Array:
    """The indexes of the `count` highest values, and of all that equal the last of them."""
    if len(values) <= count:
        return np.arange(len(values))
    return np.flatnonzero(values >= np.partition(values, -count)[-count])
