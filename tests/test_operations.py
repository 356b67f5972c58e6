"""docs/operations.md names a test for each promise: they exist."""

from __future__ import annotations

import re

from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_the_tests_that_the_guide_names_are_there() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    named = set(re.findall(r"`(test_\w+)`", GUIDE))
    assert len(named) > 10
    assert not [name for name in named if f"def {name}(" not in code]


def test_the_files_that_the_guide_names_are_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", GUIDE))
    assert named
    assert not [name for name in named if not (ROOT / name).is_file()]


def test_every_table_of_promises_names_tests() -> None:
    rows = re.findall(r"^\| (?!약속|---)(.+) \| (.+) \|$", GUIDE.partition("## 색인의 안전")[2], re.MULTILINE)
    assert len(rows) > 20
    assert not [promise for promise, tests in rows if "test" not in tests and "soak" not in tests]
