"""Short ways to ask a snapshot, by its capabilities or without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer.analysis import Analyzer
from indexer.engine import (
    HasStatistics,
    IndexedVersion,
    MatchPositions,
    Node,
    PhraseDictionary,
    Snapshot,
    SnapshotInfo,
    Span,
    Statistics,
    Stop,
    find_docs,
    never,
)
from indexer.search.offsets import find_offsets
from indexer.search.positions import find_positions


def versions(snapshot: Snapshot) -> dict[str, IndexedVersion]:
    """Every indexed release by id."""
    return {version.id: version for version in snapshot.versions()}


def spans_in(
    snapshot: Snapshot, analyzer: Analyzer, ids: Sequence[str], nodes: Sequence[Node], stop: Stop = never
) -> list[list[Span]]:
    """Where nodes match in each release; [] for an id that the index does not have."""
    docs = find_docs(snapshot, ids)
    found = dict(zip(docs, find_offsets(snapshot, analyzer, list(docs.values()), nodes, stop), strict=True))
    return [found.get(release_id, []) for release_id in ids]


def positions_in(
    snapshot: Snapshot, analyzer: Analyzer, ids: Sequence[str], terms: Sequence[str]
) -> MatchPositions:
    """Where morphemes stand in releases, all of which the index must have."""
    docs = find_docs(snapshot, ids)
    return find_positions(snapshot, analyzer, [docs[release_id] for release_id in ids], terms)


def statistics_of(snapshot: Snapshot) -> Statistics:
    """What a snapshot counts, where it must be able to."""
    assert isinstance(snapshot, HasStatistics)
    return snapshot.statistics()


def stored_phrases(snapshot: Snapshot) -> PhraseDictionary:
    """The phrases that a snapshot stores, where it must do so."""
    assert isinstance(snapshot, PhraseDictionary)
    return snapshot


class WithoutCapabilities:
    """A snapshot that has only the methods that the port demands: what others store is made from the texts."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.search, self.top, self.fetch = snapshot.search, snapshot.top, snapshot.fetch
        self.count = snapshot.count
        self.facet_values, self.versions = snapshot.facet_values, snapshot.versions
        self.close = snapshot.close
        self._snapshot = snapshot

    @property
    def info(self) -> SnapshotInfo:
        return self._snapshot.info

    @property
    def curated_files(self) -> Mapping[str, str]:
        return self._snapshot.curated_files

    @property
    def source_digests(self) -> Mapping[str, str]:
        return self._snapshot.source_digests

    def at_present(self) -> Snapshot:
        return WithoutCapabilities(self._snapshot.at_present())
