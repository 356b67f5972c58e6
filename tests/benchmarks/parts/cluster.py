"""The same program on OpenSearch: beside itself on the embedded index, and beside OpenSearch with nori."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.bench import Bench
from tests.benchmarks.clients import Client, our_page
from tests.benchmarks.commands import build_index, command, environment, serving
from tests.benchmarks.markdown import compared, table
from tests.benchmarks.opensearch import running
from tests.benchmarks.part import Figures, Measured, Part, Unavailable
from tests.benchmarks.parts.opensearch import index_releases, page
from tests.benchmarks.timing import compare
from tests.support.opensearch_package import VERSION
from tests.support.opensearch_server import ask

_SETS = ("eval-subtitles", "eval-titles")


def measure(bench: Bench) -> Measured:
    """Build, pages over HTTP query by query, and relevance."""
    if bench.opensearch is None:
        raise Unavailable("no folder for OpenSearch (--opensearch)")
    index = bench.index
    folder = bench.scratch / "cluster"
    with running(bench.opensearch) as address:
        nori_s = index_releases(address, bench.releases())
        cluster = {
            "BODO_ENGINE": "opensearch",
            "BODO_OPENSEARCH_URL": address,
            "BODO_OPENSEARCH_REPLICAS": "0",
        }
        built = build_index(bench.corpus, folder, **cluster)
        _wait_for_merge(address)
        with serving(folder, **cluster) as ours, serving(index) as embedded:
            figures: dict[str, Any] = {
                "version": VERSION,
                "judged": bench.limits.queries,
                "nori_s": round(nori_s, 1),
                "reindex_s": built.seconds,
                "index_mb": round(_bytes_of(address, "bodo-*") / 1e6),
                "nori_mb": round(_bytes_of(address, "releases") / 1e6),
                "page": compare(bench.keywords, *(Client(one, our_page).ask for one in (ours, embedded))),
                "page_nori": compare(bench.keywords, Client(ours, our_page).ask, Client(address, page).ask),
            }
        mrr: dict[str, list[float]] = {}
        for name in _SETS:
            judged = _some_of(bench.judged / name, bench.scratch / name, bench.limits.queries)
            mrr[name] = [
                _mrr(judged, folder, cluster), _mrr(judged, index, {"BODO_ENGINE": "whoosh"})
            ]  # fmt: skip
    figures["mrr"] = mrr
    documents = bench.open().info.documents
    return Measured(figures, documents, len(bench.keywords.timed))


def _wait_for_merge(address: str) -> None:
    """Wait until the cluster has merged what was built."""
    while ask(address, "GET", "/_tasks?actions=*forcemerge*")["nodes"]:
        time.sleep(1)
    ask(address, "POST", "/_flush")


def _bytes_of(address: str, names: str) -> int:
    stats: Any = ask(address, "GET", f"/{names}/_stats/store")
    return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])


def _some_of(judged: Path, folder: Path, count: int) -> Path:
    """A judged set of the first queries of another."""
    folder.mkdir()
    queries = (judged / "queries.jsonl").read_text("utf-8").splitlines()[:count]
    ids = {str(json.loads(query)["_id"]) for query in queries}
    first, *grades = (judged / "qrels.tsv").read_text("utf-8").splitlines()
    kept = [grade for grade in grades if grade.partition("\t")[0] in ids]
    (folder / "queries.jsonl").write_text("\n".join(queries), "utf-8")
    (folder / "qrels.tsv").write_text("\n".join([first, *kept]), "utf-8")
    return folder


def _mrr(judged: Path, index: Path, variables: Mapping[str, str]) -> float:
    """What `bodo eval` says."""
    done = subprocess.run(
        command("eval", "--json", "--index", str(index), str(judged)),
        capture_output=True,
        check=True,
        env=environment() | dict(variables),
    )
    return round(float(json.loads(done.stdout)["mrr@10"]), 4)


def show(figures: Figures) -> Iterator[str]:
    """The pairs, then the rest."""
    yield from table(
        ("", "질의", "bodo, OpenSearch에", "견준 것", "비율"),
        [
            compared("HTTP로 온전한 쪽, bodo의 색인 폴더와 견주어", figures["page"]),
            compared("〃 OpenSearch + nori와 견주어", figures["page_nori"]),
        ],
    )
    yield ""
    yield from table(
        ("", "bodo, OpenSearch에", "OpenSearch + nori"),
        [
            ("파일에서 살아 있는 색인까지", f"{figures['reindex_s']:.1f} s", f"{figures['nori_s']:.1f} s"),
            ("디스크의 색인", f"{figures['index_mb']:,} MB", f"{figures['nori_mb']:,} MB"),
        ],
    )
    yield ""
    said = ", ".join(
        f"{name} {ours:.4f}(색인 폴더 {embedded:.4f})" for name, (ours, embedded) in figures["mrr"].items()
    )
    yield f"MRR@10, {figures['judged']:,}개씩: {said}. OpenSearch는 {figures['version']}, 노드 하나, bodo와 같은 기계입니다."


PART = Part("cluster", "OpenSearch 위의 bodo: 색인 폴더와, OpenSearch와 견주기", measure, show)
