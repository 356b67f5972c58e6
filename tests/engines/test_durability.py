"""What was acknowledged is there after any crash; what fails leaves the index as it was."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engine import find_release
from indexer.engines.whoosh.store import generations
from indexer.engines.whoosh.store.generations import Generations
from indexer.errors import IndexUnavailable
from tests.conftest import release_of
from tests.support.changes import CHANGES, Change, read_state, single_process_engine
from tests.support.failing_disk import watching
from tests.support.faults import crash_everywhere, fail_everywhere, read_beside_a_writer

# How many ways of losing what is not synced are tried at each change, beside losing all of it.
WAYS = 1


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_crash_leaves_the_old_or_the_new_generation(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    crash_everywhere(tmp_path, analyzer, monkeypatch, change, WAYS)


@pytest.mark.parametrize(
    ("change", "code"),
    [*((change, errno.ENOSPC) for change in CHANGES), (CHANGES[1], errno.EIO), (CHANGES[1], errno.EACCES)],
    ids=lambda value: value.name if isinstance(value, Change) else errno.errorcode[value],
)
def test_a_failing_disk_is_told_and_harms_nothing(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, change: Change, code: int
) -> None:
    fail_everywhere(tmp_path, analyzer, monkeypatch, change, code)


def _hold(folder: Path, ready: object, until: object) -> None:
    with Generations(folder).lock(1.0):
        ready.set()  # type: ignore[attr-defined]
        until.wait()  # type: ignore[attr-defined]


def test_two_processes_do_not_write_at_once(tmp_path: Path, analyzer: Analyzer) -> None:
    context = multiprocessing.get_context("spawn")
    ready, until = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(tmp_path / "index", ready, until))
    holder.start()
    assert ready.wait(30)
    with (
        pytest.raises(IndexUnavailable, match=str(holder.pid)),
        single_process_engine(tmp_path / "index", analyzer).write(wait_s=0.1),
    ):
        pass
    # The lock dies with its process, however that ends.
    holder.kill()
    holder.join()
    CHANGES[0].apply(tmp_path / "index", analyzer)
    assert read_state(tmp_path / "index", analyzer) == CHANGES[0].after


def test_two_threads_do_not_write_at_once(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = single_process_engine(tmp_path / "index", analyzer)
    titles = {}

    def write(number: int) -> None:
        with engine.write() as writer:
            writer.put([release_of(f"소식 {number}", id=str(number))])
            time.sleep(0.01)
            writer.commit({})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for number, thread in enumerate(threads):
        titles[str(number)] = f"소식 {number}"
        thread.start()
    with (
        engine.write() as writer,
        pytest.raises(IndexUnavailable, match=str(os.getpid())),
        engine.write(wait_s=0.0),
    ):
        pass
    del writer
    for thread in threads:
        thread.join()
    assert read_state(tmp_path / "index", analyzer) == titles


def test_an_error_after_the_commit_does_not_claim_the_old_index(tmp_path: Path, analyzer: Analyzer) -> None:
    def write_and_fail() -> None:
        with single_process_engine(tmp_path / "index", analyzer).write() as writer:
            CHANGES[0].write(writer)
            writer.commit({})
            raise OSError(errno.EPIPE, os.strerror(errno.EPIPE))  # as telling of it may

    with pytest.raises(IndexUnavailable, match="새 색인이 쓰입니다"):
        write_and_fail()
    assert read_state(tmp_path / "index", analyzer) == CHANGES[0].after


def test_who_copies_the_index_can_hold_the_lock(tmp_path: Path, analyzer: Analyzer) -> None:
    """As `flock index/LOCK cp -a index backup` does, see docs/operations.md."""
    CHANGES[1].prepare(tmp_path / "index", analyzer)
    engine = single_process_engine(tmp_path / "index", analyzer)
    with (tmp_path / "index" / "LOCK").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(IndexUnavailable, match="쓰고 있습니다"), engine.write(wait_s=0.1):
            pass
        shutil.copytree(tmp_path / "index", tmp_path / "backup")
    CHANGES[1].apply(tmp_path / "index", analyzer)
    assert read_state(tmp_path / "backup", analyzer) == {"0": "소식 0", "1": "소식 1"}


def test_a_deleted_lock_lets_in_no_second_writer(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = single_process_engine(tmp_path / "index", analyzer)
    with engine.write() as writer:
        (tmp_path / "index" / "LOCK").unlink()
        with pytest.raises(IndexUnavailable, match="쓰고 있습니다"), engine.write(wait_s=0.1):
            pass
        CHANGES[0].write(writer)
        writer.commit({})
    assert read_state(tmp_path / "index", analyzer) == CHANGES[0].after


def test_who_waited_for_a_lock_that_was_deleted_holds_the_new_one(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a folder cannot be locked, as on NFS, LOCK is all there is."""
    lock, lock_file = fcntl.flock, tmp_path / "index" / "LOCK"
    swapped: list[Path] = []

    def lock_files_only(descriptor: int, operation: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        lock(descriptor, operation)
        if not swapped:
            # Between opening and locking it went to another file.
            swapped.append(lock_file.rename(tmp_path / "old"))
            lock_file.touch()

    monkeypatch.setattr(fcntl, "flock", lock_files_only)
    engine = single_process_engine(tmp_path / "index", analyzer)
    with engine.write() as writer:
        assert lock_file.read_text("ascii").strip() == str(os.getpid())
        with pytest.raises(IndexUnavailable, match="쓰고 있습니다"), engine.write(wait_s=0.1):
            pass
        CHANGES[0].write(writer)
        writer.commit({})
    assert read_state(tmp_path / "index", analyzer) == CHANGES[0].after


def make_file(path: Path, _: Path) -> None:
    path.write_text("글", "utf-8")


def make_link(path: Path, target: Path) -> None:
    path.symlink_to(target)


def make_dangling_link(path: Path, target: Path) -> None:
    path.symlink_to(target / "gone")


@pytest.mark.parametrize("name", ["000002.building", "x.building", "000002", "000009"])
@pytest.mark.parametrize("make", [make_file, make_link, make_dangling_link])
def test_what_has_the_name_of_a_generation_and_is_none_stops_nobody(
    tmp_path: Path, analyzer: Analyzer, make: Callable[[Path, Path], None], name: str
) -> None:
    CHANGES[0].apply(tmp_path / "index", analyzer)
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("내 글", "utf-8")
    make(tmp_path / "index" / name, other)
    with single_process_engine(tmp_path / "index", analyzer).write() as writer:
        writer.put([release_of("또 하나", id="more")])
        writer.commit({})
    assert read_state(tmp_path / "index", analyzer) == {**CHANGES[0].after, "more": "또 하나"}
    assert (other / "notes.txt").read_text("utf-8") == "내 글"


def test_what_is_no_longer_needed_goes_before_anything_is_written(tmp_path: Path, analyzer: Analyzer) -> None:
    """A full disk can be written again when the grace of what fills it is over."""
    folder = tmp_path / "index"
    for _ in range(2):
        CHANGES[4].apply(folder, analyzer)
    shutil.copytree(folder / "000001", folder / "000003")  # renamed, and the crash came before CURRENT
    earlier = time.time() - 2 * generations.GRACE_S
    os.utime(folder / "000002" / "manifest.json", (earlier, earlier))
    with single_process_engine(folder, analyzer).write(fresh=True):
        assert [path.name for path in sorted(folder.glob("0*"))] == ["000002", "000003.building"]
    assert read_state(folder, analyzer) == CHANGES[4].after
    (folder / "CURRENT").unlink()
    with single_process_engine(folder, analyzer).write(fresh=True):
        assert (folder / "000002").exists(), "nobody knows which was live"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["CURRENT", "manifest.json", "MAIN_000001.arrays", "000001"])
