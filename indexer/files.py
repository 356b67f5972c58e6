"""When what was written is on the disk, and that one at a time writes it."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_WAYS_OUT = {
    errno.ENOSPC: "디스크에 자리를 만들고 다시 실행하세요.",
    errno.EDQUOT: "디스크에 자리를 만들고 다시 실행하세요.",
    errno.EACCES: "폴더와 파일의 권한을 확인하세요.",
    errno.EPERM: "폴더와 파일의 권한을 확인하세요.",
    errno.EROFS: "읽기만 되는 디스크입니다. --index로 다른 폴더를 지정하세요.",
    errno.EIO: "디스크가 고장났을 수 있습니다. 점검한 뒤 다시 실행하세요.",
}


def way_out(error: OSError) -> str:
    """What a person can do about a failed write."""
    return _WAYS_OUT.get(error.errno or 0, "디스크와 권한을 확인하고 다시 실행하세요.")


def sync(path: Path) -> None:
    """Have a file's contents, or a folder's names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder and those above it that are missing, each on the disk."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            sync(folder.parent)


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole, as it was or as it is now. A link stays one."""
    path = Path(os.path.realpath(path))
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    sync(new)
    new.replace(path)
    sync(path.parent)


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Be the one who changes the files of a folder that a person may edit too; others wait.

    Where the file system cannot lock a folder nothing is locked: the change is whole all the same.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
