"""The phrases of releases: titles, and the noun phrases of titles, subtitles and leads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.analysis import BigramBatch, TokenBatch
from indexer.analysis.noun_phrases import find_noun_phrases, title_phrase
from indexer.engines.shared.arrays import Int64Array
from indexer.release import PressRelease
from indexer.schema import BODY, CONTACT, LEAD_SYLLABLES, TEXT_FIELDS

_FIELDS = len(TEXT_FIELDS)
_CONTACT, _BODY = TEXT_FIELDS.index(CONTACT), TEXT_FIELDS.index(BODY)


def find_lead_ends(bigrams: BigramBatch) -> Int64Array:
    """For each release the offset in its body at which the lead ends; beyond a body that is all lead.

    The texts of `bigrams` are the text fields of each release in turn.
    """
    bodies = np.arange(_BODY, len(bigrams.bounds) - 1, _FIELDS)
    firsts, stops = bigrams.bounds[bodies], bigrams.bounds[bodies + 1]
    behind = firsts + LEAD_SYLLABLES
    ends = np.full(len(bodies), np.iinfo(np.int32).max, np.int64)
    longer = np.flatnonzero(behind < stops)
    ends[longer] = bigrams.starts[behind[longer]]
    return ends


def find_phrases(
    releases: Sequence[PressRelease], texts: Sequence[str], morphemes: TokenBatch, lead_ends: Int64Array
) -> list[set[str]]:
    """The phrases of each release. `texts` are the text fields of each in turn, `morphemes` those of them."""
    ends = np.full(len(texts), np.iinfo(np.int64).max)
    ends[_BODY::_FIELDS] = lead_ends
    ends[_CONTACT::_FIELDS] = 0
    phrases: list[set[str]] = [{title_phrase(release.title)} - {""} for release in releases]
    for text, phrase in find_noun_phrases(morphemes, texts, ends):
        phrases[text // _FIELDS].add(phrase)
    return phrases
