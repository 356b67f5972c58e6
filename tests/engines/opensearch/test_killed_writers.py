"""A writer may be killed, stopped or overtaken at any moment: what answers is whole, and the next one goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.engine import Term
from indexer.engines.opensearch import lock
from indexer.errors import IndexUnavailable
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from tests.conftest import ROOT, release_of
from tests.engines.opensearch.conftest import is_bulk, titles, write
from tests.support.engines import commit_releases, search_ids
from tests.support.faulty_proxy import Cut, Fault, FaultyProxy, Pass, Request
from tests.support.opensearch_archive import Archive

RELEASES = 300
PATIENCE_S = 90.0
CUT = Cut("before")
# A writer with small requests, so that there are many moments.
WRITER = """
import sys
from indexer.engines.opensearch import bulk
bulk.MAX_REQUEST_BYTES = 40_000
from indexer.cli.main import main
main(sys.argv[1:])
"""


def fill_corpus(corpus: Path, word: str, numbers: Sequence[int] = range(RELEASES)) -> None:
    """Releases of JSON Lines, a file for each hundred; `word` is in each title."""
    for first in range(0, RELEASES, 100):
        path = corpus / f"{first}.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else [""] * 100
        for number in numbers:
            if first <= number < first + 100:
                body = f"{number}째 소식의 본문이다. " + f"{number % 7}번 이야기. " * 20
                record = {"id": f"r{number}", "title": f"{word} {number}", "body": body, "date": "2024-01-01"}
                lines[number - first] = json.dumps(record, ensure_ascii=False)
        path.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    fill_corpus(folder, "처음")
    return folder


@contextmanager
def started(
    archive: Archive, corpus: Path, *arguments: str, url: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments, "--corpus", str(corpus)],
        cwd=ROOT,
        env={**os.environ, **archive.environment(url), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run(archive: Archive, corpus: Path, *arguments: str, url: str = "") -> str:
    """Run a command to its end, which is a good one."""
    with started(archive, corpus, *arguments, url=url) as process:
        said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    return said


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def kill(process: subprocess.Popen[str]) -> None:
    assert process.poll() is None, process.communicate()[0]
    process.kill()
    process.wait()


class Gate:
    """Lets requests of a kind wait from the one with this number on; `then` is what becomes of them."""

    def __init__(self, is_meant: Callable[[Request], bool], number: int = 1, then: Fault = CUT) -> None:
        self._is_meant, self._left, self._then = is_meant, number, then
        self._lock = threading.Lock()
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, request: Request) -> Fault:
        with self._lock:
            if not self._is_meant(request):
                return Pass()
            self._left -= 1
            if self._left > 0:
                return Pass()
        self.reached.set()
        self.opened.wait(PATIENCE_S)
        return self._then


def expected(word: str) -> set[str]:
    return {f"{word} {number}" for number in range(RELEASES)}


MOMENTS: dict[str, Callable[[Request], bool]] = {
    "at the first documents": is_bulk,
    "among the documents": is_bulk,
    "at the refresh": lambda request: "_refresh" in request.path,
    "at the records": lambda request: "/_doc/curated" in request.path,
    "at the state": lambda request: request.method == "PUT" and request.path.endswith("/_mapping"),
    "at the alias": lambda request: request.path == "/_aliases",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_rebuild_leaves_what_answers(
    archive: Archive, corpus: Path, proxy: FaultyProxy, moment: str
) -> None:
    run(archive, corpus, "reindex")
    live, state = archive.live(), archive.engine().live_name()
    fill_corpus(corpus, "다음")
    proxy.behaviour = gate = Gate(MOMENTS[moment], 3 if moment.startswith("among") else 1)
    with started(archive, corpus, "reindex", "--full", url=proxy.url) as process:
        assert gate.reached.wait(PATIENCE_S)
        kill(process)
        gate.opened.set()
        proxy.drop_connections()
        assert (archive.live(), archive.engine().live_name()) == (live, state)
        assert set(titles(archive).values()) == expected("처음")
    started_at = time.monotonic()
    run(archive, corpus, "reindex", "--full")
    assert time.monotonic() - started_at < lock.LEASE_S + 30
    assert set(titles(archive).values()) == expected("다음")
    # One old index stays (BODO_OPENSEARCH_KEEP), whole.
    assert len(archive.releases()) == 2
    assert {f"{name}-state" for name in archive.releases()} | {
        f"{archive.alias}-lock"
    } == archive.indexes() - set(archive.releases())


@pytest.mark.parametrize("moment", [1, 3, "refresh", "state"], ids=str)
def test_a_killed_change_is_completed(
    archive: Archive, corpus: Path, proxy: FaultyProxy, moment: int | str
) -> None:
    run(archive, corpus, "reindex")
    changed = range(0, RELEASES, 2)
    fill_corpus(corpus, "다음", changed)
    puts: list[Request] = []

    def is_last_state(request: Request) -> bool:
        if request.method == "PUT" and request.path.endswith("/_mapping"):
            puts.append(request)
        return len(puts) == 2

    gates: dict[int | str, Gate] = {
        "refresh": Gate(lambda request: "_refresh" in request.path),
        "state": Gate(is_last_state),
    }
    proxy.behaviour = gate = gates.get(moment) or Gate(is_bulk, int(moment))
    with started(archive, corpus, "reindex", url=proxy.url) as process:
        assert gate.reached.wait(PATIENCE_S)
        kill(process)
        gate.opened.set()
        proxy.drop_connections()
    # What was sent may be visible or not; make it so.
    archive.ask("POST", f"/{archive.live()}/_refresh")
    found = titles(archive)
    assert found.keys() == {f"r{number}" for number in range(RELEASES)}
    for number in range(RELEASES):
        allowed = {f"처음 {number}", f"다음 {number}"} if number in changed else {f"처음 {number}"}
        assert found[f"r{number}"] in allowed
    pending = archive.engine()._store.live()
    assert pending is not None
    assert pending.pending
    assert search_ids(archive.engine(), Term("처음"), sort="newest", limit=500)
    run(archive, corpus, "reindex")
    found = titles(archive)
    assert found == {f"r{n}": f"{'다음' if n in changed else '처음'} {n}" for n in range(RELEASES)}
    state = archive.engine()._store.live()
    assert state is not None
    assert not state.pending
    run(archive, corpus, "reindex")
    assert archive.engine().live_name() == state.name


def test_the_second_writer_waits_or_says_who_writes(
    archive: Archive, corpus: Path, proxy: FaultyProxy
) -> None:
    run(archive, corpus, "reindex")
    fill_corpus(corpus, "다음")
    proxy.behaviour = gate = Gate(lambda request: "_refresh" in request.path, then=Pass())
    with started(archive, corpus, "reindex", "--full", url=proxy.url) as first:
        assert gate.reached.wait(PATIENCE_S)
        with started(archive, corpus, "reindex", "--wait-s", "0.5") as second:
            said, _ = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 1
        assert f":{first.pid})" in said
        assert "쓰고 있습니다" in said
        with started(archive, corpus, "reindex") as third:
            time.sleep(1.0)
            gate.opened.set()
            assert first.wait(PATIENCE_S) == 0
            said, _ = third.communicate(timeout=PATIENCE_S)
        assert third.returncode == 0, said
    assert set(titles(archive).values()) == expected("다음")


@pytest.mark.parametrize("full", [False, True], ids=["change", "rebuild"])
def test_a_writer_that_stood_still_overwrites_nothing(
    archive: Archive, corpus: Path, proxy: FaultyProxy, full: bool
) -> None:
    run(archive, corpus, "reindex")
    fill_corpus(corpus, "다음")
    proxy.behaviour = gate = Gate(is_bulk, 2, then=Pass())
    options = ["--full"] if full else []
    with started(archive, corpus, "reindex", *options, url=proxy.url) as process:
        assert gate.reached.wait(PATIENCE_S)
        process.send_signal(signal.SIGSTOP)
        fill_corpus(corpus, "더 새로운")
        run(archive, corpus, "reindex", *options)
        before = titles(archive)
        assert set(before.values()) == expected("더 새로운")
        # The requests that were on their way come now, and then what it does when it goes on.
        gate.opened.set()
        time.sleep(1.0)
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1, said
    assert "다른 프로세스가 쓰기 시작했습니다" in said
    assert "Traceback" not in said
    archive.ask("POST", f"/{archive.live()}/_refresh")
    assert titles(archive) == before
    run(archive, corpus, "reindex")
    assert titles(archive) == before


def test_a_lost_lock_is_not_taken_back(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LEASE_S", 0.4)
    store = archive.engine()._store
    with lock.writing(store, 5) as first:
        # It stands still.
        first._ended.set()
        first._renewer.join()
        with lock.writing(store, 5) as second:
            for _ in range(4):
                # More often than the other one renews it.
                with pytest.raises(IndexUnavailable, match="다른 프로세스가 쓰기 시작했습니다"):
                    first.check()
            second.check()
            first.release()
            second.check()
            with pytest.raises(IndexUnavailable, match="쓰고 있습니다"), lock.writing(store, 0.1):
                pass
    assert second.turn == first.turn + 1


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_the_newest_old_indexes_stay(archive: Archive, keep: int) -> None:
    made = []
    for number in range(4):
        write(archive.engine(keep=keep), [release_of(f"{number}째 소식", id="r")], fresh=True)
        made.append(archive.live())
        assert archive.releases() == made[max(number - keep, 0) :]
    states = {name for name in archive.indexes() if name.endswith("-state")}
    assert states == {f"{name}-state" for name in archive.releases()}


def test_an_old_index_answers_again(archive: Archive) -> None:
    service = SearchService(archive.engine(), archive.analyzer)
    for number in range(3):
        write(archive.engine(keep=2), [release_of(f"{number}째 소식", "본문이다.", id="r")], fresh=True)
    assert service.search(SearchRequest(q="소식")).hits[0].title.text == "2째 소식"
    old, newest = archive.releases()[0], archive.live()
    actions = [
        {"remove": {"index": newest, "alias": archive.alias}},
        {"add": {"index": old, "alias": archive.alias}},
    ]
    archive.ask("POST", "/_aliases", {"actions": actions})
    time.sleep(1.1)
    assert service.search(SearchRequest(q="소식")).hits[0].title.text == "0째 소식"
    commit_releases(archive.engine(keep=2), [release_of("또 하나", id="s")])
    assert set(titles(archive).values()) == {"0째 소식", "또 하나"}
    assert archive.live() == old
