"""`bodo inspect`: what is read of a file, and where each field was found."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_document, read_file
from indexer.sources.corpus.walk import holds_records, list_files
from indexer.sources.parsing import ParsedFile
from indexer.sources.problems import ContentError, ReadProblem, to_records


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
        files, refusals = list_files(path)
        records = [_inspect(file) for file in files]
        records += [{"path": refusal.source_path, "refused": to_records([refusal])} for refusal in refusals]
        for record in records:
            failed = failed or any(not refusal["warning"] for refusal in record["refused"])
            if as_json:
                click.echo(json.dumps(record, ensure_ascii=False))
            else:
                _print(record, console)
    if failed:
        sys.exit(1)


def _inspect(file: CorpusFile) -> dict[str, Any]:
    started = time.monotonic()
    record: dict[str, Any] = {"path": file.source_path, "refused": []}
    try:
        reading = (
            ParsedFile(None, tuple(read_file(file))) if holds_records(file.path) else read_document(file)
        )
    except ContentError as error:
        record["refused"] = to_records([error.problem(file.source_path)])
    except OSError as error:
        record["refused"] = to_records([ReadProblem(file.source_path, str(error.strerror or error))])
    else:
        releases = [item for item in reading.items if isinstance(item, PressRelease)]
        record |= {
            "format": reading.format or "jsonl",
            "releases": [release.to_dict() for release in releases],
            "characters": sum(len(release.body) for release in releases),
            "tables": reading.tables,
            "pages": reading.pages,
            "found": [
                {"field": item.field, "value": item.value, "origin": item.origin} for item in reading.fields
            ],
            "refused": to_records(item for item in reading.items if isinstance(item, ReadProblem)),
        }
    record["took_s"] = round(time.monotonic() - started, 3)
    return record


def _print(record: dict[str, Any], console: Console) -> None:
    console.print(f"[bold]{escape(record['path'])}[/]")
    for refusal in record["refused"]:
        console.print(f"  [yellow]{escape(refusal['reason'])}[/] {escape(refusal['hint'])}")
    if "format" not in record:
        return
    pages = f"{record['pages']}쪽, " if record["pages"] else ""
    releases = f"{len(record['releases']):,}건, " if record["format"] == "jsonl" else ""
    counts = f"{releases}{record['characters']:,}자, 표 {record['tables']}개, {pages}{record['took_s']}초"
    console.print(f"  {record['format']}, {counts}")
    if not record["found"]:
        return
    table = Table("값", "무엇", "어디에서", box=None, header_style="dim", padding=(0, 2))
    for item in record["found"]:
        table.add_row(item["field"], escape(item["value"]), escape(item["origin"]))
    console.print(table)
