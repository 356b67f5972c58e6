"""`bodo search` as a whole process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.commands import command, environment
from tests.benchmarks.markdown import table, times
from tests.benchmarks.part import Figures, Measured, Part
from tests.benchmarks.timing import time_alone

_QUERIES = 20


def measure(bench: Bench) -> Measured:
    """From the start of the process to its end."""
    index = str(bench.index)

    def search(query: str) -> None:
        arguments = command("search", "--index", index, query)
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, env=environment())

    workload = bench.keywords.first(_QUERIES)
    figures = {"search": time_alone(workload, search)}
    return Measured(figures, bench.open().info.documents, len(workload.timed))


def show(figures: Figures) -> Iterator[str]:
    """One table."""
    yield from table(("", "p50 / p95"), [("`bodo search`, 프로세스 전체", times(figures["search"]))])


PART = Part("command", "`bodo search` 한 번, 프로세스 전체", measure, show)
