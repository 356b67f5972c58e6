"""The JSON of docs/api.md read back into the values that `json_records` wrote it from.

Keys that are unknown are passed over: within v1 keys may be added (docs/api.md). One that is missing or has
another type is told.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TypeVar, cast

import msgspec

from indexer.errors import BodoError, RequestError
from indexer.release import SEOUL, Attachment, Precision, PressRelease, Section
from indexer.remote import shapes
from indexer.schema import filter_facets
from indexer.search.request import DEFAULT_LIMIT, SearchRequest, Sort
from indexer.search.response import (
    Alternative,
    AlternativeKind,
    Answer,
    FacetValue,
    Hit,
    IndexState,
    Marked,
    Matched,
    MatchKind,
    NamedIssuer,
    QueryReading,
    Snippet,
    Suggestion,
    SuggestionKind,
    WordWithSynonyms,
)

_T = TypeVar("_T")


def read_answer(body: bytes) -> Answer:
    """The answer of a search with `highlight=ranges`. Raises BodoError where `body` is none."""
    record = _decode(body, shapes.Answer)
    try:
        return Answer(
            query=_query_reading(record.query),
            total=record.total,
            took_ms=record.took_ms,
            # The size on the disk is not told.
            index=IndexState(
                record.index.generation, record.index.updated_at, record.index.documents, size_bytes=0
            ),
            hits=tuple(map(_hit, record.hits)),
            facets={name: tuple(map(_facet_value, entries)) for name, entries in record.facets.items()},
            next=record.next,
            previous=record.previous,
            offset=record.offset,
            partial=tuple(map(_hit, record.partial)),
            alternatives=tuple(map(_alternative, record.alternatives)),
            timed_out=record.timed_out,
        )
    except (ValueError, TypeError, OverflowError, RequestError) as error:
        raise _unreadable(str(error)) from error


def read_release(body: bytes) -> PressRelease:
    """A release, as far as it is to be read and cited. Raises BodoError where `body` is none."""
    record = _decode(body, shapes.Release)
    try:
        published_at, precision = _published(record.published_at)
    except ValueError as error:
        raise _unreadable(str(error)) from error
    return PressRelease(
        id=record.id,
        title=record.title,
        subtitles=record.subtitles,
        outlet=record.outlet,
        department=record.department,
        reporter=record.reporter,
        contact=record.contact,
        published_at=published_at,
        published_precision=precision,
        embargo_until=record.embargo_until,
        corrected_at=record.corrected_at,
        url=record.source_url,
        sections=tuple(
            Section(one.heading, one.paragraphs, one.file, one.page, one.table) for one in record.sections
        ),
        attachments=tuple(Attachment(one.name) for one in record.attachments),
    )


def read_suggestions(body: bytes) -> list[Suggestion]:
    """The suggestions of an answer. Raises BodoError where `body` is none."""
    record = _decode(body, shapes.Suggestions)
    return [Suggestion(one.text, cast(SuggestionKind, one.kind), one.count) for one in record.suggestions]


def _decode(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(str(error)) from error


def _unreadable(reason: str) -> BodoError:
    return BodoError(
        f"아카이브의 답을 읽을 수 없습니다: {reason[:200]}",
        "그 서버의 bodo가 이 판과 맞지 않을 수 있습니다. 더 오래된 쪽을 새 판으로 바꾸세요.",
    )


def _query_reading(query: shapes.Query) -> QueryReading:
    return QueryReading(
        raw=query.raw,
        effective=query.effective,
        canonical=query.canonical,
        corrected_from=query.corrected_from,
        relaxed=query.relaxed,
        notes=query.notes,
        synonyms=tuple(
            WordWithSynonyms(one.query, one.name or one.query, one.also) for one in query.synonyms
        ),
        words=query.words,
        issuers=tuple(map(_named_issuer, query.issuers)),
    )


def _named_issuer(word: shapes.Issuer) -> NamedIssuer:
    return NamedIssuer(
        word.query, word.name, word.today, word.also, issued=word.issued, excluded=word.excluded
    )


def _hit(hit: shapes.Hit) -> Hit:
    published_at, precision = _published(hit.published_at)
    return Hit(
        id=hit.id,
        title=Marked(hit.title, _checked(hit.title_ranges, hit.title)),
        subtitle=Marked(hit.subtitle),
        outlet=hit.outlet,
        department=hit.department,
        reporter=hit.reporter,
        published_at=published_at,
        published_precision=precision,
        source_url=hit.source_url,
        score=hit.score,
        snippets=tuple(
            Snippet(one.text, _checked(one.ranges, one.text), one.file, one.page, one.table)
            for one in hit.snippets
        ),
        matched=tuple(Matched(one.query, one.surface, cast(MatchKind, one.by)) for one in hit.matched),
        attachments=hit.attachments,
        similar=hit.similar,
        embargo_until=hit.embargo_until,
        outlet_today=hit.outlet_today,
        corrected_at=hit.corrected_at,
    )


def _facet_value(entry: shapes.Facet) -> FacetValue:
    return FacetValue(
        entry.value, entry.count, tuple(FacetValue(name.value, name.count) for name in entry.names)
    )


def _published(text: str | None) -> tuple[datetime | None, Precision]:
    """What `date_text` wrote: a day, or a time with its zone."""
    if text is None:
        return None, "time"
    if len(text) == len("2023-04-25"):
        return datetime.combine(date.fromisoformat(text), time(), SEOUL), "day"
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"published_at: {text}")
    return moment, "time"


def _checked(ranges: shapes.Ranges, text: str) -> shapes.Ranges:
    """The ranges, which ascend within the text and do not overlap. Raises ValueError where they do not."""
    end = 0
    for first, last in ranges:
        if not end <= first <= last <= len(text):
            raise ValueError(f"ranges: {[first, last]}")
        end = last
    return ranges


def _alternative(alternative: shapes.Alternative) -> Alternative:
    """Another search, made from what `parameters_of` wrote."""
    parameters = alternative.parameters
    filters = {}
    for facet in filter_facets():
        values = parameters.get(facet.name) or ()
        filters[facet.name] = (values,) if isinstance(values, str) else tuple(map(str, values))
    request = SearchRequest(
        q=str(parameters.get("q", "")),
        filters=filters,
        published_from=_day(parameters.get("from")),
        published_to=_day(parameters.get("to")),
        sort=cast(Sort, parameters.get("sort", "relevance")),
        limit=int(parameters.get("limit", DEFAULT_LIMIT)),
        cursor=parameters.get("cursor"),
        exact="exact" in parameters,
    )
    return Alternative(cast(AlternativeKind, alternative.kind), request, alternative.total)


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None
