"""The writer's lock: a document that its owner renews. Who sees it unchanged for a while takes it over, so
that a writer that was killed keeps no one out; it is told apart from the next by the number of its turn.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

from indexer.engines.opensearch.cluster import ClusterError, overtaken, pause_s
from indexer.engines.opensearch.state import READ_ATTEMPTS, Store
from indexer.errors import IndexUnavailable

# A choice: how long a lock may stand unchanged. It is renewed several times within.
LEASE_S = 10.0
_RENEWALS = 4
_POLL_S = 0.2
_DOCUMENT = "writer"
# A cluster that is away for so long is given up: before a commit, and behind it.
_PATIENCE_S, _RELEASE_S = 60.0, 2.0


class WriterLock:
    """Held by the one who writes. `turn` counts those who held it; documents of a later turn win."""

    def __init__(self, store: Store, turn: int, owner: dict[str, Any], place: dict[str, Any]) -> None:
        self.turn = turn
        self._store, self._owner, self._place = store, owner, place
        self._is_lost = False
        self._turns = threading.Lock()
        self._ended = threading.Event()
        self._renewer = threading.Thread(target=self._renew, daemon=True)
        self._renewer.start()

    def check(self) -> None:
        """Raise IndexUnavailable if another process has taken the lock over, or if that cannot be known."""
        self._reach(_PATIENCE_S)
        if self._is_lost:
            raise overtaken()

    def release(self) -> None:
        """Let others write."""
        self._ended.set()
        self._renewer.join()
        if not self._is_lost:
            self._owner = {"turn": self.turn, "owner": ""}
            with suppress(ClusterError):
                self._reach(_RELEASE_S)

    def _renew(self) -> None:
        while not self._ended.wait(LEASE_S / _RENEWALS):
            with suppress(ClusterError):  # the next renewal may reach the cluster
                self._write()

    def _reach(self, patience_s: float) -> None:
        """Write, and again where no answer came: what was written is known by its owner."""
        end = time.monotonic() + patience_s
        for attempt in count():
            try:
                self._write()
            except ClusterError as error:
                if not error.passing or time.monotonic() > end:
                    raise
            else:
                return
            time.sleep(pause_s(attempt))

    def _write(self) -> None:
        with self._turns:
            # What was lost is not taken back.
            if not self._is_lost:
                self._write_once()

    def _write_once(self) -> None:
        self._owner["renewals"] = self._owner.get("renewals", 0) + 1
        try:
            self._place = _write(self._store, self._owner, self._place)
        except ClusterError as error:
            if error.status != 409:
                raise
            # Another has it, or the answer to our own last renewal was lost.
            now, place = _read(self._store)
            if now.get("owner") == self._owner["owner"]:
                self._place = place
            else:
                self._is_lost = True


@contextmanager
def writing(store: Store, wait_s: float) -> Iterator[WriterLock]:
    """Keep other writers out. Raises IndexUnavailable if one stays for longer than `wait_s` seconds."""
    end = time.monotonic() + wait_s
    _make_index(store)
    me = os.urandom(8).hex()
    seen: dict[str, Any] = {}
    seen_at = time.monotonic()
    while True:
        held, place = _read(store)
        if held.get("owner") == me:
            # The answer to what was written below was lost.
            break
        now = time.monotonic()
        if held != seen:
            seen, seen_at = held, now
        if not held.get("owner") or now - seen_at > LEASE_S:
            turn = int(held.get("turn", 0)) + 1
            held = {"turn": turn, "owner": me, "process": f"{socket.gethostname()}:{os.getpid()}"}
            try:
                place = _write(store, held, place)
                break
            except ClusterError as error:
                if error.status != 409 and (not error.passing or now >= end):
                    raise
        if now >= end:
            raise IndexUnavailable(
                f"다른 프로세스({held.get('process', '?')})가 {store.alias}에 쓰고 있습니다.",
                f"끝난 뒤에 다시 실행하세요. 죽은 프로세스의 것이면 {LEASE_S:g}초 뒤에 풀립니다.",
            )
        time.sleep(_POLL_S)
    lock = WriterLock(store, held["turn"], held, place)
    try:
        yield lock
    finally:
        lock.release()


def _index_of(store: Store) -> str:
    return f"{store.alias}-lock"


def _make_index(store: Store) -> None:
    try:
        store.cluster.ask("GET", f"/{_index_of(store)}", attempts=READ_ATTEMPTS)
    except ClusterError as error:
        if error.status != 404:
            raise
        store.create(
            _index_of(store),
            {
                "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
                "mappings": {"dynamic": False},
            },
        )


def _read(store: Store) -> tuple[dict[str, Any], dict[str, Any]]:
    """Who has the lock, and the place of that in the history of the document, as parameters."""
    try:
        answer = store.cluster.ask("GET", f"/{_index_of(store)}/_doc/{_DOCUMENT}", attempts=READ_ATTEMPTS)
    except ClusterError as error:
        if error.status != 404:
            raise
        return {}, {"op_type": "create"}
    return answer["_source"], _place(answer)


def _write(store: Store, owner: dict[str, Any], place: dict[str, Any]) -> dict[str, Any]:
    answer = store.cluster.ask("PUT", f"/{_index_of(store)}/_doc/{_DOCUMENT}", owner, params=place)
    return _place(answer)


def _place(answer: dict[str, Any]) -> dict[str, Any]:
    return {"if_seq_no": answer["_seq_no"], "if_primary_term": answer["_primary_term"]}
