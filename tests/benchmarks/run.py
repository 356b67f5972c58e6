"""`make bench`: measures parts of the program, alone and beside its peers, and writes docs/benchmarks.*.

    python -m tests.benchmarks.run --corpus FOLDER [--only PART,PART] [--index FOLDER] [--opensearch FOLDER]

The corpus is as `bodo reindex` reads it; the judged sets for the queries stand beside it. Nothing else should
run meanwhile: absolute times belong to the machine, ratios travel.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.benchmarks.bench import Bench, Limits, note
from tests.benchmarks.commands import processors
from tests.benchmarks.figures import FILE, make_record, merge_record
from tests.benchmarks.part import Part, Unavailable
from tests.benchmarks.parts import PARTS
from tests.benchmarks.report import write_page


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure. The status is 1 where a part that was named cannot be measured here."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.share != 1 and options.json == FILE:
        parser.error("figures of a share do not belong on the page: --json FILE")
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(
            options.corpus,
            options.judged or options.corpus.parent,
            Path(scratch),
            index=options.index,
            opensearch=options.opensearch,
            limits=Limits().scaled(options.share),
        )
        measured = [_measure(bench, part, options.json) for part in options.only or PARTS.values()]
    return int(bool(options.only) and not all(measured))


def _measure(bench: Bench, part: Part, file: Path) -> bool:
    """Whether a part was measured; its figures are in the file and on the page beside it then."""
    note(f"== {part.name}")
    started = time.perf_counter()
    try:
        measured = part.measure(bench)
    except Unavailable as reason:
        note(f"{part.name} is left out: {reason}")
        return False
    record = make_record(measured, date.today(), processors(), time.perf_counter() - started)
    merge_record(file, part.name, record)
    write_page(file)
    print(*part.show(record["figures"]), sep="\n", flush=True)
    note(f"{part.name} took {record['took_s']} s")
    return True


def _parser() -> argparse.ArgumentParser:
    # An empty value counts as none: so the Makefile can hand on variables that are not set.
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, required=True, help="releases")
    parser.add_argument("--judged", type=_folder, help="eval-titles and eval-subtitles (beside the corpus)")
    parser.add_argument("--only", type=parts_of, default=[], metavar="PART,PART", help=", ".join(PARTS))
    parser.add_argument(
        "--index", type=_folder, help="an index of the corpus, or where it is to be made and kept"
    )
    parser.add_argument("--opensearch", type=_folder, help="where OpenSearch is, or is to be")
    parser.add_argument("--json", type=Path, default=FILE, help="the figures; the page stands beside them")
    parser.add_argument("--share", type=float, default=1.0, help="of queries and sizes, to try it out")
    return parser


def parts_of(names: str) -> list[Part]:
    """The parts of some names with commas between. Raises ArgumentTypeError with all names for an unknown one."""
    chosen = [name for name in names.split(",") if name]
    if unknown := [name for name in chosen if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"no part {', '.join(unknown)}: there are {', '.join(PARTS)}")
    return [PARTS[name] for name in chosen]


def _folder(path: str) -> Path | None:
    return Path(path) if path else None


if __name__ == "__main__":
    sys.exit(main())
