"""Words worth suggesting: unbroken runs of nouns, as they stand in the text, without their particles."""

from __future__ import annotations

import unicodedata

import numpy as np

from indexer.analysis.token import TokenBatch

MIN_CHARS, MAX_CHARS = 2, 20


def find_phrases(batch: TokenBatch, number: int, text: str, end: int | None = None) -> set[str]:
    """The runs of nouns, Latin words and the numbers between them in text `number` of a batch, whose words
    are `text`, up to character `end`. In composed form; none begins with a digit.
    """
    first, stop = int(batch.bounds[number]), int(batch.bounds[number + 1])
    rows = np.arange(first, stop)[_nouns(batch)[batch.tags[first:stop]]]
    if end is not None:
        rows = rows[batch.ends[rows] <= end]
    if not len(rows):
        return set()
    starts, ends = batch.starts[rows], np.maximum.accumulate(batch.ends[rows])
    begins = np.flatnonzero(np.append(True, starts[1:] > ends[:-1]))
    closes = np.append(begins[1:], len(rows)) - 1
    found = set()
    for begin, close in zip(starts[begins].tolist(), ends[closes].tolist(), strict=True):
        if close - begin >= MIN_CHARS:
            phrase = unicodedata.normalize("NFC", text[begin:close])
            if MIN_CHARS <= len(phrase) <= MAX_CHARS and phrase.isprintable() and not phrase[0].isdigit():
                found.add(phrase)
    return found


def _nouns(batch: TokenBatch) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([name[:1] in "NSX" and name != "XSV" for name in batch.tag_names] or [False], bool)
