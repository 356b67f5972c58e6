"""Files on their way into the corpus: copied into a hidden folder of it, read there, then moved in.

None is ever half in the corpus.
"""

from __future__ import annotations

import errno
import fcntl
import filecmp
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from indexer.errors import SourceError
from indexer.files import sync, way_out
from indexer.text.unicode import nfc

_STAGE_PREFIX = ".bodo-add-"
# Errors of the disk that is written to, not of the file that is read.
_WRITE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


@contextmanager
def staged(files: Sequence[Path], corpus: Path) -> Iterator[Path]:
    """A folder with copies of the files, on the disk of the corpus; it is removed at the end.

    Raises SourceError where one cannot be copied, or two have the same name.
    """
    stage = Path(tempfile.mkdtemp(prefix=_STAGE_PREFIX, dir=corpus))
    # Locked as long as the folder is in use; the lock of a killed process ends with it.
    lock = os.open(stage, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        for file in files:
            _copy(file, stage, corpus)
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        os.close(lock)


def _copy(file: Path, stage: Path, corpus: Path) -> None:
    target = stage / nfc(file.name)
    try:
        if not file.is_file():
            raise SourceError(f"{file}은(는) 파일이 아닙니다.", "보도자료 파일을 주세요.")
        if target.exists():
            raise SourceError(f"이름이 같은 파일이 둘입니다: {file.name}", "한쪽의 이름을 바꾸세요.")
        shutil.copyfile(file, target)
        sync(target)
    except OSError as error:
        if error.errno in _WRITE_ERRORS:
            message = f"{corpus}에 {file.name} 파일을 쓸 수 없습니다({error.strerror})."
            raise SourceError(message, way_out(error)) from error
        message = f"{file} 파일을 읽을 수 없습니다({error.strerror})."
        raise SourceError(message, "이름과 읽기 권한을 확인하세요.") from error


@contextmanager
def moved_into(
    stage: Path, corpus: Path, *, replace_files: bool, stands: Callable[[], bool]
) -> Iterator[set[Path]]:
    """Move staged files into the corpus; their new paths.

    Where the block raises, the corpus is put back as it was, unless `stands` says that what the files are
    needed for is there. A file that the corpus has already, byte for byte, stays. Raises SourceError, and
    moves nothing, where another file or a folder has the name and `replace_files` is not set. Only one
    process at a time may do so.
    """
    targets = {path: corpus / path.name for path in sorted(stage.iterdir())}
    for path, target in targets.items():
        _check_target(path, target, replace_files=replace_files)
    backups = {target: stage / f".before-{index}" for index, target in enumerate(targets.values())}
    for target, backup in backups.items():
        if os.path.lexists(target):
            shutil.copy2(target, backup, follow_symlinks=False)
    try:
        for path, target in targets.items():
            path.replace(target)
        sync(corpus)
        yield set(targets.values())
    except BaseException:
        if not stands():
            for target, backup in backups.items():
                if os.path.lexists(backup):
                    backup.replace(target)
                else:
                    target.unlink(missing_ok=True)
            sync(corpus)
        raise


def _check_target(path: Path, target: Path, *, replace_files: bool) -> None:
    """Raise SourceError where `path` may not be moved to `target`."""
    if target.is_dir():
        raise SourceError(f"{target}은(는) 폴더입니다.", "파일의 이름을 바꾸세요.")
    if target.is_symlink() and not replace_files:
        raise SourceError(f"{target}은(는) 링크입니다.", "이름을 바꾸거나 --replace를 붙이세요.")
    if target.exists() and not replace_files and not filecmp.cmp(path, target, shallow=False):
        raise SourceError(
            f"{target}이(가) 이미 있고 내용이 다릅니다.",
            "다른 자료면 이름을 바꾸고, 고친 자료면 --replace를 붙이세요.",
        )


def remove_leftovers(corpus: Path) -> None:
    """Remove the folders that killed processes left behind. No other process may be adding files."""
    for folder in corpus.glob(f"{_STAGE_PREFIX}*"):
        if not _is_in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_in_use(stage: Path) -> bool:
    try:
        descriptor = os.open(stage, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
