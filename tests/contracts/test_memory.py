"""The reference engine against the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from tests.conftest import Clock
from tests.contracts.engine_contract import EngineContract


@pytest.fixture
def engine(tmp_path: Path, analyzer: Analyzer, clock: Clock) -> MemoryEngine:
    return MemoryEngine(tmp_path / "index", analyzer, clock=clock)


class TestMemoryEngine(EngineContract):
    pass
