"""Syllable bigrams: over the letters and digits of a sentence with everything between them taken out.

They find what no dictionary knows and do not care where the spaces are. A run of syllables is found by the
bigrams at neighbouring positions; what a bigram knows of the morphemes' borders keeps 부산 out of 정부 산하,
화재 out of 문화재, 진해 out of 추진해 and 의사 out of 사회의 사업. Borders are those of morphemes and of the
parts of the dictionary's compounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]

# What a bigram knows of the morphemes: a word may begin with its first syllable; some morpheme ends with its
# second, a particle perhaps; a word may end with its second; no run may begin with it, as it stands right
# behind a turning prefix or inside a number or Latin word.
STARTS, ENDS, CLOSES, BARRED = 1, 2, 4, 8
# A sentence ends between its syllables, or they are two numbers: no bigram that is barred starts a word.
BROKEN = STARTS | BARRED
FLAG_BITS = 4
_STARTS, _ENDS, _CLOSES, _BARRED = (np.uint8(flag) for flag in (STARTS, ENDS, CLOSES, BARRED))
_BROKEN = np.uint8(BROKEN)

# The second syllable of a bigram that is the last of its text.
NO_SYLLABLE = 0
SYLLABLE_BITS = 21  # Unicode ends at U+10FFFF

# What a character is to a run of syllables. Letters and digits are the lowest two, all else breaks a run.
_DIGIT, _LETTER, _OTHER, _LINE_FEED, _SENTENCE_END, _BEHIND_END = range(6)
_SENTENCE_ENDS = ".!?。"
_BEHIND_ENDS = " ”’\"')]』」》"
# Marks that a particle may stand behind: 위원회’의, 간담회*의.
_MARKS = np.array([ord(mark) for mark in _BEHIND_ENDS.strip() + "‘“*"], np.uint32)
_MAX_MARKS = 4

# The words of queries are asked about several times each.
_CACHED_RUNS = 1_024


@dataclass(frozen=True, slots=True)
class Bigrams:
    """The bigrams of some texts laid end to end, one row a syllable, in order.

    `keys` pack the two syllables (see `pack`); `starts` and `ends` are offsets; `borders` are the flags
    above.
    """

    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    borders: NDArray[np.uint8]


def pack(first: int, second: int) -> int:
    """Two code points as one key."""
    return first << SYLLABLE_BITS | second


def unpack(key: int) -> str:
    """The syllables of a key: two, or one where the bigram ends its text."""
    second = key & ((1 << SYLLABLE_BITS) - 1)
    return chr(key >> SYLLABLE_BITS) + (chr(second) if second else "")


def find_syllables(codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The places of the letters and digits of a text, given as code points, and behind which of them there is
    a break: behind a sentence, and between two numbers with only a separator or space between them, so that
    4.0 is no 40.
    """
    kinds = _kinds(codes)
    places = (kinds <= _LETTER).nonzero()[0]
    broken = np.zeros(len(places), bool)
    if not len(places):
        return places, broken
    digits = kinds[places] == _DIGIT
    broken[:-1] = digits[1:] & digits[:-1] & (places[1:] - places[:-1] > 1)
    before = places.searchsorted(_breaks(kinds)) - 1
    broken[before[(before >= 0) & (before < len(broken) - 1)]] = True
    return places, broken


