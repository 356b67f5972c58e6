"""All lexemes seen so far, as columns: a morpheme of a text is an integer, its terms are a slice."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from indexer.analysis.lexeme import RULES, Emission, Lexeme, read_lexeme
from indexer.analysis.traits import Trait, traits_of
from indexer.text.arrays import BoolArray, Int32Array, Int64Array
from indexer.text.tags import PREDICATE_TAGS

# About 200 bytes a lexeme. All of korea.kr has some 400,000.
MAX_LEXEMES = 1_000_000


@dataclass(frozen=True, slots=True)
class EmittedTerms:
    """The terms of a sequence of morphemes, one row each, in order.

    `morphemes` is the index of the morpheme in the sequence. `starts` and `ends` are character offsets into
    its surface. `positions` count on through the sequence. `terms`, `tags` and `rules` are ids of the lexicon
    and indexes of `RULES`. `predicates` are terms whose span includes the endings behind the morpheme.
    """

    morphemes: Int64Array
    terms: Int32Array
    tags: Int32Array
    starts: Int32Array
    ends: Int32Array
    rules: Int32Array
    predicates: BoolArray
    positions: Int64Array


class Lexicon:
    """Ids for lexemes and terms. Grows with what it sees; `shrink` empties it when it is too large. Not safe
    to share between threads.
    """

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._ids = _LexemeIds(self)
        self._computed: dict[tuple[Hashable, ...], int] = {}
        self._terms, self._tags = _Names(), _Names()
        self._surfaces: list[str] = []
        self._lexeme_tags: list[str] = []
        # A row a lexeme.
        self._lengths, self._position_lengths, self._traits = _Column(), _Column(), _Column()
        self._term_counts, self._first_emissions = _Column(), _Column()
        # A row an emission.
        self._emissions = _EmissionColumns()

    @property
    def terms(self) -> list[str]:
        """Terms by id."""
        return self._terms.names

    @property
    def tag_names(self) -> list[str]:
        """Tags by id."""
        return self._tags.names

    def shrink(self) -> None:
        """Forget everything if there are more than MAX_LEXEMES. Batches made before keep their own terms."""
        if len(self._surfaces) > MAX_LEXEMES:
            self._reset()

    def ids(self, lines: list[str]) -> Iterable[int]:
        """The lexeme ids of a tagger's lines."""
        return map(self._ids.__getitem__, lines)

    def computed_id(self, make: Callable[..., Lexeme], *arguments: Hashable) -> int:
        """The id of the lexeme that `make(*arguments)` returns, which is called once."""
        key = (make, *arguments)
        if (lexeme := self._computed.get(key)) is None:
            lexeme = self._computed[key] = self.add(make(*arguments))
        return lexeme

    def surface(self, lexeme: int) -> str:
        """The characters of one lexeme."""
        return self._surfaces[lexeme]

    def tag(self, lexeme: int) -> str:
        """The tag of one lexeme."""
        return self._lexeme_tags[lexeme]

    def lengths(self, lexemes: Int32Array) -> Int32Array:
        """Characters of each lexeme's surface."""
        return self._lengths.view[lexemes]

    def have(self, lexemes: Int32Array, trait: Trait) -> BoolArray:
        """Which lexemes have a trait."""
        mask: BoolArray = (self._traits.view[lexemes] & int(trait)) > 0
        return mask

    def expand(self, lexemes: Int32Array) -> EmittedTerms:
        """The terms of a sequence of morphemes, in order."""
        counts = self._term_counts.view[lexemes]
        morphemes = np.arange(len(lexemes)).repeat(counts)
        first_rows = counts.cumsum() - counts
        emissions = np.arange(len(morphemes)) + (self._first_emissions.view[lexemes] - first_rows)[morphemes]
        position_lengths = self._position_lengths.view[lexemes].astype(np.int64)
        first_positions = position_lengths.cumsum() - position_lengths
        columns = self._emissions
        return EmittedTerms(
            morphemes=morphemes,
            terms=columns.terms.view[emissions],
            tags=columns.tags.view[emissions],
            starts=columns.starts.view[emissions],
            ends=columns.ends.view[emissions],
            rules=columns.rules.view[emissions],
            predicates=columns.predicates.view[emissions].astype(bool),
            positions=first_positions[morphemes] + columns.positions.view[emissions],
        )

    def add(self, lexeme: Lexeme) -> int:
        """Append a lexeme and return its id. A term is kept once at each position, whatever the dictionary
        says; the first emission counts.
        """
        unique: dict[tuple[str, int], Emission] = {}
        for emission in lexeme.emissions:
            unique.setdefault((emission.term, emission.position), emission)
        self._surfaces.append(lexeme.surface)
        self._lexeme_tags.append(lexeme.tag)
        self._lengths.append(len(lexeme.surface))
        self._position_lengths.append(lexeme.position_length)
        self._traits.append(traits_of(lexeme))
        self._term_counts.append(len(unique))
        self._first_emissions.append(len(self._emissions.terms))
        for emission in unique.values():
            self._emissions.append(emission, self._terms[emission.term], self._tags[emission.tag])
        return len(self._surfaces) - 1


class _Column:
    """A growing array of integers. `view` is what has been appended so far."""

    def __init__(self) -> None:
        self._data = np.zeros(1024, np.int32)
        self._size = 0

    def append(self, value: int) -> None:
        if self._size == len(self._data):
            self._data = np.concatenate([self._data, np.zeros_like(self._data)])
        self._data[self._size] = value
        self._size += 1

    def __len__(self) -> int:
        return self._size

    @property
    def view(self) -> Int32Array:
        return self._data[: self._size]


class _EmissionColumns:
    """The emissions of all lexemes, a column for each of their fields."""

    def __init__(self) -> None:
        self.terms, self.tags, self.starts, self.ends = _Column(), _Column(), _Column(), _Column()
        self.rules, self.predicates, self.positions = _Column(), _Column(), _Column()

    def append(self, emission: Emission, term: int, tag: int) -> None:
        self.terms.append(term)
        self.tags.append(tag)
        self.starts.append(emission.start)
        self.ends.append(emission.end)
        self.rules.append(RULES.index(emission.rule))
        self.predicates.append(emission.tag in PREDICATE_TAGS)
        self.positions.append(emission.position)


class _Names(dict[str, int]):
    """Name -> id; a new name gets the next id. `names` are all of them by id."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __missing__(self, name: str) -> int:
        self[name] = number = len(self.names)
        self.names.append(str(name))
        return number


class _LexemeIds(dict[str, int]):
    """Line of a tagger -> lexeme id; a new line is read and added."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon

    def __missing__(self, line: str) -> int:
        self[line] = lexeme = self._lexicon.add(read_lexeme(line))
        return lexeme
