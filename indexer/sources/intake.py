"""New files for the corpus: tried in a hidden folder of it first, then moved in; none is ever half there."""

from __future__ import annotations

import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from indexer.durability import sync
from indexer.errors import SourceError

_STAGE_PREFIX = ".bodo-add-"


@contextmanager
def staged(files: Sequence[Path], corpus: Path) -> Iterator[Path]:
    """A folder with copies of the files, on the disk of the corpus; it goes at the end.

    Raises SourceError where one cannot be copied, or two have one name.
    """
    stage = Path(tempfile.mkdtemp(prefix=_STAGE_PREFIX, dir=corpus))
    try:
        for file in files:
            target = stage / unicodedata.normalize("NFC", file.name)
            if target.exists():
                raise SourceError(f"이름이 같은 파일이 둘입니다: {file.name}", "한쪽의 이름을 바꾸세요.")
            try:
                if not file.is_file():
                    raise SourceError(f"{file}은(는) 파일이 아닙니다.", "보도자료 파일을 주세요.")
                shutil.copyfile(file, target)
                sync(target)
            except OSError as error:
                raise SourceError(
                    f"{file} 파일을 읽을 수 없습니다({error.strerror}).", "이름과 읽기 권한을 확인하세요."
                ) from error
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def move_into(stage: Path, corpus: Path, *, replace_files: bool) -> set[Path]:
    """Move staged files into the corpus; their new paths. One that is there already, byte for byte, stays.

    Raises SourceError, and moves nothing, where another file has the name and `replace_files` is not set.
    """
    moves = {path: corpus / path.name for path in sorted(stage.iterdir())}
    for path, target in moves.items():
        if target.is_dir():
            raise SourceError(f"{target}은(는) 폴더입니다.", "파일의 이름을 바꾸세요.")
        if target.exists() and not replace_files and path.read_bytes() != target.read_bytes():
            raise SourceError(
                f"{target}이(가) 이미 있고 내용이 다릅니다.",
                "다른 자료면 이름을 바꾸고, 고친 자료면 --replace를 붙이세요.",
            )
    for path, target in moves.items():
        path.replace(target)
    sync(corpus)
    return set(moves.values())


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole, as it was or as it is now."""
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    sync(new)
    new.replace(path)
    sync(path.parent)
