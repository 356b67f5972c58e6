"""What analysis gives: tokens, in columns for machines and one by one for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Token:
    """A term and where it stands: `start` and `end` are character offsets into the original text, end
    exclusive; `position` counts content morphemes from 0. A compound shares the position of its first part.
    """

    term: str
    start: int
    end: int
    position: int
    tag: str


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The tokens of many texts, one row a token, ordered by text and then by start.

    `bounds` has one entry more than there are texts: the tokens of text i are rows bounds[i] to
    bounds[i + 1]. `terms` and `tags` are ids into `vocabulary` and `tag_names`.
    """

    terms: IntArray
    starts: IntArray
    ends: IntArray
    positions: IntArray
    tags: IntArray
    bounds: NDArray[np.int64]
    vocabulary: Sequence[str]
    tag_names: Sequence[str]

    def tokens(self, text: int) -> Iterator[Token]:
        """The tokens of one text, in order."""
        for row in range(int(self.bounds[text]), int(self.bounds[text + 1])):
            yield Token(
                self.vocabulary[self.terms[row]],
                int(self.starts[row]),
                int(self.ends[row]),
                int(self.positions[row]),
                self.tag_names[self.tags[row]],
            )
