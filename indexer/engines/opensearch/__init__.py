"""The engine for archives past one machine: an OpenSearch cluster that indexes our tokens."""

from indexer.engines.opensearch.cluster import Connection
from indexer.engines.opensearch.engine import OpenSearchEngine
from indexer.engines.opensearch.state import Layout

__all__ = ["Connection", "Layout", "OpenSearchEngine"]
