"""The `bodo` command as a person and as a tool use it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from indexer.cli.main import main
from tests.conftest import FIRST_RELEASE


def run(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=text)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.md").write_text(
        "---\ntitle: 창원 수소 소식\noutlet: 창원시\n---\n수소 버스가 달린다.\n", "utf-8"
    )
    return folder


def test_every_command_has_korean_help() -> None:
    with click.Context(main) as context:
        names = main.list_commands(context)
    assert names == [
        "add", "analyze", "dict", "eval", "explain", "inspect", "mcp", "pull", "reindex", "remove", "search", "serve",
        "stats", "suggest", "verify", "watch",
    ]  # fmt: skip
    for name in names:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert any("가" <= char <= "힣" for char in result.output)


def test_reindex_search_and_stats(corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    made = run("reindex", "--corpus", corpus, "--index", index)
    assert made.exit_code == 0
    assert "보도자료 1건 (추가 1)" in made.output
    found = run("search", "--index", index, "수소")
    assert found.exit_code == 0
    assert "창원 수소 소식" in found.output
    assert "\x1b" not in found.output, "no colours where the output is not a terminal"
    record = json.loads(run("search", "--index", index, "--json", "수소 버스").stdout)
    assert record["total"] == 1
    assert record["hits"][0]["snippets"][0]["html"] == "<mark>수소</mark> <mark>버스</mark>가 달린다."
    stats = json.loads(run("stats", "--index", index, "--json").stdout)
    assert stats["documents"] == 1
    assert "1건" in run("stats", "--index", index).output


def test_search_options(corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    run("reindex", "--corpus", corpus, "--index", index)
    assert (
        json.loads(run("search", "--index", index, "--json", "--outlet", "다른 시", "수소").stdout)["total"]
        == 0
    )
    assert run("search", "--index", index, "--sort", "best", "수소").exit_code == 2
    assert run("search", "--index", index, "--limit", "0", "수소").exit_code == 2
    assert run("search", "--index", index, "--from", "어제", "수소").exit_code == 2
    assert run("search", "--index", index).exit_code == 2
    empty = run("search", "--index", index, " ")
    assert empty.exit_code == 1
    assert "비어 있습니다" in empty.stderr


def test_what_is_under_embargo_is_shown_to_the_operator_only(corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    (corpus / "b.md").write_text(
        "---\ntitle: 수소 합병\noutlet: 금융위원회\nid: waiting\nembargo: 2099-12-31 09:00\n---\n글\n",
        "utf-8",
    )
    run("reindex", "--corpus", corpus, "--index", index)
    assert "보도자료 2건" in run("reindex", "--corpus", corpus, "--index", index).output
    at = "2099-12-31T09:00:00+09:00"

    def found(*options: str) -> dict[str, str | None]:
        hits = json.loads(run("search", "--index", index, "--json", *options, "수소").stdout)["hits"]
        return {hit["id"]: hit["embargo_until"] for hit in hits}

    assert list(found().values()) == [None]
    assert found("--embargoed")["waiting"] == at
    shown = run("search", "--index", index, "--embargoed", "수소").output
    assert shown.count("엠바고") == 1
    assert "엠바고: 2099-12-31 09:00부터 공개" in shown
    stats = json.loads(run("stats", "--index", index, "--json").stdout)
    assert (stats["documents"], stats["embargoed"], stats["next_embargo"]) == (1, 1, at)
    assert "그 밖에 1건 (다음 공개 2099-12-31 09:00)" in run("stats", "--index", index).output
    for command in (("suggest", "합"), ("explain", "수소", "waiting"), ("search", "매체:금융위원회")):
        assert "합병" not in run(*command, "--index", index).output
    assert run("remove", "--corpus", corpus, "--index", index, "waiting").exit_code == 0
    assert list(found("--embargoed").values()) == [None]
    assert "엠바고" not in run("stats", "--index", index).output


def test_a_refused_file_is_named_and_gives_status_1(corpus: Path, tmp_path: Path) -> None:
    (corpus / "빈.txt").write_bytes(b"")
    result = run("reindex", "--corpus", corpus, "--index", tmp_path / "index", "--json")
    assert result.exit_code == 1
    record = json.loads(result.stdout)
    assert record["documents"] == 1
    (refused,) = record["refused"]
    assert refused["path"] == "빈.txt"
    assert refused["reason"]
    assert refused["hint"]
    plain = run("reindex", "--corpus", corpus, "--index", tmp_path / "index")
    assert "빈.txt" in plain.stderr


def test_errors_are_told_without_a_traceback(tmp_path: Path) -> None:
    for arguments in (
        ("search", "--index", tmp_path / "none", "수소"),
        ("stats", "--index", tmp_path / "none"),
        ("reindex", "--corpus", tmp_path / "none", "--index", tmp_path / "index"),
    ):
        result = run(*arguments)
        assert result.exit_code == 1
        assert "오류:" in result.stderr
        assert "Traceback" not in result.output


def test_analyze(tmp_path: Path) -> None:
    rows = json.loads(run("analyze", "--json", "산업박람회에서").stdout)["morphemes"]
    assert [(row["term"], row["start"], row["end"]) for row in rows] == [
        ("산업", 0, 2), ("박람회", 2, 5), ("박람", 2, 4), ("회", 4, 5),
    ]  # fmt: skip
    assert "박람회" in run("analyze", "-", text="산업박람회").output


def test_the_installed_command(corpus: Path, tmp_path: Path) -> None:
    bodo = Path(sys.executable).parent / "bodo"
    if not bodo.exists():
        pytest.skip("the package is not installed here: no bodo command beside this Python")
    environment = {"BODO_CORPUS": str(corpus), "BODO_INDEX": str(tmp_path / "index"), "PATH": "/usr/bin:/bin"}
    subprocess.run([bodo, "reindex"], env=environment, check=True, cwd=tmp_path)
    out = subprocess.run(
        [bodo, "search", "--json", "수소"], env=environment, check=True, cwd=tmp_path, capture_output=True
    )
    assert json.loads(out.stdout)["total"] == 1


def test_the_corpus_of_the_repository_is_byte_for_byte_the_first_release() -> None:
    assert (
        hashlib.sha256(FIRST_RELEASE.read_bytes()).hexdigest()
        == "c6855d2718d65e151382140c28859bf8334f79085f4c297d7c272d9967b81808"
    )


def test_analyze_shows_both_streams_and_the_rule_behind_a_token(tmp_path: Path) -> None:
    (tmp_path / "dictionary.txt").write_text("에어팟\n", "utf-8")
    record = json.loads(run("analyze", "--corpus", tmp_path, "--json", "비급여 4.0 에어팟").stdout)
    assert {row["term"]: row["rule"] for row in record["morphemes"]} == {
        "비급여": "prefix", "4.0": "number", "에어팟": "user",
    }  # fmt: skip
    assert [row["term"] for row in record["bigrams"]][:2] == ["비급", "급여"]
    assert "!급여" in run("analyze", "--corpus", tmp_path, "비급여").output


def test_the_dictionary_from_the_command_line(tmp_path: Path) -> None:
    assert run("dict", "add", "--corpus", tmp_path, "에어팟").exit_code == 0
    assert run("dict", "add", "--corpus", tmp_path, "다쏘시스템", "NNP", "다쏘+시스템").exit_code == 0
    assert run("dict", "list", "--corpus", tmp_path).output == "에어팟\n다쏘시스템  NNP  다쏘+시스템\n"
    again = run("dict", "add", "--corpus", tmp_path, "에어팟")
    assert (again.exit_code, "이미 있는" in again.stderr) == (1, True)
    bad = run("dict", "add", "--corpus", tmp_path, "가")
    assert (bad.exit_code, "2자에서" in bad.stderr) == (1, True)
    assert run("dict", "check", "--corpus", tmp_path).exit_code == 0
    (tmp_path / "dictionary.txt").write_text("# 머리\n에어팟\n가\n", "utf-8")
    check = run("dict", "check", "--corpus", tmp_path)
    assert (check.exit_code, "dictionary.txt:3" in check.stderr) == (1, True)
    assert run("dict", "remove", "--corpus", tmp_path, "에어팟").exit_code == 0
    assert (tmp_path / "dictionary.txt").read_text("utf-8") == "# 머리\n가\n"
    assert run("dict", "remove", "--corpus", tmp_path, "에어팟").exit_code == 1


def test_an_index_of_another_analyzer_is_refused(corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    run("reindex", "--corpus", corpus, "--index", index)
    result = run("search", "--index", index, "--analyzer", "kiwi", "수소")
    assert result.exit_code == 1
    assert "name: 색인 mecab, 지금 kiwi" in result.stderr
    assert "bodo reindex --full" in result.stderr
    assert run("search", "--index", index, "--analyzer", "nope", "수소").exit_code == 1
