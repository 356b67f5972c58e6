"""`bodo pull --check`: what a pull of a source would do, without writing into the corpus."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from indexer.errors import BodoError
from indexer.pulling.api_key import without_key
from indexer.pulling.collect import collect
from indexer.pulling.fetcher import Fetcher
from indexer.pulling.lists import list_items
from indexer.pulling.readers.item import Item
from indexer.pulling.source import Source
from indexer.pulling.staged import Refused
from indexer.pulling.state import ItemState, SourceState
from indexer.pulling.store import Store
from indexer.release import PressRelease

# As many as fit on a screen below each other, for several sources.
SHOWN_ITEMS = 5


@dataclass(slots=True)
class CheckReport:
    """What a source lists: `items` the first of `listed`, and `release` as the first one is read. `trouble`
    is why that could not be read, `warning` what the list has wrong, `error` with `hint` why the source
    cannot be used; '' where nothing is.
    """

    source: str
    listed: int = 0
    items: list[Item] = field(default_factory=list)
    release: PressRelease | None = None
    files: list[str] = field(default_factory=list)
    trouble: str = ""
    warning: str = ""
    error: str = ""
    hint: str = ""


def check(
    source: Source, fetcher: Fetcher, *, now: Callable[[], datetime], environment: Mapping[str, str]
) -> CheckReport:
    """Read the list of a source and its first item, for real. Raises nothing that a source may cause."""
    report = CheckReport(source.name)
    try:
        listing = list_items(source, SourceState(), fetcher, now(), environment)
        report.warning = listing.warning
        report.listed = len(listing.items)
        report.items = list(listing.items.values())[:SHOWN_ITEMS]
        if report.items:
            _read_first(report, source, fetcher, now())
    except BodoError as error:
        report.error, report.hint = error.message, error.hint
    except OSError as error:
        report.error = f"임시 폴더에 쓸 수 없습니다({error.strerror or error})."
    key = environment.get(source.key_env, "").strip()
    report.error, report.trouble = without_key(report.error, key), without_key(report.trouble, key)
    return report


def _read_first(report: CheckReport, source: Source, fetcher: Fetcher, now: datetime) -> None:
    item = report.items[0]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        try:
            done = collect(item, source, store, ItemState(), fetcher, now)
        except Refused as refusal:
            report.trouble = refusal.problem.reason
        except BodoError as error:
            report.trouble = error.message
        else:
            report.release = done.release
            report.files = [path.name for path in done.place.attachments] if done.place else []
