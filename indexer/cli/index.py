"""`bodo reindex`, `bodo add`, `bodo remove` and `bodo verify`: to change the index and to check it."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from indexer.bootstrap import open_engine
from indexer.cli.options import (
    allow_removals_option,
    analyzer_option,
    corpus_option,
    index_option,
    json_option,
    pass_settings,
    setting_option,
    wait_option,
)
from indexer.cli.printing import ProgressLine, print_json, printable
from indexer.engine import Maintenance
from indexer.errors import BodoError, SourceError
from indexer.indexing.change import add, remove
from indexer.indexing.reindex import maintain, reindex
from indexer.indexing.report import Report
from indexer.json_records import addition_record, problems_record, report_record, verification_record
from indexer.settings import Settings
from indexer.sources.formats.detection import detect_format
from indexer.sources.problems import ReadProblem

_LABELS = {"error": "거절", "warning": "알림"}
_SUFFIXES = {"hwp": ".hwp", "hwpx": ".hwpx", "pdf": ".pdf", "docx": ".docx", "xlsx": ".xlsx", "html": ".html"}


class _FileOrAddress(click.Path):
    """A file as a `Path`, "-" too; an address of http(s) as the text that it is."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, allow_dash=True, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        if isinstance(value, str) and value.lower().startswith(("http://", "https://")):
            return value
        return super().convert(value, param, ctx)


@click.command("reindex")
@corpus_option
@index_option
@analyzer_option
@click.option("--full", is_flag=True, help="바뀐 것만이 아니라 모두 새로 색인합니다.")
@allow_removals_option
@setting_option("follow_links", "corpus 밖을 가리키는 링크도 읽습니다.")
@wait_option
@setting_option("opensearch_keep", "OpenSearch에서 --full 뒤에 남길 앞 색인의 수.", option="keep")
@setting_option("memory_mb", "모든 프로세스가 함께 쓸 메모리(MB). 한 건이 수 MB나 되면 넘을 수 있습니다.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="거절한 파일과 이유를 적을 파일(.json이면 JSON). 여러 번 쓸 수 있습니다.",
)
@json_option
@pass_settings
def reindex_command(
    settings: Settings,
    full: bool,
    allow_removals: bool,
    wait_s: float,
    reports: tuple[Path, ...],
    as_json: bool,
) -> None:
    """corpus의 보도자료를 읽어 색인에 반영합니다.

    더해지고 바뀌고 옮겨지고 지워진 것만 처리합니다. 읽지 못한 파일이 있으면 이유를 알리고 나머지를
    색인한 뒤 상태 1로 끝납니다.
    """
    console = Console(stderr=True, soft_wrap=True)
    engine = open_engine(settings)
    with ProgressLine(console) as progress:
        report = reindex(
            engine,
            settings.corpus,
            full=full,
            allow_removals=allow_removals,
            follow_links=settings.follow_links,
            wait_s=wait_s,
            progress=progress.show,
        )
    for path in reports:
        _write_problems(report.refusals, path)
    if as_json:
        print_json(report_record(report))
    else:
        _print_report(report, console)
    # It stands, whatever becomes of what follows.
    sys.stdout.flush()
    maintain(engine)
    if report.failed:
        sys.exit(1)


