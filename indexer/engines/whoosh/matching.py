"""Which releases of a segment a query tree matches: masks over the segment, one byte a release.

A run of syllables is found by its bigrams at neighbouring positions; a phrase by its morphemes. The
rarest of them says which releases are worth looking at. Nothing is done a posting at a time.
"""

from __future__ import annotations

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
# Releases to look in: a mask over the segment, or the numbers of a few, ascending.
Within = Mask | NDArray[np.int64]

_MORPHEMES, _BIGRAMS = 0, 1
_FIELD_NUMBERS = {field.name: number for number, field in enumerate(TEXT_FIELDS)}
# A position and the release it is in as one number.
_POSITION_BITS = 32
# Looking one release up among many costs about as much as numbering this many.
_SEARCH_COST = 8
# What looking at the positions of a posting costs, where looking at the posting alone costs 1.
_COST_OF_POSITIONS = 20


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Places where a run or phrase stands: the release, and the position of its first token."""

    docs: NDArray[np.int64]
    positions: NDArray[np.int64]


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
            case Phrase(terms, field):
                return self._mask(self.find_phrase(terms, field, within).docs)
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
            case Run(syllables):
                pairs = pairwise(syllables)
                numbers = [self.segment.bigram_terms.find(pack(ord(a), ord(b))) for a, b in pairs]
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

    def find_prefix(self, prefix: Prefix, within: NDArray[np.int64]) -> Occurrences:
        """Where morphemes that begin so stand in the releases `within`."""
        docs, positions, _, _ = self.segment.morphemes.block(*self.prefix_terms(prefix.text))
        own = np.isin(docs, within)
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

    def find_phrase(
        self, terms: tuple[str, ...], field: str = "", within: Within | None = None
    ) -> Occurrences:
        """Where the morphemes stand next to each other, in the releases `within`: a mask, some, or None for
        all.
        """
        numbers = [self.segment.morpheme_terms.find(term.encode()) for term in terms]
        found, _ = self._neighbours(self.segment.morphemes, numbers, within)
        return self._restrict(found, field, _MORPHEMES)

    def find_run(self, run: Run, within: Within | None = None, *, beginning: bool = False) -> Occurrences:
        """Where the run stands, in the releases `within`: a mask, some, or None for all; only where it begins
        with a morpheme, if that is wanted.
        """
        if len(run.syllables) == 1:
            return self._find_syllable(run, within)
        keys = [pack(ord(a), ord(b)) for a, b in pairwise(run.syllables)]
        numbers = [self.segment.bigram_terms.find(key) for key in keys]
        found, flags = self._neighbours(self.segment.bigrams, numbers, within)
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
            own = within[docs] if within.dtype == bool else np.isin(docs, within)
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
        owned = [stream.docs[stream.rows(term)] for term in terms]
        by_size = sorted(range(len(terms)), key=lambda number: len(owned[number]))
        docs = owned[by_size[0]]
        if within is not None:
            docs = self._among(docs, within)
        places: dict[int, NDArray[np.int64]] = {}
        for number in by_size:
            own = self._places(owned[number], docs)
            there = own >= 0
            if not there.all():
                docs, own = docs[there], own[there]
                places = {other: column[there] for other, column in places.items()}
            if not len(docs):
                return Occurrences(none, none), [none.astype(np.uint8)]
            places[number] = own
        count = len(terms)
        owners, positions, flags = stream.occurrences(terms, [places[number] for number in range(count)])
        steps, own = np.divmod(owners, len(docs))
        keys = docs.astype(np.int64)[own] << _POSITION_BITS | (positions - steps + count)
        if count == 1:
            met = np.arange(len(keys))
        else:
            # Each term has a place once: where as many are alike as there are terms, all are neighbours.
            order = keys.argsort(kind="stable")
            ordered = keys[order]
            first = (ordered[count - 1 :] == ordered[: len(ordered) - count + 1]).nonzero()[0]
            keys, met = ordered[first], order[first + np.arange(count)[:, None]]
        found = Occurrences(keys >> _POSITION_BITS, (keys & ((1 << _POSITION_BITS) - 1)) - count)
        return found, list(flags[met.reshape(count, -1)])

    @staticmethod
    def _among(docs: Docs, within: Within) -> Docs:
        """Those of some releases that are `within`."""
        if within.dtype == bool:
            return docs[within[docs]]
        if not len(docs):
            return docs
        places = np.minimum(np.searchsorted(docs, within.astype(np.uint16)), len(docs) - 1)
        there: Docs = docs[places[docs[places] == within]]
        return there

    def _places(self, own: Docs, wanted: Docs) -> NDArray[np.int64]:
        """Where each of some releases is among those of a term, both ascending; -1 where it is not."""
        if len(wanted) * _SEARCH_COST < len(own):
            places = np.minimum(np.searchsorted(own, wanted), len(own) - 1)
            return np.where(own[places] == wanted, places, -1)
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
