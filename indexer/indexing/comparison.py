"""Compares the corpus with the index, release by release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from indexer.curation.dictionary import Dictionary
from indexer.curation.files import DICTIONARY, OUTLETS, REMOVED
from indexer.curation.issuers import Issuers
from indexer.curation.removals import Removals
from indexer.engine import DocRef, IndexedVersion, Snapshot, Writer
from indexer.errors import IndexUnavailable
from indexer.indexing.report import Progress, Report, ShowProgress
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.problems import ReadProblem


class Part(Protocol):
    """What of the corpus a comparison is about, by the `source_path` of the files that releases are of."""

    def compares(self, source_path: str) -> bool:
        """Whether the releases of the file are compared. Those of other files stay as they are."""

    def has_lost(self, source_path: str) -> bool:
        """Whether there is no such file, though nothing is removed for that: another file may have its
        releases now.
        """


class Comparison:
    """Compares the releases of files with the live state, in the order of the files.

    It counts what it finds in `report`. `source_digests` are the digests of the files that were read, by
    path, for the commit. `indexed` is the number of releases in the live state.
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
    ) -> None:
        """`snapshot` is the live state, None without one. `full`: put every release. `only`: what of the
        corpus is compared, None for all of it; then `files` are all files of that part.
        """
        self._files = files
        self._only = only
        self._snapshot = snapshot
        self._report = report
        self._progress = progress
        self._full = full
        self._stored: dict[str, IndexedVersion] = (
            {version.id: version for version in snapshot.versions()} if snapshot else {}
        )
        self._issuers = Issuers(curated_files.get(OUTLETS, ""))
        before = snapshot.curated_files if snapshot and not full else curated_files
        self._curated_files_changed = before != curated_files
        old, new = Dictionary(before.get(DICTIONARY, "")), Dictionary(curated_files.get(DICTIONARY, ""))
        self._changed_words = Dictionary("\n".join(old.changed_words(new)))
        # If names of issuers changed, every file is read again, though few releases will differ.
        same_outlets = before.get(OUTLETS, "") == curated_files.get(OUTLETS, "")
        self._left_out = Removals(curated_files.get(REMOVED, "")).ids
        none_is_back = Removals(before.get(REMOVED, "")).ids <= self._left_out
        known = snapshot is not None and not full and same_outlets and none_is_back
        self._read_before = snapshot.source_digests if snapshot and known else {}
        self._seen: dict[str, str] = {}
        # Releases of other parts of the corpus whose files are gone: a file of this part may take them over.
        self._lost: set[str] = set()
        self.indexed = len(self._stored)
        self.source_digests: dict[str, str] = (
            {path: digest for path, digest in self._read_before.items() if not only.compares(path)}
            if only
            else {}
        )
        self._read_bytes = self._total_bytes = 0

    @property
    def has_changes(self) -> bool:
        """Whether the next state differs from the live one."""
        report = self._report
        touched = report.added or report.updated or report.moved or report.removed or report.reanalysed
        return bool(touched) or self._curated_files_changed or self.source_digests != self._read_before

    def put_changes(self, writer: Writer) -> list[str]:
        """Put the releases that are new or differ. Returns the ids that are indexed but no longer in the
        corpus.

        Raises AnalysisError for a text that is not valid Unicode, IndexUnavailable for damage in the live
        state.
        """
        writer.put(self._changes())
        return [
            release_id
            for release_id in self._stored
            if release_id not in self._seen and release_id not in self._lost
        ]

    def withhold(self, removed: list[str]) -> None:
        """Leave the releases that `put_changes` returned in the index. Their files count as not read, so that
        the next reindex finds them again.
        """
        for release_id in removed:
            self.source_digests.pop(self._stored[release_id].source_path, None)
        self._report.withheld = len(removed)
        self._report.documents = self.indexed + self._report.added

    def source_paths(self, release_ids: Iterable[str]) -> set[str]:
        """The files of releases that are indexed."""
        return {self._stored[release_id].source_path for release_id in release_ids}

    def remove(self, writer: Writer, removed: list[str]) -> None:
        """Remove the releases that `put_changes` returned, and count those that are left."""
        writer.remove(removed)
        self._report.removed = len(removed)
        self._report.documents = self.indexed + self._report.added - self._report.removed

    def _changes(self) -> Iterator[PressRelease]:
        """The releases that have to be put, read one at a time."""
        unchanged = self._unchanged_files()
        others, lost = self._files_of_other_parts()
        for release_id, stored in self._stored.items():
            if stored.source_path in lost:
                self._lost.add(release_id)
            elif stored.source_path in others:
                self._seen[release_id] = stored.content_hash
            elif stored.source_path in unchanged and release_id not in self._left_out:
                self._seen[release_id] = stored.content_hash
                yield from self._reanalyse(release_id)
        sizes = {file.source_path: file.size_bytes() for file in self._files}
        self._total_bytes = sum(size for path, size in sizes.items() if path not in unchanged)
        for file in self._files:
            if file.source_path not in unchanged:
                yield from self._changes_of(file)
                self._read_bytes += sizes[file.source_path]
        yield from self._keep_unreadable()
        self._progress(Progress(len(self._seen), self._total_bytes, self._total_bytes))

    def _files_of_other_parts(self) -> tuple[set[str], set[str]]:
        """The indexed files that are not compared, and those of them that are gone."""
        if self._only is None:
            return set(), set()
        paths = {stored.source_path for stored in self._stored.values()}
        others = {path for path in paths if not self._only.compares(path)}
        return others, {path for path in others if self._only.has_lost(path)}

    def _unchanged_files(self) -> set[str]:
        """The paths of files whose bytes are the same as when they were read last."""
        unchanged = set()
        for file in self._files:
            digest = file.digest()
            if digest:
                self.source_digests[file.source_path] = digest
                if self._read_before.get(file.source_path) == digest:
                    unchanged.add(file.source_path)
        return unchanged

    def _changes_of(self, file: CorpusFile) -> Iterator[PressRelease]:
        bytes_of_file = 0
        stamp = file.stamp()

        def note_bytes(count: int) -> None:
            nonlocal bytes_of_file
            bytes_of_file = count

        for record in read_file(file, note_bytes):
            if isinstance(record, ReadProblem):
                self._report.refusals.append(record)
                # Not recorded as read, so that it is read and reported again until it is repaired.
                self.source_digests.pop(file.source_path, None)
                continue
            release = self._with_free_id(self._issuers.normalize(record))
            if release is None:
                continue
            if release.id in self._left_out:
                self._report.left_out += 1
                continue
            self._seen[release.id] = release.content_hash
            read_bytes = min(self._read_bytes + bytes_of_file, self._total_bytes)
            self._progress(Progress(len(self._seen), read_bytes, self._total_bytes))
            if self._full or self._differs(release):
                self._count(release)
                yield release
            else:
                yield from self._reanalyse(release.id)
        if file.stamp() != stamp:
            # The file changed between hashing and reading, so it is read again the next time.
            self.source_digests.pop(file.source_path, None)

    def _differs(self, release: PressRelease) -> bool:
        """Whether the index lacks this version of the release."""
        stored = self._stored.get(release.id)
        version = release.content_hash, release.source_path
        return stored is None or (stored.content_hash, stored.source_path) != version

    def _count(self, release: PressRelease) -> None:
        """Count a release that is put."""
        stored = self._stored.get(release.id)
        if stored is None:
            self._report.added += 1
        elif stored.content_hash != release.content_hash:
            self._report.updated += 1
        elif stored.source_path != release.source_path:
            self._report.moved += 1
        else:
            self._report.unchanged += 1

    def _reanalyse(self, release_id: str) -> Iterator[PressRelease]:
        """An unchanged release, if it has a word that came into the user dictionary or left it."""
        release = self._fetch(self._stored[release_id].ref) if self._changed_words.entries else None
        if release and any(self._changed_words.occurs_in(field.read(release)) for field in TEXT_FIELDS):
            self._report.reanalysed += 1
            yield release
        else:
            self._report.unchanged += 1

    def _fetch(self, ref: DocRef) -> PressRelease | None:
        return self._snapshot.fetch([ref])[0] if self._snapshot else None

    def _with_free_id(self, release: PressRelease) -> PressRelease | None:
        """The release, with another id if its id is taken; None for a second copy of the same release."""
        other_hash = self._seen.get(release.id)
        if other_hash is None:
            return release
        free_id = f"{release.id}-{release.content_hash[:8]}"
        if other_hash == release.content_hash or free_id in self._seen:
            indexed_id = release.id if other_hash == release.content_hash else free_id
            self._warn(release, f"같은 보도자료가 또 있습니다(id {indexed_id}).", "한쪽을 지우세요.")
            return None
        self._warn(
            release,
            f"다른 보도자료와 id가 같습니다({release.id}). {free_id}로 색인했습니다.",
            "한쪽의 id를 바꾸세요.",
        )
        return replace(release, id=free_id)

    def _warn(self, release: PressRelease, reason: str, hint: str) -> None:
        self._report.refusals.append(ReadProblem(release.source_path, reason, hint, severity="warning"))
        self.source_digests.pop(release.source_path, None)

    def _keep_unreadable(self) -> Iterator[PressRelease]:
        """Keep the releases of files and folders that cannot be read now. A full build puts them again."""
        refused = {refusal.source_path for refusal in self._report.refusals if refusal.severity == "error"}
        for release_id, stored in self._stored.items():
            if release_id in self._seen or not _is_under(stored.source_path, refused):
                continue
            try:
                release = self._fetch(stored.ref) if self._full else None
            except IndexUnavailable as error:
                reason = f"전에 색인한 것(id {release_id})도 남기지 못했습니다. {error.message}"
                self._report.refusals.append(ReadProblem(stored.source_path, reason, "파일을 고치세요."))
                continue
            self._seen[release_id] = stored.content_hash
            self._report.kept += 1
            if release:
                yield release


def _is_under(source_path: str, paths: set[str]) -> bool:
    parts = source_path.split("/")
    return any("/".join(parts[:depth]) in paths for depth in range(1, len(parts) + 1))
