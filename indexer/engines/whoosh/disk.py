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

from indexer.durability import sync

__all__ = ["NewFile", "create", "link", "regular_size", "replace", "sha256", "sync", "way_out", "write_bytes"]

_WAYS_OUT = {
    errno.ENOSPC: "디스크에 자리를 만들고 다시 실행하세요.",
    errno.EDQUOT: "디스크에 자리를 만들고 다시 실행하세요.",
    errno.EACCES: "폴더와 파일의 권한을 확인하세요.",
    errno.EPERM: "폴더와 파일의 권한을 확인하세요.",
    errno.EROFS: "읽기만 되는 디스크입니다. --index로 다른 폴더를 지정하세요.",
    errno.EIO: "디스크가 고장났을 수 있습니다. 점검한 뒤 다시 실행하세요.",
}


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


def way_out(error: OSError) -> str:
    """What a person can do about what the disk refused."""
    return _WAYS_OUT.get(error.errno or 0, "디스크와 권한을 확인하고 다시 실행하세요.")
