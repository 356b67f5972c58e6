"""The file of all figures, docs/benchmarks.json: what each part measured last, and when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypedDict

from tests.benchmarks.part import Measured

DOCS = Path(__file__).parents[2] / "docs"
FILE = DOCS / "benchmarks.json"


class Record(TypedDict):
    """What a part measured: the day, as ISO 8601, and on how many processors; with how many releases and
    different queries; and how long the part took in seconds.
    """

    measured: str
    cores: int
    releases: int
    queries: int
    took_s: float | None
    figures: Mapping[str, Any]


def make_record(measured: Measured, day: date, cores: int, took_s: float) -> Record:
    """The record of a part."""
    return {
        "measured": day.isoformat(),
        "cores": cores,
        "releases": measured.releases,
        "queries": measured.queries,
        "took_s": round(took_s, 1),
        "figures": measured.figures,
    }


def read_records(file: Path) -> dict[str, Record]:
    """The records by the name of their part; none where there is no file."""
    if not file.exists():
        return {}
    records: dict[str, Record] = json.loads(file.read_text("utf-8"))
    return records


def merge_record(file: Path, name: str, record: Record) -> None:
    """Put one part's record in place of its last. Those of the others stay as they are."""
    records = {**read_records(file), name: record}
    file.write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", "utf-8")
