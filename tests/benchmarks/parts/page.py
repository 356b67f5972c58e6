"""Full pages from our HTTP server."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.clients import CLIENTS, Client, our_page, pages_a_second
from tests.benchmarks.commands import serving
from tests.benchmarks.markdown import table, times
from tests.benchmarks.part import Figures, Measured, Part
from tests.benchmarks.timing import time_alone


def measure(bench: Bench) -> Measured:
    """One client that keeps its connection, then some at once."""
    documents = bench.open().info.documents
    with serving(bench.index) as address:
        figures = {
            "page": time_alone(bench.keywords, Client(address, our_page).ask),
            "clients": CLIENTS,
            "pages_a_second": pages_a_second(bench.keywords.timed, (address, our_page))[0],
        }
    return Measured(figures, documents, len(bench.keywords.timed))


def show(figures: Figures) -> Iterator[str]:
    """One table."""
    yield from table(
        ("", ""),
        [
            ("HTTP로 온전한 쪽: 10건, 대목, 정확한 건수, 갈래", times(figures["page"])),
            (f"〃 {figures['clients']}명이 한꺼번에", f"1초에 {figures['pages_a_second']:.1f}쪽"),
        ],
    )


PART = Part("page", "HTTP로 온전한 쪽: 한 명이 차례로, 여럿이 한꺼번에", measure, show)
