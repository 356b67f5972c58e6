"""The corpus -> press releases: finds the files, picks the reader, keeps the limits."""

from __future__ import annotations

import os
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from gzip import BadGzipFile, GzipFile
from io import BufferedIOBase
from lzma import LZMAError, LZMAFile
from pathlib import Path

from indexer.errors import SourceError
from indexer.release import PressRelease, identify
from indexer.sources.content_error import ContentError
from indexer.sources.decoding import decode
from indexer.sources.front_matter import has_front_matter, read_front_matter
from indexer.sources.json_lines import read_json_lines
from indexer.sources.news_text import read_news_text
from indexer.sources.refusal import Refusal

MAX_TEXT_FILE_BYTES = 20_000_000

_NOT_RELEASES = frozenset({"FORMAT.md", "README.md", "dictionary.txt", "synonyms.txt", "outlets.txt"})
_OPENERS: dict[str, Callable[[Path], BufferedIOBase]] = {
    ".jsonl": lambda path: path.open("rb"),
    ".jsonl.gz": GzipFile,
    ".jsonl.xz": LZMAFile,
}
_TEXT_SUFFIXES = (".txt", ".md")
_SUPPORTED = ", ".join((*_TEXT_SUFFIXES, *_OPENERS))


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file to read. `source_path` is NFC and relative to the corpus, with "/" between its parts."""

    path: Path
    source_path: str


def list_files(corpus: Path) -> tuple[list[CorpusFile], list[Refusal]]:
    """The files of a corpus, sorted by `source_path`, and a Refusal for each that has no reader.

    `corpus` is a folder, walked to any depth, or a single file. Hidden files and the files that
    configure the corpus are left out; a folder that links lead to twice is walked once.
    Raises SourceError where it does not exist.
    """
    if not corpus.exists():
        raise SourceError(f"보도자료 폴더가 없습니다: {corpus}", "폴더를 만들거나 --corpus로 알려 주세요.")
    refusals: list[Refusal] = []
    found = (
        [CorpusFile(corpus, _nfc(corpus.name))]
        if corpus.is_file()
        else [CorpusFile(path, _nfc(path.relative_to(corpus).as_posix())) for path in _walk(corpus, refusals)]
    )
    files = []
    for file in sorted(found, key=lambda file: (file.source_path, os.fspath(file.path))):
        if not file.path.is_file():
            reason = "파일이 아니거나 끊어진 링크입니다."
            refusals.append(Refusal(file.source_path, reason, "지우거나 옮기세요."))
        elif _suffix(file.path):
            files.append(file)
        else:
            hint = f"쓸 수 있는 형식: {_SUPPORTED}"
            refusals.append(Refusal(file.source_path, "읽을 수 없는 형식입니다.", hint))
    return files, refusals


def read_file(file: CorpusFile) -> Iterator[PressRelease | Refusal]:
    """The releases of a file, identified, and a Refusal for whatever of it is not one. Never raises."""
    try:
        suffix = _suffix(file.path)
        if suffix in _OPENERS:
            yield from _read_records(file, _OPENERS[suffix])
        else:
            yield from _read_document(file)
    except ContentError as error:
        yield error.refusal(file.source_path)
    except OSError as error:
        yield _unreadable(file.source_path, error)


def _read_document(file: CorpusFile) -> Iterator[PressRelease | Refusal]:
    limit = f"{MAX_TEXT_FILE_BYTES // 1_000_000} MB"
    with file.path.open("rb") as stream:
        data = stream.read(MAX_TEXT_FILE_BYTES + 1)
    if len(data) > MAX_TEXT_FILE_BYTES:
        raise ContentError(f"파일이 너무 큽니다({limit} 초과).", "보도자료 하나를 파일 하나로 나누세요.")
    text = decode(data)
    if not text.strip():
        raise ContentError("빈 파일입니다.", "첫 줄에 제목, 그 아래에 본문을 쓰세요.")
    if file.path.suffix.lower() == ".md" or has_front_matter(text):
        for item in read_front_matter(text, file.source_path):
            yield identify(item) if isinstance(item, PressRelease) else item
    else:
        yield identify(read_news_text(text, file.source_path))


def _read_records(
    file: CorpusFile, opener: Callable[[Path], BufferedIOBase]
) -> Iterator[PressRelease | Refusal]:
    if file.path.stat().st_size == 0:
        raise ContentError("빈 파일입니다.", "보도자료를 한 줄에 하나씩 JSON으로 쓰세요.")
    try:
        with opener(file.path) as stream:
            yield from read_json_lines(stream, file.source_path)
    except (EOFError, zlib.error, LZMAError, BadGzipFile) as error:
        message = "압축 파일이 깨져 있어 끝까지 읽지 못했습니다."
        raise ContentError(message, "파일을 다시 내려받거나 다시 압축하세요.") from error


def _walk(corpus: Path, refusals: list[Refusal]) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        path = Path(error.filename) if error.filename else corpus
        inside = path.relative_to(corpus).as_posix() if path.is_relative_to(corpus) else path.name
        refusals.append(_unreadable(_nfc(inside), error))

    seen = {os.path.realpath(corpus)}
    for folder, folders, names in os.walk(corpus, onerror=refuse, followlinks=True):
        entered = []
        for name in sorted(folders):
            real = os.path.realpath(Path(folder, name))
            if not name.startswith(".") and real not in seen:
                seen.add(real)
                entered.append(name)
        folders[:] = entered
        yield from (
            Path(folder, name) for name in names if not name.startswith(".") and name not in _NOT_RELEASES
        )


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return next((suffix for suffix in (*_TEXT_SUFFIXES, *_OPENERS) if name.endswith(suffix)), "")


def _unreadable(source_path: str, error: OSError) -> Refusal:
    return Refusal(source_path, f"읽을 수 없습니다({error.strerror or error}).", "읽기 권한을 확인하세요.")


_nfc = partial(unicodedata.normalize, "NFC")
