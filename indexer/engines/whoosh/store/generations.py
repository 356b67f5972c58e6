"""Generations on disk: immutable folders, and a pointer to the live one.

    index/CURRENT              the name of the live generation, and the SHA-256 of its manifest
    index/000007/              a generation: segments, Whoosh's table of contents, manifest.json
    index/000008.building/     what a writer is at; left by a killed one, it goes with the next
    index/LOCK                 held by the writer, by its process: a killed one holds nothing

A change is written beside the live generation, which it shares unchanged files with by hard link, and
becomes live when `CURRENT` is replaced, after everything is on the disk. A crash at any instant leaves the
last good generation. The manifest has the SHA-256 of every other file, so that any damage can be found.

A number may come again: where an index was deleted and made anew, or an older one restored and gone on with.
What tells one generation from any other is its number and the beginning of its manifest's digest,
`000007-0123456789abcdef`: that is its name to readers and in cursors.

A reader maps the files that it opens and keeps them, even when their names are gone. A generation that is
no longer live stays for GRACE_S, for readers that are about to open it and for cursors.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from indexer.engines.whoosh import disk
from indexer.errors import IndexUnavailable
from indexer.release import SEOUL
from indexer.schema import INDEX_FORMAT

MANIFEST = "manifest.json"
CHECKPOINT = "checkpoint.json"
SEGMENT_EXTENSION = ".arrays"
GRACE_S = 600.0
_OWN_NAMES = frozenset(("CURRENT", "CURRENT.new", "LOCK", "README.md"))
_POINTER = re.compile(r"(\d{6,18}) ([0-9a-f]{64})\n?")
_SEGMENT_NAME = re.compile(r"\d{6,18}")
_NAME = re.compile(r"(\d{6,18})-([0-9a-f]{16})")
_NAME_DIGITS = 16  # of a digest in hexadecimal: no two manifests of an index will share them by accident
_FILE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,100}")
# Not there, or no file of its own: what `disk.regular_size` and opening say of these.
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EINVAL)
_CANNOT_LOCK = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
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

    `name` tells the generation from any other.
    `next_segment` numbers the next segment's file: a name is never used for two contents.
    """

    name: str
    updated_at: datetime
    documents: int
    analyzer: Mapping[str, Any]
    curated_files: Mapping[str, str]
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
        """The name of the live generation; '' where there is none. Raises IndexUnavailable where CURRENT
        cannot be read.
        """
        folder, digest = self._pointer()
        return _name(folder, digest) if folder else ""

    def live(self) -> tuple[Path, Manifest]:
        """Folder and manifest of the live generation. Raises IndexUnavailable where it is missing, of
        another format, or where a file of it is missing or of another size.
        """
        while True:
            pointer = self._pointer()
            folder, digest = pointer
            if not folder:
                self.refuse_foreign()
                raise IndexUnavailable(
                    f"{self.folder}에 색인이 없습니다.", "`bodo reindex`로 색인을 만드세요."
                )
            path = self.folder / folder
            try:
                return path, self._read_manifest(path, digest)
            except IndexUnavailable:
                # A reader that was held up for longer than the grace begins again.
                if self._pointer() == pointer:
                    raise

    def kept(self, name: str) -> tuple[Path, Manifest] | None:
        """A generation that was live not long ago, for a cursor; None where it is gone, or where another has
        its number.
        """
        found = _NAME.fullmatch(name)
        if not found:
            return None
        path = self.folder / found[1]
        try:
            return path, self._read_manifest(path, found[2])
        except IndexUnavailable:
            return None

    def live_documents(self) -> int:
        """How many releases the live generation says that it holds, of whatever format it is and whatever is
        damaged; without a word of it, what the newest one says that does. 0 where none does.
        """
        try:
            name, _ = self._pointer()
        except IndexUnavailable:
            name = ""
        numbered = [path.name for path in self._all()] if self.folder.is_dir() else []
        for said in filter(None, (name, *reversed(numbered))):
            try:
                return int(json.loads((self.folder / said / MANIFEST).read_bytes())["documents"])
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue
        return 0

    def source_digests(self, path: Path) -> dict[str, str]:
        """The caller's own record that was given with the generation in a folder."""
        try:
            record = json.loads((path / CHECKPOINT).read_bytes())
            return {str(name): str(value) for name, value in record.items()}
        except OSError as error:
            raise self._unreadable(path / CHECKPOINT, error) from error
        except (ValueError, AttributeError) as error:
            raise self.broken(f"{path / CHECKPOINT} 파일이 없거나 손상되었습니다.") from error

    def refuse_foreign(self) -> None:
        """Raise IndexUnavailable where the folder holds what is no index's and no CURRENT."""
        try:
            names = {entry.name for entry in self.folder.iterdir()} if self.folder.exists() else set()
        except OSError as error:
            raise IndexUnavailable(
                f"{self.folder} 폴더를 열 수 없습니다({error.strerror}).",
                "폴더인지, 권한이 있는지 확인하세요.",
            ) from error
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

    def _pointer(self) -> tuple[str, str]:
        path = self.folder / "CURRENT"
        try:
            text = path.read_text("ascii")
        except FileNotFoundError:
            return "", ""
        except OSError as error:
            raise self._unreadable(path, error) from error
        except UnicodeDecodeError as error:
            raise self.broken(f"{path} 파일을 읽을 수 없습니다: {error}") from error
        if found := _POINTER.fullmatch(text):
            return found[1], found[2]
        raise self.broken(f"{path} 파일이 손상되었거나 다른 판의 것입니다.")

    def _read_manifest(self, path: Path, digest: str) -> Manifest:
        """The manifest in a folder, all of its files looked at. Its digest has to begin with `digest`."""
        damaged = self.broken(f"{path / MANIFEST} 파일이 없거나 손상되었습니다.")
        try:
            disk.regular_size(path / MANIFEST)
            data = (path / MANIFEST).read_bytes()
            found_digest = hashlib.sha256(data).hexdigest()
            if not found_digest.startswith(digest):
                raise damaged
            record = json.loads(data)
            found_format = record["format"]
            name = _name(path.name, found_digest)
            manifest = _manifest(name, record) if found_format == INDEX_FORMAT else None
        except OSError as error:
            raise self._unreadable(path / MANIFEST, error) from error
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise damaged from error
        if manifest is None:
            raise self.broken(
                f"{self.folder}의 색인은 형식 {found_format}인데, 이 프로그램은 형식 {INDEX_FORMAT}을 씁니다."
            )
        for file, (size, _) in manifest.files.items():
            try:
                found = disk.regular_size(path / file)
            except OSError as error:
                raise self._unreadable(path / file, error) from error
            if found != size:
                raise self.broken(
                    f"색인의 {path / file} 파일이 손상되었습니다({size:,}바이트가 아닌 {found:,})."
                )
        return manifest

    def _unreadable(self, path: Path, error: OSError) -> IndexUnavailable:
        """The error for a file that is not there, or may be whole and only not to be read by us, or now."""
        if error.errno in _NO_FILE:
            return self.broken(f"색인의 {path} 파일이 없거나 손상되었습니다.")
        return IndexUnavailable(
            f"색인의 {path} 파일을 읽을 수 없습니다({error.strerror}).", disk.way_out(error)
        )

    @staticmethod
    def broken(message: str) -> IndexUnavailable:
        """The error for an index that has to be built anew."""
        return IndexUnavailable(message, _REBUILD)

    @contextmanager
    def lock(self, wait_s: float) -> Iterator[None]:
        """Be the one writer. Raises IndexUnavailable after `wait_s` seconds, naming the holder.

        The folder is locked as well as LOCK, which somebody may delete while it is held.
        """
        for folder in reversed([self.folder, *self.folder.parents]):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                disk.sync(folder.parent)
        deadline = time.monotonic() + wait_s
        with (
            self._locked(self.folder, os.O_RDONLY, deadline),
            self._locked(self.folder / "LOCK", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, deadline) as lock,
        ):
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode("ascii"), 0)
            yield

    @contextmanager
    def _locked(self, path: Path, flags: int, deadline: float) -> Iterator[int]:
        """A descriptor of what has a name, locked, as soon as nobody else holds it."""
        while (descriptor := self._try_hold(path, flags)) is None:
            if time.monotonic() >= deadline:
                raise IndexUnavailable(
                    f"다른 프로세스(번호 {self._holder()})가 {self.folder}에 쓰고 있습니다.",
                    "끝난 뒤에 다시 실행하세요.",
                )
            time.sleep(_POLL_S)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _holder(self) -> str:
        try:
            return (self.folder / "LOCK").read_text("ascii", "replace")[:20].strip() or "알 수 없음"
        except OSError:
            return "알 수 없음"

    def _try_hold(self, path: Path, flags: int) -> int | None:
        """A descriptor of what has a name, locked; None where another process holds it, or where the name
        went to something else meanwhile.
        """
        descriptor = os.open(path, flags, 0o644)
        locked = False
        try:
            with suppress(FileNotFoundError):
                locked = self._try_lock(descriptor) and os.path.samestat(os.fstat(descriptor), path.stat())
        finally:
            if not locked:
                os.close(descriptor)
        return descriptor if locked else None

    def _try_lock(self, descriptor: int) -> bool:
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
                f"{self.folder}이(가) 있는 파일 시스템은 잠글 수 없어, 둘이 함께 쓰면 색인이 깨질 수 있습니다"
                f"({error.strerror}).",
                "--index로 이 기계의 디스크에 있는 폴더를 지정하세요.",
            ) from error
        return True

    @contextmanager
    def building(self) -> Iterator[Path]:
        """A folder to write the next generation in. What is left of it at the end was not published and
        goes. Needs the lock.
        """
        for leftover in self.folder.glob("*.building"):
            _remove(leftover)
        # Before anything is written: a disk that is full of what is no longer needed can be written again.
        self._clear_out()
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
        curated_files: Mapping[str, str],
        segments: Sequence[SegmentEntry],
        next_segment: int,
        shared: Mapping[str, tuple[int, str]],
    ) -> None:
        """Make the folder that `building` gave the live generation. `shared` are the files that it has in
        common with the one before: they are on the disk, and their digests are known. Needs the lock.

        Raises OSError where the generation before is live as it was, IndexUnavailable where this one may be.
        """
        files = sorted(path.iterdir())
        new = [file for file in files if file.name not in shared]
        digests = {file.name: (file.stat().st_size, disk.sha256(file)) for file in new}
        record = {
            "format": INDEX_FORMAT,
            "updated_at": datetime.now(SEOUL).isoformat(timespec="milliseconds"),
            "documents": sum(entry.documents - len(entry.deleted) for entry in segments),
            "analyzer": analyzer,
            "resources": curated_files,
            "segments": [[entry.name, entry.documents, list(entry.deleted)] for entry in segments],
            "next_segment": next_segment,
            "files": {file.name: digests.get(file.name) or shared[file.name] for file in files},
        }
        data = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
        disk.write_bytes(path / MANIFEST, data)
        for file in (*new, path / MANIFEST, path):
            disk.sync(file)
        final = path.with_suffix("")
        disk.replace(path, final)
        pointer = self.folder / "CURRENT.new"
        disk.write_bytes(pointer, f"{final.name} {hashlib.sha256(data).hexdigest()}\n".encode("ascii"))
        disk.sync(pointer)
        # The generation has its name before anything points to it.
        disk.sync(self.folder)
        disk.replace(pointer, self.folder / "CURRENT")
        try:
            disk.sync(self.folder)
        except OSError as error:
            raise IndexUnavailable(
                f"{self.folder}의 새 색인이 디스크에 적혔는지 알 수 없습니다({error.strerror or error}). "
                "지금은 새 색인이 쓰이지만, 전원이 꺼지면 앞의 색인일 수 있습니다.",
                disk.way_out(error),
            ) from error
        self._clear_out()

    def _clear_out(self) -> None:
        """Remove generations that have not been live for longer than the grace, and any that never were.
        Where CURRENT leads nowhere, all stay. Needs the lock.
        """
        with suppress(IndexUnavailable, OSError):
            live = self._pointer()[0]
            generations = self._all()
            if not live or self.folder / live not in generations:
                return
            for path, following in zip_longest(generations, generations[1:]):
                # A generation ends when the next is made; one after the live one never became live.
                ended_at = _made_at(following) if int(path.name) < int(live) else None
                if path.name != live and (ended_at is None or time.time() - ended_at > GRACE_S):
                    with suppress(OSError):
                        _remove(path)

    def _all(self) -> list[Path]:
        """What has a generation's name, by number."""
        named = (path for path in self.folder.iterdir() if _SEGMENT_NAME.fullmatch(path.name))
        return sorted(named, key=lambda path: int(path.name))


