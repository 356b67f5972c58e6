"""Which releases differ from the indexed ones: they are counted, and get the time of their correction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from indexer.curation.dictionary import Dictionary
from indexer.indexing.corrections import correction_time
from indexer.indexing.live_releases import LiveReleases
from indexer.indexing.report import Report
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS


class ChangedReleases:
    """The releases of the next state, each looked at once. `seen` are their content hashes by id."""

    def __init__(
        self, live: LiveReleases, report: Report, changed_words: Dictionary, now: datetime, *, full: bool
    ) -> None:
        """`changed_words` came into the user dictionary or left it. `full`: every release is put."""
        self._live, self._report, self._changed_words = live, report, changed_words
        self._now, self._full = now, full
        self._put: set[str] = set()
        self.seen: dict[str, str] = {}

    def was_put(self, release_id: str) -> bool:
        """Whether a release that was seen was put, and so cannot be put once more."""
        return self._full or release_id in self._put

    def put(
        self, release: PressRelease, *, is_rewritten: bool, since: datetime | None = None
    ) -> Iterator[PressRelease]:
        """The release with the time of its correction, if it is new or differs from the indexed one.

        `is_rewritten`: its file holds other bytes than it did when it was indexed. `since` is when it was
        made, where it replaces another one of the corpus.
        """
        self.seen[release.id] = release.content_hash
        before = self._live.fetch(release.id) if self._needs_before(release, since) else None
        corrected_at = correction_time(release, before, since=since, is_rewritten=is_rewritten, now=self._now)
        is_restated = before is not None and before.corrected_at != corrected_at
        if self._full or is_restated or self.differs(release):
            self._count(release, is_restated=is_restated)
            if not self._full:
                self._put.add(release.id)
            yield replace(release, corrected_at=corrected_at)
        else:
            yield from self.reanalyse(release.id)

    def differs(self, release: PressRelease, *, new: bool = True) -> bool:
        """Whether the index has another version of the release; `new` where it has none."""
        stored = self._live.versions.get(release.id)
        if stored is None:
            return new
        return (stored.content_hash, stored.source_path) != (release.content_hash, release.source_path)

    def reanalyse(self, release_id: str) -> Iterator[PressRelease]:
        """An unchanged release, if it has a word that came into the user dictionary or left it."""
        release = self._live.fetch(release_id) if self._changed_words.entries else None
        if release and any(self._changed_words.occurs_in(field.read(release)) for field in TEXT_FIELDS):
            self._report.reanalysed += 1
            self._put.add(release_id)
            yield release
        else:
            self._report.unchanged += 1

    def _needs_before(self, release: PressRelease, since: datetime | None) -> bool:
        """Whether the indexed version bears on the time of correction: fetching it takes a while."""
        stored = self._live.versions.get(release.id)
        if stored is None:
            return False
        if since or release.corrected_at or stored.content_hash != release.content_hash:
            return True
        return (self._full or self.differs(release)) and release.id in self._live.corrected_ids

    def _count(self, release: PressRelease, *, is_restated: bool) -> None:
        """Count a release that is put. `is_restated`: it has another time of correction than before."""
        stored = self._live.versions.get(release.id)
        if stored is None:
            self._report.added += 1
        elif stored.content_hash != release.content_hash:
            self._report.updated += 1
        elif stored.source_path != release.source_path:
            self._report.moved += 1
        elif is_restated:
            self._report.updated += 1
        else:
            self._report.unchanged += 1
