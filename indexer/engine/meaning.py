"""The definition of each node, for one release at a time, in plain Python.

The contract tests compare every engine with it. `engines/memory.py` searches with it, and `indexer.search`
uses it for what an engine cannot do (`capabilities`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

from indexer.analysis import Analyzer, Token
from indexer.analysis.letters import is_digit, letter_and_digit_offsets
from indexer.engine.capabilities import Span
from indexer.engine.query import (
    And,
    DateRange,
    FacetIn,
    Ids,
    NgramPhrase,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
    TextNode,
)
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS
from indexer.text.normalize import normalize

# Characters of a text field: start and end, end exclusive.
Range = tuple[int, int]
# How many matches of a node in one text are marked. A choice: snippets show a few, and a text may be one
# phrase over and over.
MAX_MATCHES = 300


@dataclass(frozen=True)
class AnalysedText:
    """A text field and its two token streams, in order. There is a bigram for each letter or digit. The last
    bigram has no second character.
    """

    text: str
    morphemes: Sequence[Token]
    bigrams: Sequence[Token]

    @cached_property
    def finest(self) -> Mapping[int, Range]:
        """By position, the range of the finest morpheme: for a compound, that of its first part."""
        return {token.position: (token.start, token.end) for token in self.morphemes}

    def positions_of(self, term: str) -> list[int]:
        """The positions of a morpheme, ascending."""
        return [token.position for token in self.morphemes if token.term == term]

    def positions_with_prefix(self, prefix: str) -> list[int]:
        """The positions of morphemes that begin with `prefix`, ascending."""
        return [token.position for token in self.morphemes if token.term.startswith(prefix)]

    def boundaries(self, first: int, count: int) -> list[str]:
        """The boundaries of `count` bigrams from number `first` on, drawn (see `BigramBatch.tokens`)."""
        return [token.tag for token in self.bigrams[first : first + count]]

    @cached_property
    def letters(self) -> str:
        """The letters and digits of the text, in normal form."""
        return "".join(token.term[0] for token in self.bigrams)

    @cached_property
    def chars(self) -> Sequence[Range]:
        """The range of each letter and digit in `text`. Several may come from one character (㎞), and one
        from several (NFD).
        """
        normal = normalize(self.text)
        indexes = letter_and_digit_offsets(normal.text).tolist()
        if normal.starts is None or normal.ends is None:
            return [(index, index + 1) for index in indexes]
        return [(int(normal.starts[index]), int(normal.ends[index])) for index in indexes]


@dataclass(frozen=True)
class AnalysedRelease:
    """A release and its text fields by name, in the order of `schema.TEXT_FIELDS`."""

    release: PressRelease
    fields: Mapping[str, AnalysedText]


def analyse(releases: Sequence[PressRelease], analyzer: Analyzer) -> list[AnalysedRelease]:
    """Releases with their tokens. Raises AnalysisError if a text holds a lone surrogate."""
    texts = [field.read(release) for release in releases for field in TEXT_FIELDS]
    analysed = analyzer.analyze(texts)
    fields = [
        AnalysedText(text, list(analysed.morphemes.tokens(index)), list(analysed.bigrams.tokens(index)))
        for index, text in enumerate(texts)
    ]
    names = [field.name for field in TEXT_FIELDS]
    return [
        AnalysedRelease(release, dict(zip(names, fields[first : first + len(names)], strict=True)))
        for release, first in zip(releases, range(0, len(fields), len(names)), strict=True)
    ]


def matches(node: Node, analysed: AnalysedRelease) -> bool:
    """Whether a release matches a node. For facets, dates and ids its fields are not needed."""
    release = analysed.release
    match node:
        case Term() | Phrase() | NgramPhrase() | Prefix():
            fields = analysed.fields
            return any(
                next(_ranges(node, text), None) is not None
                for name, text in fields.items()
                if node.field in ("", name)
            )
        case Ids(ids):
            return release.id in ids
        case FacetIn(facet, values):
            return FACETS[facet].read(release) in values
        case DateRange(start, before):
            at = release.published_at
            if at is None:
                return start is None and before is None
            return (start is None or start <= at) and (before is None or at < before)
        case And(nodes):
            return all(matches(child, analysed) for child in nodes)
        case Or(nodes):
            return any(matches(child, analysed) for child in nodes)
        case Not(child):
            return not matches(child, analysed)


def find_spans(nodes: Sequence[Node], analysed: AnalysedRelease) -> list[Span]:
    """The spans that are marked for each of `nodes`, without duplicates, sorted by field name, start, end and
    node.

    A text node has spans exactly if it matches. `And` and `Or` have those of all their text nodes, even if an
    `And` does not match; `Not`, ids, facets and dates have none. Each morpheme of a phrase is a span of its
    own, so that a particle between two morphemes is not marked.
    """
    spans = {
        Span(name, start, end, index)
        for index, node in enumerate(nodes)
        for leaf in _text_nodes(node)
        for name, text in analysed.fields.items()
        if leaf.field in ("", name)
        for ranges in islice(_ranges(leaf, text), MAX_MATCHES)
        for start, end in ranges
    }
    return sorted(spans)


def _text_nodes(node: Node) -> Iterator[TextNode]:
    match node:
        case Term() | Phrase() | NgramPhrase() | Prefix():
            yield node
        case And(nodes) | Or(nodes):
            for child in nodes:
                yield from _text_nodes(child)
        case Not() | Ids() | FacetIn() | DateRange():
            return


def _ranges(node: TextNode, text: AnalysedText) -> Iterator[Iterable[Range]]:
    """The matches of a node in a text, each as the ranges that it marks."""
    match node:
        case Term(term):
            for position in text.positions_of(term):
                yield [text.finest[position]]
        case Phrase(terms):
            positions = [set(text.positions_of(term)) for term in terms]
            for first in sorted(positions[0]):
                if all(first + step in of_term for step, of_term in enumerate(positions)):
                    yield [text.finest[first + step] for step in range(len(terms))]
        case NgramPhrase():
            yield from _ngram_ranges(node, text)
        case Prefix(prefix, field):
            for position in text.positions_with_prefix(prefix):
                yield [text.finest[position]]
            yield from _ngram_ranges(NgramPhrase(prefix, field, "begin"), text)


def _ngram_ranges(phrase: NgramPhrase, text: AnalysedText) -> Iterator[Iterable[Range]]:
    length = len(phrase.chars)
    letters = text.letters
    first = letters.find(phrase.chars)
    while first >= 0:
        if _fits(phrase, text.boundaries(first, max(length - 1, 1))):
            yield [(text.chars[first][0], text.chars[first + length - 1][1])]
        first = letters.find(phrase.chars, first + 1)


def _fits(phrase: NgramPhrase, boundaries: Sequence[str]) -> bool:
    """Whether bigrams that have the characters of a phrase have its borders and breaks too."""
    is_broken = ["/" in drawn for drawn in boundaries]
    if phrase.borders == "none":
        in_number = [is_digit(first) and is_digit(second) for first, second in pairwise(phrase.chars)]
        return all(
            is_broken[index] == (index in phrase.breaks)
            for index, are_digits in enumerate(in_number)
            if are_digits
        )
    begin, end = boundaries[0][0], boundaries[-1][-1]
    if begin == "!" or any(is_broken):
        return False
    begins, closes, ends = begin == "|", end == "|", end in "|:"
    if phrase.chars[-1].isascii() and not ends and phrase.borders != "begin":
        return False
    match phrase.borders:
        case "both":
            return begins and closes
        case "form":
            return begins and ends
        case "begin":
            return begins
        case "either":
            return begins or closes
