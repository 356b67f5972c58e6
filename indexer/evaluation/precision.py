"""Measures precision: how many of the releases that a word finds have it as a word, and how many it misses.

The analyzer judges. A release is right if the word stands somewhere between borders of morphemes, or of the
parts of compounds in the dictionary; if it does not begin with a particle, an ending or a suffix; and if it
does not end with a particle. A release is wrong if it has the letters of the word only inside other words
(여주 in 보여주는). A release that was found by another form or spelling is neither.
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
from indexer.search.compile import compile_query
from indexer.search.index_terms import IndexTerms
from indexer.search.parser import parse_query
from indexer.text.normalize import normalize


@dataclass(frozen=True, slots=True)
class WordPrecision:
    """Counts of releases. `found`: those that a word finds; `wrong`: those of them that have it only inside
    other words. `right`: those of the whole index that have it as a word; `missed`: those of them not found.
    """

    word: str
    found: int
    wrong: int
    right: int
    missed: int


def read_list(given: str) -> list[str]:
    """The words in a file with this path, one in a line, with comments after #; if there is no such file, the
    words that `given` lists with commas or spaces. They are in normal form, without duplicates.

    Raises SourceError if there are no words or the file cannot be read.
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
    """Ask the index for each word, without synonyms. Each release is analysed once for all words."""

    def find(node: Node) -> set[str]:
        search = Search(query=node, sort="newest", limit=snapshot.info.documents)
        return {doc.id for doc in snapshot.search(search).docs}

    terms = IndexTerms(snapshot, snapshot.count)
    found = [find(compile_query(parse_query(word), analyzer, Synonyms(), terms).node) for word in words]
    indexes_by_release: dict[str, list[int]] = {}
    for index, word in enumerate(words):
        for release_id in find(exact_text(word)):
            indexes_by_release.setdefault(release_id, []).append(index)
    right: list[set[str]] = [set() for _ in words]
    wrong: list[set[str]] = [set() for _ in words]
    for release_id, indexes in indexes_by_release.items():
        words_to_judge = {index: words[index] for index in indexes}
        for index, is_word in _judge(snapshot, analyzer, release_id, words_to_judge):
            (right if is_word else wrong)[index].add(release_id)
    return [
        WordPrecision(
            word,
            found=len(found[index]),
            wrong=len(found[index] & wrong[index]),
            right=len(right[index]),
            missed=len(right[index] - found[index]),
        )
        for index, word in enumerate(words)
    ]


def _judge(
    snapshot: Snapshot, analyzer: Analyzer, release_id: str, words: Mapping[int, str]
) -> Iterator[tuple[int, bool]]:
    """For each word whose letters a text of the release has together, its index and whether it is a word
    there.
    """
    release = find_release(snapshot, release_id)
    assert release is not None
    texts = [normalize(field.read(release)).text for field in TEXT_FIELDS]
    morphemes = [analyzer.morphemes(text) for text in texts]
    for index, word in words.items():
        with_word = [(text, of_text) for text, of_text in zip(texts, morphemes, strict=True) if word in text]
        if with_word:
            yield index, any(stands_in(text, word, of_text) for text, of_text in with_word)


def stands_in(text: str, word: str, morphemes: Sequence[Morpheme]) -> bool:
    """Whether a word stands somewhere in a text between borders of its morphemes. Both are in normal form."""
    starts = {morpheme.start for morpheme in morphemes if morpheme.may_begin}
    ends = {morpheme.end for morpheme in morphemes if morpheme.may_end}
    start = text.find(word)
    while start >= 0:
        if start in starts and start + len(word) in ends:
            return True
        start = text.find(word, start + 1)
    return False
