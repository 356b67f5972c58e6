"""A cluster whose nodes die, and a network that breaks off: what was acknowledged stays, and answers are right.

BODO_SOAK_OPENSEARCH names the folder of an OpenSearch (`make opensearch`), BODO_SOAK_MINUTES how long the network
is bad.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from indexer.analysis import Analyzer
from indexer.engine import And, Search
from indexer.engines.opensearch import Connection, Layout, OpenSearchEngine
from indexer.errors import BodoError
from indexer.indexing.reindex import reindex
from indexer.release import PressRelease
from indexer.schema import FACETS
from tests.conftest import ROOT
from tests.support.archives import (
    WORDS,
    MadeCorpus,
    check_archive,
    made_release,
    made_releases,
    mark_of,
)
from tests.support.faulty_proxy import (
    GARBAGE,
    Answer,
    Cut,
    Delay,
    Fault,
    FaultyProxy,
    Mix,
    Pass,
    Request,
    Truncate,
)
from tests.support.opensearch_server import Cluster, running, running_cluster
from tests.support.servers import announced, free_port, serving, started

FOLDER = Path(os.environ.get("BODO_SOAK_OPENSEARCH") or ROOT / ".venv" / "opensearch")
MINUTES = float(os.environ.get("BODO_SOAK_MINUTES", "10"))
SEED = int(os.environ.get("BODO_SOAK_SEED", "1"))
HEAP = "512m"
RELEASES = 3_000
# Of the stream of small commits: how many, of how many releases, and when a node dies and comes back.
COMMITS, COMMITTED, KILLED_AT, STARTED_AT = 40, 5, 10, 25
# A writer gives a cluster up sooner or later; an operator tries again.
MAX_TRIES = 30
CLIENTS, WORKERS = 8, 2
CALM_S, DEAD_S, BACK_S = 5.0, 40.0, 20.0
MAX_RECOVERY_S = 30.0

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} has no OpenSearch: make opensearch"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster(FOLDER, heap=HEAP) as nodes:
        yield nodes


@contextmanager
def opened(
    urls: list[str],
    folder: Path,
    analyzer: Analyzer,
    *,
    alias: str = "",
    replicas: int = 0,
    timeout_s: float = 10.0,
) -> Iterator[OpenSearchEngine]:
    """An engine over a cluster, and over an archive of its own unless an alias is named."""
    layout = Layout(alias=alias or f"soak-{uuid.uuid4().hex[:12]}", shards=2, replicas=replicas)
    engine = OpenSearchEngine(
        Connection(urls=tuple(urls), timeout_s=timeout_s), folder, analyzer, layout=layout
    )
    try:
        yield engine
    finally:
        if not alias:
            for names in engine._store.indexes().values():
                engine._store.delete(names)
            engine._store.delete([f"{layout.alias}-lock"])


@dataclass
class Tries:
    """What an operator saw: commands that failed, by their message."""

    failures: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0
    commands: int = 0

    def until_done(
        self, command: Callable[[], object], after_failure: Callable[[], object] = lambda: None
    ) -> None:
        """Run a command again and again, as long as it says what is wrong and what to do."""
        began = time.monotonic()
        for _ in range(MAX_TRIES):
            try:
                command()
            except BodoError as error:
                if not (error.message and error.hint):
                    raise
                self.failures[" ".join(error.message.split())[-90:]] += 1
                after_failure()
                time.sleep(0.2)
            else:
                self.commands += 1
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                return
        raise AssertionError(f"{MAX_TRIES} tries: {self.failures}")

    def __str__(self) -> str:
        told = "".join(f"\n    {count} x {message}" for message, count in self.failures.most_common())
        return (
            f"{self.commands} commands acknowledged, {self.failures.total()} failed and were repeated, "
            f"the longest took {self.longest_s:.1f} s{told}"
        )


class Truth:
    """What was acknowledged."""

    def __init__(self) -> None:
        self.releases: dict[str, PressRelease] = {}
        self.marks: dict[str, str] = {}
        self.gone: set[str] = set()

    def acknowledge(self, releases: Mapping[str, PressRelease]) -> None:
        """These are in the index."""
        for name, release in releases.items():
            self.gone |= {self.marks[name]} if name in self.marks else set()
            self.releases[name] = release
            self.marks[name] = release.title.split()[-1]
        self.gone -= set(self.marks.values())

    def check(self, engine: OpenSearchEngine) -> None:
        """The index has it."""
        check_archive(engine, self.releases, self.marks.values(), self.gone)


def put(engine: OpenSearchEngine, releases: Mapping[str, PressRelease], *, fresh: bool = False) -> None:
    with engine.write(fresh=fresh) as writer:
        writer.put(releases.values())
        writer.commit({})


def by_id(releases: Iterator[PressRelease]) -> dict[str, PressRelease]:
    return {release.id: release for release in releases}


def victim_of(cluster: Cluster, victim: str) -> int:
    manager = cluster.manager()
    return manager if victim == "manager" else (manager + 1) % len(cluster.addresses)


@contextmanager
def killed_after(cluster: Cluster, number: int, seconds: float) -> Iterator[None]:
    """A node is killed so many seconds after the context began, at the latest when it ends."""
    timer = threading.Timer(seconds, cluster.kill, [number])
    timer.start()
    try:
        yield
    finally:
        timer.join()


@pytest.mark.parametrize("victim", ["manager", "other"])
def test_a_node_dies_while_it_is_written(
    cluster: Cluster, tmp_path: Path, analyzer: Analyzer, victim: str
) -> None:
    truth, full, stream = Truth(), Tries(), Tries()
    with opened(cluster.addresses, tmp_path, analyzer, replicas=1) as engine:
        old, new = by_id(made_releases(RELEASES, 0)), by_id(made_releases(RELEASES, 1))
        began = time.monotonic()
        put(engine, old)
        took_s = time.monotonic() - began
        truth.acknowledge(old)

        def still_live() -> None:
            live = engine.open(embargoed=True)
            try:
                hashes = {one.content_hash for one in live.versions()}
            finally:
                live.close()
            assert hashes in (
                {release.content_hash for release in old.values()},
                {release.content_hash for release in new.values()},
            )

        number = victim_of(cluster, victim)
        with killed_after(cluster, number, took_s / 2):
            full.until_done(lambda: put(engine, new, fresh=True), still_live)
        truth.acknowledge(new)
        truth.check(engine)
        cluster.start(number)
        cluster.wait_for("green")
        print(f"\n{victim}: {RELEASES} releases in {took_s:.1f} s; full reindex with a dying node: {full}")

        number = victim_of(cluster, victim)
        starting = threading.Thread(target=cluster.start, args=[number])
        for commit in range(COMMITS):
            if commit == KILLED_AT:
                cluster.kill(number)
            if commit == STARTED_AT:
                truth.check(engine)
                starting.start()
            numbers = random.Random(commit).sample(range(RELEASES + 500), COMMITTED)  # noqa: S311
            some = by_id(made_release(one, commit + 2) for one in numbers)
            stream.until_done(lambda some=some: put(engine, some))  # type: ignore[misc]
            truth.acknowledge(some)
        starting.join()
        cluster.wait_for("green")
        truth.check(engine)
        indexes = engine._store.indexes()
        assert len(indexes) <= 2, indexes
        print(
            f"{victim}: small commits: {stream}\n    lost: 0 of {len(truth.releases)} acknowledged releases"
        )


@dataclass
class Searches:
    """What clients saw: the times of right and of partial answers, and of failures, each with its kind. `busy`: so
    often a worker had as many searches as it takes, which is told apart: 8 clients may all be at one of them.
    """

    began: float
    right: list[float] = field(default_factory=list)
    partial: list[float] = field(default_factory=list)
    failed: list[tuple[float, str]] = field(default_factory=list)
    busy: int = 0
    wrong: list[str] = field(default_factory=list)
    reordered: int = 0
    slowest_s: float = 0.0

    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began


def ask(server: str, query: Mapping[str, str]) -> dict[str, Any]:
    with urlopen(f"{server}/api/v1/search?{urlencode({'limit': '20', **query})}", timeout=120) as answer:  # noqa: S310
        record: dict[str, Any] = json.load(answer)
    return record


def essence(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What of an answer is the same whichever copy of a shard it is from."""
    ids = sorted(hit["id"] for hit in answer["hits"]) if answer["next"] is None else len(answer["hits"])
    return {"total": answer["total"], "facets": answer["facets"], "hits": ids, "reading": answer["query"]}


