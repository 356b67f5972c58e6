"""Kiwi, which knows its offsets."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from kiwipiepy import Kiwi

from indexer.analysis.taggers.alignment import lines_of
from indexer.analysis.taggers.chunks import cut
from indexer.analysis.taggers.tags import KIWI

MAX_CHUNK_CHARS = 4_096


class KiwiTagger:
    """Morphemes by Kiwi with its own model."""

    name = "kiwi"

    def __init__(self) -> None:
        # One thread: indexing has a process for every core already.
        self._kiwi = Kiwi(num_workers=1)

    @property
    def dictionary(self) -> str:
        """Version of Kiwi and of its model."""
        return f"kiwipiepy {version('kiwipiepy')}, model {version('kiwipiepy_model')}"

    def parse(self, text: str) -> Iterator[list[str]]:
        """Lines of Kiwi's morphemes, in one run a chunk."""
        for chunk in cut(text, MAX_CHUNK_CHARS):
            places: list[int] = []  # of each character, among the visible ones
            seen = 0
            for char in chunk:
                places.append(seen)
                seen += char not in " \n"
            places.append(seen)
            tokens = self._kiwi.tokenize(chunk, normalize_coda=False)
            morphemes = [(token.form, KIWI.get(token.tag, token.tag)) for token in tokens]
            spans = [
                (places[token.start], places[token.start + token.len]) if token.len else None
                for token in tokens
            ]
            yield lines_of(chunk.replace(" ", "").replace("\n", ""), morphemes, spans)

    def ways(self, word: str, limit: int) -> list[list[str]]:  # noqa: ARG002 - there is one
        """The one way that `parse` gives: Kiwi's others are not comparable."""
        return [[line for lines in self.parse(word) for line in lines]]

    def close(self) -> None:
        """Nothing runs beside."""
