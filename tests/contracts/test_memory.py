"""The reference engine against the contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engine import Term
from indexer.engines.memory import MemoryEngine
from indexer.errors import IndexUnavailable
from indexer.schema import INDEX_FORMAT
from tests.conftest import Clock
from tests.contracts.engine_contract import EngineContract
from tests.support.engines import RELEASES, commit_releases, search_ids


@pytest.fixture
def engine(tmp_path: Path, analyzer: Analyzer, clock: Clock) -> MemoryEngine:
    return MemoryEngine(tmp_path / "index", analyzer, clock=clock)


class TestMemoryEngine(EngineContract):
    pass


def test_another_process_goes_on_from_the_file(
    engine: MemoryEngine, tmp_path: Path, analyzer: Analyzer
) -> None:
    commit_releases(engine, RELEASES)
    other = MemoryEngine(tmp_path / "index", analyzer)
    assert search_ids(other, Term("노선")) == ["buses"]
    commit_releases(other, [], removed=["buses"])
    assert search_ids(engine, Term("노선")) == []
    again = MemoryEngine(tmp_path / "index", analyzer)
    assert again.open(engine.live_name()).info.documents == 2
    with pytest.raises(IndexUnavailable, match="이제 없습니다"):
        again.open("other")


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        json.dumps({"format": INDEX_FORMAT, "name": "1"}).encode(),
        json.dumps({"format": INDEX_FORMAT, "name": "1", "releases": [{"id": 1}]}).encode(),
    ],
)
def test_a_damaged_file_is_said_with_the_way_out(engine: MemoryEngine, tmp_path: Path, damage: bytes) -> None:
    commit_releases(engine, RELEASES)
    (tmp_path / "index" / "memory.json").write_bytes(damage)
    with pytest.raises(IndexUnavailable, match="손상") as raised:
        engine.open()
    assert "bodo reindex" in raised.value.hint


def test_a_file_of_another_format_is_refused(engine: MemoryEngine, tmp_path: Path) -> None:
    commit_releases(engine, RELEASES)
    (tmp_path / "index" / "memory.json").write_text('{"format": 1, "name": "1"}', "utf-8")
    with pytest.raises(IndexUnavailable, match="형식"):
        engine.open()
