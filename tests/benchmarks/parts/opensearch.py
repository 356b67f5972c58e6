"""OpenSearch with nori, over HTTP."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from indexer.release import PressRelease
from indexer.schema import FACETS
from tests.benchmarks.bench import Bench, batches
from tests.benchmarks.clients import CLIENTS, Client, our_page, pages_a_second
from tests.benchmarks.commands import processors, serving
from tests.benchmarks.engine_queries import EngineQueries
from tests.benchmarks.markdown import compared, table, times
from tests.benchmarks.opensearch import running
from tests.benchmarks.part import Figures, Measured, Part, Unavailable
from tests.benchmarks.timing import compare, time_alone
from tests.support.opensearch_package import VERSION
from tests.support.opensearch_server import ask

_SEARCH = "/releases/_search"
_FACETS = ("outlet", "year")


def index_releases(address: str, releases: Iterator[PressRelease]) -> float:
    """Index everything in one shard; seconds."""
    text = {"type": "text", "analyzer": "nori"}
    mappings = {"title": text, "body": text, **{name: {"type": "keyword"} for name in _FACETS}}
    settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}
    ask(address, "PUT", "/releases", {"settings": settings, "mappings": {"properties": mappings}})
    started = time.perf_counter()
    # As many requests at once as there are processors: one after the other would leave them idle.
    with ThreadPoolExecutor(processors()) as pool:
        waiting: deque[Future[None]] = deque()
        for batch in batches(releases):
            waiting.append(pool.submit(_index_batch, address, batch))
            if len(waiting) > 2 * processors():
                waiting.popleft().result()
        for request in waiting:
            request.result()
    ask(address, "POST", "/releases/_refresh")
    return time.perf_counter() - started


def _index_batch(address: str, batch: Sequence[PressRelease]) -> None:
    lines = []
    for release in batch:
        record = {"title": release.title, "body": release.body}
        record |= {name: FACETS[name].read(release) for name in _FACETS}
        lines += [json.dumps({"index": {"_id": release.id}}), json.dumps(record)]
    body = ("\n".join(lines) + "\n").encode()
    if ask(address, "POST", "/releases/_bulk?filter_path=errors", body).get("errors"):
        raise RuntimeError("OpenSearch did not index all releases")


def keyword(query: str) -> tuple[str, bytes]:
    """All words: ten releases, the exact total, and the counts of outlets and years."""
    return _SEARCH, json.dumps({**_all_words(query), "_source": False}).encode()


def page(query: str) -> tuple[str, bytes]:
    """What a person's page asks for: as `keyword`, with highlights and sources."""
    fields = {"title": {"number_of_fragments": 0}, "body": {"number_of_fragments": 2}}
    asked = {"_source": ["title", *_FACETS], "highlight": {"fields": fields}}
    return _SEARCH, json.dumps(_all_words(query) | asked).encode()


def any_word(query: str) -> tuple[str, bytes]:
    """Any word: ten releases, without a total."""
    asked = {"size": 10, "track_total_hits": False, "_source": False, "query": {"match": {"body": query}}}
    return _SEARCH, json.dumps(asked).encode()


def _all_words(query: str) -> dict[str, Any]:
    match = {"query": query, "fields": ["title", "body"], "operator": "and", "type": "cross_fields"}
    return {
        "size": 10,
        "track_total_hits": True,
        "query": {"multi_match": match},
        "aggs": {name: {"terms": {"field": name}} for name in _FACETS},
    }


def measure(bench: Bench) -> Measured:
    """Pages over HTTP from both; queries from our engine in process and from OpenSearch over HTTP."""
    if bench.opensearch is None:
        raise Unavailable("no folder for OpenSearch (--opensearch)")
    snapshot = bench.open()
    ours = EngineQueries(snapshot, bench.analyzer)
    with running(bench.opensearch) as theirs, serving(bench.index) as our_address:
        index_s = index_releases(theirs, bench.releases())
        both = ((our_address, our_page), (theirs, page))
        figures = {
            "version": VERSION,
            "index_s": round(index_s, 1),
            "empty_request": time_alone(bench.keywords, Client(theirs, lambda _: ("/", b"")).ask),
            "keyword": compare(bench.keywords, ours.keyword, Client(theirs, keyword).ask),
            "long": compare(bench.subtitles, ours.any_word, Client(theirs, any_word).ask),
            "page": compare(bench.keywords, *(Client(*server).ask for server in both)),
            "clients": CLIENTS,
            "pages_a_second": pages_a_second(bench.keywords.timed, *both),
        }
    return Measured(figures, snapshot.info.documents, len(bench.keywords.timed) + len(bench.subtitles.timed))


def show(figures: Figures) -> Iterator[str]:
    """The pairs, then what they need to be understood."""
    rows = [
        compared("HTTP로 온전한 쪽: 10건, 대목, 정확한 건수, 갈래", figures["page"]),
        compared("낱말 질의: 모두 포함, 10건, 정확한 건수, 매체와 연도", figures["keyword"]),
        compared("긴 질의: 하나라도 포함, 10건", figures["long"]),
    ]
    yield from table(("", "질의", "bodo", f"OpenSearch {figures['version']} + nori", "비율"), rows)
    yield ""
    ours, theirs = figures["pages_a_second"]
    yield (
        f"{figures['clients']}명이 한꺼번에 온전한 쪽을 물으면 1초에 bodo {ours:.1f}쪽, OpenSearch {theirs:.1f}쪽"
        f"({ours / theirs:.2f}배). OpenSearch가 색인하는 데 {figures['index_s']:.1f} s(연결은 코어마다 하나)."
    )
    yield (
        "온전한 쪽은 둘 다 HTTP로 묻습니다. 낱말 질의와 긴 질의는 bodo는 프로세스 안에서, OpenSearch는 HTTP로 답하고, "
        f"OpenSearch에 빈 것을 묻는 데만 {times(figures['empty_request'])}입니다."
    )


PART = Part("opensearch", "OpenSearch와 견주기", measure, show)
