"""Items that are known but not yet in the corpus, kept for when the source lists them no longer."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from indexer.pulling.readers.item import Item

# A page that is still not to be had after so long is gone.
GIVE_UP_AFTER = timedelta(days=30)
# A feed has some hundred items, a day of all ministries 150; the state is written every few items.
MOST_PENDING = 1_000
# Some 200 bytes for what is not text of the release, which most items are without: pages have it.
_MOST_CHARS = 2_000_000
_ITEM_CHARS = 200


@dataclass(slots=True)
class Pending:
    """An item that is still to be fetched. `failed_since`: when that first failed, in ISO 8601, '' if it was
    not tried.
    """

    item: Item
    failed_since: str = ""

    def is_hopeless(self, now: datetime) -> bool:
        """Whether it has failed for so long that nobody needs to try again."""
        since = self.failed_since
        return bool(since) and now - datetime.fromisoformat(since) > GIVE_UP_AFTER


def add_pending(pending: dict[str, Pending], item: Item, *, needs_content: bool) -> None:
    """Note an item as the source lists it now, if there is room; the list has to tell the others."""
    kept = item if needs_content else replace(item, content="")
    known = pending.get(item.id)
    if known is not None:
        known.item = kept
        return
    has_room = len(pending) < MOST_PENDING
    if has_room and sum(_size(one.item) for one in pending.values()) + _size(kept) <= _MOST_CHARS:
        pending[item.id] = Pending(kept)


def pack(pending: Pending) -> dict[str, Any]:
    """`pending` as JSON has it, without what is as it always is."""
    item = pending.item
    values = {one.name: getattr(item, one.name) for one in fields(item)}
    values = {name: one for name, one in values.items() if name == "id" or one != _DEFAULTS[name]}
    if item.record:
        values["record"] = b64encode(item.record).decode()
    return values | ({"failed_since": pending.failed_since} if pending.failed_since else {})


def unpack(values: dict[str, Any]) -> Pending:
    """Read what `pack` gave. Raises ValueError, TypeError or AttributeError on anything else."""
    since = values.pop("failed_since", "")
    if since and datetime.fromisoformat(since).tzinfo is None:
        raise ValueError(since)
    values["record"] = b64decode(values.get("record", ""), validate=True)
    values["files"] = tuple((str(name), str(url)) for name, url in values.get("files", ()))
    item = Item(**values)
    if not all(type(getattr(item, name)) is type(value) for name, value in _DEFAULTS.items()):
        raise TypeError
    return Pending(item, since)


_DEFAULTS = {one.name: getattr(Item(id=""), one.name) for one in fields(Item)}


def _size(item: Item) -> int:
    return len(item.content) + len(item.record) + _ITEM_CHARS
