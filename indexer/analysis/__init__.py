"""Text -> tokens with exact character spans.

A text goes through `indexer.text.normalize` (one form for all spellings), `taggers/` (the morphological
analyzers), `stages/` (user dictionary, numbers, negating prefixes, inflection) and then gives two token
streams: terms of morphemes (`lexeme.py`, `lexicon.py`) and character bigrams (`bigrams.py`, with
`boundaries.py`). `analyzer.py` runs it for many texts at once; `token.py` is what comes out.
`isolated_word.py` is for the words of queries, `keyboard.py` and `noun_phrases.py` are for suggestions.
"""

from indexer.analysis.analyzer import DEFAULT_ANALYZER, Analyzer, AnalyzerIdentity
from indexer.analysis.isolated_word import WordReading
from indexer.analysis.letters import is_letter_or_digit, letters_and_digits
from indexer.analysis.stages.patterns import day_of, find_patterns
from indexer.analysis.token import (
    Analysis,
    BigramBatch,
    Morpheme,
    Span,
    Token,
    TokenBatch,
)

__all__ = [
    "DEFAULT_ANALYZER", "Analysis", "Analyzer", "AnalyzerIdentity", "BigramBatch",
    "Morpheme", "Span", "Token", "TokenBatch", "WordReading", "day_of",
    "find_patterns", "is_letter_or_digit", "letters_and_digits",
]  # fmt: skip
