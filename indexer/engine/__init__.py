"""The port between the program and the engine, which keeps the index.

- `query`: the nodes of a query.
- `requests`: the other values that a search takes and returns.
- `port`: the protocols of every engine.
- `capabilities`: protocols that an engine may offer besides.
- `meaning`: the definition of each node in plain Python.
- `lookup`: releases by their ids.

Every engine must pass the tests in `tests/contracts/`.
"""

from indexer.engine.capabilities import (
    AsksOverNetwork,
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
    offers,
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
    MAX_FACET_VALUES,
    UNDATED,
    DocRef,
    Filters,
    ScoredDoc,
    ScoringTerm,
    Search,
    SearchResults,
    Sort,
    SortKey,
    Stop,
    Stream,
    TopDocs,
    TopK,
    never,
)

__all__ = [
    "DEFAULT_FACET_LIMIT",
    "MAX_FACET_VALUES",
    "UNDATED",
    "And",
    "AsksOverNetwork",
    "Borders",
    "Column",
    "Corruption",
    "DateRange",
    "DocRef",
    "Engine",
    "FacetIn",
    "Filters",
    "HasExplanation",
    "HasOffsets",
    "HasPositions",
    "HasStatistics",
    "Ids",
    "IndexedVersion",
    "Maintenance",
    "MatchPositions",
    "NgramPhrase",
    "Node",
    "Not",
    "Or",
    "Phrase",
    "PhraseDictionary",
    "Prefix",
    "ScoredDoc",
    "ScoringTerm",
    "Search",
    "SearchResults",
    "Snapshot",
    "SnapshotInfo",
    "Sort",
    "SortKey",
    "Span",
    "Statistics",
    "Stop",
    "Stream",
    "Term",
    "TermContribution",
    "TextNode",
    "TopDocs",
    "TopK",
    "Writer",
    "exact_text",
    "find_docs",
    "find_release",
    "never",
    "offers",
]  # fmt: skip
