"""The behaviour table: what each query must find, must not find, and marks."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path
from typing import Any, Literal

import pytest

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.release import PressRelease
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from tests.conftest import release_of

SETS = tomllib.loads((Path(__file__).parent / "cases.toml").read_text("utf-8"))["set"]
CASES = [(number, case) for number, one in enumerate(SETS) for case in one["cases"]]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> dict[int, SearchService]:
    made = {}
    for number, one in enumerate(SETS):
        engine = WhooshEngine(tmp_path_factory.mktemp("cases") / "index", analyzer)
        curated_files = {"synonyms.txt": one["synonyms"]} if "synonyms" in one else {}
        with engine.write(read_curated_files=curated_files.copy) as writer:
            writer.put([_release(name, text) for name, text in one["docs"].items()])
            writer.commit({})
        made[number] = SearchService(engine, analyzer)
    return made


def _release(name: str, text: str | dict[str, Any]) -> PressRelease:
    if isinstance(text, str):
        # The title is a word of its own, so that nothing but the text is found.
        return release_of(f"제목{ord(name[0])}", text, id=name)
    fields = dict(text)
    return release_of(fields.pop("title"), fields.pop("body", ""), id=name, **fields)


def test_there_are_enough() -> None:
    assert len(CASES) >= 280


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("number", "case"), CASES, ids=[case["q"] + case.get("says", "") for _, case in CASES]
)
def test_case(
    services: dict[int, SearchService], number: int, case: dict[str, Any], form: Literal["NFC", "NFD"]
) -> None:
    query = unicodedata.normalize(form, case["q"])
    if not query.strip():
        return
    answer = services[number].search(SearchRequest(q=query, exact="says" not in case, limit=100))
    assert {hit.id for hit in answer.hits} == set(case["found"])
    assert answer.total == len(case["found"])
    if "says" in case:
        assert answer.query.relaxed == (case["says"] == "relaxed")
        assert (answer.query.corrected_from is not None) == (case["says"] == "corrected")
    if "marked" in case:
        shown = "\n".join(
            [hit.title.html for hit in answer.hits]
            + [snippet.html for hit in answer.hits for snippet in hit.snippets]
        )
        assert case["marked"] in shown, shown
