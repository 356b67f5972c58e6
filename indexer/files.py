"""Writes that survive a crash, and a lock for files that people edit too."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_WAYS_OUT = {
    errno.ENOSPC: "디스크에 자리를 만드세요. 그 뒤에 다시 실행하세요.",
    errno.EDQUOT: "디스크에 자리를 만드세요. 그 뒤에 다시 실행하세요.",
    errno.EACCES: "폴더와 파일의 권한을 확인하세요.",
    errno.EPERM: "폴더와 파일의 권한을 확인하세요.",
    errno.EROFS: "읽기만 되는 디스크입니다. --index로 다른 폴더를 지정하세요.",
    errno.EIO: "디스크가 고장났을 수 있습니다. 점검하세요. 그 뒤에 다시 실행하세요.",
}


def way_out(error: OSError) -> str:
    """What a person can do about a failed write, in Korean."""
    return _WAYS_OUT.get(error.errno or 0, "디스크와 권한을 확인하세요. 그 뒤에 다시 실행하세요.")


def sync(path: Path) -> None:
    """Wait until the contents of a file, or the names in a folder, are on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing. They are on the disk when this returns. Raises
    OSError.
    """
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            sync(folder.parent)


def write_durably(path: Path, data: bytes) -> None:
    """Replace the contents of a file: after a crash it has the old or the new ones. They are on the disk when
    this returns. Where `path` is a link the file that it leads to is replaced. Raises OSError.
    """
    path = Path(os.path.realpath(path))
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    sync(new)
    new.replace(path)
    sync(path.parent)


@contextmanager
def changing_at_once(folder: Path) -> Iterator[None]:
    """Keep others who change files of a folder out. Raises BlockingIOError where another one does so now,
    OSError where there is no such folder. Where the file system cannot lock a folder nothing is locked.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:
            # A network disk without locks: each write is whole all the same.
            pass
        yield
    finally:
        os.close(descriptor)


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Wait for others who change files of a folder, and keep them out. Raises OSError where there is no such
    folder.

    Where the file system cannot lock a folder nothing is locked: each write is whole all the same, but of two
    changes at once one may be lost.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
