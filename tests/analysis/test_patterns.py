"""Numbers, days and marks of companies, by their patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis.stages.patterns import day_of, find_patterns, read_pattern


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,000명", [("1,000", "number")]),
        ("3.5% 1,234.5배", [("3.5", "number"), ("1,234.5", "number")]),
        ("6·25 전쟁", [("6·25", "day")]),
        ("10·29 12·12", [("10·29", "day"), ("12·12", "day")]),
        ("13·45 0·3 6·32", []),
        ("1·2·3차", []),
        ("(4. 25.) 4. 25 (화)", [("4. 25", "day"), ("4. 25", "day")]),
        ("1. 5대 과제", []),
        ("2023. 4. 25.(화)", [("4. 25", "day")]),
        ("2023.04.25", [("04.25", "day")]),
        ("2023.4.25.7", []),
        ("1.2.3.4", []),
        ("㈜ (주)한울(대표)", [("(주)", "company")]),
        ("(월) (가)", []),
        ("", []),
    ],
)
def test_patterns_are_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(text[start:end], kind) for start, end, kind in find_patterns(text)] == found


@pytest.mark.parametrize(
    ("surface", "kind", "terms"),
    [
        ("1,000", "number", ["1000"]),
        ("3.5", "number", ["3.5"]),
        ("04.05", "number", ["04.05", "4.5"]),
        ("6·25", "day", ["6.25", "6", "25"]),
        ("04. 05", "day", ["4.5", "04", "05"]),
        ("(주)", "company", ["(주)"]),
    ],
)
def test_terms_of_a_pattern(surface: str, kind: str, terms: list[str]) -> None:
    lexeme = read_pattern(surface, kind)  # type: ignore[arg-type]
    assert [emission.term for emission in lexeme.emissions] == terms
    assert all(0 <= emission.start < emission.end <= len(surface) for emission in lexeme.emissions)


@given(st.text(alphabet="0123456789.,· ()주화-", max_size=30))
def test_spans_ascend_and_do_not_overlap(text: str) -> None:
    done = 0
    for start, end, kind in find_patterns(text):
        assert done <= start < end <= len(text)
        assert read_pattern(text[start:end], kind).emissions
        done = end


@given(st.integers(1, 12), st.integers(1, 31))
def test_a_day_has_one_name(month: int, day: int) -> None:
    assert day_of(f"{month}.{day}") == day_of(f"{month:02}.{day:02}") == f"{month}.{day}"
    assert read_pattern(f"{month}·{day}", "day").emissions[0].term == f"{month}.{day}"
    assert day_of(f"{month + 12}.{day}") == day_of(f"{month}.{day + 31}") == ""
