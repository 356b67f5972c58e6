"""Texts -> tokens, many texts at once: MeCab speaks line by line, everything behind it is arrays."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.lexicon import Lexicon
from indexer.analysis.mecab import MecabTagger
from indexer.analysis.normalize import NormalizedText, normalize
from indexer.analysis.token import IntArray, Token, TokenBatch

# Raised whenever the same text would give other tokens: an index made by another version is refused.
ANALYSIS_VERSION = 1

# A number with thousands separators or a decimal point is one term; a date like 2023.04.25 is three.
_NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?!\d|[.,]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class AnalyzerIdentity:
    """What decides which tokens a text gives. Stored in the index; see `indexer/engine.py`."""

    name: str
    version: int
    dictionary: str

    def to_dict(self) -> dict[str, str | int]:
        """The identity as JSON values."""
        return asdict(self)


@dataclass(slots=True)
class _Morphemes:
    """All morphemes of a batch over the texts laid end to end: lexeme id and span each."""

    lexemes: IntArray
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class Analyzer:
    """Content morphemes of Korean text. Safe to share between threads: a call holds a lock."""

    def __init__(self) -> None:
        self._tagger = MecabTagger()
        self._lexicon = Lexicon()
        self._lock = threading.Lock()

    @property
    def identity(self) -> AnalyzerIdentity:
        """Name, version and dictionary."""
        return AnalyzerIdentity(self._tagger.name, ANALYSIS_VERSION, self._tagger.dictionary)

    def tokens(self, text: str) -> list[Token]:
        """The tokens of one text. Raises AnalysisError where `text` holds a lone surrogate."""
        return list(self.analyze([text]).tokens(0))

    def analyze(self, texts: Sequence[str]) -> TokenBatch:
        """The tokens of `texts`. Raises AnalysisError where one of them holds a lone surrogate."""
        normalized = [normalize(text) for text in texts]
        with self._lock:
            self._lexicon.shrink()
            return self._analyze(normalized)

    def _analyze(self, texts: list[NormalizedText]) -> TokenBatch:
        joined = "\n".join(text.text for text in texts)
        lengths = np.fromiter((len(text.text) + 1 for text in texts), np.int64, len(texts))
        text_starts = np.concatenate([[0], np.cumsum(lengths)])
        morphemes = self._merge_turning_prefixes(self._merge_numbers(joined, self._parse(texts, joined)))
        rows = self._lexicon.expand(morphemes.lexemes)
        starts = morphemes.starts[rows.morphemes] + rows.starts
        ends = np.where(
            rows.inflecting,
            self._ends_of_inflection(morphemes)[rows.morphemes],
            morphemes.starts[rows.morphemes] + rows.ends,
        )
        bounds = np.searchsorted(starts, text_starts)
        sizes = np.diff(bounds)
        first_positions = np.append(rows.positions, 0)[bounds[:-1]]
        local_starts = (starts - np.repeat(text_starts[:-1], sizes)).astype(np.int32)
        local_ends = (ends - np.repeat(text_starts[:-1], sizes)).astype(np.int32)
        for index, text in enumerate(texts):
            if text.starts is not None:
                span = slice(bounds[index], bounds[index + 1])
                local_starts[span], local_ends[span] = text.to_original(local_starts[span], local_ends[span])
        return TokenBatch(
            terms=rows.terms,
            starts=local_starts,
            ends=local_ends,
            positions=(rows.positions - np.repeat(first_positions, sizes)).astype(np.int32),
            tags=rows.tags,
            bounds=bounds.astype(np.int64),
            vocabulary=self._lexicon.terms,
            tag_names=self._lexicon.tag_names,
        )

    def _parse(self, texts: list[NormalizedText], joined: str) -> _Morphemes:
        """All morphemes of the texts; spans are offsets into `joined`."""
        ids: list[int] = []
        for text in texts:
            for lines in self._tagger.parse(text.text):
                ids.extend(self._lexicon.ids(lines))
        lexemes = np.array(ids, np.int32)
        codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        visible = np.flatnonzero((codes != ord(" ")) & (codes != ord("\n")))
        lengths = self._lexicon.lengths(lexemes).astype(np.int64)
        ends = np.cumsum(lengths)
        if int(lengths.sum()) != len(visible):
            raise AssertionError("the tagger's surfaces do not spell the text")
        return _Morphemes(lexemes, visible[ends - lengths], visible[ends - 1] + 1)

    def _merge_numbers(self, joined: str, morphemes: _Morphemes) -> _Morphemes:
        """Make one morpheme of each number that MeCab cut at its separators or point."""
        found = [(match.start(), match.end()) for match in _NUMBER.finditer(joined)]
        if not found:
            return morphemes
        spans = np.array(found, np.int64)
        first = np.searchsorted(morphemes.starts, spans[:, 0])
        last = np.searchsorted(morphemes.ends, spans[:, 1])
        # A number that begins or ends inside a morpheme of the dictionary stays as it is.
        whole = (morphemes.starts[first] == spans[:, 0]) & (morphemes.ends[last] == spans[:, 1])
        return self._merge(
            morphemes,
            first[whole],
            last[whole],
            [self._lexicon.number(joined[start:end]) for start, end in spans[whole].tolist()],
        )

    def _merge_turning_prefixes(self, morphemes: _Morphemes) -> _Morphemes:
        """Make one morpheme of a turning prefix and the noun right behind it."""
        turning = self._lexicon.turning_prefixes(morphemes.lexemes[:-1])
        if not turning.any():
            return morphemes
        first = np.flatnonzero(
            turning
            & self._lexicon.nouns(morphemes.lexemes[1:])
            & (morphemes.ends[:-1] == morphemes.starts[1:])
        )
        pairs = zip(morphemes.lexemes[first].tolist(), morphemes.lexemes[first + 1].tolist(), strict=True)
        return self._merge(
            morphemes, first, first + 1, [self._lexicon.prefixed(prefix, noun) for prefix, noun in pairs]
        )

    def _ends_of_inflection(self, morphemes: _Morphemes) -> NDArray[np.int64]:
        """For each morpheme, the end of the unbroken run of verbal endings right behind it."""
        joins = self._lexicon.endings(morphemes.lexemes[1:]) & (morphemes.ends[:-1] == morphemes.starts[1:])
        run_ends = np.flatnonzero(np.append(~joins, True))
        return morphemes.ends[run_ends[np.searchsorted(run_ends, np.arange(len(morphemes.ends)))]]

    @staticmethod
    def _merge(
        morphemes: _Morphemes, first: NDArray[np.int64], last: NDArray[np.int64], lexemes: list[int]
    ) -> _Morphemes:
        """Replace each run of morphemes first..last (inclusive) by one lexeme."""
        inside = np.zeros(len(morphemes.lexemes) + 1, np.int64)
        np.add.at(inside, first + 1, 1)
        np.add.at(inside, last + 1, -1)
        morphemes.lexemes[first] = lexemes
        morphemes.ends[first] = morphemes.ends[last]
        keep = np.cumsum(inside[:-1]) == 0
        return _Morphemes(morphemes.lexemes[keep], morphemes.starts[keep], morphemes.ends[keep])
