"""`bodo watch`: what changes in the corpus is searchable a moment later."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from datetime import datetime
from pathlib import Path
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
    setting_option,
)
from indexer.cli.printing import print_error, print_json, printable
from indexer.engine import Engine
from indexer.errors import BodoError
from indexer.indexing.reindex import maintain, reindex
from indexer.indexing.report import Report
from indexer.indexing.update import MAX_OBSERVED_REMOVALS, update
from indexer.json_records import report_record
from indexer.processes import die_with_parent
from indexer.settings import Settings
from indexer.sources.corpus.walk import require_corpus
from indexer.sources.problems import ReadProblem
from indexer.watching.watcher import Watcher

_HELP = f"""corpus를 지켜보며, 놓이고 바뀌고 옮겨지고 지워진 것을 곧바로 색인에 반영합니다.

    먼저 `bodo reindex`가 하는 일을 하고, 그 뒤로는 바뀐 것만 읽습니다. 쓰고 있는 파일은 다 쓸 때까지
    기다립니다. 멈추려면 Ctrl-C를 누르세요.

    색인의 5분의 1이 넘게 사라지면 지우지 않고 알립니다. 다만 지워지거나 바뀌는 것을 본 파일의
    보도자료가 한꺼번에 {MAX_OBSERVED_REMOVALS}건까지, 1분에 파일 10개까지면 지웁니다. corpus나 그 안에 연결한
    폴더가 끊기면 아무것도 지우지 않고, 돌아오면 이어서 합니다.
    """


@click.command("watch", help=_HELP)
@corpus_option
@index_option
@analyzer_option
@allow_removals_option
@setting_option("follow_links", "corpus 밖을 가리키는 링크도 읽습니다.")
@setting_option(
    "watch_poll_s",
    "시스템의 알림을 기다리지 않고 이 간격(초)으로 모두 훑습니다. 네트워크 폴더에 쓰세요. 0이면 알림.",
)
@setting_option("memory_mb", "모든 프로세스가 함께 쓸 메모리(MB).")
@json_option
@click.option("--parent", type=int, hidden=True, help="이 프로세스가 끝나면 함께 끝납니다.")
@pass_settings
def watch_command(settings: Settings, allow_removals: bool, as_json: bool, parent: int | None) -> None:
    """Watch until a signal ends it; then the status is 0.

    Raises BodoError before it starts where the corpus is a single file or is not there.
    """
    if parent is not None:
        die_with_parent(parent)
    require_corpus(settings.corpus)
    if not settings.corpus.is_dir():
        raise BodoError(f"{settings.corpus}은(는) 폴더가 아닙니다.", "지켜볼 폴더를 --corpus로 알려 주세요.")
    watcher = Watcher(
        settings.corpus,
        _Work(open_engine(settings), settings, allow_removals=allow_removals),
        _JsonLines() if as_json else _Lines(),
        follow_links=settings.follow_links,
        poll_s=settings.watch_poll_s,
    )
    with suppress(KeyboardInterrupt):
        watcher.run()


class _Work:
    """What is done about changes: the functions of `indexing`, with the settings."""

    def __init__(self, engine: Engine, settings: Settings, *, allow_removals: bool) -> None:
        self._engine = engine
        self._corpus = settings.corpus
        self._follow_links = settings.follow_links
        self._allow_removals = allow_removals

    def reindex(self, problems: Sequence[ReadProblem]) -> Report:
        return reindex(
            self._engine,
            self._corpus,
            allow_removals=self._allow_removals,
            withhold=True,
            problems=problems,
            follow_links=self._follow_links,
        )

    def update(
        self, paths: Set[str], seen_gone: Set[str], skipped: Set[str], problems: Sequence[ReadProblem]
    ) -> Report:
        return update(
            self._engine,
            self._corpus,
            [Path(path) for path in paths],
            removed=[Path(path) for path in seen_gone],
            skipped=skipped,
            everywhere=False,
            problems=problems,
            allow_removals=self._allow_removals,
            follow_links=self._follow_links,
        )

    def merge(self) -> None:
        maintain(self._engine)


def _writing(method: Callable[..., None]) -> Callable[..., None]:
    """A method that writes; a pipe that nobody reads any more does not end the watching."""

    def write(*arguments: Any) -> None:  # noqa: ANN401 - whatever the method takes
        with suppress(OSError, ValueError):
            method(*arguments)
            sys.stdout.flush()

    return write


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


class _Lines:
    """Lines for people: one for each batch, then its problems."""

    @_writing
    def done(self, done: Report, problems: list[ReadProblem]) -> None:
        counts = {
            "추가": done.added,
            "변경": done.updated,
            "이동": done.moved,
            "다시 분석": done.reanalysed,
            "삭제": done.removed,
            "거절": sum(problem.severity == "error" for problem in problems),
        }
        told = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count) or "바뀐 것 없음"
        click.echo(f"{_now()} {told}. 보도자료 {done.documents:,}건. {done.took_s:.1f}초")
        if done.withheld:
            click.echo(
                f"알림 보도자료 {done.withheld:,}건이 corpus에서 사라졌으나 너무 많아 색인에 남겼습니다. "
                "폴더가 제대로 연결되었는지 확인하세요. 정말 지우려면: bodo reindex --allow-removals",
                err=True,
            )
        for problem in problems:
            label = "거절" if problem.severity == "error" else "알림"
            click.echo(printable(f"{label} {problem}"), err=True)

    @_writing
    def error(self, error: BodoError) -> None:
        print_error(error)

    @_writing
    def note(self, message: str) -> None:
        click.echo(printable(f"{_now()} {message}"), err=True)


class _JsonLines:
    """The same as lines of JSON, on standard output."""

    @_writing
    def done(self, done: Report, problems: list[ReadProblem]) -> None:
        record = report_record(done)
        record["refused"] = report_record(Report(refusals=problems))["refused"]
        print_json({"time": _now(), "event": "batch", **record})

    @_writing
    def error(self, error: BodoError) -> None:
        print_json({"time": _now(), "event": "error", "message": error.message, "hint": error.hint})

    @_writing
    def note(self, message: str) -> None:
        print_json({"time": _now(), "event": "note", "message": message})
