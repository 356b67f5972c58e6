"""The query language: what a person typed -> clauses, and back as a canonical string.

    창원 하노버          both words               제목:창원 부제: 본문:      in this text field only
    창원 | 하노버, OR    either                   매체: 기자: 부서: …        with this value of a facet
    -창원, NOT 창원      without                  2023-04..2023-05           published then
    "산업 박람회"        exactly this text        이후:2023-04 이전:2023     since, until; inclusive
    창원*                beginning so

The names of text fields and facets are those of `indexer.schema`. Nothing is a syntax error: what cannot be
an operator is text, and `notes` say how it was read.
"""

from indexer.search.parser.clauses import parse_query
from indexer.search.parser.nodes import (
    MAX_WORDS,
    Atom,
    Clause,
    DateRange,
    Exact,
    FacetIn,
    Prefix,
    Query,
    Word,
)

__all__ = [
    "MAX_WORDS",
    "Atom",
    "Clause",
    "DateRange",
    "Exact",
    "FacetIn",
    "Prefix",
    "Query",
    "Word",
    "parse_query",
]
