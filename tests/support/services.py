"""Search services over the reference engine, for tests of what answers with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.curation.files import SYNONYMS
from indexer.engine import Engine, Stop, never
from indexer.engines.memory import MemoryEngine
from indexer.release import PressRelease
from indexer.search.cursor import write_cursor
from indexer.search.request import SearchRequest
from indexer.search.rerank import Place
from indexer.search.service import SearchService


def memory_service(
    folder: Path,
    analyzer: Analyzer,
    releases: Iterable[PressRelease],
    *,
    start_clock: Callable[[], Stop] = lambda: never,
) -> SearchService:
    """A service over a new index of `releases` in `folder`."""
    engine = MemoryEngine(folder, analyzer)
    index_only(engine, releases)
    return SearchService(engine, analyzer, start_clock=start_clock)


def index_only(engine: Engine, releases: Iterable[PressRelease]) -> None:
    """Replace all that `engine` has by `releases`, with one pair of synonyms."""
    with engine.write(fresh=True, read_curated_files=lambda: {SYNONYMS: "창원시 = 창원특례시\n"}) as writer:
        writer.put(releases)
        writer.commit({})


def expired_cursor(q: str) -> str:
    """A cursor of a search for `q` in an index that is gone."""
    return write_cursor(SearchRequest(q=q), "gone", Place(5))
