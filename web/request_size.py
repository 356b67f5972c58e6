"""How large a request may be."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestURITooLarge

# No endpoint reads a body. A choice: one that a client sends without need does no harm up to here.
MAX_BODY_BYTES = 65_536
# Just under what the server itself reads: hyper's `Uri` has at most 65,534 bytes, and more of them are a 414
# without a body. The longest question that can be answered has some 50,000.
MAX_URL_BYTES = 65_000


def refuse_large_requests(app: Flask) -> None:
    """Answer 413 to a body that is too large and 414 to such an address, before anything is read."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.before_request(_check)


def _check() -> None:
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    if len(request.environ.get("PATH_INFO", "")) + len(request.query_string) > MAX_URL_BYTES:
        raise RequestURITooLarge
