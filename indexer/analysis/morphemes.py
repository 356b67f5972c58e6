"""The morphemes of joined texts, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from indexer.analysis.joined_texts import JoinedTexts
from indexer.analysis.lexicon import Lexicon
from indexer.analysis.taggers import Tagger
from indexer.text.arrays import BoolArray, Int32Array, Int64Array


def _no_offsets() -> Int64Array:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Morphemes:
    """The morphemes of joined texts in order, one row each; white space belongs to none.

    `lexemes` are ids of the lexicon, `starts` and `ends` character offsets into the joined texts, end
    exclusive. Stages add the rest: `negated_nouns` are the offsets of nouns behind a negating prefix, inside
    one morpheme with it; `inflected_ends` are, for each row, the end of the verbal endings behind it.
    """

    lexemes: Int32Array
    starts: Int64Array
    ends: Int64Array
    negated_nouns: Int64Array = field(default_factory=_no_offsets)
    inflected_ends: Int64Array | None = None

    @classmethod
    def one(cls, lexeme: int, start: int, end: int) -> Morphemes:
        """A single morpheme."""
        return cls(np.array([lexeme], np.int32), np.array([start]), np.array([end]))

    @classmethod
    def joined(cls, pieces: Sequence[Morphemes]) -> Morphemes:
        """Neighbouring pieces in one, without what stages added."""
        return cls(
            np.concatenate([piece.lexemes for piece in pieces]),
            np.concatenate([piece.starts for piece in pieces]),
            np.concatenate([piece.ends for piece in pieces]),
        )

    def rows(self, first: int, stop: int) -> Morphemes:
        """Some rows, without what stages added."""
        return Morphemes(self.lexemes[first:stop], self.starts[first:stop], self.ends[first:stop])

    def touching(self) -> BoolArray:
        """Whether each row but the last is directly before the next one."""
        touching: BoolArray = self.ends[:-1] == self.starts[1:]
        return touching

    def merge(self, first: Int64Array, last: Int64Array, lexemes: Sequence[int]) -> Morphemes:
        """Replace each run of rows `first` to `last` (inclusive) by one row with the lexeme given for it."""
        depth = np.zeros(len(self.lexemes) + 1, np.int64)
        np.add.at(depth, first + 1, 1)
        np.add.at(depth, last + 1, -1)
        keep = np.cumsum(depth[:-1]) == 0
        merged_lexemes, merged_ends = self.lexemes.copy(), self.ends.copy()
        merged_lexemes[first] = lexemes
        merged_ends[first] = self.ends[last]
        return replace(self, lexemes=merged_lexemes[keep], starts=self.starts[keep], ends=merged_ends[keep])


def tag_texts(texts: JoinedTexts, tagger: Tagger, lexicon: Lexicon) -> Morphemes:
    """The morphemes of the texts as the tagger sees them. Each text is tagged alone."""
    ids: list[int] = []
    for text in texts.texts:
        for lines in tagger.parse(text.text):
            ids.extend(lexicon.ids(lines))
    lexemes = np.array(ids, np.int32)
    # Taggers drop white space and nothing else: the surfaces, joined, are the visible characters.
    visible = ((texts.codes != ord(" ")) & (texts.codes != ord("\n"))).nonzero()[0]
    lengths = lexicon.lengths(lexemes).astype(np.int64)
    ends = lengths.cumsum()
    if int(lengths.sum()) != len(visible):
        raise AssertionError(f"the surfaces of {tagger.name} do not spell the text")
    return Morphemes(lexemes, visible[ends - lengths], visible[ends - 1] + 1)


def tag_piece(text: str, start: int, end: int, tagger: Tagger, lexicon: Lexicon) -> Morphemes:
    """The morphemes of text[start:end], a piece of a word without white space, which may be empty."""
    ids: list[int] = []
    for lines in tagger.parse(text[start:end]) if start < end else ():
        ids.extend(lexicon.ids(lines))
    lexemes = np.array(ids, np.int32)
    lengths = lexicon.lengths(lexemes).astype(np.int64)
    ends = start + lengths.cumsum()
    return Morphemes(lexemes, ends - lengths, ends)
