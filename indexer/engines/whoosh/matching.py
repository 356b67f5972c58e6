"""Which releases of a segment a query tree matches: masks over the segment, one byte a release.

A run of syllables is found by its bigrams at neighbouring positions; a phrase by its morphemes. The
rarest of them says which releases are worth looking at. Nothing is done a posting at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import BARRED, ENDS, NO_SYLLABLE, PARTS, STARTS, SYLLABLE_BITS, pack
from indexer.engine import And, Node, Not, Or, Phrase, Run, Term
from indexer.engines.whoosh.postings import (
    BODY_MASK,
    SUBTITLE_SHIFT,
    TITLE_SHIFT,
    VALID_BIT,
    Docs,
    StoredPostings,
    zone_of,
)
from indexer.engines.whoosh.segment import Segment
from indexer.schema import TEXT_FIELDS

Mask = NDArray[np.bool_]

_MORPHEMES, _BIGRAMS = 0, 1
_FIELD_NUMBERS = {field.name: number for number, field in enumerate(TEXT_FIELDS)}
# A position and the release it is in as one number.
_POSITION_BITS = 32


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
        return self.keep_alive(self._match(node))

    def keep_alive(self, mask: Mask) -> Mask:
        """`mask` without the releases that are deleted."""
        return mask if self._alive is None else mask & self._alive

    def _match(self, node: Node) -> Mask:
        match node:
            case Term(text, field):
                return self._match_term(text, field)
            case Phrase(terms, field):
                return self._mask(self.find_phrase(terms, field).docs)
            case Run():
                return self._match_run(node)
            case And(nodes):
                found = np.ones(len(self.segment), bool)
                for child in nodes:
                    found &= self._match(child)
                    if not found.any():
                        break
                return found
            case Or(nodes):
                found = np.zeros(len(self.segment), bool)
                for child in nodes:
                    found |= self._match(child)
                return found
            case Not(child):
                return ~self._match(child)

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
            docs = docs[_in_field(self.segment.morphemes, rows, field)]
        return self._mask(docs)

    def _match_run(self, run: Run) -> Mask:
        if len(run.syllables) == 2 and not run.exact:
            term = self.segment.bigram_terms.find(pack(*map(ord, run.syllables)))
            if term < 0:
                return np.zeros(len(self.segment), bool)
            rows = self.segment.bigrams.rows(term)
            chosen = (self.segment.bigrams.stats[rows] & VALID_BIT) > 0
            if not run.field:
                return self._mask(self.segment.bigrams.docs[rows][chosen])
        return self._mask(self.find_run(run).docs)

    def find_phrase(self, terms: tuple[str, ...], field: str = "", doc: int | None = None) -> Occurrences:
        """Where the morphemes stand next to each other; in the release `doc` only, where it is given."""
        numbers = [self.segment.morpheme_terms.find(term.encode()) for term in terms]
        found, _, _ = self._neighbours(self.segment.morphemes, numbers, doc)
        return self._restrict(found, field, _MORPHEMES)

    def find_run(self, run: Run, doc: int | None = None) -> Occurrences:
        """Where the run stands; in the release `doc` only, where it is given."""
        if len(run.syllables) == 1:
            return self._find_syllable(run, doc)
        keys = [pack(ord(a), ord(b)) for a, b in zip(run.syllables, run.syllables[1:], strict=False)]
        numbers = [self.segment.bigram_terms.find(key) for key in keys]
        found, first, others = self._neighbours(self.segment.bigrams, numbers, doc)
        if not run.exact:
            allowed = _may_match(run.syllables, first, others)
            found = Occurrences(found.docs[allowed], found.positions[allowed])
        return self._restrict(found, run.field, _BIGRAMS)

    def _find_syllable(self, run: Run, doc: int | None) -> Occurrences:
        """A single syllable: the bigrams that begin with it, which stand next to each other in the index."""
        first, stop = self.segment.bigram_terms.range(ord(run.syllables))
        docs, positions, flags, numbers = self.segment.bigrams.block(first, stop)
        if doc is not None:
            own = docs == doc
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
        self, stream: StoredPostings, terms: list[int], doc: int | None
    ) -> tuple[Occurrences, NDArray[np.uint8], list[NDArray[np.uint8]]]:
        """Where `terms` stand at consecutive positions; the flags of the first there, and of each."""
        none = np.zeros(0, np.int64)
        if min(terms) < 0:
            return Occurrences(none, none), none.astype(np.uint8), [none.astype(np.uint8)]
        rows = [stream.rows(term) for term in terms]
        rarest = min(range(len(terms)), key=lambda number: rows[number].stop - rows[number].start)
        if doc is None:
            docs = stream.docs[rows[rarest]]
            for number, row in enumerate(rows):
                if number != rarest and len(docs):
                    docs = docs[_places(stream.docs[row], docs)[1]]
        else:
            docs = np.array([doc], np.uint16)
        keys: NDArray[np.int64] | None = None
        flags: list[NDArray[np.uint8]] = []
        for step, (term, row) in enumerate(zip(terms, rows, strict=True)):
            places, there = _places(stream.docs[row], docs)
            owners, positions, own_flags = stream.occurrences(term, places[there])
            own = docs[there].astype(np.int64)[owners] << _POSITION_BITS | (positions - step + len(terms))
            if keys is None:
                keys, flags = own, [own_flags]
                continue
            at, found = _places(own, keys)
            keys = keys[found]
            flags = [column[found] for column in flags] + [own_flags[at[found]]]
        assert keys is not None
        positions = (keys & ((1 << _POSITION_BITS) - 1)) - len(terms)
        return Occurrences(keys >> _POSITION_BITS, positions), flags[0], flags

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


def _places(
    sorted_values: NDArray[np.generic], wanted: NDArray[np.generic]
) -> tuple[NDArray[np.int64], Mask]:
    """Where each of `wanted` is among ascending values, and whether it is there at all."""
    places = np.searchsorted(sorted_values, wanted)
    places = np.minimum(places, len(sorted_values) - 1)
    return places, sorted_values[places] == wanted


def _in_field(stream: StoredPostings, rows: slice, field: str) -> Mask:
    stats = stream.stats[rows]
    shift = {"title": TITLE_SHIFT, "subtitle": SUBTITLE_SHIFT}.get(field)
    there: Mask = (stats & BODY_MASK if shift is None else zone_of(stats, shift)) > 0
    return there


def _may_match(syllables: str, first: NDArray[np.uint8], flags: list[NDArray[np.uint8]]) -> Mask:
    """Which occurrences of a run are more than letters that happen to meet."""
    begins, ends = (first & STARTS) > 0, (flags[-1] & ENDS) > 0
    parted = np.zeros(len(first), bool)
    for column in flags:
        parted |= (column & PARTS) > 0
    allowed = (begins | ends | ~parted) & ((first & BARRED) == 0)
    whole: Mask = allowed & ends if syllables[-1].isascii() else allowed
    return whole
