"""The embedded engine keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from tests.conftest import Clock
from tests.contracts.engine_contract import EngineContract, MaintenanceContract, StatisticsContract


@pytest.fixture
def engine(tmp_path: Path, analyzer: Analyzer, clock: Clock) -> WhooshEngine:
    return WhooshEngine(tmp_path / "index", analyzer, clock=clock)


class TestWhooshEngine(EngineContract, StatisticsContract, MaintenanceContract):
    pass
