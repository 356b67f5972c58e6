"""The releases of the same issuer before and behind one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.engines.whoosh import WhooshEngine
from indexer.search.neighbours import Neighbours
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.services import index_only

TIMES = ["2024-03-01T09:00", "2024-03-01T09:00:30", "2024-03-02", "2023-01-01T00:00", ""]


@pytest.fixture(scope="module", params=[MemoryEngine, WhooshEngine])
def changing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
) -> tuple[MemoryEngine, SearchService]:
    engine = request.param(tmp_path_factory.mktemp("neighbours"), analyzer)
    index_only(engine, [])
    return engine, SearchService(engine, analyzer)


@given(st.lists(st.tuples(st.sampled_from(["가", "나", ""]), st.sampled_from(TIMES)), min_size=1, max_size=9))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_each_is_the_neighbour_of_its_neighbour(
    changing: tuple[MemoryEngine, SearchService], described: list[tuple[str, str]]
) -> None:
    engine, service = changing
    releases = [
        replace(release_of("소식", published=time, id=f"r{number}"), outlet=outlet)
        for number, (outlet, time) in enumerate(described)
    ]
    index_only(engine, releases)
    for outlet in {release.outlet for release in releases}:
        own = [
            release for release in releases if release.outlet == outlet and release.published_at and outlet
        ]
        newest = sorted(own, key=lambda release: (-release.published_at.timestamp(), release.id))  # type: ignore[union-attr]
        for index, release in enumerate(newest):
            found = service.neighbours(release)
            newer = newest[index - 1].id if index else None
            older = newest[index + 1].id if index + 1 < len(newest) else None
            assert (found.newer and found.newer.id, found.older and found.older.id) == (newer, older)
    for release in releases:
        if not (release.outlet and release.published_at):
            assert service.neighbours(release) == Neighbours()


def test_a_release_that_is_gone_has_none(changing: tuple[MemoryEngine, SearchService]) -> None:
    engine, service = changing
    index_only(engine, [replace(release_of("소식", published="2024-03-01", id="a"), outlet="가")])
    gone = replace(release_of("소식", published="2024-03-01", id="b"), outlet="가")
    assert service.neighbours(gone) == Neighbours()
