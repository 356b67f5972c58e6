"""What is dropped, changed, moved and removed in a corpus comes into the index by itself."""

from __future__ import annotations

import errno
import os
import shutil
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.errors import IndexUnavailable
from indexer.files import way_out
from indexer.indexing import comparison
from indexer.release import SEOUL
from indexer.watching.watcher import MAX_BATCH
from tests.support.watching import Desk, write


def test_drop_change_move_and_remove(desk: Desk) -> None:
    desk.start()
    path = write(desk.corpus / "a.txt", "하나")
    desk.until_files("a.txt")
    write(path, "다른 하나")
    desk.until(lambda: desk.files() == {"a.txt": "다른 하나"})
    path.rename(desk.corpus / "b.txt")
    desk.until_files("b.txt")
    (desk.corpus / "b.txt").unlink()
    desk.until_files()
    assert not desk.said.errors


def test_folders_that_come_move_and_go(desk: Desk) -> None:
    desk.start()
    write(desk.corpus / "가/나/다/a.txt", "하나")
    write(desk.corpus / "가/b.txt", "둘")
    desk.until_files("가/나/다/a.txt", "가/b.txt")
    (desk.corpus / "가").rename(desk.corpus / "라")
    desk.until_files("라/나/다/a.txt", "라/b.txt")
    assert sum(report.added for report in desk.said.reports) == 2
    # It is watched under its new name.
    write(desk.corpus / "라/나/c.txt", "셋")
    desk.until_files("라/나/다/a.txt", "라/b.txt", "라/나/c.txt")
    shutil.rmtree(desk.corpus / "라")
    desk.until_files()


def test_a_folder_moved_in_has_all_that_is_in_it(desk: Desk, tmp_path: Path) -> None:
    desk.start()
    for number in range(50):
        write(tmp_path / f"out/{number % 5}/{number}.txt", f"{number}번")
    (tmp_path / "out").rename(desk.corpus / "in")
    desk.until(lambda: len(desk.files()) == 50)
    (desk.corpus / "in").rename(tmp_path / "out")
    desk.until(lambda: any(report.withheld == 50 for report in desk.said.reports))


def test_a_file_replaced_by_a_rename(desk: Desk) -> None:
    write(desk.corpus / "a.txt", "하나")
    desk.start()
    for number in range(3):
        new = write(desk.corpus / f".a{number}.new", f"새 글 {number}")
        new.replace(desk.corpus / "a.txt")
        desk.until(lambda number=number: desk.files() == {"a.txt": f"새 글 {number}"})  # type: ignore[misc]


def test_a_file_that_grows_is_waited_for_and_others_do_not_wait(desk: Desk) -> None:
    desk.start()
    growing = desk.corpus / "grows.txt"
    with growing.open("w", encoding="utf-8") as stream:
        stream.write("자라는 소식\n\n")
        for number in range(12):
            stream.write(f"{number}번째 줄이다.\n")
            stream.flush()
            desk.turns(1)
            if number == 4:
                write(desk.corpus / "other.txt", "다른 소식")
            assert "grows.txt" not in desk.files()
    desk.until_files("grows.txt", "other.txt")
    # Read once, when it was whole.
    assert sum(report.added for report in desk.said.reports) == 2
    assert not any(report.updated for report in desk.said.reports)


@pytest.mark.parametrize(
    "name",
    [".a.txt.swp", "a.txt~", "a.hwp.part", "a.txt.crdownload", "a.txt.tmp", "~$a.docx", ".hidden/a.txt"],
)
def test_what_is_temporary_is_read_when_it_has_its_name(desk: Desk, name: str) -> None:
    desk.start()
    path = write(desk.corpus / name, "하나")
    # What would be taken for a document by its first bytes.
    (desk.corpus / "b.pdf.part").write_bytes(b"%PDF-1.7 half")
    write(desk.corpus / "z.txt", "다른 것")
    desk.until_files("z.txt")
    desk.turns(3)
    desk.until_files("z.txt")
    path.rename(desk.corpus / "a.txt")
    desk.until_files("a.txt", "z.txt")
    assert not desk.said.problems


