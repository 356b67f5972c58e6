from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.search.service import SearchService
from tests.conftest import release_of
from web import garbage


class Knot:
    """Something that only a collection frees."""

    def __init__(self) -> None:
        self.itself = self


def test_what_lives_is_put_aside_and_what_is_left_is_freed() -> None:
    lives, left = Knot(), Knot()
    aside = weakref.ref(left)
    try:
        garbage.put_aside()
        assert gc.get_freeze_count() > 0
        assert not any(found is lives for found in gc.get_objects())
        del left
        garbage.put_aside()
        assert aside() is None
    finally:
        gc.unfreeze()


def test_it_happens_after_each_opening(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = threading.Semaphore(0)
    monkeypatch.setattr(garbage, "_DELAY_SECONDS", 0.01)
    monkeypatch.setattr(garbage, "put_aside", called.release)
    engine = WhooshEngine(tmp_path / "index", analyzer)
    service = SearchService(engine, analyzer, opened=garbage.put_aside_soon)
    for number in range(2):
        with engine.write() as writer:
            writer.put([release_of("창원", id=str(number))])
            writer.commit({})
        assert service.state().documents == service.state().documents == number + 1
        assert called.acquire(timeout=10)
    assert not called.acquire(timeout=0.2)
