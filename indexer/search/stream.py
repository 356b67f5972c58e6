"""All releases one after another, for programs that copy an archive: the oldest first, in batches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from indexer.engine import UNDATED, And, DateRange, Node, Not, ScoredDoc, Search, Snapshot, SortKey
from indexer.errors import IndexUnavailable, RequestError
from indexer.release import SEOUL, PressRelease
from indexer.search.compile import published
from indexer.search.cursor import decode_place, encode_place, shorten_id

# A choice: some megabytes at most, and few searches for a whole archive.
BATCH_RELEASES = 200
_DATED = DateRange(start=datetime.min.replace(tzinfo=SEOUL))


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """A place in the stream: behind the release with this date, in seconds since 1970, and this id. UNDATED
    is no date. It belongs to no state of the index.
    """

    published: int
    id: str


@dataclass(frozen=True, slots=True)
class StreamedRelease:
    """A release, and its place."""

    release: PressRelease
    place: StreamPlace


def write_stream_cursor(place: StreamPlace) -> str:
    """A cursor that goes on behind `place`."""
    seconds = None if place.published == UNDATED else place.published
    return encode_place([seconds, shorten_id(place.id)])


def read_stream_cursor(cursor: str) -> StreamPlace:
    """The place of a cursor. Raises RequestError if it is none."""
    try:
        match decode_place(cursor):
            case [None, str(release_id)]:
                place = StreamPlace(UNDATED, release_id)
            case [int(seconds), str(release_id)] if not isinstance(seconds, bool):
                datetime.fromtimestamp(seconds, SEOUL)
                place = StreamPlace(seconds, release_id)
            case _:
                raise ValueError("this is no cursor")
        place.id.encode()
    except (ValueError, RecursionError, OverflowError, OSError) as error:
        raise RequestError(
            "cursor",
            "cursor를 읽을 수 없습니다.",
            "읽은 마지막 줄의 cursor를 그대로 적거나, 빼고 처음부터 읽으세요.",
        ) from error
    return place


def next_batch(
    snapshot: Snapshot, since: date | None, place: StreamPlace | None, limit: int
) -> list[StreamedRelease]:
    """At most `limit` releases behind `place` that were published on or after the day `since`, in Asia/Seoul.
    Where `since` is None, those without a date come first. [] at the end.

    Raises IndexUnavailable if a part of the index does not answer now: none may be missing.
    """
    docs: list[ScoredDoc] = []
    if since is None and (place is None or place.published == UNDATED):
        docs = _find(snapshot, Not(_DATED), place, limit)
        place = None
    elif place and place.published == UNDATED:
        place = None
    if len(docs) < limit:
        # What lies before the place need not be looked at.
        begin = datetime.fromtimestamp(place.published, SEOUL).date() if place else None
        days = [day for day in (since, begin) if day]
        dated = published(max(days), None) if days else _DATED
        docs += _find(snapshot, dated, place, limit - len(docs))
    releases = snapshot.fetch([doc.ref for doc in docs])
    return [
        StreamedRelease(release, StreamPlace(doc.published, doc.id))
        for doc, release in zip(docs, releases, strict=True)
    ]


def _find(snapshot: Snapshot, node: Node, place: StreamPlace | None, limit: int) -> list[ScoredDoc]:
    after = SortKey(0.0, place.published, place.id) if place else None
    found = snapshot.search(Search(query=And((node,)), sort="oldest", after=after, limit=limit))
    if found.timed_out:
        raise IndexUnavailable("색인의 일부가 답하지 않습니다.", "잠시 뒤에 다시 하세요.")
    return list(found.docs)
