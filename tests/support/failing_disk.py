"""A disk that fails: tests see each change that the program makes, and can refuse or lose it.

Changes are seen where Python tells its audit hooks of them (opening for writing, renaming, linking, removing,
making folders) and where `disk.NewFile` writes and `os.fsync` syncs. What a crash leaves is worked out from
the rule that a file's contents are on the disk since its last sync, and a folder's names since its own.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from indexer.engines.shared import disk

_CHANGES = frozenset(("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"))
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_watchers: list[Callable[[str], None]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _watchers:
        return
    if event == "open":
        path, mode, flags = arguments
        opened_to_write = (isinstance(flags, int) and flags & _WRITES) or (
            isinstance(mode, str) and set(mode) & set("wxa+")
        )
        if isinstance(path, int) or not opened_to_write:
            return
    elif event not in _CHANGES:
        return
    _watchers[-1](event)


sys.addaudithook(_hook)


@contextmanager
def watching(
    monkeypatch: pytest.MonkeyPatch, on_change: Callable[[str], None]
) -> Iterator[Callable[[str], None]]:
    """Call `on_change` with the name of each change before it is made. Yields a function that reports further ones."""
    busy = False

    def tell(event: str) -> None:
        nonlocal busy
        if not busy:
            busy = True
            try:
                on_change(event)
            finally:
                busy = False

    sync = os.fsync

    def told_sync(descriptor: int) -> None:
        tell("fsync")
        sync(descriptor)

    def told_write(file: disk.NewFile, data: bytes | memoryview) -> int:
        tell("write")
        return super(disk.NewFile, file).write(data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", told_sync)
        patch.setattr(disk.NewFile, "write", told_write, raising=False)
        _watchers.append(tell)
        try:
            yield tell
        finally:
            _watchers.pop()


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, number: int, code: int) -> Iterator[list[str]]:
    """Make the change of this number fail, counted from 0. Yields the names of all changes so far."""
    seen: list[str] = []

    def fail(event: str) -> None:
        seen.append(event)
        if len(seen) == number + 1:
            raise OSError(code, os.strerror(code))

    with watching(monkeypatch, fail):
        yield seen


@dataclass
class Folder:
    """The names in a folder: of each the inode, and whether it is a folder itself."""

    names: dict[str, tuple[int, bool]] = field(default_factory=dict)


class ForgetfulDisk:
    """Remembers what of a folder is on the disk for sure: what was there at first, and what was synced since."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[int, Folder] = {}
        self._contents: dict[int, bytes] = {}
        self._kept_open: list[int] = []  # so that no inode is used twice
        for folder, _, files in os.walk(root):
            self._sync_folder(Path(folder))
            for name in files:
                self._sync_file(Path(folder, name))

    def on_sync(self, descriptor: int) -> None:
        """Call after a file or folder was synced."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_relative_to(self.root):
            if path.is_dir():
                self._sync_folder(path)
            else:
                self._sync_file(path)

    def _sync_folder(self, path: Path) -> None:
        self._folders[path.stat().st_ino] = _names(path)
        self._kept_open.append(os.open(path, os.O_RDONLY))

    def _sync_file(self, path: Path) -> None:
        self._contents[path.stat().st_ino] = path.read_bytes()
        self._kept_open.append(os.open(path, os.O_RDONLY))

    def close(self) -> None:
        """Let go of the inodes."""
        for descriptor in self._kept_open:
            os.close(descriptor)

    def crash(self, target: Path, chooser: random.Random | None) -> None:
        """Make in `target` what may be left: with no chooser only what is on the disk for sure, else whatever
        of the later changes it picks, each by itself.
        """
        current: dict[int, tuple[Folder, Path]] = {}
        for folder, _, _ in os.walk(self.root):
            path = Path(folder)
            current[path.stat().st_ino] = (_names(path), path)
        self._restore(self.root.stat().st_ino, target, current, chooser)

    def _restore(
        self, inode: int, target: Path, current: dict[int, tuple[Folder, Path]], chooser: random.Random | None
    ) -> None:
        target.mkdir()
        sure = self._folders.get(inode, Folder()).names
        now, path = current.get(inode, (Folder(), None))
        names = dict(sure)
        if chooser is not None:
            for name in sorted(sure.keys() | now.names.keys()):
                if sure.get(name) != now.names.get(name) and chooser.random() < 0.5:
                    names.pop(name, None)
                    if name in now.names:
                        names[name] = now.names[name]
        for name, (child, is_folder) in names.items():
            if is_folder:
                self._restore(child, target / name, current, chooser)
                continue
            contents = self._contents.get(child, b"")
            if chooser is not None and path is not None and now.names.get(name) == (child, False):
                written = (path / name).read_bytes()
                if written != contents:
                    contents = chooser.choice(
                        [contents, written, written[: len(written) // 2], bytes(len(written))]
                    )
            (target / name).write_bytes(contents)


def _names(path: Path) -> Folder:
    with os.scandir(path) as entries:
        return Folder({entry.name: (entry.inode(), entry.is_dir(follow_symlinks=False)) for entry in entries})
