"""Clauses of a query -> a tree of nodes for the engine, and the terms that score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from indexer.analysis import Analyzer, Span, Token, letters_and_digits
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
    exact_text,
)
from indexer.release import SEOUL
from indexer.search import parser
from indexer.search.analysis_batch import AnalysisBatch, Handle
from indexer.search.compiled_query import CompiledQuery, QueryWord
from indexer.search.index_terms import IndexTerms
from indexer.search.interpretations import (
    Interpretation,
    InterpretedWord,
    WordInterpreter,
    all_of,
    any_of,
    morphemes_of,
)
from indexer.search.other_words import NO_OTHERS, Others, OtherWords
from indexer.search.parser import Atom, Clause, Exact, Query, Word
from indexer.search.term_weights import scoring_terms
from indexer.text.normalize import normalize

_TextAtom = Word | Exact | parser.Prefix


def compile_query(query: Query, analyzer: Analyzer, synonyms: Synonyms, index: IndexTerms) -> CompiledQuery:
    """Compile a query. Raises AnalysisError if it holds a lone surrogate."""
    return _Compiler(query, analyzer, synonyms, index).compile()


@dataclass(frozen=True, slots=True)
class _Operand:
    """An atom of a clause, with what a word finds besides. The text of the atom begins at character `start`
    of the analysed text `handle`, which is None for an atom without text: a facet or a range of dates.
    """

    atom: Atom
    handle: Handle | None = None
    start: int = 0
    has_neighbours: bool = False
    others: Others = NO_OTHERS


@dataclass(frozen=True, slots=True)
class _Group:
    """The operands of a clause; or, as one, those of several clauses whose words find `others` together."""

    operands: tuple[_Operand, ...]
    excluded: bool
    others: Others

    @property
    def names(self) -> list[str]:
        """The other names of the issuers that its words name, and names that must be searched besides."""
        others = [self.others, *(operand.others for operand in self.operands)]
        return [name for one in others if one.issuer for name in one.texts]


class _Compiler:
    """Compiles one query. All wanted words are one text of the batch, since the neighbours of a word help the
    tagger to read it. Each excluded word and each synonym is a text of its own.
    """

    def __init__(self, query: Query, analyzer: Analyzer, synonyms: Synonyms, index: IndexTerms) -> None:
        self._clauses = query.clauses
        self._index = index
        self._others = OtherWords(analyzer, synonyms, index.issuers)
        self._interpreter = WordInterpreter(analyzer, index.count)
        self._batch = AnalysisBatch(analyzer)
        wanted = (atom.text for clause in query.clauses if not clause.excluded for atom in _texts(clause))
        self._wanted_text = " ".join(wanted)
        self._wanted = self._batch.add(self._wanted_text)
        self._groups = list(self._make_groups())
        self._synonym_texts = _synonyms_of(self._groups)
        names = [name for group in self._groups for name in group.names]
        texts = dict.fromkeys([*self._synonym_texts, *names])
        self._other_handles = {text: self._batch.add(text) for text in texts}

    def compile(self) -> CompiledQuery:
        self._batch.run()
        compiled = self._compile()
        while self._index.count_asked(compiled.scoring):
            compiled = self._compile()
        return compiled

    def _compile(self) -> CompiledQuery:
        """The query by what is counted so far."""
        words: list[QueryWord] = []
        excluded: list[QueryWord] = []
        nodes: list[Node] = []
        conditions: list[Node] = []
        for group in self._groups:
            alternatives = self._alternatives(group)
            node = any_of([one.node if isinstance(one, QueryWord) else one for one in alternatives])
            nodes.append(Not(node) if group.excluded else node)
            words_of_group = [one for one in alternatives if isinstance(one, QueryWord)]
            if group.excluded or not words_of_group:
                conditions.append(nodes[-1])
                excluded += words_of_group
            else:
                words += words_of_group
        tree: Node = And(tuple(nodes)) if nodes else Or(())
        if joined := self._join_words():
            tree = Or((tree, And((joined, *conditions))))
        tokens = [token for word in words for token in word.tokens]
        scoring, morphemes = self._scoring_terms(tokens), morphemes_of(tokens)
        return CompiledQuery(tuple(words), tuple(conditions), tree, scoring, morphemes, tuple(excluded))

    def _make_groups(self) -> Iterator[_Group]:
        start = 0
        for clause, others in self._join_words_with_others():
            operands = []
            for atom in clause.atoms:
                own = self._find_others([atom]) if isinstance(atom, Word) and not others else NO_OTHERS
                if not isinstance(atom, _TextAtom):
                    operands.append(_Operand(atom))
                elif clause.excluded:
                    operands.append(_Operand(atom, self._batch.add(atom.text), others=own))
                else:
                    has_neighbours = len(atom.text) < len(self._wanted_text)
                    operands.append(_Operand(atom, self._wanted, start, has_neighbours, own))
                    start += len(atom.text) + 1
            yield _Group(tuple(operands), clause.excluded, others)

    def _join_words_with_others(self) -> Iterator[tuple[Clause, Others]]:
        """Each clause, with nothing; or several words that find others together as one clause, with these."""
        clauses = list(self._clauses)
        while clauses:
            words: list[Word] = []
            for clause in clauses[:MAX_SYNONYM_WORDS]:
                atom = clause.atoms[0]
                if clause.excluded or len(clause.atoms) > 1 or not isinstance(atom, Word) or atom.field:
                    break
                words.append(atom)
            for count in range(len(words), 1, -1):
                if others := self._find_others(words[:count]):
                    yield Clause(tuple(words[:count])), others
                    del clauses[:count]
                    break
            else:
                yield clauses.pop(0), NO_OTHERS

    def _find_others(self, words: Sequence[Word]) -> Others:
        """What consecutive words find besides. In one text field nothing says who issued a release."""
        others = self._others.find([word.normal for word in words])
        if others.issuer and words[0].field:
            return replace(others, issuer=replace(others.issuer, labels=())) if others.texts else NO_OTHERS
        return others

    def _alternatives(self, group: _Group) -> list[QueryWord | Node]:
        """What a release must have one of."""
        operands = group.operands
        return [self._join_words_of(group)] if group.others else [*map(self._compile_operand, operands)]

    def _compile_operand(self, operand: _Operand) -> QueryWord | Node:
        match operand.atom:
            case Word(text, _, field):
                word = self._interpret(operand)
                others = operand.others
                ways = (*word.interpretations, *self._interpret_others(others, field))
                return QueryWord(text, ways, others.synonyms, word.tokens, others.issuer, others.particle)
            case Exact(text, normal, field):
                exact = Interpretation(exact_text(normal, field), "exact")
                return QueryWord(text, (exact,), tokens=self._tokens_of(operand))
            case parser.Prefix(text, normal, field):
                prefix = Interpretation(Prefix(letters_and_digits(normal)[0], field), "prefix")
                return QueryWord(text, (prefix,), tokens=self._tokens_of(operand))
            case parser.FacetIn(facet, value):
                return FacetIn(facet, self._index.matching(facet, value))
            case parser.DateRange(first, last):
                return published(first, last)

    def _join_words_of(self, group: _Group) -> QueryWord:
        """The words of a group that find others together, as one."""
        words = [self._interpret(operand) for operand in group.operands]
        all_words = all_of([word.node for word in words])
        return QueryWord(
            " ".join(operand.atom.text for operand in group.operands if isinstance(operand.atom, Word)),
            (Interpretation(all_words, "morpheme"), *self._interpret_others(group.others, "")),
            group.others.synonyms,
            tuple(token for word in words for token in word.tokens),
            group.others.issuer,
            group.others.particle,
        )

    def _interpret(self, operand: _Operand) -> InterpretedWord:
        assert isinstance(operand.atom, Word)
        return self._interpreter.interpret(
            operand.atom.text,
            self._tokens_of(operand),
            operand.atom.field,
            operand.start,
            has_neighbours=operand.has_neighbours,
        )

    def _tokens_of(self, operand: _Operand) -> tuple[Token, ...]:
        assert isinstance(operand.atom, _TextAtom)
        assert operand.handle is not None
        end = operand.start + len(operand.atom.text)
        return _tokens_inside(self._batch[operand.handle].morphemes, operand.start, end)

    def _interpret_others(self, others: Others, field: str) -> Iterator[Interpretation]:
        """All words of each of the texts that are searched besides."""
        for text in others.texts:
            tokens = self._batch[self._other_handles[text]].morphemes
            nodes, end = [], 0
            for word in text.split():
                start = text.index(word, end)
                end = start + len(word)
                inside = _tokens_inside(tokens, start, end)
                nodes.append(self._interpreter.interpret(word, inside, field, start).node)
            yield Interpretation(all_of(nodes), "morpheme" if text == others.own_text else "synonym")

    def _join_words(self) -> NgramPhrase | None:
        """All words as one run of letters if one of them is a single syllable: 비 급여 may mean 비급여.
        None if anything else is wanted, facets and dates aside.
        """
        with_text = [clause.atoms for clause in self._clauses if not clause.excluded and _texts(clause)]
        words = [
            atoms[0].text
            for atoms in with_text
            if len(atoms) == 1 and isinstance(atoms[0], Word) and not atoms[0].field
        ]
        runs = [letters_and_digits(normalize(word).text) for word in words]
        if len(words) < 2 or len(words) < len(with_text) or any(breaks for _, breaks in runs):
            return None
        has_syllable = any(len(run) == 1 and not run.isascii() for run, _ in runs)
        return NgramPhrase("".join(run for run, _ in runs)) if has_syllable else None

    def _scoring_terms(self, tokens: Sequence[Token]) -> tuple[ScoringTerm, ...]:
        """The terms of the wanted words, given by their tokens, of all synonyms, and of other names."""
        wanted = (_spans(tokens), self._batch[self._wanted].bigrams)
        names = dict.fromkeys(name for group in self._groups if not group.excluded for name in group.names)
        return scoring_terms(
            [wanted, *map(self._streams_of, self._synonym_texts)], names=map(self._streams_of, names)
        )

    def _streams_of(self, other: str) -> tuple[Sequence[Span], Sequence[Span]]:
        """The spans of a text that is found besides."""
        streams = self._batch[self._other_handles[other]]
        return _spans(streams.morphemes), streams.bigrams


def published(first: date | None, last: date | None) -> DateRange:
    """The range from the beginning of the day `first` to the end of the day `last` in Asia/Seoul. None does
    not bound.
    """
    return DateRange(_midnight(first), _midnight(last, days_later=1))


def _midnight(day: date | None, *, days_later: int = 0) -> datetime | None:
    if day is None:
        return None
    if day >= date.max - timedelta(days=days_later):
        return datetime.max.replace(tzinfo=SEOUL) - timedelta(days=1)
    return datetime.combine(day + timedelta(days=days_later), time(), SEOUL)


def _texts(clause: Clause) -> list[_TextAtom]:
    return [atom for atom in clause.atoms if isinstance(atom, _TextAtom)]


def _synonyms_of(groups: Sequence[_Group]) -> list[str]:
    """All synonyms once: first those of several words, then of wanted words, then of excluded words. Scores
    are sums of floats, so that another order would change their last bits.
    """
    by_word = [
        operand.others.synonyms
        for excluded in (False, True)
        for group in groups
        if group.excluded == excluded
        for operand in group.operands
    ]
    synonyms = (*(group.others.synonyms for group in groups), *by_word)
    return list(dict.fromkeys(synonym for several in synonyms for synonym in several))


def _tokens_inside(tokens: Sequence[Token], start: int, end: int) -> tuple[Token, ...]:
    return tuple(token for token in tokens if start <= token.start and token.end <= end)


def _spans(tokens: Sequence[Token]) -> list[Span]:
    return [(token.term, token.start, token.end) for token in tokens]
