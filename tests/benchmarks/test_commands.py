"""Every measuring command starts: the modules that it needs are there."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

MODULES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith(("__", "test_"))
)


@pytest.mark.parametrize("name", MODULES)
def test_it_starts(name: str) -> None:
    importlib.import_module(f"tests.benchmarks.{name}")
