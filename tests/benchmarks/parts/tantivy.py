"""tantivy in process, fed our morphemes."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.analysis import Analyzer
from indexer.release import PressRelease
from tests.benchmarks.bench import Bench, batches
from tests.benchmarks.engine_queries import EngineQueries
from tests.benchmarks.markdown import compared, table
from tests.benchmarks.part import Figures, Measured, Part, Unavailable
from tests.benchmarks.timing import Ask, compare

_HEAP_BYTES = 256_000_000
_THREADS = 2


class Tantivy:
    """One text field of morphemes, parted by spaces, in an empty folder. Raises Unavailable without tantivy."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        try:
            self._tantivy: Any = importlib.import_module("tantivy")
        except ModuleNotFoundError as error:
            raise Unavailable("tantivy is not installed") from error
        self._analyzer = analyzer
        builder = self._tantivy.SchemaBuilder()
        builder.add_text_field("text", tokenizer_name="whitespace")
        self._index = self._tantivy.Index(builder.build(), path=str(folder))

    def index(self, releases: Iterator[PressRelease]) -> float:
        """Index everything, in one process; seconds."""
        writer = self._index.writer(_HEAP_BYTES, _THREADS)
        started = time.perf_counter()
        for batch in batches(releases):
            texts = [f"{release.title}\n{release.body}" for release in batch]
            analysed = self._analyzer.analyze(texts).morphemes
            for first, end in zip(analysed.bounds[:-1], analysed.bounds[1:], strict=True):
                terms = (analysed.vocabulary[term] for term in analysed.terms[first:end])
                writer.add_document(self._tantivy.Document(text=" ".join(terms)))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        return time.perf_counter() - started

    def searcher(self) -> Ask:
        """Ask for all words, top 10. Analysing the query is in its time, as it is in ours."""
        tantivy = self._tantivy
        searcher, schema = self._index.searcher(), self._index.schema

        def ask(query: str) -> int:
            terms = [
                (tantivy.Occur.Must, tantivy.Query.term_query(schema, "text", token.term))
                for token in self._analyzer.tokens(query)
            ]
            return len(searcher.search(tantivy.Query.boolean_query(terms), 10).hits)

        return ask


def measure(bench: Bench) -> Measured:
    """All words."""
    with bench.temporary_folder() as folder:
        peer = Tantivy(folder, bench.analyzer)
        snapshot = bench.open()
        seconds = peer.index(bench.releases())
        asked = EngineQueries(snapshot, bench.analyzer)
        figures = {
            "index_s_one_process": round(seconds, 1),
            "keyword": compare(bench.keywords, asked.keyword, peer.searcher()),
        }
    return Measured(figures, snapshot.info.documents, len(bench.keywords.timed))


def show(figures: Figures) -> Iterator[str]:
    """The pair, then the time to index."""
    row = compared("낱말 질의: 모두 포함, 10건; bodo는 건수와 매체와 연도도", figures["keyword"])
    yield from table(("", "질의", "bodo", "tantivy", "비율"), [row])
    yield ""
    yield f"한 프로세스로 색인하는 데 {figures['index_s_one_process']:.1f} s(bodo의 형태소 분석 포함)."
    yield "tantivy는 형태소 하나하나만 보고, bodo는 음절의 이어짐과 경계도 확인합니다."


PART = Part("tantivy", "tantivy와 견주기", measure, show)
