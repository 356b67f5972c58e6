"""The segments of a generation as one: their releases laid end to end, a term's postings in all of them.

Release d of segment s is number `bases[s] + d` of the collection. Only what reads the arrays of a segment
goes segment by segment; the rest is worked out for all at once, as a call costs as much as some hundred
postings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, groupby, pairwise
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import NO_CHAR, pack
from indexer.engine import Stop, never
from indexer.engines.whoosh.format.documents import PackedSpans
from indexer.engines.whoosh.format.postings import Docs, Indexes, StoredPostings, Words
from indexer.engines.whoosh.format.segment import Segment
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS

Mask = NDArray[np.bool_]

_CACHED_TERMS = 16_384
# A position and the release it is in as one number.
POSITION_BITS = 32
# Looking one release up among many costs about as much as numbering this many, or making room for so many.
_SEARCH_COST = 24
_ROOM_COST = 8
_NONE: Indexes = np.zeros(0, np.int64)
_NO_DOCS: Docs = np.zeros(0, np.uint16)


class Deadline:
    """Asks whether to stop, and never again once it was told so, which `passed` tells."""

    def __init__(self, stop: Stop = never) -> None:
        self._stop = stop
        self.passed = False

    def __call__(self) -> bool:
        """Whether to stop."""
        self.passed = self.passed or self._stop()
        return self.passed


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A term in one segment: which segment, its number and its first row there, and its postings."""

    segment: int
    term: int
    first: int
    docs: Docs
    stats: Words


@dataclass(frozen=True, slots=True, eq=False)
class TermPostings:
    """A term in a collection, by segments, those without it left out; `frequency` is how many releases
    have it, those apart that are under embargo.
    """

    name: bytes | int
    parts: tuple[Part, ...]
    frequency: int