def test_names_in_nfd_and_links(desk: Desk, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside.txt", "밖")
    desk.start()
    name = unicodedata.normalize("NFD", "가나다.txt")
    path = write(desk.corpus / name, "하나")
    desk.until_files("가나다.txt")
    write(path, "고친 하나")
    desk.until(lambda: desk.files() == {"가나다.txt": "고친 하나"})
    (desk.corpus / "link.txt").symlink_to(outside)
    desk.until(lambda: [problem.source_path for problem in desk.said.problems] == ["link.txt"])
    (desk.corpus / "broken.txt").symlink_to(tmp_path / "none.txt")
    desk.until(lambda: len(desk.said.problems) == 2)
    path.unlink()
    desk.until_files()


@pytest.mark.parametrize("first", ["a.toml", "a.txt"])
def test_a_sidecar_before_or_after_its_release(desk: Desk, first: str) -> None:
    def drop(name: str) -> None:
        if name == "a.toml":
            (desk.corpus / name).write_text('title = "곁에서 온 제목"\n', "utf-8")
        else:
            write(desk.corpus / name, "글의 제목")

    desk.start()
    drop(first)
    desk.until(lambda: bool(desk.said.reports))
    drop("a.toml" if first == "a.txt" else "a.txt")
    desk.until(lambda: desk.files() == {"a.txt": "곁에서 온 제목"})
    (desk.corpus / "a.toml").unlink()
    desk.until(lambda: desk.files() == {"a.txt": "글의 제목"})


def test_attachments_and_their_folders(desk: Desk) -> None:
    write(desk.corpus / "a.txt", "하나")
    desk.start()
    for name in ("a.첨부/표.txt", "a_붙임1.txt", "a.첨부/더.txt"):
        before = len(desk.said.reports)
        write(desk.corpus / name, "붙인 글")
        desk.until(lambda before=before: len(desk.said.reports) > before)  # type: ignore[misc]
        assert desk.said.reports[-1].updated == 1
    shutil.rmtree(desk.corpus / "a.첨부")
    desk.until(lambda: sum(report.updated for report in desk.said.reports) >= 4)
    desk.until_files("a.txt")


def test_curated_files_mean_a_reindex(desk: Desk) -> None:
    write(desk.corpus / "a.txt", "하나")
    write(desk.corpus / "b.txt", "둘")
    desk.start()
    snapshot = desk.engine.open()
    (release_id,) = (version.id for version in snapshot.versions() if version.source_path == "a.txt")
    snapshot.close()
    (desk.corpus / "removed.txt").write_text(f"{release_id}\n", "utf-8")
    # Of two, one is more than a fifth, and nobody saw its file go.
    desk.until(lambda: any(report.withheld for report in desk.said.reports) or set(desk.files()) == {"b.txt"})
    (desk.corpus / "removed.txt").unlink()
    desk.until_files("a.txt", "b.txt")


@pytest.mark.parametrize("restarts", [False, True])
def test_a_curated_file_that_cannot_be_read_stops_nothing_else(desk: Desk, restarts: bool) -> None:
    for number in range(20):
        write(desk.corpus / f"{number}.txt", f"{number}번 소식")
    (desk.corpus / "outlets.txt").write_text("환경처 = 환경부\n", "utf-8")
    desk.start()
    snapshot = desk.engine.open()
    release_id = next(version.id for version in snapshot.versions() if version.source_path == "0.txt")
    snapshot.close()
    (desk.corpus / "outlets.txt").write_bytes("환경처 = 환경부\n".encode("cp949"))
    if restarts:
        desk.start()
    desk.until(lambda: [problem.source_path for problem in desk.said.problems] == ["outlets.txt"])
    # What is taken down, what comes under embargo, and what is new.
    (desk.corpus / "removed.txt").write_text(f"{release_id}\n", "utf-8")
    (desk.corpus / "1.toml").write_text('title = "고친 제목"\n', "utf-8")
    write(desk.corpus / "new.txt", "새 소식")
    desk.until(lambda: "0.txt" not in desk.files() and "new.txt" in desk.files())
    desk.until(lambda: desk.files()["1.txt"] == "고친 제목")
    snapshot = desk.engine.open()
    assert snapshot.curated_files["outlets.txt"] == "환경처 = 환경부\n"
    snapshot.close()
    assert len(desk.said.problems) == 1
    assert not desk.said.errors
    (desk.corpus / "outlets.txt").write_bytes("환경처 = 기후부\n".encode("cp949"))
    desk.until(lambda: len(desk.said.problems) == 2)
    (desk.corpus / "outlets.txt").unlink()
    write(desk.corpus / "last.txt", "끝")
    desk.until(lambda: "last.txt" in desk.files())
    snapshot = desk.engine.open()
    assert "outlets.txt" not in snapshot.curated_files
    snapshot.close()


def test_a_repaired_curated_file_is_not_waited_for(desk: Desk) -> None:
    write(desk.corpus / "a.txt", "하나")
    (desk.corpus / "outlets.txt").write_bytes("환경처 = 환경부\n".encode("cp949"))
    with pytest.raises(AssertionError):
        # There is no index that has the file: nothing is known of what it means.
        desk.start(patience_s=1)
    for _ in range(8):
        desk.pass_time(100)
        desk.turns(1)
    assert len(desk.said.errors) == 1
    (desk.corpus / "outlets.txt").write_text("환경처 = 환경부\n", "utf-8")
    # The next attempt would have been after a minute.
    desk.until(lambda: "a.txt" in desk.files(), 30)


def test_a_file_that_cannot_be_read_is_told_once_and_tried_when_it_changes(desk: Desk) -> None:
    desk.start()
    bad = desk.corpus / "bad.txt"
    bad.write_bytes(b"\x00\xff\x00\xff" * 100)
    desk.until(lambda: len(desk.said.problems) == 1)
    write(desk.corpus / "a.txt", "하나")
    desk.until_files("a.txt")
    desk.pass_time(100)
    desk.turns(5)
    assert len(desk.said.problems) == 1
    write(bad, "고친 것")
    desk.until_files("a.txt", "bad.txt")


def test_a_copy_takes_over_when_the_first_goes(desk: Desk) -> None:
    write(desk.corpus / "a.txt", "같은 소식")
    desk.start()
    write(desk.corpus / "b.txt", "같은 소식")
    desk.until(lambda: len(desk.said.problems) == 1)
    (desk.corpus / "a.txt").unlink()
    desk.until_files("b.txt")
    assert len(desk.said.problems) == 1


@pytest.mark.parametrize("restarts", [False, True])
def test_a_correction_replaces_what_it_corrects_when_its_embargo_ends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, restarts: bool
) -> None:
    def release(name: str, body: str, embargo: str = "") -> None:
        head = f"title: '임대 주택 공급'\noutlet: 국토교통부\ndate: 2024-05-05\nid: '7'\n{embargo}"
        (desk.corpus / name).write_text(f"---\n{head}---\n{body}\n", "utf-8")

    release("나.md", "임대 주택을 만 채 공급한다.")
    write(desk.corpus / "other.txt", "다른 소식")
    desk.start()
    release("가_정정.md", "임대 주택을 이만 채 공급한다.", "embargo: 2090-01-01 09:00\n")
    desk.until_files("가_정정.md", "나.md", "other.txt")
    if restarts:
        desk.start()
    (problem,) = {problem.source_path: problem for problem in desk.said.problems}.values()
    assert problem.source_path == "가_정정.md"
    assert "2090-01-01 09:00" in problem.reason
    assert "id를 바꾸" not in problem.hint
    monkeypatch.setattr(comparison, "present", lambda: datetime(2090, 1, 1, 8, 59, 59, tzinfo=SEOUL))
    desk.turns(3)
    assert len(desk.files()) == 3
    monkeypatch.setattr(comparison, "present", lambda: datetime(2090, 1, 1, 9, tzinfo=SEOUL))
    desk.until_files("가_정정.md", "other.txt")
    count = len(desk.said.reports)
    desk.turns(3)
    assert len(desk.said.reports) == count


