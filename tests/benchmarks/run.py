"""`make bench`: the figures of docs/benchmarks.md, with peers in the same run.

    python -m tests.benchmarks.run --corpus FOLDER [--opensearch FOLDER] [--json FILE]

FOLDER holds releases as `bodo reindex` reads them and, beside it, `eval-titles` and `eval-subtitles` for the
queries. Nothing else should run meanwhile. Absolute times belong to the machine; ratios travel.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from http.client import HTTPConnection
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from indexer.search.ranking import scoring_terms

from indexer.analysis import Analyzer
from indexer.bootstrap import open_service
from indexer.curation.synonyms import Synonyms
from indexer.engine import And, Filters, Node, Plan, Snapshot, TopDocs
from indexer.engines.whoosh import WhooshEngine
from indexer.evaluation.judged import read_judged_set
from indexer.release import PressRelease
from indexer.schema import shown_facets
from indexer.search.compile import CompiledQuery, IndexTerms, compile_query, published
from indexer.search.parser import parse_query
from indexer.search.request import SearchRequest
from indexer.settings import Settings
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from tests.benchmarks import peers
from tests.benchmarks.opensearch import Unavailable, running
from tests.conftest import release_of
from tests.support.servers import free_port

QUERIES = 1_000
SIZES = (10_000, 20_000, 42_000, 84_000)
STOCK_RELEASES = 20_000
STOCK_QUERIES = 100
CHANGES = 20
DEPTH = 10_000
CLIENTS = 8
TURN = 100
MEMORY_PERIOD_S = 0.5

Ask = Callable[[str], object]
Request = Callable[[str], tuple[str, bytes]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--opensearch", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.corpus, Path(folder))
        bench.run(options.opensearch)
    if options.json:
        options.json.write_text(json.dumps(bench.figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(bench.figures, indent=1, ensure_ascii=False))


class Bench:
    """Figures by name; see `main`."""

    def __init__(self, corpus: Path, folder: Path) -> None:
        self.figures: dict[str, Any] = {}
        self._corpus = corpus
        self._folder = folder
        self._index = folder / "index"
        self._analyzer = Analyzer()
        chooser = random.Random(1)  # noqa: S311 - no secret
        titles = list(read_judged_set(corpus.parent / "eval-titles").queries.values())
        chooser.shuffle(titles)
        self._keywords = [_part(title, chooser) for title in titles[:QUERIES]]
        self._long = list(islice(read_judged_set(corpus.parent / "eval-subtitles").queries.values(), QUERIES))

    def run(self, opensearch: Path | None) -> None:
        """Everything, one thing at a time."""
        self._build()
        reader = WhooshEngine(self._index, self._analyzer).open()
        self.figures["documents"] = reader.generation.documents
        self.figures["index_mb"] = round(reader.generation.size_bytes / 1e6)
        self.figures["keyword"] = _percentiles(self._keywords, lambda query: self._keyword(reader, query))
        self.figures["long"] = _percentiles(self._long, lambda query: self._any_word(reader, query))
        self.figures["server_private_mb"] = self._private_memory()
        self.figures["cold_search_s"] = self._cold_search()
        self._suggest()
        self._deep(reader)
        self._filtered(reader)
        self._change()
        self._tantivy()
        self._stock_whoosh()
        self._sqlite()
        self._beside_opensearch(reader, opensearch)
        self._grow()

    def _build(self) -> None:
        started = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "indexer",
            "reindex",
            "--corpus",
            self._corpus,
            "--index",
            self._index,
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            most = 0
            while process.poll() is None:
                most = max(most, sum(map(_private_kb, _family(process.pid))))
                time.sleep(MEMORY_PERIOD_S)
        assert process.returncode == 0, process.returncode
        self.figures["reindex_s"] = round(time.perf_counter() - started, 1)
        self.figures["reindex_private_mb"] = most * 1024 // 1_000_000

    def _keyword(self, reader: Snapshot, query: str) -> None:
        parsed = self._read(reader, query)
        reader.search(Plan(query=parsed.node, scoring=parsed.scoring, facets=("outlet", "year")))

    def _any_word(self, reader: Snapshot, query: str) -> None:
        analysed = self._analyzer.analyze([query])
        terms = scoring_terms([(analysed.morphemes.spans(0), analysed.bigrams.pairs(0))])
        reader.search(Plan(query=None, scoring=terms, exact_total=False))

    def _private_memory(self) -> int:
        """A process that has answered all keyword queries: what it holds that is no mapped file."""
        code = (
            "import sys, json\nfrom pathlib import Path\nfrom indexer.bootstrap import open_service\n"
            "from indexer.settings import Settings\n"
            "from indexer.search.request import SearchRequest\nservice = open_service(Settings(index=Path(sys.argv[1])))\n"
            "[service.search(SearchRequest(q=query)) for query in json.loads(sys.stdin.readline())]\n"
            "print(flush=True)\nsys.stdin.readline()"
        )
        command = [sys.executable, "-c", code, str(self._index)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, text=True, env=_environment(), **pipes) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(self._keywords) + "\n")
            process.stdin.flush()
            process.stdout.readline()
            private_kb = _private_kb(process.pid)
        assert process.returncode == 0, process.returncode
        assert private_kb > 0
        return private_kb * 1024 // 1_000_000

    def _cold_search(self) -> float:
        """A whole process of `bodo search`; the median of nine."""
        times = []
        for query in self._keywords[:9]:
            started = time.perf_counter()
            command = [sys.executable, "-m", "indexer", "search", "--index", str(self._index), query]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment())
            times.append(time.perf_counter() - started)
        return round(float(np.median(times)), 2)

    def _suggest(self) -> None:
        """What is typed letter by letter, of one word in ten; and words with a slip."""
        service = open_service(Settings(index=self._index))
        typed = [
            word[:end]
            for query in self._keywords[::10]
            for word in query.split()[:1]
            for end in range(1, len(word) + 1)
        ]
        self.figures["suggest"] = _percentiles(typed, lambda text: service.suggest(text))

    def _deep(self, reader: Snapshot) -> None:
        """The page at 10,000 beside the first of the same, common queries."""
        common = [
            query
            for query in dict.fromkeys(word for query in self._keywords for word in query.split())
            if (self._search(reader, query, 0).total or 0) > DEPTH + 10
        ][:100]
        first = _percentiles(common, lambda query: self._search(reader, query, 0))
        deep = _percentiles(common, lambda query: self._search(reader, query, DEPTH))
        self.figures["cursor"] = {"queries": len(common), "first": first, f"at_{DEPTH}": deep}

    def _filtered(self, reader: Snapshot) -> None:
        """Keyword queries with three filters, the facets of which are counted without their own."""
        outlets = tuple(
            list(reader.search(Plan(query=And(()), facets=("outlet",), limit=1)).facets["outlet"])[:5]
        )
        days = published(date(2022, 1, 1), date(2024, 12, 31))
        filters = Filters(values={"outlet": outlets, "attachment": ("",)}, published=days)

        def ask(query: str) -> None:
            parsed = self._read(reader, query)
            plan = Plan(query=parsed.node, scoring=parsed.scoring, filters=filters, facets=shown_facets())
            reader.search(plan)

        self.figures["three_filters"] = _percentiles(self._keywords, ask)

    def _read(self, reader: Snapshot, query: str) -> CompiledQuery:
        def count(node: Node) -> int:
            return reader.search(Plan(query=node, sort="newest", limit=1)).total or 0

        return compile_query(parse_query(query), self._analyzer, Synonyms(), IndexTerms(reader.values, count))

    def _search(self, reader: Snapshot, query: str, offset: int) -> TopDocs:
        parsed = self._read(reader, query)
        return reader.search(
            Plan(
                query=parsed.node,
                scoring=parsed.scoring,
                offset=offset,
                facets=("outlet", "year"),
                grouped=True,
            )
        )

    def _change(self) -> None:
        """Add releases at full size from another process, each until a service finds it; queries go on."""
        service = open_service(Settings(index=self._index))
        service.search(SearchRequest(q="창원"))
        slowest: list[float] = []
        stop = threading.Event()

        def ask() -> None:
            for query in self._keywords * 10:
                if stop.is_set():
                    return
                started = time.perf_counter()
                service.search(SearchRequest(q=query))
                slowest.append(time.perf_counter() - started)
                time.sleep(0.005)

        context = get_context("spawn")
        wanted, done = context.Queue(), context.Queue()
        writer = context.Process(target=_write, args=(self._index, wanted, done))
        writer.start()
        done.get()
        asking = threading.Thread(target=ask)
        asking.start()
        times = []
        for number in range(CHANGES):
            started = time.perf_counter()
            wanted.put(number)
            while not service.search(SearchRequest(q=f"두루미{number}호", exact=True)).total:
                time.sleep(0.002)
            times.append(time.perf_counter() - started)
            done.get()
            time.sleep(0.2)
        wanted.put(-1)
        stop.set()
        asking.join()
        writer.join()
        self.figures["add_one_ms"] = _spread(times)
        self.figures["queries_meanwhile_ms"] = _spread(slowest)

    def _tantivy(self) -> None:
        try:
            peer = peers.Tantivy(self._folder / "tantivy", self._analyzer)
        except ModuleNotFoundError:
            self.figures["tantivy"] = "not installed"
            return
        seconds = peer.index(self._releases())
        self.figures["tantivy"] = {
            "index_s_one_process": round(seconds, 1),
            "keyword": _percentiles(self._keywords, peer.searcher()),
        }

    def _stock_whoosh(self) -> None:
        releases = list(islice(self._releases(), STOCK_RELEASES))
        stock = peers.StockWhoosh(self._folder / "stock", self._analyzer)
        engine = WhooshEngine(self._folder / "ours", self._analyzer)
        started = time.perf_counter()
        with engine.write() as writer:
            writer.put(releases)
            writer.commit({})
        ours_s = time.perf_counter() - started
        reader = engine.open()
        queries = self._keywords[:STOCK_QUERIES]
        self.figures["stock_whoosh"] = {
            "releases": len(releases),
            "index_s": round(stock.index(releases), 1),
            "our_index_s": round(ours_s, 1),
        }
        both = peers.StockWhoosh(self._folder / "stock2", self._analyzer, bigrams=True)
        self.figures["stock_whoosh"]["index_s_with_bigrams"] = round(both.index(releases), 1)
        asked = {
            "our_keyword": lambda query: self._keyword(reader, query),
            "keyword": stock.searcher(counted=True),
            "keyword_ten_only": stock.searcher(),
            "keyword_with_bigrams": both.searcher(counted=True),
            "keyword_with_bigrams_ten_only": both.searcher(),
        }
        self.figures["stock_whoosh"] |= dict(zip(asked, _compare(queries, *asked.values()), strict=True))

    def _sqlite(self) -> None:
        peer = peers.Sqlite(self._folder / "sqlite.db")
        seconds = peer.index(self._releases())
        found = sum(peer.keyword(query) > 0 for query in self._keywords)
        self.figures["sqlite_fts5_trigram"] = {
            "index_s": round(seconds, 1), "queries_with_a_result": found,
            "keyword": _percentiles(self._keywords, peer.keyword),
        }  # fmt: skip

    def _beside_opensearch(self, reader: Snapshot, folder: Path | None) -> None:
        """Full pages over our own HTTP API; and, in turns, what OpenSearch takes for the same questions."""
        with self._serving() as ours:
            try:
                if folder is None:
                    raise Unavailable("not asked for (--opensearch)")
                with running(folder) as theirs:
                    self._in_turns(reader, ours, theirs)
            except Unavailable as reason:
                self.figures["opensearch"] = f"left out: {reason}"
                self.figures["page_http"] = _percentiles(self._keywords, asking_pages(ours, _our_page))
                self.figures["pages_a_second_of_8"] = throughput(ours, self._keywords, _our_page)

    def _in_turns(self, reader: Snapshot, ours: str, theirs: str) -> None:
        peer = peers.OpenSearch(theirs)
        figures: dict[str, Any] = {"index_s": round(peer.index(self._releases()), 1)}
        self.figures["opensearch"] = figures
        figures["our_keyword"], figures["keyword"] = _compare(
            self._keywords, lambda query: self._keyword(reader, query), peer.keyword
        )
        figures["our_long"], figures["long"] = _compare(
            self._long, lambda query: self._any_word(reader, query), peer.long
        )
        self.figures["page_http"], figures["page_http"] = _compare(
            self._keywords, asking_pages(ours, _our_page), asking_pages(theirs, peer.page)
        )
        self.figures["pages_a_second_of_8"] = throughput(ours, self._keywords, _our_page)
        figures["pages_a_second_of_8"] = throughput(theirs, self._keywords, peer.page)

    @contextmanager
    def _serving(self) -> Iterator[str]:
        """The address of `bodo serve`, with a process a processor."""
        port = free_port()
        command = [sys.executable, "-m", "indexer", "serve", "--index", str(self._index), "--port", str(port)]
        server = subprocess.Popen(
            [*command, "--workers", str(os.cpu_count() or 1)], stdout=subprocess.PIPE, env=_environment()
        )
        try:
            assert server.stdout is not None
            server.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()

    def _grow(self) -> None:
        """The same queries over growing indexes."""
        growth = []
        for size in SIZES:
            engine = WhooshEngine(self._folder / f"size{size}", self._analyzer)
            with engine.write() as writer:
                writer.put(islice(self._releases(), size))
                writer.commit({})
            reader = engine.open()
            growth.append({
                "documents": reader.generation.documents,
                "keyword": _percentiles(self._keywords, lambda query, reader=reader: self._keyword(reader, query)),
                "long": _percentiles(self._long, lambda query, reader=reader: self._any_word(reader, query)),
            })  # fmt: skip
        growth.append({name: self.figures[name] for name in ("documents", "keyword", "long")})
        self.figures["growth"] = growth

    def _releases(self) -> Iterator[PressRelease]:
        for file in list_files(self._corpus)[0]:
            for item in read_file(file):
                if isinstance(item, PressRelease):
                    yield item


def asking_pages(address: str, request: Request) -> Ask:
    """A client that keeps its connection; a body makes a POST."""
    host, port = address.removeprefix("http://").split(":")
    connection = HTTPConnection(host, int(port))

    def ask(query: str) -> None:
        path, body = request(query)
        headers = {"Content-Type": "application/json"}
        connection.request("POST" if body else "GET", path, body or None, headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        json.loads(answer.read())

    return ask


def throughput(address: str, queries: list[str], request: Request) -> float:
    """Pages a second for CLIENTS at once."""

    def ask_all(part: list[str]) -> None:
        ask = asking_pages(address, request)
        for query in part:
            ask(query)

    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(ask_all, [queries[number::CLIENTS] for number in range(CLIENTS)]))
    return round(len(queries) / (time.perf_counter() - started), 1)


def _our_page(query: str) -> tuple[str, bytes]:
    return f"/api/v1/search?q={quote(query)}", b""


def _family(pid: int) -> list[int]:
    """A process and all that it has started."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(child))]


