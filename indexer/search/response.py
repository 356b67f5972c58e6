"""What a search answers: plain values, the same for the page, the command and the JSON endpoint.

Ranges are pairs (start, end) of Python character offsets, end exclusive, into the text beside them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal
from urllib.parse import quote

from indexer.release import Precision
from indexer.search.request import SearchRequest

Range = tuple[int, int]
_SPECIAL = re.compile("[&<>\"']")


def mark(text: str, ranges: tuple[Range, ...]) -> str:
    """`text` as HTML: everything escaped, the ranges in `<mark>`. Ranges ascend and do not overlap."""
    # Most texts have nothing to escape. To look once is faster than to escape each piece.
    escaped = escape if _SPECIAL.search(text) else str
    parts: list[str] = []
    done = 0
    for start, end in ranges:
        parts += [escaped(text[done:start]), "<mark>", escaped(text[start:end]), "</mark>"]
        done = end
    parts.append(escaped(text[done:]))
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and the ranges of it that the query matched; they ascend and do not overlap."""

    text: str
    ranges: tuple[Range, ...] = ()

    @property
    def html(self) -> str:
        """Escaped HTML with `<mark>` around each range."""
        return mark(self.text, self.ranges)


@dataclass(frozen=True, slots=True)
class Snippet(Marked):
    """A piece of a body and where it is. `file` is the name of an attachment, '' for the release itself;
    `page` and `table` count from 1 within it, 0 where the page is not known and where it is no table.
    """

    file: str = ""
    page: int = 0
    table: int = 0

    @property
    def place(self) -> str:
        """Where it is, in Korean for a person; '' where nothing is known but the release."""
        parts = (self.file, f"{self.page}쪽" if self.page else "", f"표 {self.table}" if self.table else "")
        return " · ".join(filter(None, parts))


# How a word of the query matched; `docs/api.md` describes each kind.
MatchKind = Literal["morpheme", "run", "stem", "synonym", "exact", "prefix", "correction"]


@dataclass(frozen=True, slots=True)
class Matched:
    """A word of the query as typed, the first text that it matched in a release, and how it matched."""

    query: str
    surface: str
    match_kind: MatchKind


def release_path(release_id: str) -> str:
    """The path of a release's own page, percent-encoded. Slashes and dots are no parts of the path: a browser
    would fold `../`.
    """
    return f"/releases/{quote(release_id, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A release of a result page. `source_url` is where it was published. `similar` are the ids of releases
    with nearly the same body, which the page does not list. `published_at` is None where it is not known,
    `embargo_until` where none is stated; both are aware.
    """

    id: str
    title: Marked
    subtitle: Marked
    outlet: str
    department: str
    reporter: str
    published_at: datetime | None
    published_precision: Precision
    source_url: str
    score: float
    snippets: tuple[Snippet, ...]
    matched: tuple[Matched, ...]
    similar: tuple[str, ...] = ()
    embargo_until: datetime | None = None

    @property
    def url(self) -> str:
        """The path of the release's own page."""
        return release_path(self.id)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet, and how many releases of the whole result have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class QueryReading:
    """How the query was read: as typed, as searched, and as its canonical string. `corrected_from` is what
    was typed, where something else was searched. Where it is `relaxed`, the releases have only some of the
    words. `notes` are for the person who typed it. `synonyms` pairs words with what else was searched for
    them.
    """

    raw: str
    effective: str
    canonical: str
    corrected_from: str | None = None
    relaxed: bool = False
    notes: tuple[str, ...] = ()
    synonyms: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class IndexState:
    """The generation that answered, when it was made (aware), and how many releases a search can find."""

    generation: str
    updated_at: datetime
    documents: int


AlternativeKind = Literal["word", "spelling", "without_filters", "without_dates"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another search to offer, and how many releases it finds."""

    kind: AlternativeKind
    request: SearchRequest
    total: int

    @property
    def label(self) -> str:
        """Its label on a page: what it leaves out, or its query."""
        labels = {"without_filters": "조건 없이", "without_dates": "모든 날짜에서"}
        return labels.get(self.kind, self.request.q)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One page of results. `next` is the cursor of the following page, None at the end. `partial` are
    releases with some of the words, where few have all. Where it is `timed_out`, the time was over before
    all was looked at: there may be more releases, better ones, or more searches to offer.
    """

    query: QueryReading
    total: int
    took_ms: float
    index: IndexState
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[FacetValue, ...]]
    next: str | None
    partial: tuple[Hit, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    timed_out: bool = False


def date_text(published_at: datetime | None, precision: Precision) -> str | None:
    """ISO 8601, without the time where the source gave none; None for an unknown date."""
    if published_at is None:
        return None
    return published_at.date().isoformat() if precision == "day" else published_at.isoformat()
