"""No name, text, link or value of one file keeps the others from being indexed; embargoes hold under any name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.cli.main import main
from indexer.indexing import comparison
from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.problems import ReadProblem
from tests.support.desk import OTHER_TEXT, TEXT, Desk

BAD_NAME = os.fsdecode(b"bad\xff.txt")


def test_a_name_that_is_no_utf_8_harms_nothing(desk: Desk) -> None:
    path = desk.drafts / BAD_NAME
    try:
        path.write_text(TEXT, "utf-8")
    except OSError:
        pytest.skip("the file system takes no such names")
    assert desk.run("add", path).exit_code == 0
    for arguments in (["reindex"], ["reindex", "--full"], ["reindex", "--json"], ["stats"], ["verify"]):
        done = desk.run(*arguments)
        assert done.exit_code == 0, done.output
    assert len(desk.search_ids("두루미")) == 1
    assert desk.run("add", desk.write("까치.txt", OTHER_TEXT)).exit_code == 0
    assert desk.run("remove", *desk.search_ids("두루미")).exit_code == 0


def test_a_refused_file_of_such_a_name_is_reported(desk: Desk, tmp_path: Path) -> None:
    try:
        (desk.corpus / os.fsdecode(b"bad\xff.hwp")).write_bytes(b"HWP Document File V3.00")
    except OSError:
        pytest.skip("the file system takes no such names")
    done = desk.run("reindex", "--report", tmp_path / "a.json", "--report", tmp_path / "a.txt")
    assert done.exit_code == 1
    assert "bad\\xff.hwp" in (tmp_path / "a.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.md", '---\ntitle: "하노버 \\ud800 소식"\n---\n\n본문이다.\n'),
        ("x.md", '---\ntitle: 소식\ncontact: "\\udcff"\n---\n\n본문이다.\n'),
        ("x.jsonl", '{"title":"소식 \\ud800","body":"글"}\n'),
    ],
)
def test_a_lone_surrogate_costs_its_release_only(desk: Desk, name: str, text: str) -> None:
    assert desk.run("add", desk.write(name, text)).exit_code == 1
    assert not (desk.corpus / name).exists()
    (desk.corpus / name).write_text(text, "utf-8")
    (desk.corpus / "두루미.txt").write_text(TEXT, "utf-8")
    done = desk.run("reindex")
    assert done.exit_code == 1
    assert name in done.output
    assert len(desk.search_ids("두루미")) == 1


def test_an_attachment_of_such_a_name_is_listed(desk: Desk) -> None:
    (desk.corpus / "두루미.txt").write_text(TEXT, "utf-8")
    try:
        (desk.corpus / os.fsdecode("두루미_붙임1 ".encode() + b"\xff.txt")).write_text(OTHER_TEXT, "utf-8")
    except OSError:
        pytest.skip("the file system takes no such names")
    assert desk.run("reindex").exit_code == 0
    assert len(desk.search_ids("까치")) == 1


def test_links_that_lead_out_of_the_corpus_are_refused_unless_asked_for(desk: Desk) -> None:
    outside = desk.write("두루미.txt")
    (desk.corpus / "밖.txt").symlink_to(outside)
    (desk.drafts / "폴더").mkdir()
    (desk.drafts / "폴더" / "까치.txt").write_text(OTHER_TEXT, "utf-8")
    (desk.corpus / "밖의 폴더").symlink_to(desk.drafts / "폴더")
    (desk.corpus / "안.txt").symlink_to(desk.corpus / "3.txt")
    done = desk.run("reindex")
    assert done.exit_code == 1
    assert done.output.count("corpus 밖을 가리키는 링크") == 2
    assert desk.search_ids("두루미") == desk.search_ids("까치") == []
    assert desk.run("reindex", "--follow-links").exit_code == 0
    assert len(desk.search_ids("두루미")) == len(desk.search_ids("까치")) == 1


def test_a_corpus_that_is_itself_a_link_is_read(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(desk.corpus)
    files, refusals = list_files(tmp_path / "link")
    assert (len(files), refusals) == (10, [])


def test_a_file_that_changes_while_it_is_read_is_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.corpus / "3.txt"
    right = path.read_bytes()

    def changed(file: CorpusFile, at_byte: Callable[[int], None]) -> Iterable[PressRelease | ReadProblem]:
        if file.path == path:
            path.write_text("소식 3번째\n\n예산은 9900억 원이다.\n", "utf-8")
            items = list(read_file(file, at_byte))
            path.write_bytes(right)
            return items
        return read_file(file, at_byte)

    path.write_bytes(right + b"\n")
    right = path.read_bytes()
    monkeypatch.setattr(comparison, "read_file", changed)
    assert desk.run("reindex").exit_code == 0
    monkeypatch.undo()
    assert desk.run("reindex").exit_code == 0
    assert desk.search_ids("9900억") == []


def test_names_that_command_a_terminal_are_made_harmless(desk: Desk) -> None:
    (desk.corpus / "a\x1b[31m\n\u202e.hwp").write_bytes(b"HWP Document File V3.00")
    output = (
        CliRunner().invoke(main, ["reindex", "--index", str(desk.index), "--corpus", str(desk.corpus)]).output
    )
    assert not {"\x1b", "\u202e"} & set(output.replace("\x1b[0m", ""))


def test_a_release_is_whole_wherever_it_was_read(desk: Desk) -> None:
    (file, *_), _ = list_files(desk.corpus)
    assert all(isinstance(item, PressRelease) for item in read_file(file))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.jsonl",
            '{"title":"가","body":"나","published":"Mon, 01 Jan 2027 00:00:00 +99999999999999999999"}\n',
        ),
        ("a.jsonl", '{"title":"가","body":"나","embargo":"1 Jan 2027 00:00 +9999999999999"}\n'),
    ],
)
def test_a_value_that_no_one_foresaw_costs_its_record_only(desk: Desk, name: str, text: str) -> None:
    (desk.corpus / name).write_text(text, "utf-8")
    (desk.corpus / "두루미.txt").write_text(TEXT, "utf-8")
    done = desk.run("reindex")
    assert done.exit_code == 1
    assert name in done.output
    assert len(desk.search_ids("두루미")) == 1


def test_an_error_that_no_reader_expected_costs_its_file_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise OverflowError("too large")

    (desk.corpus / "3.toml").write_text('title = "새 제목"', "utf-8")
    monkeypatch.setattr("indexer.sources.corpus.reading.override", failing)
    done = desk.run("reindex")
    assert done.exit_code == 1
    assert "3.txt" in done.output
    assert "OverflowError" in done.output
    assert len(desk.search_ids("소식")) == 10


LATER = "2099-12-31 09:00"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("두루미.jsonl", f'{{"title":"두루미","body":"왔다.","embargo":"","보도시점":"{LATER}"}}\n'),
        ("두루미.jsonl", f'{{"title":"두루미","body":"왔다.","엠바고":" ","embargo":"{LATER}"}}\n'),
        ("두루미.md", f'---\ntitle: 두루미\n보도시점: ""\nembargo: "{LATER}"\n---\n왔다.\n'),
    ],
)
def test_an_embargo_under_any_of_its_names_holds(desk: Desk, name: str, text: str) -> None:
    assert desk.run("add", desk.write(name, text)).exit_code == 0
    assert desk.search_ids("두루미") == []


def test_two_embargoes_that_differ_are_refused(desk: Desk) -> None:
    text = f'{{"title":"두루미","body":"왔다.","embargo":"즉시","보도시점":"{LATER}"}}\n'
    done = desk.run("add", desk.write("두루미.jsonl", text))
    assert done.exit_code == 1
    assert "두 가지" in done.output


def test_what_an_attachment_holds_back_is_held_back(desk: Desk) -> None:
    (desk.corpus / "두루미.txt").write_text(TEXT, "utf-8")
    (desk.corpus / "두루미_붙임1.md").write_text(
        f"---\ntitle: 곁\nembargo: {LATER}\n---\n두루미 곁의 글이다.\n", "utf-8"
    )
    assert desk.run("reindex").exit_code == 0
    assert desk.search_ids("두루미") == []
