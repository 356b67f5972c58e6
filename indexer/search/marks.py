"""The ranges of a text that are marked."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.search.response import Range


def merge_ranges(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """The ranges in ascending order; those that overlap or touch are joined."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
