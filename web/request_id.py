"""The id of a request: in its answer, and in what the log says of it."""

from __future__ import annotations

import re
import uuid

from flask import Response, g, request

HEADER = "X-Request-ID"
# Safe in a header, in a line of the log and in a page. A UUID has 36 characters; a choice above that.
_WELL_FORMED = re.compile("[A-Za-z0-9._-]{1,64}")


def request_id() -> str:
    """The id that the client or a proxy gave this request, if it is well-formed; else a new one."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
    return str(g.request_id)


def add_request_id(response: Response) -> Response:
    """Say the id in the answer."""
    response.headers[HEADER] = request_id()
    return response
