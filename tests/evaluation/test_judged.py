"""Measuring relevance: the reading of judged sets, the metrics, the comparison; and our own golden file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from indexer.cli.main import main
from indexer.errors import SourceError
from indexer.evaluation.judged import compare, read_judged_set, read_run
from tests.conftest import ROOT

RELEVANCE = ROOT / "tests" / "relevance"
GOLDEN = RELEVANCE / "golden.json"


def evaluate(*arguments: object) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["eval", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    record: dict[str, Any] = json.loads(result.stdout)
    return record


@pytest.mark.parametrize("asked", json.loads(GOLDEN.read_text("utf-8")))
def test_our_own_judged_set_scores_as_the_golden_file_says(asked: str) -> None:
    """A change of ranking is a change of the golden file: it is made by hand, and seen in review."""
    streams, spacing, passes = asked.split(", ")
    record = evaluate(RELEVANCE, "--streams", streams, "--spacing", spacing, "--passes", passes)
    del record["ms_a_query"]
    assert record == json.loads(GOLDEN.read_text("utf-8"))[asked]


def test_the_golden_file_says_that_both_streams_together_are_best() -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    for spacing in ("as-is", "removed", "stray"):
        assert golden[f"both, {spacing}, first"]["mrr@10"] >= golden[f"morphemes, {spacing}, first"]["mrr@10"]


def test_metrics_of_a_set_that_can_be_counted_by_hand(tmp_path: Path) -> None:
    write_set(
        tmp_path,
        corpus=[
            ("d1", "창원 수소", "버스"),
            ("d2", "창원", "수소 이야기가 길게 이어진다"),
            ("d3", "독일", "박람회"),
        ],
        queries=[("q1", "창원 수소 버스"), ("q2", "박람회"), ("q3", "서울")],
        qrels=[("q1", "d2", 1), ("q2", "d3", 1), ("q3", "d1", 1), ("q4", "d1", 1), ("q1", "없음", 1)],
    )
    record = evaluate(tmp_path)
    assert record["queries"] == 3
    assert record["mrr@10"] == pytest.approx((1 / 2 + 1 + 0) / 3, abs=1e-5)
    assert record["recall@10"] == pytest.approx((1 + 1 + 0) / 3, abs=1e-5)


def test_a_release_with_the_same_body_counts(tmp_path: Path) -> None:
    body = "창원에서 수소 버스가 달린다. " * 30
    write_set(
        tmp_path,
        corpus=[("d1", "창원 창원 수소", body), ("d2", "둘째", body)],
        queries=[("q1", "창원 수소")],
        qrels=[("q1", "d2", 1)],
    )
    assert evaluate(tmp_path)["mrr@10"] == 1.0


def test_runs_are_written_and_compared(tmp_path: Path) -> None:
    write_set(
        tmp_path,
        corpus=[(f"d{n}", f"소식 {n}", f"내용 {n}") for n in range(9)],
        queries=[(f"q{n}", f"소식 {n}") for n in range(9)],
        qrels=[(f"q{n}", f"d{n}", 1) for n in range(9)],
    )
    run = tmp_path / "a.run"
    evaluate(tmp_path, "--runs", run)
    lines = run.read_text("utf-8").splitlines()
    assert lines[0].split()[:4] == ["q0", "Q0", "d0", "1"]
    record = evaluate(tmp_path, "--against", run)
    assert record["difference"] == {"mrr@10": 0.0, "low": 0.0, "high": 0.0}
    worse = {query: found[1:] for query, found in read_run(run).items()}
    relevant = {f"q{n}": {f"d{n}": 1} for n in range(9)}
    mean, low, high = compare(relevant, read_run(run), worse)
    assert mean == low == high == 1.0


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("queries.jsonl", "{}\n", "queries.jsonl:1"),
        ("queries.jsonl", "kein json\n", "queries.jsonl:1"),
        ("qrels.tsv", "q\td\ts\nq1\td1\n", "qrels.tsv:2"),
        ("corpus.jsonl", '{"_id": "a"}\n', "corpus.jsonl:1"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, name: str, text: str, where: str) -> None:
    write_set(tmp_path, corpus=[("d1", "a", "b")], queries=[("q1", "a")], qrels=[("q1", "d1", 1)])
    (tmp_path / name).write_text(text, "utf-8")
    result = CliRunner().invoke(main, ["eval", str(tmp_path)])
    assert result.exit_code == 1
    assert where in result.stderr


def test_missing_judgements_are_named(tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_text("", "utf-8")
    with pytest.raises(SourceError, match="qrels"):
        read_judged_set(tmp_path)


def write_set(
    folder: Path,
    *,
    corpus: list[tuple[str, str, str]],
    queries: list[tuple[str, str]],
    qrels: list[tuple[str, str, int]],
) -> None:
    def lines(records: list[dict[str, str]]) -> str:
        return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)

    (folder / "corpus.jsonl").write_text(
        lines([{"_id": i, "title": t, "text": x} for i, t, x in corpus]), "utf-8"
    )
    (folder / "queries.jsonl").write_text(lines([{"_id": i, "text": t} for i, t in queries]), "utf-8")
    rows = ["query-id\tcorpus-id\tscore", *(f"{q}\t{d}\t{s}" for q, d, s in qrels)]
    (folder / "qrels.tsv").write_text("\n".join(rows) + "\n", "utf-8")
