"""Nodes of a query -> queries of OpenSearch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from indexer.analysis.letters import is_digit
from indexer.engine import (
    And,
    DateRange,
    FacetIn,
    Filters,
    Ids,
    NgramPhrase,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Stream,
    Term,
)
from indexer.engines.opensearch.keywords import facet_keyword, to_keyword
from indexer.engines.opensearch.mapping import HEAD, stream_field
from indexer.engines.opensearch.terms import escape, phrase_texts
from indexer.schema import BODY, FACETS

Query = dict[str, Any]

EVERYTHING: Query = {"match_all": {}}
NOTHING: Query = {"match_none": {}}
# The default of `index.max_terms_count`.
_MAX_TERMS = 65_536


def to_query(node: Node) -> Query:
    """The releases that a node matches, without a score."""
    match node:
        case Term(text, field):
            return {"term": {stream_field("morphemes", field): escape(text)}}
        case Phrase(terms, field):
            text = " ".join(map(escape, terms))
            return any_of([_phrase(name, text) for name in _fields("morphemes", field)])
        case NgramPhrase(chars, field) if len(chars) == 1:
            return any_of([{"prefix": {name: chars}} for name in _fields("bigrams", field)])
        case NgramPhrase(chars, field, "none", ()) if (
            len(chars) == 2 and not field and not all(map(is_digit, chars))
        ):
            return {"term": {stream_field("bigrams"): chars}}
        case NgramPhrase(_, field):
            texts = list(phrase_texts(node))
            return any_of([_phrase(name, text) for name in _fields("bigrams", field) for text in texts])
        case Prefix(text, field):
            beginning = {"prefix": {stream_field("morphemes", field): escape(text)}}
            return any_of([beginning, to_query(NgramPhrase(text, field, "begin"))])
        case Ids(ids):
            return _terms("id", [to_keyword(release_id) for release_id in ids])
        case FacetIn(facet, values):
            return _terms(f"facet_{facet}", [facet_keyword(value) for value in values])
        case DateRange(start, before):
            if start is None and before is None:
                return EVERYTHING
            bounds = {}
            if start is not None:
                bounds["gte"] = math.ceil(start.timestamp())
            if before is not None:
                bounds["lt"] = math.ceil(before.timestamp())
            return {"range": {"published": bounds}}
        case And(nodes):
            wanted = [to_query(child) for child in nodes if not isinstance(child, Not)]
            unwanted = [to_query(child.node) for child in nodes if isinstance(child, Not)]
            return all_of(wanted, unwanted)
        case Or(nodes):
            return any_of([to_query(child) for child in nodes])
        case Not(child):
            return all_of([], [to_query(child)])


def all_of(wanted: Sequence[Query], unwanted: Sequence[Query] = ()) -> Query:
    """The releases that every one of `wanted` and none of `unwanted` matches."""
    if not unwanted:
        if len(wanted) < 2:
            return wanted[0] if wanted else EVERYTHING
        return {"bool": {"filter": list(wanted)}}
    return {"bool": {"filter": list(wanted), "must_not": list(unwanted)}}


def any_of(queries: Sequence[Query]) -> Query:
    """The releases that any of some queries matches."""
    if len(queries) < 2:
        return queries[0] if queries else NOTHING
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def filter_query(filters: Filters, *, leaving_out: str = "") -> Query:
    """Filters as a query, without that of one facet; for a facet of dates, without that of the dates."""
    nodes: list[Node] = [
        FacetIn(name, values) for name, values in filters.values.items() if name != leaving_out
    ]
    if not (leaving_out and FACETS[leaving_out].filters_days):
        nodes.append(filters.published)
    return all_of([query for query in map(to_query, nodes) if query != EVERYTHING])


def facet_aggregations(limits: Mapping[str, int], filters: Filters) -> Mapping[str, Query]:
    """As many of the most frequent values of facets as `limits` say, counted whatever the filter of each."""
    return {
        name: {
            "filter": filter_query(filters, leaving_out=name),
            "aggs": {
                "values": {
                    "terms": {
                        "field": f"facet_{name}",
                        # One more for releases without a value.
                        "size": limit + 1,
                        # So many of each shard, so that the sums are right.
                        "shard_size": max(10 * limit, 10_000),
                        "order": [{"_count": "desc"}, {"_key": "asc"}],
                    }
                }
            },
        }
        for name, limit in limits.items()
    }


def _fields(stream: Stream, text_field: str) -> list[str]:
    names = (text_field,) if text_field else (HEAD, BODY.name)
    return [stream_field(stream, name) for name in names]


def _phrase(field: str, text: str) -> Query:
    return {"match_phrase": {field: text}}


def _terms(field: str, values: Sequence[str]) -> Query:
    pieces = [list(values[start : start + _MAX_TERMS]) for start in range(0, len(values), _MAX_TERMS)]
    return any_of([{"terms": {field: piece}} for piece in pieces])
