"""Mutated files of every format beside a good one: each is indexed or refused by name, and the good one is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from tests.support.mutants import SEEDS, check_mutants


@pytest.mark.parametrize("name", SEEDS)
def test_mutants_cost_themselves_only(name: str, tmp_path: Path, analyzer: Analyzer) -> None:
    check_mutants(tmp_path, analyzer, name, count=40, seed=1)
