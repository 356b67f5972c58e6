"""Negating prefixes: 비급여 is one term, so that 급여 does not find it."""

from __future__ import annotations

import numpy as np

from indexer.analysis.lexeme import Lexeme, whole_emission
from indexer.analysis.lexicon import Lexicon
from indexer.analysis.morphemes import Morphemes
from indexer.analysis.negating_prefixes import is_negated
from indexer.analysis.traits import Trait
from indexer.text.tags import Tag


def merge_negating_prefixes(_text: str, morphemes: Morphemes, lexicon: Lexicon) -> Morphemes:
    """Merge a negating prefix and the noun directly behind it, and mark where negated nouns begin.

    A syllable that the tagger takes for a noun is a prefix if a word begins with it: 미 in 미분양.
    """
    lexemes, touching = morphemes.lexemes, morphemes.touching()
    prefixes = np.flatnonzero(
        lexicon.have(lexemes[:-1], Trait.NEGATING) & lexicon.have(lexemes[1:], Trait.NOUN) & touching
    )
    inside_word = np.append(False, touching)[prefixes]
    prefixes = prefixes[~(inside_word & ~lexicon.have(lexemes[prefixes], Trait.PREFIX))]
    pairs = [
        (lexicon.surface(prefix), lexicon.surface(noun), lexicon.tag(prefix))
        for prefix, noun in zip(lexemes[prefixes].tolist(), lexemes[prefixes + 1].tolist(), strict=True)
    ]
    negating = [tag == Tag.XPN or is_negated(prefix, noun) for prefix, noun, tag in pairs]
    prefixes = prefixes[negating]
    merged = [
        lexicon.computed_id(negated_noun, prefix + noun)
        for (prefix, noun, _), negates in zip(pairs, negating, strict=True)
        if negates
    ]
    # Compounds of the dictionary that begin with such a prefix are one morpheme already.
    compounds = morphemes.starts[lexicon.have(lexemes, Trait.NEGATED)] + 1
    negated_nouns = np.concatenate([compounds, morphemes.starts[prefixes + 1]])
    if merged:
        morphemes = morphemes.merge(prefixes, prefixes + 1, merged)
    return Morphemes(morphemes.lexemes, morphemes.starts, morphemes.ends, negated_nouns)


def negated_noun(surface: str) -> Lexeme:
    """The lexeme of a negating prefix and its noun: one term."""
    return Lexeme(surface, Tag.NNG, (whole_emission(surface, Tag.NNG, "prefix"),), 1)
