"""Visits to sites as a polite program makes them: allowed by robots.txt, one by one, with patience."""

from __future__ import annotations

import copy
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from indexer import __version__
from indexer.pulling.addresses import Target, check_target, next_target_url
from indexer.pulling.exchange import Limits, Reply, asking
from indexer.pulling.exchange_errors import PASSING_STATUSES, refuse_status
from indexer.pulling.fetch_error import CHECK_ADDRESS, FetchError, NotNow, OutOfTime, TooSlow, shown_url
from indexer.pulling.pacing import DELAY_S, MIN_PUBLIC_DELAY_S, Pacing
from indexer.pulling.robots import MAX_ROBOTS_BYTES, ROBOTS_KEPT_S, UNREACHABLE_KEPT_S, Robots, read_robots
from indexer.pulling.surroundings import Surroundings

# RFC 9309 (2.3.1.2) follows as many for robots.txt; sites take one or two.
MAX_REDIRECTS: Final = 5
# With the back-off: over within ten seconds, where the server answers at once.
TRIES: Final = 4
_REDIRECTS: Final = (301, 302, 303, 307, 308)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a source may do besides what all may.

    `private_hosts` are the hosts, as 'host' or 'host:port', that may have addresses which are not public.
    Each call has its own, so that what one source may reach no other source reaches by a redirect. In
    sources.toml `allow_private = true` is the host and port of the source's own `url`.
    `delay_s` is the least time between two requests to one host, in seconds; for public hosts at least
    MIN_PUBLIC_DELAY_S. `heeds_robots` is False only for an interface that a key of its own allows (an API).
    """

    private_hosts: frozenset[str] = frozenset()
    delay_s: float = DELAY_S
    heeds_robots: bool = True


ANY_SOURCE: Final = Rules()


class Visits:
    """Asks sites, and keeps what is known of them: their robots.txt, and when they were last asked."""

    def __init__(self, agent: str, limits: Limits, surroundings: Surroundings) -> None:
        self._agent = agent
        self._limits = limits
        self._surroundings = surroundings
        self._pacing = Pacing(surroundings)
        self._robots: dict[str, tuple[float, Robots]] = {}
        self._lock = threading.Lock()
        self._end = math.inf

    def within(self, seconds: float) -> Visits:
        """The same, with all that is known; but what asks by it raises OutOfTime after `seconds` from now."""
        limited = copy.copy(self)
        limited._end = self._surroundings.monotonic() + seconds
        return limited

    def try_often(self, attempt: Callable[[], _T], *, goes_on: bool = False) -> _T:
        """What `attempt` gives, tried a few times where its error may pass; `goes_on`: it begins where the
        last one ended, so that also one that took too long is worth it. Raises FetchError.
        """
        for failures in range(1, TRIES):
            try:
                return attempt()
            except NotNow:
                raise
            except FetchError as error:
                if not error.is_passing or (isinstance(error, TooSlow) and not goes_on):
                    raise
            self._pacing.back_off(failures)
        return attempt()

    @contextmanager
    def visiting(self, url: str, rules: Rules, headers: Mapping[str, str], total_s: float) -> Iterator[Reply]:
        """A context with the answer that redirects lead to. Each step is checked as the first one is; all
        together take `total_s` at most, without the waiting for turns.
        """
        self._left_s(url)
        headers = {"User-Agent": self._agent, "Accept": "*/*", **headers}
        first, seen, left_s = url, set[str](), total_s
        for _ in range(MAX_REDIRECTS + 1):
            target = check_target(url, rules.private_hosts, self._surroundings.resolve)
            if target.url in seen:
                break
            seen.add(target.url)
            self._pacing.wait_for_turn(target.host, self._delay_s(target, rules), target.url)
            left_s = min(left_s, self._left_s(target.url))
            started = time.monotonic()
            with asking(target, headers, self._limits, left_s) as reply:
                if reply.status not in _REDIRECTS:
                    if reply.status in PASSING_STATUSES:
                        self._pacing.hold(target.host, reply.header("Retry-After"))
                    yield reply
                    return
                url = next_target_url(target, reply.header("Location"))
            left_s = max(left_s - (time.monotonic() - started), 0.001)
        raise FetchError(f"{shown_url(first)}: 다른 주소로 옮기라는 답만 되풀이합니다.", CHECK_ADDRESS)

    def _left_s(self, url: str) -> float:
        left_s = self._end - self._surroundings.monotonic()
        if left_s <= 0:
            raise OutOfTime(
                f"{shown_url(url)}: 이번에 이 출처에 쓸 시간이 다 됐습니다.", "다음 차례에 이어집니다."
            )
        return left_s

    def _delay_s(self, target: Target, rules: Rules) -> float:
        """The pause after a request. Raises FetchError where the site does not allow it."""
        robots = self._robots_of(target, rules) if rules.heeds_robots else Robots()
        shown = shown_url(target.url)
        if robots.trouble:
            raise NotNow(
                f"{shown}: 먼저 읽어야 할 robots.txt를 읽지 못했습니다. {robots.trouble}",
                "주소와 네트워크를 확인하세요. 사이트가 잠시 멈췄으면 다음 차례에 가져옵니다.",
            )
        if not robots.allows(target.url):
            raise FetchError(
                f"{shown}: 사이트가 robots.txt로 자동 수집을 막았습니다.",
                "그 사이트의 운영자에게 물어보거나, 파일을 직접 내려받아 `bodo add`로 넣으세요.",
            )
        return max(rules.delay_s, robots.delay_s, 0.0 if target.is_private else MIN_PUBLIC_DELAY_S)

    def _robots_of(self, target: Target, rules: Rules) -> Robots:
        now = self._surroundings.monotonic()
        with self._lock:
            until, kept = self._robots.get(target.origin, (now, Robots()))
        if until > now:
            return kept
        try:
            robots = read_robots(self.try_often(lambda: self._read_robots(target, rules)))
        except NotNow:
            raise
        except FetchError as error:
            # Another source, with time, may find it there.
            self._left_s(target.url)
            # RFC 9309, 2.3.1: without an answer nothing is allowed; with none to be had (4xx) everything is.
            is_unreachable = error.is_passing or error.status >= 500
            robots = Robots(trouble=error.message if is_unreachable else "")
        kept_s = UNREACHABLE_KEPT_S if robots.trouble else ROBOTS_KEPT_S
        with self._lock:
            self._robots[target.origin] = (self._surroundings.monotonic() + kept_s, robots)
        return robots

    def _read_robots(self, target: Target, rules: Rules) -> bytes:
        url = f"{target.origin}/robots.txt"
        headers = {"Accept-Encoding": "gzip"}
        with self.visiting(url, replace(rules, heeds_robots=False), headers, self._limits.page_s) as reply:
            if reply.status != 200:
                raise refuse_status(url, reply.status)
            body = bytearray()
            for chunk in reply.chunks(2 * MAX_ROBOTS_BYTES):
                body += chunk
                if len(body) > MAX_ROBOTS_BYTES:
                    break
            return bytes(body)


def user_agent(operator_url: str) -> str:
    """What sites are told of who asks: the program, and where its operator is to be found."""
    is_plain = operator_url.isascii() and operator_url.isprintable() and not set(operator_url) & set(" ()\\")
    return f"bodo/{__version__}" + (f" (+{operator_url})" if operator_url and is_plain else "")
