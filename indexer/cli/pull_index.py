"""What a pull has brought comes into the index while other sources are still being pulled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from indexer.bootstrap import open_engine
from indexer.cli.printing import printable
from indexer.errors import BodoError
from indexer.indexing.report import Report
from indexer.indexing.update import update
from indexer.pulling.pull import PullReport
from indexer.pulling.source import Source
from indexer.pulling.unindexed import note_indexed, unindexed_mark
from indexer.settings import Settings


class PulledIndex:
    """Brings folders of sources into the index. `reports` has what each update did."""

    def __init__(self, settings: Settings, *, allow_removals: bool, wait_s: float, as_json: bool) -> None:
        self.reports: list[Report] = []
        self._settings = settings
        self._allow_removals, self._wait_s, self._as_json = allow_removals, wait_s, as_json
        self._failure: BodoError | None = None
        self._late: list[tuple[Source, PullReport]] = []

    def bring(self, pulled: list[tuple[Source, PullReport]]) -> None:
        """Index the folders of these sources. Where that fails they wait for `finish`, with all that come."""
        self._late += pulled
        if self._failure is not None:
            return
        try:
            self._bring_all()
        except BodoError as error:
            self._failure = error

    def finish(self) -> None:
        """Try once more what failed. Raises BodoError where it fails again."""
        if self._failure is not None:
            self._bring_all()

    def _bring_all(self) -> None:
        """Index the folders that this run, or a former one that did not get so far, has changed."""
        folders = [self._settings.corpus / source.name for source, _ in self._late]
        marks = {folder: mark for folder in folders if (mark := unindexed_mark(folder))}
        if marks:
            report = update(
                open_engine(self._settings),
                self._settings.corpus,
                list(marks),
                everywhere=False,
                allow_removals=self._allow_removals,
                follow_links=self._settings.follow_links,
                wait_s=self._wait_s,
            )
            for folder, mark in marks.items():
                note_indexed(folder, mark)
            self.reports.append(report)
            if not self._as_json:
                _print_update(report, [path for _, pulled in self._late for path in pulled.stored])
        self._late.clear()

    def record(self) -> dict[str, Any] | None:
        """All updates as one record of JSON; None where there was none."""
        if not self.reports:
            return None
        names = ("added", "updated", "removed")
        return {
            **{name: sum(getattr(report, name) for report in self.reports) for name in names},
            "documents": self.reports[-1].documents,
            "refused": sum(
                problem.severity == "error" for report in self.reports for problem in report.refusals
            ),
            "took_s": round(sum(report.took_s for report in self.reports), 3),
        }


def _print_update(report: Report, stored: Iterable[str]) -> None:
    """Tell what became of the index, with the problems of what this run has written."""
    for problem in report.refusals:
        if not problem.source_path.startswith(tuple(stored)):
            continue
        label = "거절" if problem.severity == "error" else "알림"
        click.echo(f"{label} {printable(str(problem))}", err=True)
    click.echo(
        f"색인: 추가 {report.added:,}, 변경 {report.updated:,}, 삭제 {report.removed:,}. "
        f"보도자료 {report.documents:,}건, {report.took_s:.1f}초"
    )
