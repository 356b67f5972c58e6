"""The query language: what is typed, how it is read, and back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.search.parser import (
    MAX_WORDS,
    Clause,
    DateRange,
    Exact,
    FacetIn,
    Prefix,
    Query,
    Word,
    parse_query,
)

CANONICAL = [
    # words
    ("창원 하노버", "창원 하노버"), ("  창원　하노버\t독일\n", "창원 하노버 독일"), ("HANNOVER Messe", "hannover messe"),
    ("창원, 하노버!", "창원 하노버"), ("LNI-4.0 C++", "lni-4.0 c"), ("(창원)", "창원"), ("ＬＮＩ　４．０", "lni 4.0"),
    ("창원 창원", "창원"), ("", ""), ("!!", ""), ("㈜이플로우", "(주)이플로우"), ("㈜", "(주)"), ("(창원)", "창원"), ("12:30", "12:30"), ("a:b:c", "a:b:c"),
    # either
    ("창원 | 하노버", "창원 | 하노버"), ("창원|하노버", "창원 | 하노버"), ("창원 OR 하노버 독일", "창원 | 하노버 독일"),
    ("가 나 | 다 | 라 마", "가 나 | 다 | 라 마"), ("｜ 창원 ｜｜ 하노버 ｜", "창원 | 하노버"), ("창원 | 창원", "창원"), ("창원 or 하노버", "창원 or 하노버"),
    ("OR", "or"), ("OR OR", "or"), ("창원 OR", "창원 or"), ("OR 창원", "or 창원"), ("창원 AND 하노버", "창원 하노버"), ("AND AND", "and"),
    # without
    ("창원 -하노버", "창원 -하노버"), ("창원 NOT 하노버", "창원 -하노버"), ("－창원", "-창원"), ("--창원", "-창원"), ("창원 - 하노버", "창원 하노버"),
    ("-", ""), ("- -", ""), ("NOT", "not"), ("창원-하노버", "창원-하노버"), ("-창원 | 하노버", "-창원 하노버"), ("창원 AND NOT 하노버", "창원 -하노버"),
    ('-"산업 박람회"', '-"산업 박람회"'), ("-제목:창원", "-제목:창원"), ("NOT NOT 창원", "not -창원"),
    # runs
    ('"산업 박람회"', '"산업 박람회"'), ("“산업  박람회”", '"산업 박람회"'), ("＂산업＂", '"산업"'), ('"산업 박람회', "산업 박람회"), ('산업" 박람회', "산업 박람회"),
    ('""', ""), ('"!!"', ""), ('창원"하노버"독일', '창원 "하노버" 독일'), ('"가 | 나"', '"가 나"'),
    # beginnings
    ("창원*", "창원*"), ("창원＊", "창원*"), ("창*", "창"), ("*창원", "창원"), ("창*원", "창*원"), ("창원**", "창원*"), ("제목:창원*", "제목:창원*"),
    # fields
    ("제목:창원", "제목:창원"), ("title:창원", "제목:창원"), ("TITLE:창원", "제목:창원"), ("제목：창원", "제목:창원"), ('제목:"산업 박람회"', '제목:"산업 박람회"'),
    ("본문:창원 부제:독일", "본문:창원 부제:독일"), ("제목:", "제목"), ("::", ""), ("제목::창원", "제목:창원"), ("모르는:창원", "모르는:창원"), (":제목:창원", "제목:창원"), ("(2023..2024)", "2023-01-01..2024-12-31"),
    ("매체:교육부", "매체:교육부"), ("기관:교육부", "매체:교육부"), ('매체:"산업통상 자원부"', '매체:"산업통상 자원부"'), ("기자:홍길동 부서:환경과", "기자:홍길동 부서:환경과"),
    ("-매체:교육부", "-매체:교육부"), ("매체:교육부 | 매체:환경부", "매체:교육부 | 매체:환경부"), ("매체:", "매체"),
    # dates
    ("2023-04..2023-05", "2023-04-01..2023-05-31"), ("2023..2023", "2023-01-01..2023-12-31"), ("이후:2023-04", "2023-04-01.."),
    ("이전:2023-02", "..2023-02-28"), ("after:2023.4.25", "2023-04-25.."), ("2023-04..", "2023-04-01.."), ("..2023", "..2023-12-31"),
    ("2023-05..2023-04", "2023-04-01..2023-05-31"), ("이후:2023-13", "이후:2023-13"), ("2023-02-30..2023-03", "2023-02-30..2023-03"),
    ("..", ""), ("2023년 4월", "2023년 4월"), ("2023-04-25", "2023-04-25"), ("0000..0001", "0000..0001"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_the_canonical_string(text: str, canonical: str) -> None:
    query = parse_query(text)
    assert str(query) == canonical
    assert parse_query(canonical) == query


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("창원 | 하노버 -서울", (Clause((Word("창원", "창원"), Word("하노버", "하노버"))), Clause((Word("서울", "서울"),), excluded=True))),
        ('제목:"산업 박람회" 창원*', (Clause((Exact("산업 박람회", "산업 박람회", "title"),)), Clause((Prefix("창원", "창원"),)))),
        ("매체:교육부 이후:2023-04", (Clause((FacetIn("outlet", "교육부"),)), Clause((DateRange(date(2023, 4, 1), None),)))),
    ],
)  # fmt: skip
def test_the_clauses(text: str, clauses: tuple[Clause, ...]) -> None:
    assert parse_query(text) == Query(text, clauses)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('"창원', "따옴표"), ("창*", "두 글자 이상"), ("AND AND", "‘AND’를 글로"), ("이후:어제", "날짜"), ("낱말 " * 1 + " ".join(f"낱말{n}" for n in range(99)), "64"),
    ],
)  # fmt: skip
def test_what_was_read_otherwise_is_said(text: str, note: str) -> None:
    assert any(note in said for said in parse_query(text).notes)


def test_words_past_the_limit_are_cut() -> None:
    assert len(parse_query(" ".join(f"낱말{number}" for number in range(100))).clauses) == MAX_WORDS


def test_how_the_query_was_read() -> None:
    query = parse_query("  LNI  !! 하노버 -서울 ")
    assert query.effective == "LNI 하노버"
    assert query.with_words({"하노버": "독일"}).effective == "LNI 독일"


OPERATORS = st.sampled_from(
    ['"', "|", "-", "*", ":", "..", " ", "OR", "AND", "NOT", "제목:", "매체:", "이후:", "2023-04", "창원", "가", "＂", "：", "｜", "－", "＊", "“", "㈜", "ﷺ", "a", "​"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(OPERATORS, max_size=15).map("".join), st.lists(OPERATORS, max_size=15).map(" ".join)))  # fmt: skip
def test_any_text_is_a_query_and_its_canonical_string_is_the_same(text: str) -> None:
    query = parse_query(text)
    assert parse_query(str(query)) == query
    assert str(parse_query(str(query))) == str(query)
