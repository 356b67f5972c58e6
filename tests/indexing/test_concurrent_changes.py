"""Changes that wait for each other or race: nothing that was acknowledged is undone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.analysis import Analyzer
from indexer.curation.files import DICTIONARY
from indexer.engines.whoosh import WhooshEngine
from indexer.indexing.reindex import reindex
from indexer.indexing.report import Report
from tests.support.desk import OTHER_TEXT, TEXT, Desk
from tests.support.races import race, start_command


class Waiting:
    """A reindex that waits for the lock while something else changes the corpus and the index."""

    def __init__(self, desk: Desk, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._engine = WhooshEngine(desk.index, analyzer)
        self._desk = desk
        self._begun, self._may_go_on = threading.Event(), threading.Event()
        write = self._engine.write

        def held_up(**options: Any) -> Any:  # noqa: ANN401
            self._begun.set()
            assert self._may_go_on.wait(30)
            return write(**options)

        monkeypatch.setattr(self._engine, "write", held_up)

    def meanwhile(self, change: Callable[[], object]) -> Report:
        reports: list[Report] = []
        thread = threading.Thread(target=lambda: reports.append(reindex(self._engine, self._desk.corpus)))
        thread.start()
        assert self._begun.wait(30)
        change()
        self._may_go_on.set()
        thread.join(60)
        return reports[0]


def test_what_is_added_while_a_reindex_waits_stays(
    desk: Desk, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Waiting(desk, analyzer, monkeypatch)
    report = waiting.meanwhile(lambda: desk.run("add", desk.write("두루미.txt")))
    assert (report.removed, report.documents) == (0, 11)
    assert len(desk.search_ids("두루미")) == 1


def test_what_is_removed_while_a_reindex_waits_stays_away(
    desk: Desk, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (release_id,) = desk.search_ids('"소식 3번째"')
    waiting = Waiting(desk, analyzer, monkeypatch)
    waiting.meanwhile(lambda: desk.run("remove", release_id))
    assert desk.search_ids('"소식 3번째"') == []


def test_of_two_adds_of_one_name_one_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = desk.write("보도.txt")
    second = tmp_path / "other" / "보도.txt"
    second.write_text(OTHER_TEXT, "utf-8")
    racing = [start_command(desk, "add", path) for path in (first, second)]
    said = [one.communicate(timeout=60)[0] for one in racing]
    codes = [one.returncode for one in racing]
    assert sorted(codes) == [0, 1], said
    assert len(desk.search_ids("두루미")) + len(desk.search_ids("까치")) == 1
    kept = (desk.corpus / "보도.txt").read_text("utf-8")
    assert kept == (TEXT if codes[0] == 0 else OTHER_TEXT)


def test_racing_commands_keep_what_they_acknowledged(desk: Desk) -> None:
    race(desk, 20)


def test_two_words_at_once_are_both_kept(tmp_path: Path) -> None:
    lines = [
        [sys.executable, "-m", "indexer", "dict", "add", "--corpus", str(tmp_path), f"다쏘{n}"]
        for n in "가나다"
    ]
    racing = [subprocess.Popen(line, stdout=subprocess.DEVNULL) for line in lines]
    assert [one.wait(60) for one in racing] == [0, 0, 0]
    assert len((tmp_path / DICTIONARY).read_text("utf-8").splitlines()) == 3