def search_for_ever(
    server: str,
    expected: list[tuple[dict[str, str], dict[str, Any]]],
    seen: Searches,
    ended: threading.Event,
    seed: int,
) -> None:
    choose = random.Random(seed)  # noqa: S311
    while not ended.is_set():
        query, wanted = choose.choice(expected)
        asked_at = seen.now()
        try:
            answer = ask(server, query)
        except HTTPError as error:
            if error.headers.get("Retry-After"):
                seen.busy += 1
            else:
                seen.failed.append((asked_at, str(error.code)))
            error.close()
            ended.wait(0.1)
        except OSError as error:
            seen.failed.append((asked_at, type(error).__name__))
            ended.wait(0.1)
        else:
            if answer["timed_out"]:
                seen.partial.append(seen.now())
            elif essence(answer) != essence(wanted):
                seen.wrong.append(f"{asked_at:.1f} s: {query}: {essence(answer)} for {essence(wanted)}")
            else:
                seen.right.append(seen.now())
                seen.reordered += [h["id"] for h in answer["hits"]] != [h["id"] for h in wanted["hits"]]
        seen.slowest_s = max(seen.slowest_s, seen.now() - asked_at)


def made_queries() -> list[dict[str, str]]:
    choose = random.Random(SEED)  # noqa: S311
    queries = [{"q": word} for word in WORDS[:20]]
    queries += [{"q": " ".join(choose.sample(WORDS, 2))} for _ in range(20)]
    queries += [{"q": mark_of(choose.randrange(RELEASES), 0)} for _ in range(10)]
    queries += [{"q": word, "sort": "newest"} for word in WORDS[20:30]]
    queries += [{"q": f'"{choose.choice(WORDS)} {choose.choice(WORDS)}"', "exact": "1"} for _ in range(10)]
    return queries


