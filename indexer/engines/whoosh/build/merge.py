"""Several segments -> one, without the releases that are gone.

Both streams are merged alike, a range of terms at a time, so that memory is bounded whatever the size: the
union of its terms, then each part's postings are moved as blocks to where they belong. Parts are taken in
order, so the same parts give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.engines.whoosh.build.near_duplicates import group_documents
from indexer.engines.whoosh.format.container import AnyArray, ContainerWriter, writing
from indexer.engines.whoosh.format.documents import Blobs, Documents, StoredDocuments, write_documents
from indexer.engines.whoosh.format.phrases import merge_phrases, write_phrases
from indexer.engines.whoosh.format.postings import Postings, StreamWriter, running_total
from indexer.engines.whoosh.format.segment import STREAMS, Segment
from indexer.engines.whoosh.format.signatures import join_signatures

_Value = TypeVar("_Value")
_Terms = list[bytes] | NDArray[np.int64]
_Numbers = Sequence[NDArray[np.int64]]

# Postings and occurrences that are merged at a time, and what each takes at the peak (measured).
DEFAULT_MAX_ROWS = 8_000_000
BYTES_PER_ROW = 40
# Each segment offers so many terms for every range: what the ranges differ by is a small part of one.
_BORDERS_A_RANGE = 8


def merge_segments(
    target: Path,
    segments: Sequence[Segment],
    kept: Sequence[NDArray[np.bool_]],
    max_rows: int = DEFAULT_MAX_ROWS,
    earlier: Sequence[StoredDocuments] | None = None,
    at: float = 0.0,
) -> None:
    """Write one segment of `segments`, in order. `kept` says for each which releases stay; `max_rows`
    bounds the postings and occurrences that are in memory together. The segments are new where `earlier` is
    given: then their releases are grouped with those, and with each other. `at` is now, as for `invert`.
    """
    numbers = []
    offset = 0
    for alive in kept:
        numbers.append(np.where(alive, np.cumsum(alive) - 1 + offset, -1))
        offset += int(alive.sum())
    with writing(target) as container:
        documents = _merge_documents(segments, numbers)
        if earlier is not None:
            group_documents(documents, earlier)
        write_documents(container, documents)
        for prefix in STREAMS:
            _merge_stream(container, segments, prefix, numbers, max_rows)
        exact = all(alive.all() for alive in kept) and all(segment.phrases.exact for segment in segments)
        phrases = merge_phrases(
            (
                (segment.phrases, segment.documents.embargoes, own)
                for segment, own in zip(segments, numbers, strict=True)
            ),
            at,
        )
        write_phrases(container, phrases, exact=exact)


def _merge_documents(segments: Sequence[Segment], numbers: _Numbers) -> Documents:
    parts = [segment.documents.load() for segment in segments]
    rows = [np.flatnonzero(number >= 0) for number in numbers]

    def lists(values: Iterable[list[_Value]]) -> list[_Value]:
        return [column[row] for column, chosen in zip(values, rows, strict=True) for row in chosen.tolist()]

    return Documents(
        ids=lists(part.ids for part in parts),
        content_hashes=lists(part.content_hashes for part in parts),
        source_paths=lists(part.source_paths for part in parts),
        signatures=join_signatures(
            [part.signatures.take(row) for part, row in zip(parts, rows, strict=True)]
        ),
        embargoes=np.concatenate([part.embargoes[row] for part, row in zip(parts, rows, strict=True)]),
        facets={name: lists(part.facets[name] for part in parts) for name in parts[0].facets},
        lengths=np.concatenate([part.lengths[row] for part, row in zip(parts, rows, strict=True)]),
        field_starts=np.concatenate([part.field_starts[row] for part, row in zip(parts, rows, strict=True)]),
        blobs=Blobs([
            (segment.documents, row)
            for segment, chosen in zip(segments, rows, strict=True)
            for row in chosen.tolist()
        ]),
    )  # fmt: skip


def _merge_stream(
    container: ContainerWriter, segments: Sequence[Segment], prefix: str, numbers: _Numbers, max_rows: int
) -> None:
    totals = [_alive_rows(segment, prefix, number) for segment, number in zip(segments, numbers, strict=True)]
    writer = StreamWriter(
        prefix, container, sum(postings for postings, _ in totals), sum(found for _, found in totals)
    )
    for cuts in _ranges(segments, prefix, max_rows):
        parts = [
            _without_gone(segment.stream(prefix).load(segment.terms(prefix).names(*cut), *cut), number)
            for segment, cut, number in zip(segments, cuts, numbers, strict=True)
        ]
        writer.append(_merge(parts, numbers))
    writer.finish()


def _alive_rows(segment: Segment, prefix: str, number: NDArray[np.int64]) -> tuple[int, int]:
    """How many postings and occurrences stay."""
    stream = segment.stream(prefix)
    if (number >= 0).all():
        return len(stream.docs), stream.occurrence_count
    alive = number[stream.docs] >= 0
    counts = stream.counts(slice(0, len(alive)))
    return int(alive.sum()), int(counts[alive].sum(dtype=np.int64))


def _ranges(segments: Sequence[Segment], prefix: str, max_rows: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """Ranges of terms with about so many rows each; for every segment the numbers of its own terms in it.

    The borders are some of the terms that divide each segment's rows evenly: all terms of all segments
    together would take more memory than what is merged at a time.
    """
    step = max(max_rows // (_BORDERS_A_RANGE * len(segments)), 1)
    borders: list[tuple[Any, int]] = []
    for segment in segments:
        before = segment.stream(prefix).rows_before()
        numbers = np.unique(before.searchsorted(np.arange(step, before[-1], step), "right") - 1)
        rows = np.diff(before[numbers], prepend=0).tolist()
        borders += zip(map(segment.terms(prefix).__getitem__, numbers.tolist()), rows, strict=True)
    borders.sort()
    block = np.cumsum([rows for _, rows in borders], dtype=np.int64) // max_rows
    chosen = [borders[number][0] for number in np.flatnonzero(np.diff(block, prepend=0)).tolist()]
    lines = [
        pairwise([0, *(terms.place(border) for border in chosen), len(terms)])
        for terms in (segment.terms(prefix) for segment in segments)
    ]
    return zip(*lines, strict=True)


def _merge(parts: Sequence[Postings], numbers: _Numbers) -> Postings:
    """The postings of a range of terms, those of all parts together."""
    terms, places = _union([part.terms for part in parts])
    sizes = np.zeros(len(terms) + 1, np.int64)
    for part, place in zip(parts, places, strict=True):
        sizes[place + 1] += np.diff(part.starts)
    starts = np.cumsum(sizes)
    total = int(starts[-1])
    docs, stats = np.empty(total, np.uint16), np.empty(total, np.uint16)
    counts = np.empty(total, np.uint32)
    filled = starts[:-1].copy()
    blocks: list[NDArray[np.int64]] = []  # where each part's postings of each term begin
    for part, place, number in zip(parts, places, numbers, strict=True):
        blocks.append(filled[place])
        target = _moved(part.starts, blocks[-1])
        docs[target] = number[part.docs]
        stats[target] = part.stats
        counts[target] = part.counts
        filled[place] += np.diff(part.starts)
    ends = running_total(counts)
    occurrences = np.empty(int(ends[-1]), np.uint32)
    for part, block in zip(parts, blocks, strict=True):
        own = running_total(part.counts)
        # Term by term the occurrences of a part are one block, before and after.
        occurrences[_moved(own[part.starts], ends[block])] = part.occurrences
    return Postings(terms, starts, docs, stats, counts, occurrences)


def _moved(starts: AnyArray, new_starts: AnyArray) -> NDArray[np.int64]:
    """Where each row goes when the block from starts[i] to starts[i + 1] goes to new_starts[i]."""
    shifts = new_starts.astype(np.int64) - starts[:-1].astype(np.int64)
    return np.arange(int(starts[-1])) + np.repeat(shifts, np.diff(starts))


def _union(names: Sequence[_Terms]) -> tuple[_Terms, list[NDArray[np.int64]]]:
    """All terms, ascending, and for each part where its own are among them."""
    if isinstance(names[0], list):
        lists = [part for part in names if isinstance(part, list)]
        terms = sorted(set().union(*lists))
        ranks = {term: rank for rank, term in enumerate(terms)}
        return terms, [np.fromiter(map(ranks.__getitem__, part), np.int64, len(part)) for part in lists]
    keys = np.unique(np.concatenate([np.asarray(part) for part in names]))
    return keys, [np.searchsorted(keys, np.asarray(part)) for part in names]


def _without_gone(part: Postings, numbers: NDArray[np.int64]) -> Postings:
    """The postings of the releases that stay; terms that none of them has are dropped."""
    alive = numbers[part.docs] >= 0
    if alive.all():
        return part
    before = np.concatenate([[0], np.cumsum(alive)])
    starts = before[part.starts]
    used = np.flatnonzero(np.diff(starts))
    terms = [part.terms[term] for term in used.tolist()] if isinstance(part.terms, list) else part.terms[used]
    return Postings(
        terms,
        np.append(starts[used], starts[-1]),
        part.docs[alive],
        part.stats[alive],
        part.counts[alive],
        part.occurrences[np.repeat(alive, part.counts)],
    )
