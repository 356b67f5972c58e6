"""Suggestions in process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.benchmarks.bench import Bench
from tests.benchmarks.markdown import table, times
from tests.benchmarks.part import Figures, Measured, Part
from tests.benchmarks.timing import Workload, time_alone

_EVERY = 10


def measure(bench: Bench) -> Measured:
    """What is typed letter by letter: the first word of one query in ten."""
    service = bench.service()
    workload = Workload(_type(bench.keywords.timed), _type(bench.keywords.warm))
    figures = {"suggest": time_alone(workload, service.suggest)}
    return Measured(figures, service.state().documents, len(workload.timed))


def _type(queries: Sequence[str]) -> list[str]:
    words = [query.split()[0] for query in queries[::_EVERY]]
    return [word[:end] for word in words for end in range(1, len(word) + 1)]


def show(figures: Figures) -> Iterator[str]:
    """One table."""
    yield from table(("", "p50 / p95"), [("한 글자씩 칠 때마다", times(figures["suggest"]))])


PART = Part("suggest", "치는 동안의 제안", measure, show)
