"""What was found, and the window of it that a page shows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.engines.whoosh.format.signatures import UNDATED
from indexer.engines.whoosh.query.multi_segment import Collection


class Rows:
    """Releases of a collection, numbers ascending, with their scores."""

    def __init__(self, collection: Collection, docs: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        self._collection = collection
        self.docs = docs
        self.scores = scores
        self.published = collection.published[docs]

    def id(self, row: int) -> str:
        """The id of a release."""
        return self._collection.id(int(self.docs[row]))

    def order(self, rows: NDArray[np.int64], sort: str) -> NDArray[np.int64]:
        """The order of some rows by a plan's sort, equal ones as they come."""
        return np.lexsort((-self._dates(rows, sort), -self.scores[rows]))

    def _dates(self, rows: NDArray[np.int64], sort: str) -> NDArray[np.int64]:
        """What is higher the earlier a row comes by its date; lowest where it has none."""
        published = self.published[rows]
        return np.where(published == UNDATED, UNDATED, -published) if sort == "oldest" else published

    def window(self, rows: NDArray[np.int64], sort: str, offset: int, limit: int) -> list[int]:
        """Rows `offset` to `offset + limit` of some, in the order of a plan."""
        scores, published = self.scores[rows], self._dates(rows, sort)
        first_key = scores if sort == "relevance" else published
        near = _first(first_key, offset + limit)
        if offset >= len(near):
            return []
        # Those that are before the window for certain need no order.
        before = first_key[near] > np.partition(first_key[near], -offset - 1)[-offset - 1]
        near, offset = near[~before], offset - int(before.sum())
        order = near[self.order(rows[near], sort)]
        scores, published, ordered = scores[order], published[order], rows[order].tolist()
        begins = np.append(True, (scores[1:] != scores[:-1]) | (published[1:] != published[:-1]))
        starts = [*begins.nonzero()[0].tolist(), len(order)]
        # Of those that are equal ids decide, also at either end of the window: all of them are looked at.
        first = bisect_right(starts, offset) - 1
        last = bisect_left(starts, min(offset + limit, len(order)))
        found: list[int] = []
        for start, stop in pairwise(starts[first : last + 1]):
            equal = ordered[start:stop]
            found += sorted(equal, key=self.id) if len(equal) > 1 else equal
        return found[offset - starts[first] :][:limit]


def _first(values: NDArray[np.float32] | NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The rows of the `count` highest values, and all that equal the last of them."""
    if len(values) <= count:
        return np.arange(len(values))
    return np.flatnonzero(values >= np.partition(values, -count)[-count])
