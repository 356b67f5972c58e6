"""From clauses to the tree that the engine answers."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer, Token
from indexer.curation.synonyms import Synonyms
from indexer.engine import And, DateRange, FacetIn, NgramPhrase, Node, Not, Or, Phrase, Prefix, Snapshot, Term
from indexer.release import SEOUL
from indexer.search.compile import compile_query
from indexer.search.compiled_query import CompiledQuery
from indexer.search.index_terms import IndexTerms
from indexer.search.nested_tokens import contains, finest, outermost
from indexer.search.parser import MAX_WORDS, parse_query
from indexer.search.request import MAX_QUERY_CHARS, SearchRequest
from indexer.search.service import SearchService
from indexer.search.term_weights import scoring_terms
from indexer.text.normalize import squeeze
from indexer.weights import Weights
from tests.conftest import ROOT, release_of

OUTLETS = {
    "outlet": ["교육부", "산업통상자원부", "산업부 산하기관"],
    "reporter": ["홍길동"],
    "department": [],
}


class Values:
    """A snapshot of which only the values of facets are asked."""

    def facet_values(self, facet: str, *, containing: str = "", limit: int) -> list[str]:
        return [value for value in OUTLETS[facet] if squeeze(containing) in squeeze(value)][:limit]


HANNOVER = Or((Term("하노버"), NgramPhrase("하노버")))


def read(analyzer: Analyzer, text: str, synonyms: str = "") -> CompiledQuery:
    terms = IndexTerms(cast(Snapshot, Values()), lambda nodes: [0] * len(nodes))
    return compile_query(parse_query(text), analyzer, Synonyms(synonyms), terms)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("하노버", And((HANNOVER,))),
        ("독일출장", And((Or((Phrase(("독일", "출장")), NgramPhrase("독일출장", borders="either"))),))),
        ("박람회", And((Or((Or((Phrase(("박람", "회")), Term("박람회"))), NgramPhrase("박람회"))),))),
        ("大學", And((Or((Or((Term("大學"), Term("대학"))), NgramPhrase("大學"))),))),
        ("LNI 4.0", And((Or((Term("lni"), NgramPhrase("lni"))), Term("4.0")))),
        ("부터", And((NgramPhrase("부터", borders="none"),))),
        ("는", And((Or((Term("는"), NgramPhrase("는", borders="none"))),))),
        ("꽃", And((Term("꽃"),))),
        ("!!", Or(())),
        ("", Or(())),
        ("하노버 | 독일", And((Or((HANNOVER, Or((Term("독일"), NgramPhrase("독일"))))),))),
        ("-하노버", And((Not(HANNOVER),))),
        ("제목:하노버", And((Or((Term("하노버", "title"), NgramPhrase("하노버", "title"))),))),
        ('"하노 버"', And((NgramPhrase("하노버", borders="none"),))),
        ("창원* 제목:창원*", And((Prefix("창원"), Prefix("창원", "title")))),
        ("매체:교육부", And((FacetIn("outlet", ("교육부",)),))),
        ("매체:산업", And((FacetIn("outlet", ("산업통상자원부", "산업부 산하기관")),))),
        ('매체:"교 육부" 기자:없음', And((FacetIn("outlet", ("교육부",)), FacetIn("reporter", ())))),
        ("2023-04..2023-04-25", And((DateRange(datetime(2023, 4, 1, tzinfo=SEOUL), datetime(2023, 4, 26, tzinfo=SEOUL)),))),
        ("이후:9999", And((DateRange(datetime(9999, 1, 1, tzinfo=SEOUL), None),))),
    ],
)  # fmt: skip
def test_the_tree_of_a_query(analyzer: Analyzer, text: str, node: Node) -> None:
    assert read(analyzer, text).node == node


def test_only_what_is_wanted_scores(analyzer: Analyzer) -> None:
    tree = read(analyzer, "하노버 -독일 매체:교육부 이후:2023")
    assert {term.text for term in tree.scoring} == {"하노버", "하노", "노버"}
    assert tree.morphemes == ("하노버",)
    assert [word.text for word in tree.words] == ["하노버"]
    assert len(tree.conditions) == 3


def test_words_that_have_a_synonym_together(analyzer: Analyzer) -> None:
    tree = read(analyzer, "산업통상자원부 장관 -산업부", "산업통상자원부 = 산업부")
    assert [word.synonyms for word in tree.words] == [("산업부",), ()]
    assert [way.match_kind for way in tree.words[0].interpretations][-1] == "synonym"
    assert read(analyzer, "제목:산업통상자원부", "산업통상자원부 = 산업부").words[0].synonyms == ("산업부",)


def test_what_words_are_worth(analyzer: Analyzer) -> None:
    analysed = analyzer.analyze(["창원 창원 40개"])
    terms = scoring_terms(
        [(analysed.morphemes.spans(0), analysed.bigrams.pairs(0))],
        weights=Weights(bigram=0.5, across=0.25, number=2.0),
    )
    worth = {(term.stream, term.text): term.weight for term in terms}
    assert worth["morphemes", "창원"] == 2
    assert worth["morphemes", "40"] == 2
    assert worth["bigrams", "창원"] == 1
    assert worth["bigrams", "원창"] == 0.25
    assert worth["bigrams", "40"] == 1
    assert ("bigrams", "개") not in worth


def test_a_title_need_not_hold_what_only_touches_where_spaces_were_left_out(analyzer: Analyzer) -> None:
    def clauses(text: str) -> list[set[str]]:
        found: dict[int, set[str]] = {}
        analysed = analyzer.analyze([text])
        for term in scoring_terms([(analysed.morphemes.spans(0), analysed.bigrams.pairs(0))]):
            for clause in term.coverage_groups if term.stream == "bigrams" else ():
                found.setdefault(clause, set()).add(term.text)
        return [found[clause] for clause in sorted(found)]

    assert clauses("하노버 독일 출장") == [{"하노"}, {"노버"}, {"독일"}, {"출장"}]
    assert clauses("하노버독일출장") == [
        {"하노"}, {"출장"}, {"노버", "버독"}, {"버독", "독일"}, {"독일", "일출"},
    ]  # fmt: skip
    assert clauses("독일출장") == [{"독일"}, {"일출"}, {"출장"}]


QUERIES = sorted(
    {
        case["q"]
        for one in tomllib.loads((ROOT / "tests" / "answers" / "cases.toml").read_text("utf-8"))["set"]
        for case in one["cases"]
    }
)
MIXED = st.lists(
    st.builds(
        str.__add__,
        st.sampled_from(("", "", "", "-", "| ", "제목:", "매체:")),
        st.sampled_from(sorted({word for query in QUERIES for word in query.split()})),
    ),
    min_size=1,
    max_size=8,
).map(" ".join)


class Counts(Values):
    """A snapshot where a seed says how many releases each node matches: around what tells words apart."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.asked: list[Sequence[Node]] = []

    def count(self, nodes: Sequence[Node]) -> list[int | None]:
        self.asked.append(nodes)
        return [
            random.Random(f"{self._seed} {node}").choice((0, 0, 1, 3, 29, 30, 100, 1000))  # noqa: S311 - no secret
            for node in nodes
        ]


