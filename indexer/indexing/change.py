"""Single releases into the index and out of it, with the corpus that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from indexer.curation.files import REMOVED, curated_file_path, read_curated_file, read_curated_files
from indexer.curation.removals import Removals
from indexer.engine import Engine, find_docs
from indexer.errors import BodoError, SourceError
from indexer.files import changing, make_folder, way_out, write_durably
from indexer.indexing.comparison import Comparison
from indexer.indexing.reindex import live_snapshot, refuse_large_removal, timed
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
    """Copy files into the corpus and index what they hold, and nothing else of the corpus.

    Together they are what they would be in a folder: releases, side files, attachments. When this returns,
    all of it is on the disk and to be found.

    Raises SourceError where one of them cannot be read as a release, is no file of a corpus, or another file
    has its name in the corpus and `replace_files` is not set, IndexUnavailable where the index cannot be
    written, BodoError where more than MAX_REMOVED_SHARE of the index would go without `allow_removals`: then
    nothing is changed.
    """
    _make_corpus(corpus)
    report = Report()
    with timed(report), staged(files, corpus) as stage:
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
            live_snapshot(engine, required=True) as snapshot,
            moved_into(stage, corpus, replace_files=replace_files, stands=_has_changed(engine)) as moved,
        ):
            remove_leftovers(corpus)
            files_there, _ = list_files(corpus)
            # Of a first index all of the corpus is.
            own = [file for file in files_there if snapshot is None or moved & set(file.paths)]
            curated_files = (
                dict(snapshot.curated_files) if snapshot is not None else read_curated_files(corpus)
            )
            only = snapshot is not None
            comparison = Comparison(
                own, snapshot, curated_files, report, lambda _: None, full=False, only=only
            )
            removed = comparison.put_changes(writer)
            refuse_large_removal(len(removed), comparison.indexed, corpus, allow_removals=allow_removals)
            if report.left_out:
                raise BodoError(
                    "removed.txt에 있는 id의 보도자료라 검색되지 않습니다. 아무것도 바꾸지 않았습니다.",
                    "되살리려면 removed.txt에서 그 줄을 지우고 `bodo reindex`를 실행하세요.",
                )
            comparison.remove(writer, removed)
            if comparison.has_changes or snapshot is None:
                writer.commit(comparison.source_digests)
    return report


def _has_changed(engine: Engine) -> Callable[[], bool]:
    """A way to ask whether another state is live than now. Needs to be the only one who writes."""
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
    """The texts that the live state was made with; for a first index those of the corpus."""
    with live_snapshot(engine, required=True) as snapshot:
        return dict(snapshot.curated_files) if snapshot is not None else read_curated_files(corpus)


def remove(
    engine: Engine,
    corpus: Path,
    release_ids: Sequence[str],
    *,
    wait_s: float = 30.0,
) -> None:
    """Have releases found no more: they are noted in the corpus's `removed.txt` and leave the index. Their
    files stay.

    Raises BodoError where the index has none of one of these ids: then nothing is changed.
    """
    with engine.write(wait_s=wait_s) as writer, live_snapshot(engine, required=True) as snapshot:
        found = find_docs(snapshot, release_ids) if snapshot is not None else {}
        for release_id in release_ids:
            if release_id not in found:
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
                # What became live all the same stands.
                if not has_changed():
                    if before is None:
                        path.unlink(missing_ok=True)
                    else:
                        write_durably(path, before.encode())
                raise