def segment_file(name: str) -> str:
    """The file name of a segment, in the form that Whoosh asks for."""
    return f"MAIN_{name}{SEGMENT_EXTENSION}"


def is_file_name(name: str) -> bool:
    """Whether a name can only be that of a file in its own folder."""
    return _FILE_NAME.fullmatch(name) is not None


def _name(folder: str, digest: str) -> str:
    return f"{folder}-{digest[:_NAME_DIGITS]}"


def _manifest(name: str, record: dict[str, Any]) -> Manifest:
    """The manifest of a record. Raises ValueError, KeyError or TypeError where it is none: nothing in it may
    name a file outside the folder, or a release that a segment does not have.
    """
    manifest = Manifest(
        name=name,
        updated_at=datetime.fromisoformat(record["updated_at"]),
        documents=int(record["documents"]),
        analyzer=dict(record["analyzer"]),
        curated_files={str(name): str(text) for name, text in record["resources"].items()},
        segments=tuple(
            SegmentEntry(str(name), int(documents), tuple(map(int, deleted)))
            for name, documents, deleted in record["segments"]
        ),
        next_segment=int(record["next_segment"]),
        files={str(name): (int(size), str(digest)) for name, (size, digest) in record["files"].items()},
    )
    if manifest.updated_at.tzinfo is None:
        raise ValueError("a time without a zone")
    if not all(map(is_file_name, manifest.files)):
        raise ValueError("a name that is none")
    for entry in manifest.segments:
        if not _SEGMENT_NAME.fullmatch(entry.name) or segment_file(entry.name) not in manifest.files:
            raise ValueError("a segment without a file")
        if any(not 0 <= document < entry.documents for document in entry.deleted):
            raise ValueError("a release that is not there")
    if len({entry.name for entry in manifest.segments}) != len(manifest.segments):
        raise ValueError("a segment twice")
    return manifest


def _remove(path: Path) -> None:
    """Remove a folder with all that is in it, or a file, or a link alone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _made_at(path: Path) -> float | None:
    """When a generation was made, as the disk has it; None where it is damaged."""
    try:
        return (path / MANIFEST).stat().st_mtime
    except OSError:
        return None
