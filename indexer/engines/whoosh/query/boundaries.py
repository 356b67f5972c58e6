"""Where an n-gram phrase may begin and end, by the boundary flags of its bigrams (`analysis.bigrams`)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from indexer.analysis.bigrams import CAN_END, CAN_START, MORPHEME_END, NO_START, has_break
from indexer.analysis.letters import is_digit
from indexer.engine import NgramPhrase
from indexer.engines.shared.arrays import ByteArray, Mask


def satisfies_boundaries(phrase: NgramPhrase, flags: Sequence[ByteArray]) -> Mask:
    """Which occurrences match as `phrase.borders` wants. `flags` has for each bigram of the phrase its flags
    by occurrence.
    """
    return _has_same_breaks(phrase, flags) if phrase.borders == "none" else _has_boundaries(phrase, flags)


def _has_boundaries(phrase: NgramPhrase, flags: Sequence[ByteArray]) -> Mask:
    begins, closes = (flags[0] & CAN_START) > 0, (flags[-1] & CAN_END) > 0
    ends = (flags[-1] & MORPHEME_END) > 0
    allowed: Mask = (flags[0] & NO_START) == 0
    match phrase.borders:
        case "both":
            allowed &= begins & closes
        case "form":
            allowed &= begins & ends
        case "begin":
            allowed &= begins
        case _:
            allowed &= begins | closes
    # A number or Latin word is not cut.
    if phrase.chars[-1].isascii() and phrase.borders != "begin":
        allowed &= ends | closes
    for column in flags[1:]:
        allowed &= ~has_break(column)
    return allowed


def _has_same_breaks(phrase: NgramPhrase, flags: Sequence[ByteArray]) -> Mask:
    """Between two digits a break has to be where the phrase has one: 4.0 is not 40."""
    allowed = np.ones(len(flags[0]), bool)
    for index, (a, b) in enumerate(pairwise(phrase.chars)):
        if is_digit(a) and is_digit(b):
            allowed &= has_break(flags[index]) == (index in phrase.breaks)
    return allowed
