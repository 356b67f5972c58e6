"""Which releases of a segment a query tree matches: masks over the segment, one byte a release.

A run of syllables is found by its bigrams at neighbouring positions; a phrase by its morphemes. The
rarest of them says which releases are worth looking at. Nothing is done a posting at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import BARRED, ENDS, NO_SYLLABLE, PARTS, STARTS, SYLLABLE_BITS, pack
from indexer.engine import And, Has, Node, Not, Or, Phrase, Prefix, Published, Run, Term
from indexer.engines.whoosh.documents import UNDATED
from indexer.engines.whoosh.postings import (
    VALID_BIT,
    Docs,
    StoredPostings,
    in_field,
)
from indexer.engines.whoosh.segment import Segment
from indexer.schema import TEXT_FIELDS

Mask = NDArray[np.bool_]

_MORPHEMES, _BIGRAMS = 0, 1
_FIELD_NUMBERS = {field.name: number for number, field in enumerate(TEXT_FIELDS)}
# A position and the release it is in as one number.
_POSITION_BITS = 32
# Looking one release up among many costs about as much as numbering this many, or making room for so many.
_SEARCH_COST = 24
_ROOM_COST = 8
# What looking at the positions of a posting costs, where looking at the posting alone costs 1.
_COST_OF_POSITIONS = 20


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Places where a run or phrase stands: the release, and the position of its first token."""

    docs: NDArray[np.int64]
    positions: NDArray[np.int64]


