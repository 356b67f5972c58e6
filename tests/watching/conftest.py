"""A watched corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from tests.support.watching import Desk


@pytest.fixture
def desk(tmp_path: Path, analyzer: Analyzer) -> Desk:
    return Desk(tmp_path, analyzer)