def test_nothing_is_missed_between_two_runs(desk: Desk) -> None:
    for name in ("a.txt", "b.txt", "c.txt", "d.txt", "e.txt"):
        write(desk.corpus / name, name)
    desk.start()
    (desk.corpus / "a.txt").unlink()
    write(desk.corpus / "b.txt", "b.txt", "고친 본문이다.")
    write(desk.corpus / "f.txt", "새 f")
    desk.start()
    desk.until(lambda: set(desk.files()) == {"b.txt", "c.txt", "d.txt", "e.txt", "f.txt"})
    assert sum(report.updated for report in desk.said.reports) == 1


def test_what_no_event_told_of_is_found_by_the_survey(desk: Desk) -> None:
    write(desk.corpus / "a.txt", "하나")
    desk.start()
    desk.watcher._notifications.stop()
    desk.watcher._poll_s = 60.0  # no events from now on
    for number in range(9):
        write(desk.corpus / f"{number}.txt", f"{number}번 소식")
    desk.turns(5)
    assert set(desk.files()) == {"a.txt"}
    desk.pass_time(61)
    desk.until(lambda: len(desk.files()) == 10)
    (desk.corpus / "0.txt").unlink()
    desk.pass_time(61)
    desk.until(lambda: len(desk.files()) == 9)