class Stream:
    """A stream of all segments. `bases` has the number of each segment's first release, and of all; `hidden`
    has the releases of each segment, ascending, that do not count in frequencies.
    """

    def __init__(
        self,
        streams: Sequence[StoredPostings],
        numbers: Sequence[Callable[[Any], int]],
        bases: Sequence[int],
        hidden: Sequence[Docs],
    ) -> None:
        self._streams = streams
        self._numbers = numbers
        self._bases = bases
        self._bounds = np.array(bases)
        self._hidden = hidden
        # The words of queries repeat, and so do their terms.
        self.find = lru_cache(_CACHED_TERMS)(self._find)

    def _find(self, name: bytes | int) -> TermPostings:
        """A term by its UTF-8 or its key. One that no release has is one without postings."""
        parts, frequency = [], 0
        for segment, (stream, number_of) in enumerate(zip(self._streams, self._numbers, strict=True)):
            number = number_of(name)
            if number >= 0:
                rows = stream.rows(number)
                docs, hidden = stream.docs[rows], self._hidden[segment]
                parts.append(Part(segment, number, rows.start, docs, stream.stats[rows]))
                frequency += len(docs)
                if len(hidden):
                    there = docs.searchsorted(hidden, "right") - docs.searchsorted(hidden)
                    frequency -= int(there.sum())
        return TermPostings(name, tuple(parts), frequency)

    def mark(self, mask: Mask, term: TermPostings, which: Callable[[Words], Mask] | None = None) -> Mask:
        """Set the releases of a term in `mask`, or those for whose statistics `which` is true; the mask."""
        for part in term.parts:
            docs = part.docs if which is None else part.docs[which(part.stats)]
            mask[self._bases[part.segment] : self._bases[part.segment + 1]][docs] = True
        return mask

    def docs(self, term: TermPostings, which: Callable[[Words], Mask] | None = None) -> Indexes:
        """Likewise, ascending."""
        found = [part.docs if which is None else part.docs[which(part.stats)] for part in term.parts]
        return self._lay(found, [part.segment for part in term.parts])

    def rows(self, term: TermPostings) -> Indexes:
        """The rows of all releases of a term, each in the arrays of its own segment."""
        return np.concatenate(
            [_NONE, *(np.arange(part.first, part.first + len(part.docs)) for part in term.parts)]
        )

    def _lay(self, columns: Sequence[Docs], segments: Sequence[int]) -> Indexes:
        """Releases of segments, those of one together, by their numbers in the collection."""
        laid: Indexes = np.concatenate([_NO_DOCS, *columns], dtype=np.int64)
        start = 0
        for segment, own in groupby(zip(segments, columns, strict=True), key=itemgetter(0)):
            stop = start + sum(len(column) for _, column in own)
            if base := self._bases[segment]:
                laid[start:stop] += base
            start = stop
        return laid

    def postings(self, terms: Sequence[TermPostings]) -> tuple[Indexes, Words, list[int], list[int]]:
        """All postings of some terms, segment by segment: releases and statistics; and for each run of
        postings of one term how long it is, and the place of the term among `terms`.
        """
        runs = sorted(
            ((part.segment, place, part) for place, term in enumerate(terms) for part in term.parts),
            key=itemgetter(0),
        )
        docs = self._lay([part.docs for _, _, part in runs], [segment for segment, _, _ in runs])
        stats = np.concatenate([_NO_DOCS, *(part.stats for _, _, part in runs)])
        return docs, stats, [len(part.docs) for _, _, part in runs], [place for _, place, _ in runs]

    def stats_at(self, terms: Sequence[TermPostings], docs: Indexes) -> Words:
        """The statistics of some terms, a row each, in some releases, ascending; 0 where one is not there."""
        return self.stats(self.rows_at(terms, docs), docs)

    def stats(self, rows: Indexes, docs: Indexes) -> Words:
        """The statistics at what `rows_at` gave of some releases."""
        found = np.zeros(rows.shape, np.uint16)
        for stream, (start, stop) in zip(self._streams, pairwise(self._cut(docs)), strict=True):
            if start < stop and len(stream.stats):
                found[:, start:stop] = stream.stats[rows[:, start:stop]]
        found[rows < 0] = 0
        return found

    def rows_at(self, terms: Sequence[TermPostings], docs: Indexes) -> Indexes:
        """The rows of some terms, one after the other, in the arrays of the segment of each of some releases,
        ascending; -1 where a term is not there.
        """
        found = np.full((len(terms), len(docs)), -1)
        own: list[tuple[list[int], list[Part]]] = [([], []) for _ in self._streams]
        for place, term in enumerate(terms):
            for part in term.parts:
                own[part.segment][0].append(place)
                own[part.segment][1].append(part)
        for segment, (start, stop) in enumerate(pairwise(self._cut(docs))):
            places, parts = own[segment]
            if parts and start < stop:
                wanted = (docs[start:stop] - self._bases[segment]).astype(np.uint16)
                found[places, start:stop] = self._rows(segment, parts, wanted)
        return found

    def _cut(self, docs: Indexes) -> list[int]:
        """Where the releases of each segment begin among some, and all end."""
        cuts: list[int] = docs.searchsorted(self._bounds).tolist()
        return cuts

    def _rows(self, segment: int, parts: Sequence[Part], wanted: Docs) -> Indexes:
        size = self._bases[segment + 1] - self._bases[segment]
        # What looking them up costs a term, beyond making room for a table.
        cost = len(wanted) * _SEARCH_COST - size // _ROOM_COST
        rows = np.empty((len(parts), len(wanted)), np.int64)
        searched = [place for place, part in enumerate(parts) if cost < 0 or cost < len(part.docs)]
        if searched:
            own = [parts[place] for place in searched]
            found = np.concatenate([part.docs.searchsorted(wanted) for part in own]).reshape(len(own), -1)
            np.minimum(found, np.array([len(part.docs) - 1 for part in own])[:, None], out=found)
            found += np.array([part.first for part in own])[:, None]
            found[self._streams[segment].docs[found] != wanted] = -1
            if len(own) == len(parts):
                return found
            rows[searched] = found
        for place in sorted(set(range(len(parts))).difference(searched)):
            part = parts[place]
            table = np.full(size, -1, np.int32)
            table[part.docs] = np.arange(part.first, part.first + len(part.docs), dtype=np.int32)
            rows[place] = table[wanted]
        return rows

    def occurrences(
        self, terms: Sequence[TermPostings], docs: Indexes, rows: Indexes
    ) -> tuple[Indexes, Indexes, NDArray[np.uint8]]:
        """Occurrences of some terms in some releases, ascending, where `rows_at` found their `rows`. For
        every one: release and position as one number, see POSITION_BITS; the place of its term among `terms`;
        its flags. Those of a segment are together, and term by term in it.
        """
        columns = [(docs[own >= 0], own[own >= 0]) for own in rows]
        parts = [{part.segment: part for part in term.parts} for term in terms]
        cuts = [self._cut(own) for own, _ in columns]
        found: list[tuple[Indexes, Indexes, NDArray[np.uint8]]] = []
        for segment, stream in enumerate(self._streams):
            own = [place for place, cut in enumerate(cuts) if cut[segment] < cut[segment + 1]]
            if not own:
                continue
            pieces = [slice(cuts[place][segment], cuts[place][segment + 1]) for place in own]
            lengths, positions, flags = stream.occurrences(
                [parts[place][segment].term for place in own],
                [
                    columns[place][1][piece] - parts[place][segment].first
                    for place, piece in zip(own, pieces, strict=True)
                ],
            )
            owners = np.concatenate(
                [columns[place][0][piece] for place, piece in zip(own, pieces, strict=True)]
            )
            keys = (owners << POSITION_BITS).repeat(lengths) | positions
            steps = np.array(own).repeat([piece.stop - piece.start for piece in pieces]).repeat(lengths)
            found.append((keys, steps, flags))
        if len(found) == 1:
            return found[0]
        keys, steps, flags = (
            np.concatenate(column)
            for column in zip((_NONE, _NONE, _NONE.astype(np.uint8)), *found, strict=True)
        )
        return keys, steps, flags


