"""Words worth suggesting: unbroken runs of nouns, as they stand in the text, without their particles."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.token import TokenBatch

MIN_CHARS, MAX_CHARS = 2, 20
MIN_TITLE_CHARS, MAX_TITLE_CHARS = 4, 60
_TEXT_BITS = 40  # a text's number and an offset in it as one number


def find_phrases(
    batch: TokenBatch, texts: Sequence[str], ends: NDArray[np.int64]
) -> Iterator[tuple[int, str]]:
    """The runs of nouns, Latin words and the numbers between them, each with the number of its text. `texts`
    are those of the batch; in each, only what ends by the character in `ends` counts. In composed form; none
    begins with a digit.
    """
    owners = np.repeat(np.arange(len(texts)), np.diff(batch.bounds))
    rows = np.flatnonzero(_nouns(batch)[batch.tags] & (batch.ends <= ends[owners]))
    if not len(rows):
        return
    base = owners[rows] << _TEXT_BITS
    starts, closes = base + batch.starts[rows], np.maximum.accumulate(base + batch.ends[rows])
    first = np.flatnonzero(np.append(True, starts[1:] > closes[:-1]))
    last = np.append(first[1:], len(rows)) - 1
    mask = (1 << _TEXT_BITS) - 1
    begins, stops = starts[first] & mask, closes[last] & mask
    fits = (stops - begins >= MIN_CHARS) & (stops - begins <= 2 * MAX_CHARS)
    chosen = zip(owners[rows[first]][fits].tolist(), begins[fits].tolist(), stops[fits].tolist(), strict=True)
    made = _Made()
    for text, begin, stop in chosen:
        if phrase := made[texts[text][begin:stop]]:
            yield text, phrase


def title_phrase(title: str) -> str:
    """A title as a phrase, in composed form; '' where it is too short or long, or not printable."""
    phrase = unicodedata.normalize("NFC", title)
    return phrase if MIN_TITLE_CHARS <= len(phrase) <= MAX_TITLE_CHARS and phrase.isprintable() else ""


class _Made(dict[str, str]):
    """The phrase that a piece of a text makes, or ''. Most come more than once."""

    def __missing__(self, piece: str) -> str:
        phrase = unicodedata.normalize("NFC", piece)
        fits = MIN_CHARS <= len(phrase) <= MAX_CHARS and not phrase[0].isdigit() and phrase.isprintable()
        self[piece] = phrase if fits else ""
        return self[piece]


def _nouns(batch: TokenBatch) -> NDArray[np.bool_]:
    return np.array([name[:1] in "NSXU" for name in batch.tag_names] or [False], bool)
