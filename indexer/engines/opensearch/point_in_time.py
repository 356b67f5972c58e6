"""The indexes of a state as of one moment, which later changes of the cluster do not touch."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from indexer.engines.opensearch.cluster import ClusterError, failure_of, failure_of_shards, pause_s
from indexer.engines.opensearch.state import READ_ATTEMPTS, State, Store
from indexer.errors import IndexUnavailable, StateGone

# A choice: how long the cluster keeps what nobody asks. Each question prolongs it.
_KEEP_ALIVE = "10m"
# How long all releases may be walked through, a piece at a time.
_PATIENCE_S = 60.0
# So often a search is asked for: the shards of a node that died are found elsewhere within a second or two.
_ATTEMPTS = 5
_CONTEXT_MISSING = "search_context_missing"
_HEADER = '{"search_type":"%s"}\n'


class PointInTime:
    """The indexes `indexes` of `state`. `live` asks for the live state. Threads may share it."""

    def __init__(
        self,
        store: Store,
        state: State,
        indexes: Sequence[str],
        timeout_s: float,
        live: Callable[[], State | None],
    ) -> None:
        self._store, self._state, self._indexes, self._timeout_s = store, state, indexes, timeout_s
        self._live = live
        self._lock = threading.Lock()
        self._id = self._open()
        self._is_closed = False

    def ask(
        self, bodies: Sequence[Mapping[str, Any]], *, whole: bool = True, patient: bool = False
    ) -> list[dict[str, Any]]:
        """The answers to some searches, in one request. If `whole`, an answer without some shard is an error;
        else it may be partial, and says so by `timed_out`. `patient`: it may take long.

        Raises IndexUnavailable.
        """
        self.check_open()
        timeout_s = _PATIENCE_S if patient else self._timeout_s
        for attempt in range(_ATTEMPTS):
            pit = self._id
            answers, is_lost = self._try(bodies, pit, timeout_s)
            if not is_lost or attempt == _ATTEMPTS - 1:
                break
            if attempt:
                time.sleep(pause_s(attempt - 1))
            # The node that kept it is gone, or nobody asked for long. As long as there was no commit, the
            # indexes are still what they were.
            self._reopen(pit)
        return [self._checked(answer, whole=whole) for answer in answers]

    def close(self) -> None:
        """Give it back to the cluster."""
        if not self._is_closed:
            self._is_closed = True
            with suppress(IndexUnavailable):
                self._store.cluster.ask(
                    "DELETE", "/_search/point_in_time", {"pit_id": [self._id]}, timeout_s=2
                )

    def check_open(self) -> None:
        """Raise ValueError if it is closed."""
        if self._is_closed:
            raise ValueError("the snapshot is closed")

    def _open(self) -> str:
        answer = self._store.cluster.ask(
            "POST",
            f"/{','.join(self._indexes)}/_search/point_in_time",
            # Without this it would have only those shards that answered, and never say so again.
            params={"keep_alive": _KEEP_ALIVE, "allow_partial_pit_creation": "false"},
            attempts=READ_ATTEMPTS,
            whole=True,
        )
        return str(answer["pit_id"])

    def _reopen(self, lost: str) -> None:
        with self._lock:
            if self._id != lost:
                return  # another thread did it
            live = self._live()
            if live is None or live.name != self._state.name:
                raise StateGone("그 사이에 색인이 바뀌었습니다.", "다시 찾아 주세요.")
            self._id = self._open()

    def _try(
        self, bodies: Sequence[Mapping[str, Any]], pit: str, timeout_s: float
    ) -> tuple[list[dict[str, Any]], bool]:
        """The answers, and whether the point in time is lost for one of them."""
        lines = []
        for body in bodies:
            search_type = "dfs_query_then_fetch" if body["size"] else "query_then_fetch"
            lines.append(_HEADER % search_type)
            pointed = {
                **body,
                "pit": {"id": pit, "keep_alive": _KEEP_ALIVE},
                "timeout": f"{int(timeout_s * 1000)}ms",
            }
            lines.append(json.dumps(pointed, ensure_ascii=False, separators=(",", ":")) + "\n")
        data = "".join(lines).encode("utf-8", "replace")
        try:
            answer = self._store.cluster.ask(
                "POST", "/_msearch", data, attempts=READ_ATTEMPTS, timeout_s=timeout_s + 1
            )
        except ClusterError as error:
            if error.status == 404:
                return [{"error": {}, "status": 404}], True
            raise
        answers: list[dict[str, Any]] = answer["responses"]
        return answers, any(map(_is_lost, answers))

    def _checked(self, answer: dict[str, Any], *, whole: bool) -> dict[str, Any]:
        if "error" in answer:
            raise failure_of(answer.get("status", 500), answer, self._store.cluster.shown_urls)
        shards = answer["_shards"]
        if shards["failed"] or answer["timed_out"]:
            if whole or shards["failed"] == shards["total"]:
                urls = self._store.cluster.shown_urls
                raise failure_of_shards(shards, urls) if shards["failed"] else failure_of(504, {}, urls)
            answer["timed_out"] = True
        return answer


def _is_lost(answer: Mapping[str, Any]) -> bool:
    """Whether a shard does not know the point in time any more, or its node is gone."""
    if "error" in answer:
        status = answer.get("status", 500)
        is_away = status >= 500 and failure_of(status, answer, "").passing
        return status == 404 or is_away or _CONTEXT_MISSING in str(answer)
    return bool(answer["_shards"]["failed"])
