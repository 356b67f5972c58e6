"""Generations on disk: immutable folders, and a pointer to the live one.

    index/CURRENT              the name of the live generation
    index/000007/              a generation: segments, Whoosh's table of contents, manifest.json
    index/000008.building/     what a writer is at; left by a killed one, it goes with the next
    index/LOCK                 held by the writer, by its process: a killed one holds nothing

A change is written beside the live generation, which it shares unchanged files with by hard link, and
becomes live when `CURRENT` is replaced, after everything is on the disk. A crash at any instant leaves the
last good generation.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from indexer.errors import IndexUnavailable
from indexer.release import SEOUL
from indexer.schema import INDEX_FORMAT

MANIFEST = "manifest.json"
SEGMENT_EXTENSION = ".arrays"
_KEPT_GENERATIONS = 2  # the live one and the one before it, for readers that are just opening it
_OWN_NAMES = frozenset(("CURRENT", "CURRENT.new", "LOCK", "README.md"))
_POLL_S = 0.05
_REBUILD = "`bodo reindex --full`로 색인을 다시 만드세요."


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of a generation: the name of its file, its releases, and which of those are deleted."""

    name: str
    documents: int
    deleted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a generation says of itself. `updated_at` is aware; `files` maps a name to bytes and SHA-256.

    `next_segment` numbers the next segment's file: a name is never used for two contents.
    """

    updated_at: datetime
    documents: int
    analyzer: Mapping[str, Any]
    resources: Mapping[str, str]
    checkpoint: Mapping[str, str]
    segments: tuple[SegmentEntry, ...]
    next_segment: int
    files: Mapping[str, tuple[int, str]]

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        return sum(size for size, _ in self.files.values())


class Generations:
    """The generations of one index folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def live_name(self) -> str:
        """The name in CURRENT; '' where there is none. Raises IndexUnavailable where it is no name."""
        try:
            name = (self.folder / "CURRENT").read_text("ascii").strip()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise self._broken(f"{self.folder / 'CURRENT'} 파일을 읽을 수 없습니다: {error}") from error
        if not (name.isdecimal() and name.isascii()):
            raise self._broken(f"{self.folder / 'CURRENT'} 파일이 손상되었습니다.")
        return name

    def live(self) -> tuple[Path, Manifest]:
        """Folder and manifest of the live generation. Raises IndexUnavailable where it is missing, of
        another format, or where a file of it is missing or of another size.
        """
        name = self.live_name()
        if not name:
            self.refuse_foreign()
            raise IndexUnavailable(f"{self.folder}에 색인이 없습니다.", "`bodo reindex`로 색인을 만드세요.")
        path = self.folder / name
        return path, self._read_manifest(path)

    def refuse_foreign(self) -> None:
        """Raise IndexUnavailable where the folder holds what is no index's and no CURRENT."""
        entries = list(self.folder.iterdir()) if self.folder.is_dir() else []
        names = {entry.name for entry in entries}
        foreign = [
            name
            for name in sorted(names)
            if not (
                name in _OWN_NAMES or name.isdecimal() or name.endswith(".building") or name.startswith(".")
            )
        ]
        if foreign and "CURRENT" not in names:
            raise IndexUnavailable(
                f"{self.folder} 폴더는 bodo의 색인이 아닙니다({foreign[0]} 등이 들어 있습니다).",
                "--index로 다른 폴더를 지정하거나, 이 폴더를 비우고 `bodo reindex`를 실행하세요.",
            )

    def _read_manifest(self, path: Path) -> Manifest:
        try:
            record = json.loads((path / MANIFEST).read_text("utf-8"))
            found_format = record["format"]
            if found_format == INDEX_FORMAT:
                manifest = Manifest(
                    updated_at=datetime.fromisoformat(record["updated_at"]),
                    documents=int(record["documents"]),
                    analyzer=dict(record["analyzer"]),
                    resources={str(name): str(text) for name, text in record["resources"].items()},
                    checkpoint=dict(record["checkpoint"]),
                    segments=tuple(
                        SegmentEntry(str(name), int(documents), tuple(map(int, deleted)))
                        for name, documents, deleted in record["segments"]
                    ),
                    next_segment=int(record["next_segment"]),
                    files={
                        name: (int(size), str(digest)) for name, (size, digest) in record["files"].items()
                    },
                )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._broken(f"{path / MANIFEST} 파일이 없거나 손상되었습니다.") from error
        if found_format != INDEX_FORMAT:
            raise self._broken(
                f"{self.folder}의 색인은 형식 {found_format}인데, 이 프로그램은 형식 {INDEX_FORMAT}을 씁니다."
            )
        if not {segment_file(entry.name) for entry in manifest.segments} <= manifest.files.keys():
            raise self._broken(f"{path / MANIFEST} 파일이 손상되었습니다.")
        for name, (size, _) in manifest.files.items():
            if Path(name).name != name:
                raise self._broken(f"{path / MANIFEST}에 폴더 밖의 파일 이름이 있습니다: {name}")
            try:
                found = (path / name).stat().st_size
            except OSError as error:
                raise self._broken(f"색인의 {path / name} 파일이 없습니다.") from error
            if found != size:
                raise self._broken(
                    f"색인의 {path / name} 파일이 손상되었습니다({size:,}바이트가 아닌 {found:,})."
                )
        return manifest

    @staticmethod
    def _broken(message: str) -> IndexUnavailable:
        return IndexUnavailable(message, _REBUILD)

    @contextmanager
    def lock(self, wait_s: float) -> Iterator[None]:
        """Be the one writer. Raises IndexUnavailable after `wait_s` seconds, naming the holder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "LOCK", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            deadline = time.monotonic() + wait_s
            while not _try_lock(descriptor):
                if time.monotonic() >= deadline:
                    holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "알 수 없음"
                    raise IndexUnavailable(
                        f"다른 프로세스(번호 {holder})가 {self.folder}에 쓰고 있습니다.",
                        "끝난 뒤에 다시 실행하세요.",
                    )
                time.sleep(_POLL_S)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def building(self) -> Iterator[Path]:
        """A folder to write the next generation in. What is left of it at the end was not published and
        goes. Needs the lock.
        """
        for leftover in self.folder.glob("*.building"):
            shutil.rmtree(leftover)
        newest = max((int(path.name) for path in self._all()), default=0)
        path = self.folder / f"{newest + 1:06d}.building"
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def publish(
        self,
        path: Path,
        *,
        analyzer: Mapping[str, Any],
        resources: Mapping[str, str],
        checkpoint: Mapping[str, str],
        segments: Sequence[SegmentEntry],
        next_segment: int,
        shared: Mapping[str, tuple[int, str]],
    ) -> None:
        """Make the folder that `building` gave the live generation. `shared` are the files that it has in
        common with the one before: they are on the disk, and their digests are known. Needs the lock.
        """
        files = sorted(file for file in path.iterdir())
        new = [file for file in files if file.name not in shared]
        digests = {file.name: (file.stat().st_size, _sha256(file)) for file in new}
        record = {
            "format": INDEX_FORMAT,
            "updated_at": datetime.now(SEOUL).isoformat(timespec="milliseconds"),
            "documents": sum(entry.documents - len(entry.deleted) for entry in segments),
            "analyzer": analyzer,
            "resources": resources,
            "checkpoint": checkpoint,
            "segments": [[entry.name, entry.documents, list(entry.deleted)] for entry in segments],
            "next_segment": next_segment,
            "files": {file.name: digests.get(file.name) or shared[file.name] for file in files},
        }
        (path / MANIFEST).write_text(json.dumps(record, ensure_ascii=False), "utf-8")
        for file in (*new, path / MANIFEST, path):
            _fsync(file)
        final = path.with_suffix("")
        path.rename(final)
        pointer = self.folder / "CURRENT.new"
        pointer.write_text(final.name + "\n", "ascii")
        _fsync(pointer)
        _fsync(self.folder)
        pointer.replace(self.folder / "CURRENT")
        _fsync(self.folder)
        for old in self._all()[:-_KEPT_GENERATIONS]:
            shutil.rmtree(old, ignore_errors=True)

    def _all(self) -> list[Path]:
        return sorted(
            (path for path in self.folder.iterdir() if path.name.isdecimal() and path.is_dir()),
            key=lambda path: int(path.name),
        )


def segment_file(name: str) -> str:
    """The file name of a segment, in the form that Whoosh asks for."""
    return f"MAIN_{name}{SEGMENT_EXTENSION}"


def link(file: Path, target: Path) -> None:
    """Have a file in a second folder as well, without copying it where the file system can."""
    try:
        os.link(file, target)
    except OSError:  # a file system without hard links
        shutil.copy2(file, target)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
