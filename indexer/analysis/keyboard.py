"""Hangul as the keys that type it on the standard Korean keyboard (KS X 5002), and back.

Letter by letter, 창원 is ㅊㅏㅇㅇㅜㅓㄴ, which are the keys ckddnjs. Written so, what is half typed is
a beginning of what is meant, whichever syllable its last consonant will belong to; what was typed with the
keyboard switched the wrong way is the same keys; and a slip of one letter is one key.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_KEYS = {
    "ㄱ": "r", "ㄲ": "R", "ㄴ": "s", "ㄷ": "e", "ㄸ": "E", "ㄹ": "f", "ㅁ": "a", "ㅂ": "q", "ㅃ": "Q",
    "ㅅ": "t", "ㅆ": "T", "ㅇ": "d", "ㅈ": "w", "ㅉ": "W", "ㅊ": "c", "ㅋ": "z", "ㅌ": "x", "ㅍ": "v",
    "ㅎ": "g",
    "ㅏ": "k", "ㅐ": "o", "ㅑ": "i", "ㅒ": "O", "ㅓ": "j", "ㅔ": "p", "ㅕ": "u", "ㅖ": "P",
    "ㅗ": "h", "ㅛ": "y", "ㅜ": "n", "ㅠ": "b", "ㅡ": "m", "ㅣ": "l",
    "ㅘ": "hk", "ㅙ": "ho", "ㅚ": "hl", "ㅝ": "nj", "ㅞ": "np", "ㅟ": "nl", "ㅢ": "ml",
    "ㄳ": "rt", "ㄵ": "sw", "ㄶ": "sg", "ㄺ": "fr", "ㄻ": "fa", "ㄼ": "fq", "ㄽ": "ft", "ㄾ": "fx",
    "ㄿ": "fv", "ㅀ": "fg", "ㅄ": "qt",
}  # fmt: skip
_FIRST, _LAST = ord("가"), ord("힣")
_NO_INITIAL = "-"
# All syllables there are, and some more; not all that a person may send.
_CACHED_CHARS = 16_384
_VOWELS = frozenset(_MEDIALS)


def to_keys(text: str, *, shift: bool = False) -> str:
    """The keys that type `text`, without its spaces. What is neither Hangul nor a Latin letter, digit or sign
    of its own stays as it is; Latin letters are small ones, but with `shift` those that type another Hangul
    letter so.
    """
    normal = unicodedata.normalize("NFC", text)
    return "".join(char if shift and char in _SHIFTED else _keys_of(char) for char in normal)


def keys_of_typed(text: str) -> tuple[str, ...]:
    """The keys that may have been pressed for `text`, the likeliest first: with the shift key, or with Caps
    Lock.
    """
    return tuple(dict.fromkeys((to_keys(text, shift=True), to_keys(text))))


@lru_cache(_CACHED_CHARS)
def _keys_of(char: str) -> str:
    code = ord(char)
    if _FIRST <= code <= _LAST:
        place = code - _FIRST
        final = _KEYS[_FINALS[place % 28]] if place % 28 else ""
        return _KEYS[_INITIALS[place // 588]] + _KEYS[_MEDIALS[place % 588 // 28]] + final
    return "" if char.isspace() else _KEYS.get(char) or char.casefold()


def initials_of(text: str) -> str:
    """The first consonant of each syllable; '' where not all of `text`, spaces apart, is Hangul syllables."""
    initials = "".join(map(_initial_of, unicodedata.normalize("NFC", text)))
    return "" if _NO_INITIAL in initials else initials


@lru_cache(_CACHED_CHARS)
def _initial_of(char: str) -> str:
    if _FIRST <= ord(char) <= _LAST:
        return _INITIALS[(ord(char) - _FIRST) // 588]
    return "" if char.isspace() else _NO_INITIAL


def read_initials(text: str) -> tuple[str, ...]:
    """The first consonants that `text` may be, the likeliest first; () where it is not consonants only.

    Input methods put consonants together: that of Windows makes ㅄ of ㅂㅅ, so that clusters are always two,
    that of macOS ㄲ of ㄱㄱ, which may be one as well.
    """
    apart = "".join(_CLUSTERS.get(char, char) for char in text)
    if not apart or not all(char in _INITIALS for char in apart):
        return ()
    return tuple(dict.fromkeys((apart, "".join(_DOUBLED.get(char, char) for char in apart))))


def type_hangul(keys: str) -> str:
    """What the keys type on a Korean keyboard, syllables put together as its input method does; what is on no
    letter key stays.
    """
    letters = {key: letter for letter, key in _KEYS.items() if len(key) == 1}
    typed = [letters.get(key) or letters.get(key.lower(), key) for key in keys]
    text: list[str] = []
    place = 0
    while place < len(typed):
        syllable, place = _compose(typed, place)
        text.append(syllable)
    return "".join(text)


def _compose(typed: list[str], place: int) -> tuple[str, int]:
    """The syllable that begins at a letter, and where the next begins."""
    initial = typed[place]
    if initial not in _INITIALS or place + 1 >= len(typed) or typed[place + 1] not in _VOWELS:
        return initial, place + 1
    place += 1
    medial = typed[place]
    if place + 1 < len(typed) and (double := _PAIRS.get(medial + typed[place + 1])) in _VOWELS:
        medial, place = str(double), place + 1
    place += 1
    final = " "
    if _is_final(typed, place):
        final, place = typed[place], place + 1
        if _is_final(typed, place) and (double := _PAIRS.get(final + typed[place])):
            final, place = double, place + 1
    number = (_INITIALS.index(initial) * 21 + _MEDIALS.index(medial)) * 28 + _FINALS.index(final)
    return chr(_FIRST + number), place


def _is_final(typed: list[str], place: int) -> bool:
    """Whether the letter closes a syllable: a consonant that no vowel follows."""
    if place >= len(typed) or typed[place] not in _FINALS or typed[place] == " ":
        return False
    return place + 1 >= len(typed) or typed[place + 1] not in _VOWELS


# Two consonants that stand as one letter, and one that may be the same twice.
_CLUSTERS = {
    letter: "".join(single for part in keys for single, key in _KEYS.items() if key == part)
    for letter, keys in _KEYS.items()
    if len(keys) == 2 and letter in _FINALS
}
_DOUBLED = {double: single * 2 for double, single in zip("ㄲㄸㅃㅆㅉ", "ㄱㄷㅂㅅㅈ", strict=True)}
_SHIFTED = frozenset(key for key in _KEYS.values() if key.isupper())
_BY_KEY = {key: letter for letter, key in _KEYS.items()}
_PAIRS = {_BY_KEY[key[0]] + _BY_KEY[key[1]]: letter for letter, key in _KEYS.items() if len(key) == 2}
