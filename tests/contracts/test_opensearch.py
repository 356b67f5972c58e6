"""The engine over a cluster keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engines.opensearch import OpenSearchEngine
from tests.conftest import Clock
from tests.contracts.engine_contract import EngineContract, MaintenanceContract
from tests.support.clusters import cluster_engine


@pytest.fixture
def engine(
    opensearch_url: str, tmp_path: Path, analyzer: Analyzer, clock: Clock
) -> Iterator[OpenSearchEngine]:
    with cluster_engine(opensearch_url, tmp_path, analyzer, clock=clock) as made:
        yield made


class TestOpenSearchEngine(EngineContract, MaintenanceContract):
    pass
