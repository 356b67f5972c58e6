"""Releases by their ids."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.engine.port import Snapshot
from indexer.engine.query import Ids
from indexer.engine.requests import ScoredDoc, Search
from indexer.errors import IndexUnavailable
from indexer.release import PressRelease


def find_docs(snapshot: Snapshot, ids: Sequence[str]) -> dict[str, ScoredDoc]:
    """Releases by id. Ids that the snapshot does not have are left out.

    Raises IndexUnavailable if a part of the index does not answer now that may have some of them.
    """
    if not ids:
        return {}
    results = snapshot.search(Search(query=Ids(tuple(ids)), sort="newest", limit=len(ids)))
    if results.timed_out and len(results.docs) < len(set(ids)):
        raise IndexUnavailable("색인의 일부가 답하지 않습니다.", "잠시 뒤에 다시 하세요.")
    return {doc.id: doc for doc in results.docs}


def find_release(snapshot: Snapshot, release_id: str) -> PressRelease | None:
    """The release with an id; None if there is none."""
    doc = find_docs(snapshot, (release_id,)).get(release_id)
    return snapshot.fetch([doc.ref])[0] if doc else None
