"""Counts of the values of facets over a whole result, each facet without its own filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.engine import DateRange, Search
from indexer.engines.shared.arrays import Int64Array, Mask
from indexer.engines.whoosh.query.deadline import Deadline
from indexer.engines.whoosh.query.matcher import Matcher
from indexer.engines.whoosh.query.multi_segment import MultiSegmentReader
from indexer.schema import FACETS

_PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class MatchedDocs:
    """The releases that match a query and its filters; for each facet that is filtered, those that do without
    that filter.
    """

    docs: Int64Array
    without_filter: dict[str, Int64Array]


def match_docs(
    reader: MultiSegmentReader, matcher: Matcher, request: Search, deadline: Deadline
) -> MatchedDocs:
    """The releases that a request is about."""
    mask = matcher.match(request.query, deadline)
    passing = {name: reader.having(name, values) for name, values in request.filters.values.items()}
    if request.filters.published != DateRange():
        passing[_PUBLISHED] = matcher.published(request.filters.published)
    without_filter = {
        name: _docs_in(mask, *(other for key, other in passing.items() if key != own_filter))
        for name in request.facets
        if (own_filter := _PUBLISHED if FACETS[name].filters_days else name) in passing
    }
    return MatchedDocs(_docs_in(mask, *passing.values()), without_filter)


def count_values(reader: MultiSegmentReader, facet: str, matched: MatchedDocs, limit: int) -> dict[str, int]:
    """The `limit` most frequent values of a facet, the highest count first, equal ones by value."""
    value_of, values = reader.facet(facet)
    counts = np.bincount(value_of[matched.without_filter.get(facet, matched.docs)], minlength=len(values))
    if values[:1] == [""]:
        counts[0] = 0
    codes = counts.nonzero()[0]
    # Values are sorted: the higher count first, then the lower code.
    ranks = codes - counts[codes] * len(counts)
    if limit < len(ranks):
        best = ranks.argpartition(limit)[:limit]
        codes, ranks = codes[best], ranks[best]
    codes = codes[ranks.argsort()]
    return dict(zip(map(values.__getitem__, codes.tolist()), counts[codes].tolist(), strict=True))


def _docs_in(*masks: Mask) -> Int64Array:
    """The releases that all of some masks have."""
    return np.flatnonzero(np.logical_and.reduce(masks))
