"""The same releases and queries in other engines. A peer that is not installed is left out, and said."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.analysis.bigrams import unpack
from indexer.release import PressRelease
from tests.benchmarks.opensearch import ask

Ask = Callable[[str], int]
_BULK = 1_000
_FACETS = ("outlet", "year")


def batches(releases: Iterator[PressRelease], size: int = _BULK) -> Iterator[list[PressRelease]]:
    """Lists of releases."""
    while batch := list(islice(releases, size)):
        yield batch


class OpenSearch:
    """OpenSearch with nori, one shard, over HTTP."""

    def __init__(self, address: str) -> None:
        self._address = address

    def index(self, releases: Iterator[PressRelease]) -> float:
        """Index everything; seconds."""
        text = {"type": "text", "analyzer": "nori"}
        mappings = {"title": text, "body": text, "outlet": {"type": "keyword"}, "year": {"type": "keyword"}}
        ask(self._address, "PUT", "/releases", {
            "settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"},
            "mappings": {"properties": mappings},
        })  # fmt: skip
        started = time.perf_counter()
        # As many requests at once as there are processors: one after the other would leave them idle.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            waiting: deque[Future[object]] = deque()
            for batch in batches(releases):
                waiting.append(
                    pool.submit(
                        ask, self._address, "POST", "/releases/_bulk?filter_path=errors", _bulk(batch)
                    )
                )
                if len(waiting) > 2 * (os.cpu_count() or 1):
                    waiting.popleft().result()
            for request in waiting:
                request.result()
        ask(self._address, "POST", "/releases/_refresh")
        return time.perf_counter() - started

    def keyword(self, query: str) -> int:
        """All words, top 10, exact total, facets by outlet and year, without highlights."""
        answer = ask(self._address, "POST", "/releases/_search", {
            "size": 10, "track_total_hits": True, "_source": False,
            "query": {"multi_match": {"query": query, "fields": ["title", "body"], "operator": "and", "type": "cross_fields"}},
            "aggs": {"outlet": {"terms": {"field": "outlet"}}, "year": {"terms": {"field": "year"}}},
        })  # fmt: skip
        return len(answer["hits"]["hits"])  # type: ignore[index]

    def page(self, query: str) -> tuple[str, bytes]:
        """Path and body of what a person's page asks: as `keyword`, with highlights and sources."""
        return "/releases/_search", json.dumps({
            "size": 10, "track_total_hits": True, "_source": ["title", "outlet", "year"],
            "query": {"multi_match": {"query": query, "fields": ["title", "body"], "operator": "and", "type": "cross_fields"}},
            "highlight": {"fields": {"title": {"number_of_fragments": 0}, "body": {"number_of_fragments": 2}}},
            "aggs": {"outlet": {"terms": {"field": "outlet"}}, "year": {"terms": {"field": "year"}}},
        }).encode()  # fmt: skip

    def long(self, query: str) -> int:
        """Any word, top 10, no total."""
        answer = ask(self._address, "POST", "/releases/_search", {
            "size": 10, "track_total_hits": False, "_source": False, "query": {"match": {"body": query}},
        })  # fmt: skip
        return len(answer["hits"]["hits"])  # type: ignore[index]


def _bulk(batch: Sequence[PressRelease]) -> bytes:
    lines = []
    for release in batch:
        record = {
            "title": release.title, "body": release.body, "outlet": release.outlet, "year": _year(release),
        }  # fmt: skip
        lines += [json.dumps({"index": {"_id": release.id}}), json.dumps(record)]
    return ("\n".join(lines) + "\n").encode()


def _year(release: PressRelease) -> str:
    return str(release.published_at.year) if release.published_at else ""


