"""The embedded engine keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from tests.contracts.engine_contract import EngineContract


@pytest.fixture
def engine(tmp_path: Path, analyzer: Analyzer) -> WhooshEngine:
    return WhooshEngine(tmp_path / "index", analyzer)


class TestWhooshEngine(EngineContract):
    pass
