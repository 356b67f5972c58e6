"""A corpus that is watched: in this process turn by turn, or by the command."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer.analysis import Analyzer
from indexer.cli.watch import _Work
from indexer.engine import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import BodoError
from indexer.indexing import comparison
from indexer.indexing.report import Report
from indexer.settings import Settings
from indexer.sources.problems import ReadProblem
from indexer.watching.watcher import Watcher

# Generous: no test rests on how fast this machine is.
PATIENCE_S = 60


def write(path: Path, title: str, body: str = "창원시가 소식을 알렸다.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{title}\n\n{body}\n", "utf-8")
    return path


def indexed(engine: Engine) -> dict[str, str]:
    """The title of each release by its file."""
    if not engine.live_name():
        return {}
    snapshot = engine.open(embargoed=True)
    try:
        versions = list(snapshot.versions())
        releases = snapshot.fetch([version.ref for version in versions])
        return {
            version.source_path: release.title for version, release in zip(versions, releases, strict=True)
        }
    finally:
        snapshot.close()


class Recorder:
    """What the watcher said."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.problems: list[ReadProblem] = []
        self.errors: list[str] = []
        self.hints: list[str] = []
        self.notes: list[str] = []

    def done(self, done: Report, problems: list[ReadProblem]) -> None:
        self.reports.append(done)
        self.problems += problems

    def error(self, error: BodoError) -> None:
        self.errors.append(error.message)
        self.hints.append(error.hint)

    def note(self, message: str) -> None:
        self.notes.append(message)


class Desk:
    """A watched corpus and its index in memory. The watcher does a turn when a test waits."""

    def __init__(self, folder: Path, analyzer: Analyzer, **options: float) -> None:
        self.corpus = folder / "corpus"
        self.corpus.mkdir(exist_ok=True)
        self.settings = Settings(corpus=self.corpus, index=folder / "index", **options)  # type: ignore[arg-type]
        self.engine: Engine = MemoryEngine(folder / "index", analyzer)
        self.said = Recorder()
        self.now = 0.0

    def start(self, patience_s: float = PATIENCE_S) -> None:
        """Begin to watch, as after a restart."""
        self.watcher = Watcher(
            self.corpus,
            _Work(self.engine, self.settings, allow_removals=False),
            self.said,  # type: ignore[arg-type]  # the reports are those of `_Work`
            follow_links=self.settings.follow_links,
            poll_s=self.settings.watch_poll_s,
            clock=lambda: time.monotonic() + self.now,
            present=lambda: comparison.present(),
        )
        before = len(self.said.notes)
        self.until(lambda: len(self.said.notes) > before, patience_s)

    def turns(self, count: int) -> None:
        for _ in range(count):
            self.watcher.turn()

    def until(self, condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < deadline, (
                self.files(),
                self.said.problems,
                self.said.errors,
                self.said.notes,
            )
            self.watcher.turn()

    def until_files(self, *names: str) -> None:
        """Until the index has releases of these files and no others."""
        self.until(lambda: set(self.files()) == set(names))

    def files(self) -> dict[str, str]:
        return indexed(self.engine)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds


class Command:
    """`bodo watch --json`, and the lines that it has written."""

    def __init__(self, corpus: Path, index: Path, *options: str) -> None:
        line = [
            sys.executable,
            "-m",
            "indexer",
            "watch",
            "--json",
            "--corpus",
            str(corpus),
            "--index",
            str(index),
        ]
        self.process = subprocess.Popen(
            [*line, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        )
        self.lines: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(
                json.loads(line) if line.startswith("{") else {"event": "other", "message": line}
            )

    def until(self, condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + patience_s
        while not condition():
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.02)

    def until_watching(self) -> None:
        self.until(lambda: any("지켜봅니다" in line.get("message", "") for line in self.lines))

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return status

    def close(self) -> None:
        assert self.process.stdout
        self._reader.join(PATIENCE_S)
        self.process.stdout.close()


@contextmanager
def watching(corpus: Path, index: Path, *options: str) -> Iterator[Command]:
    command = Command(corpus, index, *options)
    try:
        yield command
    finally:
        command.process.kill()
        command.process.wait(PATIENCE_S)
        command.close()


def kill_at_random_moments(corpus: Path, index: Path, analyzer: Analyzer, rounds: int, seed: int) -> None:
    """Start it, change the corpus, kill it, again and again. Then one that is left alone finds all, once."""
    chance = random.Random(seed)  # noqa: S311 - a test
    expected = {"a.txt": "하나"}
    engine = WhooshEngine(index, analyzer)
    for number in range(rounds):
        with watching(corpus, index, "--allow-removals") as command:
            if chance.random() < 0.7:
                command.until_watching()
            for step in range(chance.randrange(1, 6)):
                name = f"{number}-{step}.txt"
                write(corpus / name, f"{number}의 {step}번 소식")
                expected[name] = f"{number}의 {step}번 소식"
                old = chance.choice(sorted(expected))
                if chance.random() < 0.2:
                    (corpus / old).unlink()
                    del expected[old]
                elif chance.random() < 0.3:
                    (corpus / old).rename(corpus / f"m{name}")
                    expected[f"m{name}"] = expected.pop(old)
                time.sleep(chance.random() * 0.3)
            time.sleep(chance.random() * 1.5)
            command.process.kill()
    with watching(corpus, index, "--allow-removals") as command:
        command.until_watching()
        command.until(lambda: indexed(engine) == expected)
        command.end()
    # Each release once: there are as many ids as files.
    assert len(set(expected.values())) == len(expected)
    assert not list(engine.verify())
