"""Which releases of a generation are under embargo at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from indexer.engines.whoosh.format.postings import DocIds
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.store.manifest import Manifest
from indexer.release import SEOUL

# Seconds since 1970, later than any embargo.
_NEVER = 2**62
_NO_TIMES = np.zeros(0, np.int64)


class Embargoes:
    """The embargoes of a generation's releases, as they are at a moment in seconds since 1970.

    `ahead` has, for each segment, the releases whose embargo is yet to pass, deleted ones among them;
    `waiting` the embargoes of those that are not deleted, ascending.
    """

    def __init__(self, segments: Sequence[Segment], manifest: Manifest, at: float) -> None:
        columns = [segment.documents.embargoes for segment in segments]
        self.ahead: list[DocIds] = [np.flatnonzero(column > at).astype(np.uint16) for column in columns]
        waiting = [
            column[np.setdiff1d(docs, entry.deleted)]
            for column, docs, entry in zip(columns, self.ahead, manifest.segments, strict=True)
        ]
        self.waiting = np.sort(np.concatenate([_NO_TIMES, *waiting]))
        every = np.concatenate([_NO_TIMES, *columns])
        # From the last one that has passed to the next nothing changes.
        self._since = int(every[every <= at].max(initial=0))
        self._before = int(every[every > at].min(initial=_NEVER))

    def are_same_at(self, moment: float) -> bool:
        """Whether the same releases are under embargo then."""
        return self._since <= moment < self._before

    @property
    def next(self) -> datetime | None:
        """When the next of those that wait appears."""
        return datetime.fromtimestamp(int(self.waiting[0]), SEOUL) if len(self.waiting) else None
