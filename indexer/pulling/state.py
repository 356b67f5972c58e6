"""What the last pulls of a source have left to know: it spares requests, and nothing is lost without it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from indexer.files import write_durably
from indexer.pulling.pending import Pending, pack, unpack

STATE_FILE = ".bodo-pull.json"

_VERSION = 1
# One record takes some 300 bytes: beyond this, those that the source lists no longer go.
_MOST_RECORDS = 20_000
_MAX_FILE_BYTES = 100_000_000
# How long until what was refused, or could not be fetched, is tried again; twice as long each time.
FIRST_RETRY = {"refused": timedelta(hours=1), "failed": timedelta(minutes=5)}
_LONGEST_RETRY = {"refused": timedelta(days=7), "failed": timedelta(days=1)}
_MOST_DOUBLINGS = 12
# A page is looked at again for a correction that the source did not announce: first after an hour, then
# whenever it is twice as old, as corrections come early.
_FIRST_RECHECK = timedelta(hours=1)


def address_digest(url: str) -> str:
    """What stands for an address in the state: the address may hold a key."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(slots=True)
class ItemState:
    """What is known of an item. `stamp` is what the source said when it was last fetched; `etag` and
    `last_modified` are those of its page. `files` has for each attachment, by `address_digest`, its name,
    etag and last_modified. `reason` is why it was refused or could not be fetched, '' where it is stored;
    `tries` how often in a row. `first`, `due`: when it was first stored, and when it is to be looked at again
    ('' never), in ISO 8601. Digests of what was fetched last, before people edited it: `page` of how the page
    reads, `told` of what the source says besides, `sidecar` of the sidecar as it was written.
    """

    stamp: str = ""
    etag: str = ""
    last_modified: str = ""
    files: dict[str, list[str]] = field(default_factory=dict)
    reason: str = ""
    tries: int = 0
    first: str = ""
    due: str = ""
    page: str = ""
    told: str = ""
    sidecar: str = ""

    def is_due(self, stamp: str, now: datetime) -> bool:
        """Whether the item is to be fetched: the source says something new of it, or its time has come."""
        # A new stamp is a new chance for what was refused, not for a page that cannot be reached.
        if stamp != self.stamp and not (self.reason and self.tries and self.stamp == ""):
            return True
        return bool(self.due) and now >= datetime.fromisoformat(self.due)

    def note_stored(self, stamp: str, now: datetime, recheck_days: int) -> None:
        """The item is in the corpus as it is now at the source."""
        self.stamp, self.reason, self.tries = stamp, "", 0
        self.first = self.first or now.isoformat()
        age = now - datetime.fromisoformat(self.first)
        wait = max(age, _FIRST_RECHECK)
        self.due = (now + wait).isoformat() if age + wait <= timedelta(days=recheck_days) else ""

    def note_trouble(self, stamp: str, reason: str, now: datetime, *, is_passing: bool) -> None:
        """The item was refused, or (`is_passing`) could not be fetched now."""
        kind = "failed" if is_passing else "refused"
        wait = FIRST_RETRY[kind] * 2 ** min(self.tries, _MOST_DOUBLINGS)
        self.tries += 1
        self.reason, self.due = reason, (now + min(wait, _LONGEST_RETRY[kind])).isoformat()
        self.stamp = "" if is_passing else stamp
        self.etag = self.last_modified = ""


@dataclass(slots=True)
class SourceState:
    """The state of a source. `lists` has etag and last_modified of a list by `address_digest`; `is_open`:
    items of the list are still to be fetched, so it has to be read though it did not change. `pending` are
    items that are not in the corpus as the source lists them, by id, whether it lists them still or not.
    """

    lists: dict[str, list[str]] = field(default_factory=dict)
    items: dict[str, ItemState] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)
    is_open: bool = False
    _written: str = ""

    @classmethod
    def load(cls, folder: Path) -> SourceState:
        """The state in the folder of a source; an empty one where it is missing or damaged."""
        path = folder / STATE_FILE
        try:
            if path.stat().st_size > _MAX_FILE_BYTES:
                return cls()
            text = path.read_text("utf-8")
            state = cls._of(json.loads(text))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls()
        state._written = text
        return state

    @classmethod
    def _of(cls, record: Any) -> SourceState:  # noqa: ANN401 - JSON, checked here
        if record["version"] != _VERSION:
            raise ValueError(record["version"])
        lists = {str(url): [str(one) for one in values] for url, values in record["lists"].items()}
        if any(len(values) != 2 for values in lists.values()):
            raise ValueError("lists")
        items = {str(name): _item_state(values) for name, values in record["items"].items()}
        pending = {str(name): unpack(values) for name, values in record.get("pending", {}).items()}
        return cls(lists, items, pending, bool(record["is_open"]))

    def item(self, identity: str) -> ItemState:
        """The state of an item, a new one where nothing is known of it."""
        return self.items.setdefault(identity, ItemState())

    def marks_of(self, url: str) -> list[str]:
        """Etag and last_modified of the list at `url`, '' where they are not known."""
        return self.lists.get(address_digest(url), ["", ""])

    def note_marks(self, marks: dict[str, list[str]]) -> None:
        """Etag and last_modified of the lists, by address."""
        self.lists = {address_digest(url): values for url, values in marks.items()}

    def any_due(self, now: datetime) -> bool:
        """Whether an item is to be looked at though the list did not change."""
        return self.is_open or any(
            item.due and now >= datetime.fromisoformat(item.due) for item in self.items.values()
        )

    def note_list(self, identities: set[str]) -> None:
        """What the whole list of the source has: what it lists no longer is not looked at again, unless it is
        still to be fetched.
        """
        for identity, item in self.items.items():
            if identity not in identities and identity not in self.pending:
                item.due = ""
        if len(self.items) > _MOST_RECORDS:
            kept = identities | self.pending.keys()
            self.items = {name: item for name, item in self.items.items() if name in kept}

    def give_up(self, identity: str) -> str:
        """Try an item no longer, unless the source says something new of it. Why it failed the last time."""
        self.pending.pop(identity, None)
        item = self.item(identity)
        item.due, item.tries = "", 0
        return item.reason

    def save(self, folder: Path) -> None:
        """Write the state, durably, if it differs from what is written. Raises OSError."""
        record = {
            "version": _VERSION,
            "lists": self.lists,
            "is_open": self.is_open,
            "items": {name: _compact(item) for name, item in self.items.items()},
            "pending": {name: pack(one) for name, one in self.pending.items()},
        }
        text = json.dumps(record, ensure_ascii=True, indent=0) + "\n"
        if text != self._written:
            write_durably(folder / STATE_FILE, text.encode())
            self._written = text


_DEFAULTS = asdict(ItemState())
_TEXTS = frozenset(one.name for one in fields(ItemState)) - {"files", "tries"}


def _compact(item: ItemState) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if value != _DEFAULTS[name]}


def _item_state(values: dict[str, Any]) -> ItemState:
    """Read what `_compact` gave. Raises ValueError, TypeError or AttributeError on anything else."""
    item = ItemState(**values)
    if not all(isinstance(getattr(item, name), str) for name in _TEXTS) or not isinstance(item.tries, int):
        raise TypeError
    for moment in (item.first, item.due):
        if moment and datetime.fromisoformat(moment).tzinfo is None:
            raise ValueError(moment)
    for file in item.files.values():
        if len(file) != 3 or not all(isinstance(one, str) for one in file):
            raise ValueError(file)
    return item