class Tantivy:
    """tantivy in process, fed our morphemes, parted by spaces."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        import tantivy

        self._tantivy = tantivy
        self._analyzer = analyzer
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("text", tokenizer_name="whitespace")
        folder.mkdir(parents=True)
        self._index = tantivy.Index(builder.build(), path=str(folder))

    def _terms(self, text: str) -> list[str]:
        return [token.term for token in self._analyzer.tokens(text)]

    def index(self, releases: Iterator[PressRelease]) -> float:
        """Index everything, in one process; seconds."""
        writer = self._index.writer(256_000_000, 2)
        started = time.perf_counter()
        for batch in batches(releases):
            analysed = self._analyzer.analyze(
                [f"{release.title}\n{release.body}" for release in batch]
            ).morphemes
            for number in range(len(batch)):
                rows = analysed.terms[analysed.bounds[number] : analysed.bounds[number + 1]]
                writer.add_document(
                    self._tantivy.Document(text=" ".join(analysed.vocabulary[row] for row in rows))
                )
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        return time.perf_counter() - started

    def searcher(self) -> Ask:
        """Ask for all words, top 10. Analysing the query is not in its time, as it is ours."""
        searcher = self._index.searcher()
        schema = self._index.schema
        tantivy = self._tantivy

        def ask_for(query: str) -> int:
            terms = [
                (tantivy.Occur.Must, tantivy.Query.term_query(schema, "text", term))
                for term in self._terms(query)
            ]
            return len(searcher.search(tantivy.Query.boolean_query(terms), 10).hits)

        return ask_for


class Sqlite:
    """SQLite FTS5 with trigrams."""

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


class StockWhoosh:
    """Whoosh as it comes, fed our morphemes; where `bigrams`, these too, as ours is: the same job."""

    def __init__(self, folder: Path, analyzer: Analyzer, *, bigrams: bool = False) -> None:
        from whoosh.analysis import SpaceSeparatedTokenizer
        from whoosh.fields import ID, TEXT, Schema
        from whoosh.index import create_in

        self._analyzer = analyzer
        self._bigrams = bigrams
        folder.mkdir(parents=True)
        fields = {"text": TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=True)}
        fields |= {name: ID(sortable=True) for name in _FACETS}
        if bigrams:
            fields["pairs"] = TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=True)
        self._index = create_in(str(folder), Schema(**fields))

    def index(self, releases: Sequence[PressRelease]) -> float:
        """Index everything; seconds."""
        writer = self._index.writer(limitmb=256)
        started = time.perf_counter()
        for batch in batches(iter(releases)):
            analysed = self._analyzer.analyze([f"{release.title}\n{release.body}" for release in batch])
            morphemes, pairs = analysed.morphemes, analysed.bigrams
            for number, release in enumerate(batch):
                rows = morphemes.terms[morphemes.bounds[number] : morphemes.bounds[number + 1]]
                fields = {"text": " ".join(morphemes.vocabulary[row] for row in rows)}
                fields |= {"outlet": release.outlet, "year": _year(release)}
                if self._bigrams:
                    keys = pairs.keys[pairs.bounds[number] : pairs.bounds[number + 1]]
                    fields["pairs"] = " ".join(map(unpack, keys.tolist()))
                writer.add_document(**fields)
        writer.commit()
        return time.perf_counter() - started

    def searcher(self, *, counted: bool = False) -> Ask:
        """Ask for all words, top 10; with bigrams each word as morphemes or as a run. Where `counted`, with the
        exact total and the counts of outlets and years, which is what ours answers.
        """
        from whoosh.query import And, Or, Phrase, Term
        from whoosh.sorting import Count

        searcher = self._index.searcher()

        def of_word(word: str) -> object:
            terms = [token.term for token in self._analyzer.tokens(word)]
            ways = [Term("text", terms[0]) if len(terms) == 1 else Phrase("text", terms)] if terms else []
            run = [token.term for token in self._analyzer.bigrams(word) if len(token.term) == 2]
            if run:
                ways.append(Term("pairs", run[0]) if len(run) == 1 else Phrase("pairs", run))
            return Or(ways)

        def ask_for(query: str) -> int:
            if self._bigrams:
                parts = [of_word(word) for word in query.split()]
            else:
                parts = [Term("text", token.term) for token in self._analyzer.tokens(query)]
            counting = {"groupedby": list(_FACETS), "maptype": Count} if counted else {}
            results = searcher.search(And(parts), limit=10, **counting)
            if counted:
                return len(results) + sum(len(results.groups(name)) for name in _FACETS)
            return len(results.top_n)

        return ask_for
