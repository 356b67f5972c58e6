"""What OpenSearch stores of a release: the release as JSON, and its tokens with their offsets, so that marks
and positions need no analysis. Each is compressed.

The tokens are: the counts of _HEADER; the different morphemes, with a NUL behind each; columns of steps with
a row for each morpheme; the boundary flags of each letter and digit, a byte each.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import zstandard

from indexer.release import PressRelease, read_release
from indexer.schema import TEXT_FIELDS
from indexer.text.arrays import Int32Array, Int64Array, UInt8Array

# The terms in bytes; the end of the lead; for each text field its morphemes, and its letters.
_HEADER = struct.Struct(f"<2I{2 * len(TEXT_FIELDS)}I")
_COLUMNS = 4
# A release in memory is far smaller than this; it bounds what damaged bytes can unpack to.
_MAX_BYTES = 1 << 30
_END_OF_TERM = "\0"

_Columns = tuple[Int32Array, Int32Array, Int32Array, Int64Array]


def pack_release(release: PressRelease) -> str:
    """A release, as Base64."""
    record = json.dumps(release.to_dict(), ensure_ascii=False, separators=(",", ":"))
    return _pack(record.encode("utf-8", "surrogatepass"))


def unpack_release(packed: str) -> PressRelease:
    """The release that was packed. Raises ValueError, KeyError or TypeError if it is damaged."""
    return read_release(_unpack(packed))


def pack_phrases(phrases: Iterable[str]) -> str:
    """The phrases of a release."""
    return _pack(json.dumps(sorted(phrases), ensure_ascii=False).encode())


def unpack_phrases(packed: str) -> list[str]:
    """The phrases of a release. Raises ValueError if they are damaged."""
    phrases: list[str] = json.loads(_unpack(packed))
    return phrases


def pack_tokens(
    terms: Sequence[str],
    columns: _Columns,
    flags: UInt8Array,
    morphemes: Sequence[int],
    letters: Sequence[int],
    lead_end: int,
) -> str:
    """The tokens of a release. `columns` are positions, starts, ends and indexes of `terms`, with a row for
    each morpheme, field by field; `morphemes` and `letters` count those of each field.
    """
    positions, starts, ends, term_of = columns
    term_list = "".join(term.replace(_END_OF_TERM, " ") + _END_OF_TERM for term in terms).encode()
    # Steps are small numbers, which compress well.
    steps = (np.diff(positions, prepend=0), np.diff(starts, prepend=0), ends - starts, term_of)
    header = _HEADER.pack(len(term_list), lead_end, *morphemes, *letters)
    return _pack(b"".join([header, term_list, np.array(steps, "<i4").tobytes(), flags.tobytes()]))


@dataclass(frozen=True)
class StoredTokens:
    """The tokens of a release. `morphemes` and `letters` say how many each text field has. `flags` are the
    boundary flags of all letters; `lead_end` is the offset in the body at which the lead ends.
    """

    term_list: bytes
    columns: bytes
    flags: UInt8Array
    lead_end: int
    morphemes: tuple[int, ...]
    letters: tuple[int, ...]

    @classmethod
    def unpack(cls, packed: str) -> StoredTokens:
        """Read what `pack_tokens` packed. Raises ValueError if it is damaged."""
        data = _unpack(packed)
        try:
            terms, lead_end, *counts = _HEADER.unpack_from(data)
        except struct.error as error:
            raise ValueError("what is stored of a release is damaged") from error
        fields = len(TEXT_FIELDS)
        morphemes, letters = tuple(counts[:fields]), tuple(counts[fields:])
        columns = _HEADER.size + terms
        flags = columns + 4 * _COLUMNS * sum(morphemes)
        return cls(
            data[_HEADER.size : columns],
            data[columns:flags],
            np.frombuffer(data, np.uint8, sum(letters), flags),
            lead_end,
            morphemes,
            letters,
        )

    @cached_property
    def terms(self) -> dict[str, int]:
        """The different morphemes, each with its index."""
        terms = self.term_list.decode().split(_END_OF_TERM)[:-1]
        return {term: index for index, term in enumerate(terms)}

    def rows(self) -> Int64Array:
        """Four columns with an entry for each morpheme, field by field: position, start, end and term."""
        steps = np.frombuffer(self.columns, "<i4").reshape(_COLUMNS, -1)
        rows = np.empty(steps.shape, np.int64)
        np.cumsum(steps[:2], axis=1, out=rows[:2])
        np.add(rows[1], steps[2], out=rows[2])
        rows[3] = steps[3]
        return rows


def _pack(data: bytes) -> str:
    return base64.b64encode(zstandard.ZstdCompressor(level=3).compress(data)).decode()


def _unpack(packed: str) -> bytes:
    try:
        # OpenSearch leaves the padding out; more than is needed does not matter.
        data = base64.b64decode(packed + "==")
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=_MAX_BYTES)
    except zstandard.ZstdError as error:
        raise ValueError("what is stored of a release is damaged") from error
