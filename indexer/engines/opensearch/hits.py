"""Hits: how they are asked for, and how OpenSearch answers with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from indexer.engine import UNDATED, ScoredDoc, Sort, SortKey
from indexer.engines.opensearch.keywords import from_keyword, to_keyword
from indexer.engines.opensearch.mapping import MAX_GROUPED_HITS
from indexer.engines.opensearch.query import Query

# OpenSearch's default of `index.max_result_window`: no answer has more hits.
MAX_HITS = 10_000
# Releases come with what is stored of them, some 4 kB, where at most so many are asked for: those that are
# reranked, and a page.
MAX_WITH_CONTENT = 250
# What OpenSearch sorts in place of a missing date: last in both orders.
_MISSING = {"desc": -(2**63), "asc": 2**63 - 1}
_BY_DATE: Mapping[Sort, str] = {"relevance": "desc", "newest": "desc", "oldest": "asc"}
_CONTENT = ("release", "tokens")
# No facet has a space in its name.
_GROUPED = "in groups"


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRequest:
    """Asks for `size` hits of a query in order, behind the first `offset` or behind the key `after`.

    `with_content`: with what is stored of each release. `counted`: with the total. `extra` are further keys
    of the request.
    """

    query: Query
    sort: Sort
    size: int
    offset: int = 0
    after: Sequence[Any] | None = None
    with_content: bool = False
    counted: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def grouped_hits(self, matching: Query) -> dict[str, Any]:
        """An aggregation of the hits that are in groups and that a query matches."""
        in_groups = {"bool": {"filter": [{"exists": {"field": "group"}}, matching]}}
        top = {"size": MAX_GROUPED_HITS, "sort": self._order(), **_shape("group")}
        return {_GROUPED: {"filter": in_groups, "aggs": {"hits": {"top_hits": top}}}}

    def to_body(self) -> dict[str, Any]:
        """The request in JSON values."""
        return {
            "query": self.query,
            "size": self.size,
            "sort": self._order(),
            "track_total_hits": self.counted,
            **_shape("group", *(_CONTENT if self.with_content else ())),
            **({"search_after": list(self.after)} if self.after else {"from": self.offset}),
            **self.extra,
        }

    def _order(self) -> list[Any]:
        order: list[Any] = [{"published": {"order": _BY_DATE[self.sort], "missing": "_last"}}, {"id": "asc"}]
        return [{"_score": "desc"}, *order] if self.sort == "relevance" else order


def _shape(*fields: str) -> dict[str, Any]:
    """What an answer has of each hit."""
    return {"_source": False, "stored_fields": "_none_", "docvalue_fields": list(fields)}


@dataclass(frozen=True, slots=True)
class Ref:
    """The id of a release, and what came with it."""

    id: str
    release: str = field(default="", compare=False)
    tokens: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit of a search. `key` is its place in the order, for `search_after`. `group` is that of releases
    with nearly the same body, '' for one that is alone.
    """

    ref: Ref
    score: float
    published: int
    group: str
    key: list[Any]

    @property
    def id(self) -> str:
        """The id of the release."""
        return self.ref.id

    def to_doc(self, collapsed_ids: Sequence[str] = ()) -> ScoredDoc:
        """The hit as an engine answers with it."""
        return ScoredDoc(self.id, self.score, self.published, tuple(collapsed_ids), self.ref)


@dataclass(frozen=True, slots=True)
class HitPage:
    """Some hits, and how many there are. `facets` are the buckets of OpenSearch by facet. `grouped` are hits
    of the whole result that are in groups, None where there are more of them than come with a page.
    """

    hits: list[Hit]
    total: int
    facets: Mapping[str, Any]
    grouped: list[Hit] | None
    timed_out: bool


def read_page(answer: Mapping[str, Any], request: HitRequest) -> HitPage:
    """The answer to a request."""
    aggregations = dict(answer.get("aggregations", {}))
    grouped = _read_grouped(aggregations.pop(_GROUPED, None), request.sort)
    facets = {name: counted["values"]["buckets"] for name, counted in aggregations.items()}
    total = answer["hits"]["total"]["value"] if request.counted else 0
    hits = [_read_hit(hit, request.sort) for hit in answer["hits"]["hits"]]
    return HitPage(hits, total, facets, grouped, answer["timed_out"])


def _read_grouped(answer: Mapping[str, Any] | None, sort: Sort) -> list[Hit] | None:
    if answer is None or answer["doc_count"] > MAX_GROUPED_HITS:
        return None
    return [_read_hit(hit, sort) for hit in answer["hits"]["hits"]["hits"]]


def _read_hit(hit: Mapping[str, Any], sort: Sort) -> Hit:
    key, fields = hit["sort"], hit.get("fields", {})
    published, release_id = key[-2:]
    release, tokens, group = (fields.get(name, [""])[0] for name in (*_CONTENT, "group"))
    return Hit(
        Ref(from_keyword(release_id), release, tokens),
        key[0] if sort == "relevance" else 0.0,
        UNDATED if published in _MISSING.values() else published,
        group,
        key,
    )


def search_after(place: SortKey, sort: Sort) -> list[Any]:
    """A place in the result as OpenSearch has it."""
    published = _MISSING[_BY_DATE[sort]] if place.published == UNDATED else place.published
    key: list[Any] = [published, to_keyword(place.id)]
    return [place.score, *key] if sort == "relevance" else key
