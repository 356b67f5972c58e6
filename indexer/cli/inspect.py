"""`bodo inspect`: what is read of a file, and where each field was found."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.cli.printing import plain, print_json, printable
from indexer.json_records import export_record, inspection_record
from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.exports import InspectedExport, inspect_export
from indexer.sources.corpus.reading import read_document, read_file
from indexer.sources.corpus.walk import holds_records, is_export, list_files
from indexer.sources.extraction.columns import ColumnUse
from indexer.sources.parsing import ParsedFile
from indexer.sources.problems import ContentError, ReadProblem
from indexer.sources.sandbox.rows import NotASpreadsheetError

# A choice: how many releases of an export are shown, and how much of each.
_SHOWN_RELEASES, _SHOWN_CHARS = 3, 60


@dataclass(frozen=True, slots=True)
class _Inspection:
    """`reading` or `export` is what was read. `took_s` is None where nobody tried."""

    path: str
    problems: tuple[ReadProblem, ...]
    reading: ParsedFile | None = None
    took_s: float | None = None
    export: InspectedExport | None = None


@click.command("inspect")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="다른 도구가 읽을 JSON으로, 한 줄에 파일 하나씩 출력합니다."
)
def inspect_command(paths: tuple[Path, ...], as_json: bool) -> None:
    """PATHS의 문서를 읽어 형식, 제목, 날짜, 글자와 표의 수, 값마다 찾은 자리를 보입니다.

    포털이 내보낸 JSON, CSV, XLSX는 어느 열이 어느 값이 되는지와 처음 몇 건을 보입니다.
    색인은 건드리지 않습니다. 읽지 못한 파일이 있으면 상태 1로 끝납니다.
    """
    console = Console(soft_wrap=True, highlight=False)
    failed = False
    for path in paths:
        for inspection in _inspect_all(path):
            failed = failed or any(problem.severity == "error" for problem in inspection.problems)
            if as_json and inspection.export is not None:
                print_json(export_record(inspection.path, inspection.export, inspection.took_s))
            elif as_json:
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
        if is_export(file.path):
            with suppress(NotASpreadsheetError):
                export = inspect_export(file)
                took_s = time.monotonic() - started
                return _Inspection(file.source_path, export.problems, None, took_s, export)
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
        row = f"{problem.line:,}행: " if inspection.export is not None and problem.line else ""
        reason = (printable(row + problem.reason), "yellow")
        console.print(Text.assemble("  ", reason, " ", printable(problem.hint)))
    if inspection.export is not None:
        _print_export(inspection.export, inspection.took_s or 0, console)
    if inspection.reading is not None:
        _print_reading(inspection.reading, inspection.took_s or 0, console)


def _print_export(export: InspectedExport, took_s: float, console: Console) -> None:
    if unlisted := export.problem_count - len(export.problems):
        console.print(f"  (거절하거나 알린 것이 {unlisted:,}건 더 있습니다.)")
    console.print(f"  {export.format}, {export.count:,}건, {export.characters:,}자, {took_s:.3f}초")
    table = Table("열", "값", box=None, header_style="dim", padding=(0, 2))
    for use in export.columns:
        table.add_row(plain(use.name or "(이름 없음)"), _meaning(use))
    console.print(table)
    for release in export.releases[:_SHOWN_RELEASES]:
        when = f"{release.published_at:%Y-%m-%d}" if release.published_at else "날짜 없음"
        details = (when, release.outlet or "기관 없음", f"{len(release.body):,}자", release.body)
        console.print(plain(f"  {release.title}", "bold"))
        console.print(plain(f"    {' · '.join(details).replace(chr(10), ' ')[:_SHOWN_CHARS]}"))


def _meaning(use: ColumnUse) -> str:
    if not use.field:
        return "쓰지 않음"
    return use.field if use.order == 1 else f"{use.field} ({use.order}째: 앞의 열이 비어 있으면)"


def _print_reading(reading: ParsedFile, took_s: float, console: Console) -> None:
    releases = [item for item in reading.items if isinstance(item, PressRelease)]
    characters = sum(len(release.body) for release in releases)
    count = "" if reading.format else f"{len(releases):,}건, "
    pages = f"{reading.pages}쪽, " if reading.pages else ""
    tables = f"표 {reading.tables}개"
    console.print(
        f"  {reading.format or 'jsonl'}, {count}{characters:,}자, {tables}, {pages}{round(took_s, 3)}초"
    )
    if not reading.fields:
        return
    table = Table("값", "무엇", "어디에서", box=None, header_style="dim", padding=(0, 2))
    for found in reading.fields:
        table.add_row(found.field, plain(found.value), plain(found.origin))
    console.print(table)