def test_polling_needs_no_events(tmp_path: Path, analyzer: Analyzer) -> None:
    desk = Desk(tmp_path, analyzer, watch_poll_s=0.1)
    desk.start()
    assert not desk.watcher._notifications.running
    for number in range(9):
        write(desk.corpus / f"{number}.txt", f"{number}번 소식")
    desk.until(lambda: len(desk.files()) == 9)
    (desk.corpus / "0.txt").unlink()
    desk.until(lambda: len(desk.files()) == 8)


def test_a_corpus_that_is_away_empties_nothing(desk: Desk, tmp_path: Path) -> None:
    for number in range(3):
        write(desk.corpus / f"{number}.txt", f"{number}번")
    desk.start()
    notes = len(desk.said.notes)
    desk.corpus.rename(tmp_path / "away")
    desk.until(lambda: len(desk.said.notes) > notes)
    desk.pass_time(1000)
    desk.turns(3)
    # An empty folder where it was: the mount point.
    desk.corpus.mkdir()
    desk.pass_time(1000)
    desk.turns(3)
    assert len(desk.files()) == 3
    assert len(desk.said.notes) == notes + 1
    desk.corpus.rmdir()
    write(tmp_path / "away" / "new.txt", "없는 동안")
    (tmp_path / "away").rename(desk.corpus)
    desk.until(lambda: len(desk.files()) == 4)
    write(desk.corpus / "more.txt", "돌아온 뒤")
    desk.until(lambda: len(desk.files()) == 5)


def test_another_folder_in_its_place_removes_nothing(desk: Desk, tmp_path: Path) -> None:
    for number in range(3):
        write(desk.corpus / f"{number}.txt", f"{number}번")
    desk.start()
    desk.corpus.rename(tmp_path / "away")
    desk.corpus.mkdir()
    write(desk.corpus / "x.txt", "다른 폴더의 것")
    desk.until(lambda: len(desk.files()) == 4)
    assert desk.said.reports[-1].withheld == 3


def test_an_emptied_corpus_empties_no_index(desk: Desk) -> None:
    for number in range(30):
        write(desk.corpus / f"{number}.txt", f"{number}번 소식")
    desk.start()
    for path in desk.corpus.iterdir():
        path.unlink()
    desk.until(lambda: any(report.withheld for report in desk.said.reports))
    desk.pass_time(1000)
    desk.turns(5)
    assert len(desk.files()) >= 20
    # New ones come all the same.
    write(desk.corpus / "new.txt", "새 소식")
    desk.until(lambda: "new.txt" in desk.files())


