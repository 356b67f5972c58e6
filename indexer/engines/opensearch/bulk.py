"""Sends documents in bulk, bounded in memory, until the cluster has each of them or it is said which one was
refused and why.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from indexer.engines.opensearch.cluster import Cluster, ClusterError, failure_of, overtaken, pause_s
from indexer.errors import BodoError

# A choice within OpenSearch's advice of 5 to 15 MB.
MAX_REQUEST_BYTES = 8_000_000
# One is made while another is on its way.
_SENDERS = 2
# A cluster that takes nothing for so long is given up.
PATIENCE_S = 300.0
_TIMEOUT_S = 60.0
# OpenSearch refuses an `_id` of more bytes.
_MAX_ID_BYTES = 512
_MAX_LISTED = 10

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Action:
    """To index a release, whose fields `source` has as JSON, or to remove it where that is empty."""

    index: str
    release_id: str
    source: bytes = b""


def document_id(release_id: str) -> str:
    """The `_id` of a release: its id, or the digest of one that OpenSearch does not take."""
    try:
        fits = 0 < len(release_id.encode()) <= _MAX_ID_BYTES
    except UnicodeEncodeError:
        fits = False
    if fits:
        return release_id
    return hashlib.blake2b(release_id.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()


class BulkSender:
    """Sends actions from several threads. Documents of a later `turn` of the writer's lock are not replaced
    by those of an earlier one: repeating an action does no harm, nor does a writer that was stopped for long.
    """

    def __init__(self, cluster: Cluster, turn: int) -> None:
        self._cluster, self._turn = cluster, turn
        self._pool = ThreadPoolExecutor(_SENDERS, thread_name_prefix="bulk")
        # As many requests are made and not sent yet, at most.
        self._places = threading.Semaphore(2 * _SENDERS)
        self._closed = threading.Event()
        self._sent: list[Future[None]] = []
        self._lines: list[tuple[Action, bytes]] = []
        self._bytes = 0

    def send(self, actions: Iterable[Action]) -> None:
        """Take actions, and send them when there are enough. Raises what sending earlier ones raised."""
        for action in actions:
            lines = self._to_lines(action)
            if self._lines and self._bytes + len(lines) > MAX_REQUEST_BYTES:
                self._submit()
            self._lines.append((action, lines))
            self._bytes += len(lines)

    def finish(self) -> None:
        """Wait until the cluster has everything.

        Raises BodoError with the releases that it refuses, and IndexUnavailable if it takes nothing more.
        """
        if self._lines:
            self._submit()
        for future in self._sent:
            future.result()
        self._sent.clear()

    def close(self) -> None:
        """End the threads, without sending what waits."""
        self._closed.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self) -> None:
        lines, self._lines, self._bytes = self._lines, [], 0
        while self._sent and self._sent[0].done():
            self._sent.pop(0).result()
        self._places.acquire()
        future = self._pool.submit(self._send, lines)
        future.add_done_callback(lambda _: self._places.release())
        self._sent.append(future)

    def _to_lines(self, action: Action) -> bytes:
        meta = {
            "_index": action.index,
            "_id": document_id(action.release_id),
            "version": self._turn,
            "version_type": "external_gte",
        }
        head = json.dumps({"index" if action.source else "delete": meta}, ensure_ascii=False).encode()
        return head + b"\n" + (action.source + b"\n" if action.source else b"")

    def _send(self, lines: Sequence[tuple[Action, bytes]]) -> None:
        end = time.monotonic() + PATIENCE_S
        attempt = 0
        while True:
            try:
                lines, failure = self._try(lines)
            except ClusterError as error:
                if not error.passing:
                    raise
                failure = error
            if not lines or failure is None:
                return
            if time.monotonic() > end or self._closed.is_set():
                raise failure
            if attempt == 0:
                _log.warning("%s\n%d건을 다시 보냅니다.", failure.message, len(lines))
            self._closed.wait(pause_s(attempt))
            attempt += 1

    def _try(
        self, lines: Sequence[tuple[Action, bytes]]
    ) -> tuple[Sequence[tuple[Action, bytes]], ClusterError | None]:
        """Send actions. Returns those to be sent again, and why the last of them was not taken."""
        answer = self._cluster.ask(
            "POST", "/_bulk", b"".join(data for _, data in lines), timeout_s=_TIMEOUT_S
        )
        items = answer.get("items")
        where = self._cluster.shown_urls
        if not isinstance(items, list) or len(items) != len(lines):
            raise failure_of(502, answer, where)
        again, refused, last = [], [], None
        for pair, item in zip(lines, items, strict=True):
            (result,) = item.values()
            status = result.get("status", 500)
            if status < 300 or (status == 404 and not pair[0].source):
                continue
            # Another writer has changed the release, or has removed the index that this one was filling.
            if status in (404, 409):
                raise overtaken()
            failure = failure_of(status, result, where)
            if failure.passing:
                again.append(pair)
                last = failure
            elif failure.status == 400:
                refused.append((pair[0].release_id, failure))
            else:
                raise failure
        if refused:
            raise _refusal(refused)
        return again, last


def _refusal(refused: Sequence[tuple[str, ClusterError]]) -> BodoError:
    named = "\n".join(f"  {release_id}: {failure.message}" for release_id, failure in refused[:_MAX_LISTED])
    more = f"\n  … 외 {len(refused) - _MAX_LISTED:,}건" if len(refused) > _MAX_LISTED else ""
    return BodoError(
        f"클러스터가 보도자료 {len(refused):,}건을 받지 않았습니다. 앞의 색인은 그대로입니다.\n{named}{more}",
        "그 보도자료를 고치거나 corpus에서 빼세요. 그 뒤에 다시 실행하세요.",
    )
