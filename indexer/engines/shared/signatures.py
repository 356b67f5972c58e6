"""What tells which releases have nearly the same body: columns of a segment.

`near_duplicates` computes them and groups releases by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.engines.shared.arrays import ByteArray, Int64Array, Mask, UInt64Array

SIGNATURE_BYTES = 32


@dataclass(frozen=True, slots=True)
class BodySignatures:
    """Columns with a row for each release.

    `published` is as `moments.published_seconds` gives it. `fingerprints` are hashes of whole bodies, 0 for
    a short body. `minhashes` has SIGNATURE_BYTES columns, all 0 for a short body. `groups` are equal for
    near-duplicates of each other, 0 for a short body.
    """

    published: Int64Array
    fingerprints: UInt64Array
    minhashes: ByteArray
    groups: UInt64Array

    def take(self, rows: Int64Array | Mask) -> BodySignatures:
        """Some of the rows, chosen by index or by mask."""
        return BodySignatures(
            self.published[rows], self.fingerprints[rows], self.minhashes[rows], self.groups[rows]
        )


def join_signatures(parts: Sequence[BodySignatures]) -> BodySignatures:
    """The rows of some parts, at least one, one part after the other."""
    return BodySignatures(
        np.concatenate([part.published for part in parts]),
        np.concatenate([part.fingerprints for part in parts]),
        np.concatenate([part.minhashes for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )
