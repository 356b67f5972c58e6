"""A file of named arrays, memory-mapped.

    magic, arrays (each at a multiple of 64 bytes), directory (JSON), its offset and length, magic

A container holds no code, and a directory that does not fit the file is refused.
"""

from __future__ import annotations

import json
import mmap
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedWriter
from pathlib import Path
from typing import Any

import numpy as np

from indexer.engines.shared.arrays import AnyArray
from indexer.engines.shared.disk import create, way_out
from indexer.errors import IndexUnavailable

_MAGIC = b"bodo arrays 1\n"
_ALIGNMENT_BYTES = 64  # a cache line
_TAIL = struct.Struct("<QQ14s")
_DTYPES = frozenset(("uint8", "uint16", "uint32", "uint64", "int32", "int64", "float32"))


class ContainerWriter:
    """Writes a container: whole arrays one after another, or several at once in pieces.

    The file is a container only after `close`.
    """

    def __init__(self, path: Path) -> None:
        self._stream = create(path)
        self._directory: dict[str, tuple[str, int, int]] = {}
        self._stream.write(_MAGIC)
        self._end = len(_MAGIC)

    def add(self, name: str, array: AnyArray) -> None:
        """Write a one-dimensional array."""
        self.add_pieces(name, array.dtype, (array,))

    def add_pieces(self, name: str, dtype: np.dtype[Any], pieces: Iterable[AnyArray]) -> None:
        """Write an array that comes in pieces; its length need not be known before."""
        start = self._align()
        for piece in pieces:
            self._stream.seek(self._end)
            self._stream.write(np.ascontiguousarray(piece, dtype).data)
            self._end += piece.size * dtype.itemsize
        self._directory[name] = (dtype.name, start, (self._end - start) // dtype.itemsize)

    def reserve(self, name: str, dtype: np.dtype[Any], count: int) -> Reserved:
        """Reserve room for an array of `count` items, to fill it piece by piece beside others."""
        start = self._align()
        self._end += count * dtype.itemsize
        self._directory[name] = (dtype.name, start, count)
        return Reserved(self._stream, start, self._end, dtype)

    def close(self) -> None:
        """Write the directory, which makes the file a container."""
        record = json.dumps(self._directory).encode("ascii")
        self._stream.seek(self._end)
        self._stream.write(record)
        self._stream.write(_TAIL.pack(self._end, len(record), _MAGIC))
        self._stream.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._stream.close()

    def _align(self) -> int:
        self._end += -self._end % _ALIGNMENT_BYTES
        return self._end


class Reserved:
    """Room for an array in a container."""

    def __init__(self, stream: BufferedWriter, start: int, end: int, dtype: np.dtype[Any]) -> None:
        self._stream = stream
        self._next, self._end = start, end
        self._dtype = dtype

    def append(self, piece: AnyArray) -> None:
        """Write the next piece. Raises ValueError if it does not fit."""
        following = self._next + piece.size * self._dtype.itemsize
        if following > self._end:
            raise ValueError("more than was reserved")
        self._stream.seek(self._next)
        self._stream.write(np.ascontiguousarray(piece, self._dtype).data)
        self._next = following

    def finish(self) -> None:
        """Raise ValueError if the room is not filled."""
        if self._next != self._end:
            raise ValueError("less than was reserved")


@contextmanager
def writing(path: Path) -> Iterator[ContainerWriter]:
    """A writer that is closed at the end; after an error the file is no container."""
    writer = ContainerWriter(path)
    try:
        yield writer
        writer.close()
    finally:
        writer.abandon()


class Container(Mapping[str, AnyArray]):
    """The arrays of a file by name, read-only views of the mapped file."""

    def __init__(self, path: Path) -> None:
        """Raises IndexUnavailable if the file cannot be read or is no container."""
        try:
            with path.open("rb") as stream:
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self._directory = self._read_directory()
        except OSError as error:
            raise IndexUnavailable(
                f"색인의 {path} 파일을 읽을 수 없습니다({error.strerror}).", way_out(error)
            ) from error
        except (ValueError, TypeError, AttributeError, RecursionError, struct.error) as error:
            raise IndexUnavailable(
                f"색인의 {path} 파일이 손상되었습니다.", "`bodo reindex --full`로 색인을 다시 만드세요."
            ) from error

    def __getitem__(self, name: str) -> AnyArray:
        dtype, offset, count = self._directory[name]
        return np.frombuffer(self._map, np.dtype(dtype), count, offset)

    def __iter__(self) -> Iterator[str]:
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
            if dtype not in _DTYPES or type(start) is not int or type(count) is not int:
                raise ValueError("bad array")
            if start < 0 or count < 0:
                raise ValueError("bad array")
            if start + count * np.dtype(dtype).itemsize > offset:
                raise ValueError("array outside the file")
        return {str(name): (dtype, start, count) for name, (dtype, start, count) in directory.items()}
