"""Terms that score -> queries of OpenSearch. The formula is that of `indexer.weights`, in Lucene's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer.engine import ScoringTerm
from indexer.engines.opensearch.mapping import stream_field
from indexer.engines.opensearch.query import Query, all_of, any_of
from indexer.engines.opensearch.terms import bigram_variants, escape
from indexer.schema import TITLE
from indexer.weights import WEIGHTS, idf

_DAY_S = 24 * 60 * 60


def scoring_queries(
    scoring: Sequence[ScoringTerm], frequencies: Mapping[ScoringTerm, int], documents: int, newest: int | None
) -> list[Query]:
    """The queries whose scores add up to the score of a release.

    `frequencies` says how many of `documents` releases have each term. If `newest` is not None, releases
    count more the nearer they are to this time in seconds since 1970.
    """
    present = [term for term in scoring if frequencies[term]]
    # Lucene's BM25 leaves out the factor k1 + 1.
    queries: list[Query] = [
        {"term": {stream_field(term.stream): {"value": _term(term), "boost": term.weight * (WEIGHTS.k1 + 1)}}}
        for term in present
        if term.weight > 0
    ]
    total_weight = sum(term.weight * idf(frequencies[term], documents) for term in present)
    if total_weight <= 0:
        return queries
    covering = _covering_queries(scoring, frequencies)
    if covering and WEIGHTS.whole_title:
        boost = WEIGHTS.whole_title * total_weight
        queries.append({"constant_score": {"filter": any_of(covering), "boost": boost}})
    if newest is not None:
        queries += _recency_queries(newest, WEIGHTS.recency * total_weight)
    return queries


def _term(term: ScoringTerm) -> str:
    return escape(term.text) if term.stream == "morphemes" else term.text


def _covering_queries(scoring: Sequence[ScoringTerm], frequencies: Mapping[ScoringTerm, int]) -> list[Query]:
    """The releases whose title has a term of each coverage group of one stream."""
    covering = []
    for stream in ("morphemes", "bigrams"):
        groups: dict[int, list[str]] = {}
        for term in scoring:
            if term.stream != stream:
                continue
            for group in term.coverage_groups:
                variants = [escape(term.text)] if stream == "morphemes" else bigram_variants(term.text)
                groups.setdefault(group, []).extend(variants if frequencies[term] else [])
        if groups and all(groups.values()):
            field = stream_field(stream, TITLE.name)
            covering.append(all_of([{"terms": {field: terms}} for terms in groups.values()]))
    return covering


def _recency_queries(newest: int, weight: float) -> list[Query]:
    """A score that halves with each half-life before `newest`. What is later than that counts as new."""
    half_life_s = round(WEIGHTS.recency_half_life_days * _DAY_S)
    decay = {"published": {"origin": newest, "scale": half_life_s, "decay": 0.5}}
    return [
        {
            "function_score": {
                "query": {"range": {"published": {"lte": newest}}},
                "functions": [{"exp": decay, "weight": weight}],
                "boost_mode": "replace",
            }
        },
        {"constant_score": {"filter": {"range": {"published": {"gt": newest}}}, "boost": weight}},
    ]
