"""All releases one after another: in order, each once, while the index changes and embargoes pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engine import UNDATED, Engine, Search
from indexer.engines.memory import MemoryEngine
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import IndexUnavailable
from indexer.release import SEOUL, PressRelease
from indexer.search.service import SearchService
from indexer.search.stream import StreamPlace, read_stream_cursor, write_stream_cursor
from tests.conftest import Clock, release_of
from tests.support.services import index_only

ENGINES: list[Callable[..., Engine]] = [MemoryEngine, WhooshEngine]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.search.service.BATCH_RELEASES", 3)


def releases_of(count: int) -> list[PressRelease]:
    """Releases of few dates, so that ids decide; every fourth has none."""
    return [
        release_of(f"소식 {number}", "본문이다.", id=f"r{number:02}", published=published)
        for number in range(count)
        for published in ["" if number % 4 == 0 else f"2024-01-0{1 + number % 3}T09:00"]
    ]


def ids_of(service: SearchService, place: StreamPlace | None = None) -> list[str]:
    return [one.release.id for batch in service.stream(place=place) for one in batch]


@pytest.mark.parametrize("make", ENGINES)
def test_each_release_comes_once_in_order(
    tmp_path: Path, analyzer: Analyzer, make: Callable[..., Engine]
) -> None:
    engine = make(tmp_path, analyzer)
    releases = releases_of(20)
    index_only(engine, releases)
    service = SearchService(engine, analyzer)

    def order(release: PressRelease) -> tuple[float, str]:
        return (release.published_at.timestamp() if release.published_at else -1.0, release.id)

    expected = [release.id for release in sorted(releases, key=order)]
    assert ids_of(service) == expected
    for batch in service.stream():
        for one in batch:
            place = read_stream_cursor(write_stream_cursor(one.place))
            assert ids_of(service, place) == expected[expected.index(one.release.id) + 1 :]


@pytest.mark.parametrize("make", ENGINES)
def test_a_stream_outlives_the_index_that_it_began_with(
    tmp_path: Path, analyzer: Analyzer, make: Callable[..., Engine]
) -> None:
    engine = make(tmp_path, analyzer)
    index_only(engine, releases_of(8))
    batches = SearchService(engine, analyzer).stream()
    read = [one.release.id for one in next(batches)]
    # The release of the place is gone, and there are new ones before and behind it.
    index_only(engine, [release for release in releases_of(14) if release.id != read[-1]])
    read += [one.release.id for batch in batches for one in batch]
    assert len(read) == len(set(read))
    assert set(read) >= {release.id for release in releases_of(14) if release.published_at}


@pytest.mark.parametrize("make", ENGINES)
def test_what_is_under_embargo_does_not_come(
    tmp_path: Path, analyzer: Analyzer, clock: Clock, make: Callable[..., Engine]
) -> None:
    engine = make(tmp_path, analyzer, clock=clock)
    later = datetime.fromtimestamp(clock.at, SEOUL) + timedelta(hours=1)
    secret = release_of("비밀", "본문이다.", id="secret", published="2024-01-09T09:00", embargo_until=later)
    index_only(engine, [*releases_of(8), secret])
    service = SearchService(engine, analyzer)
    assert "secret" not in ids_of(service)
    batches = service.stream()
    next(batches)
    clock.at += 3_601
    assert [one.release.id for batch in batches for one in batch][-1] == "secret"


def test_a_very_long_id_still_has_a_short_cursor(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = MemoryEngine(tmp_path, analyzer)
    releases = [release_of("소식", "본문이다.", id=f"{'a' * 5000}{number}") for number in range(2)]
    index_only(engine, [*releases, release_of("소식", "본문이다.", id="b")])
    batches = list(SearchService(engine, analyzer).stream())
    cursor = write_stream_cursor(batches[0][0].place)
    assert len(cursor) < 1_000
    # Ids with the same long beginning are passed over together.
    assert ids_of(SearchService(engine, analyzer), read_stream_cursor(cursor)) == ["b"]


def test_a_place_without_a_date_is_kept(tmp_path: Path) -> None:
    place = StreamPlace(UNDATED, "가/ \n")
    assert read_stream_cursor(write_stream_cursor(place)) == place


def test_no_release_is_left_out_where_a_part_does_not_answer(
    service_of: Callable[..., SearchService], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(*releases_of(4))
    stopped = partial(Search, stop=lambda: True)
    monkeypatch.setattr("indexer.search.stream.Search", stopped)
    with pytest.raises(IndexUnavailable):
        next(service.stream())
    # Its place is free again.
    monkeypatch.undo()
    assert len(ids_of(service)) == 4