class OneByOne(IndexTerms):
    """Asks for each count when it is needed."""

    def count(self, node: Node) -> int:
        (count,) = self._count_all([node])
        return count or 0


def check_counting(analyzer: Analyzer, text: str, seed: int) -> Counts:
    """Counts that are asked together make the same query of a text as those that are asked one by one."""
    together, single = Counts(seed), Counts(seed)
    query, synonyms = parse_query(text), Synonyms("창원시 = 창원특례시\n산업부 = 산업통상자원부")
    compiled = compile_query(query, analyzer, synonyms, IndexTerms(cast(Snapshot, together), together.count))
    assert compiled == compile_query(
        query, analyzer, synonyms, OneByOne(cast(Snapshot, single), single.count)
    )
    needed = {node for nodes in single.asked for node in nodes}
    assert needed <= {node for nodes in together.asked for node in nodes}
    assert len(together.asked) <= 1
    return together


@pytest.mark.parametrize("seed", range(8))
def test_counts_are_asked_for_once(analyzer: Analyzer, seed: int) -> None:
    asked = [check_counting(analyzer, text, seed).asked for text in QUERIES]
    assert any(len(nodes) > 1 for calls in asked for nodes in calls)
    # Most queries have only words that need no counts.
    assert sum(map(len, asked)) < len(QUERIES) / 2


@given(MIXED, st.integers())
def test_counts_of_any_words_are_asked_for_once(analyzer: Analyzer, text: str, seed: int) -> None:
    check_counting(analyzer, text, seed)


@given(st.text(max_size=60))
def test_any_text_has_a_tree(analyzer: Analyzer, text: str) -> None:
    tree = read(analyzer, text, "창원시 = 창원특례시")
    assert all(word.interpretations for word in tree.words)


@given(
    st.lists(
        st.builds(
            lambda start, length: Token("", 0, start, start + length, "", ""),
            st.integers(0, 9),
            st.integers(1, 5),
        )
    )
)
def test_tokens_with_parts_and_parts_of_tokens(tokens: list[Token]) -> None:
    assert finest(tokens) == [
        token for token in tokens if not any(contains(token, other) for other in tokens)
    ]
    assert outermost(tokens) == [
        token for token in tokens if not any(contains(other, token) for other in tokens)
    ]


@pytest.mark.parametrize("q", ["하노버박람회" * 333, "하노버," * 500, "4.25." * 400])
def test_a_long_word_becomes_no_more_words_than_a_query_may_have(
    service_of: Callable[..., SearchService], q: str
) -> None:
    service = service_of(release_of("하노버 박람회 4. 25.", id="a"))
    answer = service.search(SearchRequest(q=q))
    assert len(answer.query.effective.split()) <= MAX_WORDS
    assert all(len(other.request.q) <= MAX_QUERY_CHARS for other in answer.alternatives)
