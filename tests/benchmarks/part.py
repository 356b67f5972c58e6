"""A part of the benchmark: what it measures, and how the page shows its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.bench import Bench

# As they stand in docs/benchmarks.json; each part knows its own.
Figures = Mapping[str, Any]


class Unavailable(Exception):
    """A part cannot be measured here, and why."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out, of how many releases and with how many different queries."""

    figures: Figures
    releases: int
    queries: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """`what` says in Korean what it measures. `measure` raises Unavailable where something that it needs is
    not installed. `show` makes lines of Markdown of the figures.
    """

    name: str
    what: str
    measure: Callable[[Bench], Measured]
    show: Callable[[Figures], Iterable[str]]
