"""Clauses of a query -> a tree for the engine, and what its words are worth.

A word is found by its morphemes, next to each other and in order, or as an unbroken run of syllables
whatever the spaces; synonyms stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from itertools import groupby, islice, product

from indexer.analysis import Analysis, Analyzer, Token, normalize, run_of
from indexer.engine import And, Has, Node, Not, Or, Phrase, Prefix, Published, Run, ScoringTerm, Term
from indexer.release import SEOUL
from indexer.search.query import Atom, Beginning, Clause, Dates, Exact, Property, Query, Word
from indexer.search.ranking import LONG_WORD, scoring_terms
from indexer.synonyms import Synonyms

# A compound whose parts have several readings multiplies; past this the rest is left out.
_MAX_READINGS = 8
_MAX_SYNONYM_WORDS = 8
_OWNED = "것"
# Of two syllables it is likelier a noun: 회의, 협의.
_SHORTEST_OWNER = 2


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
        return any_of([reading.node for reading in self.readings])


@dataclass(frozen=True, slots=True)
class SearchTree:
    """What a query asks of the engine: its words, those to be found and marked; what is asked for beside
    words; the tree of everything; what scores; and the morphemes in order, for ranking closely.
    """

    words: tuple[QueryWord, ...]
    conditions: tuple[Node, ...]
    node: Node
    scoring: tuple[ScoringTerm, ...]
    morphemes: tuple[str, ...]

    @property
    def partial(self) -> Node:
        """The tree of releases with any of the words, and whatever else was asked for."""
        return And((Or(tuple(word.node for word in self.words)), *self.conditions))


def read_words(query: Query, analyzer: Analyzer, synonyms: Synonyms, values: FacetValues) -> SearchTree:
    """The tree of a query. Raises AnalysisError where it holds a lone surrogate."""
    return _TreeMaker(query, analyzer, synonyms, values).make()


class FacetValues:
    """The values that facets have, asked for by what a person types of one."""

    def __init__(self, values_of: Callable[[str], Sequence[str]]) -> None:
        self._values_of = values_of

    def matching(self, facet: str, typed: str) -> tuple[str, ...]:
        """The value that is typed, spaces apart; else those that hold it; else none."""
        wanted = _squeeze(typed)
        values = self._values_of(facet)
        if same := tuple(value for value in values if _squeeze(value) == wanted):
            return same
        return tuple(value for value in values if wanted in _squeeze(value))


class _TreeMaker:
    """Analyses all texts of a query at once: a word's neighbours help the analyzer to read it."""

    def __init__(self, query: Query, analyzer: Analyzer, synonyms: Synonyms, values: FacetValues) -> None:
        self._clauses = query.clauses
        self._analyzer = analyzer
        self._synonyms = synonyms
        self._values = values

    def make(self) -> SearchTree:
        groups = list(self._with_synonyms())
        wanted = [atom for clause, _ in groups if not clause.excluded for atom in _texts(clause)]
        unwanted = [atom for clause, _ in groups if clause.excluded for atom in _texts(clause)]
        others = list(dict.fromkeys(other for _, found in groups for other in found))
        # At the end of a text analyzers take the particle 의 for a noun; not with a noun behind it.
        owning = [atom for atom in (*wanted, *unwanted) if _may_end_in_particle(atom)]
        texts = [
            " ".join(atom.text for atom in wanted),
            *(atom.text for atom in unwanted),
            *others,
            *(f"{atom.text} {_OWNED}" for atom in owning),
        ]
        analysed = self._analyzer.analyze(texts)
        self._tokens: dict[int, list[Token]] = {}
        in_order = list(analysed.morphemes.tokens(0))
        offset = 0
        for atom in wanted:
            inside = _inside(in_order, offset, offset + len(atom.text))
            self._tokens[id(atom)] = _if_begun(atom.text, inside, offset)
            offset += len(atom.text) + 1
        for number, atom in enumerate(unwanted, 1):
            self._tokens[id(atom)] = _if_begun(atom.text, list(analysed.morphemes.tokens(number)), 0)
        self._others = {
            other: list(analysed.morphemes.tokens(number))
            for number, other in enumerate(others, 1 + len(unwanted))
        }
        first = len(texts) - len(owning)
        self._owning = {
            id(atom): _inside(list(analysed.morphemes.tokens(number)), 0, len(atom.text))
            for number, atom in enumerate(owning, first)
        }
        return self._build(groups, analysed, [0, *range(1 + len(unwanted), first)], in_order)

    def _build(
        self,
        groups: Sequence[tuple[Clause, list[str]]],
        analysed: Analysis,
        scored: Sequence[int],
        in_order: Sequence[Token],
    ) -> SearchTree:
        words: list[QueryWord] = []
        nodes: list[Node] = []
        conditions: list[Node] = []
        for clause, found in groups:
            if found:
                words.append(self._synonymous(clause, found))
                nodes.append(words[-1].node)
                continue
            own = [(atom, self._node(atom)) for atom in clause.atoms]
            node = any_of([made.node if isinstance(made, QueryWord) else made for _, made in own])
            nodes.append(Not(node) if clause.excluded else node)
            if clause.excluded or not any(isinstance(made, QueryWord) for _, made in own):
                conditions.append(nodes[-1])
            else:
                words += [made for _, made in own if isinstance(made, QueryWord)]
        tree: Node = And(tuple(nodes)) if nodes else Or(())
        if joined := self._joined():
            tree = Or((tree, And((joined, *conditions))))
        return SearchTree(
            tuple(words),
            tuple(conditions),
            tree,
            scoring_terms(analysed, scored),
            morphemes_of(in_order),
        )

    def _joined(self) -> Node | None:
        """All words as one run, where one of them is a single syllable: 비 급여 may be meant to be 비급여."""
        words = [
            clause.atoms[0].text
            for clause in self._clauses
            if not clause.excluded
            and len(clause.atoms) == 1
            and isinstance(clause.atoms[0], Word)
            and _is_free_word(clause.atoms[0])
        ]  # fmt: skip
        runs = [_syllables(word) for word in words]
        if len(words) < 2 or not all(unbroken for _, unbroken in runs):
            return None
        if len(words) < sum(not clause.excluded and bool(_texts(clause)) for clause in self._clauses):
            return None
        short = any(len(run) == 1 and not run.isascii() for run, _ in runs)
        return Run("".join(run for run, _ in runs)) if short else None

    def _with_synonyms(self) -> Iterable[tuple[Clause, list[str]]]:
        """The clauses; words that have a synonym together are one, with what else they may be called."""
        clauses = list(self._clauses)
        while clauses:
            run = []
            for clause in clauses[:_MAX_SYNONYM_WORDS]:
                if clause.excluded or len(clause.atoms) > 1 or not _is_free_word(clause.atoms[0]):
                    break
                run.append(clause.atoms[0])
            for count in range(len(run), 0, -1):
                if found := self._synonyms.find([str(atom) for atom in run[:count]]):
                    yield Clause(tuple(run[:count])), found
                    del clauses[:count]
                    break
            else:
                yield clauses.pop(0), []

    def _node(self, atom: Atom) -> QueryWord | Node:
        match atom:
            case Word(text, _, field):
                readings = _readings(text, self._tokens[id(atom)], field)
                if tokens := self._owning.get(id(atom)):
                    readings = (Reading(_morpheme_node(tokens, field), "morpheme"), *readings)
                return QueryWord(text, readings)
            case Exact(text, normal, field):
                run, _ = _syllables(normal)
                return QueryWord(text, (Reading(Run(run, field, exact=True), "exact"),))
            case Beginning(text, normal, field):
                run, _ = _syllables(normal)
                return QueryWord(text, (Reading(Prefix(run, field), "prefix"),))
            case Property(facet, value):
                return Has(facet, self._values.matching(facet, value))
            case Dates(first, last):
                return published(first, last)

    def _synonymous(self, clause: Clause, others: Sequence[str]) -> QueryWord:
        words = [atom for atom in clause.atoms if isinstance(atom, Word)]
        read = [_readings(atom.text, self._tokens[id(atom)], "") for atom in words]
        if len(read) == 1:
            own = list(read[0])
        else:
            own = [Reading(_all_of([any_of([way.node for way in word]) for word in read]), "morpheme")]
        for other in others:
            tokens = self._others[other]
            nodes, offset = [], 0
            for word in other.split():
                offset = other.index(word, offset)
                inside = _inside(tokens, offset, offset + len(word))
                nodes.append(any_of([way.node for way in _readings(word, inside, "")]))
                offset += len(word)
            own.append(Reading(_all_of(nodes), "synonym"))
        return QueryWord(" ".join(atom.text for atom in words), tuple(own), tuple(others))


