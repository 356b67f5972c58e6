"""Nothing that was acknowledged is undone, nothing that one file does stops the others."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.cli.main import main
from indexer.curation.files import DICTIONARY
from indexer.curation.removals import Removals
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.store.generations import Generations
from indexer.files import changing, write_durably
from indexer.indexing import comparison
from indexer.indexing.reindex import reindex
from indexer.indexing.report import Report
from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.problems import ReadProblem
from tests.support.desk import TEXT, Desk

AGAIN = "까치가 돌아왔다\n\n들녘에 까치 백 마리가 돌아왔다고 창원시가 밝혔다.\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    for number in range(10):
        text = f"소식 {number}번째\n\n창원의 {number}번째 소식을 알린다.\n"
        (made.corpus / f"{number}.txt").write_text(text, "utf-8")
    assert made.run("reindex").exit_code == 0
    return made


# What is acted on under the lock is read under it


class Waiting:
    """A reindex that waits for the lock while something else changes the corpus and the index."""

    def __init__(self, desk: Desk, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._engine = WhooshEngine(desk.index, analyzer)
        self._desk = desk
        self._begun, self._may_go_on = threading.Event(), threading.Event()
        write = self._engine.write

        def held_up(**options: Any) -> Any:  # noqa: ANN401
            self._begun.set()
            assert self._may_go_on.wait(30)
            return write(**options)

        monkeypatch.setattr(self._engine, "write", held_up)

    def meanwhile(self, change: Callable[[], object]) -> Report:
        reports: list[Report] = []
        thread = threading.Thread(target=lambda: reports.append(reindex(self._engine, self._desk.corpus)))
        thread.start()
        assert self._begun.wait(30)
        change()
        self._may_go_on.set()
        thread.join(60)
        return reports[0]


def test_what_is_added_while_a_reindex_waits_stays(
    desk: Desk, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Waiting(desk, analyzer, monkeypatch)
    report = waiting.meanwhile(lambda: desk.run("add", desk.write("두루미.txt")))
    assert (report.removed, report.documents) == (0, 11)
    assert len(desk.found("두루미")) == 1


def test_what_is_removed_while_a_reindex_waits_stays_away(
    desk: Desk, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (release_id,) = desk.found('"소식 3번째"')
    waiting = Waiting(desk, analyzer, monkeypatch)
    waiting.meanwhile(lambda: desk.run("remove", release_id))
    assert desk.found('"소식 3번째"') == []


def command(desk: Desk, *arguments: object) -> subprocess.Popen[str]:
    name, *rest = map(str, arguments)
    places = ["--index", str(desk.index), "--corpus", str(desk.corpus)]
    line = [sys.executable, "-m", "indexer", name, *places, *rest]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_of_two_adds_of_one_name_one_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = desk.write("보도.txt")
    second = tmp_path / "other" / "보도.txt"
    second.write_text(AGAIN, "utf-8")
    racing = [command(desk, "add", path) for path in (first, second)]
    said = [one.communicate(timeout=60)[0] for one in racing]
    codes = [one.returncode for one in racing]
    assert sorted(codes) == [0, 1], said
    assert len(desk.found("두루미")) + len(desk.found("까치")) == 1
    kept = (desk.corpus / "보도.txt").read_text("utf-8")
    assert kept == (TEXT if codes[0] == 0 else AGAIN)


def race(desk: Desk, rounds: int) -> None:
    """Rounds of `add`, `remove`, `dict add` and `reindex` at once, some of them killed: what was acknowledged
    stands, what was taken down stays away, every word of the dictionary is there.
    """
    stands: set[str] = set()
    gone: set[str] = set()
    words: set[str] = set()
    for number in range(rounds):
        name, word = f"새{number}.txt", f"다쏘{'가나다라마바사아자차'[number % 10]}{number}"
        path = desk.write(name, f"제{number}호 물레방아\n\n물레방아 {number}호를 돌렸다고 알렸다.\n")
        racing = {"add": command(desk, "add", path), "reindex": command(desk, "reindex")}
        dictionary = subprocess.Popen(
            [sys.executable, "-m", "indexer", "dict", "add", "--corpus", str(desk.corpus), word],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        taken = next(iter(stands - gone), None) if number % 3 == 2 else None
        if taken:
            (release_id,) = desk.found(f'"제{taken}호 물레방아"')
            racing["remove"] = command(desk, "remove", release_id)
        if number % 4 == 3:
            racing["reindex"].kill()
        if number % 5 == 4:
            racing["add"].kill()
        done = {kind: (one.communicate(timeout=120)[0], one.returncode) for kind, one in racing.items()}
        dictionary.communicate(timeout=60)
        if done["add"][1] == 0:
            stands.add(str(number))
        if taken and done["remove"][1] == 0:
            gone.add(taken)
        if dictionary.returncode == 0:
            words.add(word)
    assert desk.run("reindex").exit_code == 0
    for number in stands:
        assert len(desk.found(f'"제{number}호 물레방아"')) == (0 if number in gone else 1), number
    assert words <= {line.split()[0] for line in (desk.corpus / DICTIONARY).read_text("utf-8").splitlines()}
    assert desk.run("verify").exit_code == 0
    assert not [path for path in desk.corpus.iterdir() if path.name.endswith(".new")]


def test_racing_commands_keep_what_they_acknowledged(desk: Desk) -> None:
    race(desk, 20)


# An add that fails leaves the corpus as it was


def test_an_add_that_would_take_away_too_much_is_refused_and_undone(desk: Desk) -> None:
    many = desk.desk / "많은.jsonl"
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
    os.mkfifo(desk.desk / "관.txt")
    done = desk.run("add", desk.desk / "관.txt")
    assert done.exit_code == 1
    assert "파일이 아닙니다" in done.output


def test_what_a_killed_add_left_goes_with_the_next(desk: Desk) -> None:
    left = desk.corpus / ".bodo-add-left"
    left.mkdir()
    (left / "a.txt").write_text(TEXT, "utf-8")
    assert desk.run("add", desk.write("두루미.txt")).exit_code == 0
    assert not left.exists()


# What people edit


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
    record = desk.desk / "기러기.jsonl"
    record.write_text(json.dumps({"id": release_id, "title": "기러기 떼", "body": "글이다."}), "utf-8")
    assert desk.run("add", record).exit_code == 0
    (found,) = desk.found("기러기")
    assert desk.run("remove", "--", found).exit_code == 0
    assert desk.run("reindex", "--full").exit_code == 0
    assert desk.found("기러기") == []
    assert len(desk.found("소식")) == 10


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


def test_two_words_at_once_are_both_kept(tmp_path: Path) -> None:
    lines = [
        [sys.executable, "-m", "indexer", "dict", "add", "--corpus", str(tmp_path), f"다쏘{n}"]
        for n in "가나다"
    ]
    racing = [subprocess.Popen(line, stdout=subprocess.DEVNULL) for line in lines]
    assert [one.wait(60) for one in racing] == [0, 0, 0]
    assert len((tmp_path / DICTIONARY).read_text("utf-8").splitlines()) == 3


def test_a_removed_list_in_another_encoding_is_told(desk: Desk) -> None:
    (desk.corpus / "removed.txt").write_bytes("정정".encode("cp949"))
    (release_id,) = desk.found('"소식 3번째"')
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
    assert (made.found("기러기"), made.found("두루미")) == ([], ["b"])


def test_changes_of_a_folder_wait_for_each_other(tmp_path: Path) -> None:
    order: list[str] = []
    with changing(tmp_path):
        thread = threading.Thread(target=lambda: _change(tmp_path, order))
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def _change(folder: Path, order: list[str]) -> None:
    with changing(folder):
        order.append("second")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("앞", "utf-8")
    path.with_name(".a.txt.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_durably(path, "뒤".encode())
    assert path.read_text("utf-8") == "앞"


# Names, texts and links


BAD_NAME = os.fsdecode(b"bad\xff.txt")


def test_a_name_that_is_no_utf_8_harms_nothing(desk: Desk) -> None:
    path = desk.desk / BAD_NAME
    try:
        path.write_text(TEXT, "utf-8")
    except OSError:
        pytest.skip("the file system takes no such names")
    assert desk.run("add", path).exit_code == 0
    for arguments in (["reindex"], ["reindex", "--full"], ["reindex", "--json"], ["stats"], ["verify"]):
        done = desk.run(*arguments)
        assert done.exit_code == 0, done.output
    assert len(desk.found("두루미")) == 1
    assert desk.run("add", desk.write("까치.txt", AGAIN)).exit_code == 0
    assert desk.run("remove", *desk.found("두루미")).exit_code == 0


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
    assert len(desk.found("두루미")) == 1


def test_an_attachment_of_such_a_name_is_listed(desk: Desk) -> None:
    (desk.corpus / "두루미.txt").write_text(TEXT, "utf-8")
    try:
        (desk.corpus / os.fsdecode("두루미_붙임1 ".encode() + b"\xff.txt")).write_text(AGAIN, "utf-8")
    except OSError:
        pytest.skip("the file system takes no such names")
    assert desk.run("reindex").exit_code == 0
    assert len(desk.found("까치")) == 1


def test_links_that_lead_out_of_the_corpus_are_refused_unless_asked_for(desk: Desk) -> None:
    outside = desk.write("두루미.txt")
    (desk.corpus / "밖.txt").symlink_to(outside)
    (desk.desk / "폴더").mkdir()
    (desk.desk / "폴더" / "까치.txt").write_text(AGAIN, "utf-8")
    (desk.corpus / "밖의 폴더").symlink_to(desk.desk / "폴더")
    (desk.corpus / "안.txt").symlink_to(desk.corpus / "3.txt")
    done = desk.run("reindex")
    assert done.exit_code == 1
    assert done.output.count("corpus 밖을 가리키는 링크") == 2
    assert desk.found("두루미") == desk.found("까치") == []
    assert desk.run("reindex", "--follow-links").exit_code == 0
    assert len(desk.found("두루미")) == len(desk.found("까치")) == 1


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
    assert desk.found("9900억") == []


def test_names_that_command_a_terminal_are_made_harmless(desk: Desk) -> None:
    (desk.corpus / "a\x1b[31m\n\u202e.hwp").write_bytes(b"HWP Document File V3.00")
    output = (
        CliRunner().invoke(main, ["reindex", "--index", str(desk.index), "--corpus", str(desk.corpus)]).output
    )
    assert not {"\x1b", "\u202e"} & set(output.replace("\x1b[0m", ""))


def test_a_release_is_whole_wherever_it_was_read(desk: Desk) -> None:
    (file, *_), _ = list_files(desk.corpus)
    assert all(isinstance(item, PressRelease) for item in read_file(file))


# Found by hostile hands


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
    assert len(desk.found("두루미")) == 1


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
    assert len(desk.found("소식")) == 10


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
    assert desk.found("두루미") == []


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
    assert desk.found("두루미") == []


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
    (release_id,) = desk.found('"소식 3번째"')
    assert desk.run("remove", release_id).exit_code == 0
    assert (desk.corpus / "removed.txt").is_symlink()
    assert release_id in shared.read_text("utf-8")


def test_a_remove_that_fails_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    (release_id,) = desk.found('"소식 3번째"')
    monkeypatch.setattr("indexer.engines.whoosh.store.generations.Generations.publish", failing)
    assert desk.run("remove", release_id).exit_code == 1
    monkeypatch.undo()
    assert not (desk.corpus / "removed.txt").exists()
    assert len(desk.found('"소식 3번째"')) == 1


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

    (release_id,) = desk.found('"소식 3번째"')
    monkeypatch.setattr(Generations, "publish", interrupted)
    done = desk.run(command, desk.write("두루미.txt") if command == "add" else release_id)
    assert done.exit_code == 1
    monkeypatch.undo()
    for _ in range(2):
        found = len(desk.found("두루미")), len(desk.found('"소식 3번째"'))
        assert found == ((1, 1) if command == "add" else (0, 0))
        assert desk.run("reindex").exit_code == 0
