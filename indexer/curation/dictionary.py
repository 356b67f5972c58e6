"""The user dictionary: words that a person knows and the analyzer does not.

    # 한 줄에 한 낱말. 품사와 부분은 없어도 됩니다.
    에어팟
    다쏘시스템  NNP  다쏘+시스템

They go before whatever the analyzer says, the longest first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from indexer.curation.lines import LineProblem, parse_lines
from indexer.text.normalize import normalize
from indexer.text.tags import CONTENT_TAGS, DEFAULT_TAG

MAX_WORD_CHARS = 40
# A word of so many characters is taken wherever it stands, a shorter one only where a morpheme begins:
# 시장 is no word in 도시장애인.
ANYWHERE_MIN_CHARS = 3


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """A word in normal form, its tag, and its parts, which together spell it; () where it has none."""

    word: str
    tag: str = DEFAULT_TAG
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The entry as a line of the file."""
        fields = [self.word]
        if self.tag != DEFAULT_TAG or self.parts:
            fields.append(self.tag)
        if self.parts:
            fields.append("+".join(self.parts))
        return "  ".join(fields)


class Dictionary:
    """The entries by word. `text` is where they were read from. A bad line is named in `problems` and
    skipped.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.entries: dict[str, DictionaryEntry] = {}
        self.problems: list[LineProblem] = parse_lines(text, self._add)
        self._words = list(self.entries)
        self._automaton = (
            AhoCorasick(self._words, matchkind=MatchKind.LeftmostLongest) if self._words else None
        )

    def _add(self, line: str) -> None:
        entry = read_entry(line)
        if entry.word in self.entries:
            raise ValueError(f"같은 낱말이 앞에 있습니다: {entry.word}")
        self.entries[entry.word] = entry

    @property
    def digest(self) -> str:
        """A short hash of the entries, whatever their order and comments; '' where there are none."""
        if not self.entries:
            return ""
        lines = "\n".join(sorted(str(entry) for entry in self.entries.values()))
        return hashlib.sha256(lines.encode()).hexdigest()[:12]

    def text_with(self, entry: DictionaryEntry) -> str:
        """The text with one more entry at its end."""
        before = self.text if not self.text or self.text.endswith("\n") else self.text + "\n"
        return f"{before}{entry}\n"

    def text_without(self, word: str) -> str:
        """The text without the lines of a word in normal form; comments and all other lines stay."""
        return "\n".join(line for line in self.text.split("\n") if word not in Dictionary(line).entries)

    def find(self, text: str) -> Iterator[tuple[int, int, DictionaryEntry]]:
        """The entries in a normalized text as (start, end, entry), end exclusive. Of those that overlap it
        takes the one that begins first, of those that begin together the longest.
        """
        if self._automaton is None:
            return
        for index, start, end in self._automaton.find_matches_as_indexes(text):
            yield start, end, self.entries[self._words[index]]

    def occurs_in(self, text: str) -> bool:
        """Whether a text, which need not be normalized, has any word of the dictionary."""
        return next(self.find(normalize(text).text), None) is not None

    def changed_words(self, other: Dictionary) -> set[str]:
        """The words that only one of the two dictionaries has, or that have different entries."""
        words = self.entries.keys() | other.entries.keys()
        return {word for word in words if self.entries.get(word) != other.entries.get(word)}


def read_entry(content: str) -> DictionaryEntry:
    """Read a line without its comment. Raises ValueError, in Korean, for a line that is no entry, and
    AnalysisError for one that is no valid Unicode.
    """
    fields = content.split()
    if len(fields) > 3:
        raise ValueError("한 줄에는 낱말, 품사, 부분만 씁니다. 낱말 안에는 빈칸을 쓸 수 없습니다.")
    word = normalize(fields[0]).text
    tag = fields[1].upper() if len(fields) > 1 else DEFAULT_TAG
    if not word or not all(char.isalnum() for char in word):
        raise ValueError(f"낱말에는 글자와 숫자만 쓸 수 있습니다: {fields[0]}")
    if not 2 <= len(word) <= MAX_WORD_CHARS:
        raise ValueError(f"낱말은 2자에서 {MAX_WORD_CHARS}자까지입니다: {fields[0]}")
    if tag not in CONTENT_TAGS:
        raise ValueError(f"모르는 품사입니다: {fields[1]} (쓸 수 있는 것: {', '.join(sorted(CONTENT_TAGS))})")
    parts = tuple(normalize(part).text for part in fields[2].split("+")) if len(fields) > 2 else ()
    if parts and ("".join(parts) != word or len(parts) < 2 or not all(parts)):
        raise ValueError(f"부분을 이으면 낱말이 되어야 합니다: {fields[2]}")
    return DictionaryEntry(word, tag, parts)
