"""The `bodo` command. Exit status: 0 done, 1 failed or something was refused, 2 wrong usage."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from indexer import __version__
from indexer.analysis import Analyzer
from indexer.build import Report, reindex
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import BodoError
from indexer.inspection import inspect_command
from indexer.search.answer import Answer, Hit, Marked, date_text, to_json
from indexer.search.request import MAX_LIMIT, SORTS, SearchRequest
from indexer.search.service import open_service
from indexer.settings import corpus_option, index_option
from indexer.sources.refusal import to_records, write_report

_PLAIN_PROGRESS_EVERY = 5_000


class BodoGroup(click.Group):
    """Commands of this module and of the entry point group `bodo.commands`; errors in one place."""

    def list_commands(self, context: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted({*super().list_commands(context), *entry_points(group="bodo.commands").names})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """A command of this module, else one of another package."""
        if command := super().get_command(context, name):
            return command
        for entry in entry_points(group="bodo.commands", name=name):
            command = entry.load()
            if isinstance(command, click.Command):
                return command
        return None

    def invoke(self, context: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command; what a person can mend is told in a line or two, without a traceback."""
        try:
            return super().invoke(context)
        except BodoError as error:
            Console(stderr=True, soft_wrap=True).print(f"[red]오류:[/] {escape(str(error))}", highlight=False)
            context.exit(1)


@click.group(cls=BodoGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bodo")
def main() -> None:
    """보도자료를 색인하고 검색합니다."""


json_option = click.option("--json", "as_json", is_flag=True, help="다른 도구가 읽을 JSON으로 출력합니다.")


@main.command("reindex")
@corpus_option
@index_option
@click.option("--full", is_flag=True, help="바뀐 것만이 아니라 모두 새로 색인합니다.")
@click.option("--allow-removals", is_flag=True, help="색인의 5분의 1이 넘게 지워져도 계속합니다.")
@click.option("--wait-s", type=click.FloatRange(min=0), default=30.0, show_default=True,
              help="다른 프로세스가 쓰고 있을 때 기다리는 시간(초).")  # fmt: skip
@click.option("--report", "reports", multiple=True, type=click.Path(dir_okay=False, path_type=Path),
              help="거절한 파일과 이유를 적을 파일(.json이면 JSON). 여러 번 쓸 수 있습니다.")  # fmt: skip
@json_option
def reindex_command(
    corpus: Path,
    index: Path,
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
    with _ProgressLine(console) as progress:
        report = reindex(
            WhooshEngine(index, Analyzer()),
            corpus,
            full=full,
            allow_removals=allow_removals,
            wait_s=wait_s,
            progress=progress.show,
        )
    for path in reports:
        write_report(report.refusals, path)
    if as_json:
        click.echo(json.dumps(_report_to_json(report), ensure_ascii=False))
    else:
        _print_report(report, console)
    if report.failed:
        sys.exit(1)


@main.command("search")
@click.argument("query")
@index_option
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), default=10, show_default=True, help="결과 수.")
@click.option("--sort", type=click.Choice(SORTS), default="relevance", show_default=True, help="순서.")
@click.option("--outlet", multiple=True, help="이 매체의 것만. 여러 번 쓸 수 있습니다.")
@click.option("--from", "published_from", type=click.DateTime(["%Y-%m-%d"]), help="이 날부터(YYYY-MM-DD).")
@click.option("--to", "published_to", type=click.DateTime(["%Y-%m-%d"]), help="이 날까지(YYYY-MM-DD).")
@click.option("--cursor", help="앞 쪽의 JSON 출력에 있던 next 값.")
@json_option
def search_command(
    query: str,
    index: Path,
    limit: int,
    sort: str,
    outlet: tuple[str, ...],
    published_from: datetime | None,
    published_to: datetime | None,
    cursor: str | None,
    as_json: bool,
) -> None:
    """색인에서 QUERY를 찾습니다. 띄어 쓴 낱말을 모두 가진 보도자료가 나옵니다.

    찾은 것이 없어도 상태는 0입니다.
    """
    answer = open_service(index).search(
        SearchRequest(
            q=query,
            outlet=outlet,
            published_from=_day(published_from),
            published_to=_day(published_to),
            sort=sort,  # type: ignore[arg-type]  # click.Choice has checked it
            limit=limit,
            cursor=cursor,
        )
    )
    if as_json:
        click.echo(json.dumps(to_json(answer), ensure_ascii=False))
    else:
        _print_answer(answer, Console(soft_wrap=True, highlight=False))


