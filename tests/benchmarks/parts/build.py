"""The whole corpus indexed, from the files to the live index."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.markdown import table
from tests.benchmarks.part import Figures, Measured, Part


def measure(bench: Bench) -> Measured:
    """`bodo reindex`, analysis included."""
    folder, built = bench.build()
    snapshot = bench.engine(folder).open()
    figures = {
        "reindex_s": built.seconds,
        "private_mb": built.private_mb,
        "index_mb": round(snapshot.info.size_bytes / 1e6),
    }
    return Measured(figures, snapshot.info.documents)


def show(figures: Figures) -> Iterator[str]:
    """One table."""
    yield from table(
        ("", ""),
        [
            ("`bodo reindex`, 파일에서 살아 있는 색인까지", f"{figures['reindex_s']:.1f} s"),
            (
                "색인하는 모든 프로세스의 메모리(파일의 쪽을 뺌, `--memory-mb` 1,024)",
                f"{figures['private_mb']:,} MB",
            ),
            ("디스크의 색인", f"{figures['index_mb']:,} MB"),
        ],
    )


PART = Part("build", "파일에서 살아 있는 색인까지: 시간, 메모리, 크기", measure, show)
