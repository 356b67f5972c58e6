"""A file of the corpus with its sidecar and its attachments."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from indexer.sources.formats.unpacking import EXPORT_SUFFIXES, RECORD_SUFFIXES
from indexer.sources.parsing import MAX_DOCUMENT_FILE_BYTES

# Files that may be of any size: they are read as a stream.
_STREAM_SUFFIXES = (*RECORD_SUFFIXES, *EXPORT_SUFFIXES)


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file to read. `source_path` is NFC and relative to the corpus, with "/" between its parts."""

    path: Path
    source_path: str
    sidecar: Path | None = None
    attachments: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file, its sidecar and its attachments."""
        return tuple(path for path in (self.path, self.sidecar, *self.attachments) if path is not None)

    def digest(self) -> str:
        """SHA-256 of the file with its related files, in hexadecimal; '' where one cannot be read.

        Of a file that is too large to be parsed, its size stands for its bytes.
        """
        try:
            file_digest = _digest(self.path)
            related_paths = self.paths[1:]
            if not related_paths:
                return file_digest
            parts = [file_digest, *(f"{path.name}:{_digest(path)}" for path in related_paths)]
        except OSError:
            return ""
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()

    def size_bytes(self) -> int:
        """Bytes of the file itself; 0 where the system does not tell."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def modified_ns(self) -> int:
        """When the file itself changed last, in nanoseconds since 1970; 0 where the system does not tell."""
        try:
            return self.path.stat().st_mtime_ns
        except OSError:
            return 0

    def stamp(self) -> tuple[tuple[int, int, int], ...]:
        """Inode, size in bytes and time of change (ns) of the file and its related files; () if unknown.

        It changes when one of the files does, and costs less than `digest`.
        """
        try:
            stats = [path.stat() for path in self.paths]
        except OSError:
            return ()
        return tuple((status.st_ino, status.st_size, status.st_mtime_ns) for status in stats)


def _digest(path: Path) -> str:
    size_bytes = path.stat().st_size
    if size_bytes > MAX_DOCUMENT_FILE_BYTES and not path.name.lower().endswith(_STREAM_SUFFIXES):
        return f"{size_bytes} bytes"
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
