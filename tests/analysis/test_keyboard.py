"""Keystrokes and syllables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis.keyboard import (
    initials_of,
    possible_keystrokes,
    read_initials,
    to_keystrokes,
    type_hangul,
)


@pytest.mark.parametrize(
    ("text", "keystrokes"),
    [
        ("창원", "ckddnjs"), ("창ㅇ", "ckdd"), ("창우", "ckddn"), ("한", "gks"), ("하노버", "gkshqj"), ("업뭏", "djqang"),
        ("업무협약", "djqanguqdir"), ("ㅗ무ㅜㅐㅍㄷㄱ", "hannover"), ("값", "rkqt"), ("괜찮다", "rhoscksgek"), ("HANNOVER", "hannover"),
        ("산업 박람회", "tksdjqqkrfkaghl"), ("4.0", "4.0"), ("쏘", "Th"),
    ],
)  # fmt: skip
def test_keystrokes(text: str, keystrokes: str) -> None:
    assert to_keystrokes(text) == keystrokes


@pytest.mark.parametrize(("prefix", "word"), [("창ㅇ", "창원"), ("창우", "창원"), ("한", "하노버"), ("업뭏", "업무협약")])  # fmt: skip
def test_what_is_half_typed_is_a_beginning(prefix: str, word: str) -> None:
    assert to_keystrokes(word).startswith(to_keystrokes(prefix))


SYLLABLES = st.text(st.integers(ord("가"), ord("힣")).map(chr), max_size=8)


@given(SYLLABLES)
def test_keystrokes_type_the_word_again(word: str) -> None:
    # What an input method cannot tell apart it puts together one way: 각가 from ㄱㅏㄱㄱㅏ.
    assert to_keystrokes(type_hangul(to_keystrokes(word))) == to_keystrokes(word)


@pytest.mark.parametrize("word", ["창원특례시", "괜찮다", "하노버", "값어치", "뷁", "까치"])
def test_words_typed_in_latin(word: str) -> None:
    assert type_hangul(to_keystrokes(word)) == word


@given(st.text(max_size=20))
def test_any_text_has_keystrokes(text: str) -> None:
    assert isinstance(type_hangul(to_keystrokes(text)), str)
    initials_of(text)


def test_initials() -> None:
    assert initials_of("창원특례시") == "ㅊㅇㅌㄹㅅ"
    assert initials_of("창원 4") == ""
    assert read_initials("창") == read_initials("ㅊㅏ") == read_initials("") == ()


@pytest.mark.parametrize(
    ("typed", "initials"),
    [
        ("ㅊㅇ", ("ㅊㅇ",)),
        # Windows makes one letter of two consonants.
        ("ㅄ", ("ㅂㅅ",)),
        ("ㄳㅇ", ("ㄱㅅㅇ",)),
        ("ㄵㄶㄺㄻㄼㄽㄾㄿㅀ", ("ㄴㅈㄴㅎㄹㄱㄹㅁㄹㅂㄹㅅㄹㅌㄹㅍㄹㅎ",)),
        # macOS makes a double letter of the same twice.
        ("ㄲㅇㅅㅊ", ("ㄲㅇㅅㅊ", "ㄱㄱㅇㅅㅊ")),
        ("ㅆㄳ", ("ㅆㄱㅅ", "ㅅㅅㄱㅅ")),
    ],
)
def test_consonants_as_input_methods_put_them_together(typed: str, initials: tuple[str, ...]) -> None:
    assert read_initials(typed) == initials


def test_the_shift_key_is_a_part_of_what_was_typed() -> None:
    assert possible_keystrokes("Rkcl") == ("Rkcl", "rkcl")
    assert possible_keystrokes("RKRN") == ("RkRn", "rkrn")
    assert possible_keystrokes("Hannover") == ("hannover",)
    assert possible_keystrokes("까치") == ("Rkcl",)
