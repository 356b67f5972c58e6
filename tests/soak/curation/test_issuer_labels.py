"""The shipped table of issuers against all releases of korea.kr: labels come to bodies, and dates are what they say."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.issuer_labels import FILES, read_records, without_body
from tests.conftest import ROOT

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "korea-kr"
TABLE = ROOT / "indexer" / "curation" / "issuer_table.toml"
# Most labels are the ministry's own name; the others are words that a program took out of the text.
LEAST_SHARE = 0.98

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not [*CORPUS.glob(FILES)], reason="the releases of korea.kr are not here"),
]


def named(release: str) -> list[tuple[str, date | None]]:
    """The names whose date this release tells, with the date."""
    entries = tomllib.loads(TABLE.read_text("utf-8"))
    names = [
        name for kind in ("body", "province", "local") for entry in entries[kind] for name in entry["names"]
    ]
    return [(name["name"], name.get("since")) for name in names if name.get("release") == release]


def says(record: dict[str, Any], name: str, day: date | None) -> bool:
    """Whether the release has the name (for 창원특례시: 창원시 and 특례시) and, in its text or as its own, the day."""
    text = re.sub(r"[\s·]", "", f"{record['title']}\n{record['body']}")
    city = name.removesuffix("특례시")
    has_name = name in text or (city != name and f"{city}시" in text and "특례시" in text)
    if day is None:
        return has_name
    has_day = re.search(rf"(?<!\d){day.month}(?:월|\.){day.day}(?!\d)", text)
    return has_name and (has_day is not None or record["date"].startswith(day.isoformat()))


def test_labels_come_to_bodies_and_releases_say_the_dates() -> None:
    labels: Counter[str] = Counter()
    cited = set(re.findall(r'release = "(\d+)"', TABLE.read_text("utf-8")))
    assert len(cited) > 20
    wrong = []
    for record in read_records(CORPUS):
        labels[record["ministry"]] += 1
        if record["id"] in cited:
            cited.remove(record["id"])
            wrong += [name for name, day in named(record["id"]) if not says(record, name, day)]
    assert wrong == []
    assert cited == set(), "no such release"
    assert without_body(labels).total() / labels.total() <= 1 - LEAST_SHARE
