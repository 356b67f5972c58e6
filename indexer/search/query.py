"""What a person typed -> words -> a query tree for the engine.

A space means all words. A word is found by its morphemes, next to each other and in order, or as an
unbroken run of syllables whatever the spaces; synonyms stand beside it. Everything else that is typed is
text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice, product

import numpy as np

from indexer.analysis import Analyzer, Token, find_syllables, normalize
from indexer.engine import And, Node, Or, Phrase, Run, ScoringTerm, Term
from indexer.search.ranking import scoring_terms
from indexer.synonyms import Synonyms

_WORD = re.compile(r"\S+")
# A compound whose parts have several readings multiplies; past this the rest is left out.
_MAX_READINGS = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which a word may be found. `by` is what `Matched.by` says of it."""

    node: Node
    by: str


@dataclass(frozen=True, slots=True)
class QueryWord:
    """One word as typed, or several that have a synonym together, and the ways to find it."""

    text: str
    readings: tuple[Reading, ...]
    synonyms: tuple[str, ...] = ()

    @property
    def node(self) -> Node:
        """The tree of all readings."""
        return _any_of([reading.node for reading in self.readings])


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The words that are searched; words without a letter or digit are not among them."""

    raw: str
    words: tuple[QueryWord, ...]
    scoring: tuple[ScoringTerm, ...] = field(default=())

    @property
    def node(self) -> Node:
        """The tree of the whole query; with no words, one that finds nothing."""
        return And(tuple(word.node for word in self.words)) if self.words else Or(())

    @property
    def effective(self) -> str:
        """The words that are searched, as typed."""
        return " ".join(word.text for word in self.words)

    def __str__(self) -> str:
        """The canonical string: the same for every spelling that is read alike."""
        return normalize(self.effective).text


def parse_query(text: str, analyzer: Analyzer, synonyms: Synonyms) -> ParsedQuery:
    """Read a query. Raises AnalysisError where it holds a lone surrogate."""
    # The whole query is analysed at once: a word's neighbours help the analyzer to read it.
    tokens = analyzer.tokens(text)
    words: list[QueryWord] = []
    others: list[str] = []
    typed = [match for match in _WORD.finditer(text) if _syllables(match.group())[0]]
    while typed:
        count, found = _longest_synonym([match.group() for match in typed], synonyms)
        own = typed[:count]
        readings = tuple(_read(match.group(), _inside(tokens, match.start(), match.end())) for match in own)
        words.append(_with_synonyms(text[own[0].start() : own[-1].end()], readings, found, analyzer))
        others += found
        del typed[:count]
    return ParsedQuery(text, tuple(words), scoring_terms(analyzer, " ".join([text, *others])))


def _longest_synonym(words: Sequence[str], synonyms: Synonyms) -> tuple[int, list[str]]:
    """How many of the first words have synonyms together, and these; 1 and none where none have."""
    for count in range(min(len(words), 8), 0, -1):
        if found := synonyms.find(list(words[:count])):
            return count, found
    return 1, []


def _with_synonyms(
    text: str, readings: Sequence[tuple[Reading, ...]], others: Sequence[str], analyzer: Analyzer
) -> QueryWord:
    """A word of the query with what else it may be called."""
    if not others:
        return QueryWord(text, readings[0])
    own = [Reading(_all_of([_any_of([reading.node for reading in word]) for word in readings]), "morpheme")]
    if len(readings) == 1:
        own = list(readings[0])
    for other in others:
        nodes = [
            _any_of([reading.node for reading in _read(word, analyzer.tokens(word))])
            for word in other.split()
        ]
        own.append(Reading(_all_of(nodes), "synonym"))
    return QueryWord(text, tuple(own), tuple(others))


def _read(word: str, tokens: Sequence[Token]) -> tuple[Reading, ...]:
    readings = []
    if tokens:
        readings.append(Reading(_morpheme_node(tokens), "morpheme"))
    syllables, unbroken = _syllables(word)
    if unbroken:
        readings.append(Reading(Run(syllables), "run"))
    return tuple(readings) or (Reading(Or(()), "run"),)


def _inside(tokens: Sequence[Token], start: int, end: int) -> list[Token]:
    return [token for token in tokens if start <= token.start and token.end <= end]


def _syllables(word: str) -> tuple[str, bool]:
    """The letters and digits of a word, and whether they are one run."""
    normal = normalize(word).text
    places, positions = find_syllables(np.frombuffer(normal.encode("utf-32-le"), np.uint32))
    return "".join(normal[place] for place in places), bool(len(places)) and int(positions[-1]) == len(
        places
    ) - 1


def _morpheme_node(tokens: Sequence[Token]) -> Node:
    finest = [token for token in tokens if not any(_contains(token, other) for other in tokens)]
    readings = [
        tuple(dict.fromkeys(token.term for token in same))
        for _, same in groupby(finest, key=lambda token: token.position)
    ]
    nodes: list[Node] = [
        Term(terms[0]) if len(terms) == 1 else Phrase(terms)
        for terms in islice(product(*readings), _MAX_READINGS)
    ]
    # A word that is one compound of the dictionary: its parts, or itself.
    nodes += [
        Term(token.term)
        for token in tokens
        if len(tokens) > 1 and all(_contains(token, other) for other in tokens if other is not token)
    ]
    return _any_of(nodes)


def _any_of(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _all_of(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _contains(outer: Token, inner: Token) -> bool:
    """Whether `inner` is a proper part of `outer`."""
    return (
        outer.start <= inner.start
        and inner.end <= outer.end
        and (outer.end - outer.start) > (inner.end - inner.start)
    )
