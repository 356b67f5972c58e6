"""Noun phrases worth suggesting: unbroken runs of nouns, as they are in the text, without their particles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from indexer.analysis.token import TokenBatch
from indexer.text.arrays import BoolArray, Int64Array
from indexer.text.tags import PHRASE_TAGS
from indexer.text.unicode import nfc

# A single syllable is no suggestion, and a longer run is rather a sentence without its particles.
MIN_CHARS, MAX_CHARS = 2, 20
# A title is suggested as a whole if nobody would sooner type it out, and if it fits on a line.
MIN_TITLE_CHARS, MAX_TITLE_CHARS = 4, 60
# Text index and offset are packed into one integer: 40 bits for the offset hold any text in memory.
_OFFSET_BITS = 40


def find_noun_phrases(batch: TokenBatch, texts: Sequence[str], ends: Int64Array) -> Iterator[tuple[int, str]]:
    """Each run of nouns, Latin words and numbers between them, with the index of its text.

    `texts` are those of the batch. In each, only phrases that end by the character offset in `ends` count.
    Phrases are in composed form (NFC), MIN_CHARS to MAX_CHARS long; none begins with a digit.
    """
    owners = np.repeat(np.arange(len(texts)), np.diff(batch.bounds))
    rows = np.flatnonzero(_are_nouns(batch)[batch.tags] & (batch.ends <= ends[owners]))
    if not len(rows):
        return
    base = owners[rows] << _OFFSET_BITS
    starts, reached = base + batch.starts[rows], np.maximum.accumulate(base + batch.ends[rows])
    first = np.flatnonzero(np.append(True, starts[1:] > reached[:-1]))
    last = np.append(first[1:], len(rows)) - 1
    mask = (1 << _OFFSET_BITS) - 1
    begins, stops = starts[first] & mask, reached[last] & mask
    # Twice the limit, as decomposed Hangul is longer here than in composed form.
    fits = (stops - begins >= MIN_CHARS) & (stops - begins <= 2 * MAX_CHARS)
    runs = zip(owners[rows[first]][fits].tolist(), begins[fits].tolist(), stops[fits].tolist(), strict=True)
    phrases = _Phrases()
    for text, begin, stop in runs:
        if phrase := phrases[texts[text][begin:stop]]:
            yield text, phrase


def title_phrase(title: str) -> str:
    """A title as a phrase, in composed form; '' where it is too short or long, or not printable."""
    phrase = nfc(title)
    return phrase if MIN_TITLE_CHARS <= len(phrase) <= MAX_TITLE_CHARS and phrase.isprintable() else ""


class _Phrases(dict[str, str]):
    """Characters of a text -> the phrase that they are, or ''. Most come more than once."""

    def __missing__(self, run: str) -> str:
        phrase = nfc(run)
        fits = MIN_CHARS <= len(phrase) <= MAX_CHARS and not phrase[0].isdigit() and phrase.isprintable()
        self[run] = phrase if fits else ""
        return self[run]


def _are_nouns(batch: TokenBatch) -> BoolArray:
    return np.array([tag in PHRASE_TAGS for tag in batch.tag_names] or [False], bool)
