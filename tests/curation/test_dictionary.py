from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.curation.dictionary import Dictionary, read_entry
from tests.support.analysis import KOREAN, assert_well_formed

WORDS = """
# 낱말 목록
에어팟
쿠버네티스
다쏘시스템  NNP  다쏘+시스템   # 회사
이플로우
"""


@pytest.fixture(scope="module")
def knowing() -> Analyzer:
    return Analyzer(dictionary=Dictionary(WORDS))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("에어팟을", [("에어팟", "에어팟")]),
        ("쿠버네티스는", [("쿠버네티스", "쿠버네티스")]),
        ("㈜이플로우", [("(주)", "㈜"), ("이플로우", "이플로우")]),
        ("다쏘시스템과", [("다쏘시스템", "다쏘시스템"), ("다쏘", "다쏘"), ("시스템", "시스템")]),
        ("에어팟쿠버네티스", [("에어팟", "에어팟"), ("쿠버네티스", "쿠버네티스")]),
        ("창원에어팟전시", [("창원", "창원"), ("에어팟", "에어팟"), ("전시", "전시")]),
    ],
)
def test_words_of_the_dictionary_are_single_words(
    knowing: Analyzer, text: str, expected: list[tuple[str, str]]
) -> None:
    tokens = knowing.tokens(text)
    assert_well_formed(text, tokens)
    assert [(token.term, text[token.start : token.end]) for token in tokens] == expected
    assert {token.rule for token in tokens if token.term == "에어팟"} <= {"user"}


def test_a_short_word_is_taken_only_where_a_morpheme_begins() -> None:
    knowing = Analyzer(dictionary=Dictionary("시장\nai"))
    assert "시장" not in [token.term for token in knowing.tokens("도시장애인")]
    assert [token.term for token in knowing.tokens("mail AI")] == ["mail", "ai"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("가", "2자에서"),
        ("가" * 41, "40자까지"),
        ("에어팟 XYZ", "모르는 품사"),
        ("에어팟 NNP 에어+폿", "낱말이 되어야"),
        ("에어팟 NNP 에어팟", "낱말이 되어야"),
        ("에어 팟 NNP 에어+팟", "한 줄에는"),
        ("에어-팟", "글자와 숫자만"),
        ("\ud800가", "유니코드"),
    ],
)
def test_a_bad_line_is_named_and_skipped(line: str, reason: str) -> None:
    dictionary = Dictionary(f"# 첫 줄\n{line}\n쿠버네티스\n")
    assert list(dictionary.entries) == ["쿠버네티스"]
    (problem,) = dictionary.problems
    assert problem.line == 2
    assert reason in problem.reason


def test_a_word_given_twice_is_a_problem() -> None:
    assert [problem.line for problem in Dictionary("에어팟\nＡＩ칩\n에어팟\nai칩").problems] == [3, 4]


def test_the_digest_is_of_the_words_not_of_the_file() -> None:
    assert Dictionary("에어팟\n이플로우").digest == Dictionary("# 다름\n이플로우 NNP\n\n에어팟").digest
    assert Dictionary("에어팟").digest != Dictionary("에어팟 NNG").digest
    assert Dictionary("# 없음").digest == ""


def test_changed_words() -> None:
    old, new = (
        Dictionary("에어팟\n이플로우\n다쏘시스템"),
        Dictionary("에어팟\n다쏘시스템 NNP 다쏘+시스템\n버네"),
    )
    assert old.changed_words(new) == {"이플로우", "다쏘시스템", "버네"}


@given(KOREAN, st.lists(st.text(alphabet=st.sampled_from("창원시하노버독일a1"), min_size=2, max_size=5)))
def test_any_dictionary_leaves_tokens_well_formed(analyzer: Analyzer, text: str, words: list[str]) -> None:
    knowing = Analyzer(dictionary=Dictionary("\n".join(words)))
    tokens = knowing.tokens(text)
    assert_well_formed(text, tokens)
    assert len(knowing.bigrams(text)) == len(analyzer.bigrams(text))


LINES = st.lists(
    st.sampled_from(
        [
            "에어팟",
            "다쏘시스템  NNP  다쏘+시스템",
            "# 메모",
            "",
            "가",
            "에어팟  # 또",
            "창원\u2028마산",
            "한 둘 셋 넷",
        ]
    ),
    max_size=6,
)


@given(LINES, st.sampled_from(["\n", "\r\n", ""]), st.sampled_from(["에어팟", "다쏘시스템", "갤럭시"]))
def test_an_entry_is_added_and_taken_away_and_nothing_else(lines: list[str], end: str, word: str) -> None:
    before = Dictionary("\n".join(lines) + end)
    entry = read_entry(word)
    if word not in before.entries:
        more = Dictionary(before.text_with(entry))
        assert more.entries == {**before.entries, word: entry}
        assert Dictionary(more.text_without(word)).entries == before.entries
    less = Dictionary(before.text_without(word))
    assert less.entries == {own: one for own, one in before.entries.items() if own != word}
    assert less.text.count("# 메모") == before.text.count("# 메모")
