"""The segments of a generation as one: their releases end to end, counted by doc id."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate

import numpy as np

from indexer.analysis.bigrams import NO_CHAR, pack
from indexer.engines.shared.arrays import Int64Array, Mask, UInt32Array, UInt64Array
from indexer.engines.whoosh.format.blobs import PackedOffsets
from indexer.engines.whoosh.format.postings import DocIds
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.query.term_postings import LookupCosts, MultiSegmentStream, TermPostings
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS

_NONE: Int64Array = np.zeros(0, np.int64)


class MultiSegmentReader:
    """The segments of a generation as one. The first release of segment s has doc id `doc_bases[s]`.

    `hidden` are the doc ids of releases under embargo, which are found nowhere and count in nothing.
    `live_docs` are the releases that are neither deleted nor hidden; None if all are live.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        deleted: Sequence[Sequence[int]],
        hidden: Sequence[DocIds],
        costs: LookupCosts = LookupCosts(),  # noqa: B008 - immutable
    ) -> None:
        """`deleted` and `hidden` have the releases of each segment that are so, `hidden` ascending."""
        self.segments = segments
        self.doc_bases = [0, *accumulate(map(len, segments))]
        self.hidden = self._to_doc_ids(hidden)
        deleted_docs = self._to_doc_ids([np.array(own, np.int64) for own in deleted])
        self.live_docs: Mask | None = None
        if len(deleted_docs) or len(self.hidden):
            self.live_docs = np.ones(len(self), bool)
            self.live_docs[deleted_docs] = self.live_docs[self.hidden] = False
        self.morphemes = MultiSegmentStream(
            [segment.morphemes for segment in segments],
            [segment.morpheme_terms.find for segment in segments],
            self.doc_bases,
            hidden,
            costs,
        )
        self.bigrams = MultiSegmentStream(
            [segment.bigrams for segment in segments],
            [segment.bigram_terms.find for segment in segments],
            self.doc_bases,
            hidden,
            costs,
        )
        self.facet = lru_cache(len(FACETS))(self._load_facet)

    def __len__(self) -> int:
        """How many releases there are, deleted ones included."""
        return self.doc_bases[-1]

    def _to_doc_ids(self, columns: Sequence[DocIds | Int64Array]) -> Int64Array:
        doc_ids = (own + np.int64(base) for own, base in zip(columns, self.doc_bases, strict=False))
        return np.concatenate([_NONE, *doc_ids])

    def morpheme(self, text: str) -> TermPostings:
        """The postings of a morpheme."""
        return self.morphemes.find(text.encode())

    def bigram(self, text: str) -> TermPostings:
        """The postings of a bigram, or of a character that is the last of its text."""
        return self.bigrams.find(pack(ord(text[0]), ord(text[1]) if len(text) > 1 else NO_CHAR))

    @cached_property
    def published(self) -> Int64Array:
        """The dates by doc id, see `BodySignatures`."""
        return np.concatenate([_NONE, *(segment.documents.published for segment in self.segments)])

    @cached_property
    def body_groups(self) -> UInt64Array:
        """The groups of near-duplicates by doc id, see `BodySignatures`."""
        columns = (segment.documents.body_groups for segment in self.segments)
        return np.concatenate([np.zeros(0, np.uint64), *columns])

    @cached_property
    def field_starts(self) -> UInt32Array:
        """The first positions of the text fields by doc id, see `Documents`."""
        none = np.zeros((0, 2 * len(TEXT_FIELDS)), np.uint32)
        return np.concatenate([none, *(segment.documents.field_starts for segment in self.segments)])

    def locate(self, doc_id: int) -> tuple[Segment, int]:
        """The segment of a release, and its doc id there."""
        segment = bisect_right(self.doc_bases, doc_id) - 1
        return self.segments[segment], doc_id - self.doc_bases[segment]

    def find(self, release_id: str) -> int:
        """The doc id of a live release, -1 if there is none of this id."""
        for segment, base in zip(self.segments, self.doc_bases, strict=False):
            doc_id = base + segment.documents.find(release_id)
            if doc_id >= base and (self.live_docs is None or self.live_docs[doc_id]):
                return doc_id
        return -1

    def id(self, doc_id: int) -> str:
        """The id of a release."""
        segment, segment_doc = self.locate(doc_id)
        return segment.documents.id(segment_doc)

    def release(self, doc_id: int) -> tuple[PressRelease, PackedOffsets]:
        """A release, and the offsets of its morphemes."""
        segment, segment_doc = self.locate(doc_id)
        return segment.documents.release(segment_doc)

    def having(self, facet: str, values: Iterable[str]) -> Mask:
        """Which releases have one of some values of a facet."""
        wanted = tuple(values)
        columns = (segment.documents.having(facet, wanted) for segment in self.segments)
        return np.concatenate([np.zeros(0, bool), *columns])

    def _load_facet(self, name: str) -> tuple[Int64Array, list[str]]:
        """The code of each release's value, and the value of each code, ascending."""
        columns = [segment.documents.facet(name) for segment in self.segments]
        values = sorted({value for _, own in columns for value in own})
        code_of = {value: code for code, value in enumerate(values)}
        codes = [np.array([code_of[value] for value in own], np.int64)[codes] for codes, own in columns]
        return np.concatenate([_NONE, *codes]), values
