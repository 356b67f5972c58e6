"""Figures as cells of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tests.benchmarks.timing import Comparison, Ratio, Spread


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def times(spread: Spread) -> str:
    """Median and 95th percentile."""
    return f"{spread['p50_ms']:.2f} / {spread['p95_ms']:.2f}"


def ratio(found: Ratio) -> str:
    """A median ratio with its interval."""
    return f"{found['median']:.2f} ({found['low']:.2f}–{found['high']:.2f})"


def compared(what: str, comparison: Comparison) -> tuple[str, str, str, str, str]:
    """A row: what was asked, how many queries, both, and their ratio."""
    return (
        what,
        f"{comparison['queries']:,}",
        times(comparison["subject"]),
        times(comparison["baseline"]),
        ratio(comparison["ratio"]),
    )
