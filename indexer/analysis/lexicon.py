"""Lexemes seen so far, as columns: every morpheme of a text is an integer, what it gives a few slices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.morphemes import (
    ATTACHED_TAGS,
    COPULA_TAG,
    NOMINAL_TAGS,
    NOUN_TAGS,
    PREDICATE_TAGS,
    PREFIX_TAG,
    RULES,
    TURNING_PREFIXES,
    UNKNOWN_TAGS,
    Emission,
    Lexeme,
    is_turned,
    read_lexeme,
)
from indexer.analysis.written import Kind, read_written
from indexer.curation.dictionary import DictionaryEntry

IntArray = NDArray[np.int32]

# About 200 bytes a lexeme; all of korea.kr has some 400,000.
MAX_LEXEMES = 1_000_000


# What a lexeme is, a bit each: see the methods of the lexicon.
(
    _TURNING,
    _NOUN,
    _HEAD,
    _ENDING,
    _COPULA,
    _ATTACHED,
    _CLOSING,
    _TURNED,
    _UNKNOWN,
    _PREFIX,
    _PARTICLE,
    _RO,
) = (1 << bit for bit in range(12))


class _Column:
    """A growing array of integers; `view` is what has been appended so far."""

    def __init__(self) -> None:
        self._data = np.zeros(1024, np.int32)
        self._size = 0

    def extend(self, values: Iterable[int]) -> None:
        for value in values:
            if self._size == len(self._data):
                self._data = np.concatenate([self._data, np.zeros_like(self._data)])
            self._data[self._size] = value
            self._size += 1

    def __len__(self) -> int:
        return self._size

    @property
    def view(self) -> IntArray:
        return self._data[: self._size]


@dataclass(frozen=True, slots=True)
class EmittedTerms:
    """The terms of a run of morphemes, one row each. `morphemes` is the row's place in that run, `starts`
    and `ends` are offsets into its surface, `positions` count on through the run. `inflecting` rows are
    predicates, whose span takes in the endings behind them.
    """

    morphemes: NDArray[np.int64]
    inflecting: NDArray[np.bool_]
    terms: IntArray
    tags: IntArray
    starts: IntArray
    ends: IntArray
    rules: IntArray
    positions: NDArray[np.int64]


class Lexicon:
    """Ids for lexemes and terms. Grows with what it sees; `shrink` starts it afresh when it is too large."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._ids = _LexemeIds(self)
        self._written: dict[tuple[str, Kind], int] = {}
        self.terms: list[str] = []
        self._term_ids: dict[str, int] = {}
        self.tag_names: list[str] = []
        self._tag_ids: dict[str, int] = {}
        self._surfaces: list[str] = []
        self._tags: list[str] = []
        self._lengths, self._counts, self._firsts, self._steps = (_Column() for _ in range(4))
        self._traits = _Column()
        self._emitted = [_Column() for _ in range(7)]  # as EmittedTerms

    def shrink(self) -> None:
        """Forget everything if there are more than MAX_LEXEMES. Batches made before keep their own terms."""
        if len(self._surfaces) > MAX_LEXEMES:
            self._reset()

    def ids(self, lines: list[str]) -> Iterable[int]:
        """The lexeme ids of lines "surface TAB features"."""
        return map(self._ids.__getitem__, lines)

    def lengths(self, lexemes: IntArray) -> IntArray:
        """Characters of each lexeme's surface."""
        return self._lengths.view[lexemes]

    def turning_prefixes(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes are prefixes that turn a noun's meaning round, or may be: those of one syllable that
        the tagger takes for nouns.
        """
        return self._have(lexemes, _TURNING)

    def prefixes(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes are prefixes by their tag."""
        return self._have(lexemes, _PREFIX)

    def nouns(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes are nouns."""
        return self._have(lexemes, _NOUN)

    def endings(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes are verbal endings."""
        return self._have(lexemes, _ENDING)

    def attached(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes belong to the word that they stand right behind: particles, endings, suffixes."""
        return self._have(lexemes, _ATTACHED)

    def closing(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes a noun may end with: all but particles, verbal suffixes and most endings."""
        return self._have(lexemes, _CLOSING)

    def heads(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes a noun may begin with: nouns and prefixes."""
        return self._have(lexemes, _HEAD)

    def copulas(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes are forms of the copula."""
        return self._have(lexemes, _COPULA)

    def turned(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes are compounds that begin with a turning prefix."""
        return self._have(lexemes, _TURNED)

    def unknown(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes are of no dictionary, so that a word may begin and end anywhere in them."""
        return self._have(lexemes, _UNKNOWN)

    def particles(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes are particles."""
        return self._have(lexemes, _PARTICLE)

    def ro(self, lexemes: IntArray) -> NDArray[np.bool_]:
        """Which lexemes are the particle 로 or one that begins with it, which stands behind no consonant but
        ㄹ; and 루, which is none.
        """
        return self._have(lexemes, _RO)

    def written(self, written: str, kind: Kind) -> int:
        """The lexeme of something that is known by how it is written; see `written.read_written`."""
        if (known := self._written.get((written, kind))) is None:
            known = self._written[written, kind] = self.add(read_written(written, kind))
        return known

    def prefixed(self, prefix: int, noun: int) -> int:
        """The lexeme of a noun and the turning prefix right before it; -1 where it turns nothing."""
        before, behind = self._surfaces[prefix], self._surfaces[noun]
        if self._tags[prefix] != PREFIX_TAG and not is_turned(before, behind):
            return -1
        surface = before + behind
        lexeme = Lexeme(surface, "NNG", (Emission(surface, "NNG", 0, len(surface), 0, "prefix"),), 1)
        # No line of a tagger: those have eight features.
        return self._own(f"{surface}\tNNG,merged", lexeme)

    def expand(self, lexemes: IntArray) -> EmittedTerms:
        """The terms of a run of morphemes, in order."""
        counts = self._counts.view[lexemes]
        rows = np.arange(len(lexemes)).repeat(counts)
        before = counts.cumsum() - counts
        emitted = np.arange(len(rows)) + (self._firsts.view[lexemes] - before)[rows]
        terms, tags, starts, ends, steps, inflecting, rules = (
            column.view[emitted] for column in self._emitted
        )
        advance = self._steps.view[lexemes].astype(np.int64)
        positions = (advance.cumsum() - advance)[rows] + steps
        return EmittedTerms(rows, inflecting.astype(bool), terms, tags, starts, ends, rules, positions)

    def user_word(self, entry: DictionaryEntry) -> int:
        """The lexeme of a word of the user dictionary: itself, and its parts."""
        emissions = [Emission(entry.word, entry.tag, 0, len(entry.word), 0, "user")]
        start = 0
        for step, part in enumerate(entry.parts):
            emissions.append(Emission(part, entry.tag, start, start + len(part), step, "user-part"))
            start += len(part)
        return self._own(
            f"{entry}\tuser", Lexeme(entry.word, entry.tag, tuple(emissions), len(entry.parts) or 1)
        )

    def _own(self, key: str, lexeme: Lexeme) -> int:
        """The id of a lexeme that no tagger gave; `key` is no line of one: those have eight features."""
        if key not in self._ids:
            self._ids[key] = self.add(lexeme)
        return self._ids[key]

    def add(self, lexeme: Lexeme) -> int:
        """Append a lexeme and give its id. A term stands at a position once, whatever a dictionary says."""
        emissions = {(own.term, own.step): own for own in reversed(lexeme.emissions)}.values()
        self._surfaces.append(lexeme.surface)
        self._tags.append(lexeme.tag)
        self._lengths.extend((len(lexeme.surface),))
        self._counts.extend((len(emissions),))
        self._firsts.extend((len(self._emitted[0]),))
        self._steps.extend((lexeme.steps,))
        self._traits.extend((_traits_of(lexeme),))
        for emission in reversed(emissions):
            row = (
                self._intern(emission.term, self.terms, self._term_ids),
                self._intern(emission.tag, self.tag_names, self._tag_ids),
                emission.start,
                emission.end,
                emission.step,
                emission.tag in PREDICATE_TAGS,
                RULES.index(emission.rule),
            )
            for column, value in zip(self._emitted, row, strict=True):
                column.extend((value,))
        return len(self._surfaces) - 1

    def _have(self, lexemes: IntArray, trait: int) -> NDArray[np.bool_]:
        there: NDArray[np.bool_] = (self._traits.view[lexemes] & trait) > 0
        return there

    @staticmethod
    def _intern(name: str, names: list[str], ids: dict[str, int]) -> int:
        if (known := ids.get(name)) is not None:
            return known
        names.append(name)
        return ids.setdefault(name, len(names) - 1)


def _traits_of(lexeme: Lexeme) -> int:
    tag = lexeme.tag
    noun, attached = tag in NOUN_TAGS, tag.startswith(ATTACHED_TAGS)
    traits = {
        _TURNING: lexeme.surface in TURNING_PREFIXES and (noun or tag == PREFIX_TAG),
        _PREFIX: tag == PREFIX_TAG,
        _TURNED: lexeme.turned,
        _PARTICLE: tag.startswith("J"),
        _RO: tag.startswith("J") and lexeme.surface.startswith(("로", "루")),
        _UNKNOWN: tag in UNKNOWN_TAGS,
        _NOUN: noun,
        _HEAD: noun or tag == PREFIX_TAG,
        _ENDING: tag.startswith("E"),
        _COPULA: tag.startswith(COPULA_TAG),
        _ATTACHED: attached,
        _CLOSING: not attached or tag in NOMINAL_TAGS,
    }
    return sum(trait for trait, there in traits.items() if there)


class _LexemeIds(dict[str, int]):
    """Line -> lexeme id; an unknown line is read and added."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon

    def __missing__(self, line: str) -> int:
        self[line] = lexeme = self._lexicon.add(read_lexeme(line))
        return lexeme
