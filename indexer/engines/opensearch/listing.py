"""A page of a search: hits cut out of the whole order, of each group of like bodies the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from indexer.engine import Ids, ScoredDoc, Search, SearchResults, Sort
from indexer.engines.opensearch.groups import BodyGroups
from indexer.engines.opensearch.hits import BY_DATE, MAX_HITS, MAX_WITH_BLOBS, MISSING, Hit, Page
from indexer.engines.opensearch.keywords import from_keyword, to_keyword
from indexer.engines.opensearch.query import (
    EVERYTHING,
    Query,
    all_of,
    facet_aggregations,
    filter_query,
    to_query,
)
from indexer.engines.shared.moments import UNDATED


class Ask(Protocol):
    """Asks for some hits of a query; see `OpenSearchSnapshot.ask`."""

    def __call__(
        self,
        query: Query,
        *,
        sort: Sort,
        size: int,
        offset: int = 0,
        after: Sequence[Any] | None = None,
        with_blobs: bool,
        counted: bool = True,
        extra: Mapping[str, Any] | None = None,
    ) -> Page:
        """The hits."""


class Listing:
    """One search, by a request, with queries that score."""

    def __init__(self, ask: Ask, groups: BodyGroups, request: Search, scoring: Sequence[Query]) -> None:
        self._ask_for, self._groups, self._request = ask, groups, request
        matched, wanted = to_query(request.query), filter_query(request.filters)
        # Facets are counted before the filters, each of which the facet of its own ignores.
        self._post_filter = wanted if request.facets and wanted != EVERYTHING else None
        if self._post_filter is None:
            matched = all_of([query for query in (matched, wanted) if query != EVERYTHING])
        self._query: Query = {"bool": {"filter": [matched], "should": list(scoring)}}
        self._after = _search_after(request)
        self._first: Page | None = None

    def page(self) -> SearchResults:
        """The releases of the page, each for itself."""
        request = self._request
        end = request.offset + request.limit
        hits: list[Hit] = []
        skipped = 0
        after, offset = self._after, request.offset
        if after or end >= MAX_HITS:
            # What is before the page is passed over, as many at a time as an answer may have.
            while request.offset - skipped > 0 and (skip := min(request.offset - skipped, MAX_HITS)):
                passed = self._ask(skip, after=after, with_blobs=False).hits
                skipped += len(passed)
                if len(passed) < skip:
                    return self._results([], has_more=False)
                after = passed[-1].key
            offset = 0
        wanted = request.limit + 1
        while True:
            size = min(wanted - len(hits), MAX_HITS)
            page = self._ask(size, offset=offset, after=after, with_blobs=request.limit <= MAX_WITH_BLOBS)
            hits += page.hits
            if len(page.hits) < size or len(hits) >= wanted:
                break
            after, offset = page.hits[-1].key, 0
        docs = [hit.to_doc() for hit in hits[: request.limit]]
        return self._results(docs, has_more=len(hits) > request.limit)

    def page_of_groups(self) -> SearchResults:
        """The releases of the page, of each group the first, with the ids of its others."""
        request = self._request
        wanted = request.offset + request.limit + 1
        # A few more than are wanted, as some are in groups.
        size = min(wanted + wanted // 4 + 10, MAX_HITS)
        listed: list[ScoredDoc] = []
        seen: list[Hit] = []
        order: dict[int, list[str]] = {}
        after = self._after
        while len(listed) < wanted:
            hits = self._ask(size, after=after, with_blobs=size <= MAX_WITH_BLOBS).hits
            seen += hits
            self._order_groups(order, hits, seen, is_whole=len(hits) < size and self._after is None)
            for hit in hits:
                number = self._groups.of(hit.id)
                if number is None:
                    listed.append(hit.to_doc())
                elif order[number][0] == hit.id:
                    listed.append(hit.to_doc(order[number][1:]))
            if len(hits) < size:
                break
            after = hits[-1].key
        end = request.offset + request.limit
        return self._results(listed[request.offset : end], has_more=len(listed) > end)

    def _order_groups(
        self, order: dict[int, list[str]], hits: Sequence[Hit], seen: Sequence[Hit], *, is_whole: bool
    ) -> None:
        """Find out in which order the matching releases of the groups of `hits` are. `seen` are all hits so
        far; `is_whole`: there are no others.
        """
        groups = self._groups
        numbers = {number for hit in hits if (number := groups.of(hit.id)) is not None} - order.keys()
        seen_ids = {hit.id for hit in seen}
        is_known = {
            number: is_whole or (self._after is None and seen_ids.issuperset(groups.groups[number]))
            for number in numbers
        }
        in_order = [hit.id for hit in seen]
        unknown = [number for number in numbers if not is_known[number]]
        if unknown:
            members = groups.members(unknown)
            found: list[Hit] = []
            ids = to_query(Ids(tuple(members)))
            while True:
                size = min(len(members) + 1, MAX_HITS)
                more = self._ask(
                    size, after=found[-1].key if found else None, with_blobs=False, only=ids
                ).hits
                found += more
                if len(more) < size:
                    break
            in_order = [*dict.fromkeys((*in_order, *(hit.id for hit in found)))]
            by_key = [hit.id for hit in found]
            for number in unknown:
                order[number] = [one for one in by_key if groups.of(one) == number]
        for number in numbers - set(unknown):
            order[number] = [one for one in in_order if groups.of(one) == number]

    def _ask(
        self,
        size: int,
        *,
        offset: int = 0,
        after: Sequence[Any] | None = None,
        with_blobs: bool,
        only: Query | None = None,
    ) -> Page:
        """Hits of the search. The first question also counts."""
        request = self._request
        is_first = self._first is None and only is None
        extra: dict[str, Any] = {}
        if self._post_filter:
            extra["post_filter"] = self._post_filter
        if is_first and request.facets:
            extra["aggs"] = facet_aggregations(request.facets, request.filters, request.facet_limit)
        query = self._query
        if only:
            query = {"bool": {**query["bool"], "filter": [*query["bool"]["filter"], only]}}
        page = self._ask_for(
            query, sort=request.sort, size=size, offset=offset, after=after,
            with_blobs=with_blobs, counted=is_first, extra=extra,
        )  # fmt: skip
        if is_first:
            self._first = page
        return page

    def _results(self, docs: Sequence[ScoredDoc], *, has_more: bool) -> SearchResults:
        first, request = self._first, self._request
        assert first is not None
        return SearchResults(
            docs=tuple(docs),
            total=first.total,
            facets={name: _read_counts(first.facets[name], request.facet_limit) for name in request.facets},
            has_more=has_more,
            timed_out=first.timed_out,
        )


def _search_after(request: Search) -> list[Any] | None:
    """The place behind which a page begins, as OpenSearch has it."""
    if request.after is None:
        return None
    missing = MISSING[BY_DATE[request.sort]]
    published = missing if request.after.published == UNDATED else request.after.published
    key: list[Any] = [published, to_keyword(request.after.id)]
    return [request.after.score, *key] if request.sort == "relevance" else key


def _read_counts(buckets: Any, limit: int) -> dict[str, int]:  # noqa: ANN401 - JSON
    counts = ((from_keyword(bucket["key"]), bucket["doc_count"]) for bucket in buckets)
    return dict(islice(((value, count) for value, count in counts if value), limit))
