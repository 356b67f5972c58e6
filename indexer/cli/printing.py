"""How the commands write: to a terminal nothing that could command it, to other tools JSON."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

# A type only: a search need not load what reads and indexes documents.
if TYPE_CHECKING:
    from indexer.indexing.report import Progress

_PLAIN_PROGRESS_EVERY = 5_000


def printable(text: str) -> str:
    """`text` without control and direction characters, which could command a terminal or deceive."""
    return "".join(char if char.isprintable() else " " for char in text)


def plain(text: str, style: str = "") -> Text:
    """Any text for rich to print as it is. (`rich.markup.escape` would double a backslash at its end.)"""
    return Text(printable(text), style)


def print_json(record: Mapping[str, Any]) -> None:
    """Write a record as a line of JSON."""
    click.echo(json.dumps(record, ensure_ascii=False))


def print_error(error: Exception) -> None:
    """Tell on stderr what went wrong, in the lines of the error."""
    lines = "\n".join(map(printable, str(error).split("\n")))
    Console(stderr=True, soft_wrap=True).print(Text.assemble(("오류:", "red"), " ", lines))


def log_to_stderr() -> None:
    """Write what the package logs, from warnings up, to stderr: one plain line a message."""
    package = logging.getLogger("indexer")
    if not any(isinstance(handler, _PlainLines) for handler in package.handlers):
        package.addHandler(_PlainLines())


class _PlainLines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        click.echo(printable(self.format(record)), err=True)


class ProgressLine:
    """Progress of a reindex: a moving line on a terminal, now and then a plain line elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Bar(TextColumn("{task.description}"), BarColumn(), console=console, transient=True)
        self._task = self._bar.add_task("읽는 중", total=None)
        self._started = time.monotonic()

    def __enter__(self) -> ProgressLine:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Say how many releases are read, how fast, and how long the rest will take."""
        elapsed_s = max(time.monotonic() - self._started, 0.001)
        all_read = progress.read_bytes >= progress.total_bytes
        line = f"{progress.releases:,}건 읽음 (초당 {progress.releases / elapsed_s:,.0f}건)"
        if all_read:
            line += ", 합쳐서 쓰는 중"
        elif progress.read_bytes:
            left_s = elapsed_s * (progress.total_bytes / progress.read_bytes - 1)
            line += f", 남은 시간 약 {_duration(left_s)}"
        if self._console.is_terminal:
            self._bar.update(
                self._task, description=line, completed=progress.read_bytes, total=progress.total_bytes
            )
        elif all_read or progress.releases % _PLAIN_PROGRESS_EVERY == 0:
            self._console.print(line, highlight=False)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f}초"
    minutes = round(seconds / 60)
    return f"{minutes}분" if minutes < 60 else f"{minutes // 60}시간 {minutes % 60}분"
