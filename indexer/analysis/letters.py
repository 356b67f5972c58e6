"""The letters and digits of a text, and the breaks between them.

A break is between two letters or digits that a phrase must not join: where a sentence ends, and between two
numbers with only a separator or a space between them, so that 4.0 is not 40. The text is in normal form.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from indexer.text.arrays import BoolArray, CodePoints, Int64Array, UInt8Array, code_points

# What a character is. Letters and digits are the lowest two, so that one comparison finds both.
_DIGIT, _LETTER, _OTHER, _LINE_FEED, _SENTENCE_END, _CLOSING = range(6)
_SENTENCE_ENDS = ".!?。"
# What follows the full stop of a sentence: white space or a closing mark.
_CLOSINGS = " ”’\"')]』」》"
# Marks between a word and its particle: 위원회’의, 간담회*의. More than a few in a row are no such marks;
# the limit also bounds the loop over them.
_MARKS = np.array([ord(mark) for mark in _CLOSINGS.strip() + "‘“*"], np.uint32)
_MAX_MARKS = 4

# Words of a query are asked about several times each while it is compiled.
_CACHED_TEXTS = 1_024


def is_digit(char: str) -> bool:
    """Whether a character is a digit of a number."""
    return _kind(char) == _DIGIT


def is_letter_or_digit(char: str) -> bool:
    """Whether a character is a letter or a digit: those that bigrams are made of."""
    return _kind(char) <= _LETTER


@lru_cache(_CACHED_TEXTS)
def letters_and_digits(normal: str) -> tuple[str, tuple[int, ...]]:
    """The letters and digits of a text, and after which of them, counted from 0, there is a break."""
    if normal.isalpha():  # as most words are; arrays cost more than they save here
        return normal, ()
    offsets, breaks = find_letters_and_digits(code_points(normal))
    return "".join(normal[offset] for offset in offsets), tuple(breaks.nonzero()[0].tolist())


def letter_and_digit_offsets(normal: str) -> Int64Array:
    """The offsets of the letters and digits of a text."""
    return find_letters_and_digits(code_points(normal))[0]


def find_letters_and_digits(codes: CodePoints) -> tuple[Int64Array, BoolArray]:
    """The offsets of the letters and digits of a text, and after which of them there is a break."""
    kinds = _kinds(codes)
    offsets = (kinds <= _LETTER).nonzero()[0]
    breaks = np.zeros(len(offsets), bool)
    if not len(offsets):
        return offsets, breaks
    digits = kinds[offsets] == _DIGIT
    breaks[:-1] = digits[1:] & digits[:-1] & (offsets[1:] - offsets[:-1] > 1)
    before = offsets.searchsorted(_sentence_ends(kinds)) - 1
    breaks[before[(before >= 0) & (before < len(breaks) - 1)]] = True
    return offsets, breaks


def are_ascii(codes: CodePoints | Int64Array) -> BoolArray:
    """Which letters and digits belong to numbers and Latin words. NUL, which stands for no character, does
    not.
    """
    mask: BoolArray = (codes < 0x80) & (codes > 0)
    return mask


def follow_letters(codes: CodePoints, offsets: Int64Array) -> BoolArray:
    """Which offsets are directly behind a letter or digit, or have only a few marks between. A particle at
    another offset is none, but a word that the tagger does not know.
    """
    if not len(codes):
        return np.zeros(len(offsets), bool)
    before = offsets - 1
    for _ in range(_MAX_MARKS):
        marked = (before >= 0) & (codes[np.maximum(before, 0)][:, None] == _MARKS).any(axis=1)
        if not marked.any():
            break
        before -= marked
    mask: BoolArray = (before >= 0) & (_kinds(codes[np.maximum(before, 0)]) <= _LETTER)
    return mask


def _sentence_ends(kinds: UInt8Array) -> Int64Array:
    """Where a sentence ends: at a line feed, and at a full stop before white space or a closing mark."""
    candidates = (kinds >= _LINE_FEED).nonzero()[0]
    own = kinds[candidates]
    following = kinds[np.minimum(candidates + 1, len(kinds) - 1)]
    is_over = (following == _LINE_FEED) | (following == _CLOSING)
    ends: Int64Array = candidates[(own == _LINE_FEED) | ((own == _SENTENCE_END) & is_over)]
    return ends


def _kind(char: str) -> int:
    if char.isascii() and char.isdigit():
        return _DIGIT
    # Not isalnum(), as the circled numbers of a list are no digits.
    if char.isalpha() or char.isdecimal():
        return _LETTER
    if char == "\n":
        return _LINE_FEED
    if char in _SENTENCE_ENDS:
        return _SENTENCE_END
    return _CLOSING if char in _CLOSINGS else _OTHER


_BASIC_PLANE = np.fromiter(map(_kind, map(chr, range(0x10000))), np.uint8, 0x10000)


def _kinds(codes: CodePoints) -> UInt8Array:
    if len(codes) and codes.max() > 0xFFFF:
        beyond = codes > 0xFFFF
        kinds = _BASIC_PLANE[np.where(beyond, 0, codes)]
        kinds[beyond] = [_kind(chr(code)) for code in codes[beyond].tolist()]
        return kinds
    return _BASIC_PLANE[codes]
