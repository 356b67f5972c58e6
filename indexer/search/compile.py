"""Clauses of a query -> a tree for the engine, and what its words are worth; synonyms stand beside a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock

from indexer.analysis import Analysis, Analyzer, Token, letters_and_digits
from indexer.curation.synonyms import MAX_SYNONYM_WORDS, Synonyms
from indexer.engine import (
    And,
    DateRange,
    FacetIn,
    NgramPhrase,
    Node,
    Not,
    Or,
    Prefix,
    ScoringTerm,
    Snapshot,
    exact_text,
)
from indexer.release import SEOUL
from indexer.search import parser
from indexer.search.interpretations import Reading, ReadWord, WordReader, all_of, any_of, morphemes_of
from indexer.search.parser import Atom, Clause, Exact, Query, Word
from indexer.search.term_weights import scoring_terms
from indexer.text.normalize import normalize, squeeze

# Values that a piece of a name may stand for: more than korea.kr has of any facet (some 8,000 departments).
_MAX_FACET_VALUES = 10_000


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


def read_words(query: Query, analyzer: Analyzer, synonyms: Synonyms, index: IndexTerms) -> SearchTree:
    """The tree of a query. Raises AnalysisError where it holds a lone surrogate."""
    return _TreeMaker(query, analyzer, synonyms, index).make()


class IndexTerms:
    """What an index has to say of a query: the values of its facets, and by `count` how many releases a node
    matches.
    """

    def __init__(self, snapshot: Snapshot, count: Callable[[Node], int]) -> None:
        self._snapshot = snapshot
        self.count = count

    def matching(self, facet: str, typed: str) -> tuple[str, ...]:
        """The value that is typed, spaces apart; else those that hold it; else none."""
        values = self._snapshot.facet_values(facet, containing=typed, limit=_MAX_FACET_VALUES)
        same = tuple(value for value in values if squeeze(value) == squeeze(typed))
        return same or tuple(values)


class _TreeMaker:
    """Analyses all texts of a query at once: a word's neighbours help the analyzer to read it."""

    def __init__(self, query: Query, analyzer: Analyzer, synonyms: Synonyms, index: IndexTerms) -> None:
        self._clauses = query.clauses
        self._analyzer = analyzer
        self._synonyms = synonyms
        self._index = index
        self._reader = WordReader(analyzer, index.count)

    def make(self) -> SearchTree:
        groups = self._join_synonymous()
        wanted = [atom for clause, _ in groups if not clause.excluded for atom in _texts(clause)]
        unwanted = [atom for clause, _ in groups if clause.excluded for atom in _texts(clause)]
        words = [atom for atom in (*wanted, *unwanted) if isinstance(atom, Word)]
        self._synonyms_of = {id(atom): self._find_synonyms([atom]) for atom in words}
        found = [*(found for _, found in groups), *self._synonyms_of.values()]
        others = list(dict.fromkeys(other for own in found for other in own))
        texts = [" ".join(atom.text for atom in wanted), *(atom.text for atom in unwanted), *others]
        analysed = self._analyzer.analyze(texts)
        in_order = list(analysed.morphemes.tokens(0))
        self._read: dict[int, ReadWord] = {}
        offset = 0
        for atom in wanted:
            self._read_atom(atom, in_order, offset, len(texts[0]))
            offset += len(atom.text) + 1
        for number, atom in enumerate(unwanted, 1):
            self._read_atom(atom, list(analysed.morphemes.tokens(number)), 0, len(atom.text))
        self._others = {
            other: list(analysed.morphemes.tokens(number))
            for number, other in enumerate(others, 1 + len(unwanted))
        }
        meant = [token for atom in wanted for token in self._read[id(atom)].tokens]
        return self._build(groups, analysed, meant, [*range(1 + len(unwanted), len(texts))])

    def _read_atom(
        self, atom: Word | Exact | parser.Prefix, tokens: Sequence[Token], offset: int, length: int
    ) -> None:
        inside = _inside(tokens, offset, offset + len(atom.text))
        if isinstance(atom, Word):
            neighbours = len(atom.text) < length
            self._read[id(atom)] = self._reader.read(
                atom.text, inside, atom.field, offset, has_neighbours=neighbours
            )
        else:
            self._read[id(atom)] = ReadWord((), tuple(inside))

    def _build(
        self,
        groups: Sequence[tuple[Clause, list[str]]],
        analysed: Analysis,
        meant: Sequence[Token],
        others: Sequence[int],
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
        spans = [(token.term, token.start, token.end) for token in meant]
        texts = [(spans, analysed.bigrams.pairs(0))]
        texts += [(analysed.morphemes.spans(other), analysed.bigrams.pairs(other)) for other in others]
        return SearchTree(tuple(words), tuple(conditions), tree, scoring_terms(texts), morphemes_of(meant))

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
        runs = [letters_and_digits(normalize(word).text) for word in words]
        if len(words) < 2 or any(breaks for _, breaks in runs):
            return None
        if len(words) < sum(not clause.excluded and bool(_texts(clause)) for clause in self._clauses):
            return None
        short = any(len(run) == 1 and not run.isascii() for run, _ in runs)
        return NgramPhrase("".join(run for run, _ in runs)) if short else None

    def _join_synonymous(self) -> list[tuple[Clause, list[str]]]:
        """The clauses; words that have a synonym together are one, with what else they may be called."""
        clauses = list(self._clauses)
        joined: list[tuple[Clause, list[str]]] = []
        while clauses:
            run: list[Word] = []
            for clause in clauses[:MAX_SYNONYM_WORDS]:
                atom = clause.atoms[0]
                if clause.excluded or len(clause.atoms) > 1 or not isinstance(atom, Word) or atom.field:
                    break
                run.append(atom)
            for count in range(len(run), 1, -1):
                if found := self._find_synonyms(run[:count]):
                    joined.append((Clause(tuple(run[:count])), found))
                    del clauses[:count]
                    break
            else:
                joined.append((clauses.pop(0), []))
        return joined

    def _find_synonyms(self, words: Sequence[Word]) -> list[str]:
        """What words, one behind the other, also find: as they stand, or without the particle of the last."""
        normals = [word.normal for word in words]
        if found := self._synonyms.find(normals):
            return found
        particle = self._analyzer.read_word(normals[-1]).particle_chars
        return self._synonyms.find([*normals[:-1], normals[-1][:-particle]]) if particle else []

    def _node(self, atom: Atom) -> QueryWord | Node:
        match atom:
            case Word(text, _, field):
                others = self._synonyms_of[id(atom)]
                readings = [*self._read[id(atom)].readings, *(self._other(other, field) for other in others)]
                return QueryWord(text, tuple(readings), tuple(others))
            case Exact(text, normal, field):
                return QueryWord(text, (Reading(exact_text(normal, field), "exact"),))
            case parser.Prefix(text, normal, field):
                return QueryWord(text, (Reading(Prefix(letters_and_digits(normal)[0], field), "prefix"),))
            case parser.FacetIn(facet, value):
                return FacetIn(facet, self._index.matching(facet, value))
            case parser.DateRange(first, last):
                return published(first, last)

    def _synonymous(self, clause: Clause, others: Sequence[str]) -> QueryWord:
        """Several words that have a synonym together."""
        words = [atom for atom in clause.atoms if isinstance(atom, Word)]
        read = [any_of([way.node for way in self._read[id(atom)].readings]) for atom in words]
        own = [Reading(all_of(read), "morpheme"), *(self._other(other, "") for other in others)]
        return QueryWord(" ".join(atom.text for atom in words), tuple(own), tuple(others))

    def _other(self, other: str, field: str) -> Reading:
        """What a word may be called otherwise: all of its words."""
        nodes, offset = [], 0
        for word in other.split():
            offset = other.index(word, offset)
            inside = _inside(self._others[other], offset, offset + len(word))
            nodes.append(
                any_of([way.node for way in self._reader.read(word, inside, field, offset).readings])
            )
            offset += len(word)
        return Reading(all_of(nodes), "synonym")


def published(first: date | None, last: date | None) -> DateRange:
    """The bounds of days in Asia/Seoul, both inclusive."""
    return DateRange(_midnight(first), _midnight(last, days_later=1))


def _midnight(day: date | None, *, days_later: int = 0) -> datetime | None:
    if day is None:
        return None
    if day >= date.max - timedelta(days=days_later):
        return datetime.max.replace(tzinfo=SEOUL) - timedelta(days=1)
    return datetime.combine(day + timedelta(days=days_later), clock(), SEOUL)


def _texts(clause: Clause) -> list[Word | Exact | parser.Prefix]:
    return [atom for atom in clause.atoms if isinstance(atom, Word | Exact | parser.Prefix)]


def _is_free_word(atom: Atom) -> bool:
    return isinstance(atom, Word) and not atom.field


def _inside(tokens: Sequence[Token], start: int, end: int) -> list[Token]:
    return [token for token in tokens if start <= token.start and token.end <= end]
