"""Adds single releases to the corpus and the index, and removes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from indexer.curation.files import REMOVED, curated_file_path, read_curated_file, read_curated_files
from indexer.curation.removals import Removals
from indexer.engine import Engine, find_docs
from indexer.errors import BodoError, SourceError, refusing_damage
from indexer.files import changing, make_folder, way_out, write_durably
from indexer.indexing.comparison import Comparison
from indexer.indexing.part import FilesAsPart, find_among
from indexer.indexing.reindex import live_snapshot, refuse_large_removal, settle_again, timed
from indexer.indexing.report import Report
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.staging import moved_into, remove_leftovers, staged
from indexer.sources.corpus.walk import list_files
from indexer.sources.problems import ReadProblem


def add(
    engine: Engine,
    corpus: Path,
    files: Sequence[Path],
    *,
    replace_files: bool = False,
    allow_removals: bool = False,
    wait_s: float = 30.0,
) -> Report:
    """Copy files into the corpus and index the releases in them. Other changes of the corpus are not indexed.

    The files are read together as if they were in one folder: releases, sidecar files and attachments. When
    this returns, they are on the disk and searches find them.

    Raises SourceError if a file cannot be read as a release, is not a file of a corpus, or has the name of
    another file of the corpus without `replace_files`; IndexUnavailable if the index cannot be written;
    BodoError if more than MAX_REMOVED_SHARE of the index would be removed without `allow_removals`, or if
    `removed.txt` has the id of one of the releases. Then nothing is changed.
    """
    _make_corpus(corpus)
    report = Report()
    with timed(report), staged(files, corpus) as stage:
        _refuse_problems(stage)
        with (
            engine.write(
                read_curated_files=lambda: _live_curated_files(engine, corpus), wait_s=wait_s
            ) as writer,
            live_snapshot(engine, required=True) as snapshot,
            moved_into(stage, corpus, replace_files=replace_files, stands=_has_changed(engine)) as moved,
        ):
            remove_leftovers(corpus)
            corpus_files, _ = list_files(corpus)
            # A first index takes the whole corpus.
            files_to_index = [file for file in corpus_files if snapshot is None or moved & set(file.paths)]
            curated_files = dict(snapshot.curated_files) if snapshot else read_curated_files(corpus)
            comparison = Comparison(
                files_to_index,
                snapshot,
                curated_files,
                report,
                lambda _: None,
                full=False,
                only=FilesAsPart(files_to_index) if snapshot is not None else None,
                find_others=find_among(corpus_files),
            )
            removed = comparison.put_changes(writer)
            refuse_large_removal(len(removed), comparison.indexed, corpus, allow_removals=allow_removals)
            _refuse_removed_ids(report)
            comparison.remove(writer, removed)
            if comparison.has_changes or snapshot is None:
                writer.commit(comparison.source_digests)
        if comparison.is_unsettled:
            settle_again(engine, comparison.unread_files(), find_among(corpus_files), report, wait_s=wait_s)
    return report


def _refuse_removed_ids(report: Report) -> None:
    if report.left_out:
        raise BodoError(
            "removed.txt에 있는 id의 보도자료라 검색되지 않습니다. 아무것도 바꾸지 않았습니다.",
            "되살리려면 removed.txt에서 그 줄을 지우고 `bodo reindex`를 실행하세요.",
        )


def _has_changed(engine: Engine) -> Callable[[], bool]:
    """A function that says whether another state is live than now. Only for the one who writes."""
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


def _refuse_problems(stage: Path) -> None:
    """Raise SourceError for a staged file that cannot be read as a release, or is not a file of a corpus."""
    staged_files, refusals = list_files(stage)
    _refuse_others(stage, staged_files, refusals)
    problems = [
        *refusals,
        *(item for file in staged_files for item in read_file(file) if isinstance(item, ReadProblem)),
    ]
    for problem in problems:
        if problem.severity == "error":
            raise SourceError(f"{problem.source_path}: {problem.reason}", problem.hint)


def _refuse_others(stage: Path, staged_files: list[CorpusFile], refusals: list[ReadProblem]) -> None:
    """Raise SourceError for a file that is not read from a corpus, such as a curated or a hidden file."""
    corpus_paths = {path for file in staged_files for path in file.paths}
    for path in sorted(stage.iterdir()):
        if path not in corpus_paths and not any(path.name == refusal.source_path for refusal in refusals):
            raise SourceError(
                f"{path.name}은(는) 보도자료도 첨부도 곁 파일도 아닙니다.",
                "설정 파일은 corpus에 직접 두고, 보도자료면 이름을 바꾸세요.",
            )


def _live_curated_files(engine: Engine, corpus: Path) -> dict[str, str]:
    """The curated files of the live state; for a first index those of the corpus."""
    with live_snapshot(engine, required=True) as snapshot:
        return dict(snapshot.curated_files) if snapshot is not None else read_curated_files(corpus)


def remove(
    engine: Engine,
    corpus: Path,
    release_ids: Sequence[str],
    *,
    wait_s: float = 30.0,
) -> None:
    """Remove releases from the index and write their ids into `removed.txt` of the corpus. Their files stay.

    Raises BodoError if the index has no release with one of the ids, IndexUnavailable if the index cannot be
    written. Then nothing is changed.
    """
    with engine.write(wait_s=wait_s) as writer, live_snapshot(engine, required=True) as snapshot:
        with refusing_damage():
            docs = find_docs(snapshot, release_ids) if snapshot is not None else {}
        for release_id in release_ids:
            if release_id not in docs:
                raise BodoError(
                    f"색인에 id가 {release_id}인 보도자료가 없습니다.", "`bodo search`로 id를 확인하세요."
                )
        assert snapshot is not None
        path = curated_file_path(corpus, REMOVED)
        with changing(path.parent):
            before, has_changed = read_curated_file(corpus, REMOVED), _has_changed(engine)
            write_durably(path, Removals(before or "").text_with(release_ids).encode())
            try:
                indexed = Removals(snapshot.curated_files.get(REMOVED, ""))
                writer.set_curated_file(REMOVED, indexed.text_with(release_ids))
                writer.remove(release_ids)
                writer.commit(snapshot.source_digests)
            except BaseException:
                # If the new state is live nevertheless, the file has to agree with it.
                if not has_changed():
                    if before is None:
                        path.unlink(missing_ok=True)
                    else:
                        write_durably(path, before.encode())
                raise
