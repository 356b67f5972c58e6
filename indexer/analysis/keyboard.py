"""Hangul as the keystrokes that type it on the standard Korean keyboard (KS X 5002), and back.

Letter by letter, 창원 is ㅊㅏㅇㅇㅜㅓㄴ, which is typed with ckddnjs. In keystrokes,
- a half-typed word is a prefix of the whole one, whichever syllable its last consonant will belong to;
- a word typed with the keyboard switched to the wrong language is the same;
- a slip of one letter is a difference of one key.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from indexer.text.hangul import (
    FINALS,
    INITIALS,
    VOWELS,
    is_hangul_syllable,
    join_syllable,
    split_syllable,
)

_KEYSTROKES = {
    "ㄱ": "r", "ㄲ": "R", "ㄴ": "s", "ㄷ": "e", "ㄸ": "E", "ㄹ": "f", "ㅁ": "a", "ㅂ": "q", "ㅃ": "Q",
    "ㅅ": "t", "ㅆ": "T", "ㅇ": "d", "ㅈ": "w", "ㅉ": "W", "ㅊ": "c", "ㅋ": "z", "ㅌ": "x", "ㅍ": "v",
    "ㅎ": "g",
    "ㅏ": "k", "ㅐ": "o", "ㅑ": "i", "ㅒ": "O", "ㅓ": "j", "ㅔ": "p", "ㅕ": "u", "ㅖ": "P",
    "ㅗ": "h", "ㅛ": "y", "ㅜ": "n", "ㅠ": "b", "ㅡ": "m", "ㅣ": "l",
    "ㅘ": "hk", "ㅙ": "ho", "ㅚ": "hl", "ㅝ": "nj", "ㅞ": "np", "ㅟ": "nl", "ㅢ": "ml",
    "ㄳ": "rt", "ㄵ": "sw", "ㄶ": "sg", "ㄺ": "fr", "ㄻ": "fa", "ㄼ": "fq", "ㄽ": "ft", "ㄾ": "fx",
    "ㄿ": "fv", "ㅀ": "fg", "ㅄ": "qt",
}  # fmt: skip
_LETTERS = {key: letter for letter, key in _KEYSTROKES.items() if len(key) == 1}
_SHIFTED_KEYS = frozenset(key for key in _LETTERS if key.isupper())
# Two letters -> the one that an input method makes of them, and back.
_COMPOUNDS = {
    _LETTERS[keys[0]] + _LETTERS[keys[1]]: letter for letter, keys in _KEYSTROKES.items() if len(keys) == 2
}
_CLUSTERS = {letter: pair for pair, letter in _COMPOUNDS.items() if letter in FINALS}
# A double consonant may be the same one typed twice.
_DOUBLED = {double: single * 2 for double, single in zip("ㄲㄸㅃㅆㅉ", "ㄱㄷㅂㅅㅈ", strict=True)}
_VOWEL_SET = frozenset(VOWELS)
_NO_INITIAL = "-"
# All 11,172 syllables and some more. A bound, as anyone may send any character.
_CACHED_CHARS = 16_384


def to_keystrokes(text: str, *, shift: bool = False) -> str:
    """The keystrokes that type `text`, without its spaces.

    Characters other than Hangul and Latin letters stay. Latin letters become small ones; with `shift`, a
    capital stays if its key types another Hangul letter with shift than without.
    """
    normal = unicodedata.normalize("NFC", text)
    return "".join(char if shift and char in _SHIFTED_KEYS else _keystrokes_of(char) for char in normal)


def possible_keystrokes(text: str) -> tuple[str, ...]:
    """The keystrokes that may have typed `text`, the likeliest first: with shift, or with Caps Lock."""
    return tuple(dict.fromkeys((to_keystrokes(text, shift=True), to_keystrokes(text))))


def initials_of(text: str) -> str:
    """The first consonant of each syllable; '' unless all of `text`, apart from spaces, is Hangul
    syllables.
    """
    initials = "".join(map(_initial_of, unicodedata.normalize("NFC", text)))
    return "" if _NO_INITIAL in initials else initials


def read_initials(text: str) -> tuple[str, ...]:
    """The first consonants that `text` may stand for, the likeliest first; () if it is not consonants only.

    Input methods join consonants. That of Windows makes ㅄ of ㅂㅅ, so a cluster always stands for two;
    that of macOS makes ㄲ of ㄱㄱ, so a double consonant stands for one or two.
    """
    apart = "".join(_CLUSTERS.get(char, char) for char in text)
    if not apart or not all(char in INITIALS for char in apart):
        return ()
    return tuple(dict.fromkeys((apart, "".join(_DOUBLED.get(char, char) for char in apart))))


def type_hangul(keystrokes: str) -> str:
    """What keystrokes type on a Korean keyboard, letters joined to syllables as by its input method.
    Characters that are no letter key stay.
    """
    letters = [_LETTERS.get(key) or _LETTERS.get(key.lower(), key) for key in keystrokes]
    text: list[str] = []
    index = 0
    while index < len(letters):
        syllable, index = _compose(letters, index)
        text.append(syllable)
    return "".join(text)


@lru_cache(_CACHED_CHARS)
def _keystrokes_of(char: str) -> str:
    if is_hangul_syllable(char):
        return "".join(_KEYSTROKES.get(letter, "") for letter in split_syllable(char))
    return "" if char.isspace() else _KEYSTROKES.get(char) or char.casefold()


@lru_cache(_CACHED_CHARS)
def _initial_of(char: str) -> str:
    if is_hangul_syllable(char):
        return split_syllable(char)[0]
    return "" if char.isspace() else _NO_INITIAL


def _compose(letters: list[str], index: int) -> tuple[str, int]:
    """The syllable that begins at a letter, and the index of the letter behind it."""
    initial = letters[index]
    if initial not in INITIALS or index + 1 >= len(letters) or letters[index + 1] not in _VOWEL_SET:
        return initial, index + 1
    index += 1
    vowel = letters[index]
    index += 1
    compound = _COMPOUNDS.get(vowel + letters[index], "") if index < len(letters) else ""
    if compound in _VOWEL_SET:
        vowel, index = compound, index + 1
    final = " "
    if _is_final(letters, index):
        final, index = letters[index], index + 1
        if _is_final(letters, index) and (cluster := _COMPOUNDS.get(final + letters[index])):
            final, index = cluster, index + 1
    return join_syllable(initial, vowel, final), index


def _is_final(letters: list[str], index: int) -> bool:
    """Whether a letter closes a syllable: a consonant that no vowel follows."""
    if index >= len(letters) or letters[index] not in FINALS or letters[index] == " ":
        return False
    return index + 1 >= len(letters) or letters[index + 1] not in _VOWEL_SET
