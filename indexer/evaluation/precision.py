"""Precision as numbers: how many of the releases that a word finds hold it as a word, and how many it misses.

No one has to judge: a release is right where the word stands between borders of morphemes, or of the parts of
the dictionary's compounds, begins with neither particle, ending nor suffix and ends with no particle, as the
analyzer cuts the text. It is wrong where its letters are there, but only inside other words (여주 in
보여주는). What is found by another form or spelling is neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis import Analyzer, Morpheme
from indexer.curation.synonyms import Synonyms
from indexer.engine import Node, Search, Snapshot, exact_text, find_release
from indexer.errors import SourceError
from indexer.schema import TEXT_FIELDS
from indexer.search.compile import IndexTerms, compile_query
from indexer.search.parser import parse_query
from indexer.text.normalize import normalize


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


def measure_precision(snapshot: Snapshot, analyzer: Analyzer, words: Sequence[str]) -> list[WordPrecision]:
    """Ask the index of each word. Synonyms are left out. Each release is cut once, whatever it holds."""

    def find(node: Node) -> set[str]:
        search = Search(query=node, sort="newest", limit=snapshot.info.documents)
        return {doc.id for doc in snapshot.search(search).docs}

    terms = IndexTerms(snapshot, lambda node: len(find(node)))
    found = [find(compile_query(parse_query(word), analyzer, Synonyms(), terms).node) for word in words]
    holding: dict[str, list[int]] = {}
    for number, word in enumerate(words):
        for release_id in find(exact_text(word)):
            holding.setdefault(release_id, []).append(number)
    right: list[set[str]] = [set() for _ in words]
    wrong: list[set[str]] = [set() for _ in words]
    for release_id, numbers in holding.items():
        for number, stands in _judge(snapshot, analyzer, release_id, {n: words[n] for n in numbers}):
            (right if stands else wrong)[number].add(release_id)
    return [
        WordPrecision(word, len(own), len(own & bad), len(good), len(good - own))
        for word, own, good, bad in zip(words, found, right, wrong, strict=True)
    ]


def _judge(
    snapshot: Snapshot, analyzer: Analyzer, release_id: str, words: Mapping[int, str]
) -> Iterator[tuple[int, bool]]:
    """Whether each word stands as one in a release; nothing of those whose letters do not stand together."""
    release = find_release(snapshot, release_id)
    assert release is not None
    texts = [normalize(field.read(release)).text for field in TEXT_FIELDS]
    cut = [analyzer.morphemes(text) for text in texts]
    for number, word in words.items():
        holding = [(text, own) for text, own in zip(texts, cut, strict=True) if word in text]
        if holding:
            yield number, any(stands_in(text, word, own) for text, own in holding)


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
