"""Which labels of releases come to a body of the shipped table of issuers, and which do not.

    python -m tests.benchmarks.issuer_labels FOLDER

FOLDER holds releases as JSON Lines with `ministry`, packed with xz (shared/data/korea-kr). Printed are the sums, and the
labels that come to none with how many releases have them, the most first.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.curation.issuer_table import load_issuer_table

FILES = "releases-*.jsonl.xz"


def read_records(folder: Path) -> Iterator[dict[str, Any]]:
    """The records of all files of the folder, in order."""
    for path in sorted(folder.glob(FILES)):
        with lzma.open(path, "rt", encoding="utf-8") as stream:
            yield from map(json.loads, stream)


def without_body(labels: Counter[str]) -> Counter[str]:
    """Those of the labels that come to no body, with their releases."""
    table = load_issuer_table()
    return Counter({label: count for label, count in labels.items() if table.find(label) is None})


def main() -> None:
    """Count the folder named on the command line and print what was found."""
    labels = Counter(record["ministry"] for record in read_records(Path(sys.argv[1])))
    unmatched = without_body(labels)
    releases, without = labels.total(), unmatched.total()
    found = f"{releases - without:,} of {releases:,} ({1 - without / releases:.2%})"
    print(f"labels: {len(labels) - len(unmatched):,} of {len(labels):,}; releases: {found}")
    for label, count in unmatched.most_common():
        print(f"{count:6,}  {label}")


if __name__ == "__main__":
    main()
