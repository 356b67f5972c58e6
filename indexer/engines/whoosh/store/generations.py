"""Generations on disk: immutable folders, and a pointer to the live one.

    index/CURRENT              the folder of the live generation, and the SHA-256 of its manifest
    index/000007/              a generation: segments, Whoosh's table of contents, manifest.json
    index/000008.building/     work in progress; the next writer removes it if it is left over
    index/LOCK                 held by the writer, see `write_lock`

A change is written beside the live generation, with hard links to its unchanged files, and becomes live when
`CURRENT` is replaced, after everything is on the disk. A crash at any instant leaves the last good
generation. The manifest has the SHA-256 of every other file, so that any damage can be found.

A number may be used again: if the index was deleted and rebuilt, or an older one restored and written to. So
readers and cursors know a generation by its number and the beginning of its manifest's digest,
`000007-0123456789abcdef`.

A reader maps the files that it opens and keeps them, even when their names are gone. A generation that is no
longer live stays for GRACE_S, for readers that are about to open it and for cursors.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from indexer.engines.shared import disk
from indexer.engines.whoosh.store.manifest import (
    CHECKPOINT,
    MANIFEST,
    Manifest,
    SegmentEntry,
    broken_index,
    generation_name,
    is_number,
    read_manifest,
    unreadable_file,
)
from indexer.engines.whoosh.store.write_lock import hold_write_lock
from indexer.errors import IndexUnavailable
from indexer.release import SEOUL
from indexer.schema import INDEX_FORMAT

# A choice: as long as a person may take over one page of results before asking for the next.
GRACE_S = 600.0
_OWN_NAMES = frozenset(("CURRENT", "CURRENT.new", "LOCK", "README.md"))
_POINTER = re.compile(r"(\d{6,18}) ([0-9a-f]{64})\n?")
_NAME = re.compile(r"(\d{6,18})-([0-9a-f]{16})")


class Generations:
    """The generations of one index folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def live_name(self) -> str:
        """The name of the live generation, '' if there is none. Raises IndexUnavailable if CURRENT cannot be
        read.
        """
        folder, digest = self._read_pointer()
        return generation_name(folder, digest) if folder else ""

    def live(self) -> tuple[Path, Manifest]:
        """Folder and manifest of the live generation. Raises IndexUnavailable if there is none, or as
        `read_manifest` does.
        """
        while True:
            pointer = self._read_pointer()
            folder, digest = pointer
            if not folder:
                self.refuse_foreign()
                raise IndexUnavailable(
                    f"{self.folder}에 색인이 없습니다.", "`bodo reindex`로 색인을 만드세요."
                )
            path = self.folder / folder
            try:
                return path, read_manifest(path, digest)
            except IndexUnavailable:
                # A reader that was held up for longer than the grace begins again.
                if self._read_pointer() == pointer:
                    raise

    def kept(self, name: str) -> tuple[Path, Manifest] | None:
        """A generation that was live not long ago, for a cursor; None if it is gone, or if another one has
        its number.
        """
        parts = _NAME.fullmatch(name)
        if not parts:
            return None
        path = self.folder / parts[1]
        try:
            return path, read_manifest(path, parts[2])
        except IndexUnavailable:
            return None

    def live_documents(self) -> int:
        """How many releases the live generation says it has, whatever its format and whatever is damaged. If
        it does not say, what the newest one says that does; 0 if none does.
        """
        try:
            live, _ = self._read_pointer()
        except IndexUnavailable:
            live = ""
        numbered = [path.name for path in self._all()] if self.folder.is_dir() else []
        for folder in filter(None, (live, *reversed(numbered))):
            try:
                return int(json.loads((self.folder / folder / MANIFEST).read_bytes())["documents"])
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue
        return 0

    def source_digests(self, path: Path) -> dict[str, str]:
        """The caller's own record that was committed with the generation in a folder. Raises IndexUnavailable
        if it is missing or damaged.
        """
        try:
            record = json.loads((path / CHECKPOINT).read_bytes())
            return {str(name): str(value) for name, value in record.items()}
        except OSError as error:
            raise unreadable_file(path / CHECKPOINT, error) from error
        except (ValueError, AttributeError) as error:
            raise broken_index(f"{path / CHECKPOINT} 파일이 없거나 손상되었습니다.") from error

    def refuse_foreign(self) -> None:
        """Raise IndexUnavailable if the folder has foreign files and no CURRENT."""
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

    def lock(self, wait_s: float) -> AbstractContextManager[None]:
        """Be the one writer of the folder, see `hold_write_lock`."""
        return hold_write_lock(self.folder, wait_s)

    @contextmanager
    def building(self) -> Iterator[Path]:
        """A folder to write the next generation in; at the end it is removed if it was not published. Needs
        the lock.
        """
        for leftover in self.folder.glob("*.building"):
            _remove(leftover)
        # Before anything is written: a disk full of generations that are over can be written to again.
        self._remove_stale()
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
        """Make the folder that `building` gave the live generation. `shared` are the files that it shares
        with the generation before, with size and digest: they are on the disk already. Needs the lock.

        Raises OSError if the generation before is still live, IndexUnavailable if this one may be.
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
        self._point_to(final.name, hashlib.sha256(data).hexdigest())
        self._remove_stale()

    def _read_pointer(self) -> tuple[str, str]:
        """The folder of the live generation and the digest of its manifest; '' and '' if there is none."""
        path = self.folder / "CURRENT"
        try:
            text = path.read_text("ascii")
        except FileNotFoundError:
            return "", ""
        except OSError as error:
            raise unreadable_file(path, error) from error
        except UnicodeDecodeError as error:
            raise broken_index(f"{path} 파일을 읽을 수 없습니다: {error}") from error
        if parts := _POINTER.fullmatch(text):
            return parts[1], parts[2]
        raise broken_index(f"{path} 파일이 손상되었거나 다른 판의 것입니다.")

    def _point_to(self, folder: str, digest: str) -> None:
        pointer = self.folder / "CURRENT.new"
        disk.write_bytes(pointer, f"{folder} {digest}\n".encode("ascii"))
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

    def _remove_stale(self) -> None:
        """Remove generations that have not been live for longer than the grace, and any that never were. If
        CURRENT points nowhere, keep all. Needs the lock.
        """
        with suppress(IndexUnavailable, OSError):
            live, _ = self._read_pointer()
            generations = self._all()
            if not live or self.folder / live not in generations:
                return
            for path, successor in zip_longest(generations, generations[1:]):
                # A generation ends when the next one is made; one after the live one never became live.
                ended_at = _made_at(successor) if int(path.name) < int(live) else None
                if path.name != live and (ended_at is None or time.time() - ended_at > GRACE_S):
                    with suppress(OSError):
                        _remove(path)

    def _all(self) -> list[Path]:
        """Whatever has the name of a generation's folder, by number."""
        numbered = (path for path in self.folder.iterdir() if is_number(path.name))
        return sorted(numbered, key=lambda path: int(path.name))


def _remove(path: Path) -> None:
    """Remove a folder with all that is in it, a file, or a link alone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _made_at(path: Path) -> float | None:
    """When a generation was made, in seconds since 1970 as the disk has it; None if it is damaged."""
    try:
        return (path / MANIFEST).stat().st_mtime
    except OSError:
        return None
