"""What a site allows programs by its robots.txt (RFC 9309)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protego import Protego

from indexer.pulling.pacing import MAX_DELAY_S

AGENT: Final = "bodo"
# RFC 9309, 2.5: at least 500 KiB are to be read. What follows is passed over.
MAX_ROBOTS_BYTES: Final = 500 * 1024
# RFC 9309, 2.4: not longer than a day. An hour: a site that forbids something is heeded soon.
ROBOTS_KEPT_S: Final = 3_600.0
# An unreachable one is asked for again sooner.
UNREACHABLE_KEPT_S: Final = 600.0
_MOST_SECONDS: Final = 10**9


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin. Without `rules` everything is allowed, or nothing where `trouble` says why
    they cannot be known.
    """

    rules: Protego | None = None
    trouble: str = ""

    def allows(self, url: str) -> bool:
        """Whether bodo may fetch `url`."""
        if self.rules is None:
            return not self.trouble
        return self.rules.can_fetch(url, AGENT)

    @property
    def delay_s(self) -> float:
        """The pause that the site asks for (Crawl-delay, Request-rate), at most MAX_DELAY_S."""
        if self.rules is None:
            return 0.0
        rate = self.rules.request_rate(AGENT)
        # The number of seconds may have thousands of digits.
        between_s = min(rate.seconds, _MOST_SECONDS) / rate.requests if rate else 0.0
        return min(max(self.rules.crawl_delay(AGENT) or 0.0, between_s), MAX_DELAY_S)


def read_robots(body: bytes) -> Robots:
    """The rules of a robots.txt, of which MAX_ROBOTS_BYTES are read. Any bytes are one."""
    if len(body) > MAX_ROBOTS_BYTES:
        body = body[:MAX_ROBOTS_BYTES].rpartition(b"\n")[0]
    return Robots(Protego.parse(body.decode("utf-8-sig", "replace")))
