"""Releases drawn at random, with the fields found in their words, for a person to check by eye.

    python -m tests.benchmarks.fields FOLDER SEED [COUNT]

FOLDER holds JSON Lines. COUNT releases (100) are drawn among those whose body names 보도시점 or 담당. Each is
read twice: as the record that it is, and as a text file of its title and body, so that title, issuer and
time too are found in the text alone. Printed are what the record states, what was found and where, and the
head and tail of the body together with every line that holds a label.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any

from indexer.release import PressRelease
from indexer.sources.corpus.walk import holds_records, list_files
from indexer.sources.extraction.json_lines import read_json_lines
from indexer.sources.formats.unpacking import open_records
from indexer.sources.parsing import parse_file

NAMED = re.compile(r"보\s?도\s?시\s?점|담\s?당")
LABELS = re.compile(
    r"보\s?도\s?(?:시\s?점|일\s?시)|엠\s?바\s?고|담\s?당\s?(?:자|과|부서|관)|책\s?임\s?자|문\s?의\s?처?\s?[:：]|연\s?락\s?처"
    r"|배\s?포|0\d{1,2}[-)]\d{3,4}"
)
HEAD_LINES, TAIL_LINES = 5, 2
SHOWN_CHARS = 64


def main() -> None:
    """Draw, read and print."""
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    with tempfile.TemporaryDirectory() as scratch:
        for number, record in enumerate(draw(folder, seed, count), 1):
            print(f"\n===== {number} {record['id']}")
            show(record, Path(scratch))


def draw(folder: Path, seed: int, count: int) -> list[dict[str, Any]]:
    """`count` records, each with the same chance, in the order of the files."""
    random_numbers = random.Random(seed)  # noqa: S311 - not for secrets
    drawn: list[tuple[int, dict[str, Any]]] = []
    for place, record in enumerate(records(folder)):
        if place < count:
            drawn.append((place, record))
        elif (chosen := random_numbers.randrange(place + 1)) < count:
            drawn[chosen] = (place, record)
    return [record for _, record in sorted(drawn, key=lambda pair: pair[0])]


def records(folder: Path) -> Iterator[dict[str, Any]]:
    """The records whose body names one of the labels."""
    for file in list_files(folder)[0]:
        if holds_records(file.path):
            with open_records(file.path) as (_, lines):
                for line in lines:
                    record = json.loads(line)
                    if NAMED.search(record["body"] or ""):
                        yield record


def show(record: dict[str, Any], scratch: Path) -> None:
    """Print one release."""
    print(
        "  record:",
        *(str(record.get(name, "")) for name in ("title", "subtitle", "ministry", "date")),
        sep=" / ",
    )
    (read,) = read_json_lines(BufferedReader(BytesIO(json.dumps(record).encode())), "")
    assert isinstance(read, PressRelease)
    path = scratch / "a.txt"
    path.write_text(f"{record['title']}\n\n{record['body']}\n", "utf-8")
    reading = parse_file(path, "a.txt")
    text = next(item for item in reading.items if isinstance(item, PressRelease))
    for item in reading.fields:
        name = {"published": "published_at", "embargo": "embargo_until"}.get(item.field, item.field)
        value = getattr(text, name)
        if value != record["title"]:
            print(f"  {item.field:10} {value}   <- {item.origin}")
    for name in ("department", "contact", "embargo_until"):
        # The two ways differ only where the text has fields that the reader of news pages knows.
        if getattr(read, name) != getattr(text, name):
            print(f"  as a record: {name} {getattr(read, name)}")
    lines = [line.strip()[:SHOWN_CHARS] for line in record["body"].splitlines() if line.strip()]
    for place, line in enumerate(lines):
        if place < HEAD_LINES or place >= len(lines) - TAIL_LINES or LABELS.search(line):
            print(f"  {place:4} {line}")


if __name__ == "__main__":
    main()
