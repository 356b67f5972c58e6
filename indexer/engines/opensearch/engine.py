"""The engine over a cluster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer.analysis import Analyzer
from indexer.engine import Corruption
from indexer.engines.opensearch.cluster import Cluster, ClusterError, Connection
from indexer.engines.opensearch.lock import writing
from indexer.engines.opensearch.phrases import LayeredPhrases, open_phrases
from indexer.engines.opensearch.point_in_time import PointInTime
from indexer.engines.opensearch.snapshot import OpenSearchSnapshot
from indexer.engines.opensearch.state import READ_ATTEMPTS, Layout, State, Store
from indexer.engines.opensearch.verify import find_damage
from indexer.engines.opensearch.writer import OpenSearchWriter
from indexer.errors import AnalyzerMismatch, IndexUnavailable
from indexer.settings import DEFAULTS

# A choice: how old the answer to "is there another state" may be.
_POLL_S = 1.0
# So often a state is read again that was replaced between two requests.
_OPENINGS = 4
# One segment for each shard: it is searched faster than many small ones, and has lost what OpenSearch keeps
# for its replicas while it is building.
_MAX_SEGMENTS = 1
# Records of the last states, which the next mostly shares.
_CACHED_RECORDS = 8


DEFAULT_LAYOUT = Layout()


class OpenSearchEngine:
    """See `indexer.engine.Engine`. Phrases for suggestions are kept in files in `folder`. `clock` gives the
    time in seconds since 1970.
    """

    def __init__(
        self,
        connection: Connection,
        folder: Path,
        analyzer: Analyzer,
        *,
        layout: Layout = DEFAULT_LAYOUT,
        memory_mb: int = DEFAULTS.memory_mb,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = Store(Cluster(connection), layout.alias)
        self._folder, self._analyzer, self._layout, self._clock = folder, analyzer, layout, clock
        self._timeout_s, self._memory_mb = connection.timeout_s, memory_mb
        self._lock = threading.Lock()
        self._seen: State | None = None
        self._seen_at = -_POLL_S
        self._records: dict[str, Any] = {}

    def live_name(self) -> str:
        """The name of the live state, at most a second old; '' if there is none."""
        with self._lock, self._understanding():
            if time.monotonic() - self._seen_at >= _POLL_S:
                if self._seen is not None:
                    # Not sooner again where it fails, either: every search asks for it.
                    self._seen_at = time.monotonic()
                self._see(self._store.live(nearest=True))
            return self._seen.name if self._seen else ""

    def live_documents(self) -> int:
        """How many releases the live state has, with those under embargo."""
        try:
            state = self._store.live()
        except ClusterError:
            raise
        except IndexUnavailable:
            return 0
        return state.documents if state else 0

    def open(self, name: str = "", *, embargoed: bool = False) -> OpenSearchSnapshot:
        """The live state. Of former ones only open snapshots are left."""
        with self._understanding():
            return self._open(name, embargoed=embargoed)

    def _open(self, name: str, *, embargoed: bool) -> OpenSearchSnapshot:
        for _ in range(_OPENINGS):
            state = self._look()
            if state is None:
                raise IndexUnavailable(
                    f"{self._store.cluster.shown_urls}에 색인 {self._layout.alias}이(가) 없습니다.",
                    "`bodo reindex`로 만드세요.",
                )
            if name and state.name != name:
                raise IndexUnavailable(f"색인의 {name} 상태는 이제 없습니다.", "처음부터 다시 검색하세요.")
            self._check_analyzer(state)
            try:
                return self._snapshot(state, embargoed=embargoed)
            except ClusterError as error:
                if error.status != 404:
                    raise
        raise IndexUnavailable("색인이 자꾸 바뀌어 열 수 없습니다.", "잠시 뒤에 다시 하세요.")

    @contextmanager
    def write(
        self,
        *,
        fresh: bool = False,
        read_curated_files: Callable[[], Mapping[str, str]] | None = None,
        wait_s: float = 30.0,
    ) -> Iterator[OpenSearchWriter]:
        """The one writer."""
        with writing(self._store, wait_s) as lock:
            state = self._live_to_build_on(fresh=fresh)
            if state is not None and not fresh:
                self._check_analyzer(state)
            curated_files = read_curated_files() if read_curated_files else None
            if curated_files is None:
                curated_files = self._record(state, state.curated_files, {}) if state else {}
            writer = OpenSearchWriter(
                self._store,
                lock,
                None if fresh else state,
                dict(curated_files),
                self._analyzer.for_curated_files(curated_files),
                self._layout,
                memory_mb=self._memory_mb,
                clock=self._clock,
                open_whole=lambda: self.open(embargoed=True),
            )
            try:
                yield writer
            finally:
                writer.close()
                with self._lock:
                    self._seen_at = -_POLL_S

    def verify(self) -> Iterator[Corruption]:
        """All damage in the live state."""
        snapshot = self.open(embargoed=True)
        try:
            yield from find_damage(snapshot)
        finally:
            snapshot.close()

    def merge(self) -> None:
        """Have the cluster merge the segments of an index that was just built, without waiting for it. Later
        it merges by itself.
        """
        state = self._store.live()
        if state is not None and state.number == 1:
            self._store.cluster.ask(
                "POST",
                f"/{state.index}/_forcemerge",
                params={"max_num_segments": _MAX_SEGMENTS, "wait_for_completion": "false"},
            )

    def _live_to_build_on(self, *, fresh: bool) -> State | None:
        try:
            return self._store.live()
        except ClusterError:
            raise
        except IndexUnavailable:
            # One of another format is replaced; what is not ours is left alone.
            if not fresh or not self._store.is_ours():
                raise
            return None

    @contextmanager
    def _understanding(self) -> Iterator[None]:
        """A context for reading answers, which may be those of something before the cluster."""
        try:
            yield
        except (LookupError, TypeError, AttributeError) as error:
            raise self._store.cluster.garbled() from error

    def _look(self) -> State | None:
        """The live state as of now, which is then also what is known of it."""
        state = self._store.live()
        with self._lock:
            self._see(state)
        return state

    def _see(self, state: State | None) -> None:
        self._seen, self._seen_at = state, time.monotonic()

    def _check_analyzer(self, state: State) -> None:
        if dict(state.analyzer) != self._analyzer.identity.to_dict():
            raise AnalyzerMismatch(
                f"색인 {self._layout.alias}은(는) 다른 분석기({state.analyzer.get('name', '?')})의 것입니다.",
                "그 분석기를 쓰거나 `bodo reindex --full`로 다시 만드세요. 그동안 앞의 색인은 그대로입니다.",
            )

    def _snapshot(self, state: State, *, embargoed: bool) -> OpenSearchSnapshot:
        at_s = self._clock()
        indexes = state.indexes if embargoed else state.visible(at_s)
        hides = not embargoed and any(state.embargoes[name][1] > at_s for name in indexes[1:])
        store = self._store
        size = store.cluster.ask("GET", f"/{','.join(indexes)}/_stats/store", attempts=READ_ATTEMPTS)
        curated_files = self._record(state, state.curated_files, {})

        def read_digests() -> Mapping[str, str]:
            pieces = store.read_records(state.index, state.digests)
            return {path: digest for piece in pieces for path, digest in piece.items()}

        def find_phrases() -> LayeredPhrases:
            return open_phrases(store, state, self._folder, float("inf") if embargoed else at_s)

        def present(snapshot: OpenSearchSnapshot) -> OpenSearchSnapshot:
            now = self._clock()
            if embargoed or _stage(state, now) == _stage(state, at_s):
                return snapshot
            with self._lock:
                is_live = self._seen is not None and self._seen.name == state.name
            # A former state cannot be opened again: its last pages do not show what has come since.
            return self._snapshot(state, embargoed=False) if is_live else snapshot

        point = PointInTime(store, state, indexes, self._timeout_s, self._look)
        try:
            return OpenSearchSnapshot(
                state,
                point,
                at_s=at_s,
                hides=hides,
                size_bytes=size["_all"]["total"]["store"]["size_in_bytes"],
                curated_files=curated_files,
                read_source_digests=read_digests,
                open_phrases=find_phrases,
                read_pending=lambda: frozenset(self._record(state, state.pending, [])),
                present=present,
            )
        except BaseException:
            point.close()
            raise

    def _record(self, state: State, name: str, default: Any) -> Any:  # noqa: ANN401 - JSON
        if not name:
            return default
        with self._lock:
            if name in self._records:
                return self._records[name]
        (value,) = self._store.read_records(state.index, [name])
        with self._lock:
            self._records[name] = value
            for old in list(self._records)[:-_CACHED_RECORDS]:
                del self._records[old]
        return value


def _stage(state: State, at_s: float) -> tuple[tuple[str, ...], int]:
    """Differs at two times if a release may be found at only one of them."""
    shared = [int(at_s) for first, last in state.embargoes.values() if first <= at_s < last]
    return state.visible(at_s), max(shared, default=0)
