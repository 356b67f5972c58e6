from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer, normalize
from indexer.engine import And, Node, Or, Phrase, Run, Term
from indexer.search.query import parse_query
from indexer.search.ranking import scoring_terms
from indexer.synonyms import Synonyms
from indexer.weights import Weights


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("하노버", And((Or((Term("하노버"), Run("하노버"))),))),
        ("독일출장", And((Or((Phrase(("독일", "출장")), Run("독일출장"))),))),
        ("박람회", And((Or((Or((Phrase(("박람", "회")), Term("박람회"))), Run("박람회"))),))),
        ("大學", And((Or((Or((Term("大學"), Term("대학"))), Run("大學"))),))),
        ("LNI 4.0", And((Or((Term("lni"), Run("lni"))), Term("4.0")))),
        ("부터", And((Run("부터"),))),
        ("는", And((Run("는"),))),
        ("!!", Or(())),
        ("", Or(())),
    ],
)
def test_the_tree_of_a_query(analyzer: Analyzer, text: str, node: Node) -> None:
    assert parse_query(text, analyzer, Synonyms()).node == node


def test_how_the_query_was_read(analyzer: Analyzer) -> None:
    query = parse_query("  LNI  !! 하노버 ", analyzer, Synonyms())
    assert query.effective == "LNI 하노버"
    assert str(query) == "lni 하노버"


def test_what_words_are_worth(analyzer: Analyzer) -> None:
    terms = scoring_terms(analyzer, "창원 창원 40개", Weights(bigram=0.5, number=2.0))
    worth = {(term.stream, term.text): term.weight for term in terms}
    assert worth["morphemes", "창원"] == 2
    assert worth["morphemes", "40"] == 2
    assert worth["bigrams", "창원"] == 1
    assert worth["bigrams", "원창"] == 0.5
    assert worth["bigrams", "40"] == 1
    assert ("bigrams", "개") not in worth


@given(st.text(max_size=80))
def test_any_text_is_a_query(analyzer: Analyzer, text: str) -> None:
    query = parse_query(text, analyzer, Synonyms.read("창원시 = 창원특례시"))
    assert all(word.readings for word in query.words)
    assert query.effective.split() == [
        word
        for word in text.split()
        if any(char.isalpha() or char.isdecimal() for char in normalize(word).text)
    ]
