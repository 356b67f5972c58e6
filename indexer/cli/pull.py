"""`bodo pull`: new releases from the sources of `sources.toml`."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from indexer.bootstrap import open_engine
from indexer.cli.options import (
    allow_removals_option,
    analyzer_option,
    corpus_option,
    index_option,
    json_option,
    pass_settings,
    wait_option,
)
from indexer.cli.printing import print_json, printable
from indexer.cli.pull_index import PulledIndex
from indexer.errors import BodoError
from indexer.indexing.reindex import maintain
from indexer.pulling.check import CheckReport, check
from indexer.pulling.fetch_error import shown_url
from indexer.pulling.fetcher import Fetcher
from indexer.pulling.pull import PullReport, pull
from indexer.pulling.readers.item import Item
from indexer.pulling.source import Source, SourceProblem, read_sources
from indexer.pulling.turns import pull_in_turns
from indexer.settings import Settings

# What fits on a line of a terminal beside the name of the source.
_SHOWN_CHARS = 60
_TERMINAL = threading.Lock()


@click.command("pull")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@corpus_option
@index_option
@analyzer_option
@click.option("--check", "only_check", is_flag=True, help="쓰지 않고, 무엇을 가져올지 한 번 보기만 합니다.")
@allow_removals_option
@wait_option
@json_option
@pass_settings
def pull_command(
    settings: Settings,
    names: tuple[str, ...],
    only_check: bool,
    allow_removals: bool,
    wait_s: float,
    as_json: bool,
) -> None:
    """corpus의 sources.toml에 적은 곳에서 새 보도자료를 가져와 색인합니다.

    NAME을 주면 그 이름의 곳만 가져옵니다. 피드, 사이트맵, 목록 쪽, 정책브리핑의 API를 읽습니다. 가져온
    것은 corpus의 NAME 폴더에 받은 그대로 남습니다. 호스트가 다르면 함께 가져오며, 한 곳이 안 되어도
    나머지는 가져오고 상태 1로 끝납니다.
    """
    sources, problems = read_sources(settings.corpus)
    sources, problems = _chosen(sources, problems, names)
    for problem in problems:
        click.echo(f"오류: {printable(str(problem))}", err=True)
    fetcher = Fetcher(operator_url=settings.public_url)
    if only_check:
        _check(sources, fetcher, as_json=as_json)
        sys.exit(1 if problems or not sources else 0)
    index = PulledIndex(settings, allow_removals=allow_removals, wait_s=wait_s, as_json=as_json)
    ended: dict[str, PullReport] = {}
    for batch in pull_in_turns(sources, lambda source: _pull(source, settings, fetcher)):
        for source, report in batch:
            ended[source.name] = report
            _tell(report, as_json=as_json)
        index.bring(batch)
    index.finish()
    reports = [ended[source.name] for source in sources]
    if as_json:
        print_json(
            {
                "sources": [_record(report) for report in reports],
                "problems": [str(problem) for problem in problems],
                "index": index.record(),
            }
        )
    sys.stdout.flush()
    if index.reports:
        maintain(open_engine(settings))
    if problems or not sources or any(report.error for report in reports):
        sys.exit(1)


def _chosen(
    sources: list[Source], problems: list[SourceProblem], names: Sequence[str]
) -> tuple[list[Source], list[SourceProblem]]:
    """The sources and problems with these names, or all. Raises BodoError for a name that there is not."""
    if not names:
        return sources, problems
    known = [source.name for source in sources] + [problem.name for problem in problems]
    for name in names:
        if name not in known:
            there = ", ".join(source.name for source in sources) or "없음"
            raise BodoError(f"sources.toml에 이름이 {name}인 곳이 없습니다.", f"있는 것: {there}")
    return (
        [source for source in sources if source.name in names],
        [problem for problem in problems if problem.name in names],
    )


def _pull(source: Source, settings: Settings, fetcher: Fetcher) -> PullReport:
    """Pull one source; a terminal shows what is fetched at the moment."""

    def show(item: Item) -> None:
        _show_now(f"{source.name}: {printable(item.title or shown_url(item.url))[:_SHOWN_CHARS]}")

    return pull(source, settings.corpus, fetcher, now=_now, environment=os.environ, on_item=show)


def _show_now(text: str) -> None:
    """Put `text` in the place of what the last line of a terminal shows."""
    if sys.stderr.isatty():
        with _TERMINAL:
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)


def _tell(report: PullReport, *, as_json: bool) -> None:
    """Tell what became of a source: a line, and above it what is worth a look."""
    _show_now("")
    name = report.source
    for trouble in report.refused:
        label = "나중에" if trouble.is_passing else "거절"
        click.echo(f"{label} {name}: {printable(trouble.item)}: {printable(trouble.reason)}", err=True)
    for trouble in report.without:
        click.echo(f"알림 {name}: 첨부 {printable(trouble.item)}: {printable(trouble.reason)}", err=True)
    if report.warning:
        click.echo(f"알림 {name}: {printable(report.warning)}", err=True)
    if report.error:
        lines = printable(report.error), printable(report.hint)
        click.echo(f"오류: {name}: " + "\n".join(filter(None, lines)), err=True)
    if not as_json:
        click.echo(_line(report))
    # Who waits for a slow source sees what has ended.
    sys.stdout.flush()


def _line(report: PullReport) -> str:
    if report.is_skipped:
        return f"{report.source}: 건너뜀({report.hint})"
    counts = f"새것 {report.new:,}, 바뀜 {report.changed:,}, 거절 {len(report.refused):,}"
    waiting = f", 다음에 {report.waiting:,}" if report.waiting else ""
    failed = " (실패)" if report.error else ""
    return f"{report.source}: {counts}{waiting}, {report.took_s:.1f}초{failed}"


def _check(sources: list[Source], fetcher: Fetcher, *, as_json: bool) -> None:
    """Check each source and tell what it has. Exits with 1 where one cannot be used."""
    reports = [check(source, fetcher, now=_now, environment=os.environ) for source in sources]
    if as_json:
        print_json({"sources": [_check_record(report) for report in reports]})
    else:
        for source, report in zip(sources, reports, strict=True):
            _print_check(source, report)
    if any(report.error or report.trouble for report in reports):
        sys.exit(1)


def _print_check(source: Source, report: CheckReport) -> None:
    click.echo(f"{report.source} ({source.kind}, {shown_url(source.url)})")
    if report.error:
        click.echo(f"  안 됨: {printable(report.error)}\n  {printable(report.hint)}".rstrip())
        return
    click.echo(f"  목록에 {report.listed:,}건. 한 번에 {source.max_items:,}건까지 가져옵니다.")
    if report.warning:
        click.echo(f"  알림: {printable(report.warning)}")
    for item in report.items:
        date = (item.published or item.updated)[:10] or "날짜는 쪽에서"
        click.echo(f"  - {date}  {printable(item.title) or '(제목은 쪽에서)'}  {shown_url(item.url)}")
    if report.trouble:
        click.echo(f"  첫째 것을 읽지 못했습니다: {printable(report.trouble)}")
    if (release := report.release) is not None:
        moment = f"{release.published_at:%Y-%m-%d %H:%M}" if release.published_at else "날짜 없음"
        click.echo(f"  첫째 것을 읽으면: {printable(release.title)}")
        click.echo(f"    {printable(release.outlet) or '기관 없음'}, {moment}, 글 {len(release.body):,}자")
        click.echo(f"    첨부: {printable(', '.join(report.files)) or '없음'}")


def _now() -> datetime:
    return datetime.now(UTC)


def _record(report: PullReport) -> dict[str, Any]:
    return {
        "source": report.source,
        "new": report.new,
        "changed": report.changed,
        "refused": [
            {"item": one.item, "reason": one.reason, "passing": one.is_passing} for one in report.refused
        ],
        "without": [{"attachment": one.item, "reason": one.reason} for one in report.without],
        "waiting": report.waiting,
        "skipped": report.is_skipped,
        "warning": report.warning or None,
        "error": report.error or None,
        "took_s": round(report.took_s, 3),
    }


def _check_record(report: CheckReport) -> dict[str, Any]:
    release = report.release
    return {
        "source": report.source,
        "listed": report.listed,
        "items": [
            {
                "id": one.id,
                "title": one.title,
                "url": one.url,
                "published": one.published or one.updated or None,
            }
            for one in report.items
        ],
        "first": {"title": release.title, "outlet": release.outlet, "attachments": report.files}
        if release
        else None,
        "trouble": report.trouble or None,
        "warning": report.warning or None,
        "error": report.error or None,
    }
