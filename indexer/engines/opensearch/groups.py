"""Releases whose bodies are nearly the same: each that is not alone has the label of its group."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.engines.shared.near_duplicates import find_representatives
from indexer.engines.shared.signatures import BodySignatures


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells which bodies are nearly the same; see `BodySignatures`. The fingerprint has a sign. `group`
    is the label that a release has so far, '' for none.
    """

    id: str
    published: int
    fingerprint: int
    minhash: bytes
    group: str = ""


def label_groups(signatures: Sequence[Signature]) -> dict[str, str]:
    """The label of each release by id, '' for one that is alone. What is in one group so far stays in one."""
    if not signatures:
        return {}
    fingerprints = np.array([one.fingerprint for one in signatures], np.int64).view(np.uint64)
    minhashes = np.frombuffer(b"".join(one.minhash for one in signatures), np.uint8)
    every = BodySignatures(
        np.array([one.published for one in signatures], np.int64),
        fingerprints,
        minhashes.reshape(len(signatures), -1),
        fingerprints,
    )
    group_of = {one.id: [one.id] for one in signatures}
    firsts: dict[str, str] = {}
    for row, first in enumerate(find_representatives(every).tolist()):
        one = signatures[row]
        _join(group_of, signatures[first].id, one.id)
        if one.group:
            _join(group_of, firsts.setdefault(one.group, one.id), one.id)
    return {release_id: _label(group) if len(group) > 1 else "" for release_id, group in group_of.items()}


def _join(group_of: dict[str, list[str]], one: str, other: str) -> None:
    into, from_ = group_of[one], group_of[other]
    if into is not from_:
        into += from_
        group_of.update(dict.fromkeys(from_, into))


def _label(group: Sequence[str]) -> str:
    return hashlib.blake2b(min(group).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
