"""`bodo inspect` shows what became of the columns of an export, and `bodo add` takes one."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from indexer.cli.main import main
from tests.support.corpus import write

EXPORT = "제목,내용,본문,조회수\n봄꽃길 열린다,짧은 글,긴 글,3\n,글,글,1\n장미길,글,,2\n"


def test_inspect_shows_the_columns_and_the_first_releases(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", EXPORT).path
    result = CliRunner().invoke(main, ["inspect", str(path)])
    assert result.exit_code == 1
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    for line in (
        "제목 title",
        "본문 body",
        "내용 body (2째: 앞의 열이 비어 있으면)",
        "조회수 쓰지 않음",
        "봄꽃길 열린다",
    ):
        assert line in lines, lines
    assert any(line.startswith("3행: 제목") for line in lines)
    assert any(line.startswith("csv, 2건") for line in lines)


def test_inspect_gives_the_columns_as_json(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "이름,글\n봄꽃길,글이다\n" + "길,글\n" * 30)
    write(tmp_path, "a.toml", '[columns]\n제목 = "이름"\n본문 = "글"\n')
    result = CliRunner().invoke(main, ["inspect", "--json", str(tmp_path / "a.csv")])
    assert result.exit_code == 0
    record = json.loads(result.stdout)
    assert record["columns"] == [
        {"name": "이름", "field": "title", "order": 1},
        {"name": "글", "field": "body", "order": 1},
    ]
    assert (record["format"], record["count"], len(record["releases"]), record["refused"]) == (
        "csv",
        31,
        10,
        [],
    )


def test_an_export_is_added_with_its_sidecar(tmp_path: Path) -> None:
    export = write(tmp_path, "a.csv", "글번호,이름,글\n1,봄꽃길,두루미시가 길을 연다\n2,장미길,글\n").path
    sidecar = write(tmp_path, "a.toml", '기관 = "두루미시"\n[columns]\n제목 = "이름"\n본문 = "글"\n').path
    places = ["--corpus", str(tmp_path / "corpus"), "--index", str(tmp_path / "index")]
    added = CliRunner().invoke(main, ["add", str(export), str(sidecar), *places])
    assert added.exit_code == 0, added.output
    assert "추가 2" in added.stdout
    again = CliRunner().invoke(main, ["reindex", *places])
    assert "바뀐 것 없음" in again.stdout or "그대로 2" in again.stdout, again.stdout
    found = CliRunner().invoke(main, ["search", "장미길", "--json", *places[2:]])
    assert json.loads(found.stdout)["hits"][0]["id"] == "2"
