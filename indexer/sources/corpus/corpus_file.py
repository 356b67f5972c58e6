"""A file of the corpus and what belongs to it: a side file that overrides its fields, its attachments."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from indexer.sources.formats.unpacking import RECORD_SUFFIXES
from indexer.sources.parsing import MAX_DOCUMENT_FILE_BYTES


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file to read. `source_path` is NFC and relative to the corpus, with "/" between its parts."""

    path: Path
    source_path: str
    side_file: Path | None = None
    attachments: tuple[Path, ...] = ()

    def digest(self) -> str:
        """SHA-256 of the bytes of the file and of all that belongs to it; '' where one cannot be read."""
        try:
            own = _digest(self.path)
            others = [part for part in (self.side_file, *self.attachments) if part is not None]
            if not others:
                return own
            parts = [own, *(f"{part.name}:{_digest(part)}" for part in others)]
            return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
        except OSError:
            return ""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file and all that belongs to it."""
        return tuple(part for part in (self.path, self.side_file, *self.attachments) if part is not None)

    def size_bytes(self) -> int:
        """Bytes of the file itself; 0 where it cannot be asked."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def stamp(self) -> tuple[tuple[int, int, int], ...]:
        """What changes when one of the files does: number, size in bytes and time of change of each."""
        try:
            found = [path.stat() for path in self.paths]
        except OSError:
            return ()
        return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in found)


def _digest(path: Path) -> str:
    size = path.stat().st_size
    if size > MAX_DOCUMENT_FILE_BYTES and not path.name.lower().endswith(RECORD_SUFFIXES):
        # Nothing of it is read, whatever it says.
        return f"{size} bytes"
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
