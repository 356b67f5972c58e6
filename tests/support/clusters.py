"""An engine over an OpenSearch with an archive of its own, which is gone afterwards."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer.analysis import Analyzer
from indexer.engines.opensearch import Connection, Layout, OpenSearchEngine
from tests.support.opensearch_server import ask


@contextmanager
def cluster_engine(
    url: str,
    folder: Path,
    analyzer: Analyzer,
    *,
    clock: Callable[[], float] = time.time,
    **layout: Any,  # noqa: ANN401 - fields of Layout
) -> Iterator[OpenSearchEngine]:
    """An engine with an empty index, without copies of shards."""
    alias = f"test-{uuid.uuid4().hex[:12]}"
    kept = Layout(**{"alias": alias, "replicas": 0, **layout})
    try:
        yield OpenSearchEngine(Connection(urls=(url,)), folder, analyzer, layout=kept, clock=clock)
    finally:
        for name in ask(url, "GET", f"/{alias}-*/_settings"):
            ask(url, "DELETE", f"/{name}")
