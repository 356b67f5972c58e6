"""One pull of one source: what is new or changed there comes into the corpus."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from indexer.errors import BodoError
from indexer.files import way_out
from indexer.pulling.api_key import without_key
from indexer.pulling.collect import collect
from indexer.pulling.fetch_error import FetchError, OutOfTime, shown_url
from indexer.pulling.fetcher import Fetcher
from indexer.pulling.lists import list_items
from indexer.pulling.pending import GIVE_UP_AFTER, add_pending
from indexer.pulling.readers.item import Item
from indexer.pulling.source import Source
from indexer.pulling.staged import Refused
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
    key = environment.get(source.key_env, "").strip()
    report.error, report.hint = without_key(report.error, key), without_key(report.hint, key)
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
        self._is_over = False
        self._key = ""

    def run(self, environment: Mapping[str, str]) -> None:
        """List, fetch what is due, and write the state, whatever happens. Raises BodoError, OSError."""
        state = self._state
        self._key = environment.get(self._source.key_env, "").strip()
        was_open = state.is_open
        listing = list_items(self._source, state, self._fetcher, self._now(), environment)
        self._report.warning = listing.warning
        due = [item for item in listing.items.values() if self._is_due(item)]
        for item in due:
            self._keep_in_mind(item)
        # What takes the time of a run each time must not hold up what is new.
        due.sort(key=self._tries)
        # Until all are done, the list has to be read again though it did not change.
        state.is_open = bool(due) or (was_open and not listing.items)
        try:
            taken = self._take_some(due, self._source.max_items)
            if taken == len(due):
                state.is_open = False
                state.note_marks(listing.marks)
                if listing.is_whole and listing.items:
                    state.note_list(set(listing.items))
            if not self._is_over:
                self._take_forgotten(listing.items, self._source.max_items - taken)
        finally:
            state.save(self._store.folder)

    def _take_some(self, due: list[Item], most: int) -> int:
        """Fetch items, `most` at most, until the time is over; the others wait. How many were fetched.
        Raises as `_take` does.
        """
        for count, item in enumerate(due[:most], 1):
            try:
                self._take(item)
            except OutOfTime:
                self._is_over = True
                self._report.waiting += len(due) - count
                return count - 1
            if count % _SAVED_ITEMS == 0:
                self._state.save(self._store.folder)
        self._report.waiting += max(0, len(due) - most)
        return min(len(due), most)

    def _take_forgotten(self, listed: Mapping[str, Item], most: int) -> None:
        """Fetch what the source does not list any more, and give up what has failed for too long. A server
        that does not answer for them may be another one: it is no failure of the source.
        """
        state, now = self._state, self._now()
        forgotten = [one for name, one in state.pending.items() if name not in listed]
        # A list that did not change tells nothing: they may still stand in it.
        for one in [one for one in forgotten if listed and one.is_hopeless(now)]:
            forgotten.remove(one)
            reason = state.give_up(one.item.id)
            days = GIVE_UP_AFTER.days
            told = f"{reason} {days}일 동안 받지 못했고 목록에도 없어 그만둡니다."
            self._report.refused.append(Trouble(_name_of(one.item), told))
        with suppress(FetchError):
            self._take_some([one.item for one in forgotten if self._is_due(one.item)], most)

    def _keep_in_mind(self, item: Item) -> None:
        """Note an item that is not in the corpus, or not as the source announces it by now."""
        known = self._state.items.get(item.id)
        # Without a stamp it could not be fetched, and was noted then if there was news.
        is_news = known is None or bool(known.stamp and known.stamp != item.stamp)
        if is_news or self._store.find(item.key) is None:
            add_pending(self._state.pending, item, needs_content=not (self._source.follow and item.url))

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
            self._state.pending.pop(item.id, None)
            self._report.new += done.outcome == "new"
            self._report.changed += done.outcome == "changed"
            if done.place is not None and done.outcome != "unchanged":
                place = done.place
                self._report.stored.append(f"{self._source.name}/{place.folder.name}/{place.stem}")
            self._report.without += [
                Trouble(shown_url(url), without_key(reason, self._key)) for url, reason in done.missing
            ]
        self._failures = 0

    def _note(self, item: Item, state: ItemState, reason: str, *, is_passing: bool = False) -> None:
        reason = without_key(reason, self._key)
        state.note_trouble(item.stamp, reason, self._now(), is_passing=is_passing)
        if (kept := self._state.pending.get(item.id)) is not None:
            kept.failed_since = kept.failed_since or self._now().isoformat()
        self._report.refused.append(Trouble(_name_of(item), reason, is_passing))


def _name_of(item: Item) -> str:
    return item.title or (shown_url(item.url) if item.url else item.id)
