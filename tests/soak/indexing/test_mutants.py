"""Thousands of mutated files of every format in one corpus. See `tests/indexing/test_mutants.py`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from tests.support.mutants import SEEDS, check_mutants

MUTANTS = int(os.environ.get("BODO_SOAK_MUTANTS", "2000"))
SEED = int(os.environ.get("BODO_SOAK_SEED", "1"))

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("name", SEEDS)
def test_mutants_cost_themselves_only(name: str, tmp_path: Path, analyzer: Analyzer) -> None:
    check_mutants(tmp_path, analyzer, name, MUTANTS, SEED)
