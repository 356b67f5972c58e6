"""Finds damage: what is stored of a release does not say what was indexed, or releases are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from indexer.engine import Corruption
from indexer.engine.meaning import AnalysedRelease
from indexer.engines.opensearch.keywords import from_keyword
from indexer.engines.opensearch.snapshot import OpenSearchSnapshot
from indexer.engines.opensearch.stored_release import StoredTokens, unpack_release
from indexer.engines.opensearch.stored_tokens import to_analysed
from indexer.release import content_hash_of

_FIELDS = ("id", "content_hash", "release", "tokens")
# So many releases are read at once.
_PIECE = 500


def find_damage(snapshot: OpenSearchSnapshot) -> Iterator[Corruption]:
    """All damage in a state, opened with what is under embargo."""
    ids: set[str] = set()
    for hit in snapshot.walk(_FIELDS, size=_PIECE):
        release_id = from_keyword(hit["fields"]["id"][0])
        if release_id in ids:
            yield Corruption(hit["_index"], f"보도자료 {release_id}이(가) 두 번 있습니다.")
        ids.add(release_id)
        if what := _damage(hit["fields"], release_id):
            yield Corruption(hit["_index"], f"보도자료 {release_id}: {what}")
    if len(ids) != snapshot.state.documents:
        expected = snapshot.state.documents
        yield Corruption(snapshot.state.index, f"{expected:,}건이 있어야 하는데 {len(ids):,}건이 있습니다.")


def _damage(fields: Mapping[str, Any], release_id: str) -> str:
    try:
        release = unpack_release(fields["release"][0])
        tokens = StoredTokens.unpack(fields["tokens"][0])
        _look_at(to_analysed(release, tokens))
    except (LookupError, TypeError, ValueError):
        return "저장된 것을 읽을 수 없습니다."
    content_hash = fields["content_hash"][0]
    if release.id != release_id or not content_hash == release.content_hash == content_hash_of(release):
        return "저장된 것이 색인한 것과 다릅니다."
    return ""


def _look_at(analysed: AnalysedRelease) -> None:
    """Raise what damaged tokens raise."""
    for text in analysed.fields.values():
        ends_behind = any(end > len(text.text) for _, end in text.finest.values())
        if ends_behind or len(text.letters) != len(text.chars):
            raise ValueError("what is stored of a release does not fit its text")
