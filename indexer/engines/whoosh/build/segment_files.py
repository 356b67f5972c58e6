"""Segment files: written from a batch of releases, or merged from others. These functions run in a worker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.analysis import Analyzer
from indexer.engines.shared.container import Container, writing
from indexer.engines.shared.phrases import write_phrases
from indexer.engines.whoosh.build.invert import InvertedBatch, invert
from indexer.engines.whoosh.build.merge import merge_segments
from indexer.engines.whoosh.format.documents import StoredDocuments, group_documents, write_documents
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.format.stream_writer import write_stream
from indexer.errors import refusing_damage
from indexer.release import PressRelease


def write_segment(path: Path, batch: InvertedBatch, *, final: bool = True) -> None:
    """Write a segment file. If not `final`, the segment will only be merged: skip what only search needs, and
    compress quickly rather than well.
    """
    with writing(path) as container:
        write_documents(container, batch.documents, final=final)
        write_stream("morphemes", container, batch.morphemes)
        write_stream("bigrams", container, batch.bigrams)
        write_phrases(container, batch.phrases, exact=True, searchable=final)


def write_batch(
    path: Path,
    releases: Sequence[PressRelease],
    analyzer: Analyzer,
    earlier: Sequence[Path] | None = None,
    *,
    at: float,
) -> int:
    """Analyse and invert releases into a segment file; returns how many there are.

    With `earlier` segment files the segment is final, and its releases are grouped with their near-duplicates
    there. Without, it will be merged. `at` is now in seconds since 1970, see `invert`.
    """
    batch = invert(releases, analyzer, at)
    if earlier is not None:
        with refusing_damage():
            group_documents(batch.documents, open_documents(earlier))
    write_segment(path, batch, final=earlier is not None)
    return len(releases)


def merge_files(
    target: Path,
    parts: Sequence[tuple[Path, Sequence[int]]],
    max_rows: int,
    earlier: Sequence[Path] | None = None,
    *,
    at: float,
) -> int:
    """Merge segment files, each given with the releases deleted of it, into `target`, and remove them.
    Returns how many releases `target` has. See `merge.merge_segments`.
    """
    segments = [Segment(path) for path, _ in parts]
    live = []
    for segment, (_, deleted) in zip(segments, parts, strict=True):
        mask = np.ones(len(segment), bool)
        mask[list(deleted)] = False
        live.append(mask)
    merge_segments(target, segments, live, max_rows, None if earlier is None else open_documents(earlier), at)
    for path, _ in parts:
        path.unlink()
    return int(sum(mask.sum() for mask in live))


def open_documents(segments: Sequence[Path]) -> list[StoredDocuments]:
    """The documents of segment files, without terms and postings: adding a release asks every segment."""
    return [StoredDocuments(Container(path)) for path in segments]