@main.command("analyze")
@click.argument("text")
@json_option
def analyze_command(text: str, as_json: bool) -> None:
    """TEXT가 어떤 형태소로 나뉘어 색인되는지 보입니다. TEXT가 -이면 표준 입력을 읽습니다."""
    if text == "-":
        text = sys.stdin.read()
    analyzer = Analyzer()
    tokens = analyzer.tokens(text)
    if as_json:
        rows = [
            {"term": token.term, "surface": text[token.start : token.end], "start": token.start,
             "end": token.end, "position": token.position, "tag": token.tag}
            for token in tokens
        ]  # fmt: skip
        record = {"analyzer": analyzer.identity.to_dict(), "tokens": rows}
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    table = Table("자리", "형태소", "본문", "글자", "품사", box=None, header_style="bold")
    for token in tokens:
        surface = escape(text[token.start : token.end])
        table.add_row(
            str(token.position), escape(token.term), surface, f"{token.start}-{token.end}", token.tag
        )
    Console().print(table)


@main.command("stats")
@index_option
@json_option
def stats_command(index: Path, as_json: bool) -> None:
    """색인에 무엇이 얼마나 있는지 보입니다."""
    analyzer = Analyzer()
    reader = WhooshEngine(index, analyzer).open()
    generation = reader.generation
    record: dict[str, Any] = {
        "documents": generation.documents,
        "terms": reader.terms(),
        "files": len(reader.checkpoint),
        "size_bytes": generation.size_bytes,
        "generation": generation.name,
        "updated_at": generation.updated_at.isoformat(),
        "analyzer": analyzer.identity.to_dict(),
    }
    reader.close()
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    click.echo(f"보도자료   {record['documents']:,}건")
    click.echo(f"형태소     {record['terms']:,}가지")
    click.echo(f"파일       {record['files']:,}개")
    click.echo(f"크기       {record['size_bytes']:,}바이트")
    click.echo(f"세대       {record['generation']} ({generation.updated_at:%Y-%m-%d %H:%M:%S})")
    click.echo(f"분석기     {', '.join(str(value) for value in record['analyzer'].values())}")


main.add_command(inspect_command)


class _ProgressLine:
    """Progress of a reindex: a moving line on a terminal, now and then a plain line elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (
            TextColumn("읽는 중"), BarColumn(), TextColumn("{task.completed:,.0f}건"), TimeElapsedColumn(),
        )  # fmt: skip
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> _ProgressLine:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, releases: int) -> None:
        """Say how many releases have been read."""
        if self._console.is_terminal:
            self._bar.update(self._task, completed=releases)
        elif releases % _PLAIN_PROGRESS_EVERY == 0:
            self._console.print(f"{releases:,}건 읽음", highlight=False)


def _report_to_json(report: Report) -> dict[str, Any]:
    return {
        "documents": report.documents,
        "added": report.added,
        "updated": report.updated,
        "moved": report.moved,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "kept": report.kept,
        "took_s": round(report.took_s, 3),
        "refused": to_records(report.refusals),
    }


def _print_report(report: Report, console: Console) -> None:
    for refusal in report.refusals:
        kind = "[yellow]알림[/]" if refusal.warning else "[red]거절[/]"
        console.print(f"{kind} {escape(str(refusal))}", highlight=False)
    counts = {
        "추가": report.added,
        "변경": report.updated,
        "이동": report.moved,
        "삭제": report.removed,
        "그대로": report.unchanged,
        "읽지 못해 남겨 둠": report.kept,
    }
    done = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count) or "바뀐 것 없음"
    refused = sum(not refusal.warning for refusal in report.refusals)
    tail = f" 거절 {refused:,}건." if refused else ""
    click.echo(f"보도자료 {report.documents:,}건 ({done}).{tail} {report.took_s:.1f}초")


def _print_answer(answer: Answer, console: Console) -> None:
    console.print(f"{answer.total:,}건 ({answer.took_ms:.0f}ms)", style="dim")
    for hit in answer.hits:
        console.print()
        console.print(_colour(hit.title, "bold"))
        console.print(Text(_byline(hit), style="dim"))
        for snippet in hit.snippets:
            console.print(Text("  ").append_text(_colour(snippet)))


def _byline(hit: Hit) -> str:
    published = date_text(hit.published_at, hit.published_precision) or "날짜 없음"
    return " · ".join(
        part for part in (published[:16].replace("T", " "), hit.outlet, hit.reporter, hit.id) if part
    )


def _colour(marked: Marked, style: str = "") -> Text:
    text = Text(_printable(marked.text), style=style)
    for start, end in marked.ranges:
        text.stylize("bold yellow", start, end)
    return text


def _printable(text: str) -> str:
    """Without control characters, which could command a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
