"""Groups releases with nearly the same body: several offices often issue one release on the same day, each
with its own contact.

The signature of a body is a MinHash of its shingles of six characters, by one permutation hashing (Li, Owen
and Zhang 2012, "One Permutation Hashing"): the hashes fall into SIGNATURE_BYTES bins, and each bin keeps the
low 8 bits of its least hash (b-bit MinHash: Li and König 2010, "b-Bit Minwise Hashing"). The share of equal
bytes estimates the Jaccard similarity of two sets of shingles. Candidate pairs come from banding (Leskovec,
Rajaraman and Ullman, Mining of Massive Datasets, chapter 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from indexer.analysis import BigramBatch
from indexer.engine import UNDATED
from indexer.engines.shared.arrays import ByteArray, Int64Array, UInt32Array, UInt64Array
from indexer.engines.shared.moments import published_seconds
from indexer.engines.shared.signatures import SIGNATURE_BYTES, BodySignatures, join_signatures
from indexer.release import PressRelease
from indexer.schema import BODY, GROUPED_BODY_SYLLABLES, TEXT_FIELDS

_FIELDS, _BODY = len(TEXT_FIELDS), TEXT_FIELDS.index(BODY)
# Near-duplicates agree in this many bytes of their signatures, nine tenths of them.
_MIN_EQUAL_BYTES = 29
# Four bytes each. Near-duplicates differ in at most three bytes, so at least five of the eight bands are
# equal.
_BANDS = SIGNATURE_BYTES // 4
_SHINGLE_BIGRAMS = 5
_DAY_S = 24 * 60 * 60
_SEOUL_S = 9 * 60 * 60
# Odd numbers that are known to mix well: the golden ratio, two primes of xxHash64, and degski's multiplier.
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_BIN_SHIFT, _HASH_SHIFT = np.uint64(59), np.uint64(27)  # 5 bits choose the bin, the next 32 are its hash


def sign_bodies(releases: Sequence[PressRelease], bigrams: BigramBatch) -> BodySignatures:
    """The signatures of the bodies of releases. The texts of `bigrams` are the text fields of each release in
    turn. A group is the fingerprint: only equal bodies are grouped yet.
    """
    fingerprints = np.zeros(len(releases), np.uint64)
    ranges = [(0, 0)] * len(releases)
    for index in range(len(releases)):
        text = index * _FIELDS + _BODY
        first, stop = int(bigrams.bounds[text]), int(bigrams.bounds[text + 1])
        if stop - first > GROUPED_BODY_SYLLABLES:
            ranges[index] = first, stop
            digest = hashlib.blake2b(bigrams.keys[first:stop].tobytes(), digest_size=8).digest()
            fingerprints[index] = int.from_bytes(digest, "little")
    published = np.array([published_seconds(release) for release in releases], np.int64)
    return BodySignatures(published, fingerprints, compute_minhashes(bigrams.keys, ranges), fingerprints)


def compute_minhashes(keys: Int64Array, bodies: Sequence[tuple[int, int]]) -> ByteArray:
    """The signatures of some bodies, a row of SIGNATURE_BYTES each. A body is a range of `keys`, its bigrams,
    end exclusive. One with fewer than five bigrams has a signature of zeros.
    """
    minhashes = np.zeros((len(bodies), SIGNATURE_BYTES), np.uint8)
    long = [index for index, (first, stop) in enumerate(bodies) if stop - first >= _SHINGLE_BIGRAMS]
    if not long:
        return minhashes
    values = keys.astype(np.uint64)
    first_factor, second_factor, third_factor = _FACTORS
    # Every second bigram of five covers six characters.
    mixed = values[:-4] * first_factor ^ values[2:-2] * second_factor ^ values[4:] * third_factor
    mixed ^= mixed >> np.uint64(32)
    mixed *= _MIX
    hashes = np.concatenate([mixed[first : stop - 4] for first, stop in (bodies[index] for index in long)])
    lengths = [bodies[index][1] - bodies[index][0] - 4 for index in long]
    bins = np.arange(len(long)).repeat(lengths) * SIGNATURE_BYTES + (hashes >> _BIN_SHIFT).astype(np.int64)
    least = np.full(len(long) * SIGNATURE_BYTES, np.iinfo(np.uint32).max, np.uint32)
    np.minimum.at(least, bins, (hashes >> _HASH_SHIFT).astype(np.uint32))
    minhashes[long] = (least & np.uint32(0xFF)).astype(np.uint8).reshape(-1, SIGNATURE_BYTES)
    return minhashes


def group_near_duplicates(new: BodySignatures, earlier: Sequence[BodySignatures]) -> UInt64Array:
    """The group of each `new` release. Releases share a group if their bodies are equal, or if they are of
    one day and their bodies nearly equal, directly or through others. A group of an `earlier` release keeps
    its number.
    """
    known = [
        signatures.take(
            (np.isin(_days(signatures), _days(new)) | np.isin(signatures.fingerprints, new.fingerprints))
            & (signatures.fingerprints > 0)
        )
        for signatures in earlier
    ]
    long = new.fingerprints > 0
    every = join_signatures([*known, new.take(long)])
    groups = new.fingerprints.copy()
    if len(every.fingerprints):
        # Earlier groups stay as they are; a new release begins as a group of its own.
        representative = find_representatives(every)
        groups[long] = every.groups[representative][len(every.fingerprints) - int(long.sum()) :]
    return groups


def find_representatives(signatures: BodySignatures) -> Int64Array:
    """For each release the first one of its group (union-find with path halving)."""
    parents = np.arange(len(signatures.fingerprints))

    def find_root(row: int) -> int:
        while parents[row] != row:
            parents[row] = row = int(parents[parents[row]])
        return row

    # Releases without a date share no day.
    days = np.where(signatures.published == UNDATED, -1 - np.arange(len(parents)), _days(signatures))
    bands = np.ascontiguousarray(signatures.minhashes).view(np.uint32).reshape(-1, _BANDS)
    pairs = [_equal_pairs(signatures.fingerprints, np.zeros(len(parents), np.int64))]
    for band in bands.T:
        one, other = _equal_pairs(band, days)
        alike = (signatures.minhashes[one] == signatures.minhashes[other]).sum(axis=1) >= _MIN_EQUAL_BYTES
        pairs.append((one[alike], other[alike]))
    for rows, others in pairs:
        for row, other in zip(rows.tolist(), others.tolist(), strict=True):
            low, high = sorted((find_root(row), find_root(other)))
            parents[high] = low
    return np.array([find_root(row) for row in range(len(parents))], np.int64)


def _equal_pairs(values: UInt32Array | UInt64Array, days: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Rows with the same value and day as an earlier row, and the first such row of each."""
    order = np.lexsort((values, days))
    again = np.zeros(len(order), bool)
    again[1:] = (values[order][1:] == values[order][:-1]) & (days[order][1:] == days[order][:-1])
    firsts = np.maximum.accumulate(np.where(again, 0, np.arange(len(order))))
    return order[again], order[firsts[again]]


def _days(signatures: BodySignatures) -> Int64Array:
    """Days since 1970 in Seoul."""
    return (signatures.published + _SEOUL_S) // _DAY_S
