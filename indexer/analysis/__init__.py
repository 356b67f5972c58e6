"""Text -> tokens with exact character spans.

The way of a text: `normalize.py` (one written form, each character knowing where it came from),
`mecab.py` (KoNLPy's morphemes), `morphemes.py` (which terms a morpheme gives), `analyzer.py` (the
whole, for many texts at once), `token.py` (what comes out).
"""

from indexer.analysis.analyzer import Analyzer, AnalyzerIdentity
from indexer.analysis.token import Token, TokenBatch

__all__ = ["Analyzer", "AnalyzerIdentity", "Token", "TokenBatch"]