@pytest.mark.parametrize("victim", ["manager", "other"])
def test_a_node_dies_while_people_search(
    cluster: Cluster, tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, victim: str
) -> None:
    with opened(cluster.addresses, tmp_path, analyzer, replicas=1) as engine:
        put(engine, by_id(made_releases(RELEASES, 0)))
        cluster.wait_for("green")
        monkeypatch.setenv("BODO_ENGINE", "opensearch")
        monkeypatch.setenv("BODO_OPENSEARCH_URL", ",".join(cluster.addresses))
        monkeypatch.setenv("BODO_OPENSEARCH_INDEX", engine._store.alias)
        port = free_port()
        with started(serving(tmp_path / "index", port, WORKERS)) as server:
            assert announced(server)
            _check_searches(cluster, f"http://127.0.0.1:{port}", victim)


def _check_searches(cluster: Cluster, server: str, victim: str) -> None:
    expected = [(query, ask(server, query)) for query in made_queries()]
    assert sum(answer["total"] > 0 for _, answer in expected) > len(expected) * 3 // 4
    seen, ended = Searches(time.monotonic()), threading.Event()
    clients = [
        threading.Thread(target=search_for_ever, args=(server, expected, seen, ended, seed))
        for seed in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    try:
        time.sleep(CALM_S)
        number = victim_of(cluster, victim)
        killed_at = seen.now()
        cluster.kill(number)
        time.sleep(DEAD_S)
        started_at = seen.now()
        cluster.start(number)
        cluster.wait_for("green")
        green_at = seen.now()
        time.sleep(BACK_S)
    finally:
        ended.set()
        for client in clients:
            client.join()
    failures = sorted(seen.failed)
    times = [at - killed_at for at, _ in failures]
    after_failure = min(
        (at - killed_at for at in seen.right if times and at - killed_at > times[0]), default=0.0
    )
    right = sorted(seen.right)
    silence_s, silent_at = max((late - early, early) for early, late in pairwise(right))
    told = (
        f"first failure {times[0]:+.1f} s, next success {after_failure:+.1f} s, last failure {times[-1]:+.1f} s"
        if times
        else "no failure"
    )
    print(
        f"\n{victim}: {len(right)} right, {len(seen.partial)} said that they are not whole, {len(seen.wrong)} wrong, "
        f"{len(failures)} failed {dict(Counter(kind for _, kind in failures))}, {seen.busy} refused as busy, "
        f"{seen.reordered} in another order\n"
        f"    from the death of the node on: {told}; no right answer for {silence_s:.1f} s from "
        f"{silent_at - killed_at:+.1f} s on; slowest answer {seen.slowest_s:.1f} s; "
        f"node started {started_at - killed_at:+.1f} s, all green {green_at - killed_at:+.1f} s"
    )
    assert seen.wrong == []
    assert silence_s <= MAX_RECOVERY_S
    # Whatever fails does so soon after the node died, or while it comes back.
    assert [at for at in times if MAX_RECOVERY_S < at < started_at - killed_at] == []
    assert [at for at in times if at > green_at - killed_at + MAX_RECOVERY_S] == []
    assert right[-1] > green_at


# What a bad network does to one of four requests. A delay of 8 seconds is longer than the client waits.
TIMEOUT_S = 5.0
FAULTS: list[tuple[Fault, float]] = [
    (Delay(0.3), 0.05),
    (Delay(8), 0.004),
    (Cut("before"), 0.03),
    (Cut("request"), 0.02),
    (Cut("after"), 0.03),
    (Cut("answer"), 0.02),
    (Truncate(), 0.02),
    (GARBAGE, 0.02),
    (Answer(429), 0.03),
    (Answer(503), 0.03),
]


def test_a_bad_network_while_it_is_written(tmp_path: Path, analyzer: Analyzer) -> None:
    faults: Counter[str] = Counter()
    mix = Mix(FAULTS, SEED)
    turns = threading.Lock()

    def behave(request: Request) -> Fault:
        with turns:
            fault = mix(request)
            faults[str(fault)[:40]] += not isinstance(fault, Pass)
            return fault

    corpus = MadeCorpus(tmp_path / "corpus", 2_000)
    choose = random.Random(SEED)  # noqa: S311
    small, full = Tries(), Tries()
    with (
        running(FOLDER, port=free_port(), heap=HEAP) as url,
        FaultyProxy(url) as proxy,
        opened([url], tmp_path / "index", analyzer, timeout_s=60) as clean,
        opened(
            [proxy.url], tmp_path / "index", analyzer, alias=clean._store.alias, timeout_s=TIMEOUT_S
        ) as engine,
    ):
        reindex(clean, corpus.folder)
        proxy.behaviour = behave
        end = time.monotonic() + 60 * MINUTES
        version = 0
        while time.monotonic() < end:
            version += 1
            numbers = choose.sample(range(2_500), choose.randint(1, 20))
            removed = choose.sample(sorted(corpus.versions), choose.randint(0, 3))
            corpus.change({number: version for number in numbers if number not in removed}, removed)
            is_full = version % 10 == 0
            tries = full if is_full else small
            tries.until_done(
                lambda is_full=is_full: reindex(engine, corpus.folder, full=is_full, allow_removals=True),  # type: ignore[misc]
                # Whatever failed, there is something to search.
                lambda: clean.open().close(),
            )
        proxy.behaviour = Pass()
        print(
            f"\n{len(proxy.requests)} requests, {faults.total()} faults {dict(faults)}\nfull: {full}\nsmall: {small}"
        )
        with opened([url], tmp_path / "fresh", analyzer, timeout_s=60) as fresh:
            reindex(fresh, corpus.folder)
            compare(clean, fresh, corpus)
        indexes = clean._store.indexes()
        # The next writer removes what the last ones left.
        with clean.write():
            pass
        after = clean._store.indexes()
        print(f"indexes at the end: {len(indexes)}, behind the next writer: {len(after)}")
        assert len(after) <= 2
        live = clean._store.live()
        assert live is not None
        assert set(after[live.index]) == {*live.indexes, f"{live.index}-state"}


def compare(engine: OpenSearchEngine, fresh: OpenSearchEngine, corpus: MadeCorpus) -> None:
    """An index is that of a corpus, and answers as a fresh one of it does."""
    whole = fresh.open(embargoed=True)
    versions = list(whole.versions())
    expected = dict(
        zip((one.id for one in versions), whole.fetch([one.ref for one in versions]), strict=True)
    )
    assert expected.keys() == {f"r{number:05d}" for number in corpus.versions}
    check_archive(engine, expected, corpus.marks, corpus.gone)
    snapshot = engine.open(embargoed=True)
    assert snapshot.source_digests == whole.source_digests
    for embargoed in (False, True):
        one, other = engine.open(embargoed=embargoed), fresh.open(embargoed=embargoed)
        search = Search(
            query=And(()), sort="newest", limit=5_000, collapse=True, facets=tuple(FACETS), facet_limit=1_000
        )
        found, wanted = one.search(search), other.search(search)
        assert found == wanted
        assert sum(len(doc.collapsed_ids) for doc in wanted.docs) > 100
        for name in FACETS:
            assert one.facet_values(name, limit=10_000) == other.facet_values(name, limit=10_000)
        one.close()
        other.close()
    phrases, wanted_phrases = (one.complete("", 1_000_000) for one in (snapshot, whole))
    differing = {
        phrase: (phrases.get(phrase, 0), wanted_phrases.get(phrase, 0))
        for phrase in phrases.keys() | wanted_phrases.keys()
        if phrases.get(phrase, 0) != wanted_phrases.get(phrase, 0)
    }
    largest = max((abs(is_ - should) for is_, should in differing.values()), default=0)
    print(f"{len(wanted_phrases)} phrases, {len(differing)} counted otherwise, by {largest} at most")
    # The counts of phrases are estimates where a change was broken off.
    assert len(differing) <= len(wanted_phrases) // 10
    snapshot.close()
    whole.close()
