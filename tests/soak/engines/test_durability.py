"""The long forms of tests/engines/test_durability.py and test_verify.py."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engine import NgramPhrase, ScoringTerm, Search, Term, find_release
from indexer.engines.whoosh.store import generations
from tests.conftest import release_of
from tests.engines.changes import CHANGES, Change, engine_of, state_of
from tests.engines.test_durability import crash_everywhere, fail_everywhere
from tests.engines.test_verify import damage_everywhere, flip_everywhere, index
from tests.support.snapshots import spans_in

__all__ = ["index"]

WAYS = 25
KILLS = 500
READERS = 8
READING_S = 60.0
FLIPS = 20
DAMAGES = 2_000

pytestmark = pytest.mark.soak
_fork = multiprocessing.get_context("fork")


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_crashes(tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    print(f"\n{change.name}: {crash_everywhere(tmp_path, analyzer, monkeypatch, change, WAYS)} states")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_failures(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, change: Change, code: int
) -> None:
    print(f"\n{change.name}: {fail_everywhere(tmp_path, analyzer, monkeypatch, change, code)} failures")


def test_flips(index: Path, analyzer: Analyzer) -> None:
    print(f"\n{flip_everywhere(index, analyzer, FLIPS)} flips")


def test_damages(index: Path, analyzer: Analyzer) -> None:
    damage_everywhere(index, analyzer, DAMAGES)


def _write_for_ever(folder: Path, analyzer: Analyzer, first: int, acknowledged: Path) -> None:
    """Add, replace, remove and rebuild; each is noted once it is acknowledged. A note is a line."""
    with acknowledged.open("a", buffering=1) as notes:
        for number in range(first, first + 1_000_000):
            engine = engine_of(folder, analyzer)
            fresh = number % 11 == 10
            with engine.write(fresh=fresh) as writer:
                if fresh:
                    titles = dict.fromkeys(range(number - 3, number + 1), "다시")
                else:
                    titles = {number: "새로"}
                    writer.remove([str(number - 5)])
                writer.put(
                    [
                        release_of(f"{title} {key}", f"본문 {key}", id=str(key))
                        for key, title in titles.items()
                    ]
                )
                notes.write(f"begun {number}\n")
                writer.commit({})
                notes.write(f"done {number}\n")


def test_kills(tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "GRACE_S", 0.5)
    folder, notes = tmp_path / "index", tmp_path / "notes"
    chooser = random.Random(3)  # noqa: S311 - no secret
    first = 0
    for _ in range(KILLS):
        process = _fork.Process(target=_write_for_ever, args=(folder, analyzer, first, notes))
        process.start()
        time.sleep(chooser.uniform(0.0, 0.25))
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        lines = notes.read_text().splitlines() if notes.exists() else []
        begun = max((int(line.split()[1]) for line in lines if line.startswith("begun")), default=-1)
        done = max((int(line.split()[1]) for line in lines if line.startswith("done")), default=-1)
        found = state_of(folder, analyzer) or {}
        # The last that was begun may be there without having been acknowledged.
        assert done < 0 or str(done) in found or (begun > done and str(begun) in found), (done, begun, found)
        assert set(map(int, found)) <= set(range(begun + 1))
        first = begun + 1
    print(f"\n{KILLS} kills, {done} commits acknowledged")


def _read(folder: Path, analyzer: Analyzer, stop: Event, answers: object) -> None:
    """Every commit writes the same number into all releases: an answer that mixes two is seen."""
    engine = engine_of(folder, analyzer)
    count, failures = 0, []
    while not stop.is_set():
        try:
            reader = engine.open()
            results = reader.search(
                Search(query=NgramPhrase("소식"), scoring=(ScoringTerm("morphemes", "소식"),), limit=20)
            )
            titles = set()
            for scored in results.docs:
                release = find_release(reader, scored.id)
                assert release is not None
                titles.add(release.title)
                assert spans_in(reader, analyzer, [scored.id], [Term("소식")])[0]
            assert results.total == len(results.docs) == 10, results.total
            assert len(titles) == 1, titles
            reader.close()
        except Exception as error:  # every failure is counted
            failures.append(repr(error))
        count += 1
    answers.put((count, failures))  # type: ignore[attr-defined]


def test_readers_beside_a_writer(tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    read_beside_a_writer(tmp_path, analyzer, READERS, READING_S)


def read_beside_a_writer(tmp_path: Path, analyzer: Analyzer, readers: int, seconds: float) -> None:
    folder = tmp_path / "index"
    commits = 0

    def commit() -> None:
        with engine_of(folder, analyzer).write() as writer:
            writer.put([release_of(f"소식 {commits}", f"{key}번째 본문", id=str(key)) for key in range(10)])
            writer.commit({})

    commit()
    stop, answers = _fork.Event(), _fork.Queue()
    processes = [_fork.Process(target=_read, args=(folder, analyzer, stop, answers)) for _ in range(readers)]
    for process in processes:
        process.start()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        commits += 1
        commit()
    stop.set()
    counts = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    queries = sum(count for count, _ in counts)
    print(f"\n{queries} queries of {readers} processes beside {commits} commits")
    assert [failure for _, failures in counts for failure in failures] == []
    assert queries > readers
    assert commits > 3
