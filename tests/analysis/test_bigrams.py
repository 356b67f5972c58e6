from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.analysis.bigrams import pack, unpack

TEXT = st.text(alphabet=st.sampled_from("창원시비급여정부산하버스는 .\n,0123ab㈜①“”"), max_size=60)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("시내 버스", ["|시내|", "내|버", "|버스|", "스|"]),
        ("정부 산하", ["|정부|", "부|산", "|산하|", "하|"]),
        ("비급여", ["|비급", "!급여|", "여|"]),
        ("20만 원", ["|20|", "!0|만|", "|만|원|", "|원|"]),
        ("4.0", ["|4", "!0|"]),
        ("끝. 시작", ["|끝|", "|시작|", "작|"]),
        ("“끝.” 시작", ["|끝|", "|시작|", "작|"]),
        ("줄\n줄", ["|줄|", "|줄|"]),
        ("창·원", ["|창|원|", "|원|"]),
        ("①!", []),
        # Particles, endings and suffixes are the end of what they stand behind, also behind its marks.
        ("사회의 사업", ["|사회|", "회|의", "의|사", "|사업|", "업|"]),
        ("위원회’의 뜻", ["|위원|", "원|회|", "회|의", "의|뜻", "|뜻|"]),
        ("추진해", ["|추진|", "진|해", "해"]),
        ("정상화해", ["|정상|", "상|화|", "화|해", "해"]),
        ("경기도로", ["|경기|", "기|도|", "도|로", "로"]),
        # What stands apart is none of them, whatever the analyzer takes it for.
        ("읍. 면", ["|읍|", "|면|"]),
        ("읍·면·동", ["|읍|면|", "|면|동|", "|동|"]),
        # On both sides of a space only whole words are one.
        ("환경부 산하", ["|환경|", "경|부|", "부|산", "|산하|", "하|"]),
        ("이 사업", ["이|사", "|사업|", "업|"]),
        # No copula: 인재.
        ("공무원인재개발", ["|공무|", "무|원|", "|원|인|", "|인|재|", "|재|개", "|개발|", "발|"]),
    ],
)
def test_bigrams_know_the_borders_of_morphemes(analyzer: Analyzer, text: str, drawn: list[str]) -> None:
    assert [token.tag for token in analyzer.bigrams(text)] == drawn


def test_positions_count_syllables_with_a_gap_between_sentences(analyzer: Analyzer) -> None:
    tokens = analyzer.bigrams("창원 시. 독일")
    assert [(token.term, token.position) for token in tokens] == [
        ("창원", 0), ("원시", 1), ("시", 2), ("독일", 4), ("일", 5),
    ]  # fmt: skip


@given(st.one_of(TEXT, st.text()))
def test_bigrams_of_any_text(analyzer: Analyzer, text: str) -> None:
    tokens = analyzer.bigrams(text)
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
    for a, b in itertools.pairwise(tokens):
        assert a.start <= b.start
        assert a.position < b.position
        if b.position == a.position + 1:
            assert a.term[1:] == b.term[:1]
        else:
            assert len(a.term) == 1


@given(TEXT)
def test_spaces_do_not_change_what_a_sentence_holds(analyzer: Analyzer, text: str) -> None:
    without_digits = "".join(char for char in text if not char.isdigit() and char not in ".\n")
    close = without_digits.replace(" ", "")
    assert [token.term for token in analyzer.bigrams(without_digits)] == [
        token.term for token in analyzer.bigrams(close)
    ]


@given(st.characters(exclude_categories=["Cs"]), st.characters(exclude_categories=["Cs"]))
def test_keys_hold_any_two_characters(first: str, second: str) -> None:
    if second != "\0":
        assert unpack(pack(ord(first), ord(second))) == first + second
    assert unpack(pack(ord(first), 0)) == first
