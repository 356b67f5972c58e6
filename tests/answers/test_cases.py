"""The behaviour table: what each query must find, must not find, and marks."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from indexer.analysis import Analyzer
from indexer.engine import Engine
from indexer.engines.whoosh import WhooshEngine
from indexer.json_records import answer_record
from indexer.release import PressRelease
from indexer.search.request import SearchRequest
from indexer.search.response import Answer
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.opensearch_archive import Archive

SETS = tomllib.loads((Path(__file__).parent / "cases.toml").read_text("utf-8"))["set"]
CASES = [(number, case) for number, one in enumerate(SETS) for case in one["cases"]]


Services = dict[int, SearchService]


def _serve(number: int, engine: Engine, analyzer: Analyzer) -> SearchService:
    """A service over the releases of a set."""
    one = SETS[number]
    curated_files = {"synonyms.txt": one["synonyms"]} if "synonyms" in one else {}
    with engine.write(read_curated_files=curated_files.copy) as writer:
        writer.put([_release(name, text) for name, text in one["docs"].items()])
        writer.commit({})
    return SearchService(engine, analyzer)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Services:
    return {
        number: _serve(number, WhooshEngine(tmp_path_factory.mktemp("cases") / "index", analyzer), analyzer)
        for number in range(len(SETS))
    }


@pytest.fixture(scope="module")
def cluster_services(
    opensearch_url: str, tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
) -> Iterator[Services]:
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("cases")
        yield {
            number: _serve(
                number, stack.enter_context(Archive(opensearch_url, folder, analyzer)).engine(), analyzer
            )
            for number in range(len(SETS))
        }


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
def test_case(services: Services, number: int, case: dict[str, Any], form: Literal["NFC", "NFD"]) -> None:
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


@pytest.mark.parametrize("number", range(len(SETS)))
def test_a_cluster_answers_alike(services: Services, cluster_services: Services, number: int) -> None:
    for case in SETS[number]["cases"]:
        if not case["q"].strip():
            continue
        request = SearchRequest(q=case["q"], exact="says" not in case, limit=100)
        expected, answer = (
            _comparable(service.search(request)) for service in (services[number], cluster_services[number])
        )
        assert answer == expected, case["q"]
        here, there = services[number], cluster_services[number]
        for hit in expected["hits"][:3]:
            release, other = here.read(hit["id"], case["q"]), there.read(hit["id"], case["q"])
            assert release is not None
            assert other is not None
            assert replace(other, index=release.index) == release
            assert there.neighbours(release.release) == here.neighbours(release.release)
            assert there.similar(hit["id"], 3) is not None
        assert there.trends([request]).trends == here.trends([request]).trends


def _comparable(answer: Answer) -> dict[str, Any]:
    """An answer without what belongs to an engine: the state, and scores of documents of so few words, in
    which lengths are rounded; so the hits by id.
    """
    record = answer_record(answer)
    del record["index"], record["took_ms"], record["next"]
    for name in ("hits", "partial"):
        for hit in record[name]:
            del hit["score"]
        record[name].sort(key=lambda hit: hit["id"])
    return record
