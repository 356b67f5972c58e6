"""The releases of ids that several releases may have, held until all files are read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from indexer.indexing.claims import Claim, Settlement, settle
from indexer.indexing.live_releases import LiveReleases
from indexer.sources.corpus.corpus_file import CorpusFile


class Contested:
    """The releases that are held, by id."""

    def __init__(
        self,
        live: LiveReleases,
        find_files: Callable[[Collection[str]], Mapping[str, CorpusFile]],
        read: Callable[[CorpusFile], Iterator[Claim]],
    ) -> None:
        """`find_files` finds files that have to be read again by path, without those that are gone; `read`
        reads one, without complaints.
        """
        self._live, self._find_files, self._read = live, find_files, read
        self._claims: dict[str, list[Claim]] = {}
        self._read_again: set[str] = set()

    def __contains__(self, release_id: str) -> bool:
        return release_id in self._claims

    def __len__(self) -> int:
        return len(self._claims)

    def ids_at(self, paths: Collection[str]) -> set[str]:
        """The ids of all releases of some files."""
        files = self._find_files(paths).values()
        return {claim.release.id for file in files for claim in self._read(file)}

    @property
    def ids(self) -> Collection[str]:
        """The ids of what is held."""
        return self._claims.keys()

    def add(self, claim: Claim) -> None:
        """Hold a release."""
        self._claims.setdefault(claim.release.id, []).append(claim)

    def add_indexed(self, release_id: str) -> None:
        """Hold with the others of an id the one that is indexed: its file has not changed, and is read again
        to know it as its source gives it.
        """
        self._read_again.add(self._live.versions[release_id].source_path)

    def complete(self, paths: Collection[str], wanted: Collection[str]) -> None:
        """Read the files that have to be read again, and those at `paths`: what they have of ids that are
        held or `wanted` is held.
        """
        ids = {*self._claims, *wanted}
        to_read = sorted({*self._read_again, *paths} if ids else ())
        files = self._find_files(to_read)
        for path in to_read:
            claims = [
                claim
                for claim in (self._read(files[path]) if path in files else ())
                if claim.release.id in ids
            ]
            again = {claim.release.id for claim in claims}
            for release_id in again & self._claims.keys():
                self._claims[release_id] = [one for one in self._claims[release_id] if one.path != path]
            for claim in claims:
                self.add(claim)
            for release_id in ids - again:
                self.keep_indexed(release_id, {path} & self._read_again)

    def keep_indexed(self, release_id: str, paths: Collection[str]) -> Claim | None:
        """Hold the one that is indexed as the index has it, if it is of one of `paths`, which cannot be read,
        and none of that file is held.
        """
        version = self._live.versions.get(release_id)
        if version is None or version.source_path not in paths:
            return None
        release = self._live.fetch(release_id)
        if release is None or any(
            one.path == version.source_path for one in self._claims.get(release_id, ())
        ):
            return None
        self.add(claim := Claim(release, 0))
        return claim

    def settle(self, release_id: str, now: datetime) -> Settlement:
        """What becomes of the releases of an id."""
        return settle(self._claims[release_id], now)
