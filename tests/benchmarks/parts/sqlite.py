"""SQLite FTS5 with trigrams, in process."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.release import PressRelease
from tests.benchmarks.bench import Bench
from tests.benchmarks.engine_queries import EngineQueries
from tests.benchmarks.markdown import compared, table
from tests.benchmarks.part import Figures, Measured, Part
from tests.benchmarks.timing import Workload, compare


class Sqlite:
    """One text column."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute("CREATE VIRTUAL TABLE releases USING fts5(text, tokenize='trigram')")

    def index(self, releases: Iterator[PressRelease]) -> float:
        """Index everything; seconds."""
        started = time.perf_counter()
        with self._connection:
            rows = ((f"{release.title}\n{release.body}",) for release in releases)
            self._connection.executemany("INSERT INTO releases VALUES (?)", rows)
        return time.perf_counter() - started

    def keyword(self, query: str) -> int:
        """All words, top 10."""
        match = " AND ".join('"' + word.replace('"', '""') + '"' for word in query.split())
        sql = "SELECT rowid FROM releases WHERE releases MATCH ? ORDER BY rank LIMIT 10"
        return len(self._connection.execute(sql, (match,)).fetchall())


def measure(bench: Bench) -> Measured:
    """All words; only queries that SQLite finds something for: a trigram needs three characters."""
    snapshot = bench.open()
    asked = bench.keywords.timed
    with bench.temporary_folder() as folder:
        peer = Sqlite(folder / "sqlite.db")
        seconds = peer.index(bench.releases())
        answered = [query for query in asked if peer.keyword(query)]
        figures: dict[str, Any] = {
            "index_s": round(seconds, 1),
            "asked": len(asked),
            "answered": len(answered),
        }
        if answered:
            ours = EngineQueries(snapshot, bench.analyzer)
            figures["keyword"] = compare(Workload(answered, bench.keywords.warm), ours.keyword, peer.keyword)
    return Measured(figures, snapshot.info.documents, len(asked))


def show(figures: Figures) -> Iterator[str]:
    """The pair, then what SQLite does not find."""
    if "keyword" in figures:
        row = compared("낱말 질의: 모두 포함, 10건; bodo는 건수와 매체와 연도도", figures["keyword"])
        yield from table(("", "질의", "bodo", "SQLite FTS5 trigram", "비율"), [row])
        yield ""
    yield f"색인하는 데 {figures['index_s']:.1f} s. 질의 {figures['asked']:,}개 가운데 {figures['answered']:,}개만 찾습니다."
    yield "두 글자 이하의 낱말은 찾지 못하기 때문이고, 찾은 것만 견주었습니다."


PART = Part("sqlite", "SQLite FTS5와 견주기", measure, show)
