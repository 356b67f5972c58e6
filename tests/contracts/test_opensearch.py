"""The engine over a cluster keeps the contract."""

from __future__ import annotations

import pytest

from indexer.engines.opensearch import OpenSearchEngine
from tests.conftest import Clock
from tests.contracts.engine_contract import EngineContract, MaintenanceContract
from tests.support.opensearch_archive import Archive


@pytest.fixture
def engine(archive: Archive, clock: Clock) -> OpenSearchEngine:
    return archive.engine(clock=clock)


class TestOpenSearchEngine(EngineContract, MaintenanceContract):
    pass
