"""Actions that wait in a file until they are sent, so that memory holds few of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import zstandard

from indexer.engines.opensearch.bulk import Action
from indexer.errors import IndexUnavailable

_LENGTH_BYTES = 8


class Spool:
    """A file without a name, which ends with its process."""

    def __init__(self) -> None:
        with _telling():
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._compressor = zstandard.ZstdCompressor(level=1)

    def add(self, action: Action) -> None:
        """Keep an action. Raises IndexUnavailable where the disk is full."""
        release_id = action.release_id.encode("utf-8", "surrogatepass")
        with _telling():
            for part in (action.index.encode(), release_id, action.source):
                data = self._compressor.compress(part)
                self._file.write(len(data).to_bytes(_LENGTH_BYTES, "little") + data)

    def __iter__(self) -> Iterator[Action]:
        with _telling():
            self._file.seek(0)  # writes what is not written yet
        while head := self._file.read(_LENGTH_BYTES):
            parts = [self._part(head), *(self._part(self._file.read(_LENGTH_BYTES)) for _ in range(2))]
            index, release_id, source = parts
            yield Action(index.decode(), release_id.decode("utf-8", "surrogatepass"), source)

    def clear(self) -> None:
        """Forget all actions."""
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Remove the file."""
        with suppress(OSError):  # what could not be written before
            self._file.close()

    def _part(self, head: bytes) -> bytes:
        return zstandard.ZstdDecompressor().decompress(self._file.read(int.from_bytes(head, "little")))


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise IndexUnavailable(
            f"바뀐 보도자료를 잠시 둘 파일을 {tempfile.gettempdir()}에 쓸 수 없습니다({error.strerror}).",
            "디스크를 비우거나, TMPDIR로 자리가 있는 폴더를 알려 주세요.",
        ) from error
