"""A page of a search: hits cut out of the whole order, of each group of like bodies the first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from indexer.engine import ScoredDoc, Search, SearchResults
from indexer.engines.opensearch.hits import (
    MAX_HITS,
    MAX_WITH_CONTENT,
    Hit,
    HitPage,
    HitRequest,
    search_after,
)
from indexer.engines.opensearch.keywords import from_keyword
from indexer.engines.opensearch.query import (
    EVERYTHING,
    Query,
    all_of,
    facet_aggregations,
    filter_query,
    to_query,
)

Ask = Callable[[HitRequest], HitPage]


class Listing:
    """One search, by a request, with queries that score."""

    def __init__(self, ask: Ask, request: Search, scoring: Sequence[Query]) -> None:
        self._ask, self._request = ask, request
        matched, wanted = to_query(request.query), filter_query(request.filters)
        # Facets are counted before the filters, each of which the facet of its own ignores.
        self._post_filter = wanted if request.facets and wanted != EVERYTHING else None
        if self._post_filter is None:
            matched = all_of([query for query in (matched, wanted) if query != EVERYTHING])
        self._matched, self._scoring = matched, list(scoring)
        self._after = search_after(request.after, request.sort) if request.after else None
        self._first: HitPage | None = None
        self._timed_out = False

    def page(self) -> SearchResults:
        """The releases of the page, each for itself."""
        request = self._request
        after, offset = self._after, request.offset
        if after or offset + request.limit >= MAX_HITS:
            # What is before the page is passed over, as many at a time as an answer may have.
            while offset > 0:
                passed = self._page(self._request_for(min(offset, MAX_HITS), after=after)).hits
                offset -= len(passed)
                if not passed:
                    return self._results([], has_more=False)
                after = passed[-1].key
        wanted = request.limit + 1
        hits: list[Hit] = []
        while len(hits) < wanted:
            size = min(wanted - len(hits), MAX_HITS)
            with_content = request.limit <= MAX_WITH_CONTENT
            asked = self._request_for(size, offset=offset, after=after, with_content=with_content)
            more = self._page(asked).hits
            hits += more
            if len(more) < size:
                break
            after, offset = more[-1].key, 0
        docs = [hit.to_doc() for hit in hits[: request.limit]]
        return self._results(docs, has_more=len(hits) > request.limit)

    def page_of_groups(self) -> SearchResults:
        """The releases of the page, of each group the first, with the ids of its others."""
        request = self._request
        wanted = request.offset + request.limit + 1
        # A few more than are wanted, as some are in groups.
        size = min(wanted + wanted // 8 + 5, MAX_HITS)
        listed: list[ScoredDoc] = []
        after = self._after
        order: dict[str, list[str]] | None = None
        while len(listed) < wanted:
            asked = self._request_for(size, after=after, with_content=size <= MAX_WITH_CONTENT)
            page = self._page(asked)
            if order is None:
                is_whole = page.grouped is not None
                order = _by_group(page.grouped or ())
            if not is_whole:
                # There are too many: each group is looked at for itself.
                order |= self._order_of({hit.group for hit in page.hits} - {"", *order})
            for hit in page.hits:
                ids = order.get(hit.group, [hit.id])
                if ids[0] == hit.id:
                    listed.append(hit.to_doc(ids[1:]))
            if len(page.hits) < size:
                break
            after = page.hits[-1].key
        end = request.offset + request.limit
        return self._results(listed[request.offset : end], has_more=len(listed) > end)

    def _order_of(self, groups: Collection[str]) -> dict[str, list[str]]:
        """The ids of the releases of groups, as far as they match, in their order."""
        if not groups:
            return {}
        only = {"terms": {"group": sorted(groups)}}
        found: list[Hit] = []
        after = None
        while True:
            page = self._page(self._request_for(MAX_HITS, after=after, only=[only]))
            found += page.hits
            if len(page.hits) < MAX_HITS:
                return _by_group(found)
            after = page.hits[-1].key

    def _request_for(
        self,
        size: int,
        *,
        offset: int = 0,
        after: Sequence[Any] | None = None,
        with_content: bool = False,
        only: Sequence[Query] = (),
    ) -> HitRequest:
        """Asks for hits of the search. The first request also counts."""
        request = self._request
        asked = HitRequest(
            query={"bool": {"filter": [self._matched, *only], "should": self._scoring}},
            sort=request.sort,
            size=size,
            offset=offset,
            after=after,
            with_content=with_content,
        )
        extra: dict[str, Any] = {}
        if self._post_filter:
            extra["post_filter"] = self._post_filter
        if self._first is not None:
            return replace(asked, extra=extra)
        extra["aggs"] = facet_aggregations(
            {name: request.limit_of(name) for name in request.facets}, request.filters
        )
        if request.collapse:
            extra["aggs"] |= asked.grouped_hits(self._post_filter or EVERYTHING)
        return replace(asked, counted=True, extra=extra)

    def _page(self, request: HitRequest) -> HitPage:
        page = self._ask(request)
        self._first = self._first or page
        self._timed_out = self._timed_out or page.timed_out
        return page

    def _results(self, docs: Sequence[ScoredDoc], *, has_more: bool) -> SearchResults:
        first, request = self._first, self._request
        assert first is not None
        return SearchResults(
            docs=tuple(docs),
            total=first.total,
            facets={
                name: _read_counts(first.facets[name], request.limit_of(name)) for name in request.facets
            },
            has_more=has_more,
            timed_out=self._timed_out,
        )


def _by_group(hits: Sequence[Hit]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for hit in hits:
        groups.setdefault(hit.group, []).append(hit.id)
    return groups


def _read_counts(buckets: Any, limit: int) -> dict[str, int]:  # noqa: ANN401 - JSON
    counts = ((from_keyword(bucket["key"]), bucket["doc_count"]) for bucket in buckets)
    return dict(islice(((value, count) for value, count in counts if value), limit))
