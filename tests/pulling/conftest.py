"""A site, and a fetcher whose clock stands still while nobody sleeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer.pulling.exchange import Limits
from indexer.pulling.fetcher import Fetcher
from tests.support.sites import Site
from tests.support.times import FakeTime

# Short, so that what stalls does not hold the tests; long enough for a busy machine.
LIMITS = Limits(connect_s=5.0, read_s=1.0, page_s=2.0, download_s=2.0)


def short(value: object) -> str:
    """What names a case of a test."""
    return str(value)[:80]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


@pytest.fixture
def fetcher(clock: FakeTime) -> Fetcher:
    return Fetcher(limits=LIMITS, surroundings=clock.surroundings())
