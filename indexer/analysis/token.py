"""What analysis gives: tokens, in columns for machines and one by one for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import (
    BARRED,
    BROKEN,
    CLOSES,
    ENDS,
    NO_SYLLABLE,
    STARTS,
    SYLLABLE_BITS,
    is_broken,
    unpack,
)
from indexer.analysis.morphemes import RULES

IntArray = NDArray[np.int32]
# Term, start and end, as in Token.
Span = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Token:
    """A term and where it stands: `start` and `end` are character offsets into the original text, end
    exclusive. `position` counts content morphemes, or syllables, from 0; a compound shares the position
    of its first part. `rule` says what made it (see `morphemes.Rule`).
    """

    term: str
    start: int
    end: int
    position: int
    tag: str
    rule: str


class Morpheme(NamedTuple):
    """A piece of a text as the analyzer cuts it, characters `start` to `end` (exclusive), whether a word may
    begin with it, as with no particle, ending or suffix behind another, and whether one may end with it, as
    with no particle.
    """

    start: int
    end: int
    may_begin: bool
    may_end: bool


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The morphemes of many texts, one row each, ordered by text and then by start.

    `bounds` has one entry more than there are texts: the rows of text i are bounds[i] to bounds[i + 1].
    `terms`, `tags` and `rules` are ids into `vocabulary`, `tag_names` and `morphemes.RULES`.
    """

    terms: IntArray
    starts: IntArray
    ends: IntArray
    positions: IntArray
    tags: IntArray
    rules: IntArray
    bounds: NDArray[np.int64]
    vocabulary: Sequence[str]
    tag_names: Sequence[str]

    def spans(self, text: int) -> list[Span]:
        """Term, start and end of each token of one text, in order: what most ask for, in a tenth of the
        time.
        """
        rows = slice(self.bounds[text], self.bounds[text + 1])
        terms = [self.vocabulary[term] for term in self.terms[rows].tolist()]
        return list(zip(terms, self.starts[rows].tolist(), self.ends[rows].tolist(), strict=True))

    def tokens(self, text: int) -> Iterator[Token]:
        """The tokens of one text, in order."""
        rows = slice(self.bounds[text], self.bounds[text + 1])
        columns = (self.terms, self.starts, self.ends, self.positions, self.tags, self.rules)
        for term, start, end, position, tag, rule in zip(
            *(column[rows].tolist() for column in columns), strict=True
        ):
            yield Token(self.vocabulary[term], start, end, position, self.tag_names[tag], RULES[rule])


@dataclass(frozen=True, slots=True)
class BigramBatch:
    """The bigrams of many texts (see `Bigrams`), offsets and positions counted in each text, a position a
    syllable; `bounds` as in TokenBatch.
    """

    keys: NDArray[np.int64]
    starts: IntArray
    ends: IntArray
    positions: IntArray
    borders: NDArray[np.uint8]
    bounds: NDArray[np.int64]

    def pairs(self, text: int) -> list[Span]:
        """Term, start and end of each two syllables that follow each other in a sentence of one text."""
        rows = np.arange(self.bounds[text], self.bounds[text + 1])
        single = self.keys[rows] & ((1 << SYLLABLE_BITS) - 1) == NO_SYLLABLE
        rows = rows[~single & ~is_broken(self.borders[rows])]
        terms = map(unpack, self.keys[rows].tolist())
        return list(zip(terms, self.starts[rows].tolist(), self.ends[rows].tolist(), strict=True))

    def tokens(self, text: int) -> Iterator[Token]:
        """The bigrams of one text, in order. The tag draws the borders: |시내| begins and ends a
        word, with 의: a particle ends, in 끝/시 a sentence.
        """
        rows = slice(self.bounds[text], self.bounds[text + 1])
        columns = (self.keys, self.starts, self.ends, self.positions, self.borders)
        for key, start, end, position, borders in zip(
            *(column[rows].tolist() for column in columns), strict=True
        ):
            term = unpack(key)
            yield Token(term, start, end, position, _draw(term, borders), "bigram")


@dataclass(frozen=True, slots=True)
class Analysis:
    """Both token streams of a batch of texts."""

    morphemes: TokenBatch
    bigrams: BigramBatch


def _draw(term: str, borders: int) -> str:
    if borders & BROKEN == BROKEN:
        return "/".join(term)
    begin = "!" if borders & BARRED else "|" if borders & STARTS else ""
    return begin + term + ("|" if borders & CLOSES else ":" if borders & ENDS else "")