def _private_kb(pid: int) -> int:
    """What a process holds that is no page of a file. Not "Private_Dirty": that counts the pages of a mapped
    file that are not yet on the disk, however many could be let go.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Anonymous:", "Swap:")))


def _write(index: Path, wanted: Any, done: Any) -> None:  # noqa: ANN401 - queues
    """Add the releases that are asked for, in a process of its own."""
    engine = WhooshEngine(index, Analyzer())
    engine.open().close()
    done.put("ready")
    while (number := wanted.get()) >= 0:
        with engine.write() as writer:
            writer.put([release_of(f"하노버에 간 두루미{number}호", "본문이다.", id=f"added-{number}")])
            writer.commit({})
        done.put(number)


def _part(title: str, chooser: random.Random) -> str:
    words = title.split()
    count = chooser.randint(1, min(3, len(words)))
    start = chooser.randint(0, len(words) - count)
    return " ".join(words[start : start + count])


def _percentiles(queries: list[str], ask: Ask) -> dict[str, float]:
    _times(queries[: len(queries) // 4], ask)  # warm
    return _spread(_times(queries, ask))


def _compare(queries: list[str], *asks: Ask) -> list[dict[str, float]]:
    """Each one's figures, in turns of TURN queries: a machine's minutes are not equally fast."""
    for ask in asks:
        _times(queries[: len(queries) // 4], ask)  # warm
    times: list[list[float]] = [[] for _ in asks]
    for start in range(0, len(queries), TURN):
        for ask, own in zip(asks, times, strict=True):
            own += _times(queries[start : start + TURN], ask)
    return [_spread(own) for own in times]


def _times(queries: list[str], ask: Ask) -> list[float]:
    times = []
    for query in queries:
        started = time.perf_counter()
        ask(query)
        times.append(time.perf_counter() - started)
    return times


def _spread(times: list[float]) -> dict[str, float]:
    p50, p95, highest = np.percentile(np.array(times) * 1000, (50, 95, 100))
    return {
        "p50_ms": round(float(p50), 2),
        "p95_ms": round(float(p95), 2),
        "max_ms": round(float(highest), 2),
    }


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


if __name__ == "__main__":
    main()
