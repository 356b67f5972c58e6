"""The worker process: its limits, its death, and that the parser outlives both."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.parsing import ParsedFile
from indexer.sources.problems import ContentError
from indexer.sources.sandbox.parser import Limits, SandboxedParser
from tests.support.corpus import write
from tests.support.releases import release_hwpx

PAGE = "창원시 소식\n\n창원시가 나무를 심었다.\n"
PATIENCE = 20
LARGE_PAGE = "창원시 소식\n\n" + "창원시가 나무를 심었다.\n" * 500_000


@pytest.fixture
def parser() -> Iterator[SandboxedParser]:
    with closing(SandboxedParser()) as started:
        yield started


def title_of(parsed: ParsedFile) -> str:
    (release,) = parsed.items
    assert isinstance(release, PressRelease)
    return release.title


def parse_patiently(parser: SandboxedParser, file: CorpusFile) -> ParsedFile:
    """The parsed file. On a busy machine the start of a worker alone may take longer than its limit."""
    for _ in range(PATIENCE):
        with suppress(ContentError):
            return parser.parse_file(file.path, file.source_path)
    raise AssertionError(f"not once in {PATIENCE} times")


def test_past_the_limit_of_time_the_file_is_refused_and_the_next_read(tmp_path: Path) -> None:
    endless = tmp_path / "a.txt"
    # The worker waits for a writer that never comes.
    os.mkfifo(endless)
    good = write(tmp_path, "b.txt", PAGE)
    with closing(SandboxedParser(Limits(time_s=2))) as parser:
        with pytest.raises(ContentError, match="2초"):
            parser.parse_file(endless, "a.txt")
        assert parser.worker_pid is None
        assert title_of(parse_patiently(parser, good)) == "창원시 소식"


@pytest.mark.skipif(not hasattr(os, "fork") or os.uname().sysname != "Linux", reason="macOS sets no limit")
def test_past_the_limit_of_memory_the_file_is_refused_and_the_next_read(tmp_path: Path) -> None:
    large = write(tmp_path, "a.txt", LARGE_PAGE)
    good = write(tmp_path, "b.txt", PAGE)
    with closing(SandboxedParser(Limits(memory_bytes=120_000_000))) as parser:
        with pytest.raises(ContentError, match="메모리"):
            parser.parse_file(large.path, "a.txt")
        assert title_of(parser.parse_file(good.path, "b.txt")) == "창원시 소식"


def test_a_worker_that_died_before_is_replaced(tmp_path: Path, parser: SandboxedParser) -> None:
    good = write(tmp_path, "b.hwpx", release_hwpx())
    parser.parse_file(good.path, "b.hwpx")
    worker = parser.worker_pid
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    assert title_of(parser.parse_file(good.path, "b.hwpx")) == "하노버에 첫 창원공동관"
    assert parser.worker_pid != worker


def test_a_worker_that_dies_while_it_is_asked_is_replaced(
    tmp_path: Path, parser: SandboxedParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def remember(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(start(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remember)
    good = write(tmp_path, "b.hwpx", release_hwpx())
    parser.parse_file(good.path, "b.hwpx")
    (process,) = started
    process.kill()
    process.wait()
    # It was there when it was looked for: what it is asked then goes into a broken pipe.
    monkeypatch.setattr(process, "poll", lambda: None)
    assert title_of(parser.parse_file(good.path, "b.hwpx")) == "하노버에 첫 창원공동관"
    assert len(started) == 2
    assert process.stdin is not None
    assert process.stdin.closed
    assert process.stdout is not None
    assert process.stdout.closed


def test_a_worker_is_replaced_now_and_then(tmp_path: Path) -> None:
    good = write(tmp_path, "b.txt", PAGE)
    workers = set()
    with closing(SandboxedParser(Limits(files=2))) as parser:
        for _ in range(4):
            parser.parse_file(good.path, "b.txt")
            workers.add(parser.worker_pid)
    assert len(workers) == 2


def test_the_worker_is_of_this_package_wherever_it_is_started(
    tmp_path: Path, parser: SandboxedParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "indexer/__init__.py", "raise SystemExit(1)\n")
    monkeypatch.chdir(tmp_path)
    assert title_of(parser.parse_file(write(tmp_path, "b.txt", PAGE).path, "b.txt")) == "창원시 소식"


def test_a_file_that_vanished_is_an_os_error(tmp_path: Path, parser: SandboxedParser) -> None:
    with pytest.raises(OSError, match="No such file"):
        parser.parse_file(tmp_path / "없음.txt", "없음.txt")


def test_a_parsed_file_survives_the_way_between_the_processes(
    tmp_path: Path, parser: SandboxedParser
) -> None:
    parsed = parser.parse_file(write(tmp_path, "b.hwpx", release_hwpx()).path, "b.hwpx")
    assert ParsedFile.from_dict(parsed.to_dict()) == parsed
    assert {item.field for item in parsed.fields} == {
        "title", "subtitles", "outlet", "department", "contact", "published", "embargo",
    }  # fmt: skip
