"""Texts -> tokens, many texts at once: the tagger speaks line by line, everything behind it is arrays."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import codes_of, make_bigrams, stand_behind
from indexer.analysis.lexicon import EmittedTerms, Lexicon
from indexer.analysis.morphemes import FINAL_L, FINALS
from indexer.analysis.readings import LOOKED_AT, WordReading, read_word
from indexer.analysis.taggers import make_tagger
from indexer.analysis.token import Analysis, BigramBatch, IntArray, Morpheme, Token, TokenBatch
from indexer.analysis.written import find_written
from indexer.curation.dictionary import ANYWHERE_MIN_CHARS, MAX_WORD_CHARS, Dictionary, DictionaryEntry
from indexer.text.normalize import NormalizedText, normalize

# Raised whenever the same text would give other tokens: an index made by another version is refused.
ANALYSIS_VERSION = 4

DEFAULT_ANALYZER = "mecab"
_REMEMBERED_WORDS = 16_384
# A word with the particle 의 is read with a noun behind it. Of two syllables it is likelier a noun: 회의,
# 협의.
_OWNING, _OWNED, _SHORTEST_OWNER = "의", "것", 2


@dataclass(frozen=True, slots=True)
class AnalyzerIdentity:
    """What decides which tokens a text gives, the user dictionary apart, which an index brings along."""

    name: str
    version: int
    dictionary: str

    def to_dict(self) -> dict[str, str | int]:
        """The identity as JSON values."""
        return asdict(self)


@dataclass(slots=True)
class _Morphemes:
    """All morphemes of a batch over the texts laid end to end: lexeme id and span each.

    `turned` is where the nouns behind turning prefixes begin.
    """

    lexemes: IntArray
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    turned: NDArray[np.int64]


class Analyzer:
    """Content morphemes and syllable bigrams of Korean text.

    `name` is one of `taggers.TAGGERS`. Safe to share between threads: a call holds a lock.
    """

    def __init__(self, name: str = DEFAULT_ANALYZER, dictionary: Dictionary | None = None) -> None:
        self._tagger = make_tagger(name)
        self._lexicon = Lexicon()
        self._words: dict[str, WordReading] = {}
        self._lock = threading.Lock()
        self.dictionary = dictionary or Dictionary()

    @property
    def identity(self) -> AnalyzerIdentity:
        """Name, version and dictionary."""
        return AnalyzerIdentity(self._tagger.name, ANALYSIS_VERSION, self._tagger.dictionary)

    def with_dictionary(self, dictionary: Dictionary) -> Analyzer:
        """An analyzer of the same kind with other words; this one, where they say the same."""
        if dictionary.digest == self.dictionary.digest:
            return self
        return Analyzer(self._tagger.name, dictionary)

    def close(self) -> None:
        """End what the tagger runs beside this process, if anything."""
        with self._lock:
            self._tagger.close()

    def tokens(self, text: str) -> list[Token]:
        """The morphemes of one text. Raises AnalysisError where `text` holds a lone surrogate."""
        return list(self.analyze([text]).morphemes.tokens(0))

    def morphemes(self, text: str) -> list[Morpheme]:
        """All morphemes of one text, particles and endings too, and the content parts of compounds. Raises
        AnalysisError where `text` holds a lone surrogate.
        """
        normal = normalize(text)
        with self._lock:
            self._lexicon.shrink()
            codes = codes_of(normal.text)
            cut = self._cut([normal], normal.text, codes)
            rows = self._lexicon.expand(cut.lexemes)
            begins = ~(self._attached(cut, codes) & stand_behind(codes, cut.starts))
            ends = ~self._lexicon.particles(cut.lexemes) | self._closing(cut, codes, single=True)
        parts = cut.starts[rows.morphemes]
        starts, stops = normal.to_original(
            np.concatenate([cut.starts, parts + rows.starts]).astype(np.int32),
            np.concatenate([cut.ends, parts + rows.ends]).astype(np.int32),
        )
        of_parts = [True] * len(parts)
        columns = (starts.tolist(), stops.tolist(), begins.tolist() + of_parts, ends.tolist() + of_parts)
        return sorted(set(map(Morpheme, *columns)))

    def bigrams(self, text: str) -> list[Token]:
        """The bigrams of one text. Raises AnalysisError where `text` holds a lone surrogate."""
        return list(self.analyze([text]).bigrams.tokens(0))

    def read_word(self, word: str) -> WordReading:
        """What a word may be by itself. Raises AnalysisError where it holds a lone surrogate."""
        normal = normalize(word).text
        if len(normal) > MAX_WORD_CHARS:
            return WordReading(known=False)
        with self._lock:
            if (known := self._words.get(normal)) is None:
                owned: list[str] = []
                if normal.endswith(_OWNING) and len(normal) > _SHORTEST_OWNER:
                    owned = self._tagger.ways(f"{normal} {_OWNED}", 1)[0][:-1]
                known = read_word(self._tagger.ways(normal, LOOKED_AT), owned)
                if len(self._words) >= _REMEMBERED_WORDS:
                    self._words.clear()
                self._words[normal] = known
        return known

    def analyze(self, texts: Sequence[str]) -> Analysis:
        """Both token streams of `texts`. Raises AnalysisError where one of them holds a lone surrogate."""
        normalized = [normalize(text) for text in texts]
        with self._lock:
            self._lexicon.shrink()
            return self._analyze(normalized)

    def _analyze(self, texts: list[NormalizedText]) -> Analysis:
        joined = "\n".join(text.text for text in texts)
        codes = codes_of(joined)
        lengths = np.fromiter((len(text.text) + 1 for text in texts), np.int64, len(texts))
        text_starts = np.zeros(len(texts) + 1, np.int64)
        lengths.cumsum(out=text_starts[1:])
        morphemes = self._cut(texts, joined, codes)
        rows = self._lexicon.expand(morphemes.lexemes)
        places = _Places(texts, text_starts)
        return Analysis(
            self._morpheme_batch(morphemes, rows, places), self._bigram_batch(codes, morphemes, rows, places)
        )

    def _cut(self, texts: list[NormalizedText], joined: str, codes: NDArray[np.uint32]) -> _Morphemes:
        """The morphemes of texts, which laid end to end are `joined`, and `codes` as code points."""
        morphemes = self._parse(texts, codes)
        morphemes = self._lay_dictionary_over(joined, morphemes)
        morphemes = self._merge_written(joined, morphemes)
        return self._merge_turning_prefixes(morphemes)

    def _morpheme_batch(self, morphemes: _Morphemes, rows: EmittedTerms, places: _Places) -> TokenBatch:
        whole = rows.ends == self._lexicon.lengths(morphemes.lexemes)[rows.morphemes]
        starts = morphemes.starts[rows.morphemes] + rows.starts
        ends = np.where(
            rows.inflecting,
            self._ends_of_inflection(morphemes)[rows.morphemes],
            np.where(whole, morphemes.ends[rows.morphemes], morphemes.starts[rows.morphemes] + rows.ends),
        )
        bounds = places.bounds(starts)
        local_starts, local_ends = places.to_original(starts, ends, bounds)
        return TokenBatch(
            terms=rows.terms,
            starts=local_starts,
            ends=local_ends,
            positions=places.count_anew(rows.positions, bounds),
            tags=rows.tags,
            rules=rows.rules,
            bounds=bounds,
            vocabulary=self._lexicon.terms,
            tag_names=self._lexicon.tag_names,
        )

    def _bigram_batch(
        self, codes: NDArray[np.uint32], morphemes: _Morphemes, rows: EmittedTerms, places: _Places
    ) -> BigramBatch:
        # The parts of a compound are morphemes as well: their borders count. So does every place in a
        # word that no dictionary knows.
        origins = morphemes.starts[rows.morphemes]
        unknown = self._lexicon.unknown(morphemes.lexemes).nonzero()[0]
        inner = [
            np.arange(start + 1, end)
            for start, end in zip(
                morphemes.starts[unknown].tolist(), morphemes.ends[unknown].tolist(), strict=True
            )
        ]
        borders = np.concatenate([np.zeros(0, np.int64), *inner])
        parts = np.zeros(len(origins) + len(borders), bool)
        made = make_bigrams(
            codes,
            places.text_starts,
            np.concatenate([morphemes.starts, origins + rows.starts, borders]),
            np.concatenate([morphemes.ends, origins + rows.ends, borders]),
            morphemes.turned,
            np.concatenate([self._attached(morphemes, codes), parts]),
            np.concatenate([self._closing(morphemes, codes), ~parts]),
        )
        bounds = places.bounds(made.starts)
        local_starts, local_ends = places.to_original(made.starts, made.ends, bounds)
        positions = places.count_anew(np.arange(len(made.keys)), bounds)
        return BigramBatch(made.keys, local_starts, local_ends, positions, made.borders, bounds)

    def _attached(self, morphemes: _Morphemes, codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Which morphemes belong to what they stand right behind, where they do: particles and their kin. A
        copula with a noun right behind it is a wrong reading (인 in 지방공무원인재개발원), and so is 로
        behind a consonant (탐방로, where it is a road).
        """
        lexemes = morphemes.lexemes
        attached = self._lexicon.attached(lexemes)
        touched = morphemes.ends[:-1] == morphemes.starts[1:]
        attached[:-1] &= ~(self._lexicon.copulas(lexemes[:-1]) & self._lexicon.heads(lexemes[1:]) & touched)
        roads = self._lexicon.ro(lexemes).nonzero()[0]
        before = codes[np.maximum(morphemes.starts[roads] - 1, 0)].astype(np.int64)
        finals = (before - ord("가")) % FINALS
        closed = (before >= ord("가")) & (before <= ord("힣")) & (finals > 0) & (finals != FINAL_L)
        attached[roads[closed | (codes[morphemes.starts[roads]] == ord("루"))]] = False
        return attached

    def _closing(
        self, morphemes: _Morphemes, codes: NDArray[np.uint32], *, single: bool = False
    ) -> NDArray[np.bool_]:
        """With which morphemes a noun may end. Also with a particle or verbal suffix that stands behind a
        noun with which a word begins, of one syllable where only a `single` one counts: taggers read 속도 as
        속 and 도, 남해 as 남 and 해.
        """
        closing = self._lexicon.closing(morphemes.lexemes)
        starts, ends = morphemes.starts, morphemes.ends
        behind = (~closing[1:] & (ends[:-1] == starts[1:])).nonzero()[0]
        if single:
            behind = behind[ends[behind] - starts[behind] == 1]
        behind = behind[self._lexicon.nouns(morphemes.lexemes[behind])]
        closing[behind[~stand_behind(codes, starts[behind])] + 1] = True
        return closing

    def _parse(self, texts: list[NormalizedText], codes: NDArray[np.uint32]) -> _Morphemes:
        """All morphemes of the texts; spans are offsets into the texts laid end to end."""
        ids: list[int] = []
        for text in texts:
            for lines in self._tagger.parse(text.text):
                ids.extend(self._lexicon.ids(lines))
        lexemes = np.array(ids, np.int32)
        # Taggers drop white space and nothing else: the surfaces, end to end, are the visible characters.
        visible = ((codes != ord(" ")) & (codes != ord("\n"))).nonzero()[0]
        lengths = self._lexicon.lengths(lexemes).astype(np.int64)
        ends = lengths.cumsum()
        if int(lengths.sum()) != len(visible):
            raise AssertionError(f"the surfaces of {self._tagger.name} do not spell the text")
        return _Morphemes(lexemes, visible[ends - lengths], visible[ends - 1] + 1, np.zeros(0, np.int64))

    def _lay_dictionary_over(self, joined: str, morphemes: _Morphemes) -> _Morphemes:
        """Put the words of the user dictionary in the place of whatever morphemes they cover.

        What is left of a morpheme that a word covers in part is analysed by itself.
        """
        pieces: list[_Morphemes] = []
        copied = 0  # morphemes that are in `pieces`, or covered
        covered_end = 0  # where the last word ended
        for start, end, entry in self.dictionary.find(joined):
            first = int(np.searchsorted(morphemes.starts, start, "right")) - 1
            last = int(np.searchsorted(morphemes.ends, end, "left"))
            if not _is_word_here(joined, start, end, entry, begins=morphemes.starts[first] == start):
                continue
            if first < copied:  # in the morpheme that the last word ended in
                left = covered_end
            else:
                if copied:
                    pieces.append(self._fragment(joined, covered_end, int(morphemes.ends[copied - 1])))
                pieces.append(_slice(morphemes, copied, first))
                left = int(morphemes.starts[first])
            pieces.append(self._fragment(joined, left, start))
            pieces.append(_one(self._lexicon.user_word(entry), start, end))
            copied, covered_end = last + 1, end
        if not pieces:
            return morphemes
        pieces.append(self._fragment(joined, covered_end, int(morphemes.ends[copied - 1])))
        pieces.append(_slice(morphemes, copied, len(morphemes.lexemes)))
        return _Morphemes(
            np.concatenate([piece.lexemes for piece in pieces]),
            np.concatenate([piece.starts for piece in pieces]),
            np.concatenate([piece.ends for piece in pieces]),
            morphemes.turned,
        )

    def _fragment(self, joined: str, start: int, end: int) -> _Morphemes:
        """The morphemes of a piece of a word."""
        ids = [
            number
            for lines in (self._tagger.parse(joined[start:end]) if start < end else ())
            for number in self._lexicon.ids(lines)
        ]
        lexemes = np.array(ids, np.int32)
        lengths = self._lexicon.lengths(lexemes).astype(np.int64)
        ends = start + lengths.cumsum()
        return _Morphemes(lexemes, ends - lengths, ends, np.zeros(0, np.int64))

    def _merge_written(self, joined: str, morphemes: _Morphemes) -> _Morphemes:
        """Make one morpheme of each number, day and mark of a company, which taggers cut at their signs."""
        found = find_written(joined)
        if not found:
            return morphemes
        spans = np.array([(start, end) for start, end, _ in found], np.int64)
        first = np.searchsorted(morphemes.starts, spans[:, 0])
        last = np.searchsorted(morphemes.ends, spans[:, 1])
        # What begins or ends inside a morpheme of the dictionary stays as it is.
        whole = (morphemes.starts[first] == spans[:, 0]) & (morphemes.ends[last] == spans[:, 1])
        return self._merge(
            morphemes,
            first[whole],
            last[whole],
            [
                self._lexicon.written(joined[start:end], kind)
                for (start, end, kind), merged in zip(found, whole.tolist(), strict=True)
                if merged
            ],
        )

    def _merge_turning_prefixes(self, morphemes: _Morphemes) -> _Morphemes:
        """Make one morpheme of a turning prefix and the noun right behind it. What the tagger takes for a
        noun is a prefix where a word begins: 미 in 미분양.
        """
        lexemes, touches = morphemes.lexemes, morphemes.ends[:-1] == morphemes.starts[1:]
        first = np.flatnonzero(
            self._lexicon.turning_prefixes(lexemes[:-1]) & self._lexicon.nouns(lexemes[1:]) & touches
        )
        inside = np.append(False, touches)[first] & ~self._lexicon.prefixes(lexemes[first])
        first = first[~inside]
        pairs = zip(lexemes[first].tolist(), lexemes[first + 1].tolist(), strict=True)
        merged = [self._lexicon.prefixed(prefix, noun) for prefix, noun in pairs]
        first = first[[lexeme >= 0 for lexeme in merged]]
        compounds = morphemes.starts[self._lexicon.turned(lexemes)] + 1
        turned = np.concatenate([compounds, morphemes.starts[first + 1]])
        if len(first):
            morphemes = self._merge(morphemes, first, first + 1, [lexeme for lexeme in merged if lexeme >= 0])
        morphemes.turned = turned
        return morphemes

    def _ends_of_inflection(self, morphemes: _Morphemes) -> NDArray[np.int64]:
        """For each morpheme, the end of the unbroken run of verbal endings right behind it."""
        joins = self._lexicon.endings(morphemes.lexemes[1:]) & (morphemes.ends[:-1] == morphemes.starts[1:])
        last = np.ones(len(morphemes.ends), bool)
        last[:-1] = ~joins
        run_ends = last.nonzero()[0]
        return morphemes.ends[run_ends[run_ends.searchsorted(np.arange(len(last)))]]

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
        return _Morphemes(
            morphemes.lexemes[keep], morphemes.starts[keep], morphemes.ends[keep], morphemes.turned
        )


