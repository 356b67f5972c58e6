"""Answers from one state of a cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice, takewhile
from typing import Any, cast

from indexer.engine import (
    DocRef,
    Ids,
    IndexedVersion,
    MatchPositions,
    Node,
    ScoringTerm,
    Search,
    SearchResults,
    SnapshotInfo,
    Span,
    Stop,
    Term,
    TopDocs,
    TopK,
    never,
)
from indexer.engine.meaning import find_spans
from indexer.engines.opensearch.hits import MAX_HITS, HitPage, HitRequest, Ref, read_page
from indexer.engines.opensearch.keywords import from_keyword
from indexer.engines.opensearch.listing import Listing
from indexer.engines.opensearch.phrases import LayeredPhrases
from indexer.engines.opensearch.point_in_time import PointInTime
from indexer.engines.opensearch.query import (
    EVERYTHING,
    Query,
    to_query,
)
from indexer.engines.opensearch.scoring import scoring_queries
from indexer.engines.opensearch.state import State
from indexer.engines.opensearch.stored_release import StoredTokens, unpack_release
from indexer.engines.opensearch.stored_tokens import find_positions, to_analysed
from indexer.errors import IndexUnavailable
from indexer.release import PressRelease
from indexer.text.normalize import squeeze

# So many releases are fetched at once.
_FETCHED_AT_ONCE = 200
# A facet of more values is cut; korea.kr has some 8,000 departments.
_MAX_FACET_VALUES = 100_000
# A choice: how many counts a snapshot remembers.
_CACHED_COUNTS = 8_192


class OpenSearchSnapshot:
    """See `indexer.engine.Snapshot`. It also has positions, offsets and phrases."""

    def __init__(
        self,
        state: State,
        point: PointInTime,
        *,
        at_s: float,
        hides: bool,
        size_bytes: int,
        curated_files: Mapping[str, str],
        read_source_digests: Callable[[], Mapping[str, str]],
        open_phrases: Callable[[], LayeredPhrases],
        read_pending: Callable[[], frozenset[str]],
        present: Callable[[OpenSearchSnapshot], OpenSearchSnapshot],
    ) -> None:
        """`hides`: some release in the indexes of `point` may not be found at `at_s`, seconds since 1970."""
        self.state = state
        self.curated_files = curated_files
        self._point, self._at_s, self._hides = point, at_s, hides
        self._size_bytes = size_bytes
        self._read_source_digests, self._open_phrases = read_source_digests, open_phrases
        self._read_pending, self._present = read_pending, present
        self._counts: dict[Node, int] = {}
        self._expected: tuple[Node, ...] = ()
        self._facet_values: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self._documents = self._count_all([EVERYTHING])[0]

    @property
    def info(self) -> SnapshotInfo:
        """What this snapshot answers from."""
        return SnapshotInfo(self.state.name, self.state.committed_at, self._documents, self._size_bytes)

    @property
    def source_digests(self) -> Mapping[str, str]:
        """What the last commit was given."""
        self._point.check_open()
        return self._read_source_digests()

    def at_present(self) -> OpenSearchSnapshot:
        """The same state as of now."""
        return self._present(self)

    def search(self, request: Search) -> SearchResults:
        """A page of what matches."""
        self._point.check_open()
        if request.stop():
            return SearchResults(facets={name: {} for name in request.facets}, timed_out=True)
        scoring = (
            self.scoring_queries(request.scoring, prefers_recent=request.prefers_recent)
            if request.sort == "relevance"
            else []
        )
        listing = Listing(self._ask, request, scoring)
        return listing.page_of_groups() if request.collapse else listing.page()

    def top(self, request: TopK) -> TopDocs:
        """The best by any of the terms."""
        self._point.check_open()
        if request.stop():
            return TopDocs((), timed_out=True)
        queries = self.scoring_queries(request.scoring)
        if not queries or not request.limit:
            return TopDocs(())
        query = {"bool": {"should": queries, "minimum_should_match": 1}}
        page = self._ask(HitRequest(query=query, sort="relevance", size=request.limit, with_content=True))
        return TopDocs(tuple(hit.to_doc() for hit in page.hits), page.timed_out)

    def count(self, nodes: Sequence[Node], stop: Stop = never) -> list[int | None]:
        """How many releases match each node."""
        self._point.check_open()
        asked = list(takewhile(lambda _: not stop(), nodes))
        with self._lock:
            expected, self._expected = self._expected, ()
            counts = {node: self._counts.get(node) for node in asked}
            if any(count is None for count in counts.values()):
                counts |= {node: self._counts.get(node) for node in expected}
        unknown = [node for node, count in counts.items() if count is None]
        if unknown:
            new = dict(zip(unknown, self._count_all(list(map(to_query, unknown))), strict=True))
            counts |= new
            with self._lock:
                if len(self._counts) + len(new) > _CACHED_COUNTS:
                    self._counts.clear()
                self._counts |= new
        return [counts[node] if index < len(asked) else None for index, node in enumerate(nodes)]

    def expect(self, scoring: Sequence[ScoringTerm]) -> None:
        """Count these terms with whatever is counted next."""
        with self._lock:
            self._expected = tuple(term.node for term in scoring)

    def fetch(self, refs: Sequence[DocRef]) -> list[PressRelease]:
        """Releases as they were indexed."""
        return [unpack_release(ref.release) for ref in self._with_content(refs)]

    def facet_values(self, facet: str, *, containing: str = "", limit: int) -> list[str]:
        """The values of a facet that contain a text."""
        self._point.check_open()
        if facet not in self._facet_values:
            values = {"terms": {"field": f"facet_{facet}", "size": _MAX_FACET_VALUES}}
            body = {"size": 0, "query": self._shown(EVERYTHING), "aggs": {"values": values}}
            (answer,) = self._point.ask([body])
            keys = (from_keyword(bucket["key"]) for bucket in answer["aggregations"]["values"]["buckets"])
            self._facet_values[facet] = sorted(key for key in keys if key)
        wanted = squeeze(containing)
        containers = [value for value in self._facet_values[facet] if wanted in squeeze(value)]
        return sorted(containers, key=lambda value: (squeeze(value) != wanted, value))[:limit]

    def versions(self) -> Iterator[IndexedVersion]:
        """Every indexed release. One that a broken-off change may have touched has no content hash, so that
        it is compared as changed.
        """
        self._point.check_open()
        pending = self._read_pending()
        for hit in self.walk(["id", "content_hash", "source_path"]):
            release_id, content_hash, source_path = (
                hit["fields"][name][0] for name in ("id", "content_hash", "source_path")
            )
            release_id = from_keyword(release_id)
            content_hash = "" if release_id in pending else content_hash
            yield IndexedVersion(release_id, content_hash, from_keyword(source_path), Ref(release_id))

    def walk(
        self, fields: Sequence[str], query: Query = EVERYTHING, size: int = MAX_HITS
    ) -> Iterator[Mapping[str, Any]]:
        """All hits of a query in the order of their ids, with values of fields; `size` of them at a time."""
        after: list[Any] = []
        while True:
            body = {
                "size": size, "query": self._shown(query), "sort": [{"id": "asc"}], "track_total_hits": False,
                "_source": False, "stored_fields": "_none_", "docvalue_fields": list(fields),
                **({"search_after": after} if after else {}),
            }  # fmt: skip
            (answer,) = self._point.ask([body], patient=True)
            hits = answer["hits"]["hits"]
            yield from hits
            if len(hits) < size:
                return
            after = hits[-1]["sort"]

    def find_refs(self, ids: Sequence[str]) -> list[DocRef]:
        """References to releases by their ids, which this snapshot has."""
        return [Ref(release_id) for release_id in ids]

    def positions(self, refs: Sequence[DocRef], terms: Sequence[str]) -> MatchPositions:
        """Where morphemes stand in releases."""
        frequencies = [count or 0 for count in self.count([Term(term) for term in terms])]
        stored = [StoredTokens.unpack(ref.tokens) for ref in self._with_content(refs)]
        return find_positions(stored, terms, frequencies, self._documents)

    def offsets(self, refs: Sequence[DocRef], nodes: Sequence[Node], stop: Stop = never) -> list[list[Span]]:
        """Where nodes match in releases."""
        return [
            []
            if stop()
            else find_spans(nodes, to_analysed(unpack_release(ref.release), StoredTokens.unpack(ref.tokens)))
            for ref in self._with_content(refs)
        ]

    @cached_property
    def _phrases(self) -> LayeredPhrases:
        return self._open_phrases()

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """Phrases whose keystrokes begin so."""
        return self._phrases.complete(keys, limit)

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """Phrases whose first consonants begin so."""
        return self._phrases.complete_initials(letters, limit)

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases that any of these keystrokes type."""
        return self._phrases.phrases_with_keys(keys)

    def close(self) -> None:
        """Answer nothing any more."""
        self._point.close()

    def scoring_queries(self, scoring: Sequence[ScoringTerm], *, prefers_recent: bool = False) -> list[Query]:
        """What adds up to the score of a release."""
        if not scoring:
            return []
        counts = self.count([term.node for term in scoring])
        frequencies = {term: count or 0 for term, count in zip(scoring, counts, strict=True)}
        newest = self._newest if prefers_recent else None
        return scoring_queries(scoring, frequencies, self._documents, newest)

    @cached_property
    def _newest(self) -> int | None:
        """The time of the newest release, in seconds since 1970; None if none has a date. One in the future,
        often a slip, counts as the time of the commit.
        """
        body = {
            "size": 0,
            "query": self._shown(EVERYTHING),
            "aggs": {"newest": {"max": {"field": "published"}}},
        }
        (answer,) = self._point.ask([body])
        newest = answer["aggregations"]["newest"]["value"]
        return None if newest is None else min(int(newest), int(self.state.committed_at.timestamp()))

    def _ask(self, request: HitRequest) -> HitPage:
        """The hits that a request asks for."""
        (answer,) = self._point.ask(
            [replace(request, query=self._shown(request.query)).to_body()], whole=False
        )
        return read_page(answer, request)

    def _shown(self, query: Query) -> Query:
        """A query without what is under embargo in the indexes that are asked."""
        if not self._hides:
            return query
        return {"bool": {"must": [query], "must_not": [{"range": {"embargo": {"gt": self._at_s}}}]}}

    def _count_all(self, queries: Sequence[Query]) -> list[int]:
        bodies = [{"size": 0, "track_total_hits": True, "query": self._shown(query)} for query in queries]
        return [answer["hits"]["total"]["value"] for answer in self._point.ask(bodies)]

    def _with_content(self, refs: Sequence[DocRef]) -> list[Ref]:
        """References with what is stored; it is asked for where it did not come with the hits."""
        self._point.check_open()
        asked = cast(Sequence[Ref], refs)
        known = {ref.id: ref for ref in asked if ref.release}
        missing = iter(dict.fromkeys(ref.id for ref in asked if ref.id not in known))
        while some := list(islice(missing, _FETCHED_AT_ONCE)):
            query = to_query(Ids(tuple(some)))
            page = self._ask(HitRequest(query=query, sort="newest", size=len(some), with_content=True))
            known.update((hit.id, hit.ref) for hit in page.hits)
        try:
            return [known[ref.id] for ref in asked]
        except KeyError as error:
            raise IndexUnavailable(
                "보도자료를 읽는 사이에 색인이 바뀌었습니다.", "다시 찾아 주세요."
            ) from error
