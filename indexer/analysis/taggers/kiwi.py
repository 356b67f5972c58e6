"""Kiwi, which gives the offsets of its morphemes."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from itertools import accumulate

from kiwipiepy import Kiwi

from indexer.analysis.taggers.alignment import lines_of
from indexer.analysis.taggers.chunks import split_text
from indexer.analysis.taggers.tags import KIWI

# The same as for MeCab, not measured for Kiwi.
MAX_CHUNK_CHARS = 4_096


class KiwiTagger:
    """Morphemes by Kiwi with its own model."""

    name = "kiwi"

    def __init__(self) -> None:
        # One thread, as indexing has a process for every core already.
        self._kiwi = Kiwi(num_workers=1)

    @property
    def dictionary(self) -> str:
        """Version of Kiwi and of its model."""
        return f"kiwipiepy {version('kiwipiepy')}, model {version('kiwipiepy_model')}"

    def parse(self, text: str) -> Iterator[list[str]]:
        """Kiwi's morphemes as lines, a list for each chunk."""
        for chunk in split_text(text, MAX_CHUNK_CHARS):
            # The offset of each character, and of the end, among the visible characters.
            visible = [0, *accumulate(char not in " \n" for char in chunk)]
            tokens = self._kiwi.tokenize(chunk, normalize_coda=False)
            morphemes = [(token.form, KIWI.get(token.tag, token.tag)) for token in tokens]
            spans = [
                (visible[token.start], visible[token.start + token.len]) if token.len else None
                for token in tokens
            ]
            yield lines_of(chunk.replace(" ", "").replace("\n", ""), morphemes, spans)

    def n_best(self, word: str, limit: int) -> list[list[str]]:  # noqa: ARG002 - there is one
        """The one path of `parse`: scores of Kiwi's others cannot be compared with it."""
        return [[line for lines in self.parse(word) for line in lines]]

    def close(self) -> None:
        """Nothing to end."""
