from __future__ import annotations

import random
import threading
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.errors import AnalysisError
from tests.support.analysis import KOREAN, assert_well_formed


def assert_analyzes_to(analyzer: Analyzer, text: str, expected: list[tuple[str, str]]) -> None:
    """`expected` pairs a term with the characters of the text under it."""
    tokens = analyzer.tokens(text)
    assert_well_formed(text, tokens)
    assert [(token.term, text[token.start : token.end]) for token in tokens] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("창원은 독일에서", [("창원", "창원"), ("독일", "독일")]),
        ("박람회", [("박람회", "박람회"), ("박람", "박람"), ("회", "회")]),
        ("업무협약을 맺었다", [("업무", "업무"), ("협약", "협약"), ("맺다", "맺었다")]),
        ("나아갈 방향", [("나아가다", "나아갈"), ("방향", "방향")]),
        ("감싸여", [("감싸이다", "감싸여")]),
        ("비급여 급여", [("비급여", "비급여"), ("급여", "급여")]),
        ("LNI 4.0", [("lni", "LNI"), ("4.0", "4.0")]),
        ("1,234.5억", [("1234.5", "1,234.5"), ("억", "억")]),
        ("2023.04.25", [("2023", "2023"), ("4.25", "04.25"), ("04", "04"), ("25", "25")]),
        ("6·25 전쟁", [("6.25", "6·25"), ("6", "6"), ("25", "25"), ("전쟁", "전쟁")]),
        ("(4. 25.) 열린", [("4.25", "4. 25"), ("4", "4"), ("25", "25"), ("열리다", "열린")]),
        ("6.25 04.25", [("6.25", "6.25"), ("04.25", "04.25"), ("4.25", "04.25")]),
        ("1·2·3 13·40", [("1", "1"), ("2", "2"), ("3", "3"), ("13", "13"), ("40", "40")]),
        ("미분양 몰지각 부적절", [("미분양", "미분양"), ("몰지각", "몰지각"), ("부", "부"), ("절", "절")]),
        ("비정규직", [("비정규직", "비정규직"), ("비정규", "비정규"), ("직", "직")]),
        ("미대사관", [("미", "미"), ("대사관", "대사관"), ("대사", "대사"), ("관", "관")]),
        ("불고기", [("불고기", "불고기"), ("불", "불"), ("고기", "고기")]),
        (
            "女性 歷史",
            [
                ("女性", "女性"),
                ("녀성", "女性"),
                ("여성", "女性"),
                ("歷史", "歷史"),
                ("력사", "歷史"),
                ("역사", "歷史"),
            ],
        ),
        ("4000개", [("4000", "4000"), ("개", "개")]),
        ("大學", [("大學", "大學"), ("대학", "大學")]),
        ("LG스마트파크", [("lg", "LG"), ("스마트", "스마트"), ("파크", "파크")]),
        ("진영TBX(주)", [("진영", "진영"), ("tbx", "TBX"), ("(주)", "(주)")]),
        ("20만 원", [("20", "20"), ("만", "만"), ("원", "원")]),
        ("①12억", [("12", "12"), ("억", "억")]),
        ("ＨＡＮＮＯＶＥＲ", [("hannover", "ＨＡＮＮＯＶＥＲ")]),
        ("인터내셔날 본부장", [("인터", "인터"), ("내셔날", "내셔날"), ("본부", "본부"), ("장", "장")]),
        ("", []),
        (" \n!…", []),
    ],
)
def test_terms_and_their_characters(analyzer: Analyzer, text: str, expected: list[tuple[str, str]]) -> None:
    assert_analyzes_to(analyzer, text, expected)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_offsets_are_those_of_the_original_text(analyzer: Analyzer, form: Literal["NFC", "NFD"]) -> None:
    text = unicodedata.normalize(form, "㈜창원 하노버")
    changwon = next(token for token in analyzer.tokens(text) if token.term == "창원")
    assert text[changwon.start : changwon.end] == unicodedata.normalize(form, "창원")


def test_forms_of_a_verb_share_a_term(analyzer: Analyzer) -> None:
    for forms in (("맺었다", "맺는", "맺어"), ("감쌌다", "감싸는"), ("걷다", "걸어서"), ("들은", "듣고")):
        terms = [{token.term for token in analyzer.tokens(form)} for form in forms]
        assert set.intersection(*terms), forms


def test_a_lone_surrogate_is_refused(analyzer: Analyzer) -> None:
    with pytest.raises(AnalysisError):
        analyzer.tokens("창원 \ud800")


@pytest.mark.parametrize(
    "text", ["ㄱ" * 100_000, "가" * 100_000, "a" * 100_000, "1" * 100_000, "창원시 " * 40_000]
)
def test_long_runs_are_analysed_whole(analyzer: Analyzer, text: str) -> None:
    tokens = analyzer.tokens(text)
    assert_well_formed(text, tokens)
    assert tokens[-1].end >= len(text) - 4


@given(st.one_of(st.text(), KOREAN))
def test_tokens_of_any_text_are_well_formed(analyzer: Analyzer, text: str) -> None:
    assert_well_formed(text, analyzer.tokens(text))


@given(st.lists(KOREAN, max_size=6))
def test_a_batch_gives_what_each_text_gives_alone(analyzer: Analyzer, texts: list[str]) -> None:
    batch = analyzer.analyze(texts)
    for row, text in enumerate(texts):
        assert list(batch.morphemes.tokens(row)) == analyzer.tokens(text)
        assert list(batch.bigrams.tokens(row)) == analyzer.bigrams(text)


def test_an_analyzer_is_safe_to_share_between_threads(analyzer: Analyzer) -> None:
    texts = ["창원특례시 하노버 산업박람회", "독일 출장에서 업무협약을 맺었다", "비급여 진료비 공개"]
    expected = {text: analyzer.tokens(text) for text in texts}
    wrong = []

    def analyse(seed: int) -> None:
        chooser = random.Random(seed)  # noqa: S311 - no secret
        for _ in range(200):
            text = chooser.choice(texts)
            if analyzer.tokens(text) != expected[text]:
                wrong.append(text)

    threads = [threading.Thread(target=analyse, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_curated_files_choose_the_user_dictionary(analyzer: Analyzer) -> None:
    of_generation = analyzer.for_curated_files({"dictionary.txt": "쿠버네티스", "outlets.txt": "쿠버"})
    assert [token.term for token in of_generation.tokens("쿠버네티스는")] == ["쿠버네티스"]
    assert of_generation.for_curated_files({"dictionary.txt": "# 같은 낱말\n쿠버네티스"}) is of_generation
    assert analyzer.for_curated_files({}) is analyzer


def test_identity_names_the_dictionary(analyzer: Analyzer) -> None:
    assert analyzer.identity.name == "mecab"
    assert analyzer.identity.dictionary.startswith("mecab-ko-dic ")