def published(first: date | None, last: date | None) -> Published:
    """The bounds of days in Asia/Seoul, both inclusive."""
    return Published(_midnight(first), _midnight(last, days_later=1))


def any_of(nodes: Sequence[Node]) -> Node:
    """Any of these."""
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _all_of(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _midnight(day: date | None, *, days_later: int = 0) -> datetime | None:
    if day is None:
        return None
    if day >= date.max - timedelta(days=days_later):
        return datetime.max.replace(tzinfo=SEOUL) - timedelta(days=1)
    return datetime.combine(day + timedelta(days=days_later), clock(), SEOUL)


def _texts(clause: Clause) -> list[Word | Exact | Beginning]:
    return [atom for atom in clause.atoms if isinstance(atom, Word | Exact | Beginning)]


def _may_end_in_particle(atom: Word | Exact | Beginning) -> bool:
    return isinstance(atom, Word) and atom.normal.endswith("의") and len(atom.normal) > _SHORTEST_OWNER


def _is_free_word(atom: Atom) -> bool:
    return isinstance(atom, Word) and not atom.field


def _readings(word: str, tokens: Sequence[Token], field: str) -> tuple[Reading, ...]:
    readings = []
    if tokens:
        by = "stem" if all(token.rule == "stem" for token in tokens) else "morpheme"
        readings.append(Reading(_morpheme_node(tokens, field), by))
    syllables, unbroken = _syllables(word)
    if unbroken:
        readings.append(Reading(Run(syllables, field), "run"))
    return tuple(readings) or (Reading(Or(()), "run"),)


def _if_begun(word: str, tokens: list[Token], offset: int) -> list[Token]:
    """The morphemes of a word that stands at `offset`, if its first syllable is in one of them. 하노바, of
    which the analyzer knows 노바 only, is not 노바, nor is 신기술 기술: such a word is found as a run, where
    it is one.
    """
    first = next((place for place, char in enumerate(word) if char.isalnum()), 0)
    begun = bool(tokens) and min(token.start for token in tokens) <= offset + first
    return tokens if begun or not _syllables(word)[1] else []


def _inside(tokens: Sequence[Token], start: int, end: int) -> list[Token]:
    return [token for token in tokens if start <= token.start and token.end <= end]


def _squeeze(text: str) -> str:
    return "".join(normalize(text).text.split())


def _syllables(word: str) -> tuple[str, bool]:
    """The letters and digits of a word, and whether they are one run."""
    return run_of(normalize(word).text)


def with_spaces(word: str, tokens: Sequence[Token]) -> list[str]:
    """What a long word is if it was typed without its spaces: its morphemes apart, where they spell it."""
    outer = [token for token in tokens if not any(_contains(other, token) for other in tokens)]
    pieces = list(dict.fromkeys((token.start, token.end) for token in outer))
    spelled = [word[start:end] for start, end in pieces]
    several = len(word) >= LONG_WORD and len(pieces) > 1 and "".join(spelled) == word
    return [" ".join(spelled)] if several else []


def morphemes_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The morphemes of a query in order, without compounds that have parts."""
    return tuple(token.term for token in _finest(tokens))


def _finest(tokens: Sequence[Token]) -> list[Token]:
    """Without those that have parts of their own."""
    return [token for token in tokens if not any(_contains(token, other) for other in tokens)]


def _morpheme_node(tokens: Sequence[Token], field: str) -> Node:
    readings = [
        tuple(dict.fromkeys(token.term for token in same))
        for _, same in groupby(_finest(tokens), key=lambda token: token.position)
    ]
    nodes: list[Node] = [
        Term(terms[0], field) if len(terms) == 1 else Phrase(terms, field)
        for terms in islice(product(*readings), _MAX_READINGS)
    ]
    # A word that is one compound of the dictionary: its parts, or itself.
    nodes += [
        Term(token.term, field)
        for token in tokens
        if len(tokens) > 1 and all(_contains(token, other) for other in tokens if other is not token)
    ]
    return any_of(nodes)


def _contains(outer: Token, inner: Token) -> bool:
    """Whether `inner` is a proper part of `outer`."""
    return (
        outer.start <= inner.start
        and inner.end <= outer.end
        and (outer.end - outer.start) > (inner.end - inner.start)
    )
