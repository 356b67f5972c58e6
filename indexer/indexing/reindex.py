"""Corpus -> engine. The way of a file:

1. `sources.reading.list_files` finds it, `read_file` makes press releases of it, or says why not.
2. `reindex` compares them with what is indexed, by content hash, and gives the engine's writer the rest.
3. The writer analyses, writes the next generation and makes it live.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.curation.dictionary import Dictionary
from indexer.curation.files import (
    DICTIONARY,
    OUTLETS,
    REMOVED,
    SYNONYMS,
    curated_file_path,
    read_curated_file,
    read_curated_files,
)
from indexer.curation.issuers import Outlets
from indexer.curation.lines import LineProblem
from indexer.curation.removals import add_removed, read_removed
from indexer.curation.synonyms import Synonyms
from indexer.engine import Engine, IndexedVersion, Snapshot, Writer
from indexer.errors import BodoError, IndexUnavailable, SourceError
from indexer.files import changing, make_folder, way_out, write_durably
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.staging import moved_into, remove_leftovers, staged
from indexer.sources.corpus.walk import list_files, require_corpus
from indexer.sources.problems import ReadProblem

# A reindex that would remove more than this share of the index must be told that it may.
MAX_REMOVED_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reindex is: releases read, and bytes read of those that have to be. When all is read, it is
    merged and written.
    """

    releases: int
    read_bytes: int
    total_bytes: int


ShowProgress = Callable[[Progress], None]


