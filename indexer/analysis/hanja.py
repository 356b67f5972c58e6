"""Hangul readings of words in hanja."""

from __future__ import annotations

from indexer.text.hangul import final_consonant, is_hangul_syllable, join_syllable, split_syllable

# Vowels that begin with a sound like ㅣ: before them an initial ㄴ or ㄹ is not spoken.
_VOWELS_LIKE_I = frozenset("ㅑㅕㅖㅛㅠㅣ")


def hangul_readings(reading: str) -> tuple[str, ...]:
    """The reading of the dictionary, and how it is written as a word; () if the dictionary has none ("*")."""
    return () if reading in ("*", "") else tuple(dict.fromkeys((reading, apply_initial_sound_law(reading))))


def apply_initial_sound_law(reading: str) -> str:
    """A reading of hanja as it is written as a word: 녀성 as 여성, 력사 as 역사, 비률 as 비율.

    The initial sound law (두음 법칙) is in Hangul orthography, sections 10 to 12. Section 11 has 렬 and 률,
    which become 열 and 율 behind a vowel or ㄴ.
    """
    letters = list(reading)
    if letters and is_hangul_syllable(letters[0]):
        letters[0] = _change_initial(letters[0])
    for index in range(1, len(letters)):
        if letters[index] in "렬률" and final_consonant(letters[index - 1]) in (" ", "ㄴ"):
            letters[index] = _change_initial(letters[index])
    return "".join(letters)


def _change_initial(syllable: str) -> str:
    initial, vowel, final = split_syllable(syllable)
    if initial in "ㄴㄹ" and vowel in _VOWELS_LIKE_I:
        initial = "ㅇ"
    elif initial == "ㄹ":
        initial = "ㄴ"
    return join_syllable(initial, vowel, final)
