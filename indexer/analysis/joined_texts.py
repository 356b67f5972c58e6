"""Many texts laid end to end, so that array operations see all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.text.arrays import Int32Array, Int64Array, code_points
from indexer.text.normalize import NormalizedText


class JoinedTexts:
    """Normalized texts, joined by line feeds, with the way back to each text's original characters.

    `starts` has the offset of each text, and one entry more: where the next text would start.
    """

    def __init__(self, texts: Sequence[NormalizedText]) -> None:
        self.texts = texts
        self.text = "\n".join(text.text for text in texts)
        self.codes = code_points(self.text)
        lengths = np.fromiter((len(text.text) + 1 for text in texts), np.int64, len(texts))
        self.starts = np.zeros(len(texts) + 1, np.int64)
        lengths.cumsum(out=self.starts[1:])

    def bounds(self, starts: Int64Array) -> Int64Array:
        """Which rows belong to which text, for rows by ascending start: those of text i are bounds[i] to
        bounds[i + 1].
        """
        return starts.searchsorted(self.starts).astype(np.int64)

    def to_original(
        self, starts: Int64Array, ends: Int64Array, bounds: Int64Array
    ) -> tuple[Int32Array, Int32Array]:
        """Spans of the joined text as spans of each original text. `bounds` are those of the rows."""
        origins = self.starts[:-1].repeat(bounds[1:] - bounds[:-1])
        local_starts, local_ends = (starts - origins).astype(np.int32), (ends - origins).astype(np.int32)
        for index, text in enumerate(self.texts):
            if text.starts is not None:
                rows = slice(bounds[index], bounds[index + 1])
                local_starts[rows], local_ends[rows] = text.to_original(local_starts[rows], local_ends[rows])
        return local_starts, local_ends

    @staticmethod
    def positions_by_text(positions: Int64Array, bounds: Int64Array) -> Int32Array:
        """Positions through all texts as positions that begin at 0 in each text."""
        counts = bounds[1:] - bounds[:-1]
        filled = counts > 0
        firsts = positions[bounds[:-1][filled]]
        local: Int32Array = (positions - firsts.repeat(counts[filled])).astype(np.int32)
        return local