@dataclass(slots=True)
class Report:
    """What a reindex did. Counts are releases; `documents` is what the index holds now."""

    added: int = 0
    updated: int = 0
    moved: int = 0
    removed: int = 0
    reanalysed: int = 0
    unchanged: int = 0
    kept: int = 0
    left_out: int = 0
    documents: int = 0
    took_s: float = 0.0
    refusals: list[ReadProblem] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something was refused, warnings apart."""
        return any(refusal.severity == "error" for refusal in self.refusals)


def reindex(
    engine: Engine,
    corpus: Path,
    *,
    full: bool = False,
    allow_removals: bool = False,
    follow_links: bool = False,
    wait_s: float = 30.0,
    progress: ShowProgress = lambda _: None,
) -> Report:
    """Make the index say what the corpus says, doing only the work that changes ask for.

    `full` builds everything anew beside the live index. What was indexed from a file or folder that
    cannot be read now stays. `progress` is told of every release. All that is compared is read while no one
    else changes the index.

    Raises SourceError where the corpus does not exist, IndexUnavailable where the index cannot be
    written, BodoError where more than MAX_REMOVED_SHARE of the index would go without `allow_removals`.
    """
    require_corpus(corpus)
    report = Report()
    curated_files: dict[str, str] = {}

    def read() -> dict[str, str]:
        curated_files.update(read_curated_files(corpus))
        return curated_files

    with (
        _timed(report),
        engine.write(fresh=full, read_curated_files=read, wait_s=wait_s) as writer,
        _live(engine, required=not full) as reader,
    ):
        files, refusals = list_files(corpus, follow_links=follow_links)
        report.refusals += [*refusals, *_resource_problems(curated_files)]
        comparison = _Comparison(files, reader, curated_files, report, progress, full=full)
        writer.put(comparison.changes())
        removed = comparison.removed()
        # What another analyzer indexed, or what is damaged, cannot be compared, but counted.
        before = comparison.indexed if reader is not None else engine.live_documents()
        gone = len(removed) if reader is not None else before - report.added
        _refuse_large_removal(gone, before, corpus, allow_removals=allow_removals)
        _take_out(writer, removed, comparison, report)
        if full or comparison.changed or reader is None:
            writer.commit(comparison.source_digests)
    return report


def add(
    engine: Engine,
    corpus: Path,
    files: Sequence[Path],
    *,
    replace_files: bool = False,
    allow_removals: bool = False,
    wait_s: float = 30.0,
    acknowledge: Callable[[Report], None] = lambda _: None,
) -> Report:
    """Copy files into the corpus and index what they hold, and nothing else of the corpus.

    Together they are what they would be in a folder: releases, side files, attachments. `acknowledge` is
    called when all of it is on the disk and to be found.

    Raises SourceError where one of them cannot be read as a release, is no file of a corpus, or another file
    has its name in the corpus and `replace_files` is not set, IndexUnavailable where the index cannot be
    written, BodoError where more than MAX_REMOVED_SHARE of the index would go without `allow_removals`: then
    nothing is changed.
    """
    _make_corpus(corpus)
    report = Report()
    with _timed(report), staged(files, corpus) as stage:
        found, refusals = list_files(stage)
        _refuse_others(stage, found, refusals)
        problems = [
            *refusals,
            *(item for file in found for item in read_file(file) if isinstance(item, ReadProblem)),
        ]
        for refusal in problems:
            if refusal.severity == "error":
                raise SourceError(f"{refusal.source_path}: {refusal.reason}", refusal.hint)
        with (
            engine.write(read_curated_files=lambda: _resources_of(engine, corpus), wait_s=wait_s) as writer,
            _live(engine, required=True) as reader,
            moved_into(stage, corpus, replace_files=replace_files, stands=_has_changed(engine)) as moved,
        ):
            remove_leftovers(corpus)
            files_there, _ = list_files(corpus)
            # Of a first index all of the corpus is.
            own = [file for file in files_there if reader is None or moved & set(file.paths)]
            curated_files = dict(reader.curated_files) if reader is not None else read_curated_files(corpus)
            only = reader is not None
            comparison = _Comparison(
                own, reader, curated_files, report, lambda _: None, full=False, only=only
            )
            writer.put(comparison.changes())
            removed = comparison.removed()
            _refuse_large_removal(len(removed), comparison.indexed, corpus, allow_removals=allow_removals)
            if report.left_out:
                raise BodoError(
                    "removed.txt에 있는 id의 보도자료라 검색되지 않습니다. 아무것도 바꾸지 않았습니다.",
                    "되살리려면 removed.txt에서 그 줄을 지우고 `bodo reindex`를 실행하세요.",
                )
            _take_out(writer, removed, comparison, report)
            if comparison.changed or reader is None:
                writer.commit(comparison.source_digests)
        acknowledge(report)
    return report


def _has_changed(engine: Engine) -> Callable[[], bool]:
    """A way to ask whether another generation is live than now. Needs to be the only one who writes."""
    before = engine.live_name()
    return lambda: engine.live_name() != before


def _make_corpus(corpus: Path) -> None:
    if corpus.exists() and not corpus.is_dir():
        raise SourceError(
            f"{corpus}은(는) 폴더가 아닙니다.", "보도자료를 더하려면 --corpus로 폴더를 알려 주세요."
        )
    try:
        make_folder(corpus)
    except OSError as error:
        message = f"{corpus} 폴더를 만들 수 없습니다({error.strerror})."
        raise SourceError(message, way_out(error)) from error


def _refuse_others(stage: Path, found: list[CorpusFile], refusals: list[ReadProblem]) -> None:
    """Raise SourceError for a file that a corpus does not read: one of its own settings, a hidden one."""
    read = {path for file in found for path in file.paths}
    for path in sorted(stage.iterdir()):
        if path not in read and not any(path.name == refusal.source_path for refusal in refusals):
            raise SourceError(
                f"{path.name}은(는) 보도자료도 첨부도 곁 파일도 아닙니다.",
                "설정 파일은 corpus에 직접 두고, 보도자료면 이름을 바꾸세요.",
            )


def _resources_of(engine: Engine, corpus: Path) -> dict[str, str]:
    """The texts that the live generation was made with; for a first index those of the corpus."""
    with _live(engine, required=True) as reader:
        return dict(reader.curated_files) if reader is not None else read_curated_files(corpus)


def remove(
    engine: Engine,
    corpus: Path,
    release_ids: Sequence[str],
    *,
    wait_s: float = 30.0,
    acknowledge: Callable[[], None] = lambda: None,
) -> None:
    """Have releases found no more: they are noted in the corpus's `removed.txt` and leave the index. Their
    files stay.

    Raises BodoError where the index has none of one of these ids: then nothing is changed.
    """
    with engine.write(wait_s=wait_s) as writer, _live(engine, required=True) as reader:
        for release_id in release_ids:
            if reader is None or reader.release(release_id) is None:
                raise BodoError(
                    f"색인에 id가 {release_id}인 보도자료가 없습니다.", "`bodo search`로 id를 확인하세요."
                )
        assert reader is not None
        path = curated_file_path(corpus, REMOVED)
        with changing(path.parent):
            before, has_changed = read_curated_file(corpus, REMOVED), _has_changed(engine)
            write_durably(path, add_removed(before or "", release_ids).encode())
            try:
                writer.set_curated_file(
                    REMOVED, add_removed(reader.curated_files.get(REMOVED, ""), release_ids)
                )
                writer.remove(release_ids)
                writer.commit(reader.source_digests)
            except BaseException:
                # What became live all the same stands.
                if not has_changed():
                    if before is None:
                        path.unlink(missing_ok=True)
                    else:
                        write_durably(path, before.encode())
                raise
        acknowledge()


def _take_out(writer: Writer, removed: list[str], comparison: _Comparison, report: Report) -> None:
    """Remove what is no longer in the corpus, and count what is left."""
    writer.remove(removed)
    report.removed = len(removed)
    report.documents = comparison.indexed + report.added - report.removed


@contextmanager
def _timed(report: Report) -> Iterator[None]:
    started = time.monotonic()
    yield
    report.took_s = time.monotonic() - started


@contextmanager
def _live(engine: Engine, *, required: bool) -> Iterator[Snapshot | None]:
    """The live generation while it is looked at; None where there is none."""
    reader = _open_live(engine, required=required)
    try:
        yield reader
    finally:
        if reader is not None:
            reader.close()


def _open_live(engine: Engine, *, required: bool) -> Snapshot | None:
    """The live generation, if there is one, with all it holds; a full build can do without one that cannot be
    read.
    """
    try:
        reader = engine.open(embargoed=True) if engine.live_name() else None
        if reader is not None and not required:
            reader.stored()  # opening looks at names and sizes only
        return reader
    except IndexUnavailable:
        if required:
            raise
        return None


def _refuse_large_removal(removed: int, indexed: int, corpus: Path, *, allow_removals: bool) -> None:
    if removed > indexed * MAX_REMOVED_SHARE and not allow_removals:
        raise BodoError(
            f"{corpus}에 없는 보도자료 {removed:,}건이 색인(모두 {indexed:,}건)에서 지워지게 됩니다. "
            "아무것도 바꾸지 않았습니다.",
            "폴더가 제대로 연결되었는지 확인하세요. 정말 지우려면 --allow-removals를 붙이세요.",
        )


class _Comparison:
    """The corpus against the live generation, release by release, in the order of the files."""

    def __init__(
        self,
        files: list[CorpusFile],
        reader: Snapshot | None,
        curated_files: dict[str, str],
        report: Report,
        progress: ShowProgress,
        *,
        full: bool,
        only: bool = False,
    ) -> None:
        """`only`: what comes from other files than these is left as it is."""
        self._files = files
        self._only = only
        self._reader = reader
        self._report = report
        self._progress = progress
        self._full = full
        self._stored: dict[str, IndexedVersion] = reader.stored() if reader else {}
        self._outlets = Outlets(curated_files.get(OUTLETS, ""))
        before = reader.curated_files if reader and not full else curated_files
        self._resources_changed = before != curated_files
        old, new = Dictionary(before.get(DICTIONARY, "")), Dictionary(curated_files.get(DICTIONARY, ""))
        self._changed_words = Dictionary("\n".join(old.changed_words(new)))
        # Other names of issuers: every file has to be read again, though few releases will have changed.
        same_outlets = before.get(OUTLETS, "") == curated_files.get(OUTLETS, "")
        self._left_out = read_removed(curated_files.get(REMOVED, ""))
        none_is_back = read_removed(before.get(REMOVED, "")) <= self._left_out
        known = reader is not None and not full and same_outlets and none_is_back
        self._read_before = reader.source_digests if reader and known else {}
        self._seen: dict[str, str] = {}
        self.indexed = len(self._stored)
        self.source_digests: dict[str, str] = dict(self._read_before) if only else {}
        self._read_bytes = self._total_bytes = 0

    @property
    def changed(self) -> bool:
        """Whether the next generation would differ from the live one."""
        report = self._report
        touched = report.added or report.updated or report.moved or report.removed or report.reanalysed
        return bool(touched) or self._resources_changed or self.source_digests != self._read_before

    def changes(self) -> Iterator[PressRelease]:
        """The releases to be written, read one at a time."""
        unchanged = self._unchanged_files()
        own = {file.source_path for file in self._files}
        for release_id, stored in self._stored.items():
            if self._only and stored.source_path not in own:
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

    def removed(self) -> list[str]:
        """Ids that are indexed and no longer in the corpus. Complete when `changes` is exhausted."""
        return [release_id for release_id in self._stored if release_id not in self._seen]

    def _unchanged_files(self) -> set[str]:
        """Files with the bytes they were read with before."""
        unchanged = set()
        for file in self._files:
            digest = file.digest()
            if digest:
                self.source_digests[file.source_path] = digest
                if self._read_before.get(file.source_path) == digest:
                    unchanged.add(file.source_path)
        return unchanged

    def _changes_of(self, file: CorpusFile) -> Iterator[PressRelease]:
        in_file = 0
        before = file.stamp()

        def note(at_byte: int) -> None:
            nonlocal in_file
            in_file = at_byte

        for record in read_file(file, note):
            if isinstance(record, ReadProblem):
                self._report.refusals.append(record)
                # Not recorded as read: it is read, and complained of, again until it is mended.
                self.source_digests.pop(file.source_path, None)
                continue
            release = self._with_free_id(self._outlets.normalize(record))
            if release is None:
                continue
            if release.id in self._left_out:
                self._report.left_out += 1
                continue
            self._seen[release.id] = release.content_hash
            read = min(self._read_bytes + in_file, self._total_bytes)
            self._progress(Progress(len(self._seen), read, self._total_bytes))
            if self._full or self._differs(release):
                self._count(release)
                yield release
            else:
                yield from self._reanalyse(release.id)
        if file.stamp() != before:
            # What was read may not be what was hashed: it is read again the next time.
            self.source_digests.pop(file.source_path, None)

    def _differs(self, release: PressRelease) -> bool:
        """Whether the index does not say the same."""
        return self._stored.get(release.id) != IndexedVersion(release.content_hash, release.source_path)

    def _count(self, release: PressRelease) -> None:
        """Count a release that is written."""
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
        """An unchanged release, if it holds a word that the user dictionary came to know or forgot."""
        release = self._reader.release(release_id) if self._changed_words.entries and self._reader else None
        if release and any(self._changed_words.occurs_in(field.read(release)) for field in TEXT_FIELDS):
            self._report.reanalysed += 1
            yield release
        else:
            self._report.unchanged += 1

    def _with_free_id(self, release: PressRelease) -> PressRelease | None:
        """The release, under another id if its own is taken; None for a second copy of the same."""
        taken_by = self._seen.get(release.id)
        if taken_by is None:
            return release
        other = f"{release.id}-{release.content_hash[:8]}"
        if taken_by == release.content_hash or other in self._seen:
            known = release.id if taken_by == release.content_hash else other
            self._warn(release, f"같은 보도자료가 또 있습니다(id {known}).", "한쪽을 지우세요.")
            return None
        self._warn(
            release,
            f"다른 보도자료와 id가 같습니다({release.id}). {other}로 색인했습니다.",
            "한쪽의 id를 바꾸세요.",
        )
        return replace(release, id=other)

    def _warn(self, release: PressRelease, reason: str, hint: str) -> None:
        self._report.refusals.append(ReadProblem(release.source_path, reason, hint, severity="warning"))
        self.source_digests.pop(release.source_path, None)

    def _keep_unreadable(self) -> Iterator[PressRelease]:
        """What was indexed from files and folders that are refused now stays as it is."""
        refused = {refusal.source_path for refusal in self._report.refusals if refusal.severity == "error"}
        for release_id, stored in self._stored.items():
            if release_id in self._seen or not _is_under(stored.source_path, refused):
                continue
            try:
                release = self._reader.release(release_id) if self._full and self._reader else None
            except IndexUnavailable as error:
                reason = f"전에 색인한 것(id {release_id})도 남기지 못했습니다. {error.message}"
                self._report.refusals.append(ReadProblem(stored.source_path, reason, "파일을 고치세요."))
                continue
            self._seen[release_id] = stored.content_hash
            self._report.kept += 1
            if release:
                yield release


def _resource_problems(curated_files: dict[str, str]) -> list[ReadProblem]:
    """What is wrong with the texts that a person edits, line by line."""
    problems: dict[str, list[LineProblem]] = {
        DICTIONARY: Dictionary(curated_files.get(DICTIONARY, "")).problems,
        SYNONYMS: Synonyms.read(curated_files.get(SYNONYMS, "")).problems,
        OUTLETS: Outlets(curated_files.get(OUTLETS, "")).problems,
    }
    return [
        ReadProblem(
            name, problem.reason, "그 줄을 고치세요. 나머지 줄은 썼습니다.", problem.line, severity="warning"
        )
        for name, found in problems.items()
        for problem in found
    ]


def _is_under(source_path: str, places: set[str]) -> bool:
    parts = source_path.split("/")
    return any("/".join(parts[:depth]) in places for depth in range(1, len(parts) + 1))
