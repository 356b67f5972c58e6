"""The releases before and behind one, among those of the same issuer under all of its names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from indexer.engine import And, DateRange, FacetIn, ScoredDoc, Search, Snapshot, Sort
from indexer.release import PressRelease

# A choice: of more releases of one issuer with the same time, only so many have neighbours.
_MAX_SAME_TIME = 500


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The release that its issuer published next, and the one that it published before."""

    newer: PressRelease | None = None
    older: PressRelease | None = None


def find_neighbours(snapshot: Snapshot, release: PressRelease, labels: tuple[str, ...]) -> Neighbours:
    """The neighbours of a release in the list of its issuer, which has these labels, from the newest to the
    oldest. A release without an issuer or without a date has none.
    """
    if not release.outlet or release.published_at is None:
        return Neighbours()
    # The list is sorted by whole seconds, then by id.
    second = release.published_at.astimezone(UTC).replace(microsecond=0)
    same = _Listing(snapshot, labels, second, second + timedelta(seconds=1)).newest(_MAX_SAME_TIME)
    ids = [doc.id for doc in same]
    if release.id not in ids:
        return Neighbours()
    place = ids.index(release.id)
    newer = same[place - 1] if place else _last_of_next(snapshot, labels, second)
    older: ScoredDoc | None = None
    if place + 1 < len(same):
        older = same[place + 1]
    else:
        older = next(iter(_Listing(snapshot, labels, None, second).newest(1)), None)
    found = [doc for doc in (newer, older) if doc]
    releases = dict(zip([doc.id for doc in found], snapshot.fetch([doc.ref for doc in found]), strict=True))
    return Neighbours(releases.get(newer.id) if newer else None, releases.get(older.id) if older else None)


def _last_of_next(snapshot: Snapshot, labels: tuple[str, ...], second: datetime) -> ScoredDoc | None:
    """Of the next later releases, which have one time, the last in the list."""
    begin = second + timedelta(seconds=1)
    later = _Listing(snapshot, labels, begin, None).oldest(1)
    if not later:
        return None
    at = datetime.fromtimestamp(later[0].published, UTC)
    return _Listing(snapshot, labels, at, at + timedelta(seconds=1)).newest(_MAX_SAME_TIME)[-1]


@dataclass(frozen=True, slots=True)
class _Listing:
    """The releases of an issuer from `start` (inclusive) until `before` (exclusive)."""

    snapshot: Snapshot
    labels: tuple[str, ...]
    start: datetime | None
    before: datetime | None

    def newest(self, limit: int) -> tuple[ScoredDoc, ...]:
        return self._sorted("newest", limit)

    def oldest(self, limit: int) -> tuple[ScoredDoc, ...]:
        return self._sorted("oldest", limit)

    def _sorted(self, sort: Sort, limit: int) -> tuple[ScoredDoc, ...]:
        node = And((FacetIn("outlet", self.labels), DateRange(self.start, self.before)))
        return self.snapshot.search(Search(query=node, sort=sort, limit=limit)).docs
