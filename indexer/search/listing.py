"""All releases by id, each with the time of its last change, for programs that ask what is new."""

from __future__ import annotations

from datetime import datetime

from indexer.engine import And, Filters, Search, Snapshot
from indexer.schema import SWITCH_ON

# A choice, some tenths of a second: the time of a correction is only in the release itself.
_MOST_FETCHED = 1_000
_CORRECTED = Filters(values={"corrected": (SWITCH_ON,)})


def list_times(snapshot: Snapshot, offset: int, limit: int) -> list[tuple[str, datetime | None]]:
    """Ids of at most `limit` releases, the oldest first, without the first `offset`, and when each was
    published or, later, corrected. None where that is unknown: also for what was corrected, but for the
    newest _MOST_FETCHED of those.
    """
    docs = snapshot.search(Search(query=And(()), sort="oldest", offset=offset, limit=limit)).docs
    times = {doc.id: doc.published_at for doc in docs}
    corrected = snapshot.search(Search(query=And(()), filters=_CORRECTED, sort="newest", limit=limit)).docs
    times |= {doc.id: None for doc in corrected if doc.id in times}
    fetched = [doc.ref for doc in corrected if doc.id in times][:_MOST_FETCHED]
    times |= {release.id: release.corrected_at for release in snapshot.fetch(fetched)}
    return list(times.items())
