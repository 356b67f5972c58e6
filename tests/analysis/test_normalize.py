from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import AnalysisError
from indexer.text.normalize import _CHANGING, normalize


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("창원 하노버", "창원 하노버"),
        (unicodedata.normalize("NFD", "창원 각"), "창원 각"),
        ("Ｈａｎｎｏｖｅｒ　４．０", "hannover 4.0"),
        ("HANNOVER Messe", "hannover messe"),
        ("㈜이플로우", "(주)이플로우"),
        ("창\u200b원\ufeff", "창원"),
        ("창원\xa0시\t은", "창원 시 은"),
        ("줄\r\n줄", "줄\n\n줄"),
        ("산업ㆍ수소", "산업·수소"),
        ("ㄱㄴ ㅏ", "ㄱㄴ ㅏ"),
        ("ﾡￂ", "ㄱㅏ"),
        ("10㎡", "10m2"),
        ("é", "e"),
        ("e\u0301", "e"),
        ("Citroën Łódź Straße Ærø", "citroen lodz strasse aero"),
        ("が ｶﾞ", "が ガ"),
        ("홍\u3164길동 \uffa0\u2800\u115f\u1160", "홍 길동    "),
        ("6･25 6・25 6‧25 6∙25", "6·25 6·25 6·25 6·25"),
        ("\uf53a글과컴퓨터", "한글과컴퓨터"),
        ("ᄒᆞᆫ글", "한글"),
        ("\U000f03ef\U000f03f0 \U000f02b1\U000f02ef\uf0a7", "한글 ①· "),
        ("👩\u200d👧", "👩👧"),
        ("\x00\x07", "  "),
        ("İ", "i"),
        ("Ⓐ", "ⓐ"),
        ("Ⓐ\U00018d09", "ⓐ "),
        ("가Ⓩ나", "가ⓩ나"),
        ("", ""),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert normalize(text).text == normal


def test_what_is_taken_as_it_is_is_its_own_normal_form() -> None:
    for char in map(chr, range(0x10000)):
        # Circled numbers and compatibility jamo are kept from NFKC on purpose.
        if not _CHANGING.search(char) and not "\u2460" <= char <= "\u24ff" and not "ㄱ" <= char <= "ㆎ":
            assert unicodedata.normalize("NFKC", char).lower() == char
            assert char in "\n " or unicodedata.category(char)[0] not in "MZC"


def test_each_character_knows_where_it_came_from() -> None:
    text = unicodedata.normalize("NFD", "독일") + " ㈜창\u200b원"
    made = normalize(text)
    assert made.text == "독일 (주)창원"
    assert made.starts is not None
    assert made.ends is not None
    spans = [text[start:end] for start, end in zip(made.starts, made.ends, strict=True)]
    assert [unicodedata.normalize("NFC", span) for span in spans] == [
        "독", "일", " ", "㈜", "㈜", "㈜", "창", "원",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["\ud800", "창원\udfff", "a\udc80b"])
def test_a_lone_surrogate_is_refused(text: str) -> None:
    with pytest.raises(AnalysisError, match="번째 글자"):
        normalize(text)


@given(st.text())
def test_origins_cover_the_text_in_order(text: str) -> None:
    made = normalize(text)
    if made.starts is None or made.ends is None:
        assert len(made.text) == len(text)
        return
    assert len(made.starts) == len(made.ends) == len(made.text)
    assert (made.starts < made.ends).all()
    assert (made.starts[1:] >= made.starts[:-1]).all()
    assert (made.ends[1:] >= made.ends[:-1]).all()
    if made.text:
        assert made.starts[0] >= 0
        assert made.ends[-1] <= len(text)


@given(st.text())
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    once = normalize(text).text
    assert normalize(once).text == once


@given(st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)))
def test_composed_and_decomposed_hangul_are_the_same(text: str) -> None:
    assert normalize(unicodedata.normalize("NFD", text)).text == text
