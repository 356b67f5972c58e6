"""Brings the changes of a part of the corpus into the index, without looking at the rest."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from indexer.engine import Engine
from indexer.indexing.comparison import Comparison
from indexer.indexing.reindex import is_large_removal, live_snapshot, reindex, settle_again, timed
from indexer.indexing.report import Report
from indexer.sources.corpus.part import find_files, is_at, list_part
from indexer.sources.corpus.walk import source_name
from indexer.sources.problems import ReadProblem

# So many releases may go at once whatever their share of the index, if their files were seen to be deleted or
# changed one by one. A choice: a person deletes a few, and in a small corpus each is more than a fifth.
MAX_OBSERVED_REMOVALS = 10


def update(
    engine: Engine,
    corpus: Path,
    paths: Collection[Path],
    *,
    removed: Collection[Path] = (),
    skipped: Collection[str] = (),
    everywhere: bool = True,
    problems: Sequence[ReadProblem] = (),
    allow_removals: bool = False,
    follow_links: bool = False,
    wait_s: float = 30.0,
) -> Report:
    """Bring what is new, changed, moved or gone at or below `paths` into the index, and nothing else. `paths`
    are files and folders of the corpus, in it or as they stand below it; some may be gone. A sidecar or an
    attachment means its release. Curated files stay as they are indexed.

    Files that the index has no source digest for are looked at too: those `everywhere` in the corpus, or only
    those in the folders of `paths`; not the `skipped` ones (`CorpusFile.source_path`), unless `paths` have
    them. A first index takes the whole corpus.

    Without `allow_removals`, where more than MAX_REMOVED_SHARE of the index would be removed, nothing is
    removed (`Report.withheld`). Up to MAX_OBSERVED_REMOVALS releases go nevertheless if all their files are
    at or below `removed`, which were seen to be deleted or changed, or are there without them. `problems`
    are added to the report; nothing at or below their paths is removed.

    Raises SourceError if the corpus does not exist, IndexUnavailable if the index cannot be written.
    """
    if not engine.live_name() or corpus.is_file():
        return reindex(engine, corpus, withhold=True, follow_links=follow_links, wait_s=wait_s)
    report = Report(refusals=list(problems))
    find_others = partial(find_files, corpus, follow_links=follow_links)
    with (
        timed(report),
        engine.write(wait_s=wait_s) as writer,
        live_snapshot(engine, required=True) as snapshot,
    ):
        assert snapshot is not None
        part = list_part(
            corpus,
            _source_paths(paths, corpus),
            snapshot.source_digests,
            skipped=skipped,
            everywhere=everywhere,
            follow_links=follow_links,
        )
        report.refusals += part.problems
        curated_files = dict(snapshot.curated_files)
        comparison = Comparison(
            part.files,
            snapshot,
            curated_files,
            report,
            lambda _: None,
            full=False,
            only=part,
            find_others=find_others,
        )
        gone = comparison.put_changes(writer)
        observed = _source_paths(removed, corpus)
        few = bool(observed) and len(gone) <= MAX_OBSERVED_REMOVALS
        if (
            allow_removals
            or not is_large_removal(len(gone), comparison.indexed)
            # A file that is there and no longer has a release has changed.
            or (few and all(is_at(path, observed | part.read) for path in comparison.source_paths(gone)))
        ):
            comparison.remove(writer, gone)
        else:
            comparison.withhold(gone)
        if comparison.has_changes:
            writer.commit(comparison.source_digests)
    if comparison.is_unsettled:
        settle_again(engine, comparison.unread_files(), find_others, report, wait_s=wait_s)
    return report


def _source_paths(paths: Collection[Path], corpus: Path) -> set[str]:
    relative = (os.path.relpath(path, corpus) if path.is_absolute() else os.fspath(path) for path in paths)
    return {source_name("" if path == "." else path) for path in relative}