class _Places:
    """From offsets into texts laid end to end back to each text's own characters."""

    def __init__(self, texts: list[NormalizedText], text_starts: NDArray[np.int64]) -> None:
        self._texts = texts
        self.text_starts = text_starts

    def bounds(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which rows belong to which text, for rows by ascending start."""
        return starts.searchsorted(self.text_starts).astype(np.int64)

    def to_original(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64], bounds: NDArray[np.int64]
    ) -> tuple[IntArray, IntArray]:
        """Spans as offsets into the original texts."""
        origins = self.text_starts[:-1].repeat(bounds[1:] - bounds[:-1])
        local_starts, local_ends = (starts - origins).astype(np.int32), (ends - origins).astype(np.int32)
        for index, text in enumerate(self._texts):
            if text.starts is not None:
                span = slice(bounds[index], bounds[index + 1])
                local_starts[span], local_ends[span] = text.to_original(local_starts[span], local_ends[span])
        return local_starts, local_ends

    def count_anew(self, positions: NDArray[np.int64], bounds: NDArray[np.int64]) -> IntArray:
        """Positions that begin at 0 in each text."""
        counts = bounds[1:] - bounds[:-1]
        there = counts > 0
        firsts = positions[bounds[:-1][there]]
        anew: IntArray = (positions - firsts.repeat(counts[there])).astype(np.int32)
        return anew


def _slice(morphemes: _Morphemes, first: int, stop: int) -> _Morphemes:
    return _Morphemes(
        morphemes.lexemes[first:stop],
        morphemes.starts[first:stop],
        morphemes.ends[first:stop],
        np.zeros(0, np.int64),
    )


def _one(lexeme: int, start: int, end: int) -> _Morphemes:
    return _Morphemes(np.array([lexeme], np.int32), np.array([start]), np.array([end]), np.zeros(0, np.int64))


def _is_word_here(text: str, start: int, end: int, entry: DictionaryEntry, *, begins: bool) -> bool:
    """Whether a word of the dictionary that is spelled here is meant: short ones only where a morpheme
    begins, Latin words and numbers only whole.
    """
    if not begins and len(entry.word) < ANYWHERE_MIN_CHARS:
        return False
    return not (
        (start > 0 and _same_script(text[start - 1], text[start]))
        or (end < len(text) and _same_script(text[end - 1], text[end]))
    )


def _same_script(a: str, b: str) -> bool:
    """Whether two ASCII characters belong to one Latin word or number."""
    return a.isascii() and b.isascii() and ((a.isalpha() and b.isalpha()) or (a.isdigit() and b.isdigit()))
