"""The parts of the benchmark, in the order in which all are measured."""

from __future__ import annotations

from types import MappingProxyType

from tests.benchmarks.parts import (
    build,
    change,
    cluster,
    command,
    growth,
    memory,
    opensearch,
    page,
    query,
    sqlite,
    suggest,
    tantivy,
    whoosh,
)

_ORDER = (
    build, query, page, suggest, change, memory, command, opensearch, cluster, tantivy, sqlite, whoosh, growth,
)  # fmt: skip

PARTS = MappingProxyType({module.PART.name: module.PART for module in _ORDER})