class Collection:
    """Segments laid end to end. Of each, `deleted` says which releases are not there any more, `hidden`
    which are under embargo: these are nowhere, and count in nothing. `alive` are the others; None: all.
    """

    def __init__(
        self, segments: Sequence[Segment], deleted: Sequence[Sequence[int]], hidden: Sequence[Docs]
    ) -> None:
        self.segments = segments
        self.bases = [0, *accumulate(map(len, segments))]
        self.hidden = self._number(hidden)
        gone = self._number([np.array(own, np.int64) for own in deleted])
        self.alive: Mask | None = None
        if len(gone) or len(self.hidden):
            self.alive = np.ones(len(self), bool)
            self.alive[gone] = self.alive[self.hidden] = False
        self.morphemes = Stream(
            [segment.morphemes for segment in segments],
            [segment.morpheme_terms.find for segment in segments],
            self.bases,
            hidden,
        )
        self.bigrams = Stream(
            [segment.bigrams for segment in segments],
            [segment.bigram_terms.find for segment in segments],
            self.bases,
            hidden,
        )
        self.facet = lru_cache(len(FACETS))(self._load_facet)

    def __len__(self) -> int:
        return self.bases[-1]

    def _number(self, columns: Sequence[Docs | Indexes]) -> Indexes:
        """Releases of each segment by their numbers in the collection."""
        numbered = (own + np.int64(base) for own, base in zip(columns, self.bases, strict=False))
        return np.concatenate([_NONE, *numbered])

    def morpheme(self, text: str) -> TermPostings:
        """A morpheme."""
        return self.morphemes.find(text.encode())

    def bigram(self, text: str) -> TermPostings:
        """A bigram, or a syllable that ends its sentence."""
        return self.bigrams.find(pack(ord(text[0]), ord(text[1]) if len(text) > 1 else NO_CHAR))

    @cached_property
    def published(self) -> NDArray[np.int64]:
        """The dates, see `Documents`."""
        return np.concatenate([_NONE, *(segment.documents.published for segment in self.segments)])

    @cached_property
    def body_groups(self) -> NDArray[np.uint64]:
        """The groups of releases with bodies alike, see `alike`."""
        columns = (segment.documents.body_groups for segment in self.segments)
        return np.concatenate([np.zeros(0, np.uint64), *columns])

    @cached_property
    def field_starts(self) -> NDArray[np.uint32]:
        """The first positions of the text fields."""
        none = np.zeros((0, 2 * len(TEXT_FIELDS)), np.uint32)
        return np.concatenate([none, *(segment.documents.field_starts for segment in self.segments)])

    def place(self, document: int) -> tuple[Segment, int]:
        """The segment of a release, and its number there."""
        segment = bisect_right(self.bases, document) - 1
        return self.segments[segment], document - self.bases[segment]

    def find(self, release_id: str) -> int:
        """The number of a release that is alive; -1 where there is none of this id."""
        for segment, base in zip(self.segments, self.bases, strict=False):
            document = base + segment.documents.find(release_id)
            if document >= base and (self.alive is None or self.alive[document]):
                return document
        return -1

    def id(self, document: int) -> str:
        """The id of a release."""
        segment, own = self.place(document)
        return segment.documents.id(own)

    def release(self, document: int) -> tuple[PressRelease, PackedSpans]:
        """A release, and the spans of its morphemes."""
        segment, own = self.place(document)
        return segment.documents.release(own)

    def having(self, name: str, values: Iterable[str]) -> Mask:
        """The releases with one of some values."""
        wanted = tuple(values)
        columns = (segment.documents.having(name, wanted) for segment in self.segments)
        return np.concatenate([np.zeros(0, bool), *columns])

    def _load_facet(self, name: str) -> tuple[NDArray[np.int64], list[str]]:
        """The code of each release's value, and all values, ascending."""
        columns = [segment.documents.facet(name) for segment in self.segments]
        values = sorted({value for _, own in columns for value in own})
        numbers = {value: number for number, value in enumerate(values)}
        codes = [np.array([numbers[value] for value in own], np.int64)[codes] for codes, own in columns]
        return np.concatenate([_NONE, *codes]), values
