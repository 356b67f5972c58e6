"""Which releases a query tree matches: masks over a collection, one byte a release.

A run of syllables is found by its bigrams at neighbouring positions; a phrase by its morphemes. The
rarest of them says which releases are worth looking at. Nothing is done a posting at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import BARRED, ENDS, NO_SYLLABLE, PARTS, STARTS, SYLLABLE_BITS
from indexer.engine import And, Has, Node, Not, Or, Phrase, Prefix, Published, Run, Term
from indexer.engines.whoosh.alike import UNDATED
from indexer.engines.whoosh.collection import POSITION_BITS, Collection, Mask, Stream, TermPostings
from indexer.engines.whoosh.postings import VALID_BIT, Indexes, Words, in_field
from indexer.schema import TEXT_FIELDS

_MORPHEMES, _BIGRAMS = 0, 1
_FIELD_NUMBERS = {field.name: number for number, field in enumerate(TEXT_FIELDS)}
# What looking at the positions of a posting costs, where looking at the posting alone costs 1.
_COST_OF_POSITIONS = 20


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Places where a run or phrase stands: the release, and the position of its first token."""

    docs: Indexes
    positions: Indexes


# For occurrences of some terms: release and position as one number, the place of its term, its flags.
_Rows = tuple[Indexes, Indexes, NDArray[np.uint8]]


class Few:
    """Some releases, numbers ascending, and where the terms of a stream stand in them: asked for all at
    once.
    """

    def __init__(self, stream: Stream, docs: Indexes, terms: Sequence[TermPostings]) -> None:
        self.docs = docs
        terms = list({term.name: term for term in terms}.values())
        keys, steps, flags = stream.occurrences(terms, docs, stream.rows_at(terms, docs))
        order = steps.argsort(kind="stable")
        stops = np.bincount(steps, minlength=len(terms)).cumsum().tolist()
        self._found = {
            term.name: (keys[order[start:stop]], flags[order[start:stop]])
            for term, start, stop in zip(terms, [0, *stops], stops, strict=False)
        }

    def occurrences(self, terms: Sequence[TermPostings]) -> _Rows:
        """The occurrences of terms that it was made for, one term after the other."""
        keys, flags = zip(*(self._found[term.name] for term in terms), strict=True)
        steps = np.arange(len(terms)).repeat([len(own) for own in keys])
        return np.concatenate(keys), steps, np.concatenate(flags)


# Releases to look in: a mask over the collection, or a few.
Within = Mask | Few


