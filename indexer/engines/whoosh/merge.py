"""Several segments in plain form -> one, without the releases that are gone.

Both streams are merged alike: the union of the terms, then each part's postings are moved as blocks to
where they belong. Parts are taken in order, so the same parts give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.engines.whoosh.documents import Documents
from indexer.engines.whoosh.invert import Inverted
from indexer.engines.whoosh.postings import Postings

_Value = TypeVar("_Value")


def merge(parts: Sequence[Inverted], kept: Sequence[NDArray[np.bool_] | None]) -> Inverted:
    """One segment of `parts`, in order. `kept` says for each part which releases stay; None means all."""
    numbers = []
    offset = 0
    for part, mask in zip(parts, kept, strict=True):
        size = len(part.documents.ids)
        alive = np.ones(size, bool) if mask is None else mask
        numbers.append(np.where(alive, np.cumsum(alive) - 1 + offset, -1))
        offset += int(alive.sum())
    return Inverted(
        _merge_documents([part.documents for part in parts], numbers),
        _merge_postings([part.morphemes for part in parts], numbers),
        _merge_postings([part.bigrams for part in parts], numbers),
    )


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


def _merge_postings(parts: Sequence[Postings], numbers: Sequence[NDArray[np.int64]]) -> Postings:
    parts = [_without_gone(part, number) for part, number in zip(parts, numbers, strict=True)]
    terms, places = _union([part.terms for part in parts])
    sizes = np.zeros(len(terms) + 1, np.int64)
    for part, place in zip(parts, places, strict=True):
        sizes[place + 1] += np.diff(part.starts)
    starts = np.cumsum(sizes)
    total = int(starts[-1])
    docs, stats = np.empty(total, np.uint16), np.empty(total, np.uint16)
    counts = np.empty(total, np.uint32)
    filled = starts[:-1].copy()
    targets: list[NDArray[np.uint32]] = []
    for part, place, number in zip(parts, places, numbers, strict=True):
        target = _moved(part.starts, filled[place]).astype(np.uint32)
        filled[place] += np.diff(part.starts)
        docs[target] = number[part.docs]
        stats[target] = part.stats
        counts[target] = part.counts
        targets.append(target)
    occurrence_starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    occurrences = np.empty(int(occurrence_starts[-1]), np.uint32)
    for part, target in zip(parts, targets, strict=True):
        own = np.concatenate([[0], np.cumsum(part.counts, dtype=np.int64)])
        # Term by term the occurrences of a part are one block, before and after.
        heads = part.starts[:-1]
        occurrences[_moved(own[part.starts], occurrence_starts[target[heads]])] = part.occurrences
    return Postings(terms, starts, docs, stats, counts, occurrences)


def _moved(starts: NDArray[np.int64], new_starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each row goes when the block from starts[i] to starts[i + 1] goes to new_starts[i]."""
    return np.arange(int(starts[-1])) + np.repeat(new_starts - starts[:-1], np.diff(starts))


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
        part.occurrences[np.repeat(alive, part.counts)],
    )
