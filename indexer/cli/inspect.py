"""`bodo inspect`: what is read of a file, and where each field was found."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.cli.printing import plain, print_json, printable
from indexer.json_records import inspection_record
from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_document, read_file
from indexer.sources.corpus.walk import holds_records, list_files
from indexer.sources.parsing import ParsedFile
from indexer.sources.problems import ContentError, ReadProblem


@dataclass(frozen=True, slots=True)
class _Inspection:
    """`reading` is None where the file could not be read, `took_s` where it is none that would be read."""

    path: str
    problems: tuple[ReadProblem, ...]
    reading: ParsedFile | None = None
    took_s: float | None = None


@click.command("inspect")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="다른 도구가 읽을 JSON으로, 한 줄에 파일 하나씩 출력합니다."
)
def inspect_command(paths: tuple[Path, ...], as_json: bool) -> None:
    """PATHS의 문서를 읽어 형식, 제목, 날짜, 글자와 표의 수, 값마다 찾은 자리를 보입니다.

    색인은 건드리지 않습니다. 읽지 못한 파일이 있으면 상태 1로 끝납니다.
    """
    console = Console(soft_wrap=True, highlight=False)
    failed = False
    for path in paths:
        for inspection in _inspect_all(path):
            failed = failed or any(problem.severity == "error" for problem in inspection.problems)
            if as_json:
                reading, problems = inspection.reading, inspection.problems
                print_json(inspection_record(inspection.path, reading, problems, inspection.took_s))
            else:
                _print(inspection, console)
    if failed:
        sys.exit(1)


def _inspect_all(path: Path) -> Iterator[_Inspection]:
    files, refusals = list_files(path)
    for file in files:
        yield _inspect(file)
    for refusal in refusals:
        yield _Inspection(refusal.source_path, (refusal,))


def _inspect(file: CorpusFile) -> _Inspection:
    started = time.monotonic()
    reading: ParsedFile | None = None
    try:
        reading = (
            ParsedFile(None, tuple(read_file(file))) if holds_records(file.path) else read_document(file)
        )
        problems = tuple(item for item in reading.items if isinstance(item, ReadProblem))
    except ContentError as error:
        problems = (error.problem(file.source_path),)
    except OSError as error:
        problems = (ReadProblem(file.source_path, str(error.strerror or error)),)
    return _Inspection(file.source_path, problems, reading, time.monotonic() - started)


def _print(inspection: _Inspection, console: Console) -> None:
    console.print(plain(inspection.path, "bold"))
    for problem in inspection.problems:
        reason = (printable(problem.reason), "yellow")
        console.print(Text.assemble("  ", reason, " ", printable(problem.hint)))
    reading = inspection.reading
    if reading is None:
        return
    releases = [item for item in reading.items if isinstance(item, PressRelease)]
    characters = sum(len(release.body) for release in releases)
    count = "" if reading.format else f"{len(releases):,}건, "
    pages = f"{reading.pages}쪽, " if reading.pages else ""
    took_s = round(inspection.took_s or 0, 3)
    console.print(
        f"  {reading.format or 'jsonl'}, {count}{characters:,}자, 표 {reading.tables}개, {pages}{took_s}초"
    )
    if not reading.fields:
        return
    table = Table("값", "무엇", "어디에서", box=None, header_style="dim", padding=(0, 2))
    for found in reading.fields:
        table.add_row(found.field, plain(found.value), plain(found.origin))
    console.print(table)
