"""`bodo inspect` and `bodo reindex --report`: what was read, what was refused, and why."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from indexer.cli.main import main
from tests.support.corpus import write
from tests.support.releases import release_hwpx


def test_inspect_says_where_each_field_was_found(tmp_path: Path) -> None:
    write(tmp_path, "보도.hwp", release_hwpx())
    result = CliRunner().invoke(main, ["inspect", "--json", str(tmp_path)])
    assert result.exit_code == 0
    record = json.loads(result.output)
    assert (record["path"], record["format"], record["tables"]) == ("보도.hwp", "hwpx", 2)
    origins = {item["field"]: item["origin"] for item in record["found"]}
    assert "담당 부서" in origins["department"]
    assert "배포" in origins["published"]
    shown = CliRunner().invoke(main, ["inspect", str(tmp_path)]).output
    assert "하노버에 첫 창원공동관" in shown


def test_inspect_reads_records_as_records(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", '{"title":"봄꽃 축제","body":"진해에서 연다."}\n{"title":"제목뿐"}\n')
    result = CliRunner().invoke(main, ["inspect", "--json", str(tmp_path)])
    record = json.loads(result.output)
    assert (record["format"], [release["title"] for release in record["releases"]]) == (
        "jsonl",
        ["봄꽃 축제"],
    )
    assert [refusal["line"] for refusal in record["refused"]] == [2]
    assert "jsonl, 1건" in CliRunner().invoke(main, ["inspect", str(tmp_path)]).output


def test_inspect_fails_with_a_reason_for_what_it_cannot_read(tmp_path: Path) -> None:
    write(tmp_path, "a.hwp", b"HWP Document File V3.00")
    result = CliRunner().invoke(main, ["inspect", str(tmp_path / "a.hwp")])
    assert result.exit_code == 1
    assert "HWP 3" in result.output


def test_a_report_lists_what_was_refused_as_text_and_as_json(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    write(corpus, "보도.hwpx", release_hwpx())
    write(corpus, "a.hwp", b"HWP Document File V3.00")
    write(corpus, "b.pdf", b"%PDF-1.7\n")
    text, as_json = tmp_path / "거절.txt", tmp_path / "거절.json"
    command = ["reindex", "--corpus", str(corpus), "--index", str(tmp_path / "index")]
    result = CliRunner().invoke(main, [*command, "--report", str(text), "--report", str(as_json)])
    assert result.exit_code == 1
    lines = text.read_text("utf-8").splitlines()
    assert lines[0] == "거절 2건, 알림 0건"
    assert lines[1].startswith("거절 a.hwp: 한글 3.x")
    records = json.loads(as_json.read_text("utf-8"))["refused"]
    assert [(record["path"], record["warning"]) for record in records] == [("a.hwp", False), ("b.pdf", False)]


def test_a_report_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    write(corpus, "보도.hwpx", release_hwpx())
    command = ["reindex", "--corpus", str(corpus), "--index", str(tmp_path / "index")]
    result = CliRunner().invoke(main, [*command, "--report", str(tmp_path / "없음" / "a.txt")])
    assert result.exit_code == 1
    assert "--report" in result.output
