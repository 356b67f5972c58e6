"""`add` and `remove`: one that fails changes nothing, what was acknowledged stays, what was taken down stays away."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.curation.files import DICTIONARY
from indexer.curation.removals import Removals
from indexer.engines.whoosh.store.generations import Generations
from tests.support.desk import TEXT, Desk


def test_an_add_that_would_take_away_too_much_is_refused_and_undone(desk: Desk) -> None:
    many = desk.drafts / "많은.jsonl"
    many.write_text(
        "".join(f'{{"id":"r{n}","title":"기러기 {n}","body":"글 {n}"}}\n' for n in range(40)), "utf-8"
    )
    assert desk.run("add", many).exit_code == 0
    before = (desk.corpus / "많은.jsonl").read_bytes()
    many.write_text('{"id":"r0","title":"기러기 0","body":"글 0"}\n', "utf-8")
    refused = desk.run("add", "--replace", many)
    assert refused.exit_code == 1
    assert "--allow-removals" in refused.output
    assert (desk.corpus / "많은.jsonl").read_bytes() == before
    assert "그대로 50" in desk.run("reindex").output
    allowed = desk.run("add", "--replace", "--allow-removals", many)
    assert allowed.exit_code == 0
    assert "삭제 39" in allowed.output


@pytest.mark.parametrize(
    "damage",
    [
        lambda index: (index / "CURRENT").write_text(""),
        lambda index: (index / "CURRENT").unlink(),
        lambda index: next(index.glob("0*/checkpoint.json")).write_text("{"),
        lambda index: next(index.glob("0*/*.arrays")).write_bytes(b""),
        lambda index: (path := next(index.glob("0*/manifest.json"))).write_text(
            path.read_text("utf-8").replace('"format": ', '"format": 9'), "utf-8"
        ),
    ],
)
def test_a_full_reindex_over_a_damaged_index_still_minds_what_would_go(
    desk: Desk, damage: Callable[[Path], object]
) -> None:
    damage(desk.index)
    for number in range(1, 10):
        (desk.corpus / f"{number}.txt").unlink()
    refused = desk.run("reindex", "--full")
    assert refused.exit_code == 1
    assert "--allow-removals" in refused.output
    assert desk.run("reindex", "--full", "--allow-removals").exit_code == 0


@pytest.mark.parametrize(
    "name",
    [".hidden.txt", "README.md", "FORMAT.md", "removed.txt", "synonyms.txt", "dictionary.txt", "outlets.txt"],
)
def test_what_is_no_release_is_not_added(desk: Desk, name: str) -> None:
    done = desk.run("add", desk.write(name, "gov-1\n"))
    assert done.exit_code == 1
    assert name in done.output
    assert not (desk.corpus / name).exists()


def test_a_folder_and_a_pipe_are_not_added(desk: Desk) -> None:
    (desk.corpus / "소식.txt").mkdir()
    assert "폴더" in desk.run("add", desk.write("소식.txt")).output
    os.mkfifo(desk.drafts / "관.txt")
    done = desk.run("add", desk.drafts / "관.txt")
    assert done.exit_code == 1
    assert "파일이 아닙니다" in done.output


def test_what_a_killed_add_left_goes_with_the_next(desk: Desk) -> None:
    left = desk.corpus / ".bodo-add-left"
    left.mkdir()
    (left / "a.txt").write_text(TEXT, "utf-8")
    assert desk.run("add", desk.write("두루미.txt")).exit_code == 0
    assert not left.exists()


IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.lists(IDS, max_size=5))
def test_every_id_is_taken_down_and_no_other(text: str, ids: list[str]) -> None:
    before = Removals(text)
    after = Removals(before.text_with(ids))
    assert after.ids >= before.ids | set(ids)
    assert Removals(Removals().text_with(ids)).ids == set(ids)
    assert after.text_with(ids) == after.text


@pytest.mark.parametrize("release_id", ["#1", '"a"', "a\nb", "a\u2028b", " a ", "a\x85b", "\ufeff1"])
def test_a_release_of_any_id_stays_away(desk: Desk, release_id: str) -> None:
    record = desk.drafts / "기러기.jsonl"
    record.write_text(json.dumps({"id": release_id, "title": "기러기 떼", "body": "글이다."}), "utf-8")
    assert desk.run("add", record).exit_code == 0
    (found,) = desk.search_ids("기러기")
    assert desk.run("remove", "--", found).exit_code == 0
    assert desk.run("reindex", "--full").exit_code == 0
    assert desk.search_ids("기러기") == []
    assert len(desk.search_ids("소식")) == 10


def test_a_dictionary_that_cannot_be_written_stays(desk: Desk) -> None:
    path = desk.corpus / DICTIONARY
    path.write_text("".join(f"낱말{number}\n" for number in range(700)), "utf-8")
    before = path.read_bytes()

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    line = [sys.executable, "-m", "indexer", "dict", "add", "--corpus", str(desk.corpus), "에어팟둘"]
    done = subprocess.run(line, preexec_fn=small_files, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "앞의 사전은 그대로" in done.stderr
    assert path.read_bytes() == before


def test_a_removed_list_in_another_encoding_is_told(desk: Desk) -> None:
    (desk.corpus / "removed.txt").write_bytes("정정".encode("cp949"))
    (release_id,) = desk.search_ids('"소식 3번째"')
    done = desk.run("remove", release_id)
    assert done.exit_code == 1
    assert "UTF-8" in done.output


def test_a_corpus_that_is_a_file_has_its_list_beside_it(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    made.corpus = tmp_path / "모두.jsonl"
    made.corpus.write_text(
        '{"id":"a","title":"기러기","body":"글"}\n{"id":"b","title":"두루미","body":"글"}\n', "utf-8"
    )
    assert made.run("reindex").exit_code == 0
    assert made.run("remove", "a").exit_code == 0
    assert (tmp_path / "removed.txt").read_text("utf-8") == "a\n"
    assert (made.search_ids("기러기"), made.search_ids("두루미")) == ([], ["b"])


def test_what_was_taken_down_is_not_added_again_unsaid(desk: Desk) -> None:
    record = desk.write("기러기.jsonl", '{"id":"r1","title":"기러기","body":"글"}\n')
    assert desk.run("add", record).exit_code == 0
    assert desk.run("remove", "r1").exit_code == 0
    before = (desk.corpus / "기러기.jsonl").read_bytes()
    record.write_text('{"id":"r1","title":"기러기","body":"고친 글"}\n', "utf-8")
    done = desk.run("add", "--replace", record)
    assert done.exit_code == 1
    assert "removed.txt" in done.output
    assert (desk.corpus / "기러기.jsonl").read_bytes() == before


def test_a_link_in_the_corpus_is_not_replaced_unasked(desk: Desk) -> None:
    (desk.corpus / "두루미.txt").symlink_to("없는 곳")
    assert desk.run("add", desk.write("두루미.txt")).exit_code == 1
    assert (desk.corpus / "두루미.txt").is_symlink()


def test_a_removed_list_that_is_a_link_stays_one(desk: Desk, tmp_path: Path) -> None:
    shared = tmp_path / "함께.txt"
    shared.write_text("# 함께 쓰는 목록\n", "utf-8")
    (desk.corpus / "removed.txt").symlink_to(shared)
    (release_id,) = desk.search_ids('"소식 3번째"')
    assert desk.run("remove", release_id).exit_code == 0
    assert (desk.corpus / "removed.txt").is_symlink()
    assert release_id in shared.read_text("utf-8")


def test_a_remove_that_fails_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    (release_id,) = desk.search_ids('"소식 3번째"')
    monkeypatch.setattr("indexer.engines.whoosh.store.generations.Generations.publish", failing)
    assert desk.run("remove", release_id).exit_code == 1
    monkeypatch.undo()
    assert not (desk.corpus / "removed.txt").exists()
    assert len(desk.search_ids('"소식 3번째"')) == 1


def test_an_add_to_what_is_no_folder_is_told(desk: Desk) -> None:
    file = desk.corpus / "3.txt"
    desk.corpus = file
    done = desk.run("add", desk.write("두루미.txt"))
    assert done.exit_code == 1
    assert "폴더가 아닙니다" in done.output


@pytest.mark.parametrize("command", ["add", "remove"])
def test_what_became_live_stands_whatever_comes_after(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    publish = Generations.publish

    def interrupted(self: Generations, *rest: Any, **options: Any) -> None:  # noqa: ANN401
        publish(self, *rest, **options)
        raise KeyboardInterrupt

    (release_id,) = desk.search_ids('"소식 3번째"')
    monkeypatch.setattr(Generations, "publish", interrupted)
    done = desk.run(command, desk.write("두루미.txt") if command == "add" else release_id)
    assert done.exit_code == 1
    monkeypatch.undo()
    for _ in range(2):
        found = len(desk.search_ids("두루미")), len(desk.search_ids('"소식 3번째"'))
        assert found == ((1, 1) if command == "add" else (0, 0))
        assert desk.run("reindex").exit_code == 0
