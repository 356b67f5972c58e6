"""Brings the index up to date with the corpus.

1. `sources.corpus` lists the files and reads press releases, or problems, from each.
2. `comparison` compares them with the indexed versions by content hash, and gives the changes to the writer.
3. The writer of the engine analyses the changed releases and makes the next state of the index live.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from indexer.curation.files import CURATED_FILES, find_line_problems, read_curated_file
from indexer.engine import Engine, Maintenance, Snapshot
from indexer.errors import BodoError, IndexUnavailable, SourceError
from indexer.indexing.comparison import Comparison
from indexer.indexing.part import FilesAsPart, find_among
from indexer.indexing.report import Report, ShowProgress
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.walk import list_files, require_corpus
from indexer.sources.problems import ReadProblem

# A change that would remove more than this share of the index needs `allow_removals`. A choice: a folder that
# is not mounted removes far more, and daily work far less.
MAX_REMOVED_SHARE = 0.2


def reindex(
    engine: Engine,
    corpus: Path,
    *,
    full: bool = False,
    allow_removals: bool = False,
    withhold: bool = False,
    problems: Sequence[ReadProblem] = (),
    follow_links: bool = False,
    wait_s: float = 30.0,
    progress: ShowProgress = lambda _: None,
) -> Report:
    """Bring the index up to date with the corpus. Only changed files are read and changed releases analysed.

    `full` builds everything anew beside the live index. Releases of a file or folder that cannot be read now
    stay in the index, and so does what it was made with of a curated file. `progress` is called for every
    release. No one else can change the index meanwhile.

    Raises SourceError if the corpus does not exist, or a curated file cannot be read and there is no index
    that has it; IndexUnavailable if the index cannot be written, and
    BodoError if more than MAX_REMOVED_SHARE of the index would be removed without `allow_removals`. Then the
    index stays as it is. `withhold`: that is no error; what would be removed stays (`Report.withheld`), and
    everything else is done. `problems` are added to the report; nothing at or below their paths is removed.
    """
    require_corpus(corpus)
    report = Report()
    curated_files: dict[str, str] = {}

    def read() -> dict[str, str]:
        curated_files.update(_read_curated_files(corpus, engine, report))
        return curated_files

    with (
        timed(report),
        engine.write(fresh=full, read_curated_files=read, wait_s=wait_s) as writer,
        live_snapshot(engine, required=not full) as snapshot,
    ):
        files, refusals = list_files(corpus, follow_links=follow_links)
        report.refusals += [*problems, *refusals, *_line_problems(curated_files)]
        comparison = Comparison(files, snapshot, curated_files, report, progress, full=full)
        removed = comparison.put_changes(writer)
        # An index of another analyzer, or a damaged one, cannot be compared; its releases can be counted.
        indexed = comparison.indexed if snapshot is not None else engine.live_documents()
        removals = len(removed) if snapshot is not None else indexed - report.added
        if withhold and not allow_removals and is_large_removal(removals, indexed):
            comparison.withhold(removed)
        else:
            refuse_large_removal(removals, indexed, corpus, allow_removals=allow_removals)
            comparison.remove(writer, removed)
        if full or comparison.has_changes or snapshot is None:
            writer.commit(comparison.source_digests)
    if comparison.is_unsettled:
        settle_again(engine, comparison.unread_files(), find_among(files), report, wait_s=wait_s)
    return report


def settle_again(
    engine: Engine,
    unread: list[CorpusFile],
    find_others: Callable[[Collection[str]], Mapping[str, CorpusFile]],
    report: Report,
    *,
    wait_s: float,
) -> None:
    """Compare the `unread` files once more with the live state, of which a comparison has told that it is not
    settled which of several releases has an id. `find_others`: see `Comparison`; `report` is completed.

    Raises IndexUnavailable if the index cannot be read or written. The next change settles it too.
    """
    again = Report()
    with engine.write(wait_s=wait_s) as writer, live_snapshot(engine, required=True) as snapshot:
        assert snapshot is not None
        comparison = Comparison(
            unread,
            snapshot,
            dict(snapshot.curated_files),
            again,
            lambda _: None,
            full=False,
            only=FilesAsPart(unread),
            find_others=find_others,
        )
        comparison.remove(writer, comparison.put_changes(writer))
        if comparison.has_changes:
            writer.commit(comparison.source_digests)
    report.added += again.added
    report.removed += again.removed
    report.replaced += again.replaced
    report.waiting |= again.waiting
    report.documents = again.documents
    report.refusals += [problem for problem in again.refusals if problem not in report.refusals]


@contextmanager
def timed(report: Report) -> Iterator[None]:
    """A context whose wall time becomes `report.took_s`."""
    started = time.monotonic()
    yield
    report.took_s = time.monotonic() - started


@contextmanager
def live_snapshot(engine: Engine, *, required: bool) -> Iterator[Snapshot | None]:
    """The live state with the releases under embargo, open within the context; None if there is none.

    Raises IndexUnavailable if it cannot be read. If it is not `required`, it is None in that case too.
    """
    snapshot = _open_live(engine, required=required)
    try:
        yield snapshot
    finally:
        if snapshot is not None:
            snapshot.close()


def _open_live(engine: Engine, *, required: bool) -> Snapshot | None:
    try:
        snapshot = engine.open(embargoed=True) if engine.live_name() else None
        if snapshot is not None and not required:
            deque(snapshot.versions(), maxlen=0)  # finds damage that opening does not look for
        return snapshot
    except IndexUnavailable:
        if required:
            raise
        return None


def is_large_removal(removed: int, indexed: int) -> bool:
    """Whether `removed` releases are more than MAX_REMOVED_SHARE of the `indexed` ones."""
    return removed > indexed * MAX_REMOVED_SHARE


def refuse_large_removal(removed: int, indexed: int, corpus: Path, *, allow_removals: bool) -> None:
    """Raise BodoError if `removed` releases are more than MAX_REMOVED_SHARE of the `indexed` ones: a folder
    that is not mounted must not empty the index.
    """
    if is_large_removal(removed, indexed) and not allow_removals:
        raise BodoError(
            f"{corpus}에 없는 보도자료 {removed:,}건이 색인(모두 {indexed:,}건)에서 지워지게 됩니다. "
            "아무것도 바꾸지 않았습니다.",
            "폴더가 제대로 연결되었는지 확인하세요. 정말 지우려면 --allow-removals를 붙이세요.",
        )


def _read_curated_files(corpus: Path, engine: Engine, report: Report) -> dict[str, str]:
    """The texts of the curated files; of one that cannot be read what the index was made with."""
    texts: dict[str, str | None] = {}
    for file in CURATED_FILES:
        try:
            texts[file.name] = read_curated_file(corpus, file.name)
        except SourceError as error:
            with live_snapshot(engine, required=False) as snapshot:
                if snapshot is None:
                    raise
                texts[file.name] = snapshot.curated_files.get(file.name)
            reason = f"{error.message} 전에 읽은 것을 그대로 씁니다."
            report.refusals.append(ReadProblem(file.name, reason, error.hint))
    return {name: text for name, text in texts.items() if text is not None}


def _line_problems(curated_files: dict[str, str]) -> list[ReadProblem]:
    """Warnings for the wrong lines of the curated files."""
    hint = "그 줄을 고치세요. 나머지 줄은 썼습니다."
    return [
        ReadProblem(name, problem.reason, hint, problem.line, severity="warning")
        for name, problem in find_line_problems(curated_files)
    ]


def maintain(engine: Engine) -> None:
    """Merge what small changes have left, if the engine needs that. Called after a change was reported, so
    that no one waits for it. If it fails, the index stays as it is.
    """
    if isinstance(engine, Maintenance):
        engine.merge()
