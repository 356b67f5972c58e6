"""Precision as numbers: how many of the releases that a word finds hold it as a word, and how many it misses.

No one has to judge: a release is right where the word stands between borders of morphemes, or of the parts of
the dictionary's compounds, begins with neither particle, ending nor suffix and ends with no particle, as the
analyzer cuts the text. It is wrong where its letters are there, but only inside other words (여주 in
보여주는). What is found by another form or spelling is neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis import Analyzer, Morpheme, normalize
from indexer.engine import Node, Plan, Reader, exact_run
from indexer.errors import SourceError
from indexer.schema import TEXT_FIELDS
from indexer.search.query import parse_query
from indexer.search.words import IndexTerms, read_words
from indexer.synonyms import Synonyms


@dataclass(frozen=True, slots=True)
class WordPrecision:
    """Of the releases that a word finds, how many hold it only inside other words; and how many hold it as a
    word, whether found or `missed`.
    """

    word: str
    found: int
    wrong: int
    right: int
    missed: int


def read_list(given: str) -> list[str]:
    """The words of a file, one a line, # begins a comment; or those that are given, parted by commas or
    spaces. Raises SourceError where there are none.
    """
    path = Path(given)
    try:
        text = path.read_text("utf-8") if path.is_file() else given.replace(",", "\n").replace(" ", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} 파일을 읽을 수 없습니다({error}).", "UTF-8로 저장하세요.") from error
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    words = list(dict.fromkeys(normalize(line).text for line in lines if line))
    if not words:
        raise SourceError(
            f"{given}에 낱말이 없습니다.", "낱말을 쉼표로 잇거나 한 줄에 하나씩 쓴 파일을 지정하세요."
        )
    return words


def measure_precision(reader: Reader, analyzer: Analyzer, words: Iterable[str]) -> list[WordPrecision]:
    """Ask the index of each word. Synonyms are left out."""
    judge = _Judge(reader, analyzer)
    return [judge.measure(word) for word in words]


class _Judge:
    """Remembers the releases it has looked at: words share them."""

    def __init__(self, reader: Reader, analyzer: Analyzer) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._terms = IndexTerms(reader.values, lambda node: len(self._find(node)))

    def measure(self, word: str) -> WordPrecision:
        tree = read_words(parse_query(word), self._analyzer, Synonyms(), self._terms)
        found = self._find(tree.node)
        verdicts = {release_id: self._judge(release_id, word) for release_id in self._find(exact_run(word))}
        right = {release_id for release_id, stands in verdicts.items() if stands}
        wrong = {release_id for release_id, stands in verdicts.items() if stands is False}
        return WordPrecision(word, len(found), len(found & wrong), len(right), len(right - found))

    def _find(self, node: Node) -> set[str]:
        plan = Plan(query=node, sort="newest", limit=self._reader.generation.documents)
        return {scored.id for scored in self._reader.search(plan).page}

    def _judge(self, release_id: str, word: str) -> bool | None:
        """Whether a word stands as one in a release; None where its letters do not stand together."""
        release = self._reader.release(release_id)
        assert release is not None
        texts = [normalize(field.read(release)).text for field in TEXT_FIELDS]
        holding = [text for text in texts if word in text]
        if not holding:
            return None
        return any(stands_in(text, word, self._analyzer.morphemes(text)) for text in holding)


def stands_in(text: str, word: str, morphemes: Sequence[Morpheme]) -> bool:
    """Whether a word stands somewhere in a text in normal form between the borders of its morphemes."""
    starts = {morpheme.start for morpheme in morphemes if morpheme.may_begin}
    ends = {morpheme.end for morpheme in morphemes if morpheme.may_end}
    place = text.find(word)
    while place >= 0:
        if place in starts and place + len(word) in ends:
            return True
        place = text.find(word, place + 1)
    return False