def test_what_may_not_be_read_is_not_called_damaged(tmp_path: Path, analyzer: Analyzer, name: str) -> None:
    CHANGES[0].apply(tmp_path / "index", analyzer)
    (path,) = (tmp_path / "index").rglob(name)
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        with pytest.raises(IndexUnavailable, match="권한을 확인") as caught:
            read_state(tmp_path / "index", analyzer)
        assert "--full" not in str(caught.value)
    finally:
        path.chmod(mode)
    assert read_state(tmp_path / "index", analyzer) == CHANGES[0].after


def test_a_file_system_that_cannot_lock_is_told(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(IndexUnavailable, match="잠글 수 없어"):
        CHANGES[0].apply(tmp_path / "index", analyzer)


def test_a_read_only_disk_can_be_searched_and_says_that_it_cannot_be_written(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    CHANGES[1].prepare(tmp_path / "index", analyzer)

    def refuse(event: str) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with watching(monkeypatch, refuse):
        assert read_state(tmp_path / "index", analyzer) == {"0": "소식 0", "1": "소식 1"}
        with pytest.raises(IndexUnavailable, match="읽기만 되는 디스크"):
            CHANGES[1].apply(tmp_path / "index", analyzer)


def test_a_reader_keeps_what_it_opened(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "GRACE_S", -1.0)
    change = CHANGES[2]
    change.prepare(tmp_path / "index", analyzer)
    reader = single_process_engine(tmp_path / "index", analyzer).open()
    change.apply(tmp_path / "index", analyzer)
    assert len(list((tmp_path / "index").glob("0*"))) == 1
    releases = [find_release(reader, release_id) for release_id in ("0", "1", "2")]
    assert [release and release.title for release in releases] == ["소식 0", "소식 1", "소식 2"]
    shutil.rmtree(tmp_path / "index")
    assert find_release(reader, "1") == releases[1]


def test_a_generation_can_be_opened_by_name_while_it_is_kept(tmp_path: Path, analyzer: Analyzer) -> None:
    change = CHANGES[2]
    change.prepare(tmp_path / "index", analyzer)
    engine = single_process_engine(tmp_path / "index", analyzer)
    name = engine.live_name()
    change.apply(tmp_path / "index", analyzer)
    assert find_release(engine.open(name), "1") is not None
    assert find_release(engine.open(), "1") is None
    for gone in ("000099", "../index", ""):
        if gone:
            with pytest.raises(IndexUnavailable):
                engine.open(gone)


def test_readers_beside_a_writer_see_one_generation_each(tmp_path: Path, analyzer: Analyzer) -> None:
    read_beside_a_writer(tmp_path, analyzer, 2, 2.0)
