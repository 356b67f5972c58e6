"""The lock of the one writer of an index folder. It belongs to a process: a killed one holds nothing."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from indexer.engines.shared import disk
from indexer.errors import IndexUnavailable

_CANNOT_LOCK = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
# How often to try again. A balance between waiting too long and too much work; nothing depends on it.
_POLL_S = 0.05


@contextmanager
def hold_write_lock(folder: Path, wait_s: float) -> Iterator[None]:
    """Be the one writer of an index folder, made if it is missing. Raises IndexUnavailable after `wait_s`
    seconds, naming the holder.

    The folder itself is locked as well as LOCK, which somebody may delete while it is held.
    """
    for missing in reversed([folder, *folder.parents]):
        if not missing.exists():
            missing.mkdir(exist_ok=True)
            disk.sync(missing.parent)
    deadline = time.monotonic() + wait_s
    with (
        _locked(folder, folder, os.O_RDONLY, deadline),
        _locked(folder, folder / "LOCK", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, deadline) as lock,
    ):
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode("ascii"), 0)
        yield


@contextmanager
def _locked(folder: Path, path: Path, flags: int, deadline: float) -> Iterator[int]:
    """A locked descriptor of a path, as soon as nobody else holds it."""
    while (descriptor := _try_hold(folder, path, flags)) is None:
        if time.monotonic() >= deadline:
            raise IndexUnavailable(
                f"다른 프로세스(번호 {_holder(folder)})가 {folder}에 쓰고 있습니다.",
                "끝난 뒤에 다시 실행하세요.",
            )
        time.sleep(_POLL_S)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _holder(folder: Path) -> str:
    try:
        return (folder / "LOCK").read_text("ascii", "replace")[:20].strip() or "알 수 없음"
    except OSError:
        return "알 수 없음"


def _try_hold(folder: Path, path: Path, flags: int) -> int | None:
    """A locked descriptor of a path; None if another process holds it, or if the path was given to another
    file meanwhile.
    """
    descriptor = os.open(path, flags, 0o644)
    locked = False
    try:
        with suppress(FileNotFoundError):
            locked = _try_lock(folder, descriptor) and os.path.samestat(os.fstat(descriptor), path.stat())
    finally:
        if not locked:
            os.close(descriptor)
    return descriptor if locked else None


def _try_lock(folder: Path, descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno == errno.EBADF:
            return True  # NFS locks no folder: LOCK has to do
        if error.errno not in _CANNOT_LOCK:
            raise
        raise IndexUnavailable(
            f"{folder}이(가) 있는 파일 시스템은 잠글 수 없어, 둘이 함께 쓰면 색인이 깨질 수 있습니다"
            f"({error.strerror}).",
            "--index로 이 기계의 디스크에 있는 폴더를 지정하세요.",
        ) from error
    return True
