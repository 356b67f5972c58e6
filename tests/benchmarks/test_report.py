"""The file of figures keeps what was not measured again, and the page says what the file says."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from tests.benchmarks.figures import FILE, Record, make_record, merge_record, read_records
from tests.benchmarks.part import Measured
from tests.benchmarks.parts import PARTS
from tests.benchmarks.report import make_page, write_page


def record(documents: int) -> Record:
    figures = {"reindex_s": 1.5, "private_mb": 100, "index_mb": 7}
    return make_record(Measured(figures, documents, 12), date(2026, 1, 2), 2, 34.56)


def test_a_part_replaces_its_own_figures_only(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.json"
    merge_record(file, "build", record(1))
    merge_record(file, "memory", record(2))
    merge_record(file, "build", record(3))
    assert {name: found["releases"] for name, found in read_records(file).items()} == {
        "build": 3,
        "memory": 2,
    }


def test_a_record_says_when_on_what_and_with_how_much() -> None:
    found = {name: value for name, value in record(5).items() if name != "figures"}
    assert found == {"measured": "2026-01-02", "cores": 2, "releases": 5, "queries": 12, "took_s": 34.6}


def test_the_page_stands_beside_its_file(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.json"
    merge_record(file, "build", record(1_234))
    write_page(file)
    page = (tmp_path / "benchmarks.md").read_text("utf-8")
    assert "| 2026-01-02 | 2 | 1,234 | 12 | 35 s |" in page
    assert "1.5 s" in page


def test_the_page_agrees_with_the_figures() -> None:
    page = FILE.with_suffix(".md").read_text("utf-8")
    assert page == make_page(read_records(FILE)), "run python -m tests.benchmarks.report"


def test_the_file_holds_known_parts_in_its_own_form() -> None:
    records = read_records(FILE)
    assert records.keys() <= PARTS.keys()
    written = json.dumps(records, indent=1, ensure_ascii=False) + "\n"
    assert FILE.read_text("utf-8") == written


@pytest.mark.parametrize("name", PARTS)
def test_every_part_is_on_the_page(name: str) -> None:
    page = make_page({})
    assert f"[`{name}`](#{name})" in page
    section = page.split(f"\n## {name}\n")[1]
    assert section.strip().startswith(PARTS[name].what)
    assert re.fullmatch(r"[a-z]+", name)
