"""The segments of an index, opened without an engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.query.multi_segment import MultiSegmentReader
from indexer.engines.whoosh.query.term_postings import LookupCosts
from indexer.engines.whoosh.store.generations import Generations
from indexer.engines.whoosh.store.manifest import segment_file


def open_segments(index: Path, costs: LookupCosts | None = None) -> MultiSegmentReader:
    """A reader of the segments of the live generation, as if nothing were under embargo."""
    path, manifest = Generations(index).live()
    return MultiSegmentReader(
        [Segment(path / segment_file(entry.name)) for entry in manifest.segments],
        [entry.deleted for entry in manifest.segments],
        [np.zeros(0, np.uint16)] * len(manifest.segments),
        costs or LookupCosts(),
    )
