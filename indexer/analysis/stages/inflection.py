"""Inflected forms: 맺었다 is marked as a whole where its stem 맺 matches."""

from __future__ import annotations

import numpy as np

from indexer.analysis.lexicon import Lexicon
from indexer.analysis.morphemes import Morphemes
from indexer.analysis.traits import Trait


def extend_over_endings(_text: str, morphemes: Morphemes, lexicon: Lexicon) -> Morphemes:
    """Find for each morpheme the end of the verbal endings that follow it without a gap."""
    continues = lexicon.have(morphemes.lexemes[1:], Trait.ENDING) & morphemes.touching()
    is_last = np.ones(len(morphemes.ends), bool)
    is_last[:-1] = ~continues
    last = is_last.nonzero()[0]
    inflected_ends = morphemes.ends[last[last.searchsorted(np.arange(len(is_last)))]]
    return Morphemes(
        morphemes.lexemes, morphemes.starts, morphemes.ends, morphemes.negated_nouns, inflected_ends
    )
