"""A clock for tests, which moves only when somebody sleeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from indexer.pulling.addresses import Resolve, resolve_by_system
from indexer.pulling.surroundings import Surroundings


class FakeTime:
    """Starts at `started`. `slept` has every wait, in seconds."""

    def __init__(self, started: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)) -> None:
        self.slept: list[float] = []
        self._started = started
        self._seconds = 1_000.0

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.slept.append(seconds)
        self._seconds += seconds

    def monotonic(self) -> float:
        return self._seconds

    def now(self) -> datetime:
        return self._started + timedelta(seconds=self._seconds - 1_000.0)

    def surroundings(self, *, chance: float = 0.5, resolve: Resolve = resolve_by_system) -> Surroundings:
        """What a fetcher is given; `chance` is every random number."""
        return Surroundings(
            monotonic=self.monotonic, now=self.now, sleep=self.sleep, random=lambda: chance, resolve=resolve
        )
