"""Letters of syllables, and tags."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from indexer.text.hangul import (
    final_consonant,
    has_final_consonant,
    is_hangul_syllable,
    join_syllable,
    split_syllable,
    vowel_of,
)
from indexer.text.tags import CONTENT_TAGS, Tag, is_attached, is_ending, is_particle


@given(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")))
def test_a_syllable_is_split_as_unicode_does(syllable: str) -> None:
    assert join_syllable(*split_syllable(syllable)) == syllable
    assert has_final_consonant(syllable) is (len(unicodedata.normalize("NFD", syllable)) == 3)
    assert (vowel_of(syllable), final_consonant(syllable)) == split_syllable(syllable)[1:]


@given(st.characters(exclude_categories=["Cs"]).filter(lambda char: not "가" <= char <= "힣"))
def test_other_characters_have_no_letters(char: str) -> None:
    assert not is_hangul_syllable(char)
    assert final_consonant(char) == vowel_of(char) == ""
    assert not has_final_consonant(char)


def test_a_tag_is_its_string_with_a_gloss() -> None:
    assert Tag.NNG == "NNG"
    assert "NNG" in CONTENT_TAGS
    assert all(tag.gloss for tag in Tag)
    assert is_attached("VCP+ETM")
    assert is_ending("EP+EF")
    assert is_particle("JKM")  # Kkma's, which Sejong's set does not have
