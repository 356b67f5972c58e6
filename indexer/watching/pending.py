"""What has changed and waits to be taken: until a file is at rest."""

from __future__ import annotations

import os
from collections.abc import Collection, Set
from dataclasses import dataclass, field

# A file is taken once its size and times have stood for so long. A choice: longer than a writer pauses
# between two blocks, and a quarter of the two seconds in which a file is to be found.
REST_S = 0.5
# An empty file has most likely just been made, by a browser for one, and is filled when the rest has come.
EMPTY_REST_S = 30.0
# What came up with an error nobody expected is tried again after so long.
_POSTPONE_S = 60.0


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it is. `stamp` changes when the file does; `renamed`: it was not written since it was given
    its name, as far as its times say.
    """

    stamp: int
    is_empty: bool
    renamed: bool


def look_at(path: str) -> Look:
    """The file at `path`, or the link itself where it leads nowhere. Raises OSError."""
    try:
        status = os.stat(path)  # noqa: PTH116 - paths here are texts: there are very many
    except FileNotFoundError:
        status = os.lstat(path)
    times = status.st_mtime_ns, status.st_ctime_ns
    # Writing sets both times alike, renaming only the second.
    return Look(
        hash((status.st_ino, status.st_size, *times)),
        status.st_size == 0,
        status.st_size > 0 and times[0] < times[1],
    )


@dataclass(slots=True)
class _Waiting:
    path: str
    look: Look
    at_rest_from: float


@dataclass(frozen=True, slots=True)
class Batch:
    """What is taken at once: `files` with their stamps, and what is `gone`; `seen` of both is what the system
    told of, not only a survey. All by `CorpusFile.source_path`.
    """

    files: dict[str, int]
    gone: Set[str]
    seen: Set[str]

    def __bool__(self) -> bool:
        return bool(self.files or self.gone)

    @property
    def paths(self) -> Set[str]:
        """The files and what is gone."""
        return self.files.keys() | self.gone


@dataclass(slots=True)
class Pending:
    """Files that changed, and files and folders that are gone, by `CorpusFile.source_path`."""

    _files: dict[str, _Waiting] = field(default_factory=dict)
    _gone: dict[str, float] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self._files or self._gone)

    def __contains__(self, source_path: str) -> bool:
        return source_path in self._files or source_path in self._gone

    def looks(self, source_paths: Collection[str]) -> dict[str, Look | None]:
        """How those of some files are that wait; None is gone."""
        waiting = {path: self._files[path].look for path in source_paths if path in self._files}
        return {**waiting, **{path: None for path in source_paths if path in self._gone}}

    def clear(self) -> None:
        """Forget everything."""
        self._files.clear()
        self._gone.clear()
        self._seen.clear()

    def note(self, source_path: str, path: str, look: Look, now: float, *, seen: bool, arrived: bool) -> None:
        """A file that changed; `arrived`: it was not there before."""
        self._gone.pop(source_path, None)
        if seen:
            self._seen.add(source_path)
        before = self._files.get(source_path)
        if before is not None and before.look == look:
            return
        rest_s = 0.0 if arrived and look.renamed else EMPTY_REST_S if look.is_empty else REST_S
        self._files[source_path] = _Waiting(path, look, now + rest_s)

    def note_gone(self, source_path: str, now: float, *, seen: bool) -> None:
        """A file or folder that is no longer there."""
        self._files.pop(source_path, None)
        self._gone.setdefault(source_path, now + REST_S)
        if seen:
            self._seen.add(source_path)

    def take(self, now: float, limit: int) -> Batch:
        """At most `limit` files that are at rest. When they all are among them, also what is gone: a file
        that moved is found at its new place first.
        """
        files: dict[str, int] = {}
        for source_path, waiting in list(self._files.items()):
            if waiting.at_rest_from > now:
                continue
            if len(files) >= limit:
                return Batch(files, frozenset(), self._seen & files.keys())
            try:
                look = look_at(waiting.path)
            except OSError:
                self.note_gone(source_path, now, seen=source_path in self._seen)
                continue
            if look == waiting.look:
                files[source_path] = look.stamp
            else:
                self.note(source_path, waiting.path, look, now, seen=False, arrived=False)
        gone = {source_path for source_path, at_rest_from in self._gone.items() if at_rest_from <= now}
        return Batch(files, gone, self._seen & (files.keys() | gone))

    def waiting(self, batch: Batch) -> Set[str]:
        """The files that are not of the batch; some may be half written."""
        return self._files.keys() - batch.files.keys()

    def drop(self, batch: Batch) -> None:
        """The batch is done."""
        for source_path in batch.paths:
            self._files.pop(source_path, None)
            self._gone.pop(source_path, None)
            self._seen.discard(source_path)

    def postpone(self, batch: Batch, now: float) -> None:
        """Let everything else go before the batch."""
        for source_path in batch.files:
            waiting = self._files.pop(source_path)
            self._files[source_path] = _Waiting(waiting.path, waiting.look, now + _POSTPONE_S)
        for source_path in batch.gone:
            self._gone[source_path] = now + _POSTPONE_S
