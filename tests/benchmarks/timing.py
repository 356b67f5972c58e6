"""Times of queries, and two that are compared asked in turn: a machine's minutes are not equally fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

Ask = Callable[[str], object]
Seconds = NDArray[np.float64]

# Enough for a percentile interval (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13).
_BOOTSTRAP_SAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Workload:
    """The queries that are timed, and others that are asked before: the same would fill caches with what is
    timed. A virtual machine needs many of them: of two rounds of 1,000 queries each, OpenSearch took 4.7 ms at
    the median in the first and 2.4 in the second.
    """

    timed: Sequence[str]
    warm: Sequence[str]

    def first(self, count: int) -> Workload:
        """At most so many of each."""
        return Workload(self.timed[:count], self.warm[:count])


class Spread(TypedDict):
    """Times in milliseconds."""

    p50_ms: float
    p95_ms: float
    max_ms: float


class Ratio(TypedDict):
    """The median of paired ratios, and its 95 % interval."""

    median: float
    low: float
    high: float


class Comparison(TypedDict):
    """Two that answered the same queries in turn; `ratio` is of the subject's times to the baseline's."""

    queries: int
    subject: Spread
    baseline: Spread
    ratio: Ratio


def time_alone(workload: Workload, ask: Ask) -> Spread:
    """The times of one."""
    for query in workload.warm:
        ask(query)
    return spread([_time(query, ask) for query in workload.timed])


def compare(workload: Workload, subject: Ask, baseline: Ask) -> Comparison:
    """The times of two."""
    for query in workload.warm:
        subject(query)
        baseline(query)
    times = time_in_turn(workload.timed, subject, baseline)
    return {
        "queries": len(workload.timed),
        "subject": spread(times[0]),
        "baseline": spread(times[1]),
        "ratio": paired_ratio(*times),
    }


def time_in_turn(queries: Sequence[str], subject: Ask, baseline: Ask) -> tuple[list[float], list[float]]:
    """Seconds a query of each. Who is first changes with every query: A, B, then B, A."""
    times: tuple[list[float], list[float]] = ([], [])
    for index, query in enumerate(queries):
        order = (0, 1) if index % 2 == 0 else (1, 0)
        for side in order:
            times[side].append(_time(query, (subject, baseline)[side]))
    return times


def paired_ratio(subject: Sequence[float], baseline: Sequence[float]) -> Ratio:
    """The median over queries of subject / baseline, with the interval of a bootstrap over queries. The same
    for the same times.
    """
    ratios: Seconds = np.array(subject, np.float64) / np.array(baseline, np.float64)
    chooser = np.random.default_rng(0)
    samples = ratios[chooser.integers(0, len(ratios), (_BOOTSTRAP_SAMPLES, len(ratios)))]
    low, high = np.percentile(np.median(samples, axis=1), (2.5, 97.5))
    return {
        "median": round(float(np.median(ratios)), 3),
        "low": round(float(low), 3),
        "high": round(float(high), 3),
    }


def spread(seconds: Sequence[float]) -> Spread:
    """Median, 95th percentile and highest."""
    p50, p95, highest = np.percentile(np.array(seconds, np.float64) * 1000, (50, 95, 100))
    return {
        "p50_ms": round(float(p50), 2),
        "p95_ms": round(float(p95), 2),
        "max_ms": round(float(highest), 2),
    }


def _time(query: str, ask: Ask) -> float:
    started = perf_counter()
    ask(query)
    return perf_counter() - started
