"""Watches a corpus: takes what has changed once it is at rest, in batches, until the process is ended."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from indexer.errors import BodoError, SourceError
from indexer.sources.corpus.part import is_at
from indexer.sources.problems import ReadProblem
from indexer.watching.notifications import Notifications
from indexer.watching.pending import REST_S, Batch, Look, Pending
from indexer.watching.problem_memory import ProblemMemory
from indexer.watching.retrying import as_retried
from indexer.watching.survey import CURATED_NAMES, Survey

# Everything is looked at so often, without reading it, as events may be lost; but in at most a hundredth of
# the time. Choices: 170,000 files take a second.
_SURVEY_EVERY_S = 60.0
_SURVEY_SHARE = 0.01
# With `poll_s` there is nothing else to go by.
_POLL_SHARE = 0.1
# Files of one batch: the first of a storm are found while the last are read. A choice.
MAX_BATCH = 1_000
# Seconds between two attempts after an error; each wait is twice the one before. Choices.
_FIRST_RETRY_S = 1.0
_LAST_RETRY_S = 60.0
# Small segments are merged after so many seconds without a change, at the latest after so many batches, so
# that a storm does not merge again and again. Choices.
_QUIET_S = 5.0
_BATCHES_BEFORE_MERGE = 20
# Releases of files that were seen to go are removed without a question about their share of the index if they
# are few: `indexing.update.MAX_OBSERVED_REMOVALS` at once, and no more than so many files in so many seconds.
_MAX_SEEN_GONE = 10
_SEEN_GONE_IN_S = 60.0


class Done(Protocol):
    """What a change of the index did. Counts are releases (`indexing.report.Report`)."""

    added: int
    updated: int
    moved: int
    removed: int
    withheld: int
    reanalysed: int
    took_s: float
    waiting: dict[str, datetime]
    refusals: list[ReadProblem]


class Work(Protocol):
    """What is done about changes. All raise BodoError where it cannot be done now."""

    def reindex(self, problems: Sequence[ReadProblem]) -> Done:
        """Compare the whole corpus with the index; nothing below the paths of the `problems` is gone."""

    def update(
        self, paths: Set[str], seen_gone: Set[str], skipped: Set[str], problems: Sequence[ReadProblem]
    ) -> Done:
        """Compare what is at or below `paths`, of which `seen_gone` were seen to change or go, but not the
        files that are `skipped`.
        """

    def merge(self) -> None:
        """Merge what small changes have left."""


class Output(Protocol):
    """Where it says what happened."""

    def done(self, done: Done, problems: list[ReadProblem]) -> None:
        """A batch was taken. `problems` are those that were not told before."""

    def error(self, error: BodoError) -> None:
        """Something failed, and will be tried again."""

    def note(self, message: str) -> None:
        """Something else happened."""


class Watcher:
    """Watches the folder `corpus`. `poll_s`: look at everything so often instead of waiting for events; 0 is
    not to.
    """

    def __init__(
        self,
        corpus: Path,
        work: Work,
        output: Output,
        *,
        follow_links: bool = False,
        poll_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        present: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._corpus = corpus
        self._work = work
        self._output = output
        self._poll_s = poll_s
        self._clock = clock
        self._present = present
        # Corrections that wait for the end of their embargo, by file.
        self._embargoes: dict[str, datetime] = {}
        self._pending = Pending()
        self._survey = Survey(corpus, self._pending, follow_links=follow_links)
        self._notifications = Notifications(corpus)
        self._problems = ProblemMemory()
        # `_begun`: it has watched. `_watching`: it does now, as the corpus is there. `_failing`: what was due
        # could not be done.
        self._begun = self._watching = self._failing = False
        self._reindex_due = True
        self._doubtful: set[str] = set()
        self._curated: dict[str, Look | None] = {}
        self._limit = MAX_BATCH
        self._next_survey = self._retry_at = self._changed_at = 0.0
        self._retry_s = _FIRST_RETRY_S
        self._unmerged = 0
        self._seen_gone: deque[float] = deque()
        self._last_error = ""

    def run(self) -> None:
        """Watch until an exception that is none of an error ends it: KeyboardInterrupt, for one."""
        try:
            while True:
                self.turn()
        finally:
            self._notifications.stop()

    def turn(self) -> None:
        """Wait a moment for events, then do what is due."""
        changes = self._notifications.wait()
        now = self._clock()
        if not self._is_watching():
            return
        for change, path in changes:
            self._survey.look(change, path, now)
        self._survey.look_again(now)
        if now >= self._next_survey:
            self._compare(now)
        self._notice_curated_files(now)
        if now >= self._retry_at:
            self._do_what_is_due(now)

    def _notice_curated_files(self, now: float) -> None:
        """A curated file that changes may be what was wrong: that is not waited for any longer."""
        looks = self._pending.looks(CURATED_NAMES)
        if looks and looks != self._curated:
            self._retry_at, self._retry_s = min(self._retry_at, now + REST_S), _FIRST_RETRY_S
        self._curated = looks

    def _is_watching(self) -> bool:
        """Whether the corpus is there; it begins anew when it has come back."""
        if self._watching and self._survey.is_there():
            return True
        if self._watching:
            self._watching = False
            self._notifications.stop()
            self._pending.clear()
            self._output.note(
                f"{self._corpus} 폴더가 없거나 다른 폴더입니다. 색인은 그대로 두고, 돌아오면 다시 살핍니다."
            )
        # At the start any folder will do: that it is empty removes nothing.
        if not self._begun or self._survey.may_begin():
            self._begin()
        return self._watching

    def _begin(self) -> None:
        """Watch first, then look, then read: what changes meanwhile is told."""
        try:
            self._start_notifications()
            self._survey.begin()
        except SourceError as error:
            self._tell(error)
            return
        self._begun = self._watching = self._reindex_due = True
        self._plan_survey(self._clock())

    def _start_notifications(self) -> None:
        if self._poll_s or self._notifications.running:
            return
        try:
            self._notifications.start()
        except BodoError as error:
            self._tell(error)

    def _plan_survey(self, now: float) -> None:
        every_s, share = (self._poll_s, _POLL_SHARE) if self._poll_s else (_SURVEY_EVERY_S, _SURVEY_SHARE)
        self._next_survey = now + max(every_s, self._survey.took_s / share)

    def _compare(self, now: float) -> None:
        self._start_notifications()
        try:
            for folder in self._survey.compare(now):
                self._output.note(
                    f"{folder} 폴더의 연결이 끊겼습니다. 그 안의 보도자료는 색인에 그대로 둡니다."
                )
        except SourceError:
            return  # the next turn looks whether the corpus is there
        self._plan_survey(self._clock())

    def _do_what_is_due(self, now: float) -> None:
        batch = Batch({}, frozenset(), frozenset())
        try:
            if self._reindex_due:
                self._reindex()
            elif self._is_merge_due(now):
                self._unmerged = 0
                self._work.merge()
            elif batch := self._pending.take(now, self._limit):
                self._take(batch, now)
            elif self._doubtful:
                self._look_again(self._doubtful & self._problems.paths())
                self._doubtful = set()
            elif ended := self._ended_embargoes():
                self._look_again(ended)
        except BodoError as error:
            self._put_off(error, now)
        except Exception as error:  # whatever it is, the next file is watched
            if batch and len(batch.paths) == 1:
                self._pending.postpone(batch, now)
            self._limit = max(self._limit // 2, 1)
            message = f"뜻하지 않은 오류가 났습니다({type(error).__name__}: {error})."
            self._put_off(BodoError(message), now)
        else:
            self._retry_s, self._last_error = _FIRST_RETRY_S, ""
            self._limit = min(self._limit * 2, MAX_BATCH)

    def _put_off(self, error: BodoError, now: float) -> None:
        self._tell(as_retried(error))
        self._failing = True
        self._retry_at = now + self._retry_s
        self._retry_s = min(self._retry_s * 2, _LAST_RETRY_S)

    def _tell(self, error: BodoError) -> None:
        if str(error) != self._last_error:
            self._last_error = str(error)
            self._output.error(error)

    def _reindex(self, changed: Set[str] = frozenset()) -> None:
        self._finish(self._work.reindex(self._survey.away()), {""}, changed)
        if self._reindex_due:
            self._reindex_due = False
            self._output.note(f"{self._corpus} 폴더를 지켜봅니다.")

    def _take(self, batch: Batch, now: float) -> None:
        if batch.paths & CURATED_NAMES:
            # The files of the batch are looked at as well: the whole corpus is.
            self._reindex(batch.paths)
        else:
            seen = batch.seen if self._are_few(batch, now) else frozenset()
            skipped = (self._problems.paths() | self._pending.waiting(batch)) - batch.paths
            done = self._work.update(batch.paths, seen, skipped, self._survey.away())
            self._finish(done, batch.paths, batch.paths)
        self._pending.drop(batch)
        self._survey.done(batch)

    def _look_again(self, paths: Set[str]) -> None:
        done = self._work.update(paths, frozenset(), self._problems.paths() - paths, self._survey.away())
        self._finish(done, paths, frozenset())

    def _ended_embargoes(self) -> set[str]:
        now = self._present()
        return {path for path, until in self._embargoes.items() if until <= now}

    def _finish(self, done: Done, looked_at: Set[str], changed: Set[str]) -> None:
        away = set(self._survey.away())
        problems = [problem for problem in done.refusals if problem not in away]
        if done.removed or done.updated or done.moved:
            self._doubtful = self._problems.doubtful()
        known = {path: until for path, until in self._embargoes.items() if not is_at(path, looked_at)}
        self._embargoes = known | done.waiting
        if self._failing:
            self._failing = False
            self._output.note("다시 됩니다. 밀린 것부터 반영합니다.")
        news = self._problems.news(problems, looked_at, changed)
        touched = done.added or done.updated or done.moved or done.removed or done.reanalysed
        if touched or done.withheld or news:
            self._output.done(done, news)
        if touched:
            self._unmerged += 1
            self._changed_at = self._clock()

    def _are_few(self, batch: Batch, now: float) -> bool:
        """Whether the files that were seen to go in the last minute are few, with those of the batch."""
        while self._seen_gone and self._seen_gone[0] < now - _SEEN_GONE_IN_S:
            self._seen_gone.popleft()
        self._seen_gone += [now] * len(batch.gone)
        return len(self._seen_gone) <= _MAX_SEEN_GONE

    def _is_merge_due(self, now: float) -> bool:
        return self._unmerged >= _BATCHES_BEFORE_MERGE or (
            self._unmerged > 0 and not self._pending and now - self._changed_at >= _QUIET_S
        )
