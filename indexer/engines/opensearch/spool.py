"""Actions that wait in a file until they are sent, so that memory holds few of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import zstandard

from indexer.engines.opensearch.bulk import Action

_LENGTH_BYTES = 8


class Spool:
    """A file without a name, which ends with its process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._compressor = zstandard.ZstdCompressor(level=1)

    def add(self, action: Action) -> None:
        """Keep an action. Raises OSError where the disk is full."""
        for part in (
            action.index.encode(),
            action.release_id.encode("utf-8", "surrogatepass"),
            action.source,
        ):
            data = self._compressor.compress(part)
            self._file.write(len(data).to_bytes(_LENGTH_BYTES, "little") + data)

    def __iter__(self) -> Iterator[Action]:
        self._file.seek(0)
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
        self._file.close()

    def _part(self, head: bytes) -> bytes:
        return zstandard.ZstdDecompressor().decompress(self._file.read(int.from_bytes(head, "little")))
