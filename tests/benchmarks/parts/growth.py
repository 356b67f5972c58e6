"""The same queries over growing indexes, each in turn with the full one."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.engine_queries import EngineQueries
from tests.benchmarks.markdown import ratio, table, times
from tests.benchmarks.part import Figures, Measured, Part
from tests.benchmarks.timing import compare


def measure(bench: Bench) -> Measured:
    """Each size beside the full one."""
    full = bench.open()
    asked = EngineQueries(full, bench.analyzer)
    sizes = []
    for size in bench.limits.sizes:
        with bench.temporary_folder() as folder:
            snapshot = bench.open_new(folder, bench.releases(size))
            smaller = EngineQueries(snapshot, bench.analyzer)
            sizes.append(
                {
                    "releases": snapshot.info.documents,
                    "keyword": compare(bench.keywords, asked.keyword, smaller.keyword),
                    "long": compare(bench.subtitles, asked.any_word, smaller.any_word),
                }
            )
    queries = len(bench.keywords.timed) + len(bench.subtitles.timed)
    return Measured({"sizes": sizes}, full.info.documents, queries)


def show(figures: Figures) -> Iterator[str]:
    """A row a size."""
    rows = []
    for size in figures["sizes"]:
        kinds = [size["keyword"], size["long"]]
        cells = [cell for kind in kinds for cell in (times(kind["baseline"]), ratio(kind["ratio"]))]
        rows.append((f"{size['releases']:,}", *cells))
    yield from table(("보도자료", "낱말 질의", "전체는 몇 배", "긴 질의", "전체는 몇 배"), rows)


PART = Part("growth", "색인이 커질 때의 질의", measure, show)
