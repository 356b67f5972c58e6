"""Killed and terminated commands: none leaves a process behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.build import batches
from indexer.errors import BodoError
from indexer.release import PressRelease
from tests.conftest import release_of
from tests.support.servers import announced, free_port, serving, started

ROOT = Path(__file__).parent.parent
PATIENCE_S = 20.0
PROMPTLY_S = 5.0

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def session_of(pid: int) -> list[int]:
    """The running processes of the session that `pid` leads, itself left out."""
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdigit():
                state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(session) == pid != int(folder.name) and state != "Z":
                    found.append(int(folder.name))
    return found


def wait_for(wanted: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not wanted():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Python with these arguments, leading a session of its own, of which nothing is left afterwards."""
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, text=True, encoding="utf-8", start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        yield process
    finally:
        left = session_of(process.pid)
        for pid in (process.pid, *left):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def reindexing(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`bodo reindex` amid a corpus that keeps its workers busy for a long time."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    body = "\n".join(f"창원시는 {number}일 하노버에 공동관을 열었다." for number in range(200))
    lines = (json.dumps({"title": f"창원시 소식 {number}", "body": body}) for number in range(3_000))
    (corpus / "a.jsonl").write_text("\n".join(lines), "utf-8")
    index = str(tmp_path / "index")
    command = ["-m", "indexer", "reindex", "--memory-mb", "128", "--corpus", str(corpus), "--index", index]
    with running(*command) as process:
        runs = tmp_path / "index"
        assert wait_for(
            lambda: len(session_of(process.pid)) >= 2 and any(runs.glob("*/batches/*")), PATIENCE_S
        )
        yield process


def test_a_killed_reindex_leaves_no_process(reindexing: subprocess.Popen[str]) -> None:
    reindexing.kill()
    assert wait_for(lambda: not session_of(reindexing.pid), PROMPTLY_S)


def test_a_terminated_reindex_ends_as_an_interrupted_one(
    reindexing: subprocess.Popen[str], tmp_path: Path
) -> None:
    reindexing.terminate()
    _, said = reindexing.communicate(timeout=PATIENCE_S)
    assert reindexing.returncode == 1
    assert said.endswith("멈췄습니다. 색인은 마지막으로 끝난 작업 그대로입니다.\n")
    assert "Traceback" not in said
    assert not [path for path in (tmp_path / "index").iterdir() if path.is_dir()]
    assert wait_for(lambda: not session_of(reindexing.pid), PROMPTLY_S)


def test_a_reader_does_not_outlive_who_asked_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("창원시 소식\n\n" + "창원시가 나무를 심었다.\n" * 500_000, "utf-8")
    asks = f"from indexer.sources.sandbox.parser import *; SandboxedParser().parse_file(Path({str(path)!r}), 'a.txt')"
    with running("-c", asks) as process:
        assert wait_for(lambda: bool(session_of(process.pid)), PATIENCE_S)
        time.sleep(0.5)
        process.kill()
        assert wait_for(lambda: not session_of(process.pid), 2)


def test_a_reader_of_which_nobody_waits_for_an_answer_ends() -> None:
    works = "from indexer.sources.sandbox.limits import limit_cpu\nlimit_cpu(1)\nwhile True: pass"
    with running("-c", works) as process:
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == -signal.SIGXCPU


def test_a_worker_whose_parent_is_gone_before_it_looks_ends() -> None:
    with running("-c", "from indexer.processes import *; die_with_parent(1)\nwhile True: pass") as process:
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == -signal.SIGKILL


def test_elsewhere_than_on_linux_a_thread_looks_after_it() -> None:
    starts = (
        "import subprocess, sys, time\n"
        "works = 'import sys; sys.platform = \"other\"; from indexer.processes import *;'\n"
        "works += f'die_with_parent({__import__(\"os\").getpid()})\\nwhile True: time.sleep(0.1)'\n"
        "subprocess.Popen([sys.executable, '-c', works]); time.sleep(60)"
    )
    with running("-c", starts) as process:
        assert wait_for(lambda: bool(session_of(process.pid)), PATIENCE_S)
        time.sleep(0.5)
        assert session_of(process.pid)
        process.kill()
        assert wait_for(lambda: not session_of(process.pid), PROMPTLY_S)


def test_a_killed_server_frees_its_port(first_index: Path) -> None:
    port = free_port()
    with started(serving(first_index, port, workers=2)) as server:
        assert str(port) in announced(server)
        assert len(session_of(server.pid)) >= 2
        server.kill()
        assert wait_for(lambda: not session_of(server.pid), PROMPTLY_S)


def die(path: Path, releases: tuple[PressRelease, ...], at: float) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_the_death_of_a_worker_is_told(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_work", die)
    monkeypatch.setattr(batches, "MAX_BATCH_RELEASES", 2)
    engine = WhooshEngine(tmp_path / "index", analyzer, processes=2)
    releases = [release_of(f"창원시 소식 {number}") for number in range(20)]
    with engine.write() as one, pytest.raises(BodoError, match="프로세스가 죽었습니다") as raised:
        one.put(releases)
    assert "--memory-mb" in raised.value.hint
    assert not engine.live_name()
