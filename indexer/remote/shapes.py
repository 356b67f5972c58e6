"""The JSON shapes of docs/api.md, as far as they are read. `json_records` writes them.

msgspec passes over keys that are unknown, and tells the path of one that is missing or has another type.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

# With a zone.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Ranges = tuple[tuple[int, int], ...]


class Synonyms(msgspec.Struct):
    query: str
    also: tuple[str, ...]
    # A server of an earlier version says no name.
    name: str = ""


class Issuer(msgspec.Struct):
    query: str
    name: str
    today: str
    also: tuple[str, ...]
    issued: bool
    excluded: bool


class Query(msgspec.Struct):
    raw: str
    effective: str
    canonical: str
    corrected_from: str | None
    relaxed: bool
    notes: tuple[str, ...]
    synonyms: tuple[Synonyms, ...]
    words: tuple[str, ...]
    # A server of an earlier version knows no issuers.
    issuers: tuple[Issuer, ...] = ()


class Index(msgspec.Struct):
    generation: str
    updated_at: Moment
    documents: int


class Snippet(msgspec.Struct):
    text: str
    ranges: Ranges
    file: str
    page: int
    table: int


class Matched(msgspec.Struct):
    query: str
    surface: str
    by: str


class Hit(msgspec.Struct):
    id: str
    source_url: str
    title: str
    title_ranges: Ranges
    subtitle: str
    outlet: str
    department: str
    reporter: str
    published_at: str | None
    embargo_until: Moment | None
    score: float
    snippets: tuple[Snippet, ...]
    attachments: tuple[str, ...]
    similar: tuple[str, ...]
    matched: tuple[Matched, ...]
    corrected_at: Moment | None = None
    outlet_today: str = ""


class Name(msgspec.Struct):
    value: str
    count: int


class Facet(msgspec.Struct):
    value: str
    count: int
    names: tuple[Name, ...] = ()


class Alternative(msgspec.Struct):
    kind: str
    parameters: dict[str, Any]
    total: int


class Answer(msgspec.Struct):
    query: Query
    total: int
    timed_out: bool
    took_ms: float
    index: Index
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[Facet, ...]]
    offset: int
    next: str | None
    previous: str | None
    partial: tuple[Hit, ...]
    alternatives: tuple[Alternative, ...]


class Suggestion(msgspec.Struct):
    text: str
    kind: str
    count: int


class Suggestions(msgspec.Struct):
    suggestions: tuple[Suggestion, ...]


class Section(msgspec.Struct):
    heading: str
    paragraphs: tuple[str, ...]
    file: str
    page: int
    table: int


class Attachment(msgspec.Struct):
    name: str


class Release(msgspec.Struct):
    id: str
    source_url: str
    title: str
    subtitles: tuple[str, ...]
    outlet: str
    department: str
    reporter: str
    contact: str
    published_at: str | None
    embargo_until: Moment | None
    sections: tuple[Section, ...]
    attachments: tuple[Attachment, ...]
    corrected_at: Moment | None = None
