"""What a word may be by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.analysis.hanja import apply_initial_sound_law
from indexer.analysis.negating_prefixes import is_negated


@pytest.mark.parametrize(
    ("word", "evident"),
    [
        ("지은", ("짓다",)),
        ("지어", ("짓다",)),
        ("도운", ("돕다",)),
        ("이은", ("잇다",)),
        ("고친", ("고치다",)),
        ("비운", ("비우다",)),
        ("실어", ("실다", "싣다")),
        ("나아", ("낫다",)),
        # As it stands in the dictionary the stem is in what is read as a noun anyway.
        ("내기", ()),
        ("사기", ()),
        ("화재", ()),
        ("시장", ()),
    ],
)
def test_a_form_that_looks_like_no_noun_of_its_stem_has_it(
    analyzer: Analyzer, word: str, evident: tuple[str, ...]
) -> None:
    read = analyzer.read_word(word)
    assert read.noun_terms[0].term == word
    assert read.evident_predicates == evident


@pytest.mark.parametrize("word", ["하자", "보고", "가야", "살구", "가면", "지게", "가자"])
def test_a_form_that_may_be_a_noun_is_known_as_both(analyzer: Analyzer, word: str) -> None:
    read = analyzer.read_word(word)
    assert read.is_form
    assert read.noun_terms[0].term == word
    assert read.predicates


@pytest.mark.parametrize(
    ("word", "particle", "suffix"),
    [
        ("시장에서", 2, False),
        ("하노버의", 1, False),
        ("과기부의", 1, False),
        ("창원으로", 2, False),
        ("서울로", 1, False),
        ("AI를", 1, False),
        ("회의", 0, False),
        ("박람회", 0, False),
        # Behind a consonant there is no 로, behind a vowel no 은.
        ("탐방로", 0, True),
        ("한강로", 0, True),
        ("진해루", 0, True),
        ("경제적", 0, True),
        ("시민들", 0, False),
    ],
)
def test_particles_and_what_only_looks_like_one(
    analyzer: Analyzer, word: str, particle: int, suffix: bool
) -> None:
    read = analyzer.read_word(word.lower())
    assert (read.particle_chars, read.has_suffix) == (particle, suffix)


@pytest.mark.parametrize(
    ("word", "known"),
    [("화재", True), ("산업박람회", True), ("맺었다", True), ("추진해", True), ("쿠버", False), ("이플로우", False), ("ㅋㅋㅋ", False)],
)  # fmt: skip
def test_a_word_is_known_where_no_single_syllable_is_left(analyzer: Analyzer, word: str, known: bool) -> None:
    assert analyzer.read_word(word).is_known is known


def test_what_is_joined_of_nouns_is_seen_beside_a_particle(analyzer: Analyzer) -> None:
    assert analyzer.read_word("주요성과").compound_nouns == ("주요", "성과")
    assert analyzer.read_word("부터").is_content is False
    assert analyzer.read_word("등의").may_hold_particle
    assert analyzer.read_word("이용한").verbal_noun == "이용"


@given(st.text(max_size=60))
def test_any_word_is_read(analyzer: Analyzer, word: str) -> None:
    read = analyzer.read_word(word)
    assert 0 <= read.particle_chars <= len(word) * 18
    assert all(stem.endswith("다") for stem in read.predicates)
    assert set(read.evident_predicates) <= set(read.predicates)


@pytest.mark.parametrize("name", ["kiwi"])
def test_other_analyzers_have_one_path(name: str) -> None:
    analyzer = Analyzer(name)
    assert analyzer.read_word("박람회에서").particle_chars in (0, 2)
    analyzer.close()


@pytest.mark.parametrize(
    ("reading", "written"),
    [
        ("녀성", "여성"), ("력사", "역사"), ("로동", "노동"), ("리유", "이유"), ("뉴대", "유대"), ("락원", "낙원"),
        ("비률", "비율"), ("계렬", "계열"), ("전률", "전율"), ("법률", "법률"), ("남녀", "남녀"), ("가", "가"), ("", ""), ("a력", "a력"),
    ],
)  # fmt: skip
def test_hanja_are_read_by_the_initial_sound_law(reading: str, written: str) -> None:
    assert apply_initial_sound_law(reading) == written


@pytest.mark.parametrize(
    ("prefix", "noun", "negated"),
    [("미", "분양", True), ("미", "대사관", False), ("불", "고기", False), ("불", "공정", True), ("몰", "지각", True),
     ("새", "집", False), ("불", "꽃", False)],
)  # fmt: skip
def test_prefixes_that_negate_a_noun(prefix: str, noun: str, negated: bool) -> None:
    assert is_negated(prefix, noun) is negated
