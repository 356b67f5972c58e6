"""The engine over a cluster keeps the contract."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engines.opensearch import Connection, Layout, OpenSearchEngine
from tests.conftest import Clock
from tests.contracts.engine_contract import EngineContract


@pytest.fixture
def engine(
    opensearch_url: str, tmp_path: Path, analyzer: Analyzer, clock: Clock
) -> Iterator[OpenSearchEngine]:
    layout = Layout(alias=f"test-{uuid.uuid4().hex[:12]}", shards=2, replicas=0)
    made = OpenSearchEngine(
        Connection(urls=(opensearch_url,)), tmp_path, analyzer, layout=layout, clock=clock
    )
    yield made
    for names in made._store.indexes().values():
        made._store.delete(names)
    made._store.delete([f"{layout.alias}-lock"])


class TestOpenSearchEngine(EngineContract):
    pass
