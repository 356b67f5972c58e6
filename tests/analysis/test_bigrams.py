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
        ("시내 버스", ["|시내|", "내버", "|버스|", "스|"]),
        ("정부 산하", ["|정부|", "부산", "|산하|", "하|"]),
        ("비급여", ["|비급", "!급여|", "여|"]),
        ("20만 원", ["|20|", "!0만|", "만원|", "|원|"]),
        ("4.0", ["4/0", "!0|"]),
        ("끝. 시작", ["끝/시", "|시작|", "작|"]),
        ("“끝.” 시작", ["끝/시", "|시작|", "작|"]),
        ("줄\n줄", ["줄/줄", "|줄|"]),
        ("창·원", ["|창원|", "|원|"]),
        ("①!", []),
        # Particles, endings and suffixes are the end of what they stand behind, also behind its marks.
        ("사회의 사업", ["|사회|", "회의|", "의사", "|사업|", "업|"]),
        ("위원회’의 뜻", ["|위원|", "원회|", "회의:", "의뜻|", "|뜻|"]),
        ("추진해", ["|추진|", "진해|", "해|"]),
        ("정상화해", ["|정상|", "상화|", "화해:", "해"]),
        ("경기도로", ["|경기|", "기도|", "도로|", "로|"]),
        # What stands apart is none of them, whatever the analyzer takes it for.
        ("읍. 면", ["읍/면", "|면|"]),
        ("읍·면·동", ["|읍면|", "|면동|", "|동|"]),
        # On both sides of a space only whole words are one.
        ("환경부 산하", ["|환경|", "경부|", "부산", "|산하|", "하|"]),
        ("이 사업", ["|이사", "|사업|", "업|"]),
        # No copula: 인재.
        ("공무원인재개발", ["|공무|", "무원|", "|원인|", "|인재|", "|재개", "|개발|", "발|"]),
        # Words that the dictionary knows have no borders inside, but for the parts of its compounds.
        ("문화재", ["|문화|", "화재|", "|재|"]),
        ("연수원", ["|연수|", "수원|", "|원|"]),
        ("너구리", ["|너구", "구리|", "리|"]),
        ("보여주는", ["|보여|", "여주|", "주는:", "는"]),
        ("쿠버네티스", ["|쿠버", "|버네|", "네티", "|티스|", "스|"]),
        # Taggers read nouns as a syllable and a particle or suffix.
        ("속도 낸다", ["|속도|", "도낸", "|낸다|", "다|"]),
        ("남해 상공", ["|남해|", "해상", "|상공|", "공|"]),
        ("센터장 성지원", ["|센터|", "터장|", "장성:", "|성지", "|지원|", "원|"]),
        ("탐방로 정비", ["|탐방|", "방로|", "로정", "|정비|", "비|"]),
        # A word that no dictionary knows may begin and end anywhere.
        ("ㅋㅎㅋ", ["|ㅋㅎ|", "|ㅎㅋ|", "|ㅋ|"]),
    ],
)
def test_bigrams_know_the_borders_of_morphemes(analyzer: Analyzer, text: str, drawn: list[str]) -> None:
    assert [token.tag for token in analyzer.bigrams(text)] == drawn


def test_positions_count_syllables_through_sentences(analyzer: Analyzer) -> None:
    tokens = analyzer.bigrams("창원 시. 독일")
    assert [(token.term, token.position) for token in tokens] == [
        ("창원", 0), ("원시", 1), ("시독", 2), ("독일", 3), ("일", 4),
    ]  # fmt: skip
    assert [term for term, _, _ in analyzer.analyze(["창원 시. 독일"]).bigrams.pairs(0)] == [
        "창원",
        "원시",
        "독일",
    ]


def test_texts_of_a_batch_do_not_touch(analyzer: Analyzer) -> None:
    batch = analyzer.analyze(["", "창원", "!", "시", ""]).bigrams
    assert [[token.term for token in batch.tokens(text)] for text in range(5)] == [
        [],
        ["창원", "원"],
        [],
        ["시"],
        [],
    ]


@given(st.one_of(TEXT, st.text()))
def test_bigrams_of_any_text(analyzer: Analyzer, text: str) -> None:
    tokens = analyzer.bigrams(text)
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
    for a, b in itertools.pairwise(tokens):
        assert a.start <= b.start
        assert b.position == a.position + 1
        assert a.term[1:] == b.term[:1]


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
