"""JSON Lines as stored, plain or compressed -> their bytes, with a guard against decompression bombs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import GzipFile
from io import BufferedReader, RawIOBase
from lzma import LZMADecompressor, LZMAError
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from indexer.sources.problems import ContentError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# `xz -9` takes 65 MiB to unpack, and no preset takes more (xz(1)).
XZ_MEMORY_BYTES = 256 << 20
# Records compress to a tenth, one record repeated to a hundredth, a bomb to a thousandth.
LARGEST_RATIO = 300
# A small file may unpack to so much, whatever it is.
UNCHECKED_BYTES = 100_000_000
_BUFFER_BYTES = 1 << 16


class _Stream(Protocol):
    def readinto(self, buffer: WriteableBuffer, /) -> int | None: ...

    def close(self) -> None: ...


class _Xz(RawIOBase):
    """The bytes of an xz file of one or more streams. `lzma.LZMAFile` has no limit of memory."""

    def __init__(self, stored: BufferedReader) -> None:
        self._stored = stored
        self._unpacker = LZMADecompressor(memlimit=XZ_MEMORY_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer; 0 at the end. Raises LZMAError, and EOFError where the file is cut short."""
        view = memoryview(buffer)
        while True:
            if self._unpacker.eof:
                # Zeros may stand between streams and after the last (xz file format, 2.2).
                packed = self._unpacker.unused_data.lstrip(b"\0")
                while not packed and (more := self._stored.read1(_BUFFER_BYTES)):
                    packed = more.lstrip(b"\0")
                if not packed:
                    return 0
                self._unpacker = LZMADecompressor(memlimit=XZ_MEMORY_BYTES)
            elif self._unpacker.needs_input:
                packed = self._stored.read1(_BUFFER_BYTES)
                if not packed:
                    raise EOFError("the file ends within a stream")
            else:
                packed = b""
            data = self._unpacker.decompress(packed, len(view))
            if data:
                view[: len(data)] = data
                return len(data)


class _BombGuard(RawIOBase):
    """The unpacked bytes, while they are not far more than the stored ones."""

    def __init__(self, stored: BufferedReader, unpacked: _Stream) -> None:
        self._stored = stored
        self._stream = unpacked
        self._unpacked_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer. Raises ContentError where the file is a bomb, or takes too much memory."""
        try:
            size = self._stream.readinto(buffer) or 0
        except (LZMAError, MemoryError) as error:
            if isinstance(error, LZMAError) and "limit" not in str(error):
                raise
            message = f"압축을 푸는 데 메모리가 {XZ_MEMORY_BYTES >> 20} MB 넘게 듭니다."
            raise ContentError(message, "`xz -6`이나 gzip으로 다시 압축하세요.") from error
        self._unpacked_bytes += size
        if self._unpacked_bytes > max(UNCHECKED_BYTES, LARGEST_RATIO * self._stored.tell()):
            message = f"압축을 풀면 {LARGEST_RATIO}배가 넘어 그만 읽었습니다(압축 폭탄일 수 있습니다)."
            raise ContentError(message, "원본을 확인하고, 맞으면 압축을 풀어 .jsonl로 넣으세요.")
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()


_UNPACKERS: dict[str, Callable[[BufferedReader], _Stream]] = {
    ".jsonl.gz": lambda stored: GzipFile(fileobj=stored),
    ".jsonl.xz": _Xz,
}
RECORD_SUFFIXES = (".jsonl", *_UNPACKERS)
# What portals export, a release a row (`corpus.exports`).
EXPORT_SUFFIXES = (".json", ".csv", ".tsv", ".xlsx")


@contextmanager
def open_records(path: Path) -> Iterator[tuple[BufferedReader, BufferedReader[Any]]]:
    """The stored bytes of a file of records, and the unpacked ones; the same stream where it is plain.

    Raises OSError where the file cannot be opened. Reading raises ContentError where it unpacks to too much,
    and EOFError, LZMAError, zlib.error or BadGzipFile where it is broken.
    """
    name = path.name.lower()
    unpacker = next((make for suffix, make in _UNPACKERS.items() if name.endswith(suffix)), None)
    with path.open("rb") as stored:
        if unpacker is None:
            yield stored, stored
        else:
            unpacked: BufferedReader[Any] = BufferedReader(
                _BombGuard(stored, unpacker(stored)), _BUFFER_BYTES
            )
            with unpacked as lines:
                yield stored, lines
