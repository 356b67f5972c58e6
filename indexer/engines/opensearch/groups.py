"""Releases whose bodies are nearly the same: groups of ids, of those that are not alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indexer.engines.shared.near_duplicates import find_representatives
from indexer.engines.shared.signatures import BodySignatures


class BodyGroups:
    """Groups of the ids of releases, two or more each."""

    def __init__(self, groups: Sequence[Sequence[str]] = ()) -> None:
        self.groups = groups

    @cached_property
    def _group_of(self) -> dict[str, int]:
        return {release_id: number for number, group in enumerate(self.groups) for release_id in group}

    def of(self, release_id: str) -> int | None:
        """The number of the group of a release; None if it is alone."""
        return self._group_of.get(release_id)

    def members(self, numbers: Iterable[int]) -> list[str]:
        """The ids of the releases in some groups."""
        return [release_id for number in numbers for release_id in self.groups[number]]


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells which bodies are nearly the same; see `BodySignatures`. The fingerprint has a sign."""

    id: str
    published: int
    fingerprint: int
    minhash: bytes


def group_releases(
    signatures: Sequence[Signature], earlier: Iterable[Sequence[str]], changed: Collection[str]
) -> list[list[str]]:
    """The groups that `signatures` make, joined with `earlier` groups without what has `changed`."""
    group_of: dict[str, list[str]] = {}
    for group in earlier:
        members = [release_id for release_id in group if release_id not in changed]
        group_of.update(dict.fromkeys(members, members))
    if signatures:
        fingerprints = np.array([one.fingerprint for one in signatures], np.int64).view(np.uint64)
        minhashes = np.frombuffer(b"".join(one.minhash for one in signatures), np.uint8)
        every = BodySignatures(
            np.array([one.published for one in signatures], np.int64),
            fingerprints,
            minhashes.reshape(len(signatures), -1),
            fingerprints,
        )
        for row, first in enumerate(find_representatives(every).tolist()):
            if row != first:
                _join(group_of, signatures[first].id, signatures[row].id)
    different = {id(group): group for group in group_of.values() if len(group) > 1}
    return sorted(sorted(group) for group in different.values())


def _join(group_of: dict[str, list[str]], one: str, other: str) -> None:
    into, from_ = group_of.setdefault(one, [one]), group_of.setdefault(other, [other])
    if into is not from_:
        into += from_
        group_of.update(dict.fromkeys(from_, into))
