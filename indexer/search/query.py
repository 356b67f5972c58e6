"""What a person typed -> words -> a query tree for the engine.

A space means all words. The morphemes of one word must stand next to each other, in order: 독일출장 finds
독일 출장 and not a text with 출장 here and 독일 there. Everything else that is typed is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, islice, product

from indexer.analysis import Analyzer, Token
from indexer.engine import And, Node, Or, Phrase, Term

_WORD = re.compile(r"\S+")
# A compound whose parts have several readings multiplies; past this the rest is left out.
_MAX_READINGS = 8


@dataclass(frozen=True, slots=True)
class QueryWord:
    """One word as typed, and the tree that finds it."""

    text: str
    node: Node

    def terms(self) -> set[str]:
        """Every term of the tree."""
        return _terms(self.node)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The words that are searched; words that analyse to nothing are not among them."""

    raw: str
    words: tuple[QueryWord, ...]

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
        return self.effective.casefold()


def parse_query(text: str, analyzer: Analyzer) -> ParsedQuery:
    """Read a query. Raises AnalysisError where it holds a lone surrogate."""
    # The whole query is analysed at once: a word's neighbours help the analyzer to read it.
    tokens = analyzer.tokens(text)
    words = []
    for match in _WORD.finditer(text):
        own = [token for token in tokens if match.start() <= token.start and token.end <= match.end()]
        if own:
            words.append(QueryWord(match.group(), _word_node(own)))
    return ParsedQuery(text, tuple(words))


def _word_node(tokens: list[Token]) -> Node:
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
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _contains(outer: Token, inner: Token) -> bool:
    """Whether `inner` is a proper part of `outer`."""
    return (
        outer.start <= inner.start
        and inner.end <= outer.end
        and (outer.end - outer.start) > (inner.end - inner.start)
    )


def _terms(node: Node) -> set[str]:
    match node:
        case Term(text):
            return {text}
        case Phrase(terms):
            return set(terms)
        case And(nodes) | Or(nodes):
            return {term for child in nodes for term in _terms(child)}
