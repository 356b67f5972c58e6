from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engine import And, Node, Or, Phrase, Span, Term
from indexer.search.highlight import find_ranges
from indexer.search.query import parse_query


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("하노버", And((Term("하노버"),))),
        ("독일 출장", And((Term("독일"), Term("출장")))),
        ("독일출장", And((Phrase(("독일", "출장")),))),
        ("박람회", And((Or((Phrase(("박람", "회")), Term("박람회"))),))),
        ("산업박람회", And((Phrase(("산업", "박람", "회")),))),
        ("大學", And((Or((Term("大學"), Term("대학"))),))),
        ("LNI 4.0", And((Term("lni"), Term("4.0")))),
        ("맺었다", And((Term("맺다"),))),
        ("!!", Or(())),
    ],
)
def test_the_tree_of_a_query(analyzer: Analyzer, text: str, node: Node) -> None:
    assert parse_query(text, analyzer).node == node


def test_how_the_query_was_read(analyzer: Analyzer) -> None:
    query = parse_query("  LNI  !! 하노버 ", analyzer)
    assert query.effective == "LNI 하노버"
    assert str(query) == "lni 하노버"


@given(st.text(max_size=80))
def test_any_text_is_a_query(analyzer: Analyzer, text: str) -> None:
    query = parse_query(text, analyzer)
    assert all(word.terms() for word in query.words)
    assert [word.text for word in query.words] == [
        word for word in text.split() if word in query.effective.split()
    ]


def test_a_phrase_is_found_at_neighbouring_positions_only() -> None:
    spans = [Span("독일", 0, 2, 0), Span("출장", 4, 6, 1), Span("독일", 10, 12, 5), Span("출장", 20, 22, 9)]
    assert find_ranges(Phrase(("독일", "출장")), spans) == [(0, 2), (4, 6)]
    assert find_ranges(Term("출장"), spans) == [(4, 6), (20, 22)]
    assert find_ranges(Or((Term("없음"), And((Term("독일"),)))), spans) == [(0, 2), (10, 12)]
