"""Compares the corpus with the index, release by release."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from indexer.curation.dictionary import Dictionary
from indexer.curation.files import DICTIONARY, OUTLETS, REMOVED
from indexer.curation.issuers import Issuers
from indexer.curation.removals import Removals
from indexer.engine import Snapshot, Writer
from indexer.errors import IndexUnavailable
from indexer.indexing.changed_releases import ChangedReleases
from indexer.indexing.claims import Claim
from indexer.indexing.complaints import CONTESTED, Complaints, digest_of, forget, path_of
from indexer.indexing.contested import Contested
from indexer.indexing.live_releases import LiveReleases
from indexer.indexing.part import Part
from indexer.indexing.report import Progress, Report, ShowProgress
from indexer.release import SEOUL, PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.problems import ReadProblem

# A choice, to bound memory: so many releases that differ from the indexed ones are held until all files are
# read. Of further ones with one id the first is indexed until the comparison is made again.
_MOST_HELD = 10_000


class Comparison:
    """Compares the releases of files with the live state, in the order of the files.

    It counts what it finds in `report`. `source_digests` are the digests of the files that were read, by
    path, for the commit; behind a mark those of files with a complaint (`complaints.py`). `indexed` is the
    number of releases in the live state. `is_unsettled`: of several new releases with one id the first is
    put; another comparison, with the state after the commit, tells which of them stays.
    """

    def __init__(
        self,
        files: list[CorpusFile],
        snapshot: Snapshot | None,
        curated_files: dict[str, str],
        report: Report,
        progress: ShowProgress,
        *,
        full: bool,
        only: Part | None = None,
        find_others: Callable[[Collection[str]], Mapping[str, CorpusFile]] = lambda _: {},
    ) -> None:
        """`snapshot` is the live state, None without one. `full`: put every release. `only`: what of the
        corpus is compared, None for all of it; then `files` are all files of that part, and `find_others`
        finds other files of the corpus by path: their releases may have the ids of changed ones.
        """
        self._files = files
        self._by_path = {file.source_path: file for file in files}
        self._find_others = find_others
        self._only = only
        self._report = report
        self._progress = progress
        self._full = full
        self._now = present()
        self._live = LiveReleases(snapshot, repairs=full)
        self._issuers = Issuers(curated_files.get(OUTLETS, ""))
        before = snapshot.curated_files if snapshot and not full else curated_files
        self._curated_files_changed = before != curated_files
        old, new = Dictionary(before.get(DICTIONARY, "")), Dictionary(curated_files.get(DICTIONARY, ""))
        changed_words = Dictionary("\n".join(old.changed_words(new)))
        self._changed = ChangedReleases(self._live, report, changed_words, self._now, full=full)
        # If names of issuers changed, every file is read again, though few releases will differ.
        same_outlets = before.get(OUTLETS, "") == curated_files.get(OUTLETS, "")
        self._left_out = Removals(curated_files.get(REMOVED, "")).ids
        none_is_back = Removals(before.get(REMOVED, "")).ids <= self._left_out
        known = snapshot is not None and not full and same_outlets and none_is_back
        self._read_before = self._live.source_digests if known else {}
        self._contested = Contested(self._live, self._find_files, self._claims_of)
        # Other files with contested releases, where only some are compared: they may have the ids of these.
        complained = {path_of(key) for key in self._live.source_digests if key.startswith(CONTESTED)}
        self._complained = {path for path in complained if not only.compares(path)} if only else set()
        self._digests: dict[str, str] = {}
        self.is_unsettled = False
        # Releases of other parts of the corpus whose files are gone: a file of this part may take them over.
        self._lost: set[str] = set()
        self.indexed = len(self._live.versions)
        self.source_digests: dict[str, str] = (
            {path: digest for path, digest in self._read_before.items() if not only.compares(path_of(path))}
            if only
            else {}
        )
        self._complaints = Complaints(report, self.source_digests)
        self._read_bytes = self._total_bytes = 0

    @property
    def has_changes(self) -> bool:
        """Whether the next state differs from the live one."""
        report = self._report
        touched = report.added or report.updated or report.moved or report.removed or report.reanalysed
        return bool(touched) or self._curated_files_changed or self.source_digests != self._read_before

    def unread_files(self) -> list[CorpusFile]:
        """The files that are not recorded as read."""
        return [file for file in self._files if file.source_path not in self.source_digests]

    def put_changes(self, writer: Writer) -> list[str]:
        """Put the releases that are new or differ. Returns the ids that are indexed but no longer in the
        corpus.

        Raises AnalysisError for a text that is not valid Unicode, IndexUnavailable for damage in the live
        state.
        """
        writer.put(self._changes())
        return [
            release_id
            for release_id in self._live.versions
            if release_id not in self._changed.seen and release_id not in self._lost
        ]

    def withhold(self, removed: list[str]) -> None:
        """Leave the releases that `put_changes` returned in the index. Their files count as not read, so that
        the next reindex finds them again.
        """
        for release_id in removed:
            path = self._live.versions[release_id].source_path
            forget(path, self.source_digests)
        self._report.withheld = len(removed)
        self._report.documents = self.indexed + self._report.added

    def source_paths(self, release_ids: Iterable[str]) -> set[str]:
        """The files of releases that are indexed."""
        return {self._live.versions[release_id].source_path for release_id in release_ids}

    def remove(self, writer: Writer, removed: list[str]) -> None:
        """Remove the releases that `put_changes` returned, and count those that are left."""
        writer.remove(removed)
        self._report.removed = len(removed)
        self._report.documents = self.indexed + self._report.added - self._report.removed

    def _changes(self) -> Iterator[PressRelease]:
        """The releases that have to be put, read one at a time."""
        unchanged = self._unchanged_files()
        others, lost = self._files_of_other_parts()
        for release_id, stored in self._live.versions.items():
            if stored.source_path in lost:
                self._lost.add(release_id)
            elif stored.source_path in others:
                self._changed.seen[release_id] = stored.content_hash
            elif stored.source_path in unchanged and release_id not in self._left_out:
                self._changed.seen[release_id] = stored.content_hash
                yield from self._changed.reanalyse(release_id)
        sizes = {file.source_path: file.size_bytes() for file in self._files}
        self._total_bytes = sum(size for path, size in sizes.items() if path not in unchanged)
        for file in self._files:
            if file.source_path not in unchanged:
                yield from self._changes_of(file)
                self._read_bytes += sizes[file.source_path]
        self._contested.complete(*self._others_to_read())
        for release_id in list(self._contested.ids):
            yield from self._settle(release_id)
        yield from self._keep_unreadable()
        self._progress(Progress(len(self._changed.seen), self._total_bytes, self._total_bytes))

    def _find_files(self, paths: Collection[str]) -> Mapping[str, CorpusFile]:
        own = {path: self._by_path[path] for path in paths if path in self._by_path}
        others = [path for path in paths if path not in own]
        return {**own, **self._find_others(others)} if others else own

    def _files_of_other_parts(self) -> tuple[set[str], set[str]]:
        """The indexed files that are not compared, and those of them that are gone."""
        if self._only is None:
            return set(), set()
        paths = {stored.source_path for stored in self._live.versions.values()}
        others = {path for path in paths if not self._only.compares(path)}
        return others, {path for path in others if self._only.has_lost(path)}

    def _unchanged_files(self) -> set[str]:
        """The paths of files whose bytes are the same as when they were read last."""
        unchanged = set()
        for file in self._files:
            path, digest = file.source_path, file.digest()
            forget(path, self.source_digests)
            if digest:
                self.source_digests[path] = self._digests[path] = digest
                if self._read_before.get(path) == digest:
                    unchanged.add(path)
        return unchanged

    def _changes_of(self, file: CorpusFile) -> Iterator[PressRelease]:
        bytes_of_file = 0
        stamp = file.stamp()

        def note_bytes(count: int) -> None:
            nonlocal bytes_of_file
            bytes_of_file = count

        for order, record in enumerate(read_file(file, note_bytes)):
            if isinstance(record, ReadProblem):
                self._report.refusals.append(record)
                # Not recorded as read, so that it is read and reported again until it is repaired.
                self._complaints.note(file.source_path)
                continue
            release = self._issuers.normalize(record)
            if release.id in self._left_out:
                self._report.left_out += 1
                continue
            yield from self._take(Claim(release, file.modified_ns(), order))
            read_bytes = min(self._read_bytes + bytes_of_file, self._total_bytes)
            known = len(self._changed.seen) + len(self._contested)
            self._progress(Progress(known, read_bytes, self._total_bytes))
        if file.stamp() != stamp:
            # The file changed between hashing and reading, so it is read again the next time.
            forget(file.source_path, self.source_digests)

    def _take(self, claim: Claim) -> Iterator[PressRelease]:
        """A release that was read: it is put if it is new, held if another may have its id."""
        release = claim.release
        if release.id in self._contested:
            self._contested.add(claim)
        elif release.id not in self._changed.seen:
            may_be_contested = self._complained or self._changed.differs(release, new=False)
            if may_be_contested and len(self._contested) < _MOST_HELD:
                self._contested.add(claim)
            else:
                yield from self._put(release)
        elif self._changed.was_put(release.id):
            # Nothing can be put twice between two commits.
            self.is_unsettled = True
            self.source_digests.pop(release.source_path, None)
        else:
            self._contested.add(claim)
            self._contested.add_indexed(release.id)
            self._forget(release.id)

    def _forget(self, release_id: str) -> None:
        """Take back that an indexed release stays as it is."""
        del self._changed.seen[release_id]
        if self._live.versions[release_id].source_path in self._by_path:
            self._report.unchanged -= 1

    def _others_to_read(self) -> tuple[set[str], set[str]]:
        """Where only some files are compared: the others that are read again, as they have the ids of what
        is held, or of what went with an earlier version of one of these files; and those ids.
        """
        if not self._complained:
            return set(), set()
        ids = set(self._contested.ids)
        if self._only and any(self._only.compares(path_of(key)) for key in self._live.source_digests):
            # What is gone may have been replaced, or have replaced any of theirs.
            ids |= self._contested.ids_at(self._complained)
        put = {
            release_id for release_id in ids & self._changed.seen.keys() if self._changed.was_put(release_id)
        }
        self.is_unsettled |= bool(put)
        ids -= put
        for release_id, stored in self._live.versions.items():
            base, _, _ = release_id.rpartition("-")
            if stored.source_path in self._complained and base in ids and release_id in self._changed.seen:
                self._forget(release_id)
        for release_id in ids & self._changed.seen.keys():
            self._contested.add_indexed(release_id)
            self._forget(release_id)
        return self._complained, ids

    def _claims_of(self, file: CorpusFile) -> Iterator[Claim]:
        """The releases of a file that is read again. Its problems are told where it is read first."""
        for order, record in enumerate(read_file(file)):
            if isinstance(record, PressRelease):
                release = self._issuers.normalize(record)
                if release.id not in self._left_out:
                    yield Claim(release, file.modified_ns(), order)

    def _settle(self, release_id: str) -> Iterator[PressRelease]:
        """Put what stays of the releases of an id, and tell what becomes of the others."""
        refused = self._complaints.refused_paths()
        stored = self._live.versions.get(release_id)
        kept = None
        if stored and _is_under(stored.source_path, refused):
            kept = self._contested.keep_indexed(release_id, {stored.source_path})
        settlement = self._contested.settle(release_id, self._now)
        self._complaints.tell(settlement)
        for number, version in enumerate(settlement.indexed):
            release = version.claim.release
            if number:
                free_id = f"{release_id}-{release.content_hash[:8]}"
                self._complaints.tell_moved(version.claim, free_id, settlement)
                release = replace(release, id=free_id)
            if release.id in self._left_out:
                self._report.left_out += 1
            elif version.claim is not kept or number:
                yield from self._put(release, version.since)

    def _put(self, release: PressRelease, since: datetime | None = None) -> Iterator[PressRelease]:
        """The release, if it is new or differs from the indexed one. `since`: see `ChangedReleases.put`."""
        if release.id in self._changed.seen:
            # Another release has the id that was made for this one.
            reason = f"같은 보도자료가 또 있습니다(id {release.id})."
            self._complaints.warn(release.source_path, reason, "한쪽을 지우세요.")
            return
        path = release.source_path
        before = digest_of(path, self._live.source_digests)
        is_rewritten = bool(before) and before != self._digests.get(path, before)
        yield from self._changed.put(release, is_rewritten=is_rewritten, since=since)

    def _keep_unreadable(self) -> Iterator[PressRelease]:
        """Keep the releases of files and folders that cannot be read now. A full build puts them again."""
        refused = self._complaints.refused_paths()
        for release_id, stored in self._live.versions.items():
            if release_id in self._changed.seen or not _is_under(stored.source_path, refused):
                continue
            try:
                release = self._live.read(release_id) if self._full else None
            except IndexUnavailable as error:
                reason = f"전에 색인한 것(id {release_id})도 남기지 못했습니다. {error.message}"
                self._report.refusals.append(ReadProblem(stored.source_path, reason, "파일을 고치세요."))
                continue
            self._changed.seen[release_id] = stored.content_hash
            self._report.kept += 1
            if release:
                yield release


def _is_under(source_path: str, paths: set[str]) -> bool:
    parts = source_path.split("/")
    return any("/".join(parts[:depth]) in paths for depth in range(1, len(parts) + 1))


def present() -> datetime:
    """Now, in whole seconds."""
    return datetime.now(SEOUL).replace(microsecond=0)
