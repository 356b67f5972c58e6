"""Tokens that contain each other: a compound and its parts."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from indexer.analysis import Token


def contains(outer: Token, inner: Token) -> bool:
    """Whether `inner` is a proper part of `outer`."""
    return (
        outer.start <= inner.start
        and inner.end <= outer.end
        and (outer.end - outer.start) > (inner.end - inner.start)
    )


def finest(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without those that have parts among them."""
    # In this order each span comes behind all its parts. It has a part if the first end so far is inside it.
    compounds, first_end = set(), sys.maxsize
    for start, end in sorted({(token.start, token.end) for token in tokens}, key=lambda at: (-at[0], at[1])):
        if first_end <= end:
            compounds.add((start, end))
        first_end = min(first_end, end)
    return [token for token in tokens if (token.start, token.end) not in compounds]


def outermost(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without those that are parts of others among them."""
    # In this order each span comes behind all that contain it.
    parts, last_end = set(), -1
    for start, end in sorted({(token.start, token.end) for token in tokens}, key=lambda at: (at[0], -at[1])):
        if end <= last_end:
            parts.add((start, end))
        last_end = max(last_end, end)
    return [token for token in tokens if (token.start, token.end) not in parts]
