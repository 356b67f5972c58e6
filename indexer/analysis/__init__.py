"""Text -> tokens with exact character spans.

The way of a text: `normalize.py` (one written form, each character knowing where it came from), `taggers/`
(the morphological analyzers), `dictionary.py` (the words of a person, laid over), `morphemes.py` and
`lexicon.py` (which terms a morpheme gives), `bigrams.py` (the other stream), `analyzer.py` (the whole, for
many texts at once), `token.py` (what comes out).
"""

from indexer.analysis.analyzer import DEFAULT_ANALYZER, Analyzer, AnalyzerIdentity
from indexer.analysis.bigrams import is_syllable, run_of
from indexer.analysis.readings import WordReading
from indexer.analysis.token import (
    Analysis,
    BigramBatch,
    Morpheme,
    Span,
    Token,
    TokenBatch,
)
from indexer.analysis.written import day_of, find_written

__all__ = [
    "DEFAULT_ANALYZER", "Analysis", "Analyzer", "AnalyzerIdentity", "BigramBatch",
    "Morpheme", "Span", "Token", "TokenBatch", "WordReading", "day_of",
    "find_written", "is_syllable", "run_of",
]  # fmt: skip
