"""The port between the program and what keeps the index.

`query.py` has the nodes of a query, `requests.py` what is asked and answered, `port.py` what every engine
must do, `capabilities.py` what it may do besides, `meaning.py` the definition of each node in plain Python.
`tests/contracts/` holds the suite that each engine must pass.
"""

from indexer.engine.capabilities import (
    Column,
    Corruption,
    HasExplanation,
    HasOffsets,
    HasPositions,
    HasStatistics,
    Maintenance,
    MatchPositions,
    PhraseDictionary,
    Span,
    Statistics,
    TermContribution,
)
from indexer.engine.lookup import find_docs, find_release
from indexer.engine.port import Engine, IndexedVersion, Snapshot, SnapshotInfo, Writer
from indexer.engine.query import (
    And,
    Borders,
    DateRange,
    FacetIn,
    Ids,
    NgramPhrase,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
    TextNode,
    exact_text,
)
from indexer.engine.requests import (
    DEFAULT_FACET_LIMIT,
    DocRef,
    Filters,
    ScoredDoc,
    ScoringTerm,
    Search,
    SearchResults,
    Sort,
    Stop,
    Stream,
    TopDocs,
    TopK,
    never,
)

__all__ = [
    "DEFAULT_FACET_LIMIT", "And", "Borders", "Column", "Corruption", "DateRange", "DocRef", "Engine",
    "FacetIn", "Filters", "HasExplanation", "HasOffsets", "HasPositions", "HasStatistics", "Ids",
    "IndexedVersion", "Maintenance", "MatchPositions", "NgramPhrase", "Node", "Not", "Or", "Phrase",
    "PhraseDictionary", "Prefix", "ScoredDoc", "ScoringTerm", "Search", "SearchResults", "Snapshot",
    "SnapshotInfo", "Sort", "Span", "Statistics", "Stop", "Stream", "Term", "TermContribution", "TextNode",
    "TopDocs", "TopK", "Writer", "exact_text", "find_docs", "find_release", "never",
]  # fmt: skip
