"""A real OpenSearch with nori for the benchmarks; the tests have it without (`tests.support.opensearch_server`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.part import Unavailable
from tests.support import opensearch_package, opensearch_server

PORT = 9299
HEAP = "2g"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of an OpenSearch with empty data that ends with the context. Raises Unavailable."""
    try:
        with opensearch_server.running(folder, port=PORT, heap=HEAP, nori=True) as address:
            yield address
    except opensearch_package.Unavailable as error:
        raise Unavailable(str(error)) from None
