"""What OpenSearch stores of a release, as one compressed blob: the release as JSON, and its tokens with their
offsets, so that marks and positions need no analysis.

    the lengths of the parts and counts, see _HEADER; the release; its different morphemes, as JSON; columns
    with a row for each morpheme; the boundary flags of each letter and digit, a byte each
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import zstandard

from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS
from indexer.text.arrays import Int32Array, Int64Array, UInt8Array

# Release, terms and columns in bytes; the end of the lead; for each text field its morphemes and its letters.
_HEADER = struct.Struct(f"<4I{2 * len(TEXT_FIELDS)}I")
_COLUMNS = 4
# A release in memory is far smaller than this; it bounds what a damaged blob can unpack to.
_MAX_BLOB_BYTES = 1 << 30

_Columns = tuple[Int32Array, Int32Array, Int32Array, Int64Array]


def pack_release(
    release: PressRelease,
    terms: Sequence[str],
    columns: _Columns,
    flags: UInt8Array,
    morphemes: Sequence[int],
    letters: Sequence[int],
    lead_end: int,
) -> str:
    """The blob of a release, in Base64. `columns` are positions, starts, ends and indexes of `terms`, with a
    row for each morpheme, field by field; `morphemes` and `letters` count those of each field.
    """
    record = json.dumps(release.to_dict(), ensure_ascii=False, separators=(",", ":"))
    data = record.encode("utf-8", "surrogatepass")
    term_list = json.dumps(terms, ensure_ascii=False, separators=(",", ":")).encode()
    positions, starts, ends, term_of = columns
    # Small numbers, which compress well.
    steps = (np.diff(positions, prepend=0), np.diff(starts, prepend=0), ends - starts, term_of)
    packed = np.array(steps, "<i4").tobytes()
    counts = [count for pair in zip(morphemes, letters, strict=True) for count in pair]
    header = _HEADER.pack(len(data), len(term_list), len(packed), lead_end, *counts)
    return _compress(b"".join([header, data, term_list, packed, flags.tobytes()]))


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A blob, unpacked as far as it is asked for. `counts` has a pair for each text field: how many morphemes
    and how many letters and digits it has. `lead_end` is the offset in the body at which the lead ends.
    """

    record: bytes
    term_list: bytes
    columns: bytes
    flags: UInt8Array
    lead_end: int
    counts: tuple[tuple[int, int], ...]

    @classmethod
    def unpack(cls, encoded: str) -> StoredRelease:
        """Read a blob as OpenSearch gives it back. Raises ValueError if it is damaged."""
        data = _decompress(encoded)
        try:
            record, terms, columns, lead_end, *counts = _HEADER.unpack_from(data)
        except struct.error as error:
            raise ValueError("what is stored of a release is damaged") from error
        ends = np.cumsum([_HEADER.size, record, terms, columns]).tolist()
        return cls(
            data[ends[0] : ends[1]],
            data[ends[1] : ends[2]],
            data[ends[2] : ends[3]],
            np.frombuffer(data, np.uint8, offset=ends[3]),
            lead_end,
            tuple(zip(counts[::2], counts[1::2], strict=True)),
        )

    @property
    def release(self) -> PressRelease:
        """The release as it was indexed."""
        return PressRelease.from_dict(json.loads(self.record.decode("utf-8", "surrogatepass")))

    @property
    def terms(self) -> list[str]:
        """The different morphemes; the columns name them by their index."""
        terms: list[str] = json.loads(self.term_list)
        return terms

    def tokens(self) -> tuple[Int64Array, Int64Array, Int64Array, Int64Array]:
        """Columns with a row for each morpheme, field by field: position, start, end and term."""
        columns = np.frombuffer(self.columns, "<i4").reshape(_COLUMNS, -1).astype(np.int64)
        positions, starts = columns[0].cumsum(), columns[1].cumsum()
        return positions, starts, starts + columns[2], columns[3]


def pack_phrases(phrases: Iterable[str]) -> str:
    """The phrases of a release as they are stored."""
    return _compress(json.dumps(sorted(phrases), ensure_ascii=False).encode())


def unpack_phrases(encoded: str) -> list[str]:
    """The phrases of a release. Raises ValueError if they are damaged."""
    phrases: list[str] = json.loads(_decompress(encoded))
    return phrases


def _decompress(encoded: str) -> bytes:
    try:
        return zstandard.ZstdDecompressor().decompress(
            base64.b64decode(encoded), max_output_size=_MAX_BLOB_BYTES
        )
    except zstandard.ZstdError as error:
        raise ValueError("what is stored of a release is damaged") from error


def _compress(data: bytes) -> str:
    return base64.b64encode(zstandard.ZstdCompressor(level=3).compress(data)).decode()
