"""Full pages from our HTTP server."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.clients import CLIENTS, Client, html_page, our_page, pages_a_second
from tests.benchmarks.commands import serving
from tests.benchmarks.markdown import compared, table, times
from tests.benchmarks.part import Figures, Measured, Part
from tests.benchmarks.timing import compare, time_alone


def measure(bench: Bench) -> Measured:
    """One client that keeps its connection, then some at once; and the page for people beside the JSON."""
    documents = bench.open().info.documents
    with serving(bench.index) as address:
        figures = {
            "page": time_alone(bench.keywords, Client(address, our_page).ask),
            "html": compare(bench.keywords, Client(address, html_page).ask, Client(address, our_page).ask),
            "clients": CLIENTS,
            "pages_a_second": pages_a_second(bench.keywords.timed, (address, our_page))[0],
        }
    return Measured(figures, documents, len(bench.keywords.timed))


def show(figures: Figures) -> Iterator[str]:
    """Two tables."""
    yield from table(
        ("", ""),
        [
            ("HTTP로 온전한 쪽: 10건, 대목, 정확한 건수, 갈래", times(figures["page"])),
            (f"〃 {figures['clients']}명이 한꺼번에", f"1초에 {figures['pages_a_second']:.1f}쪽"),
        ],
    )
    html = figures["html"]
    yield ""
    yield from table(("", "질의", "HTML", "JSON", "비율"), [compared("결과 쪽과 같은 JSON", html)])
    yield ""
    p95 = html["subject"]["p95_ms"] / html["baseline"]["p95_ms"]
    yield f"p95는 HTML이 JSON의 {p95:.2f}배입니다."


PART = Part("page", "HTTP로 온전한 쪽: 한 명이 차례로, 여럿이 한꺼번에", measure, show)
