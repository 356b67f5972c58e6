"""Several segments -> one, without the releases that are gone.

Both streams are merged alike: the union of the terms, then each part's postings are moved as blocks to
where they belong. Parts are taken in order, so the same parts give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.engines.whoosh import documents as documents_module
from indexer.engines.whoosh import postings as postings_module
from indexer.engines.whoosh.container import AnyArray
from indexer.engines.whoosh.documents import Documents
from indexer.engines.whoosh.postings import Postings, running_total
from indexer.engines.whoosh.segment import STREAMS, Segment

_Value = TypeVar("_Value")


def merged_arrays(
    segments: Sequence[Segment], kept: Sequence[NDArray[np.bool_]]
) -> Iterator[tuple[str, AnyArray]]:
    """The arrays of one segment of `segments`, in order, as they are stored. `kept` says for each which
    releases stay. One stream at a time is in memory, and of what is merged one part.
    """
    numbers = []
    offset = 0
    for alive in kept:
        numbers.append(np.where(alive, np.cumsum(alive) - 1 + offset, -1))
        offset += int(alive.sum())
    documents = [segment.documents.load() for segment in segments]
    yield from documents_module.stored_arrays(_merge_documents(documents, numbers))
    del documents
    for prefix in STREAMS:
        yield from postings_module.stored_arrays(prefix, _merge_postings(segments, prefix, numbers))


def _merge_documents(parts: Sequence[Documents], numbers: Sequence[NDArray[np.int64]]) -> Documents:
    rows = [np.flatnonzero(number >= 0) for number in numbers]

    def lists(values: Iterable[list[_Value]]) -> list[_Value]:
        return [column[row] for column, chosen in zip(values, rows, strict=True) for row in chosen.tolist()]

    return Documents(
        ids=lists(part.ids for part in parts),
        content_hashes=lists(part.content_hashes for part in parts),
        source_paths=lists(part.source_paths for part in parts),
        published=np.concatenate([part.published[row] for part, row in zip(parts, rows, strict=True)]),
        facets={name: lists(part.facets[name] for part in parts) for name in parts[0].facets},
        lengths=np.concatenate([part.lengths[row] for part, row in zip(parts, rows, strict=True)]),
        field_starts=np.concatenate([part.field_starts[row] for part, row in zip(parts, rows, strict=True)]),
        blobs=lists(part.blobs for part in parts),
    )


def _merge_postings(
    segments: Sequence[Segment], prefix: str, numbers: Sequence[NDArray[np.int64]]
) -> Postings:
    def parts(*, occurrences: bool) -> Iterator[Postings]:
        for segment, number in zip(segments, numbers, strict=True):
            yield _without_gone(segment.load_stream(prefix, occurrences=occurrences), number)

    heads = [(part.terms, part.starts) for part in parts(occurrences=False)]
    terms, places = _union([names for names, _ in heads])
    sizes = np.zeros(len(terms) + 1, np.int64)
    for (_, starts), place in zip(heads, places, strict=True):
        sizes[place + 1] += np.diff(starts)
    starts = np.cumsum(sizes)
    total = int(starts[-1])
    docs, stats = np.empty(total, np.uint16), np.empty(total, np.uint16)
    counts = np.empty(total, np.uint32)
    filled = starts[:-1].copy()
    blocks: list[NDArray[np.int64]] = []  # where each part's postings of each term begin
    for part, place, number in zip(parts(occurrences=False), places, numbers, strict=True):
        blocks.append(filled[place])
        target = _moved(part.starts, blocks[-1])
        docs[target] = number[part.docs]
        stats[target] = part.stats
        counts[target] = part.counts
        filled[place] += np.diff(part.starts)
    ends = running_total(counts)
    occurrences = np.empty(int(ends[-1]), np.uint32)
    for part, block in zip(parts(occurrences=True), blocks, strict=True):
        own = running_total(part.counts)
        # Term by term the occurrences of a part are one block, before and after.
        occurrences[_moved(own[part.starts], ends[block])] = part.occurrences
    return Postings(terms, starts, docs, stats, counts, occurrences)


def _moved(starts: AnyArray, new_starts: AnyArray) -> NDArray[np.int64]:
    """Where each row goes when the block from starts[i] to starts[i + 1] goes to new_starts[i]."""
    shifts = new_starts.astype(np.int64) - starts[:-1].astype(np.int64)
    return np.arange(int(starts[-1])) + np.repeat(shifts, np.diff(starts))


def _union(
    names: Sequence[list[bytes] | NDArray[np.int64]],
) -> tuple[list[bytes] | NDArray[np.int64], list[NDArray[np.int64]]]:
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
        part.occurrences[np.repeat(alive, part.counts)] if len(part.occurrences) else part.occurrences,
    )
