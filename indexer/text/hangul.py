"""Hangul syllables and their letters.

Unicode orders the 11,172 syllables by initial consonant, then by vowel, then by final consonant (The Unicode
Standard, section 3.12). So the three letters can be computed from the code point.
"""

from __future__ import annotations

FIRST_SYLLABLE, LAST_SYLLABLE = "가", "힣"
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
# The first is the final consonant of a syllable that has none.
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


def is_hangul_syllable(char: str) -> bool:
    """Whether a character is a whole syllable, and no letter by itself."""
    return FIRST_SYLLABLE <= char <= LAST_SYLLABLE


def split_syllable(syllable: str) -> tuple[str, str, str]:
    """The initial consonant, vowel and final consonant of a syllable, each as in the tables above."""
    initial_and_vowel, final = divmod(ord(syllable) - ord(FIRST_SYLLABLE), len(FINALS))
    initial, vowel = divmod(initial_and_vowel, len(VOWELS))
    return INITIALS[initial], VOWELS[vowel], FINALS[final]


def join_syllable(initial: str, vowel: str, final: str) -> str:
    """The syllable of three letters; what `split_syllable` takes apart."""
    initial_and_vowel = INITIALS.index(initial) * len(VOWELS) + VOWELS.index(vowel)
    return chr(ord(FIRST_SYLLABLE) + initial_and_vowel * len(FINALS) + FINALS.index(final))


def final_consonant(char: str) -> str:
    """The final consonant of a syllable, " " for none; "" if `char` is no syllable."""
    return FINALS[(ord(char) - ord(FIRST_SYLLABLE)) % len(FINALS)] if is_hangul_syllable(char) else ""


def vowel_of(char: str) -> str:
    """The vowel of a syllable; "" if `char` is no syllable."""
    return split_syllable(char)[1] if is_hangul_syllable(char) else ""


def has_final_consonant(char: str) -> bool:
    """Whether a character is a syllable that ends with a consonant."""
    return final_consonant(char) > " "
