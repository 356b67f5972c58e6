"""How often one client may search. Each worker process counts by itself."""

from __future__ import annotations

import math
import time
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

import limits
from flask import Flask, Response, request
from flask_limiter import Limiter

from indexer.errors import BodoError

if TYPE_CHECKING:
    from indexer.settings import Settings

# What searches. Pages of releases, the first page, static files and the health check are for everyone.
_PATHS = ("/search", "/suggest.json", "/trends", "/trends.csv", "/feed.atom")
# What a provider gives to one client (RFC 6177; RIPE-690): the rest of the address is of its own choice.
_IPV6_CLIENT_BITS = 64


def check_rate_limit(settings: Settings) -> str:
    """The rate of settings, such as '60/minute' or '5/second; 1000/hour'; '' for none.

    Raises BodoError for what is no rate.
    """
    rate = settings.rate_limit.strip()
    try:
        items = limits.parse_many(rate) if rate else []
    except ValueError:
        items = None
    # The library takes a rate of none, which would shut everyone out.
    if items is None or any(item.amount < 1 for item in items):
        raise BodoError(
            f"rate_limit(BODO_RATE_LIMIT)에 쓸 수 없는 값입니다: {rate[:80]}",
            "60/minute이나 5/second; 1000/hour처럼 적으세요. 제한하지 않으려면 비워 두세요.",
        )
    return rate


def limit_rate(app: Flask, rate: str) -> None:
    """Answer 429 to a client that searches more often than `rate`; '' is no limit. What was registered before
    and answers by itself, such as 304, is not counted.
    """
    if not rate:
        return
    limiter = Limiter(
        client_key,
        app=app,
        application_limits=[rate],
        application_limits_exempt_when=_is_free,
        storage_uri="memory://",
        # The count begins with the first question, and costs one number for each client.
        strategy="fixed-window",
    )

    def say_when(response: Response) -> Response:
        breached = [one.reset_at for one in limiter.current_limits if one.breached]
        if response.status_code == 429 and breached:
            response.headers["Retry-After"] = str(max(1, math.ceil(max(breached) - time.time())))
        return response

    app.after_request(say_when)


def client_key() -> str:
    """The address of the client; of IPv6 the network that a provider gives to one client."""
    given = request.remote_addr or "unknown"
    try:
        address = ip_address(given.partition("%")[0])
    except ValueError:
        return given
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address.packed, _IPV6_CLIENT_BITS), strict=False))


def _is_free() -> bool:
    # A browser asks first whether it may ask (OPTIONS).
    if request.method == "OPTIONS":
        return True
    return not (request.path.startswith("/api/v1/") or request.path in _PATHS)