def syllables_in(normal: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """What `find_syllables` says of a text in normal form."""
    return find_syllables(codes_of(normal))


def codes_of(text: str) -> NDArray[np.uint32]:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def is_digit(char: str) -> bool:
    """Whether a character of a text in normal form is a digit of a number."""
    return _kind(char) == _DIGIT


def is_syllable(char: str) -> bool:
    """Whether a character of a text in normal form is a letter or digit, which `find_syllables` counts."""
    return _kind(char) <= _LETTER


@lru_cache(_CACHED_RUNS)
def run_of(normal: str) -> tuple[str, tuple[int, ...]]:
    """The letters and digits of a text in normal form, and behind which of them, counted from 0, there is a
    break.
    """
    if normal.isalpha():  # as most words are; arrays cost more than they are worth here
        return normal, ()
    places, broken = syllables_in(normal)
    return "".join(normal[place] for place in places), tuple(broken.nonzero()[0].tolist())


def make_bigrams(
    codes: NDArray[np.uint32],
    text_starts: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    turned: NDArray[np.int64],
    attached: NDArray[np.bool_],
    closing: NDArray[np.bool_],
) -> Bigrams:
    """The bigrams of texts laid end to end, given as code points. `text_starts` is where each text begins,
    `starts` and `ends` where morphemes begin and end, `turned` where the noun behind a turning prefix begins.
    `attached` are the morphemes that belong to what they stand right behind, as particles do; `closing` those
    with which a noun may end.
    """
    places, broken = find_syllables(codes)
    if not len(places):
        empty = np.zeros(0, np.int64)
        return Bigrams(empty, empty, empty, np.zeros(0, np.uint8))
    letters = codes[places].astype(np.int64)
    latin = is_ascii(letters)
    following = _next(places)
    # Whether there is a second syllable in this text; `joined` where it is in the same sentence.
    paired = np.ones(len(places), bool)
    paired[places.searchsorted(text_starts[1:]) - 1] = False
    paired[-1] = False
    broken &= paired
    joined = paired & ~broken
    touching = following == places + 1
    flags = np.zeros(len(codes) + 1, bool)

    def at(offsets: NDArray[np.int64], shift: int = 0) -> NDArray[np.bool_]:
        flags[:] = False
        flags[offsets] = True
        return flags[places + shift]

    held = attached.copy()
    held[attached] = stand_behind(codes, starts[attached])
    begins = at(starts[~held])
    barred = at(turned) | (latin & ~begins)
    finishes = at(ends[~held | closing], 1)
    # A syllable that ends a word, with a particle behind it, begins none: 회 in 위원회의 no 회의.
    begins[1:] &= ~(touching[:-1] & finishes[1:] & _next(at(starts[held]))[1:]) | latin[1:]
    # What stands on both sides of a space is one word only where it is whole words: no 부산 in 환경부 산하,
    # no 장성 in 센터장 성지원.
    closes = np.where(joined, _next(finishes), finishes)
    apart = joined & ~touching
    opens = begins & ~barred & ~(apart & np.append(False, touching[:-1]))
    goes_on = touching & ~_next(at(starts[held]))
    closes &= ~(apart & _next(goes_on)) | _next(latin)
    ended = _next(at(ends, 1)) & joined
    borders = opens * _STARTS | ended * _ENDS | closes * _CLOSES | barred * _BARRED
    borders[broken] = _BROKEN
    seconds = np.where(paired, _next(letters), NO_SYLLABLE)
    last = np.where(paired, following, places)
    return Bigrams(letters << SYLLABLE_BITS | seconds, places, last + 1, borders)


def stand_behind(codes: NDArray[np.uint32], starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of some offsets are right behind a syllable, or behind a mark or two with which it ended. A
    particle that stands apart is none, but a word that is not known.
    """
    if not len(codes):
        return np.zeros(len(starts), bool)
    before = starts - 1
    for _ in range(_MAX_MARKS):
        marked = (before >= 0) & (codes[np.maximum(before, 0)][:, None] == _MARKS).any(axis=1)
        if not marked.any():
            break
        before -= marked
    behind: NDArray[np.bool_] = (before >= 0) & (_kinds(codes[np.maximum(before, 0)]) <= _LETTER)
    return behind


def _next(values: NDArray[Any]) -> NDArray[Any]:
    """What the next one has; nothing behind the last. There is one at least."""
    moved = np.empty_like(values)
    moved[:-1] = values[1:]
    moved[-1] = 0
    return moved


def is_ascii(codes: NDArray[np.uint32] | NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which letters and digits belong to numbers and Latin words; NO_SYLLABLE does not."""
    ascii_codes: NDArray[np.bool_] = (codes < 0x80) & (codes > NO_SYLLABLE)
    return ascii_codes


def is_broken(borders: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which bigrams have a break between their syllables."""
    broken: NDArray[np.bool_] = (borders & BROKEN) == BROKEN
    return broken


def stands_alone(borders: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which bigrams are words by themselves: those that begin and end with borders, and are not barred."""
    alone: NDArray[np.bool_] = (borders & (STARTS | CLOSES | BARRED)) == STARTS | CLOSES
    return alone


def _breaks(kinds: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where a sentence is over: at a line feed, and at a full stop before white space or a closing mark."""
    marks = (kinds >= _LINE_FEED).nonzero()[0]
    own = kinds[marks]
    following = kinds[np.minimum(marks + 1, len(kinds) - 1)]
    over = (following == _LINE_FEED) | (following == _BEHIND_END)
    found: NDArray[np.int64] = marks[(own == _LINE_FEED) | ((own == _SENTENCE_END) & over)]
    return found


def _kind(char: str) -> int:
    if char.isascii() and char.isdigit():
        return _DIGIT
    # Not isalnum(): the circled numbers of a list are no digits.
    if char.isalpha() or char.isdecimal():
        return _LETTER
    if char == "\n":
        return _LINE_FEED
    if char in _SENTENCE_ENDS:
        return _SENTENCE_END
    return _BEHIND_END if char in _BEHIND_ENDS else _OTHER


_BASIC_PLANE = np.fromiter(map(_kind, map(chr, range(0x10000))), np.uint8, 0x10000)


def _kinds(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    if len(codes) and codes.max() > 0xFFFF:
        beyond = codes > 0xFFFF
        known = _BASIC_PLANE[np.where(beyond, 0, codes)]
        known[beyond] = [_kind(chr(code)) for code in codes[beyond].tolist()]
        return known
    return _BASIC_PLANE[codes]
