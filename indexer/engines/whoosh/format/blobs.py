"""A release and the offsets of its morphemes as bytes.

    length of the JSON, 4 bytes; the release as JSON, without fields that are empty
    for each text field: how many morphemes, 4 bytes; a byte each; 8 bytes for each of those that need more

The byte of a morpheme has the gap before it (4 bits) and its length (4 bits), in characters. 255 marks one
that needs more: its gap and its length are listed behind, 4 bytes each. All integers are little-endian.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.engines.shared.arrays import Int64Array
from indexer.engines.shared.strings import encode
from indexer.release import PressRelease, read_release
from indexer.schema import TEXT_FIELDS

_EMPTY = PressRelease(id="", title="").to_dict()
_MAX_SHORT = 15  # the largest gap or length in half a byte
_LONG = 255


@dataclass(frozen=True, slots=True)
class PackedOffsets:
    """The offsets of a release's morphemes as they are stored: how many each text field has, a byte for each,
    and the bytes of those that need more.
    """

    counts: tuple[int, ...]
    short: bytes
    listed: bytes


def pack_releases(
    releases: Sequence[PressRelease],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    bounds: Int64Array,
) -> Iterator[bytes]:
    """Pack each release with the offsets of its morphemes, one morpheme a position, in characters of its text
    field. `starts` and `ends` are those of all releases; those of field f of release r are from
    bounds[r * fields + f] to the next bound.
    """
    gaps, lengths = starts.copy(), ends - starts
    gaps[1:] -= ends[:-1]
    firsts = bounds[:-1][np.diff(bounds) > 0]
    gaps[firsts] = starts[firsts]
    # A gap of 15 would make 255 with a length of 15.
    short = (gaps >= 0) & (gaps < _MAX_SHORT) & (lengths <= _MAX_SHORT)
    packed = np.where(short, gaps << 4 | lengths, _LONG).astype(np.uint8).tobytes()
    long = np.flatnonzero(~short)
    listed = np.column_stack([gaps[long], lengths[long]]).astype("<i4").tobytes()
    row_bounds, listed_bounds = bounds.tolist(), (8 * np.searchsorted(long, bounds)).tolist()
    for index, release in enumerate(releases):
        fields = {name: value for name, value in release.to_dict().items() if value != _EMPTY.get(name)}
        del fields["content_hash"]  # a column of its own
        record = encode(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))
        pieces = [len(record).to_bytes(4, "little"), record]
        for field in range(index * len(TEXT_FIELDS), (index + 1) * len(TEXT_FIELDS)):
            first, stop = row_bounds[field : field + 2]
            pieces.append((stop - first).to_bytes(4, "little"))
            pieces.append(packed[first:stop])
            pieces.append(listed[slice(*listed_bounds[field : field + 2])])
        yield b"".join(pieces)


def unpack_release(data: bytes, content_hash: str) -> tuple[PressRelease, PackedOffsets]:
    """The release that `pack_releases` packed, and its offsets for `unpack_offsets`. Raises ValueError,
    LookupError or TypeError if the bytes are damaged.
    """
    length = int.from_bytes(data[:4], "little")
    release = replace(read_release(data[4 : 4 + length]), content_hash=content_hash)
    offset = 4 + length
    short, listed, counts = [], [], []
    for _ in TEXT_FIELDS:
        counts.append(int.from_bytes(data[offset : offset + 4], "little"))
        offset += 4
        short.append(data[offset : offset + counts[-1]])
        offset += counts[-1]
        end = offset + 8 * short[-1].count(_LONG)
        listed.append(data[offset:end])
        offset = end
    return release, PackedOffsets(tuple(counts), b"".join(short), b"".join(listed))


def unpack_offsets(packed: Sequence[PackedOffsets]) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Starts, ends and bounds of the morphemes of some releases, as `pack_releases` takes them. Raises
    ValueError if they are damaged.
    """
    short = np.frombuffer(b"".join(offsets.short for offsets in packed), np.uint8)
    gaps, lengths = (short >> 4).astype(np.int64), (short & _MAX_SHORT).astype(np.int64)
    long = (short == _LONG).nonzero()[0]
    listed = np.frombuffer(b"".join(offsets.listed for offsets in packed), "<i4")
    gaps[long], lengths[long] = listed.reshape(-1, 2).T
    counts = np.array([offsets.counts for offsets in packed], np.int64).reshape(-1)
    bounds = np.append(0, counts.cumsum())
    ends = (gaps + lengths).cumsum()
    # Offsets count from the beginning of each field.
    ends -= np.append(0, ends)[bounds[:-1]].repeat(counts)
    return ends - lengths, ends, bounds
