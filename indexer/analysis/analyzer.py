"""Texts -> tokens, many texts at once: the tagger works line by line, everything behind it on arrays."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from indexer.analysis.bigrams import make_bigrams
from indexer.analysis.boundaries import attached, find_boundaries, may_end_noun
from indexer.analysis.isolated_word import WordReading, read_word
from indexer.analysis.joined_texts import JoinedTexts
from indexer.analysis.letters import follow_letters
from indexer.analysis.lexicon import EmittedTerms, Lexicon
from indexer.analysis.morphemes import Morphemes, tag_texts
from indexer.analysis.stages import STAGES, Stage
from indexer.analysis.stages.user_dictionary import apply_user_dictionary
from indexer.analysis.taggers import make_tagger
from indexer.analysis.token import Analysis, BigramBatch, Morpheme, Token, TokenBatch
from indexer.analysis.traits import Trait
from indexer.curation.dictionary import MAX_WORD_CHARS, Dictionary
from indexer.curation.files import DICTIONARY
from indexer.text.normalize import NormalizedText, normalize

# Raised whenever the same text would give other tokens: an index made by another version is refused.
ANALYSIS_VERSION = 4

DEFAULT_ANALYZER = "mecab"
# Measured: 0.4 KB a word, so some 6 MB at most. A query asks about each word several times.
_CACHED_WORDS = 16_384


@dataclass(frozen=True, slots=True)
class AnalyzerIdentity:
    """What decides which tokens a text gives. The user dictionary is not in it: an index keeps its own."""

    name: str
    version: int
    dictionary: str

    def to_dict(self) -> dict[str, str | int]:
        """The identity as JSON values."""
        return asdict(self)


class Analyzer:
    """Content morphemes and character bigrams of Korean text.

    `name` is one of `taggers.TAGGERS`. Safe to share between threads: each call holds a lock. Raises
    BodoError for a tagger that is unknown or not installed.
    """

    def __init__(self, name: str = DEFAULT_ANALYZER, dictionary: Dictionary | None = None) -> None:
        self.dictionary = dictionary or Dictionary()
        self._tagger = make_tagger(name)
        self._lexicon = Lexicon()
        self._stages: tuple[Stage, ...] = (
            partial(apply_user_dictionary, self.dictionary, self._tagger),
            *STAGES,
        )
        self._word_readings: dict[str, WordReading] = {}
        self._lock = threading.Lock()

    @property
    def identity(self) -> AnalyzerIdentity:
        """Name, version and dictionary."""
        return AnalyzerIdentity(self._tagger.name, ANALYSIS_VERSION, self._tagger.dictionary)

    def with_dictionary(self, dictionary: Dictionary) -> Analyzer:
        """An analyzer with the same tagger and this user dictionary: itself, if the entries are the same."""
        if dictionary.digest == self.dictionary.digest:
            return self
        return Analyzer(self._tagger.name, dictionary)

    def for_curated_files(self, curated_files: Mapping[str, str]) -> Analyzer:
        """The analyzer with the user dictionary among these curated files, given by name and text."""
        return self.with_dictionary(Dictionary(curated_files.get(DICTIONARY, "")))

    def close(self) -> None:
        """End the process of the tagger, if it has one."""
        with self._lock:
            self._tagger.close()

    def tokens(self, text: str) -> list[Token]:
        """The morphemes of one text. Raises AnalysisError if `text` holds a lone surrogate."""
        return list(self.analyze([text]).morphemes.tokens(0))

    def bigrams(self, text: str) -> list[Token]:
        """The bigrams of one text. Raises AnalysisError if `text` holds a lone surrogate."""
        return list(self.analyze([text]).bigrams.tokens(0))

    def analyze(self, texts: Sequence[str]) -> Analysis:
        """Both token streams of `texts`. Raises AnalysisError if one of them holds a lone surrogate."""
        normalized = [normalize(text) for text in texts]
        with self._lock:
            joined, morphemes = self._segment(normalized)
            terms = self._lexicon.expand(morphemes.lexemes)
            return Analysis(
                self._token_batch(joined, morphemes, terms), self._bigram_batch(joined, morphemes, terms)
            )

    def morphemes(self, text: str) -> list[Morpheme]:
        """All morphemes of one text, by start: particles and endings too, and the content parts of compounds.

        Raises AnalysisError if `text` holds a lone surrogate.
        """
        normalized = normalize(text)
        with self._lock:
            joined, rows = self._segment([normalized])
            terms = self._lexicon.expand(rows.lexemes)
            is_attached = attached(rows, joined.codes, self._lexicon)
            may_begin = ~(is_attached & follow_letters(joined.codes, rows.starts))
            may_end = may_end_noun(rows, joined.codes, self._lexicon, only_syllables=True)
            may_end |= ~self._lexicon.have(rows.lexemes, Trait.PARTICLE)
        origins = rows.starts[terms.morphemes]
        starts, ends = normalized.to_original(
            np.concatenate([rows.starts, origins + terms.starts]).astype(np.int32),
            np.concatenate([rows.ends, origins + terms.ends]).astype(np.int32),
        )
        parts = [True] * len(origins)  # a word may begin and end with each of them
        columns = (starts.tolist(), ends.tolist(), may_begin.tolist() + parts, may_end.tolist() + parts)
        return sorted(set(map(Morpheme, *columns)))

    def read_word(self, word: str) -> WordReading:
        """What a word may be by itself. Raises AnalysisError if it holds a lone surrogate."""
        normal = normalize(word).text
        if len(normal) > MAX_WORD_CHARS:
            return WordReading(is_known=False)
        with self._lock:
            if (reading := self._word_readings.get(normal)) is None:
                reading = read_word(normal, self._tagger)
                if len(self._word_readings) >= _CACHED_WORDS:
                    self._word_readings.clear()
                self._word_readings[normal] = reading
        return reading

    def _segment(self, texts: list[NormalizedText]) -> tuple[JoinedTexts, Morphemes]:
        """The texts laid end to end, and their morphemes after all stages."""
        self._lexicon.shrink()
        joined = JoinedTexts(texts)
        morphemes = tag_texts(joined, self._tagger, self._lexicon)
        for stage in self._stages:
            morphemes = stage(joined.text, morphemes, self._lexicon)
        return joined, morphemes

    def _token_batch(self, joined: JoinedTexts, morphemes: Morphemes, terms: EmittedTerms) -> TokenBatch:
        """The terms with their spans. One that reaches to the end of its surface reaches to the end of its
        morpheme, which may hold white space; one of a predicate includes its endings.
        """
        rows = terms.morphemes
        origins, ends = morphemes.starts[rows], morphemes.ends
        starts = origins + terms.starts
        reaches_end = terms.ends == self._lexicon.lengths(morphemes.lexemes)[rows]
        inflected_ends = ends if morphemes.inflected_ends is None else morphemes.inflected_ends
        ends = np.where(
            terms.predicates, inflected_ends[rows], np.where(reaches_end, ends[rows], origins + terms.ends)
        )
        bounds = joined.bounds(starts)
        local_starts, local_ends = joined.to_original(starts, ends, bounds)
        return TokenBatch(
            terms=terms.terms,
            starts=local_starts,
            ends=local_ends,
            positions=joined.positions_by_text(terms.positions, bounds),
            tags=terms.tags,
            rules=terms.rules,
            bounds=bounds,
            vocabulary=self._lexicon.terms,
            tag_names=self._lexicon.tag_names,
        )

    def _bigram_batch(self, joined: JoinedTexts, morphemes: Morphemes, terms: EmittedTerms) -> BigramBatch:
        boundaries = find_boundaries(morphemes, terms, joined.codes, self._lexicon)
        bigrams = make_bigrams(joined.codes, joined.starts, boundaries)
        bounds = joined.bounds(bigrams.starts)
        local_starts, local_ends = joined.to_original(bigrams.starts, bigrams.ends, bounds)
        return BigramBatch(
            keys=bigrams.keys,
            starts=local_starts,
            ends=local_ends,
            positions=joined.positions_by_text(np.arange(len(bigrams.keys)), bounds),
            boundary_flags=bigrams.boundary_flags,
            bounds=bounds,
        )
