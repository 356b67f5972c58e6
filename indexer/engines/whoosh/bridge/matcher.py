"""Whoosh's view of the postings of a term."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from whoosh.formats import Format
from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.scoring import BaseScorer

from indexer.engines.shared.arrays import Int64Array


class ArrayMatcher(LeafMatcher):
    """The postings of one term."""

    def __init__(
        self,
        term: tuple[str, bytes],
        docs: Int64Array,
        freqs: Int64Array,
        positions: list[Int64Array] | None,
        format_: Format,
        scorer: BaseScorer | None,
        index: int = 0,
    ) -> None:
        self._term = term
        self._docs = docs
        self._freqs = freqs
        self._positions = positions
        self.format = format_
        self.scorer = scorer
        self._index = index

    def is_active(self) -> bool:
        """Whether there is a current posting."""
        return self._index < len(self._docs)

    def id(self) -> int:
        """The release of the current posting."""
        return int(self._docs[self._index])

    def next(self) -> bool:
        """Go to the next posting."""
        if not self.is_active():
            raise ReadTooFar
        self._index += 1
        return True

    def skip_to(self, id: int) -> bool:
        """Go to the first posting that is not before a release."""
        if not self.is_active():
            raise ReadTooFar
        self._index = max(self._index, int(np.searchsorted(self._docs, id)))
        return True

    def reset(self) -> None:
        """Go back to the first posting."""
        self._index = 0

    def copy(self) -> ArrayMatcher:
        """Another matcher at the same posting."""
        return ArrayMatcher(
            self._term, self._docs, self._freqs, self._positions, self.format, self.scorer, self._index
        )

    def all_ids(self) -> Iterator[int]:
        """Every release."""
        return iter(self._docs.tolist())

    def weight(self) -> float:
        """How often the term occurs in the current release."""
        return float(self._freqs[self._index])

    def supports(self, astype: str) -> bool:
        """Whether `value_as` knows this kind of value."""
        return (astype == "positions" and self._positions is not None) or astype in ("frequency", "weight")

    def value_as(self, astype: str) -> Any:
        """Positions, or how often the term occurs. Raises NotImplementedError for any other kind."""
        if astype == "positions" and self._positions is not None:
            return self._positions[self._index].tolist()
        if astype == "frequency":
            return int(self._freqs[self._index])
        if astype == "weight":
            return self.weight()
        raise NotImplementedError(astype)

    def supports_block_quality(self) -> bool:
        """No: the one block would be all postings."""
        return False