@click.command("add")
@click.argument("files", metavar="FILE|URL...", nargs=-1, required=True, type=_FileOrAddress())
@corpus_option
@index_option
@analyzer_option
@click.option("--name", help="표준 입력(-)으로 받은 보도자료의 파일 이름.")
@click.option("--replace", "replace_files", is_flag=True, help="이름이 같은 파일이 있으면 바꿉니다.")
@click.option("--allow-private", is_flag=True, help="URL이 공개되지 않은 주소(내부망)여도 가져옵니다.")
@allow_removals_option
@wait_option
@json_option
@pass_settings
def add_command(
    settings: Settings,
    files: tuple[Path | str, ...],
    name: str | None,
    replace_files: bool,
    allow_private: bool,
    allow_removals: bool,
    wait_s: float,
    as_json: bool,
) -> None:
    """FILE을 corpus에 넣고 색인합니다. FILE이 -이면 표준 입력을 읽습니다.

    URL이면 그 쪽이나 문서를 첨부와 함께 내려받아 넣습니다.

    보도자료와 그 첨부, 곁 파일을 함께 줄 수 있습니다. 읽을 수 없는 파일이 있으면 아무것도 넣지 않습니다.
    상태 0은 모두 디스크에 적혔고 검색된다는 뜻입니다. 엠바고가 있는 것은 그때부터 검색됩니다.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths: list[Path] = []
        for number, file in enumerate(files):
            if isinstance(file, str):
                paths += _fetch(file, Path(folder, str(number)), settings, allow_private=allow_private)
            else:
                paths.append(_save_input(Path(folder), name) if str(file) == "-" else file)
        engine = open_engine(settings)
        report = add(
            engine,
            settings.corpus,
            paths,
            replace_files=replace_files,
            allow_removals=allow_removals,
            wait_s=wait_s,
        )
    _acknowledge(report, as_json=as_json)
    for problem in report.refusals:
        click.echo(f"알림 {printable(str(problem))}", err=True)
    maintain(engine)


@click.command("remove")
@click.argument("release_ids", metavar="ID...", nargs=-1, required=True)
@corpus_option
@index_option
@analyzer_option
@wait_option
@pass_settings
def remove_command(settings: Settings, release_ids: tuple[str, ...], wait_s: float) -> None:
    """ID의 보도자료가 더는 검색되지 않게 합니다.

    파일은 corpus에 남고, ID가 corpus의 removed.txt에 적힙니다. 그 줄을 지우고 `bodo reindex`를 실행하면
    되살아납니다.
    """
    engine = open_engine(settings)
    remove(engine, settings.corpus, release_ids, wait_s=wait_s)
    click.echo(f"{len(release_ids):,}건을 뺐습니다. removed.txt에 적어 두었습니다.")
    sys.stdout.flush()
    maintain(engine)


@click.command("verify")
@index_option
@analyzer_option
@json_option
@pass_settings
def verify_command(settings: Settings, as_json: bool) -> None:
    """색인의 모든 바이트를 적어 둔 지문과, 색인한 낱말을 보도자료와 견주어 봅니다.

    손상된 것이 있으면 무엇인지 알리고 상태 1로 끝납니다.
    """
    engine = open_engine(settings)
    if not isinstance(engine, Maintenance):
        raise BodoError("이 엔진에는 확인할 파일이 없습니다.", "BODO_ENGINE을 확인하세요.")
    generation = engine.live_name()
    corruptions = list(engine.verify())
    if as_json:
        print_json(verification_record(generation, corruptions))
    else:
        for corruption in corruptions:
            click.echo(printable(f"손상 {settings.index / corruption.part}: {corruption.what}"))
        click.echo(
            "`bodo reindex --full`로 색인을 다시 만드세요."
            if corruptions
            else printable(f"{settings.index}의 {generation} 세대: 모두 온전합니다.")
        )
    if corruptions:
        sys.exit(1)


def _fetch(url: str, folder: Path, settings: Settings, *, allow_private: bool) -> list[Path]:
    """What is at an address, as files in `folder`."""
    from indexer.pulling.fetcher import Fetcher
    from indexer.pulling.single import fetch_single

    folder.mkdir()
    fetcher = Fetcher(operator_url=settings.public_url)
    return fetch_single(url, folder, fetcher, datetime.now(UTC), allow_private=allow_private)


def _save_input(folder: Path, name: str | None) -> Path:
    """Standard input as a file: `name`, else one named by its digest and its format."""
    data = sys.stdin.buffer.read()
    if not data.strip():
        raise SourceError(
            "표준 입력이 비어 있습니다.", "보도자료의 글이나 파일을 넘기세요: bodo add - < 보도.hwpx"
        )
    if name is not None and (Path(name).name != name or name.startswith(".")):
        raise click.BadParameter("폴더 없는 파일 이름이어야 합니다.", param_hint="--name")
    path = folder / (name or "input")
    path.write_bytes(data)
    if name is None:
        suffix = _SUFFIXES.get(detect_format(path), ".txt")
        path = path.rename(folder / f"{hashlib.sha256(data).hexdigest()[:16]}{suffix}")
    return path


def _acknowledge(report: Report, *, as_json: bool) -> None:
    if as_json:
        print_json(addition_record(report))
    else:
        removed = f", 삭제 {report.removed:,}" if report.removed else ""
        click.echo(
            f"추가 {report.added:,}, 변경 {report.updated:,}{removed}. 보도자료 {report.documents:,}건."
        )
    sys.stdout.flush()


def _print_report(report: Report, console: Console) -> None:
    for problem in report.refusals:
        label = (_LABELS[problem.severity], "red" if problem.severity == "error" else "yellow")
        console.print(Text.assemble(label, " ", printable(str(problem))))
    counts = {
        "추가": report.added,
        "변경": report.updated,
        "이동": report.moved,
        "다시 분석": report.reanalysed,
        "삭제": report.removed,
        "그대로": report.unchanged,
        "읽지 못해 남겨 둠": report.kept,
        "removed.txt에 있어 뺌": report.left_out,
        "정정으로 바꿈": report.replaced,
    }
    changes = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count) or "바뀐 것 없음"
    refused = sum(problem.severity == "error" for problem in report.refusals)
    tail = f" 거절 {refused:,}건." if refused else ""
    click.echo(f"보도자료 {report.documents:,}건 ({changes}).{tail} {report.took_s:.1f}초")


def _write_problems(problems: Sequence[ReadProblem], path: Path) -> None:
    """Write what was refused and why: JSON where the name ends in .json, else text, a problem a line.

    Raises BodoError where the file cannot be written.
    """
    if path.suffix.lower() == ".json":
        text = json.dumps(problems_record(problems), ensure_ascii=False, indent=1) + "\n"
    else:
        refused = sum(problem.severity == "error" for problem in problems)
        head = f"거절 {refused:,}건, 알림 {len(problems) - refused:,}건"
        lines = [f"{_LABELS[problem.severity]} {problem}" for problem in problems]
        text = "\n".join([head, *lines]) + "\n"
    try:
        path.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        message = f"보고서를 쓸 수 없습니다: {path} ({error.strerror})"
        raise BodoError(message, "쓸 수 있는 폴더를 --report에 주세요.") from error
