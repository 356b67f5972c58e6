"""The corpus as it was when it was last looked at, and what is different now."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from watchfiles import Change

from indexer.curation.files import CURATED_FILES
from indexer.errors import SourceError
from indexer.sources.corpus.part import is_at
from indexer.sources.corpus.walk import Walk, may_be_release, source_name
from indexer.sources.problems import ReadProblem
from indexer.watching.pending import REST_S, Batch, Pending, look_at

CURATED_NAMES = frozenset(file.name for file in CURATED_FILES)


class Survey:
    """What the corpus folder holds: the stamp of each file, the device of each folder, by source path. It
    notes what differs in `pending`.
    """

    def __init__(self, corpus: Path, pending: Pending, *, follow_links: bool) -> None:
        self._corpus = corpus
        self._pending = pending
        self._follow_links = follow_links
        self._root = (0, 0)
        self._stamps: dict[str, int] = {}
        self._devices: dict[str, int] = {}
        # Folders that came; the system may not have told of what was in them already.
        self._new_folders: dict[str, float] = {}
        # Mounted folders that are not there now, with the device that they were on.
        self._away: dict[str, int] = {}
        self.took_s = 0.0

    def begin(self) -> None:
        """Look at everything; what is there counts as known. Raises SourceError where there is no corpus."""
        self._root = self._identity()
        self._stamps = {source_path: look_stamp for source_path, _, look_stamp in self._list()}
        self._new_folders.clear()

    def is_there(self) -> bool:
        """Whether the corpus is the folder that it was when the survey began."""
        with suppress(SourceError):
            return self._identity() == self._root
        return False

    def may_begin(self) -> bool:
        """Whether there is a folder to begin with: the one that it was, or another that is not empty."""
        with suppress(SourceError, OSError):
            return self._identity() == self._root or any(self._corpus.iterdir())
        return False

    def away(self) -> list[ReadProblem]:
        """A problem for each mounted folder that is not there now: nothing below it is gone for that."""
        hint = "다시 연결하면 이어서 지켜봅니다."
        return [ReadProblem(path, "연결되어 있던 폴더가 끊겼습니다.", hint) for path in sorted(self._away)]

    def look(self, change: Change, path: str, now: float) -> None:
        """Look at a path of which the system told something."""
        relative = os.path.relpath(path, self._corpus)
        folder, _, name = relative.rpartition("/")
        hidden = any(part.startswith(".") for part in folder.split("/"))
        if hidden or not (may_be_release(name) or relative in CURATED_NAMES):
            return
        source_path = source_name(relative)
        try:
            is_folder = stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116 - as in `look_at`
        except OSError:
            is_folder = False
        if is_folder:
            self._new_folders[path] = now + REST_S
            self._look_below(path, now)
        elif os.path.lexists(path):
            self._note(source_path, path, now, seen=True, arrived=change == Change.added)
        elif source_path in self._stamps or source_path in self._devices or source_path in self._pending:
            self._note_gone(source_path, now, seen=True)

    def look_again(self, now: float) -> None:
        """Look once more into folders that came a moment ago."""
        for path in [path for path, due in self._new_folders.items() if due <= now]:
            del self._new_folders[path]
            self._look_below(path, now)

    def compare(self, now: float) -> list[str]:
        """Look at everything and note what differs: what the system did not tell of, or what was lost.

        Returns the mounted folders that are no longer there. Raises SourceError where there is no corpus.
        """
        devices, away_before = self._devices, set(self._away)
        found: set[str] = set()
        unreadable: set[str] = set()
        for source_path, path, stamp in self._list(unreadable):
            found.add(source_path)
            if self._stamps.get(source_path) != stamp and source_path not in self._pending:
                self._note(source_path, path, now, seen=False, arrived=False)
        self._find_away(devices)
        missing = self._stamps.keys() - found
        for source_path in missing:
            if source_path not in self._pending and not is_at(source_path, unreadable):
                self._note_gone(source_path, now, seen=False)
        return sorted(self._away.keys() - away_before)

    def done(self, batch: Batch) -> None:
        """What was taken is known now."""
        for source_path in batch.gone:
            self._stamps.pop(source_path, None)
        folders = batch.gone & self._devices.keys()
        if folders:
            self._stamps = {path: stamp for path, stamp in self._stamps.items() if not is_at(path, folders)}
            self._devices = {
                path: device for path, device in self._devices.items() if not is_at(path, folders)
            }
        self._stamps.update(batch.files)

    def _identity(self) -> tuple[int, int]:
        try:
            status = self._corpus.stat()
        except OSError as error:
            message = f"보도자료 폴더가 없습니다: {self._corpus} ({error.strerror})"
            raise SourceError(message, "폴더를 만들거나 다시 연결하세요.") from error
        if not stat.S_ISDIR(status.st_mode):
            raise SourceError(
                f"{self._corpus}은(는) 폴더가 아닙니다.", "지켜볼 폴더를 --corpus로 알려 주세요."
            )
        return status.st_dev, status.st_ino

    def _list(self, unreadable: set[str] | None = None) -> Iterator[tuple[str, str, int]]:
        """Source path, path and stamp of every file; it renews `_devices` and `took_s`."""
        started = time.monotonic()
        walk = Walk(self._corpus, follow_links=self._follow_links)
        self._devices = {}
        for folder, names in walk.folders():
            relative = os.path.relpath(folder, self._corpus)
            source_folder = "" if relative == "." else source_name(relative)
            with suppress(OSError):
                self._devices[source_folder] = os.stat(folder).st_dev  # noqa: PTH116
            prefix = f"{source_folder}/" if source_folder else ""
            for name in (*names, *CURATED_NAMES) if not prefix else names:
                path = f"{folder}/{name}"
                with suppress(OSError):
                    yield prefix + source_name(name), path, look_at(path).stamp
        if unreadable is not None:
            unreadable |= {problem.source_path for problem in walk.problems}
        self.took_s = time.monotonic() - started

    def _look_below(self, folder: str, now: float) -> None:
        """Note what differs in a folder and below it."""
        for path, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            source_folder = source_name(os.path.relpath(path, self._corpus))
            with suppress(OSError):
                self._devices.setdefault(source_folder, os.stat(path).st_dev)  # noqa: PTH116
            for name in filter(may_be_release, names):
                self._note(
                    f"{source_folder}/{source_name(name)}", f"{path}/{name}", now, seen=True, arrived=True
                )

    def _note(self, source_path: str, path: str, now: float, *, seen: bool, arrived: bool) -> None:
        try:
            look = look_at(path)
        except OSError:
            return
        if self._stamps.get(source_path) != look.stamp or source_path in self._pending:
            self._pending.note(source_path, path, look, now, seen=seen, arrived=arrived)

    def _note_gone(self, source_path: str, now: float, *, seen: bool) -> None:
        if not is_at(source_path, self._away):
            self._pending.note_gone(source_path, now, seen=seen)

    def _find_away(self, before: dict[str, int]) -> None:
        """Which folders were mounts, and are not what they were."""
        for path, device in before.items():
            if path and device != before.get(path.rpartition("/")[0], device):
                self._away[path] = device
        root = self._devices.get("", 0)
        for path, device in list(self._away.items()):
            now_on = self._devices.get(path)
            above = self._devices.get(path.rpartition("/")[0], root)
            if now_on is not None and (now_on == device or now_on != above):
                del self._away[path]
