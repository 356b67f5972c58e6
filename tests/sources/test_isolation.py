"""The worker: its limits, its death, and that the reader outlives both."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.release import PressRelease
from indexer.sources.content_error import ContentError
from indexer.sources.parsing import Reading
from indexer.sources.sandbox import isolation
from indexer.sources.sandbox.isolation import Reader
from tests.sources.test_documents import release_hwpx
from tests.sources.test_reading import write


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.close()


def title_of(reading: Reading) -> str:
    (release,) = reading.items
    assert isinstance(release, PressRelease)
    return release.title


def test_past_the_limit_of_time_the_file_is_refused_and_the_next_read(tmp_path: Path) -> None:
    slow = write(tmp_path, "a.txt", "창원시 소식\n\n" + "창원시가 나무를 심었다.\n" * 500_000)
    good = write(tmp_path, "b.hwpx", release_hwpx())
    reader = Reader(time_limit_s=0.05)
    with pytest.raises(ContentError, match=r"0\.05초"):
        reader.read_release(slow.path, "a.txt")
    reader._time_limit_s = 60
    assert title_of(reader.read_release(good.path, "b.hwpx")) == "하노버에 첫 창원공동관"
    reader.close()


@pytest.mark.skipif(not hasattr(os, "fork") or os.uname().sysname != "Linux", reason="macOS sets no limit")
def test_past_the_limit_of_memory_the_file_is_refused_and_the_next_read(tmp_path: Path) -> None:
    large = write(tmp_path, "a.txt", "창원시 소식\n\n" + "창원시가 나무를 심었다.\n" * 500_000)
    good = write(tmp_path, "b.txt", "창원시 소식\n\n창원시가 나무를 심었다.\n")
    reader = Reader(memory_limit_bytes=120_000_000)
    with pytest.raises(ContentError, match="메모리"):
        reader.read_release(large.path, "a.txt")
    assert title_of(reader.read_release(good.path, "b.txt")) == "창원시 소식"
    reader.close()


def test_a_worker_that_died_before_is_replaced(tmp_path: Path, reader: Reader) -> None:
    good = write(tmp_path, "b.hwpx", release_hwpx())
    reader.read_release(good.path, "b.hwpx")
    process = reader._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert title_of(reader.read_release(good.path, "b.hwpx")) == "하노버에 첫 창원공동관"


def test_a_worker_that_dies_while_it_is_asked_is_replaced(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write(tmp_path, "b.hwpx", release_hwpx())
    reader.read_release(good.path, "b.hwpx")
    process = reader._process
    assert process is not None
    process.kill()
    process.wait()
    # It was there when it was looked for: what it is asked then goes into a broken pipe.
    monkeypatch.setattr(process, "poll", lambda: None)
    assert title_of(reader.read_release(good.path, "b.hwpx")) == "하노버에 첫 창원공동관"
    assert process.stdin is not None
    assert process.stdin.closed
    assert process.stdout is not None
    assert process.stdout.closed


def test_a_worker_is_replaced_now_and_then(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "_FILES_PER_WORKER", 2)
    good = write(tmp_path, "b.txt", "창원시 소식\n\n창원시가 나무를 심었다.\n")
    pids = set()
    for _ in range(4):
        reader.read_release(good.path, "b.txt")
        assert reader._process is not None
        pids.add(reader._process.pid)
    assert len(pids) == 2


def test_the_worker_is_of_this_package_wherever_it_is_started(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "indexer/__init__.py", "raise SystemExit(1)\n")
    monkeypatch.chdir(tmp_path)
    good = write(tmp_path, "b.txt", "창원시 소식\n\n창원시가 나무를 심었다.\n")
    assert title_of(reader.read_release(good.path, "b.txt")) == "창원시 소식"


def test_a_file_that_vanished_is_an_os_error(tmp_path: Path, reader: Reader) -> None:
    with pytest.raises(OSError, match="No such file"):
        reader.read_release(tmp_path / "없음.txt", "없음.txt")


def test_the_reading_survives_the_way_between_the_processes(tmp_path: Path, reader: Reader) -> None:
    reading = reader.read_release(write(tmp_path, "b.hwpx", release_hwpx()).path, "b.hwpx")
    assert Reading.from_dict(reading.to_dict()) == reading
    assert {item.field for item in reading.found} == {
        "title", "subtitles", "outlet", "department", "contact", "published", "embargo",
    }  # fmt: skip
