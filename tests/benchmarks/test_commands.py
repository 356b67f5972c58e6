"""Every measuring command starts: the modules that it needs are there."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(FOLDER).with_suffix("").parts)
    for path in FOLDER.rglob("*.py")
    if not path.stem.startswith(("__", "test_"))
)


@pytest.mark.parametrize("name", MODULES)
def test_it_starts(name: str) -> None:
    importlib.import_module(f"tests.benchmarks.{name}")


@pytest.mark.parametrize("name", ["golden", "weights"])
def test_what_measures_relevance_starts(name: str) -> None:
    importlib.import_module(f"tests.relevance.{name}")
