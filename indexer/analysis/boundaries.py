"""Where words may begin and end in a text: what the bigrams know of the morphemes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.analysis.letters import follow_letters
from indexer.analysis.lexicon import EmittedTerms, Lexicon
from indexer.analysis.morphemes import Morphemes
from indexer.analysis.traits import Trait
from indexer.text.arrays import BoolArray, CodePoints, Int64Array
from indexer.text.hangul import FINALS, FIRST_SYLLABLE, LAST_SYLLABLE

# Final consonants behind which the particle is 로 and not 으로.
_NO_FINAL, _FINAL_L = FINALS.index(" "), FINALS.index("ㄹ")


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Pieces of joined texts that may be words: morphemes, and parts of them. One row each, in any order.

    `starts` and `ends` are character offsets, end exclusive. `attached` pieces belong to what is directly
    before them, as particles do. `noun_ends` are those that a noun may end with. `negated_nouns` are the
    offsets of nouns behind a negating prefix.
    """

    starts: Int64Array
    ends: Int64Array
    attached: BoolArray
    noun_ends: BoolArray
    negated_nouns: Int64Array


def find_boundaries(
    morphemes: Morphemes, terms: EmittedTerms, codes: CodePoints, lexicon: Lexicon
) -> Boundaries:
    """The boundaries of morphemes and of their `terms`, in texts given as code points.

    The parts of a compound count, and every offset in a word that no dictionary knows.
    """
    origins = morphemes.starts[terms.morphemes]
    opaque = lexicon.have(morphemes.lexemes, Trait.OPAQUE)
    inside = [
        np.arange(start + 1, end)
        for start, end in zip(morphemes.starts[opaque].tolist(), morphemes.ends[opaque].tolist(), strict=True)
    ]
    inner = np.concatenate([np.zeros(0, np.int64), *inside])
    no_parts = np.zeros(len(origins) + len(inner), bool)
    return Boundaries(
        starts=np.concatenate([morphemes.starts, origins + terms.starts, inner]),
        ends=np.concatenate([morphemes.ends, origins + terms.ends, inner]),
        attached=np.concatenate([attached(morphemes, codes, lexicon), no_parts]),
        noun_ends=np.concatenate([may_end_noun(morphemes, codes, lexicon), ~no_parts]),
        negated_nouns=morphemes.negated_nouns,
    )


def attached(morphemes: Morphemes, codes: CodePoints, lexicon: Lexicon) -> BoolArray:
    """Which morphemes belong to what is directly before them: particles, endings, suffixes, the copula.

    Two of them are misread by taggers: a copula with a noun directly behind it (인 in
    지방공무원인재개발원), and 로 behind another consonant than ㄹ (탐방로, where it is a road).
    """
    lexemes = morphemes.lexemes
    mask = lexicon.have(lexemes, Trait.ATTACHED)
    before_noun = lexicon.have(lexemes[1:], Trait.STARTS_NOUN) & morphemes.touching()
    mask[:-1] &= ~(lexicon.have(lexemes[:-1], Trait.COPULA) & before_noun)
    ro = lexicon.have(lexemes, Trait.RO_PARTICLE).nonzero()[0]
    before = codes[np.maximum(morphemes.starts[ro] - 1, 0)].astype(np.int64)
    finals = (before - ord(FIRST_SYLLABLE)) % len(FINALS)
    is_syllable = (before >= ord(FIRST_SYLLABLE)) & (before <= ord(LAST_SYLLABLE))
    is_road = is_syllable & (finals != _NO_FINAL) & (finals != _FINAL_L)
    mask[ro[is_road | (codes[morphemes.starts[ro]] == ord("루"))]] = False
    return mask


def may_end_noun(
    morphemes: Morphemes, codes: CodePoints, lexicon: Lexicon, *, only_syllables: bool = False
) -> BoolArray:
    """Which morphemes a noun may end with.

    Taggers split some nouns into a noun and a particle or verbal suffix (속도 into 속 and 도, 남해 into 남
    and 해). So these count as well behind a noun that begins a word; with `only_syllables`, behind a noun
    of one syllable only.
    """
    mask = lexicon.have(morphemes.lexemes, Trait.ENDS_NOUN)
    starts, ends = morphemes.starts, morphemes.ends
    nouns = (~mask[1:] & morphemes.touching()).nonzero()[0]
    if only_syllables:
        nouns = nouns[ends[nouns] - starts[nouns] == 1]
    nouns = nouns[lexicon.have(morphemes.lexemes[nouns], Trait.NOUN)]
    mask[nouns[~follow_letters(codes, starts[nouns])] + 1] = True
    return mask
