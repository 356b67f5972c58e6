"""Crashes, failing disks and readers beside a writer: what an index must survive."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engine import NgramPhrase, ScoringTerm, Search, Term, find_release
from indexer.errors import IndexUnavailable
from tests.conftest import release_of
from tests.support.changes import Change, read_state, single_process_engine
from tests.support.failing_disk import ForgetfulDisk, failing, watching
from tests.support.snapshots import spans_in

_fork = multiprocessing.get_context("fork")


def crash_everywhere(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, change: Change, ways: int
) -> int:
    """Crash at every change of the disk. The index is then as before or as after the change. Returns how many
    states were looked at: for each crash what is on the disk for sure, and `ways` random states.
    """
    root = tmp_path / "disk"
    root.mkdir()
    change.prepare(root / "index", analyzer)
    before = read_state(root / "index", analyzer)
    model = ForgetfulDisk(root)
    looked_at = 0
    acknowledged = False

    def look(event: str) -> None:
        nonlocal looked_at
        for way in range(ways + 1):
            target = tmp_path / "after"
            model.crash(target, random.Random(looked_at) if way else None)  # noqa: S311
            state = read_state(target / "index", analyzer)
            # A crash in the merge behind a commit comes after the acknowledgement.
            assert state == change.after or (state == before and not acknowledged), (event, looked_at)
            shutil.rmtree(target)
            looked_at += 1

    sync = os.fsync

    def remember(descriptor: int) -> None:
        sync(descriptor)
        model.on_sync(descriptor)

    monkeypatch.setattr(os, "fsync", remember)
    with watching(monkeypatch, look) as tell:
        engine = single_process_engine(root / "index", analyzer)
        with engine.write(fresh=change.fresh) as writer:
            change.write(writer)
            writer.commit({"file": "new"})
            acknowledged = True
            tell("acknowledged")
        engine.merge()
        tell("end")
    model.close()
    assert looked_at > 20
    return looked_at


def fail_everywhere(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, change: Change, code: int
) -> int:
    """Have each change of the disk fail in turn. The error must be reported and the index be as before or as after.
    Returns how many changes there were.
    """
    change.prepare(tmp_path / "before", analyzer)
    before = read_state(tmp_path / "before", analyzer)
    number, reported = 0, 0
    while True:
        folder = tmp_path / f"try{number}"
        if (tmp_path / "before").exists():
            shutil.copytree(tmp_path / "before", folder)
        with failing(monkeypatch, number, code) as seen:
            error = _apply(change, folder, analyzer)
        if len(seen) <= number:
            break  # it never came to a change of this number
        state = read_state(folder, analyzer)
        assert state == change.after or (state == before and error), number
        if error:
            reported += 1
            assert os.strerror(code) in error.message, seen[-1]
            assert str(folder) in error.message
            assert error.hint
            assert state == before or "앞의 색인은 그대로" not in error.message, seen[-1]
        change.apply(folder, analyzer)
        assert read_state(folder, analyzer) == change.after
        assert not list(folder.glob("*.building"))
        shutil.rmtree(folder)
        number += 1
    assert reported > 10
    return number


def _apply(change: Change, folder: Path, analyzer: Analyzer) -> IndexUnavailable | None:
    """The error, if there is one."""
    try:
        change.apply(folder, analyzer)
    except IndexUnavailable as error:
        return error
    return None


_MIN_COMMITS = 4


def read_beside_a_writer(tmp_path: Path, analyzer: Analyzer, readers: int, seconds: float) -> None:
    folder = tmp_path / "index"
    commits = 0

    def commit() -> None:
        with single_process_engine(folder, analyzer).write() as writer:
            writer.put([release_of(f"소식 {commits}", f"{key}번째 본문", id=str(key)) for key in range(10)])
            writer.commit({})

    commit()
    stop, answers = _fork.Event(), _fork.Queue()
    processes = [_fork.Process(target=_read, args=(folder, analyzer, stop, answers)) for _ in range(readers)]
    for process in processes:
        process.start()
    ends = time.monotonic() + seconds
    # On a busy machine a few commits take longer.
    while time.monotonic() < ends or commits < _MIN_COMMITS:
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


def _read(folder: Path, analyzer: Analyzer, stop: Event, answers: object) -> None:
    """Every commit writes the same number into all releases: an answer that mixes two is seen."""
    engine = single_process_engine(folder, analyzer)
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