def test_a_mounted_folder_that_vanishes_removes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    mount = desk.corpus / "mounted"
    for number in range(20):
        write(desk.corpus / f"{number}.txt", f"{number}번")
    write(mount / "a.txt", "연결된 것")
    real_stat = os.stat
    devices = {str(mount): 77}

    def stat(path: str, **options: bool) -> os.stat_result:
        status = real_stat(path, **options)
        device = devices.get(str(path))
        return os.stat_result((*status[:2], device, *status[3:])) if device else status

    monkeypatch.setattr(os, "stat", stat)
    desk.start()
    assert len(desk.files()) == 21
    notes = len(desk.said.notes)
    devices.clear()
    shutil.copytree(mount, desk.corpus.parent / "saved")
    desk.watcher._notifications.stop()  # a file system that is unmounted tells of no file
    (mount / "a.txt").unlink()
    desk.pass_time(61)
    desk.until(lambda: len(desk.said.notes) > notes)
    write(desk.corpus / "removed.txt", "x")  # a reindex does not remove it either
    desk.pass_time(61)
    desk.turns(20)
    assert len(desk.files()) == 21
    shutil.copytree(desk.corpus.parent / "saved", mount, dirs_exist_ok=True)
    devices[str(mount)] = 77
    write(mount / "b.txt", "돌아온 뒤")
    desk.pass_time(61)
    desk.until(lambda: len(desk.files()) == 22)


def test_errors_are_told_once_and_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    write(desk.corpus / "a.txt", "하나")
    desk.start()
    update = desk.watcher._work.update
    full_disk = way_out(OSError(errno.ENOSPC, "full"))
    failing: list[Exception] = [IndexUnavailable("디스크가 찼습니다.", full_disk)]

    def fail(*arguments: object) -> object:
        if failing:
            raise failing[0]
        return update(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.watcher._work, "update", fail)
    write(desk.corpus / "b.txt", "둘")
    for _ in range(12):
        desk.pass_time(20)
        desk.turns(1)
    assert desk.said.errors == ["디스크가 찼습니다."]
    assert desk.said.hints == ["디스크에 자리를 만드세요. 저절로 다시 해 봅니다."]
    notes = len(desk.said.notes)
    failing[:] = [RuntimeError("?")]
    desk.pass_time(100)
    desk.until(lambda: len(desk.said.errors) == 2)
    assert len(desk.said.notes) == notes
    failing.clear()
    desk.pass_time(200)
    desk.until_files("a.txt", "b.txt")
    desk.turns(3)
    assert len(desk.said.notes) == notes + 1
    assert "다시 됩니다" in desk.said.notes[-1]


def test_a_writer_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.start()
    calls: list[float] = []
    update = desk.watcher._work.update

    def busy(*arguments: object) -> object:
        calls.append(0)
        if len(calls) < 3:
            raise IndexUnavailable("다른 프로세스가 쓰고 있습니다.")
        return update(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.watcher._work, "update", busy)
    write(desk.corpus / "a.txt", "하나")
    for _ in range(15):
        desk.pass_time(5)
        desk.turns(1)
    desk.until_files("a.txt")


def test_a_storm_comes_in_batches(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.watching.watcher.MAX_BATCH", 20)
    merges: list[int] = []
    desk.start()
    desk.watcher._limit = 20
    monkeypatch.setattr(desk.watcher._work, "merge", lambda: merges.append(len(desk.files())))
    for number in range(100):
        write(desk.corpus / f"{number}.txt", f"{number}번 소식")
    desk.until(lambda: len(desk.files()) == 100)
    assert not merges
    assert MAX_BATCH > 20
    assert max(report.added for report in desk.said.reports) <= 20
    desk.pass_time(10)
    desk.until(lambda: merges == [100])
