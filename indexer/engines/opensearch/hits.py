"""Hits as OpenSearch answers with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from indexer.engine import ScoredDoc, Sort
from indexer.engines.opensearch.keywords import from_keyword
from indexer.engines.shared.moments import UNDATED

# OpenSearch's default of `index.max_result_window`: no answer has more hits.
MAX_HITS = 10_000
# Releases come with what is stored of them, some 4 kB, where at most so many are asked for: those that are
# reranked, and a page.
MAX_WITH_BLOBS = 250
# What OpenSearch sorts in place of a missing date: last in both orders.
MISSING = {"desc": -(2**63), "asc": 2**63 - 1}

BY_DATE: Mapping[str, str] = {"relevance": "desc", "newest": "desc", "oldest": "asc"}


@dataclass(frozen=True, slots=True)
class Ref:
    """The id of a release, and what came with it."""

    id: str
    blob: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit of a search. `key` is its place in the order, for `search_after`."""

    id: str
    score: float
    published: int
    blob: str
    key: list[Any]

    def to_doc(self, collapsed_ids: Sequence[str] = ()) -> ScoredDoc:
        """The hit as an engine answers with it."""
        return ScoredDoc(self.id, self.score, self.published, tuple(collapsed_ids), Ref(self.id, self.blob))


@dataclass(frozen=True, slots=True)
class Page:
    """Some hits. `facets` are the buckets of OpenSearch by facet."""

    hits: list[Hit]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    timed_out: bool


def read_hit(hit: Mapping[str, Any], sort: Sort) -> Hit:
    """A hit of an answer."""
    key = hit["sort"]
    published, release_id = key[-2:]
    return Hit(
        from_keyword(release_id),
        key[0] if sort == "relevance" else 0.0,
        UNDATED if published in MISSING.values() else published,
        hit.get("fields", {}).get("blob", [""])[0],
        key,
    )
