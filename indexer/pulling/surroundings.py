"""What a fetcher takes from the machine: time, sleep, chance and names. Tests give their own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from indexer.pulling.addresses import Resolve, resolve_by_system


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`monotonic` in seconds, `now` with its zone, `sleep` by seconds, `random` from 0 to below 1."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    resolve: Resolve = resolve_by_system
