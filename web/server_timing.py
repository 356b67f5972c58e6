"""How long an answer took, for the tools of browsers and for scripts: `Server-Timing`
(https://www.w3.org/TR/server-timing/).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, g

_HEADER = "Server-Timing"


def tell_durations(app: Flask) -> None:
    """Say in each answer of `app` how many milliseconds its parts and the whole took. What is registered
    before is not counted at the end of a request, what is registered behind not at its beginning.
    """
    app.before_request(_start)
    app.after_request(_add_header)


@contextmanager
def timed(part: str) -> Iterator[None]:
    """Count what is done within to `part`, a name of letters, of the answer that is being made."""
    started = time.perf_counter()
    try:
        yield
    finally:
        parts = g.setdefault("durations_ms", {})
        parts[part] = parts.get(part, 0.0) + (time.perf_counter() - started) * 1000


def _start() -> None:
    g.started = time.perf_counter()


def _add_header(response: Response) -> Response:
    parts = dict(g.get("durations_ms", {}))
    if "started" in g:
        parts["total"] = (time.perf_counter() - g.started) * 1000
    if parts:
        response.headers[_HEADER] = ", ".join(f"{name};dur={ms:.3f}" for name, ms in parts.items())
    return response