class Matcher:
    """Evaluates trees on a collection."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    def match(self, node: Node) -> Mask:
        """The releases that `node` matches."""
        alive = self.collection.alive
        return self._match(node, np.ones(len(self.collection), bool) if alive is None else alive)

    def keep_alive(self, mask: Mask) -> Mask:
        """`mask` without the releases that are deleted."""
        return mask if self.collection.alive is None else mask & self.collection.alive

    def _match(self, node: Node, within: Mask) -> Mask:
        """Which of the releases `within` the node matches. What is decided already is not looked at: a
        second word only where the first is, a second reading of a word only where the first is not.
        """
        match node:
            case Term(text, field):
                return self._match_term(text, field) & within
            case Phrase():
                return self._mask(self.find_phrase(node, within))
            case Run():
                return self._match_run(node, within)
            case Prefix(text, field):
                # The run has to begin with a morpheme: what it begins is the same word.
                begun = self._match_prefix(text, field)
                runs = self.find_run(Run(text, field), within & ~begun, beginning=True)
                return (begun & within) | self._mask(runs)
            case Has(facet, values):
                return self.collection.having(facet, values) & within
            case Published():
                return self.published(node) & within
            case And(nodes):
                found = within
                for child in sorted(nodes, key=self._cost):
                    found = self._match(child, found)
                    if not found.any():
                        break
                return found
            case Or(nodes):
                found = np.zeros(len(self.collection), bool)
                for child in sorted(nodes, key=self._cost):
                    found |= self._match(child, within & ~found)
                return found
            case Not(child):
                return within & ~self._match(child, within)

    def _cost(self, node: Node) -> int:
        """About how many postings have to be looked at."""
        match node:
            case Term(text):
                return self.collection.morpheme(text).frequency
            case Phrase(terms):
                return _COST_OF_POSITIONS * min(self._cost(Term(term)) for term in terms)
            case Run(syllables) if len(syllables) == 1:
                return len(self.collection)
            case Run():
                bigrams = self._bigrams(node)
                rarest = min(bigram.frequency for bigram in bigrams)
                return rarest if len(bigrams) == 1 else _COST_OF_POSITIONS * rarest
            case Prefix():
                return len(self.collection)
            case Has() | Published():
                return len(self.collection) // 2
            case And(nodes):
                return min((self._cost(child) for child in nodes), default=0)
            case Or(nodes):
                return sum(self._cost(child) for child in nodes)
            case Not():
                return _COST_OF_POSITIONS * len(self.collection)

    def _mask(self, found: Occurrences) -> Mask:
        mask = np.zeros(len(self.collection), bool)
        mask[found.docs] = True
        return mask

    def _match_term(self, text: str, field: str) -> Mask:
        return self.collection.morphemes.mark(
            np.zeros(len(self.collection), bool),
            self.collection.morpheme(text),
            (lambda stats: in_field(stats, field)) if field else None,
        )

    def published(self, bounds: Published) -> Mask:
        """The releases of a time."""
        column = self.collection.published
        found = np.ones(len(column), bool)
        if bounds.start or bounds.before:
            found &= column != UNDATED
        if bounds.start:
            found &= column >= int(bounds.start.timestamp())
        if bounds.before:
            found &= column < int(bounds.before.timestamp())
        return found

    def _match_prefix(self, text: str, field: str) -> Mask:
        masks = [np.zeros(0, bool)]
        for segment in self.collection.segments:
            first, stop = segment.morpheme_terms.beginning(text.encode())
            rows = slice(int(segment.morphemes.starts[first]), int(segment.morphemes.starts[stop]))
            docs = segment.morphemes.docs[rows]
            masks.append(np.zeros(len(segment), bool))
            masks[-1][docs[in_field(segment.morphemes.stats[rows], field)] if field else docs] = True
        return np.concatenate(masks)

    def few(self, docs: Indexes, nodes: Sequence[Term | Phrase | Run | Prefix]) -> tuple[Few, Few]:
        """Some releases, numbers ascending, to find these nodes in: by morphemes, and by bigrams."""
        runs = [Run(node.text) if isinstance(node, Prefix) else node for node in nodes]
        morphemes = [
            term for node in nodes if isinstance(node, Term | Phrase) for term in self._morphemes(node)
        ]
        bigrams = [term for node in runs if isinstance(node, Run) for term in self._bigrams(node)]
        return Few(self.collection.morphemes, docs, morphemes), Few(self.collection.bigrams, docs, bigrams)

    def _morphemes(self, node: Term | Phrase) -> list[TermPostings]:
        return [self.collection.morpheme(text) for text in
                ((node.text,) if isinstance(node, Term) else node.terms)]  # fmt: skip

    def _bigrams(self, run: Run) -> list[TermPostings]:
        return [self.collection.bigram(a + b) for a, b in pairwise(run.syllables)]

    def find_prefix(self, prefix: Prefix, within: Few) -> Occurrences:
        """Where morphemes that begin so stand in the releases `within`."""
        found = [
            segment.morphemes.block(*segment.morpheme_terms.beginning(prefix.text.encode()))
            for segment in self.collection.segments
        ]
        docs, positions = self._lay([(docs, positions) for docs, positions, _, _ in found])
        own = np.isin(docs, within.docs)
        docs, positions = docs[own], positions[own]
        order = np.lexsort((positions, docs))
        return self._restrict(Occurrences(docs[order], positions[order]), prefix.field, _MORPHEMES)

    def _lay(self, columns: Sequence[tuple[Indexes, Indexes]]) -> tuple[Indexes, Indexes]:
        """Releases of each segment and positions in them, by releases of the collection."""
        none = np.zeros(0, np.int64)
        docs = [own + base for (own, _), base in zip(columns, self.collection.bases, strict=False)]
        return (
            np.concatenate([none, *docs]),
            np.concatenate([none, *(positions for _, positions in columns)]),
        )

    def _match_run(self, run: Run, within: Mask) -> Mask:
        if len(run.syllables) == 2 and not run.exact and not run.field:
            mask = np.zeros(len(self.collection), bool)
            return (
                self.collection.bigrams.mark(mask, self.collection.bigram(run.syllables), _is_valid) & within
            )
        return self._mask(self.find_run(run, within))

    def find_phrase(self, node: Term | Phrase, within: Within | None = None) -> Occurrences:
        """Where the morphemes stand next to each other, in the releases `within`; None for all."""
        found, _ = self._neighbours(self.collection.morphemes, self._morphemes(node), within)
        return self._restrict(found, node.field, _MORPHEMES)

    def find_run(self, run: Run, within: Within | None = None, *, beginning: bool = False) -> Occurrences:
        """Where the run stands, in the releases `within`; None for all. Only where it begins with a morpheme,
        if that is wanted.
        """
        if len(run.syllables) == 1:
            return self._find_syllable(run, within)
        found, flags = self._neighbours(self.collection.bigrams, self._bigrams(run), within)
        if not run.exact:
            allowed = _may_match(run.syllables, flags)
            if beginning:
                allowed &= (flags[0] & STARTS) > 0
            found = Occurrences(found.docs[allowed], found.positions[allowed])
        return self._restrict(found, run.field, _BIGRAMS)

    def _find_syllable(self, run: Run, within: Within | None) -> Occurrences:
        """A single syllable: the bigrams that begin with it, which stand next to each other in the index."""
        found = []
        for segment in self.collection.segments:
            docs, positions, flags, numbers = segment.bigrams.block(
                *segment.bigram_terms.range(ord(run.syllables))
            )
            if not run.exact:
                allowed = (flags & BARRED) == 0
                if run.syllables.isascii():
                    # A number or Latin word of one letter: its end is that of the sentence, or a border.
                    last = segment.bigram_terms.keys[numbers] & ((1 << SYLLABLE_BITS) - 1) == NO_SYLLABLE
                    allowed &= np.where(last, flags & ENDS, flags & PARTS) > 0
                docs, positions = docs[allowed], positions[allowed]
            found.append((docs, positions))
        docs, positions = self._lay(found)
        if within is not None:
            own = np.isin(docs, within.docs) if isinstance(within, Few) else within[docs]
            docs, positions = docs[own], positions[own]
        order = np.lexsort((positions, docs))
        return self._restrict(Occurrences(docs[order], positions[order]), run.field, _BIGRAMS)

    def _neighbours(
        self, stream: Stream, terms: Sequence[TermPostings], within: Within | None
    ) -> tuple[Occurrences, list[NDArray[np.uint8]]]:
        """Where `terms` stand at consecutive positions, and the flags of each there."""
        none = np.zeros(0, np.int64)
        if not all(term.parts for term in terms):
            return Occurrences(none, none), [none.astype(np.uint8)]
        if isinstance(within, Few):
            keys, steps, flags = within.occurrences(terms)
        else:
            keys, steps, flags = self._occurrences(stream, terms, within)
        count = len(terms)
        if count > 1:
            # A term stands at a place once: where as many are alike as there are terms, all are neighbours.
            keys += count - steps
            order = keys.argsort(kind="stable")
            ordered = keys[order]
            first = (ordered[count - 1 :] == ordered[: max(len(ordered) - count + 1, 0)]).nonzero()[0]
            keys = ordered[first] - count
            flags = flags[order[first + np.arange(count)[:, None]]]
        found = Occurrences(keys >> POSITION_BITS, keys & ((1 << POSITION_BITS) - 1))
        return found, list(flags.reshape(count, -1))

    def _occurrences(self, stream: Stream, terms: Sequence[TermPostings], within: Mask | None) -> _Rows:
        """The occurrences of terms in the releases that have all of them."""
        rarest = min(range(len(terms)), key=lambda number: terms[number].frequency)
        docs, own = stream.docs(terms[rarest]), stream.rows(terms[rarest])
        if within is not None:
            inside = within[docs]
            docs, own = docs[inside], own[inside]
        others = [number for number in range(len(terms)) if number != rarest]
        rows = np.empty((len(terms), len(docs)), np.int64)
        rows[rarest] = own
        rows[others] = stream.rows_at([terms[number] for number in others], docs)
        there = (rows >= 0).all(axis=0)
        if not there.all():
            docs, rows = docs[there], rows[:, there]
        return stream.occurrences(terms, docs, rows)

    def _restrict(self, found: Occurrences, field: str, stream: int) -> Occurrences:
        """The occurrences in one text field."""
        if not field:
            return found
        fields = len(TEXT_FIELDS)
        number = _FIELD_NUMBERS[field]
        starts = self.collection.field_starts[:, stream * fields : (stream + 1) * fields]
        inside = found.positions >= starts[found.docs, number]
        if number + 1 < fields:
            inside &= found.positions < starts[found.docs, number + 1]
        return Occurrences(found.docs[inside], found.positions[inside])


def _is_valid(stats: Words) -> Mask:
    """Where an occurrence of a bigram stands well by itself."""
    valid: Mask = (stats & VALID_BIT) > 0
    return valid


def _may_match(syllables: str, flags: list[NDArray[np.uint8]]) -> Mask:
    """Which occurrences of a run are more than letters that happen to meet."""
    first = flags[0]
    begins, ends = (first & STARTS) > 0, (flags[-1] & ENDS) > 0
    parted = np.zeros(len(first), bool)
    for column in flags:
        parted |= (column & PARTS) > 0
    allowed = (begins | ends | ~parted) & ((first & BARRED) == 0)
    whole: Mask = allowed & ends if syllables[-1].isascii() else allowed
    return whole
