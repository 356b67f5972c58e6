"""Every JSON shape that other tools read: its keys, in their order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from indexer.search.rerank import FEATURES
from tests.support.desk import TEXT, Desk

READ_PROBLEM = ["path", "line", "reason", "hint", "warning"]
HIT = [
    "id", "url", "source_url", "title", "subtitle", "outlet", "outlet_today", "department", "reporter", "published_at",
    "embargo_until", "corrected_at", "score", "snippets", "attachments", "similar", "matched", "title_ranges",
    "title_html",
]  # fmt: skip
TOKEN = ["term", "surface", "start", "end", "position", "tag", "rule"]
REPORT = [
    "documents", "added", "updated", "moved", "reanalysed", "removed", "unchanged", "kept", "left_out", "replaced",
    "took_s", "refused",
]  # fmt: skip


def record(desk: Desk, *arguments: object, text: str | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(desk.run(*arguments, "--json", text=text).stdout.splitlines()[0])
    return answer


def test_the_answer_of_a_search(desk: Desk) -> None:
    (desk.corpus / "synonyms.txt").write_text("소식 = 알림\n", "utf-8")
    desk.run("reindex")
    answer = record(desk, "search", "소식 하노버")
    assert list(answer) == [
        "query", "total", "timed_out", "took_ms", "index", "hits", "facets", "offset", "next", "previous",
        "partial", "alternatives",
    ]  # fmt: skip
    assert list(answer["query"]) == [
        "raw", "effective", "canonical", "corrected_from", "relaxed", "notes", "synonyms", "words",
        "issuers",
    ]  # fmt: skip
    assert answer["query"]["synonyms"] == [{"query": "소식", "name": "소식", "also": ["알림"]}]
    assert list(answer["index"]) == ["generation", "updated_at", "documents"]
    assert list(answer["facets"]) == ["outlet", "department", "year", "month", "attachment"]
    assert answer["alternatives"] == [{"kind": "word", "parameters": {"q": "소식"}, "total": 1}]
    (hit,) = answer["hits"]
    assert list(hit) == HIT
    assert list(hit["snippets"][0]) == ["text", "ranges", "html", "file", "page", "table"]
    assert list(hit["matched"][0]) == ["query", "surface", "by"]


def test_suggestions(desk: Desk) -> None:
    suggestions = record(desk, "suggest", "소")
    assert list(suggestions) == ["q", "suggestions"]
    assert suggestions["suggestions"]
    for suggestion in suggestions["suggestions"]:
        assert list(suggestion) == ["text", "kind", "count"]


def test_an_explanation(desk: Desk) -> None:
    (release_id,) = desk.search_ids("첫 소식")
    explanation = record(desk, "explain", "소식", release_id)
    assert list(explanation) == [
        "release_id", "matches", "terms", "title_bonus", "second_pass", "score", "features",
    ]  # fmt: skip
    assert list(explanation["features"]) == list(FEATURES)
    assert sum(explanation["features"].values()) == pytest.approx(explanation["second_pass"])
    assert list(explanation["terms"][0]) == ["stream", "term", "weight", "frequency", "score"]


def test_the_report_of_a_reindex(desk: Desk, tmp_path: Path) -> None:
    (desk.corpus / "빈.txt").write_bytes(b"")
    path = tmp_path / "거절.json"
    done = desk.run("reindex", "--json", "--report", path)
    report = json.loads(done.stdout)
    assert list(report) == REPORT
    assert [list(problem) for problem in report["refused"]] == [READ_PROBLEM]
    written = json.loads(path.read_text("utf-8"))
    assert list(written) == ["refused"]
    assert written["refused"] == report["refused"]


def test_the_report_of_an_addition(desk: Desk) -> None:
    added = record(desk, "add", desk.write("두루미.txt", TEXT))
    assert added == {
        "documents": 2, "added": 1, "updated": 0, "removed": 0, "unchanged": 0, "left_out": 0, "replaced": 0,
    }  # fmt: skip
    assert list(added) == ["documents", "added", "updated", "removed", "unchanged", "left_out", "replaced"]


def test_what_inspect_says(desk: Desk) -> None:
    read = record(desk, "inspect", desk.corpus / "첫.txt")
    assert list(read) == [
        "path", "refused", "format", "releases", "characters", "tables", "pages", "found", "took_s",
    ]  # fmt: skip
    assert list(read["found"][0]) == ["field", "value", "origin"]
    refused = record(desk, "inspect", desk.write("빈.txt", ""))
    assert list(refused) == ["path", "refused", "took_s"]
    assert list(refused["refused"][0]) == READ_PROBLEM


def test_statistics(desk: Desk) -> None:
    assert list(record(desk, "stats")) == [
        "documents", "embargoed", "next_embargo", "segments", "terms", "postings", "files", "size_bytes",
        "bytes_by_part", "generation", "updated_at", "analyzer",
    ]  # fmt: skip


def test_what_verify_says(desk: Desk) -> None:
    assert list(record(desk, "verify")) == ["generation", "damaged"]
    (path,) = desk.index.glob("0*/*.arrays")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    path.write_bytes(data)
    assert list(record(desk, "verify")["damaged"][0]) == ["part", "what"]


def test_an_analysis(desk: Desk) -> None:
    analysis = record(desk, "analyze", "산업박람회")
    assert list(analysis) == ["analyzer", "morphemes", "bigrams"]
    assert list(analysis["analyzer"]) == ["name", "version", "dictionary"]
    assert list(analysis["morphemes"][0]) == list(analysis["bigrams"][0]) == TOKEN


def test_an_evaluation(desk: Desk, tmp_path: Path) -> None:
    precision = record(desk, "eval", "--precision", "소식")
    assert list(precision) == ["wrong_share", "missed_share", "words"]
    assert list(precision["words"][0]) == ["word", "found", "wrong", "right", "missed"]
    judged = tmp_path / "judged"
    (judged / "qrels").mkdir(parents=True)
    (judged / "queries.jsonl").write_text('{"_id":"q","text":"소식"}\n', "utf-8")
    (release_id,) = desk.search_ids("첫 소식")
    (judged / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\nq\t{release_id}\t1\n", "utf-8")
    ranking = tmp_path / "ranking.txt"
    metrics = ["mrr@10", "ndcg@10", "recall@10", "recall@100", "queries", "ms_a_query"]
    assert list(record(desk, "eval", judged, "--runs", ranking)) == metrics
    compared = record(desk, "eval", judged, "--against", ranking)
    assert list(compared) == [*metrics, "difference"]
    assert list(compared["difference"]) == ["mrr@10", "low", "high"]
