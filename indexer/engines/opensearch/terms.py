"""Token streams as texts that OpenSearch cuts at white space, and terms as it then knows them.

A text of tokens has a word for each position: the terms of a position are joined by `|`, and the token filter
`pattern_capture` puts them at one position again. A phrase with several terms at a position means any of
them, in a query as well. Such a text needs no escaping in JSON.

A bigram is a term of three characters: the two of the bigram, and a letter for its boundary flags. So the
borders of a phrase are terms to be found, and not a filter over what was found. The last character of a text
is a term of one character.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import BREAK, CAN_END, CAN_START, CHAR_BITS, MORPHEME_END, NO_START
from indexer.analysis.letters import is_digit
from indexer.engine import NgramPhrase
from indexer.text.arrays import Int32Array, Int64Array, UInt8Array

# Lucene refuses a term of more than 32,766 bytes. A query has at most 2,048 characters, so that a longer
# beginning is never asked for. Escaping makes at most seven bytes of one.
MAX_TERM_CHARS = 2_048
# What cuts a text of tokens, an escaped term, or a string of JSON. `\s` has every white space of Java, which
# has fewer.
_SPECIAL = re.compile(r'[\s|%"\\\x00-\x20\x7f-\x9f]')

# The starts and ends of the classes of a bigram, in the order of their letters.
_STARTS, _ENDS = ("any", "word", "none"), ("any", "morpheme", "word")
_LETTERS = "abcdefghi"
_BROKEN = "j"
_CLASSES = dict(zip(product(_STARTS, _ENDS), _LETTERS, strict=True))
_UNBROKEN = tuple(_CLASSES.values())
EVERY_CLASS = (*_UNBROKEN, _BROKEN)

# Weighted frequencies are written with so many digits; Lucene takes integers.
_FREQUENCY_DIGITS = 3
MAX_FREQUENCY = 10**_FREQUENCY_DIGITS - 1
_FREQUENCIES = [f"|{frequency} " for frequency in range(MAX_FREQUENCY + 1)]


@lru_cache(1 << 16)
def escape(term: str) -> str:
    """A morpheme as a word of a text of tokens: without white space, `|` and `%`, and not too long. The
    escaped beginning of a term is the beginning of the escaped term.
    """
    escaped = _SPECIAL.sub(lambda match: f"%{ord(match[0]):x};", term[:MAX_TERM_CHARS])
    if len(term) <= MAX_TERM_CHARS:
        return escaped
    return escaped + "%" + hashlib.blake2b(term.encode(), digest_size=16).hexdigest()


def join_positions(terms: Sequence[str], positions: Int32Array) -> str:
    """A text of tokens from escaped terms, in the order of their positions, which count from 0."""
    if not len(terms):
        return ""
    steps = np.diff(positions, prepend=-1).tolist()
    pieces = [""] * (2 * len(terms))
    # Where no term stands is a word that no term is escaped to.
    pieces[0::2] = [("|", " ")[step] if step < 2 else " %" * (step - 1) + " " for step in steps]
    pieces[1::2] = terms
    return "".join(pieces)[1:]


def _class_of(flags: int) -> str:
    if flags & BREAK == BREAK:
        return _BROKEN
    start = "none" if flags & NO_START else "word" if flags & CAN_START else "any"
    end = "word" if flags & CAN_END else "morpheme" if flags & MORPHEME_END else "any"
    return _CLASSES[start, end]


_CLASS_CODES = np.array([ord(_class_of(flags)) for flags in range(16)], np.uint32)


def join_bigrams(keys: Int64Array, flags: UInt8Array) -> str:
    """A text of the bigrams of one text, given by their keys and boundary flags."""
    codes = np.full((len(keys), 4), ord(" "), np.uint32)
    seconds = keys & ((1 << CHAR_BITS) - 1)
    paired = seconds > 0
    codes[:, 0] = keys >> CHAR_BITS
    codes[paired, 1] = seconds[paired]
    codes[paired, 2] = _CLASS_CODES[flags[paired]]
    return _text(codes)


def join_weighted_bigrams(keys: Int64Array, frequencies: Int64Array) -> str:
    """A text of bigrams without boundaries, each with its frequency behind a `|`."""
    codes = np.full((len(keys), 4 + _FREQUENCY_DIGITS), ord(" "), np.uint32)
    seconds = keys & ((1 << CHAR_BITS) - 1)
    codes[:, 1] = keys >> CHAR_BITS
    codes[:, 2] = seconds
    # One that has no second character stands directly before the `|`.
    single = seconds == 0
    codes[single, 2] = codes[single, 1]
    codes[single, 1] = ord(" ")
    codes[:, 3] = ord("|")
    left = np.minimum(frequencies, MAX_FREQUENCY)
    for column in range(3 + _FREQUENCY_DIGITS, 3, -1):
        codes[:, column] = ord("0") + left % 10
        left = left // 10
    return _text(codes)


def join_weighted(terms: Sequence[str], frequencies: Int64Array) -> str:
    """A text of escaped terms, each with its frequency behind a `|`."""
    pieces = [""] * (2 * len(terms))
    pieces[0::2] = terms
    pieces[1::2] = [_FREQUENCIES[frequency] for frequency in np.minimum(frequencies, MAX_FREQUENCY).tolist()]
    return "".join(pieces)


def _text(codes: NDArray[np.uint32]) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le")


def bigram_variants(bigram: str) -> list[str]:
    """Every term of a bigram, whatever its boundaries."""
    return [bigram + letter for letter in EVERY_CLASS] if len(bigram) == 2 else [bigram]


def phrase_texts(phrase: NgramPhrase) -> Iterator[str]:
    """Texts of bigrams, any of which matches a phrase of characters. It has at least two characters. At each
    place of a text are the terms, any of which may stand there.
    """
    chars, borders = phrase.chars, phrase.borders
    pairs = [chars[index : index + 2] for index in range(len(chars) - 1)]
    if borders == "none":
        yield _join_places(
            [_at_breaks(pair, has_break=index in phrase.breaks) for index, pair in enumerate(pairs)]
        )
        return
    # A number or a Latin word is not cut.
    whole = chars[-1].isascii()
    ends: tuple[str, ...] = {"both": ("word",), "form": ("morpheme", "word")}.get(borders, _ENDS)
    if whole and borders != "begin":
        ends = tuple(end for end in ends if end != "any")
    yield _join_places(_bordered(pairs, ("word",), ends))
    if borders == "either":
        yield _join_places(_bordered(pairs, ("any",), ("word",)))


def _join_places(places: Sequence[Sequence[str]]) -> str:
    return " ".join("|".join(terms) for terms in places)


def _at_breaks(pair: str, *, has_break: bool) -> list[str]:
    """A pair wherever it stands. A break counts only between two digits."""
    if not (is_digit(pair[0]) and is_digit(pair[1])):
        return bigram_variants(pair)
    return [pair + _BROKEN] if has_break else [pair + letter for letter in _UNBROKEN]


def _bordered(pairs: Sequence[str], starts: Sequence[str], ends: Sequence[str]) -> list[list[str]]:
    places = []
    for index, pair in enumerate(pairs):
        allowed_starts = starts if index == 0 else _STARTS
        allowed_ends = ends if index == len(pairs) - 1 else _ENDS
        places.append([pair + _CLASSES[pair_of] for pair_of in product(allowed_starts, allowed_ends)])
    return places
