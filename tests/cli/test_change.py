"""`bodo add` and `bodo remove`: acknowledged when durable, nothing half done."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.desk import TEXT, Desk


def test_an_added_file_is_in_the_corpus_and_found(desk: Desk) -> None:
    done = desk.run("add", desk.write("두루미.txt"))
    assert done.exit_code == 0, done.output
    assert "추가 1" in done.output
    assert desk.names() == {"첫.txt", "두루미.txt"}
    assert len(desk.search_ids("두루미")) == len(desk.search_ids("첫 소식")) == 1
    # Reindexing has nothing left to do, and loses nothing.
    assert "바뀐 것 없음" in desk.run("reindex").output or "그대로 2" in desk.run("reindex").output
    assert len(desk.search_ids("두루미")) == 1


def test_adding_the_first_release_makes_the_index(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.run("add", desk.write("두루미.txt")).exit_code == 0
    assert len(desk.search_ids("두루미")) == 1


def test_standard_input_can_be_added(desk: Desk) -> None:
    assert desk.run("add", "-", text=TEXT).exit_code == 0
    assert desk.run("add", "-", "--name", "따오기.txt", text=TEXT.replace("두루미", "따오기")).exit_code == 0
    assert "따오기.txt" in desk.names()
    assert len(desk.search_ids("두루미")) == len(desk.search_ids("따오기")) == 1
    for name in ("../밖.txt", ".숨은", "a/b.txt"):
        assert desk.run("add", "-", "--name", name, text=TEXT).exit_code == 2
    empty = desk.run("add", "-", text=" \n")
    assert (empty.exit_code, "비어 있습니다" in empty.output) == (1, True)


def test_a_release_comes_with_its_attachment_and_sidecar(desk: Desk) -> None:
    files = [desk.write("두루미.txt"), desk.write("두루미_붙임1.txt", "붙임 자료\n\n개체수 조사표\n"),
             desk.write("두루미.toml", 'department = "환경과"\n')]  # fmt: skip
    done = desk.run("add", *files)
    assert done.exit_code == 0, done.output
    assert len(desk.search_ids("개체수 조사표")) == 1
    # Another attachment comes to the release that is there already.
    done = desk.run("add", desk.write("두루미_붙임2.txt", "지도\n\n월동지 위치도\n"))
    assert (done.exit_code, "변경 1" in done.output) == (0, True)
    assert desk.search_ids("월동지 위치도") == desk.search_ids("개체수 조사표") == desk.search_ids("두루미")


def test_a_file_with_a_taken_name_is_refused_unless_it_replaces(desk: Desk) -> None:
    assert desk.run("add", desk.write("두루미.txt")).exit_code == 0
    assert desk.run("add", desk.write("두루미.txt")).exit_code == 0  # the same again
    changed = desk.write("두루미.txt", TEXT.replace("삼백", "오백"))
    refused = desk.run("add", changed)
    assert (refused.exit_code, "--replace" in refused.output) == (1, True)
    assert desk.search_ids("오백") == []
    replaced = desk.run("add", "--replace", changed)
    assert (replaced.exit_code, "변경 1" in replaced.output) == (0, True)
    assert len(desk.search_ids("오백")) == 1
    assert desk.search_ids("삼백") == []


def test_what_cannot_be_read_changes_nothing(desk: Desk) -> None:
    good, bad = desk.write("두루미.txt"), desk.drafts / "깨진.hwpx"
    bad.write_bytes(b"PK\x03\x04 broken")
    done = desk.run("add", good, bad)
    assert (done.exit_code, "깨진.hwpx" in done.output) == (1, True)
    assert desk.names() == {"첫.txt"}
    assert desk.search_ids("두루미") == []
    gone = desk.run("add", desk.drafts / "없는.txt")
    assert (gone.exit_code, "없는.txt" in gone.output) == (1, True)


def test_a_removed_release_stays_away_until_its_line_is_deleted(desk: Desk) -> None:
    desk.run("add", desk.write("두루미.txt"))
    (release_id,) = desk.search_ids("두루미")
    done = desk.run("remove", release_id)
    assert done.exit_code == 0, done.output
    assert desk.search_ids("두루미") == []
    assert len(desk.search_ids("첫 소식")) == 1
    for full in ((), ("--full",)):
        assert desk.run("reindex", "--allow-removals", *full).exit_code == 0
        assert desk.search_ids("두루미") == []
    assert "두루미.txt" in desk.names()
    (desk.corpus / "removed.txt").write_text("# 아무것도 없음\n", "utf-8")
    assert desk.run("reindex").exit_code == 0
    assert desk.search_ids("두루미") == [release_id]


def test_removing_what_is_not_there_changes_nothing(desk: Desk) -> None:
    (release_id,) = desk.search_ids("첫 소식")
    done = desk.run("remove", release_id, "없는-것")
    assert (done.exit_code, "없는-것" in done.output) == (1, True)
    assert len(desk.search_ids("첫 소식")) == 1
    assert not (desk.corpus / "removed.txt").exists()


def test_verify_says_whether_the_index_is_whole(desk: Desk) -> None:
    done = desk.run("verify")
    assert (done.exit_code, "모두 온전합니다" in done.output) == (0, True)
    (path,) = desk.index.glob("0*/*.arrays")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    path.write_bytes(data)
    done = desk.run("verify", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["damaged"][0]["part"] == f"{path.parent.name}/{path.name}"
    assert "bodo reindex --full" in desk.run("verify").output


def test_a_pipe_is_no_file_to_add(desk: Desk) -> None:
    os.mkfifo(desk.drafts / "관.txt")
    done = desk.run("add", desk.drafts / "관.txt")
    assert done.exit_code == 1
    assert "관.txt은(는) 파일이 아닙니다" in done.output


@pytest.mark.parametrize("options", [[], ["--replace"]])
def test_a_folder_with_the_name_of_an_added_file_is_told(desk: Desk, options: list[str]) -> None:
    (desk.corpus / "두루미.txt").mkdir()
    done = desk.run("add", *options, desk.write("두루미.txt"))
    assert done.exit_code == 1
    assert "두루미.txt은(는) 폴더입니다" in done.output
    assert desk.names() == {"첫.txt", "두루미.txt"}
