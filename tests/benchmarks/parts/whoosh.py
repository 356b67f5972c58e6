"""Whoosh as it comes, in process, fed our morphemes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in
from whoosh.query import And, Or, Phrase, Term
from whoosh.sorting import Count

from indexer.analysis import Analyzer
from indexer.analysis.bigrams import unpack
from indexer.release import PressRelease
from indexer.schema import FACETS
from tests.benchmarks.bench import Bench, batches
from tests.benchmarks.engine_queries import EngineQueries
from tests.benchmarks.markdown import compared, table
from tests.benchmarks.part import Figures, Measured, Part
from tests.benchmarks.timing import Ask, compare

_FACETS = ("outlet", "year")
_BUFFER_MB = 256


class StockWhoosh:
    """Where `bigrams`, it has these too, as ours has: the same job."""

    def __init__(self, folder: Path, analyzer: Analyzer, *, bigrams: bool = False) -> None:
        self._analyzer = analyzer
        self._bigrams = bigrams
        folder.mkdir(parents=True)
        fields: dict[str, Any] = {"text": TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=True)}
        fields |= {name: ID(sortable=True) for name in _FACETS}
        if bigrams:
            fields["pairs"] = TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=True)
        self._index = create_in(str(folder), Schema(**fields))

    def index(self, releases: Sequence[PressRelease]) -> float:
        """Index everything; seconds."""
        writer = self._index.writer(limitmb=_BUFFER_MB)
        started = time.perf_counter()
        for batch in batches(iter(releases)):
            analysed = self._analyzer.analyze([f"{release.title}\n{release.body}" for release in batch])
            morphemes, pairs = analysed.morphemes, analysed.bigrams
            for index, release in enumerate(batch):
                terms = morphemes.terms[morphemes.bounds[index] : morphemes.bounds[index + 1]]
                fields = {"text": " ".join(morphemes.vocabulary[term] for term in terms)}
                fields |= {name: FACETS[name].read(release) for name in _FACETS}
                if self._bigrams:
                    keys = pairs.keys[pairs.bounds[index] : pairs.bounds[index + 1]]
                    fields["pairs"] = " ".join(map(unpack, keys.tolist()))
                writer.add_document(**fields)
        writer.commit()
        return time.perf_counter() - started

    def searcher(self, *, counted: bool) -> Ask:
        """Ask for all words, top 10; with bigrams each word as morphemes or as bigrams in a row. Where
        `counted`, with the exact total and the counts of outlets and years, which is what ours answers.
        """
        searcher = self._index.searcher()

        def ask(query: str) -> int:
            if self._bigrams:
                nodes = [self._word(word) for word in query.split()]
            else:
                nodes = [Term("text", token.term) for token in self._analyzer.tokens(query)]
            counting = {"groupedby": list(_FACETS), "maptype": Count} if counted else {}
            results = searcher.search(And(nodes), limit=10, **counting)
            if counted:
                return len(results) + sum(len(results.groups(name)) for name in _FACETS)
            return len(results.top_n)

        return ask

    def _word(self, word: str) -> Any:  # noqa: ANN401 - a node of Whoosh
        morphemes = [token.term for token in self._analyzer.tokens(word)]
        bigrams = [token.term for token in self._analyzer.bigrams(word) if len(token.term) == 2]
        readings = (("text", morphemes), ("pairs", bigrams))
        return Or([_row(field, terms) for field, terms in readings if terms])


def _row(field: str, terms: list[str]) -> Any:  # noqa: ANN401 - a node of Whoosh
    return Term(field, terms[0]) if len(terms) == 1 else Phrase(field, terms)


def measure(bench: Bench) -> Measured:
    """With bigrams and without, with counts and without, each in turn with ours."""
    releases = list(bench.releases(bench.limits.stock_releases))
    workload = bench.keywords.first(bench.limits.slow_queries)
    with bench.temporary_folder() as folder:
        started = time.perf_counter()
        snapshot = bench.open_new(folder / "ours", releases)
        figures: dict[str, Any] = {"our_index_s": round(time.perf_counter() - started, 1)}
        ours = EngineQueries(snapshot, bench.analyzer).keyword
        for name, bigrams in (("morphemes", False), ("bigrams", True)):
            peer = StockWhoosh(folder / name, bench.analyzer, bigrams=bigrams)
            figures[name] = {
                "index_s": round(peer.index(releases), 1),
                "counted": compare(workload, ours, peer.searcher(counted=True)),
                "ten_only": compare(workload, ours, peer.searcher(counted=False)),
            }
    return Measured(figures, snapshot.info.documents, len(workload.timed))


def show(figures: Figures) -> Iterator[str]:
    """The pairs, then the times to index."""
    labels = {"bigrams": "형태소와 음절쌍(같은 일)", "morphemes": "형태소만"}
    rows = []
    for name, label in labels.items():
        rows.append(compared(f"{label}, 10건과 건수와 매체와 연도", figures[name]["counted"]))
        rows.append(compared(f"{label}, 10건만", figures[name]["ten_only"]))
    yield from table(("", "질의", "bodo", "그대로의 Whoosh", "비율"), rows)
    yield ""
    yield (
        f"색인하는 데 bodo는 {figures['our_index_s']:.1f} s, 그대로의 Whoosh는 음절쌍까지 "
        f"{figures['bigrams']['index_s']:.1f} s, 형태소만 {figures['morphemes']['index_s']:.1f} s"
        "(모두 형태소 분석 포함)."
    )


PART = Part("whoosh", "그대로의 Whoosh와 견주기", measure, show)
