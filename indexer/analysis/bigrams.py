"""Character bigrams: over the letters and digits of a sentence, without what is between them.

They find what no dictionary knows, and ignore where the spaces are. A phrase of several characters is found
by the bigrams at neighbouring positions. Each bigram also knows the boundaries of the morphemes, which
keeps 부산 out of 정부 산하, 화재 out of 문화재, 진해 out of 추진해 and 의사 out of 사회의 사업.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.boundaries import Boundaries
from indexer.analysis.letters import are_ascii, find_letters_and_digits, follow_letters
from indexer.text.arrays import BoolArray, CodePoints, Int64Array, UInt8Array

# The boundary flags of a bigram.
CAN_START = 1  # a word may start with its first character
MORPHEME_END = 2  # some morpheme, perhaps a particle, ends with its second character
CAN_END = 4  # a word may end with its second character
# No phrase may start with its first character, which is directly behind a negating prefix, or inside a number
# or Latin word.
NO_START = 8
# The two flags that exclude each other mean a break between the characters (see `letters.py`).
BREAK = CAN_START | NO_START
FLAG_BITS = 4
_CAN_START, _MORPHEME_END, _CAN_END, _NO_START = map(np.uint8, (CAN_START, MORPHEME_END, CAN_END, NO_START))

# The second character of a bigram that is the last of its text.
NO_CHAR = 0
CHAR_BITS = 21  # Unicode ends at U+10FFFF


@dataclass(frozen=True, slots=True)
class Bigrams:
    """The bigrams of joined texts, one row a letter or digit, in order.

    `keys` pack the two characters (see `pack`). `starts` and `ends` are character offsets, end exclusive.
    `boundary_flags` are the flags above.
    """

    keys: Int64Array
    starts: Int64Array
    ends: Int64Array
    boundary_flags: UInt8Array


def pack(first: int, second: int) -> int:
    """Two code points as one key."""
    return first << CHAR_BITS | second


def unpack(key: int) -> str:
    """The characters of a key: two, or one if the bigram is the last of its text."""
    second = key & ((1 << CHAR_BITS) - 1)
    return chr(key >> CHAR_BITS) + (chr(second) if second != NO_CHAR else "")


def has_break(boundary_flags: UInt8Array) -> BoolArray:
    """Which bigrams have a break between their characters."""
    mask: BoolArray = (boundary_flags & BREAK) == BREAK
    return mask


def is_matchable_alone(boundary_flags: UInt8Array) -> BoolArray:
    """Which bigrams are words by themselves: a word may start and end with them."""
    mask: BoolArray = (boundary_flags & (CAN_START | CAN_END | NO_START)) == CAN_START | CAN_END
    return mask


def make_bigrams(codes: CodePoints, text_starts: Int64Array, boundaries: Boundaries) -> Bigrams:
    """The bigrams of joined texts, given as code points. `text_starts` has the offset of each text, and one
    entry more for the end.
    """
    offsets, breaks = find_letters_and_digits(codes)
    if not len(offsets):
        empty = np.zeros(0, np.int64)
        return Bigrams(empty, empty, empty, np.zeros(0, np.uint8))
    chars = codes[offsets].astype(np.int64)
    # Whether there is a second character in the same text.
    paired = np.ones(len(offsets), bool)
    paired[offsets.searchsorted(text_starts[1:]) - 1] = False
    paired[-1] = False
    breaks &= paired
    flags = _boundary_flags(codes, offsets, paired & ~breaks, boundaries)
    flags[breaks] = BREAK
    seconds = np.where(paired, _next(chars), NO_CHAR)
    last = np.where(paired, _next(offsets), offsets)
    return Bigrams(chars << CHAR_BITS | seconds, offsets, last + 1, flags)


def _boundary_flags(
    codes: CodePoints, offsets: Int64Array, joined: BoolArray, boundaries: Boundaries
) -> UInt8Array:
    """The flags of the bigrams of the letters and digits at `offsets`. `joined` are those with a second
    character in the same sentence.
    """
    at_offset = np.zeros(len(codes) + 1, bool)

    def are_at(targets: Int64Array, shift: int = 0) -> BoolArray:
        """Which letters and digits have one of `targets` at their offset plus `shift`."""
        at_offset[:] = False
        at_offset[targets] = True
        return at_offset[offsets + shift]

    starts, ends = boundaries.starts, boundaries.ends
    attached = boundaries.attached.copy()
    attached[attached] = follow_letters(codes, starts[attached])
    latin = are_ascii(codes[offsets])
    touching = _next(offsets) == offsets + 1
    starts_attached = are_at(starts[attached])
    starts_word = are_at(starts[~attached])
    no_start = are_at(boundaries.negated_nouns) | (latin & ~starts_word)
    ends_word = are_at(ends[~attached | boundaries.noun_ends], 1)
    # The last syllable of a word with a particle behind it starts no word: 회 in 위원회의 is no 회의.
    starts_word[1:] &= ~(touching[:-1] & ends_word[1:] & _next(starts_attached)[1:]) | latin[1:]
    # Across a space, only whole words make one word: no 부산 in 환경부 산하, no 장성 in 센터장 성지원.
    can_end = np.where(joined, _next(ends_word), ends_word)
    across = joined & ~touching
    can_start = starts_word & ~no_start & ~(across & np.append(False, touching[:-1]))
    continues = touching & ~_next(starts_attached)
    can_end &= ~(across & _next(continues)) | _next(latin)
    morpheme_end = _next(are_at(ends, 1)) & joined
    start_flags: UInt8Array = can_start * _CAN_START | no_start * _NO_START
    return start_flags | morpheme_end * _MORPHEME_END | can_end * _CAN_END


def _next(values: NDArray[Any]) -> NDArray[Any]:
    """The value of the next row for each row; 0 for the last. There is at least one row."""
    moved = np.empty_like(values)
    moved[:-1] = values[1:]
    moved[-1] = 0
    return moved