class Few:
    """Some releases of a segment, numbers ascending, and where the terms of a stream stand in them: asked
    for all at once.
    """

    def __init__(self, stream: StoredPostings, docs: Docs, terms: Sequence[int]) -> None:
        self.docs = docs
        self._found: dict[int, tuple[NDArray[np.int64], NDArray[np.uint8]]] = {}
        terms = [term for term in dict.fromkeys(terms) if term >= 0]
        if not terms:
            return
        there, chosen = zip(*(stream.holding(term, docs) for term in terms), strict=True)
        lengths, positions, flags = stream.occurrences(terms, chosen)
        keys = _keys(docs[np.concatenate(there)], lengths, positions)
        stops = np.append(0, lengths.cumsum())[np.cumsum([len(places) for places in chosen])].tolist()
        for term, start, stop in zip(terms, [0, *stops], stops, strict=False):
            self._found[term] = keys[start:stop], flags[start:stop]

    def occurrences(
        self, terms: Sequence[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """For each occurrence of terms that it was made for, one term after the other: release and position
        as one number, the place of its term among `terms`, and its flags.
        """
        keys, flags = zip(*(self._found[term] for term in terms), strict=True)
        steps = np.arange(len(terms)).repeat([len(own) for own in keys])
        return np.concatenate(keys), steps, np.concatenate(flags)


# Releases to look in: a mask over the segment, or a few.
Within = Mask | Few


class Matcher:
    """Evaluates trees on one segment. `alive` are the releases that are not deleted; None means all."""

    def __init__(self, segment: Segment, alive: Mask | None = None) -> None:
        self.segment = segment
        self._alive = alive

    def match(self, node: Node) -> Mask:
        """The releases that `node` matches."""
        everything = np.ones(len(self.segment), bool) if self._alive is None else self._alive
        return self._match(node, everything)

    def keep_alive(self, mask: Mask) -> Mask:
        """`mask` without the releases that are deleted."""
        return mask if self._alive is None else mask & self._alive

    def _match(self, node: Node, within: Mask) -> Mask:
        """Which of the releases `within` the node matches. What is decided already is not looked at: a
        second word only where the first is, a second reading of a word only where the first is not.
        """
        match node:
            case Term(text, field):
                return self._match_term(text, field) & within
            case Phrase():
                return self._mask(self.find_phrase(node, within).docs)
            case Run():
                return self._match_run(node, within)
            case Prefix(text, field):
                # The run has to begin with a morpheme: what it begins is the same word.
                begun = self._match_prefix(text, field)
                runs = self.find_run(Run(text, field), within & ~begun, beginning=True)
                return (begun & within) | self._mask(runs.docs)
            case Has(facet, values):
                return self.segment.documents.having(facet, values) & within
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
                found = np.zeros(len(self.segment), bool)
                for child in sorted(nodes, key=self._cost):
                    found |= self._match(child, within & ~found)
                return found
            case Not(child):
                return within & ~self._match(child, within)

    def _cost(self, node: Node) -> int:
        """About how many postings have to be looked at."""
        match node:
            case Term(text):
                number = self.segment.morpheme_terms.find(text.encode())
                return self._frequency(self.segment.morphemes, number)
            case Phrase(terms):
                return _COST_OF_POSITIONS * min(self._cost(Term(term)) for term in terms)
            case Run(syllables) if len(syllables) == 1:
                return len(self.segment)
            case Run():
                numbers = self._bigrams(node)
                rarest = min(self._frequency(self.segment.bigrams, number) for number in numbers)
                return rarest if len(numbers) == 1 else _COST_OF_POSITIONS * rarest
            case Prefix():
                return len(self.segment)
            case Has() | Published():
                return len(self.segment) // 2
            case And(nodes):
                return min((self._cost(child) for child in nodes), default=0)
            case Or(nodes):
                return sum(self._cost(child) for child in nodes)
            case Not():
                return _COST_OF_POSITIONS * len(self.segment)

    def _frequency(self, stream: StoredPostings, term: int) -> int:
        if term < 0:
            return 0
        rows = stream.rows(term)
        frequency: int = rows.stop - rows.start
        return frequency

    def _mask(self, docs: NDArray[np.int64] | Docs) -> Mask:
        mask = np.zeros(len(self.segment), bool)
        mask[docs] = True
        return mask

    def _match_term(self, text: str, field: str) -> Mask:
        term = self.segment.morpheme_terms.find(text.encode())
        if term < 0:
            return np.zeros(len(self.segment), bool)
        rows = self.segment.morphemes.rows(term)
        docs = self.segment.morphemes.docs[rows]
        if field:
            docs = docs[in_field(self.segment.morphemes.stats[rows], field)]
        return self._mask(docs)

    def published(self, bounds: Published) -> Mask:
        """The releases of a time."""
        column = self.segment.documents.published
        found = np.ones(len(column), bool)
        if bounds.start or bounds.before:
            found &= column != UNDATED
        if bounds.start:
            found &= column >= int(bounds.start.timestamp())
        if bounds.before:
            found &= column < int(bounds.before.timestamp())
        return found

    def _match_prefix(self, text: str, field: str) -> Mask:
        first, stop = self.prefix_terms(text)
        rows = slice(int(self.segment.morphemes.starts[first]), int(self.segment.morphemes.starts[stop]))
        docs = self.segment.morphemes.docs[rows]
        if field:
            docs = docs[in_field(self.segment.morphemes.stats[rows], field)]
        return self._mask(docs)

    def prefix_terms(self, text: str) -> tuple[int, int]:
        """The numbers of the morphemes that begin so, end exclusive."""
        terms = self.segment.morpheme_terms
        # No UTF-8 has this byte: it comes behind whatever begins so.
        return terms.place(text.encode()), terms.place(text.encode() + b"\xff")

    def few(self, documents: Sequence[int], nodes: Sequence[Term | Phrase | Run | Prefix]) -> tuple[Few, Few]:
        """Some releases, numbers ascending, to find these nodes in: by morphemes, and by bigrams."""
        docs = np.array(documents, np.uint16)
        runs = [Run(node.text) if isinstance(node, Prefix) else node for node in nodes]
        return (
            Few(
                self.segment.morphemes,
                docs,
                [
                    number
                    for node in nodes
                    if isinstance(node, Term | Phrase)
                    for number in self._morphemes(node)
                ],
            ),
            Few(
                self.segment.bigrams,
                docs,
                [number for node in runs if isinstance(node, Run) for number in self._bigrams(node)],
            ),
        )

    def _morphemes(self, node: Term | Phrase) -> list[int]:
        terms = (node.text,) if isinstance(node, Term) else node.terms
        return [self.segment.morpheme_terms.find(term.encode()) for term in terms]

    def _bigrams(self, run: Run) -> list[int]:
        return [self.segment.bigram_terms.find(pack(ord(a), ord(b))) for a, b in pairwise(run.syllables)]

    def find_prefix(self, prefix: Prefix, within: Few) -> Occurrences:
        """Where morphemes that begin so stand in the releases `within`."""
        docs, positions, _, _ = self.segment.morphemes.block(*self.prefix_terms(prefix.text))
        own = np.isin(docs, within.docs)
        docs, positions = docs[own], positions[own]
        order = np.lexsort((positions, docs))
        return self._restrict(Occurrences(docs[order], positions[order]), prefix.field, _MORPHEMES)

    def _match_run(self, run: Run, within: Mask) -> Mask:
        if len(run.syllables) == 2 and not run.exact and not run.field:
            term = self.segment.bigram_terms.find(pack(*map(ord, run.syllables)))
            if term < 0:
                return np.zeros(len(self.segment), bool)
            rows = self.segment.bigrams.rows(term)
            alone = (self.segment.bigrams.stats[rows] & VALID_BIT) > 0
            return self._mask(self.segment.bigrams.docs[rows][alone]) & within
        return self._mask(self.find_run(run, within).docs)

    def find_phrase(self, node: Term | Phrase, within: Within | None = None) -> Occurrences:
        """Where the morphemes stand next to each other, in the releases `within`; None for all."""
        found, _ = self._neighbours(self.segment.morphemes, self._morphemes(node), within)
        return self._restrict(found, node.field, _MORPHEMES)

    def find_run(self, run: Run, within: Within | None = None, *, beginning: bool = False) -> Occurrences:
        """Where the run stands, in the releases `within`; None for all. Only where it begins with a morpheme,
        if that is wanted.
        """
        if len(run.syllables) == 1:
            return self._find_syllable(run, within)
        found, flags = self._neighbours(self.segment.bigrams, self._bigrams(run), within)
        if not run.exact:
            allowed = _may_match(run.syllables, flags)
            if beginning:
                allowed &= (flags[0] & STARTS) > 0
            found = Occurrences(found.docs[allowed], found.positions[allowed])
        return self._restrict(found, run.field, _BIGRAMS)

    def _find_syllable(self, run: Run, within: Within | None) -> Occurrences:
        """A single syllable: the bigrams that begin with it, which stand next to each other in the index."""
        first, stop = self.segment.bigram_terms.range(ord(run.syllables))
        docs, positions, flags, numbers = self.segment.bigrams.block(first, stop)
        if within is not None:
            own = np.isin(docs, within.docs) if isinstance(within, Few) else within[docs]
            docs, positions, flags, numbers = docs[own], positions[own], flags[own], numbers[own]
        if not run.exact:
            allowed = (flags & BARRED) == 0
            if run.syllables.isascii():
                # A number or Latin word of one letter: its end is that of the sentence, or a border.
                last = self.segment.bigram_terms.keys[numbers] & ((1 << SYLLABLE_BITS) - 1) == NO_SYLLABLE
                allowed &= np.where(last, flags & ENDS, flags & PARTS) > 0
            docs, positions = docs[allowed], positions[allowed]
        order = np.lexsort((positions, docs))
        return self._restrict(Occurrences(docs[order], positions[order]), run.field, _BIGRAMS)

    def _neighbours(
        self, stream: StoredPostings, terms: list[int], within: Within | None
    ) -> tuple[Occurrences, list[NDArray[np.uint8]]]:
        """Where `terms` stand at consecutive positions, and the flags of each there."""
        none = np.zeros(0, np.int64)
        if min(terms) < 0:
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
        found = Occurrences(keys >> _POSITION_BITS, keys & ((1 << _POSITION_BITS) - 1))
        return found, list(flags.reshape(count, -1))

    def _occurrences(
        self, stream: StoredPostings, terms: Sequence[int], within: Mask | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """Like `Few.occurrences`, of the releases that have all of the terms."""
        owned = [stream.docs[stream.rows(term)] for term in terms]
        by_size = sorted(range(len(terms)), key=lambda number: len(owned[number]))
        docs = owned[by_size[0]]
        if within is not None:
            docs = docs[within[docs]]
        places: dict[int, NDArray[np.int64]] = {}
        for number in by_size:
            own = self._places(owned[number], docs)
            there = own >= 0
            if not there.all():
                docs, own = docs[there], own[there]
                places = {other: column[there] for other, column in places.items()}
            if not len(docs):
                none = np.zeros(0, np.int64)
                return none, none, none.astype(np.uint8)
            places[number] = own
        lengths, positions, flags = stream.occurrences(
            terms, [places[number] for number in range(len(terms))]
        )
        steps = np.arange(len(terms)).repeat(lengths.reshape(len(terms), -1).sum(axis=1))
        return _keys(np.tile(docs, len(terms)), lengths, positions), steps, flags

    def _places(self, own: Docs, wanted: Docs) -> NDArray[np.int64]:
        """Where each of some releases is among those of a term, both ascending; -1 where it is not."""
        if len(wanted) * _SEARCH_COST < len(own) + len(self.segment) // _ROOM_COST:
            places = np.minimum(own.searchsorted(wanted), len(own) - 1)
            places[own[places] != wanted] = -1
            return places
        table = np.full(len(self.segment), -1, np.int32)
        table[own] = np.arange(len(own), dtype=np.int32)
        return table[wanted].astype(np.int64)

    def _restrict(self, found: Occurrences, field: str, stream: int) -> Occurrences:
        """The occurrences in one text field."""
        if not field:
            return found
        fields = len(TEXT_FIELDS)
        number = _FIELD_NUMBERS[field]
        starts = self.segment.documents.field_starts[:, stream * fields : (stream + 1) * fields]
        inside = found.positions >= starts[found.docs, number]
        if number + 1 < fields:
            inside &= found.positions < starts[found.docs, number + 1]
        return Occurrences(found.docs[inside], found.positions[inside])


def _keys(docs: Docs, lengths: NDArray[np.int64], positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Releases, each of which has as many positions as `lengths` says, and those, as one number each."""
    keys = (docs.astype(np.int64) << _POSITION_BITS).repeat(lengths)
    keys |= positions
    return keys


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
