"""What is indexed so far, as far as a comparison asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from indexer.engine import And, Filters, IndexedVersion, Search, Snapshot
from indexer.errors import IndexUnavailable, refusing_damage
from indexer.release import PressRelease
from indexer.schema import SWITCH_ON

# A choice: few searches, and little memory for each.
_IDS_AT_ONCE = 1_000


class LiveReleases:
    """The releases of the live state; none where `snapshot` is None. `versions` has them by id.

    `repairs`: what cannot be read counts as not there, as everything is built anew. Else methods raise
    IndexUnavailable for damage.
    """

    def __init__(self, snapshot: Snapshot | None, *, repairs: bool) -> None:
        self._snapshot, self._repairs = snapshot, repairs
        self.versions: dict[str, IndexedVersion] = (
            {version.id: version for version in snapshot.versions()} if snapshot else {}
        )
        self.source_digests: Mapping[str, str] = snapshot.source_digests if snapshot else {}

    def fetch(self, release_id: str) -> PressRelease | None:
        """The release with an id; None if there is none."""
        try:
            return self.read(release_id)
        except IndexUnavailable:
            if not self._repairs:
                raise
            return None

    def read(self, release_id: str) -> PressRelease | None:
        """The same, but raises IndexUnavailable for damage in any case."""
        version = self.versions.get(release_id)
        if version is None or self._snapshot is None:
            return None
        return self._snapshot.fetch([version.ref])[0]

    @cached_property
    def corrected_ids(self) -> frozenset[str]:
        """The ids of the releases that were corrected at some time."""
        try:
            with refusing_damage():
                return frozenset(self._find_corrected())
        except IndexUnavailable:
            if not self._repairs:
                raise
            return frozenset()

    def _find_corrected(self) -> set[str]:
        ids: set[str] = set()
        after = None
        while self._snapshot is not None:
            found = self._snapshot.search(
                Search(
                    query=And(()),
                    filters=Filters(values={"corrected": (SWITCH_ON,)}),
                    sort="oldest",
                    after=after,
                    limit=_IDS_AT_ONCE,
                )
            )
            if found.timed_out:
                raise IndexUnavailable("색인의 일부가 답하지 않습니다.", "잠시 뒤에 다시 하세요.")
            ids.update(doc.id for doc in found.docs)
            if not found.has_more:
                break
            after = found.docs[-1].sort_key
        return ids
