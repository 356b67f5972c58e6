"""New files for the corpus: tried in a hidden folder of it first, then moved in; none is ever half there."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from indexer.errors import SourceError
from indexer.files import sync, way_out

_STAGE_PREFIX = ".bodo-add-"


@contextmanager
def staged(files: Sequence[Path], corpus: Path) -> Iterator[Path]:
    """A folder with copies of the files, on the disk of the corpus; it goes at the end.

    Raises SourceError where one cannot be copied, or two have one name.
    """
    stage = Path(tempfile.mkdtemp(prefix=_STAGE_PREFIX, dir=corpus))
    # Held as long as the folder is in use: a killed process holds nothing.
    held = os.open(stage, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)
        for file in files:
            if not file.is_file():
                raise SourceError(f"{file}은(는) 파일이 아닙니다.", "보도자료 파일을 주세요.")
            target = stage / unicodedata.normalize("NFC", file.name)
            if target.exists():
                raise SourceError(f"이름이 같은 파일이 둘입니다: {file.name}", "한쪽의 이름을 바꾸세요.")
            try:
                if not file.is_file():
                    raise SourceError(f"{file}은(는) 파일이 아닙니다.", "보도자료 파일을 주세요.")
                shutil.copyfile(file, target)
                sync(target)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS):
                    message = f"{corpus}에 {file.name} 파일을 쓸 수 없습니다({error.strerror})."
                    raise SourceError(message, way_out(error)) from error
                message = f"{file} 파일을 읽을 수 없습니다({error.strerror})."
                raise SourceError(message, "이름과 읽기 권한을 확인하세요.") from error
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        os.close(held)


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


@contextmanager
def moved_into(
    stage: Path, corpus: Path, *, replace_files: bool, stands: Callable[[], bool]
) -> Iterator[set[Path]]:
    """Move staged files into the corpus: their new paths. Where the block raises, the corpus is as it was,
    unless what they are needed for `stands`.

    One that is there already, byte for byte, stays. Raises SourceError, and moves nothing, where another file
    or a folder has the name and `replace_files` is not set. One at a time may do so.
    """
    moves = {path: corpus / path.name for path in sorted(stage.iterdir())}
    for path, target in moves.items():
        if target.is_dir():
            raise SourceError(f"{target}은(는) 폴더입니다.", "파일의 이름을 바꾸세요.")
        if target.is_symlink() and not replace_files:
            raise SourceError(f"{target}은(는) 링크입니다.", "이름을 바꾸거나 --replace를 붙이세요.")
        if target.exists() and not replace_files and path.read_bytes() != target.read_bytes():
            raise SourceError(
                f"{target}이(가) 이미 있고 내용이 다릅니다.",
                "다른 자료면 이름을 바꾸고, 고친 자료면 --replace를 붙이세요.",
            )
    before = {target: stage / f".before-{number}" for number, target in enumerate(moves.values())}
    for target, kept in before.items():
        if os.path.lexists(target):
            shutil.copy2(target, kept, follow_symlinks=False)
    try:
        for path, target in moves.items():
            path.replace(target)
        sync(corpus)
        yield set(moves.values())
    except BaseException:
        if not stands():
            for target, kept in before.items():
                if os.path.lexists(kept):
                    kept.replace(target)
                else:
                    target.unlink(missing_ok=True)
            sync(corpus)
        raise


def remove_leftovers(corpus: Path) -> None:
    """Remove what a killed `staged` left behind. Needs to be the only one who adds."""
    for leftover in corpus.glob(f"{_STAGE_PREFIX}*"):
        if not _is_in_use(leftover):
            shutil.rmtree(leftover, ignore_errors=True)
