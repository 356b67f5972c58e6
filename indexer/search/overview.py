"""What a whole archive holds, for its first page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from indexer.engine import And, Search, Snapshot
from indexer.release import PressRelease
from indexer.search.issuers import IssuerLabels
from indexer.search.response import FacetValue, IndexState

# A choice: as many issuers as a page lists at a glance.
MAX_OUTLETS = 60
# A choice: more than a first page and a feed list.
MAX_NEWEST = 50


@dataclass(frozen=True, slots=True)
class Overview:
    """What an archive holds.

    - `index`: the snapshot.
    - `newest`: the newest releases, at most MAX_NEWEST; those without a date last.
    - `first_at`, `last_at`: when the first and the last were published, aware; None if none has a date.
    - `outlets`: the issuers with the most releases, at most MAX_OUTLETS, by their names of today.
    - `months`: how many releases each month has (`YYYY-MM`), in order of time.
    """

    index: IndexState
    newest: tuple[PressRelease, ...]
    first_at: datetime | None
    last_at: datetime | None
    outlets: tuple[FacetValue, ...]
    months: Mapping[str, int]


def state_of(snapshot: Snapshot) -> IndexState:
    """The snapshot as an answer names it."""
    info = snapshot.info
    return IndexState(info.name, info.updated_at, info.documents, info.size_bytes)


def make_overview(snapshot: Snapshot, issuers: IssuerLabels) -> Overview:
    """Count what a snapshot holds."""
    everything = Search(
        query=And(()), sort="newest", limit=MAX_NEWEST, facets=("outlet", "month"), whole_facets=("outlet",)
    )
    found = snapshot.search(everything)
    oldest = snapshot.search(Search(query=And(()), sort="oldest", limit=1)).docs
    newest = tuple(snapshot.fetch([doc.ref for doc in found.docs]))
    first = snapshot.fetch([doc.ref for doc in oldest])
    return Overview(
        state_of(snapshot),
        newest,
        first[0].published_at if first else None,
        newest[0].published_at if newest else None,
        issuers.gather(found.facets["outlet"], MAX_OUTLETS),
        dict(sorted(found.facets["month"].items())),
    )
