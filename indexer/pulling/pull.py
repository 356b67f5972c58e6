"""One pull of one source: what is new or changed there comes into the corpus."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from indexer.errors import BodoError
from indexer.files import way_out
from indexer.pulling.collect import Refused, collect
from indexer.pulling.fetch_error import FetchError, OutOfTime, shown_url
from indexer.pulling.fetcher import Fetcher
from indexer.pulling.lists import list_items
from indexer.pulling.readers.item import Item
from indexer.pulling.source import Source
from indexer.pulling.state import ItemState, SourceState
from indexer.pulling.store import InUse, Store
from indexer.sources.problems import UNEXPECTED_ERRORS, unexpected_problem

# The state is written after so many items: as many requests a killed process costs at most.
_SAVED_ITEMS = 20
# So many pages in a row that cannot be fetched: the server has a bad time, and is left alone until the next
# run.
_MOST_FAILURES = 3
# How long one source takes in a run: twice as long as one file may (exchange.Limits.download_s).
SOURCE_S = 1_200.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an item, or an attachment of one, did not come. `is_passing`: it is tried again soon."""

    item: str
    reason: str
    is_passing: bool = False


@dataclass(slots=True)
class PullReport:
    """What one pull of a source did. Counts are releases. `waiting`: known, but left for the next run.
    `stored` are the paths of what was written, relative to the corpus, without the suffix.
    `warning` is what the list has wrong, `error` why the source failed, '' where nothing is; `is_skipped`:
    another process pulls it.
    """

    source: str
    new: int = 0
    changed: int = 0
    refused: list[Trouble] = field(default_factory=list)
    without: list[Trouble] = field(default_factory=list)
    waiting: int = 0
    stored: list[str] = field(default_factory=list)
    warning: str = ""
    error: str = ""
    hint: str = ""
    is_skipped: bool = False
    took_s: float = 0.0


def pull(
    source: Source,
    corpus: Path,
    fetcher: Fetcher,
    *,
    now: Callable[[], datetime],
    environment: Mapping[str, str],
    on_item: Callable[[Item], None] = lambda _: None,
) -> PullReport:
    """Bring the folder of `source` in the corpus to what the source has, as far as `max_items` allows.

    `now` gives aware moments, `environment` has the keys of APIs; `on_item` is called before each item is
    fetched. Raises nothing that a source, a server or the disk may cause: the report has it.
    """
    started = time.monotonic()
    report = PullReport(source.name)
    store = Store(corpus / source.name)
    try:
        with store.locked():
            _Pull(source, store, fetcher.within(SOURCE_S), now, report, on_item).run(environment)
    except InUse as error:
        report.is_skipped, report.hint = True, error.message
    except BodoError as error:
        report.error, report.hint = error.message, error.hint
    except OSError as error:
        report.error, report.hint = f"corpus에 쓸 수 없습니다({error.strerror or error}).", way_out(error)
    except UNEXPECTED_ERRORS as error:
        problem = unexpected_problem(source.name, error)
        report.error, report.hint = problem.reason, "bodo를 만든 이에게 알려 주세요."
    report.took_s = time.monotonic() - started
    return report


class _Pull:
    def __init__(
        self,
        source: Source,
        store: Store,
        fetcher: Fetcher,
        now: Callable[[], datetime],
        report: PullReport,
        on_item: Callable[[Item], None],
    ) -> None:
        self._source, self._store, self._fetcher = source, store, fetcher
        self._now, self._report, self._on_item = now, report, on_item
        self._state = SourceState.load(store.folder)
        self._failures = 0

    def run(self, environment: Mapping[str, str]) -> None:
        """List, fetch what is due, and write the state, whatever happens. Raises BodoError, OSError."""
        state = self._state
        was_open = state.is_open
        listing = list_items(self._source, state, self._fetcher, self._now(), environment)
        self._report.warning = listing.warning
        due = [item for item in listing.items.values() if self._is_due(item)]
        # What takes the time of a run each time must not hold up what is new.
        due.sort(key=self._tries)
        # Until all are done, the list has to be read again though it did not change.
        state.is_open = bool(due) or (was_open and not listing.items)
        try:
            for count, item in enumerate(due):
                if count == self._source.max_items:
                    self._report.waiting = len(due) - count
                    break
                try:
                    self._take(item)
                except OutOfTime:
                    self._report.waiting = len(due) - count - 1
                    break
                if count % _SAVED_ITEMS == _SAVED_ITEMS - 1:
                    state.save(self._store.folder)
            else:
                state.is_open = False
                state.lists = listing.marks
                if listing.is_whole and listing.items:
                    state.note_list(set(listing.items))
        finally:
            state.save(self._store.folder)

    def _is_due(self, item: Item) -> bool:
        known = self._state.items.get(item.id)
        if known is None:
            return True
        is_lost = not known.reason and self._store.find(item.key) is None
        return is_lost or known.is_due(item.stamp, self._now())

    def _tries(self, item: Item) -> int:
        known = self._state.items.get(item.id)
        return known.tries if known else 0

    def _take(self, item: Item) -> None:
        """Fetch one item. What goes wrong costs this item only.

        Raises FetchError where the server seems to be down or the time is over, OSError where the disk
        refuses.
        """
        self._on_item(item)
        state, now = self._state.item(item.id), self._now()
        try:
            done = collect(item, self._source, self._store, state, self._fetcher, now)
        except Refused as refusal:
            self._note(item, state, refusal.problem.reason)
        except OutOfTime as error:
            self._note(item, state, error.message, is_passing=True)
            raise
        except FetchError as error:
            self._note(item, state, error.message, is_passing=error.is_passing)
            self._failures += error.is_passing
            if self._failures >= _MOST_FAILURES:
                raise
            return
        except UNEXPECTED_ERRORS as error:
            self._note(item, state, unexpected_problem(item.id, error).reason)
        else:
            self._report.new += done.outcome == "new"
            self._report.changed += done.outcome == "changed"
            if done.place is not None and done.outcome != "unchanged":
                place = done.place
                self._report.stored.append(f"{self._source.name}/{place.folder.name}/{place.stem}")
            self._report.without += [Trouble(shown_url(url), reason) for url, reason in done.missing]
        self._failures = 0

    def _note(self, item: Item, state: ItemState, reason: str, *, is_passing: bool = False) -> None:
        state.note_trouble(item.stamp, reason, self._now(), is_passing=is_passing)
        name = item.title or (shown_url(item.url) if item.url else item.id)
        self._report.refused.append(Trouble(name, reason, is_passing))
