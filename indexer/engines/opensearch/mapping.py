"""The settings and the mapping of an index of releases. An unknown field is refused."""

from __future__ import annotations

from typing import Any

from indexer.engine import Stream
from indexer.schema import FACETS, TEXT_FIELDS
from indexer.weights import WEIGHTS

# Title, subtitle and contact are short, and most phrases may stand in any of them: one field has all three,
# with a gap between that no phrase crosses, so that a phrase is looked for in two fields and not in four.
HEAD = "head"
# Lucene counts frequencies in integers: a half is the least step of a weight.
FREQUENCY_SCALE = 2
# How many releases that are in groups come with a page. Few searches find more.
MAX_GROUPED_HITS = 500
# Positions between two texts of a field.
_GAP = 100
# A term is at most so long, escaped (`terms.escape`).
_MAX_TOKEN_CHARS = 32_000


def stream_field(stream: Stream, text_field: str = "") -> str:
    """The field of a stream with the terms of one text field; without one, that with the weighted terms of a
    whole release.
    """
    return f"{text_field}_{stream}" if text_field else stream


def index_body(shards: int, replicas: int) -> dict[str, Any]:
    """What an index of releases is created with."""
    positions = {"type": "text", "norms": False, "position_increment_gap": _GAP}
    # There is one bigram at a position, but in a query there may be several. To look for others would take
    # half of the time of indexing.
    analyzers = {
        "morphemes": {"analyzer": "tokens"},
        "bigrams": {"analyzer": "words", "search_analyzer": "tokens"},
    }
    weighted = {
        "type": "text",
        "analyzer": "weighted",
        "search_analyzer": "keyword",
        "index_options": "freqs",
        "similarity": "weighted",
    }
    stored = {"type": "keyword", "index": False}
    # Not stored fields: these are in blocks with what OpenSearch keeps for its replicas, all of which would
    # be read for each hit.
    column = {"type": "binary", "doc_values": True}
    properties: dict[str, Any] = {
        "id": {"type": "keyword"},
        "content_hash": stored,
        "source_path": stored,
        "published": {"type": "long"},
        "embargo": {"type": "long"},
        "day": {"type": "integer"},
        "fingerprint": {"type": "long"},
        "group": {"type": "keyword"},
        **dict.fromkeys(("minhash", "release", "tokens", "phrases"), column),
        **{f"facet_{name}": {"type": "keyword"} for name in FACETS},
    }
    for stream in ("morphemes", "bigrams"):
        properties[stream] = weighted
        for text_field in (HEAD, *(field.name for field in TEXT_FIELDS)):
            properties[f"{text_field}_{stream}"] = {**positions, **analyzers[stream]}
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                "number_of_replicas": replicas,
                # Only a commit makes changes visible.
                "refresh_interval": "-1",
                "max_inner_result_window": MAX_GROUPED_HITS,
                # The frequencies are scaled, and so is what they are compared with.
                "similarity": {
                    "weighted": {"type": "BM25", "k1": FREQUENCY_SCALE * WEIGHTS.k1, "b": WEIGHTS.b}
                },
            },
            "analysis": {
                "tokenizer": {"words": {"type": "whitespace", "max_token_length": _MAX_TOKEN_CHARS}},
                "filter": {
                    # The terms of one position.
                    "alternatives": {
                        "type": "pattern_capture",
                        "preserve_original": False,
                        "patterns": ["([^|]+)"],
                    },
                    "frequency": {"type": "delimited_term_freq", "delimiter": "|"},
                },
                "analyzer": {
                    "words": {"tokenizer": "words"},
                    "tokens": {"tokenizer": "words", "filter": ["alternatives"]},
                    "weighted": {"tokenizer": "words", "filter": ["frequency"]},
                },
            },
        },
        # What is shown comes from the blob; the texts of tokens are not kept beside their postings.
        "mappings": {"dynamic": "strict", "_source": {"enabled": False}, "properties": properties},
    }
