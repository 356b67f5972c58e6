"""When a host may be asked again: a pause after each request, and what it says itself (Retry-After)."""

from __future__ import annotations

import re
import threading
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from indexer.pulling.fetch_error import NotNow, shown_url
from indexer.pulling.surroundings import Surroundings

# What most crawlers of archives take (heritrix, Scrapy's guides): a second between two requests.
DELAY_S: Final = 1.0
MIN_PUBLIC_DELAY_S: Final = 0.5
# A run over a hundred releases ends within the hour; longer wishes of robots.txt are cut to it.
MAX_DELAY_S: Final = 30.0
# For longer the run does not wait: it goes on with other hosts, and this one has its turn in the next run.
MAX_WAIT_S: Final = 60.0
# First 1, 2, then 4 seconds, each times a half to one and a half.
BACK_OFF_S: Final = 1.0
_MAX_RETRY_AFTER_S: Final = 86_400.0
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


class Pacing:
    """The turns of all hosts. Threads may share it."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._lock = threading.Lock()
        self._next_turn: dict[str, float] = {}
        self._held_until: dict[str, float] = {}

    def wait_for_turn(self, host: str, delay_s: float, url: str) -> None:
        """Wait until `host` may be asked; the one after waits `delay_s` longer. Raises NotNow where the host
        has asked for more patience than a run has.
        """
        with self._lock:
            now = self._surroundings.monotonic()
            held_s = self._held_until.get(host, now) - now
            if held_s > MAX_WAIT_S:
                raise NotNow(
                    f"{shown_url(url)}: 서버가 {held_s:,.0f}초 뒤에 다시 오라고 했습니다.",
                    "그 뒤에 다시 하세요. 정해 둔 시각에 도는 `bodo pull`이면 다음 차례에 가져옵니다.",
                )
            turn = max(now, self._next_turn.get(host, now), now + held_s)
            self._next_turn[host] = turn + delay_s
        if turn > now:
            self._surroundings.sleep(turn - now)

    def hold(self, host: str, retry_after: str) -> None:
        """Heed the Retry-After of an answer; anything that is neither seconds nor a date says nothing."""
        seconds = self._parse_retry_after(retry_after.strip())
        with self._lock:
            until = self._surroundings.monotonic() + seconds
            self._held_until[host] = max(until, self._held_until.get(host, until))

    def back_off(self, failures: int) -> None:
        """Wait after the `failures`-th failure in a row, from 1."""
        wait_s = BACK_OFF_S * 2 ** (failures - 1)
        self._surroundings.sleep(wait_s * (0.5 + self._surroundings.random()))

    def _parse_retry_after(self, text: str) -> float:
        """The seconds that a Retry-After asks for (RFC 9110, 10.2.3): 0 to a day."""
        if _SECONDS.fullmatch(text):
            seconds = float(text)
        else:
            try:
                date = parsedate_to_datetime(text)
                date = date if date.tzinfo else date.replace(tzinfo=UTC)
                seconds = (date - self._surroundings.now()).total_seconds()
            except (ValueError, OverflowError):
                seconds = 0.0
        return min(max(seconds, 0.0), _MAX_RETRY_AFTER_S)
