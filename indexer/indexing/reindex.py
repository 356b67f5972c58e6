"""Make the index say what the corpus says.

1. `sources.corpus.reading` lists the files and makes press releases of each, or says why not.
2. `comparison` compares them with what is indexed, by content hash, and gives the engine's writer the rest.
3. The writer analyses them, and makes the next state of the index live.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.curation.files import find_line_problems, read_curated_files
from indexer.engine import Engine, Maintenance, Snapshot
from indexer.errors import BodoError, IndexUnavailable
from indexer.indexing.comparison import Comparison
from indexer.indexing.report import Report, ShowProgress
from indexer.sources.corpus.walk import list_files, require_corpus
from indexer.sources.problems import ReadProblem

# A reindex that would remove more than this share of the index must be told that it may.
MAX_REMOVED_SHARE = 0.2


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
        timed(report),
        engine.write(fresh=full, read_curated_files=read, wait_s=wait_s) as writer,
        live_snapshot(engine, required=not full) as snapshot,
    ):
        files, refusals = list_files(corpus, follow_links=follow_links)
        report.refusals += [*refusals, *_line_problems(curated_files)]
        comparison = Comparison(files, snapshot, curated_files, report, progress, full=full)
        removed = comparison.put_changes(writer)
        # What another analyzer indexed, or what is damaged, cannot be compared, but counted.
        before = comparison.indexed if snapshot is not None else engine.live_documents()
        gone = len(removed) if snapshot is not None else before - report.added
        refuse_large_removal(gone, before, corpus, allow_removals=allow_removals)
        comparison.remove(writer, removed)
        if full or comparison.has_changes or snapshot is None:
            writer.commit(comparison.source_digests)
    return report


@contextmanager
def timed(report: Report) -> Iterator[None]:
    """Note how long what is within it takes."""
    started = time.monotonic()
    yield
    report.took_s = time.monotonic() - started


@contextmanager
def live_snapshot(engine: Engine, *, required: bool) -> Iterator[Snapshot | None]:
    """The live state while it is looked at; None where there is none."""
    snapshot = _open_live(engine, required=required)
    try:
        yield snapshot
    finally:
        if snapshot is not None:
            snapshot.close()


def _open_live(engine: Engine, *, required: bool) -> Snapshot | None:
    """The live state, if there is one, with all it holds; a full build can do without one that cannot be
    read.
    """
    try:
        snapshot = engine.open(embargoed=True) if engine.live_name() else None
        if snapshot is not None and not required:
            deque(snapshot.versions(), maxlen=0)  # opening looks at names and sizes only
        return snapshot
    except IndexUnavailable:
        if required:
            raise
        return None


def refuse_large_removal(removed: int, indexed: int, corpus: Path, *, allow_removals: bool) -> None:
    """Raise BodoError where more than MAX_REMOVED_SHARE would go. An unmounted folder must not empty the
    index.
    """
    if removed > indexed * MAX_REMOVED_SHARE and not allow_removals:
        raise BodoError(
            f"{corpus}에 없는 보도자료 {removed:,}건이 색인(모두 {indexed:,}건)에서 지워지게 됩니다. "
            "아무것도 바꾸지 않았습니다.",
            "폴더가 제대로 연결되었는지 확인하세요. 정말 지우려면 --allow-removals를 붙이세요.",
        )


def _line_problems(curated_files: dict[str, str]) -> list[ReadProblem]:
    """What is wrong with the texts that a person edits, line by line."""
    hint = "그 줄을 고치세요. 나머지 줄은 썼습니다."
    return [
        ReadProblem(name, problem.reason, hint, problem.line, severity="warning")
        for name, problem in find_line_problems(curated_files)
    ]


def maintain(engine: Engine) -> None:
    """Look after the index when a change is done and told: merge what small changes have left, where the
    engine has that to do. It needs no one to wait for it, and the index stands whatever becomes of it.
    """
    if isinstance(engine, Maintenance):
        engine.merge()
