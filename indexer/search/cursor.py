"""Cursors: the offset of the next page of one search in one snapshot. Callers only hand them back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import replace

from indexer.errors import RequestError
from indexer.search.request import DEFAULT_LIMIT, SearchRequest, parameters_of


def write_cursor(request: SearchRequest, generation: str, offset: int) -> str:
    """A cursor for the page that begins behind the first `offset` releases of a result. `generation` is the
    name of the snapshot. A cursor is no secret and is not signed.
    """
    record = json.dumps([generation, offset, _fingerprint(request)]).encode("ascii")
    return base64.urlsafe_b64encode(record).decode("ascii").rstrip("=")


def read_cursor(request: SearchRequest) -> tuple[str, int]:
    """The name of the snapshot and the offset in the request's cursor.

    Raises RequestError if it is not a cursor, or one of another search.
    """
    try:
        padded = (request.cursor or "") + "=" * (-len(request.cursor or "") % 4)
        generation, offset, fingerprint = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not (isinstance(generation, str) and isinstance(offset, int) and 0 <= offset < 2**53):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise RequestError("cursor", "cursor를 읽을 수 없습니다.", "첫 쪽부터 다시 검색하세요.") from error
    if fingerprint != _fingerprint(request):
        raise RequestError("cursor", "cursor가 이 검색의 것이 아닙니다.", "첫 쪽부터 다시 검색하세요.")
    return generation, offset


def _fingerprint(request: SearchRequest) -> str:
    """A digest of all parameters of a search but `limit` and `cursor`."""
    searched = parameters_of(replace(request, limit=DEFAULT_LIMIT, cursor=None))
    return hashlib.sha256(json.dumps(searched).encode("ascii")).hexdigest()[:12]
