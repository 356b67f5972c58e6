"""Marks on a text: which ranges, from what the engine found."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.search.response import Range


def merge_ranges(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """Join ranges that overlap or touch; ascending."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
