"""Makes what was sent visible to searches, on all shards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import count

from indexer.engines.opensearch.cluster import failure_of, pause_s
from indexer.engines.opensearch.state import READ_ATTEMPTS, Store

_TIMEOUT_S = 120.0
# A cluster that lacks a shard for so long is given up.
_PATIENCE_S = 300.0


def refresh(store: Store, indexes: Sequence[str]) -> int:
    """Make everything visible; how many releases there are.

    Raises IndexUnavailable where a shard stays away.
    """
    names = ",".join(indexes)
    ask = store.cluster.ask
    end = time.monotonic() + _PATIENCE_S
    for attempt in count():
        done = ask("POST", f"/{names}/_refresh", attempts=READ_ATTEMPTS, timeout_s=_TIMEOUT_S, whole=True)
        health = ask("GET", f"/_cluster/health/{names}", attempts=READ_ATTEMPTS, timeout_s=_TIMEOUT_S)
        # A shard that just was nowhere is passed over without a word.
        if health["status"] != "red" and done["_shards"]["successful"] >= health["active_shards"]:
            break
        if time.monotonic() > end:
            raise failure_of(
                503, {"error": {"type": "no_shard_available_action_exception"}}, store.cluster.shown_urls
            )
        time.sleep(pause_s(attempt))
    answer = store.search(indexes, {"size": 0, "track_total_hits": True})
    return int(answer["hits"]["total"]["value"])
