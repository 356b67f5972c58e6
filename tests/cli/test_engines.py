"""Every engine is used by the same commands, and says the same of a release."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from indexer.analysis import Analyzer
from indexer.cli.main import main
from indexer.settings import DEFAULTS, ENGINES
from tests.support.opensearch_archive import Archive

ROOT = Path(__file__).parents[2]
QUERIES = (
    "하노버", "창원시", "하노버 산업박람회", '"독일 출장"', "스마트팩토리 -수소", "제목:독일", "hannover messe", "하노바", "없는말",
    "하노버 없는말", "업무협약|수출", "기자:이도균", "2023 하노버",
)  # fmt: skip


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def answers(engine: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    """What each command and page says of the corpus, without what depends on the moment and the weights."""
    for name in DEFAULTS.to_environment():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BODO_ENGINE", engine)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    index = f"--index={folder / engine}"
    report = json.loads(run("reindex", "--json", index, "--corpus", str(ROOT / "corpus")))
    del report["took_s"]
    said: dict[str, Any] = {"reindex": report}
    for query in QUERIES:
        answer = json.loads(run("search", "--json", index, "--", query))
        for name in ("index", "took_ms"):
            del answer[name]
        for hit in (*answer["hits"], *answer["partial"]):
            del hit["score"]
        said[query] = answer
    for typed in ("하노", "ㅎㄴㅂ", "gksh", "창원"):
        said[f"suggest {typed}"] = run("suggest", index, typed)
    explanation = json.loads(run("explain", "--json", index, "하노버 출장", said["하노버"]["hits"][0]["id"]))
    assert explanation["score"] > 0
    said["explain"] = [(term["stream"], term["term"], term["frequency"]) for term in explanation["terms"]]
    monkeypatch.setenv("BODO_INDEX", str(folder / engine))
    client = importlib.import_module("web.wsgi").app.test_client()
    del sys.modules["web.wsgi"]
    page = client.get("/search?q=하노버").get_data(as_text=True).split("<footer")[0]
    said["page"] = re.sub(r"[0-9.]+초</p>", "", page)
    said["release"] = client.get(said["하노버"]["hits"][0]["url"]).get_data(as_text=True)
    return said


def test_the_engines_say_the_same_of_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.garbage.put_aside_soon", lambda: None)
    reference, *others = (answers(engine, tmp_path, monkeypatch) for engine in sorted(ENGINES[:2]))
    assert [reference[query]["total"] for query in ("하노버", "하노바", "없는말")] == [1, 1, 0]
    assert "<mark>하노버</mark>" in reference["page"]
    assert reference["suggest 하노"].startswith("하노버")
    for other in others:
        for name, said in reference.items():
            assert other[name] == said, name


def test_a_cluster_says_the_same_of_the_corpus(
    opensearch_url: str, analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.garbage.put_aside_soon", lambda: None)
    reference = answers("whoosh", tmp_path, monkeypatch)
    with Archive(opensearch_url, tmp_path, analyzer) as archive:
        said = answers("opensearch", tmp_path, monkeypatch, **archive.environment())
    for name, expected in reference.items():
        assert said[name] == expected, name
