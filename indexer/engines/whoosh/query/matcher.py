"""Which releases a query tree matches: masks over a collection, one byte a release.

A run of syllables is found by its bigrams at neighbouring positions; a phrase by its morphemes. The
rarest of them says which releases are worth looking at. Nothing is done a posting at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import CAN_END, CAN_START, MORPHEME_END, NO_START, has_break
from indexer.analysis.letters import is_digit
from indexer.engine import And, DateRange, FacetIn, NgramPhrase, Node, Not, Or, Phrase, Prefix, Term
from indexer.engines.whoosh.build.near_duplicates import UNDATED
from indexer.engines.whoosh.format.postings import VALID_BIT, Indexes, StoredPostings, Words, in_field
from indexer.engines.whoosh.query.multi_segment import (
    POSITION_BITS,
    Collection,
    Deadline,
    Mask,
    Stream,
    TermPostings,
)
from indexer.schema import TEXT_FIELDS

_MORPHEMES, _BIGRAMS = 0, 1
# Neighbours that are looked for at once.
_TERMS_AT_ONCE = 16
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

    def match(self, node: Node, deadline: Deadline | None = None) -> Mask:
        """The releases that `node` matches; some of them where the deadline passes."""
        alive = self.collection.alive
        within = np.ones(len(self.collection), bool) if alive is None else alive
        return self._match(node, within, deadline or Deadline())

    def keep_alive(self, mask: Mask) -> Mask:
        """`mask` without the releases that are not alive."""
        return mask if self.collection.alive is None else mask & self.collection.alive

    def _match(self, node: Node, within: Mask, deadline: Deadline) -> Mask:
        """Which of the releases `within` the node matches. What is decided already is not looked at: a
        second word only where the first is, a second reading of a word only where the first is not. Past the
        deadline none of what would have to be looked at more.
        """
        match node:
            case Term(text, field):
                return self._match_term(text, field) & within
            case Phrase():
                return self._mask(self.find_phrase(node, within))
            case NgramPhrase():
                return self._match_run(node, within, deadline)
            case Prefix(text, field):
                # The run has to begin with a morpheme: what it begins is the same word.
                begun = self._match_prefix(text, field, deadline)
                runs = self.find_run(NgramPhrase(text, field, "begin"), within & ~begun)
                return (begun & within) | self._mask(runs)
            case FacetIn(facet, values):
                return self.collection.having(facet, values) & within
            case DateRange():
                return self.published(node) & within
            case And(nodes):
                found = within
                for child in sorted(nodes, key=self._cost):
                    if deadline():
                        return self._none()
                    found = self._match(child, found, deadline)
                    if not found.any():
                        break
                return found
            case Or(nodes):
                found = self._none()
                for child in sorted(nodes, key=self._cost):
                    if deadline():
                        break
                    found |= self._match(child, within & ~found, deadline)
                return found
            case Not(child):
                unwanted = self._match(child, within, deadline)
                # Others may match too.
                return self._none() if deadline.passed else within & ~unwanted

    def _none(self) -> Mask:
        return np.zeros(len(self.collection), bool)

    def _cost(self, node: Node) -> int:
        """About how many postings have to be looked at."""
        match node:
            case Term(text):
                return self.collection.morpheme(text).frequency
            case Phrase(terms):
                return _COST_OF_POSITIONS * min(self._cost(Term(term)) for term in terms)
            case NgramPhrase(syllables) if len(syllables) == 1:
                return len(self.collection)
            case NgramPhrase():
                rarest = min(bigram.frequency for bigram in self._bigrams(node))
                return rarest if self._needs_no_positions(node) else _COST_OF_POSITIONS * rarest
            case Prefix():
                return len(self.collection)
            case FacetIn() | DateRange():
                return len(self.collection) // 2
            case And(nodes):
                return min((self._cost(child) for child in nodes), default=0)
            case Or(nodes):
                return sum(self._cost(child) for child in nodes)
            case Not():
                return _COST_OF_POSITIONS * len(self.collection)

    def _mask(self, found: Occurrences) -> Mask:
        mask = self._none()
        mask[found.docs] = True
        return mask

    def _match_term(self, text: str, field: str) -> Mask:
        return self.collection.morphemes.mark(
            self._none(),
            self.collection.morpheme(text),
            (lambda stats: in_field(stats, field)) if field else None,
        )

    def published(self, bounds: DateRange) -> Mask:
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

    def _match_prefix(self, text: str, field: str, deadline: Deadline) -> Mask:
        mask = self._none()
        for segment, base in zip(self.collection.segments, self.collection.bases, strict=False):
            if deadline():
                break
            first, stop = segment.morpheme_terms.beginning(text.encode())
            rows = slice(int(segment.morphemes.starts[first]), int(segment.morphemes.starts[stop]))
            docs = segment.morphemes.docs[rows]
            if field:
                docs = docs[in_field(segment.morphemes.stats[rows], field)]
            mask[base : base + len(segment)][docs] = True
        return mask

    def few(self, docs: Indexes, nodes: Sequence[Term | Phrase | NgramPhrase | Prefix]) -> tuple[Few, Few]:
        """Some releases, numbers ascending, to find these nodes in: by morphemes, and by bigrams."""
        runs = [
            NgramPhrase(node.text, borders="begin") if isinstance(node, Prefix) else node for node in nodes
        ]
        morphemes = [
            term for node in nodes if isinstance(node, Term | Phrase) for term in self._morphemes(node)
        ]
        bigrams = [term for node in runs if isinstance(node, NgramPhrase) for term in self._bigrams(node)]
        return Few(self.collection.morphemes, docs, morphemes), Few(self.collection.bigrams, docs, bigrams)

    def _morphemes(self, node: Term | Phrase) -> list[TermPostings]:
        return [self.collection.morpheme(text) for text in
                ((node.text,) if isinstance(node, Term) else node.terms)]  # fmt: skip

    def _bigrams(self, run: NgramPhrase) -> list[TermPostings]:
        return [self.collection.bigram(a + b) for a, b in pairwise(run.chars)]

    def find_prefix(self, prefix: Prefix, within: Few) -> Occurrences:
        """Where morphemes that begin so stand in the releases `within`."""
        ranges = [
            segment.morpheme_terms.beginning(prefix.text.encode()) for segment in self.collection.segments
        ]
        streams = [segment.morphemes for segment in self.collection.segments]
        return self._restrict(self._find_terms(streams, ranges, within), prefix.field, _MORPHEMES)

    def _find_terms(
        self, streams: Sequence[StoredPostings], ranges: Sequence[tuple[int, int]], within: Few
    ) -> Occurrences:
        """Where terms, from number to number in each segment, stand in the releases `within`."""
        none = np.zeros(0, np.int64)
        found = [(none, none)]
        for stream, (first, stop), (base, end) in zip(
            streams, ranges, pairwise(self.collection.bases), strict=True
        ):
            wanted = np.zeros(end - base, bool)
            wanted[within.docs[(within.docs >= base) & (within.docs < end)] - base] = True
            docs, positions = stream.occurrences_in(first, stop, wanted)
            found.append((docs + base, positions))
        docs, positions = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.lexsort((positions, docs))
        return Occurrences(docs[order], positions[order])

    def _match_run(self, run: NgramPhrase, within: Mask, deadline: Deadline) -> Mask:
        mask = self._none()
        if len(run.chars) == 1:
            return self._match_syllable(run, mask, deadline) & within
        if self._needs_no_positions(run):
            in_it = partial(in_field, field=run.field) if run.field else None
            which = _is_word if run.borders == "both" else in_it
            return self.collection.bigrams.mark(mask, self.collection.bigram(run.chars), which) & within
        return self._mask(self.find_run(run, within))

    @staticmethod
    def _needs_no_positions(run: NgramPhrase) -> bool:
        """Whether the statistics of its bigrams tell where a run matches."""
        if len(run.chars) != 2:
            return len(run.chars) == 1
        return (
            not run.field
            if run.borders == "both"
            else run.borders == "none" and not all(map(is_digit, run.chars))
        )

    def _match_syllable(self, run: NgramPhrase, mask: Mask, deadline: Deadline) -> Mask:
        """The releases with a syllable: the bigrams that begin with it are neighbours in the index."""
        for segment, base in zip(self.collection.segments, self.collection.bases, strict=False):
            if deadline():
                break
            first, stop = segment.bigram_terms.range(ord(run.chars))
            rows = slice(int(segment.bigrams.starts[first]), int(segment.bigrams.starts[stop]))
            docs = segment.bigrams.docs[rows]
            if run.field:
                docs = docs[in_field(segment.bigrams.stats[rows], run.field)]
            mask[base : base + len(segment)][docs] = True
        return mask

    def find_phrase(self, node: Term | Phrase, within: Within | None = None) -> Occurrences:
        """Where the morphemes stand next to each other, in the releases `within`; None for all."""
        found, _ = self._neighbours(self.collection.morphemes, self._morphemes(node), within)
        return self._restrict(found, node.field, _MORPHEMES)

    def find_run(self, run: NgramPhrase, within: Within | None = None) -> Occurrences:
        """Where a run of two syllables or more stands, in the releases `within`; None for all."""
        found, flags = self._neighbours(self.collection.bigrams, self._bigrams(run), within)
        allowed = _has_breaks(run, flags) if run.borders == "none" else _has_borders(run, flags)
        return self._restrict(Occurrences(found.docs[allowed], found.positions[allowed]), run.field, _BIGRAMS)

    def find_syllable(self, run: NgramPhrase, within: Few) -> Occurrences:
        """Where a single syllable stands in the releases `within`."""
        ranges = [segment.bigram_terms.range(ord(run.chars)) for segment in self.collection.segments]
        streams = [segment.bigrams for segment in self.collection.segments]
        return self._restrict(self._find_terms(streams, ranges, within), run.field, _BIGRAMS)

    def _neighbours(
        self, stream: Stream, terms: Sequence[TermPostings], within: Within | None
    ) -> tuple[Occurrences, list[NDArray[np.uint8]]]:
        """Where `terms` stand at consecutive positions, and the flags of each there."""
        none = np.zeros(0, np.int64)
        if not all(term.parts for term in terms):
            return Occurrences(none, none), [none.astype(np.uint8)] * len(terms)
        if len(terms) > _TERMS_AT_ONCE and not isinstance(within, Few):
            return self._neighbours_by_pieces(stream, terms, within)
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

    def _neighbours_by_pieces(
        self, stream: Stream, terms: Sequence[TermPostings], within: Mask | None
    ) -> tuple[Occurrences, list[NDArray[np.uint8]]]:
        """As `_neighbours`, of many terms: each piece is looked for only where those before it stand, so that
        a syllable that is repeated for ever costs no more than its first few.
        """
        mask = self._none()
        mask[stream.docs(min(terms, key=lambda term: term.frequency))] = True
        if within is not None:
            mask &= within
        keys: NDArray[np.int64] | None = None
        flags: list[NDArray[np.uint8]] = []
        for start in range(0, len(terms), _TERMS_AT_ONCE):
            found, own = self._neighbours(stream, terms[start : start + _TERMS_AT_ONCE], mask)
            here = (found.docs << POSITION_BITS) + found.positions - start
            if keys is None:
                keys, flags = here, own
            else:
                keys, before, behind = np.intersect1d(keys, here, return_indices=True)
                flags = [column[before] for column in flags] + [column[behind] for column in own]
            mask = self._none()
            mask[keys >> POSITION_BITS] = True
            if not len(keys):
                return Occurrences(keys, keys), [np.zeros(0, np.uint8)] * len(terms)
        assert keys is not None
        return Occurrences(keys >> POSITION_BITS, keys & ((1 << POSITION_BITS) - 1)), flags

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


def _is_word(stats: Words) -> Mask:
    """Where an occurrence of a bigram is a word by itself."""
    word: Mask = (stats & VALID_BIT) > 0
    return word


def _has_borders(run: NgramPhrase, flags: list[NDArray[np.uint8]]) -> Mask:
    """Which occurrences of a run have their borders where they have to be."""
    begins, closes = (flags[0] & CAN_START) > 0, (flags[-1] & CAN_END) > 0
    ends = (flags[-1] & MORPHEME_END) > 0
    allowed: Mask = (flags[0] & NO_START) == 0
    match run.borders:
        case "both":
            allowed &= begins & closes
        case "form":
            allowed &= begins & ends
        case "begin":
            allowed &= begins
        case _:
            allowed &= begins | closes
    if run.chars[-1].isascii() and run.borders != "begin":
        allowed &= ends | closes
    for column in flags[1:]:
        allowed &= ~has_break(column)
    return allowed


def _has_breaks(run: NgramPhrase, flags: list[NDArray[np.uint8]]) -> Mask:
    """Which occurrences have breaks between the same digits as the run."""
    allowed = np.ones(len(flags[0]), bool)
    for number, (a, b) in enumerate(pairwise(run.chars)):
        if is_digit(a) and is_digit(b):
            allowed &= has_break(flags[number]) == (number in run.breaks)
    return allowed
