"""The spans of a query's nodes in the texts of releases: stored by the engine, or else found by analysing."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.analysis import Analyzer
from indexer.engine import HasOffsets, Node, ScoredDoc, Snapshot, Span, Stop, offers
from indexer.engine.meaning import analyse, find_spans


def find_offsets(
    snapshot: Snapshot, analyzer: Analyzer, docs: Sequence[ScoredDoc], nodes: Sequence[Node], stop: Stop
) -> list[list[Span]]:
    """For each of `docs`, the spans that `nodes` match, by field and ascending start. See `HasOffsets`.

    Once `stop` says so, the spans of the other releases or nodes may be missing.
    """
    refs = [doc.ref for doc in docs]
    if offers(snapshot, HasOffsets):
        return snapshot.offsets(refs, nodes, stop)
    return [
        [] if stop() else find_spans(nodes, release) for release in analyse(snapshot.fetch(refs), analyzer)
    ]
