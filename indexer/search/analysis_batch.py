"""Texts that are analysed in one call, which costs less than a call for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType

from indexer.analysis import Analyzer, Span, Token

Handle = NewType("Handle", int)


@dataclass(frozen=True, slots=True)
class TokenStreams:
    """The tokens of one text in order. `bigrams` are those inside of sentences: (term, start, end)."""

    morphemes: Sequence[Token]
    bigrams: Sequence[Span]


class AnalysisBatch:
    """Collects texts, analyses them all by `run`, and then has the tokens of each by its handle."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._texts: list[str] = []
        self._streams: list[TokenStreams] = []

    def add(self, text: str) -> Handle:
        """Put a text into the batch, before `run`. Returns the handle that finds its tokens afterwards."""
        self._texts.append(text)
        return Handle(len(self._texts) - 1)

    def run(self) -> None:
        """Analyse all texts. Raises AnalysisError if one of them holds a lone surrogate."""
        analysis = self._analyzer.analyze(self._texts)
        self._streams = [
            TokenStreams(list(analysis.morphemes.tokens(index)), analysis.bigrams.pairs(index))
            for index in range(len(self._texts))
        ]

    def __getitem__(self, handle: Handle) -> TokenStreams:
        """The tokens of a text, after `run`."""
        return self._streams[handle]
