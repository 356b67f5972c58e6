"""What the morphemes of a tagger go through before they become tokens.

A stage takes the joined texts, their morphemes and the lexicon, and returns the morphemes changed. Each works
on the whole batch by arrays. To add a stage, write one and name it in `STAGES`; to skip one, leave it out
there. Either changes the tokens, so raise `analyzer.ANALYSIS_VERSION` with it.
"""

from __future__ import annotations

from collections.abc import Callable

from indexer.analysis.lexicon import Lexicon
from indexer.analysis.morphemes import Morphemes
from indexer.analysis.stages.inflection import extend_over_endings
from indexer.analysis.stages.negation import merge_negating_prefixes
from indexer.analysis.stages.patterns import merge_patterns

Stage = Callable[[str, Morphemes, Lexicon], Morphemes]

# In this order, behind the user dictionary (`user_dictionary.py`), which needs more than a stage is given.
# The spans of inflected forms come last: they are of the rows that the others leave.
STAGES: tuple[Stage, ...] = (merge_patterns, merge_negating_prefixes, extend_over_endings)
