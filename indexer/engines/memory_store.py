"""What the reference engine keeps: all of an index as one JSON record in a file, so that one command finds
what another has indexed.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer.analysis import Analyzer
from indexer.engine.meaning import AnalysedRelease, analyse
from indexer.errors import IndexUnavailable
from indexer.files import make_folder, write_durably
from indexer.release import SEOUL, PressRelease
from indexer.schema import INDEX_FORMAT

_FILE, _LOCK = "memory.json", "memory.lock"
# So many states can still be opened by name after they were live.
_KEPT_STATES = 8
_POLL_S = 0.05
_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class State:
    """What one commit left. `releases` are by id. The name of the state before the first commit is ''."""

    name: str = ""
    updated_at: datetime = _NEVER
    releases: Mapping[str, AnalysedRelease] = field(default_factory=dict)
    curated_files: Mapping[str, str] = field(default_factory=dict)
    source_digests: Mapping[str, str] = field(default_factory=dict)


class MemoryStore:
    """The live state in a file of `folder`, and the last states that this process has seen.

    Every method that reads the file raises IndexUnavailable where it is damaged.
    """

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        self._folder, self._analyzer = folder, analyzer
        self._seen: dict[str, State] = {}

    def live_name(self) -> str:
        """The name of the live state."""
        return str(self._read().get("name", ""))

    def live_documents(self) -> int:
        """How many releases the live state has."""
        return len(self._read().get("releases", ()))

    def size_bytes(self) -> int:
        """The size of the file. Raises OSError where there is none."""
        return (self._folder / _FILE).stat().st_size

    def load(self, name: str = "") -> State:
        """The live state, or the one of this name. Raises IndexUnavailable where that one was not seen, or
        too long ago.
        """
        record = self._read()
        live_name = record.get("name", "")
        if live_name and live_name not in self._seen:
            try:
                self._remember(self._to_state(record))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise self._damaged() from error
        wanted = name or live_name
        if wanted and wanted not in self._seen:
            raise IndexUnavailable(f"색인의 {name} 세대는 이제 없습니다.", "처음부터 다시 검색하세요.")
        return self._seen[wanted] if wanted else State()

    def save(self, state: State) -> None:
        """Make `state` the live one, durably. Raises OSError."""
        record = {
            "format": INDEX_FORMAT,
            "name": state.name,
            "updated_at": state.updated_at.isoformat(),
            "curated_files": state.curated_files,
            "source_digests": state.source_digests,
            "releases": [analysed.release.to_dict() for analysed in state.releases.values()],
        }
        text = json.dumps(record, ensure_ascii=False)
        write_durably(self._folder / _FILE, text.encode("utf-8", "surrogatepass"))
        self._remember(state)

    @contextmanager
    def locked(self, wait_s: float) -> Iterator[None]:
        """Keep other writers out. Raises IndexUnavailable where one stays for longer than `wait_s`."""
        make_folder(self._folder)
        end = time.monotonic() + wait_s
        with (self._folder / _LOCK).open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError as error:
                    if time.monotonic() >= end:
                        raise IndexUnavailable(
                            f"다른 프로세스가 {self._folder}에 쓰고 있습니다.", "끝난 뒤에 다시 실행하세요."
                        ) from error
                    time.sleep(_POLL_S)
            yield

    def _read(self) -> dict[str, Any]:
        path = self._folder / _FILE
        try:
            record: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise self._damaged() from error
        if not isinstance(record, dict):
            raise self._damaged()
        if record.get("format") != INDEX_FORMAT:
            raise IndexUnavailable(f"{path}의 형식이 다릅니다.", "지우고 `bodo reindex`로 다시 만드세요.")
        return record

    def _damaged(self) -> IndexUnavailable:
        return IndexUnavailable(
            f"{self._folder / _FILE}이(가) 손상되었습니다.", "지우고 `bodo reindex`로 다시 만드세요."
        )

    def _to_state(self, record: Mapping[str, Any]) -> State:
        releases = [PressRelease.from_dict(release) for release in record["releases"]]
        # Tokens are not in the file: the same dictionary gives the same ones again.
        analyzer = self._analyzer.for_curated_files(record["curated_files"])
        return State(
            record["name"],
            datetime.fromisoformat(record["updated_at"]),
            {analysed.release.id: analysed for analysed in analyse(releases, analyzer)},
            record["curated_files"],
            record["source_digests"],
        )

    def _remember(self, state: State) -> None:
        self._seen[state.name] = state
        for name in list(self._seen)[:-_KEPT_STATES]:
            del self._seen[name]


class MemoryWriter:
    """See `indexer.engine.Writer`. Each commit saves a new state."""

    def __init__(self, state: State, analyzer: Analyzer, store: MemoryStore) -> None:
        self._name, self._analyzer, self._store = state.name, analyzer, store
        self._releases = dict(state.releases)
        self._curated_files = dict(state.curated_files)

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add or replace releases."""
        added = analyse(list(releases), self._analyzer)
        self._releases |= {analysed.release.id: analysed for analysed in added}

    def remove(self, release_ids: Iterable[str]) -> None:
        """Remove releases."""
        for release_id in release_ids:
            self._releases.pop(release_id, None)

    def set_curated_file(self, name: str, text: str) -> None:
        """Keep another text."""
        self._curated_files[name] = text

    def commit(self, source_digests: Mapping[str, str]) -> None:
        """Save all of it as the live state."""
        # The random part tells an index that is made anew in the same place from the one before.
        number = int(self._name.partition("-")[0] or 0) + 1
        self._name = f"{number:06d}-{os.urandom(4).hex()}"
        releases, curated_files = dict(self._releases), dict(self._curated_files)
        state = State(self._name, datetime.now(SEOUL), releases, curated_files, dict(source_digests))
        self._store.save(state)
