"""What is written to the disk goes through here, so that what a crash may lose is seen in one place.

A file is durable once `sync` was called for it, its name once `sync` was called for its folder.
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


class NewFile(io.FileIO):
    """A file that is being written; every byte of an index passes through its `write`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w")


def create(path: Path) -> io.BufferedWriter:
    """A new file, empty."""
    return io.BufferedWriter(NewFile(path))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file."""
    with create(path) as stream:
        stream.write(data)


def replace(path: Path, target: Path) -> None:
    """Give a file or folder another name, in place of what has it."""
    path.replace(target)


def link(path: Path, target: Path) -> None:
    """Have a file in a second folder as well, without copying it where the file system can."""
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV, errno.ENOSYS):
            raise
        shutil.copyfile(path, target)
        sync(target)


def regular_size(path: Path) -> int:
    """Bytes of a file that is no link, folder or device. Raises OSError where it is none."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return found.st_size


def sha256(path: Path) -> str:
    """The digest of a file's contents, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
