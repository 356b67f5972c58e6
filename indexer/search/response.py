"""What a search answers with: plain values, the same for the page, the command and the JSON endpoint.

Ranges are pairs (start, end) of Python character offsets, end exclusive, into the text beside them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Literal
from urllib.parse import quote

from indexer.release import Precision
from indexer.search.request import DEFAULT_LIMIT, SearchRequest

Range = tuple[int, int]
_SPECIAL = re.compile("[&<>\"']")


def mark(text: str, ranges: tuple[Range, ...]) -> str:
    """`text` as HTML: everything escaped, the ranges in `<mark>`. Ranges ascend and do not overlap."""
    # Most texts have nothing to escape: they are looked through once, not piece by piece.
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
    """A text and the ranges of it that the query matched, ascending, without overlap."""

    text: str
    ranges: tuple[Range, ...] = ()

    @property
    def html(self) -> str:
        """Escaped HTML with `<mark>` around each range."""
        return mark(self.text, self.ranges)


@dataclass(frozen=True, slots=True)
class Snippet(Marked):
    """A piece of a body and where it is: the attachment ('' for the release itself), page and table there;
    0 is a page that is not known, and what is no table.
    """

    file: str = ""
    page: int = 0
    table: int = 0

    @property
    def place(self) -> str:
        """Where it is, for a person; '' in the running text of the release."""
        parts = (self.file, f"{self.page}쪽" if self.page else "", f"표 {self.table}" if self.table else "")
        return " · ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Matched:
    """Which word of the query matched what in the text, and by what (e.g. "morpheme")."""

    query: str
    surface: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One release of a result page. `source_url` is where the release was published; `similar` are the ids
    of others with nearly the same body, which are not listed; `embargo_until` is aware, None where none is
    stated.
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
        return f"/releases/{quote(self.id, safe='')}"


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet and how many releases of the whole result have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class QueryReading:
    """How the query was read: as typed, as searched, and as its canonical string. `corrected_from` is what
    was typed where something else was searched, `relaxed` that some words are missing in what was found;
    `notes` are for the person who typed. `synonyms` pairs words with what they were also searched as.
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
    """The generation that answered, when it was made (aware), and how many releases it holds."""

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
        """What it is called: its query, or what it leaves out."""
        labels = {"without_filters": "조건 없이", "without_dates": "모든 날짜에서"}
        return labels.get(self.kind, self.request.q)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One page of results. `next` is the cursor of the following page, or None at the end. `partial` are
    releases with some of the words, where few have all. Where it is `timed_out`, there was no time for all of
    it: there may be more releases, better ones, or other searches to offer.
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


def parameters_of(request: SearchRequest) -> dict[str, Any]:
    """A search as the parameters of its URL, without those that say nothing."""
    values = {
        "q": request.q,
        "outlet": list(request.outlet),
        "department": list(request.department),
        "reporter": list(request.reporter),
        "attachment": "yes" if request.attachment else None,
        "from": request.published_from.isoformat() if request.published_from else None,
        "to": request.published_to.isoformat() if request.published_to else None,
        "sort": request.sort if request.sort != "relevance" else None,
        "limit": str(request.limit) if request.limit != DEFAULT_LIMIT else None,
        "exact": "1" if request.exact else None,
        "cursor": request.cursor,
    }
    return {name: value for name, value in values.items() if value}


def date_text(published_at: datetime | None, precision: Precision) -> str | None:
    """ISO 8601, without the time where the source gave none; None for an unknown date."""
    if published_at is None:
        return None
    return published_at.date().isoformat() if precision == "day" else published_at.isoformat()
