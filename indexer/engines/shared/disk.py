"""Everything that is written to the disk goes through here, so that what a crash may lose is seen in one
place.

The contents of a file are durable once `sync` was called for it, its name once `sync` was called for its
folder.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import stat
from pathlib import Path

from indexer.files import sync, way_out

__all__ = ["NewFile", "create", "link", "regular_size", "replace", "sha256", "sync", "way_out", "write_bytes"]

# What file systems answer that cannot link: copy instead.
_CANNOT_LINK = (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV, errno.ENOSYS)


class NewFile(io.FileIO):
    """A file being written; every byte of an index passes through its `write`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w")


def create(path: Path) -> io.BufferedWriter:
    """Create an empty file, or empty the one that is there, and open it for writing."""
    return io.BufferedWriter(NewFile(path))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file."""
    with create(path) as stream:
        stream.write(data)


def replace(path: Path, target: Path) -> None:
    """Rename a file or folder, in place of whatever has the name `target`."""
    path.replace(target)


def link(path: Path, target: Path) -> None:
    """Put a file in a second folder too, by a hard link where the file system can, else by a synced copy."""
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        shutil.copyfile(path, target)
        sync(target)


def regular_size(path: Path) -> int:
    """The size of a regular file in bytes. Raises OSError for anything else, a link too."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return status.st_size


def sha256(path: Path) -> str:
    """The SHA-256 of a file's contents, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
