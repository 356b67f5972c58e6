from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.search.service import SearchService
from tests.support.services import memory_service
from tests.support.web_releases import RELEASES
from web.app import create_app


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> SearchService:
    return memory_service(tmp_path_factory.mktemp("web") / "index", analyzer, RELEASES)


@pytest.fixture(scope="session")
def client(service: SearchService) -> FlaskClient:
    return create_app(service).test_client()


@pytest.fixture(scope="module")
def changing(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
) -> tuple[MemoryEngine, FlaskClient]:
    """An engine to index releases with, and the pages over it."""
    engine = MemoryEngine(tmp_path_factory.mktemp("changing"), analyzer)
    return engine, create_app(SearchService(engine, analyzer)).test_client()
