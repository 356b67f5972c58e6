"""Where the words of a query stand in the text of some releases: what the engine stores, or else found in
it.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.analysis import Analyzer
from indexer.engine import HasOffsets, Node, ScoredDoc, Snapshot, Span, Stop
from indexer.engine.meaning import analyse, find_spans


def find_offsets(
    snapshot: Snapshot, analyzer: Analyzer, docs: Sequence[ScoredDoc], nodes: Sequence[Node], stop: Stop
) -> list[list[Span]]:
    """Where each of `nodes` matches in each release, by field and ascending start."""
    refs = [doc.ref for doc in docs]
    if isinstance(snapshot, HasOffsets):
        return snapshot.offsets(refs, nodes, stop)
    return [
        [] if stop() else find_spans(nodes, release) for release in analyse(snapshot.fetch(refs), analyzer)
    ]
