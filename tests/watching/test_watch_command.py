"""`bodo watch` as a process: how it begins, ends and dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.analysis import Analyzer
from indexer.cli.main import main
from indexer.engines.whoosh import WhooshEngine
from tests.support.servers import free_port, serving, started
from tests.support.watching import indexed, kill_at_random_moments, watching, write


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    write(folder / "a.txt", "하나")
    return folder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_status_0(corpus: Path, tmp_path: Path, number: signal.Signals) -> None:
    with watching(corpus, tmp_path / "index") as command:
        command.until_watching()
        assert command.end(number) == 0
    assert not [line for line in command.lines if line["event"] in ("error", "other")]


def test_its_lines_say_what_was_done(corpus: Path, tmp_path: Path, analyzer: Analyzer) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with watching(corpus, tmp_path / "index") as command:
        command.until_watching()
        write(corpus / "b.txt", "둘")
        command.until(lambda: set(indexed(engine)) == {"a.txt", "b.txt"})
        (corpus / "c.pdf").write_bytes(b"%PDF-1.7 broken")
        command.until(lambda: any(line.get("refused") for line in command.lines))
        command.end()
    batches = [line for line in command.lines if line["event"] == "batch"]
    assert [batch["added"] for batch in batches] == [1, 1, 0]
    assert batches[-1]["refused"][0]["path"] == "c.pdf"
    assert all({"time", "updated", "moved", "removed", "took_s"} <= batch.keys() for batch in batches)


def test_a_command_that_writes_is_waited_for(corpus: Path, tmp_path: Path, analyzer: Analyzer) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with watching(corpus, tmp_path / "index") as command:
        command.until_watching()
        with engine.write():
            write(corpus / "b.txt", "둘")
            time.sleep(1.5)
            assert set(indexed(engine)) == {"a.txt"}
        command.until(lambda: set(indexed(engine)) == {"a.txt", "b.txt"})


def test_add_and_watch_get_on(corpus: Path, tmp_path: Path, analyzer: Analyzer) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with watching(corpus, tmp_path / "index") as command:
        command.until_watching()
        for number in range(3):
            path = write(tmp_path / f"새{number}.txt", f"새 소식 {number}")
            done = CliRunner().invoke(
                main, ["add", str(path), "--corpus", str(corpus), "--index", str(tmp_path / "index")]
            )
            assert done.exit_code == 0, done.output
        command.until(lambda: len(indexed(engine)) == 4)
        command.end()
    assert not [line for line in command.lines if line["event"] in ("error", "other")]


def test_only_a_folder_is_watched(corpus: Path, tmp_path: Path) -> None:
    for name, reason in ((corpus / "a.txt", "폴더가 아닙니다"), (tmp_path / "none", "폴더가 없습니다")):
        done = CliRunner().invoke(main, ["watch", "--corpus", str(name), "--index", str(tmp_path / "index")])
        assert done.exit_code == 1
        assert reason in done.stderr


def test_it_dies_with_the_process_that_it_is_told_of(corpus: Path, tmp_path: Path) -> None:
    script = (
        "import os, subprocess, sys, time\n"
        "line = [sys.executable, '-m', 'indexer', 'watch', *sys.argv[1:], '--parent', str(os.getpid())]\n"
        "print(subprocess.Popen(line).pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    options = ["--corpus", str(corpus), "--index", str(tmp_path / "index")]
    parent = subprocess.Popen([sys.executable, "-c", script, *options], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = Path(f"/proc/{parent.stdout.readline().strip()}")
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while child.exists() and "Z" not in (child / "stat").read_text().rpartition(")")[2]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_killed_at_random_moments(corpus: Path, tmp_path: Path, analyzer: Analyzer) -> None:
    kill_at_random_moments(corpus, tmp_path / "index", analyzer, rounds=3, seed=27)


def test_serve_watches_too_and_the_watching_comes_back(corpus: Path, tmp_path: Path) -> None:
    # There is no index yet: the server makes it.
    index, port = tmp_path / "index", free_port()

    def total(word: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/search?q={word}", timeout=60) as answer:
            return int(json.load(answer)["total"])

    def until_found(word: str) -> None:
        deadline = time.monotonic() + 60
        while not total(word):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def watchers(server: int) -> list[int]:
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = entry.read_bytes().split(b"\0")
            except OSError:
                continue
            if b"--parent" in words and str(server).encode() in words:
                found.append(int(entry.parent.name))
        return found

    command = [*serving(index, port, workers=2), "--watch", f"--corpus={corpus}"]
    with started(command) as server:
        assert server.stdout
        while "지켜봅니다" not in server.stdout.readline():
            assert server.poll() is None
        write(corpus / "b.txt", "hello", "kangaroo")
        until_found("kangaroo")
        # One watches, not one for each worker. If it dies there is another.
        (watcher,) = watchers(server.pid)
        os.kill(watcher, signal.SIGKILL)
        write(corpus / "c.txt", "hello again", "wallaby")
        until_found("wallaby")
        (watcher,) = watchers(server.pid)
    assert server.returncode == 0
    assert not watchers(server.pid)
