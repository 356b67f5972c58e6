"""Cursors: where the next page begins, opaque to the caller and bound to one search of one generation."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from indexer.errors import RequestError
from indexer.search.request import SearchRequest


def write_cursor(request: SearchRequest, generation: str, offset: int) -> str:
    """A cursor to the releases from `offset` on."""
    record = json.dumps([generation, offset, _fingerprint(request)]).encode("ascii")
    return base64.urlsafe_b64encode(record).decode("ascii").rstrip("=")


def read_cursor(request: SearchRequest) -> tuple[str, int]:
    """The generation and the offset in the request's cursor. Raises RequestError where it is not a cursor of
    this search.
    """
    try:
        padded = (request.cursor or "") + "=" * (-len(request.cursor or "") % 4)
        made_for, offset, fingerprint = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not (isinstance(made_for, str) and isinstance(offset, int) and 0 <= offset < 2**53):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise RequestError("cursor", "cursor를 읽을 수 없습니다.", "첫 쪽부터 다시 검색하세요.") from error
    if fingerprint != _fingerprint(request):
        raise RequestError("cursor", "cursor가 이 검색의 것이 아닙니다.", "첫 쪽부터 다시 검색하세요.")
    return made_for, offset


def _fingerprint(request: SearchRequest) -> str:
    asked = [
        request.q,
        [list(values) for values in (request.outlet, request.department, request.reporter)],
        request.attachment,
        request.exact,
        str(request.published_from),
        str(request.published_to),
        request.sort,
    ]
    return hashlib.sha256(json.dumps(asked).encode("ascii")).hexdigest()[:12]
