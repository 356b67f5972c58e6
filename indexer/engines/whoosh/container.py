"""A file of named arrays, memory-mapped.

    magic, arrays (each at a multiple of 64 bytes), directory (JSON), its offset and length, magic

Nothing in it is code: a directory that does not fit the file is refused.
"""

from __future__ import annotations

import json
import mmap
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexUnavailable

_MAGIC = b"bodo arrays 1\n"
_ALIGNMENT_BYTES = 64
_TAIL = struct.Struct("<QQ14s")
_DTYPES = frozenset(("uint8", "uint16", "uint32", "uint64", "int32", "int64", "float32"))

AnyArray = NDArray[Any]


def write_container(path: Path, arrays: Iterable[tuple[str, AnyArray]]) -> None:
    """Write one-dimensional arrays, in order; one that is made as it is asked for need not be kept."""
    directory: dict[str, tuple[str, int, int]] = {}
    with path.open("wb") as stream:
        stream.write(_MAGIC)
        for name, array in arrays:
            stream.write(b"\0" * (-stream.tell() % _ALIGNMENT_BYTES))
            directory[name] = (array.dtype.name, stream.tell(), len(array))
            np.ascontiguousarray(array).tofile(stream)
        record = json.dumps(directory).encode("ascii")
        offset = stream.tell()
        stream.write(record)
        stream.write(_TAIL.pack(offset, len(record), _MAGIC))


class Container(Mapping[str, AnyArray]):
    """The arrays of a file, read-only views of the mapped file. Raises IndexUnavailable where it is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as stream:
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self._directory = self._read_directory()
        except (OSError, ValueError, TypeError, struct.error) as error:
            raise IndexUnavailable(
                f"색인의 {path} 파일을 읽을 수 없습니다.", "`bodo reindex --full`로 색인을 다시 만드세요."
            ) from error

    def __getitem__(self, name: str) -> AnyArray:
        dtype, offset, count = self._directory[name]
        return np.frombuffer(self._map, np.dtype(dtype), count, offset)

    def __iter__(self) -> Any:  # noqa: ANN401 - Mapping's own signature
        return iter(self._directory)

    def __len__(self) -> int:
        return len(self._directory)

    def _read_directory(self) -> dict[str, tuple[str, int, int]]:
        size = len(self._map)
        if size < len(_MAGIC) + _TAIL.size or self._map[: len(_MAGIC)] != _MAGIC:
            raise ValueError("no container")
        offset, length, magic = _TAIL.unpack(self._map[size - _TAIL.size :])
        if magic != _MAGIC or offset + length + _TAIL.size != size:
            raise ValueError("no container")
        directory = json.loads(self._map[offset : offset + length])
        for dtype, start, count in directory.values():
            if dtype not in _DTYPES or start < 0 or count < 0:
                raise ValueError("bad array")
            if start + count * np.dtype(dtype).itemsize > offset:
                raise ValueError("array outside the file")
        return {str(name): (dtype, start, count) for name, (dtype, start, count) in directory.items()}
