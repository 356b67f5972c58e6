"""Cursors: where the next page of one search in one snapshot begins. Callers only hand them back."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from dataclasses import replace

from indexer.engine import SortKey
from indexer.errors import RequestError
from indexer.search.request import DEFAULT_LIMIT, SearchRequest, parameters_of
from indexer.search.rerank import MAX_OFFSET, Place

# A choice, for ids that are addresses. Of a longer id a cursor has the beginning, with a character that comes
# behind all others: so the page begins behind this id for certain.
_MAX_ID_CHARS, _LAST_CHAR = 400, "\U0010ffff"
# More than any archive has; it bounds what a page says of its place.
_MAX_RELEASES = 10**9


def write_cursor(request: SearchRequest, generation: str, place: Place) -> str:
    """A cursor for the page that begins at `place`. `generation` is the name of the snapshot. A cursor is no
    secret and is not signed.
    """
    key = None
    if place.after:
        score, published, release_id = place.after
        key = (float(score), published, shorten_id(release_id))
    return encode_place([generation, place.offset, key, _fingerprint(request)])


def read_cursor(request: SearchRequest) -> tuple[str, Place]:
    """The name of the snapshot and the place in the request's cursor.

    Raises RequestError if it is not a cursor, or one of another search.
    """
    try:
        generation, place, fingerprint = _read(request.cursor or "")
    except (ValueError, RecursionError) as error:
        raise RequestError("cursor", "cursor를 읽을 수 없습니다.", "첫 쪽부터 다시 검색하세요.") from error
    if fingerprint != _fingerprint(request):
        raise RequestError("cursor", "cursor가 이 검색의 것이 아닙니다.", "첫 쪽부터 다시 검색하세요.")
    return generation, place


def _read(cursor: str) -> tuple[str, Place, object]:
    """What was written: snapshot, place and fingerprint. Raises ValueError for anything that cannot have been
    written.
    """
    match decode_place(cursor):
        case [str(generation), int(offset), None, fingerprint] if 0 <= offset <= MAX_OFFSET:
            place = Place(offset)
        case [str(generation), int(offset), [float(score), int(published), str(release_id)], fingerprint] if (
            0 <= offset <= _MAX_RELEASES and math.isfinite(score) and abs(published) < 2**63
        ):
            release_id.encode()
            place = Place(offset, SortKey(score, published, release_id))
        case _:
            raise ValueError("this is no cursor")
    if isinstance(place.offset, bool):
        raise ValueError("this is no cursor")
    # Like that of the id above, this raises ValueError for a lone surrogate.
    generation.encode()
    return generation, place, fingerprint


def shorten_id(release_id: str) -> str:
    """An id as a cursor has it: as it is, or a text right behind all ids with the same beginning."""
    return release_id if len(release_id) <= _MAX_ID_CHARS else release_id[:_MAX_ID_CHARS] + _LAST_CHAR


def encode_place(values: list[object]) -> str:
    """JSON values as one word for a URL."""
    record = json.dumps(values, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(record).decode("ascii").rstrip("=")


def decode_place(word: str) -> object:
    """What `encode_place` wrote. Raises ValueError or RecursionError for anything else that is no JSON."""
    padded = word + "=" * (-len(word) % 4)
    return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))


def _fingerprint(request: SearchRequest) -> str:
    """A digest of all parameters of a search but `limit` and `cursor`."""
    searched = parameters_of(replace(request, limit=DEFAULT_LIMIT, cursor=None))
    return hashlib.sha256(json.dumps(searched).encode("ascii")).hexdigest()[:12]
