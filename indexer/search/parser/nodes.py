"""A query as it was read: clauses of atoms, each with its canonical string."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from indexer.search.parser.names import canonical_name
from indexer.search.parser.normal_form import split_at_marks, trim_word

MAX_WORDS = 64


@dataclass(frozen=True, slots=True)
class Word:
    """A word to be found, in any text field or in one. `text` is as typed, `normal` what is compared."""

    text: str = field(compare=False)
    normal: str
    field: str = ""

    def __str__(self) -> str:
        return _prefixed(self.field, self.normal)


@dataclass(frozen=True, slots=True)
class Exact:
    """A text whose letters and digits stand exactly so, whatever the spaces: what was in quotation marks."""

    text: str = field(compare=False)
    normal: str
    field: str = ""

    def __str__(self) -> str:
        return _prefixed(self.field, f'"{self.normal}"')


@dataclass(frozen=True, slots=True)
class Prefix:
    """How words begin: with these letters or digits, two at least."""

    text: str = field(compare=False)
    normal: str
    field: str = ""

    def __str__(self) -> str:
        return _prefixed(self.field, f"{self.normal}*")


@dataclass(frozen=True, slots=True)
class FacetIn:
    """A value of a facet as typed: it means the values that are the same or, where none is, that hold it."""

    facet: str
    value: str

    def __str__(self) -> str:
        simple = re.fullmatch(r'[^\s"|]+', self.value)
        return _prefixed(self.facet, self.value if simple else f'"{self.value}"')


@dataclass(frozen=True, slots=True)
class DateRange:
    """The first and last day, inclusive, in Asia/Seoul. None does not bound, but one of them does."""

    first: date | None
    last: date | None

    def __str__(self) -> str:
        return f"{self.first or ''}..{self.last or ''}"


Atom = Word | Exact | Prefix | FacetIn | DateRange


@dataclass(frozen=True, slots=True)
class Clause:
    """A release must match one of these atoms; where `excluded`, none of them."""

    atoms: tuple[Atom, ...]
    excluded: bool = False

    def __str__(self) -> str:
        text = " | ".join(map(str, self.atoms))
        return f"-{text}" if self.excluded else text


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was read: a release must match every clause. `notes` are for the person who typed it."""

    raw: str = field(compare=False)
    clauses: tuple[Clause, ...]
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        """The canonical string: queries that are read alike have the same, which is read as they are."""
        return " ".join(map(str, self.clauses))

    def with_words(self, others: Mapping[str, str]) -> Query:
        """The same query with other words: `others` maps a normal form to what replaces it. Several words,
        with spaces between, become clauses of their own where they replace one that is alone in its clause.
        """

        def replaced(atom: Atom) -> Atom:
            if isinstance(atom, Word) and not atom.field and (other := others.get(atom.normal)):
                return Word(other, trim_word(other))
            return atom

        clauses: list[Clause] = []
        for clause in self.clauses:
            atoms = tuple(map(replaced, clause.atoms))
            # Not by equality: a word is the same word whatever its spaces.
            if len(atoms) == 1 and atoms[0] is not clause.atoms[0] and isinstance(atoms[0], Word):
                words = (Word(word, trim_word(word)) for word in atoms[0].text.split())
                clauses += [Clause((word,), clause.excluded) for word in words]
            else:
                clauses.append(Clause(atoms, clause.excluded))
        return self._with_clauses(clauses)

    def split_joined(self) -> Query:
        """The same query with each word that has marks inside as several: 창원,하노버 as 창원 하노버."""
        clauses: list[Clause] = []
        for clause in self.clauses:
            atom = clause.atoms[0]
            parts = split_at_marks(atom.normal) if isinstance(atom, Word) and len(clause.atoms) == 1 else []
            if len(parts) > 1 and isinstance(atom, Word) and not clause.excluded:
                clauses += [Clause((Word(part, part, atom.field),)) for part in parts]
            else:
                clauses.append(clause)
        return self._with_clauses(list(dict.fromkeys(clauses)))

    def _with_clauses(self, clauses: Sequence[Clause]) -> Query:
        """The query with other clauses; itself where these are more than a query may have."""
        return self if len(clauses) > MAX_WORDS else replace(self, clauses=tuple(clauses))

    @property
    def effective(self) -> str:
        """The words that are searched, as typed."""
        return " ".join(
            atom.text if isinstance(atom, Word | Exact | Prefix) else str(atom)
            for clause in self.clauses
            if not clause.excluded
            for atom in clause.atoms
        )


def _prefixed(name: str, text: str) -> str:
    return f"{canonical_name(name)}:{text}" if name else text
