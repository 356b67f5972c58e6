"""Several segments -> one, without the releases that are deleted.

Both streams are merged in one way, a range of terms at a time, so that memory is bounded whatever their size:
first the union of the terms, then the postings of each segment are moved as blocks to where they belong.
Segments are taken in order, so the same segments give the same bytes.

A row is a posting or an occurrence: both are counted together where memory is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from indexer.engines.shared.arrays import AnyArray, Int64Array, Mask
from indexer.engines.shared.container import ContainerWriter, writing
from indexer.engines.shared.phrases import merge_phrases, write_phrases
from indexer.engines.shared.signatures import join_signatures
from indexer.engines.whoosh.format.documents import (
    Blobs,
    Documents,
    StoredDocuments,
    group_documents,
    write_documents,
)
from indexer.engines.whoosh.format.postings import STREAMS, Postings, running_total
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.format.stream_writer import StreamWriter

_Value = TypeVar("_Value")
_Terms = list[bytes] | Int64Array

# A balance: more rows at a time take more memory, and hardly less time.
DEFAULT_MAX_ROWS = 8_000_000
# Measured: what a row takes at the peak.
BYTES_PER_ROW = 40
# Each segment offers this many terms a range as its boundaries: ranges differ by at most an eighth.
_SAMPLES_PER_RANGE = 8


def merge_segments(
    target: Path,
    segments: Sequence[Segment],
    live: Sequence[Mask],
    max_rows: int = DEFAULT_MAX_ROWS,
    earlier: Sequence[StoredDocuments] | None = None,
    at: float = 0.0,
) -> None:
    """Write one segment of `segments`, in order. `live` says for each which releases stay. `max_rows` bounds
    the rows that are in memory together. With `earlier` documents the segments are new: their releases are
    grouped with their near-duplicates there, and among each other. `at` is now in seconds since 1970, see
    `invert`.
    """
    new_ids = []
    base = 0
    for mask in live:
        new_ids.append(np.where(mask, np.cumsum(mask) - 1 + base, -1))
        base += int(mask.sum())
    with writing(target) as container:
        documents = _merge_documents(segments, live)
        if earlier is not None:
            group_documents(documents, earlier)
        write_documents(container, documents)
        for stream in STREAMS:
            _merge_stream(container, segments, stream, new_ids, max_rows)
        exact = all(mask.all() for mask in live) and all(segment.phrases.exact for segment in segments)
        phrases = merge_phrases(
            (
                (segment.phrases, segment.documents.embargoes, segment_ids)
                for segment, segment_ids in zip(segments, new_ids, strict=True)
            ),
            at,
        )
        write_phrases(container, phrases, exact=exact)


def _merge_documents(segments: Sequence[Segment], live: Sequence[Mask]) -> Documents:
    parts = [segment.documents.load() for segment in segments]
    docs = [np.flatnonzero(mask) for mask in live]

    def join_lists(columns: Iterable[list[_Value]]) -> list[_Value]:
        return [
            column[doc_id] for column, chosen in zip(columns, docs, strict=True) for doc_id in chosen.tolist()
        ]

    def join_arrays(columns: Iterable[AnyArray]) -> AnyArray:
        return np.concatenate([column[chosen] for column, chosen in zip(columns, docs, strict=True)])

    return Documents(
        ids=join_lists(part.ids for part in parts),
        content_hashes=join_lists(part.content_hashes for part in parts),
        source_paths=join_lists(part.source_paths for part in parts),
        signatures=join_signatures(
            [part.signatures.take(chosen) for part, chosen in zip(parts, docs, strict=True)]
        ),
        embargoes=join_arrays(part.embargoes for part in parts),
        facets={name: join_lists(part.facets[name] for part in parts) for name in parts[0].facets},
        lengths=join_arrays(part.lengths for part in parts),
        field_starts=join_arrays(part.field_starts for part in parts),
        blobs=Blobs(
            [
                (segment.documents, doc_id)
                for segment, chosen in zip(segments, docs, strict=True)
                for doc_id in chosen.tolist()
            ]
        ),
    )


def _merge_stream(
    container: ContainerWriter,
    segments: Sequence[Segment],
    stream: str,
    new_ids: Sequence[Int64Array],
    max_rows: int,
) -> None:
    sizes = [
        _count_live(segment, stream, segment_ids)
        for segment, segment_ids in zip(segments, new_ids, strict=True)
    ]
    writer = StreamWriter(
        stream,
        container,
        sum(postings for postings, _ in sizes),
        sum(occurrences for _, occurrences in sizes),
    )
    for ranges in _cut_ranges(segments, stream, max_rows):
        parts = [
            _drop_deleted(segment.postings(stream).load(segment.terms(stream).load(*cut), *cut), segment_ids)
            for segment, cut, segment_ids in zip(segments, ranges, new_ids, strict=True)
        ]
        writer.append(_merge(parts, new_ids))
    writer.finish()


def _count_live(segment: Segment, stream: str, new_ids: Int64Array) -> tuple[int, int]:
    """How many postings and how many occurrences stay."""
    postings = segment.postings(stream)
    if (new_ids >= 0).all():
        return len(postings.docs), postings.occurrence_count
    live = new_ids[postings.docs] >= 0
    freqs = postings.freqs(slice(0, len(live)))
    return int(live.sum()), int(freqs[live].sum(dtype=np.int64))


def _cut_ranges(
    segments: Sequence[Segment], stream: str, max_rows: int
) -> Iterator[tuple[tuple[int, int], ...]]:
    """Ranges of terms with about `max_rows` rows each: for every segment the ids of its own terms in the
    range.

    The boundaries are chosen among sampled terms that divide each segment's rows evenly. The union of all
    terms of all segments would take more memory than a range.
    """
    step = max(max_rows // (_SAMPLES_PER_RANGE * len(segments)), 1)
    samples: list[tuple[Any, int]] = []  # a term, and the rows since the sample before it in its segment
    for segment in segments:
        before = segment.postings(stream).rows_before()
        term_ids = np.unique(before.searchsorted(np.arange(step, before[-1], step), "right") - 1)
        rows = np.diff(before[term_ids], prepend=0).tolist()
        samples += zip(map(segment.terms(stream).__getitem__, term_ids.tolist()), rows, strict=True)
    samples.sort()
    block = np.cumsum([rows for _, rows in samples], dtype=np.int64) // max_rows
    boundaries = [samples[index][0] for index in np.flatnonzero(np.diff(block, prepend=0)).tolist()]
    cuts = [
        pairwise([0, *(terms.lower_bound(boundary) for boundary in boundaries), len(terms)])
        for terms in (segment.terms(stream) for segment in segments)
    ]
    return zip(*cuts, strict=True)


def _merge(parts: Sequence[Postings], new_ids: Sequence[Int64Array]) -> Postings:
    """The postings of a range of terms, those of all parts together."""
    terms, ranks = _union([part.terms for part in parts])
    sizes = np.zeros(len(terms) + 1, np.int64)
    for part, own_ranks in zip(parts, ranks, strict=True):
        sizes[own_ranks + 1] += np.diff(part.starts)
    starts = np.cumsum(sizes)
    total = int(starts[-1])
    docs, stats = np.empty(total, np.uint16), np.empty(total, np.uint16)
    freqs = np.empty(total, np.uint32)
    filled = starts[:-1].copy()
    blocks: list[Int64Array] = []  # where each part's postings of each term begin
    for part, own_ranks, own_ids in zip(parts, ranks, new_ids, strict=True):
        blocks.append(filled[own_ranks])
        target = _move_blocks(part.starts, blocks[-1])
        docs[target] = own_ids[part.docs]
        stats[target] = part.stats
        freqs[target] = part.freqs
        filled[own_ranks] += np.diff(part.starts)
    ends = running_total(freqs)
    occurrences = np.empty(int(ends[-1]), np.uint32)
    for part, block in zip(parts, blocks, strict=True):
        own_ends = running_total(part.freqs)
        # Term by term the occurrences of a part are one block, before and after.
        occurrences[_move_blocks(own_ends[part.starts], ends[block])] = part.occurrences
    return Postings(terms, starts, docs, stats, freqs, occurrences)


def _move_blocks(starts: AnyArray, new_starts: AnyArray) -> Int64Array:
    """The new index of each row if the block from starts[i] to starts[i + 1] moves to new_starts[i]."""
    shifts = new_starts.astype(np.int64) - starts[:-1].astype(np.int64)
    return np.arange(int(starts[-1])) + np.repeat(shifts, np.diff(starts))


def _union(parts: Sequence[_Terms]) -> tuple[_Terms, list[Int64Array]]:
    """All terms, ascending, and for each part the ranks of its own terms among them."""
    if isinstance(parts[0], list):
        lists = [part for part in parts if isinstance(part, list)]
        terms = sorted(set().union(*lists))
        ranks = {term: rank for rank, term in enumerate(terms)}
        return terms, [np.fromiter(map(ranks.__getitem__, part), np.int64, len(part)) for part in lists]
    keys = np.unique(np.concatenate([np.asarray(part) for part in parts]))
    return keys, [np.searchsorted(keys, np.asarray(part)) for part in parts]


def _drop_deleted(part: Postings, new_ids: Int64Array) -> Postings:
    """The postings of the releases that stay. Terms without any are dropped."""
    live = new_ids[part.docs] >= 0
    if live.all():
        return part
    before = np.concatenate([[0], np.cumsum(live)])
    starts = before[part.starts]
    used = np.flatnonzero(np.diff(starts))
    terms = [part.terms[term] for term in used.tolist()] if isinstance(part.terms, list) else part.terms[used]
    return Postings(
        terms,
        np.append(starts[used], starts[-1]),
        part.docs[live],
        part.stats[live],
        part.freqs[live],
        part.occurrences[np.repeat(live, part.freqs)],
    )
