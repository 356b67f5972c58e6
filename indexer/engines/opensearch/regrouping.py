"""Which releases are in other groups because of a change."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from indexer.engine import UNDATED, Ids
from indexer.engines.opensearch.documents import day_of
from indexer.engines.opensearch.groups import Signature, label_groups
from indexer.engines.opensearch.keywords import from_keyword
from indexer.engines.opensearch.query import to_query
from indexer.engines.opensearch.snapshot import OpenSearchSnapshot

# Less than the terms that a query may have.
IDS_AT_ONCE = 10_000

_T = TypeVar("_T")


def regroup(
    snapshot: OpenSearchSnapshot, new: Sequence[Signature], changed: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The labels of `new` releases that are in groups, and those of others whose label is another now, by id.
    `changed` are the ids of all that was put or removed: what the snapshot has of them does not count.
    """
    days = sorted({day_of(one.published) for one in new if one.published != UNDATED})
    known = _find_signatures(snapshot, "day", days)
    known |= _find_signatures(snapshot, "fingerprint", sorted({one.fingerprint for one in new}))
    labels = {one.group for one in known.values()}
    for some in pieces(sorted(changed), IDS_AT_ONCE):
        hits = snapshot.walk(["group"], to_query(Ids(tuple(some))))
        labels.update(value_of(hit, "group", "") for hit in hits)
    known |= _find_signatures(snapshot, "group", sorted(labels - {""}))
    others = [one for one in known.values() if one.id not in changed]
    found = label_groups([*others, *new])
    return (
        {one.id: found[one.id] for one in new if found[one.id]},
        {one.id: found[one.id] for one in others if found[one.id] != one.group},
    )


def _find_signatures(snapshot: OpenSearchSnapshot, field: str, values: Sequence[Any]) -> dict[str, Signature]:
    """The signatures of releases with one of these values, by id."""
    found = {}
    for some in pieces(values, IDS_AT_ONCE):
        query = {"bool": {"filter": [{"terms": {field: some}}, {"exists": {"field": "fingerprint"}}]}}
        for hit in snapshot.walk(["id", "published", "fingerprint", "minhash", "group"], query):
            found[id_of(hit)] = Signature(
                id_of(hit),
                value_of(hit, "published", UNDATED),
                value_of(hit, "fingerprint", 0),
                base64.b64decode(value_of(hit, "minhash", "") + "=="),
                value_of(hit, "group", ""),
            )
    return found


def pieces(values: Sequence[_T], size: int) -> Iterator[list[_T]]:
    """The values in order, at most `size` at a time."""
    remaining = iter(values)
    while some := list(islice(remaining, size)):
        yield some


def id_of(hit: Mapping[str, Any]) -> str:
    """The id of a hit."""
    return from_keyword(hit["fields"]["id"][0])


def value_of(hit: Mapping[str, Any], field: str, default: Any) -> Any:  # noqa: ANN401 - JSON
    """The value of a field of a hit; the default where it has none."""
    return hit["fields"].get(field, [default])[0] if "fields" in hit else default
