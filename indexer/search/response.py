"""The answer to a search: plain values, the same for the page, the command and the JSON endpoint.

Ranges are pairs (start, end) of character offsets into the text beside them, end exclusive.
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
    """`text` as escaped HTML, each range in `<mark>`. Ranges ascend and do not overlap."""
    # Most texts have nothing to escape. One look at the whole is faster than escaping each piece.
    escape_piece = escape if _SPECIAL.search(text) else str
    parts: list[str] = []
    marked_end = 0
    for start, end in ranges:
        parts += [escape_piece(text[marked_end:start]), "<mark>", escape_piece(text[start:end]), "</mark>"]
        marked_end = end
    parts.append(escape_piece(text[marked_end:]))
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and the ranges that the query matched. They ascend and do not overlap."""

    text: str
    ranges: tuple[Range, ...] = ()

    @property
    def html(self) -> str:
        """Escaped HTML with `<mark>` around each range."""
        return mark(self.text, self.ranges)


@dataclass(frozen=True, slots=True)
class Snippet(Marked):
    """A piece of a body and its source. `file` is the name of an attachment, '' for the release itself.
    `page` and `table` count from 1 in that file; 0 is an unknown page, and a piece that is not in a table.
    """

    file: str = ""
    page: int = 0
    table: int = 0

    @property
    def place(self) -> str:
        """The source in Korean, as shown beside the snippet; '' if only the release is known."""
        parts = (self.file, f"{self.page}쪽" if self.page else "", f"표 {self.table}" if self.table else "")
        return " · ".join(filter(None, parts))


# How a word of the query matched; `docs/api.md` describes each kind.
MatchKind = Literal["morpheme", "run", "stem", "synonym", "issuer", "exact", "prefix", "correction"]


@dataclass(frozen=True, slots=True)
class Matched:
    """A word of the query as typed, the first text that it matched in a release, and how it matched."""

    query: str
    surface: str
    match_kind: MatchKind


def release_path(release_id: str) -> str:
    """The path of a release's own page, percent-encoded. The slashes of an id are encoded too: they are not
    separators.
    """
    return f"/releases/{quote(release_id, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A release of a result page.

    - `published_at`: aware; None if unknown. `embargo_until`: aware; None if none is stated.
      `corrected_at`: aware; None if it never was, as far as is known.
    - `source_url`: where the release was published.
    - `matched`: the words of the query that are in the release.
    - `attachments`: the names of its attachments.
    - `similar`: ids of releases with the same or nearly the same body, which the page does not list.
    - `outlet_today`: what `outlet` is called today; '' if it is still called so, or unknown.
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
    attachments: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()
    embargo_until: datetime | None = None
    outlet_today: str = ""
    corrected_at: datetime | None = None

    @property
    def url(self) -> str:
        """The path of the release's own page."""
        return release_path(self.id)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet; `count` releases of the whole result have it. An issuer is called as it is today;
    `names` are its former names, each with how many of these releases it issued under that name.
    """

    value: str
    count: int
    names: tuple[FacetValue, ...] = ()


@dataclass(frozen=True, slots=True)
class WordWithSynonyms:
    """A word of a query, as typed, that has synonyms. `name`: it without a particle. `also`: the synonyms,
    which were searched too.
    """

    query: str
    name: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedIssuer:
    """A word of a query, as typed, that names an issuer. `name`: it without a particle. `today`: what the
    issuer is called today. `also`: its other names, which were searched too. `issued`: what it issued was
    searched too. `excluded`: all of that was left out instead.
    """

    query: str
    name: str
    today: str
    also: tuple[str, ...] = ()
    issued: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class QueryReading:
    """How the query was read.

    - `raw`: as typed. `effective`: the words that were searched. `canonical`: its canonical string.
    - `corrected_from`: what was typed, if something else was searched; else None.
    - `relaxed`: the releases have only some of the words.
    - `notes`: for the person who typed the query.
    - `synonyms`: those of the words that have synonyms.
    - `words`: the words that were searched, without those that are excluded.
    - `issuers`: those of them that were read as names of issuers, and those that were excluded.
    """

    raw: str
    effective: str
    canonical: str
    corrected_from: str | None = None
    relaxed: bool = False
    notes: tuple[str, ...] = ()
    synonyms: tuple[WordWithSynonyms, ...] = ()
    words: tuple[str, ...] = ()
    issuers: tuple[NamedIssuer, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexState:
    """The snapshot that answered: its name, when it was made (aware), how many releases it finds, and the
    size of the index on the disk.
    """

    generation: str
    updated_at: datetime
    documents: int
    size_bytes: int

    @property
    def version(self) -> str:
        """Another one wherever an answer may be another. Releases of a state appear one after the other, when
        their embargoes pass: how many there are says which.
        """
        return f"{self.generation}.{self.documents}"


AlternativeKind = Literal["word", "spelling", "without_filters", "without_dates"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another search to offer; it finds `total` releases."""

    kind: AlternativeKind
    request: SearchRequest
    total: int

    @property
    def label(self) -> str:
        """The label on a page: what the search leaves out, or its query."""
        labels = {"without_filters": "조건 없이", "without_dates": "모든 날짜에서"}
        return labels.get(self.kind, self.request.q)


@dataclass(frozen=True, slots=True)
class Timings:
    """What a search did with its time, in milliseconds of wall time: it waited for its turn, found the
    results, and showed them (marks, snippets, other searches).
    """

    wait: float = 0.0
    find: float = 0.0
    show: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of results.

    - `total`: how many releases the whole result has. `took_ms`: milliseconds of wall time, `timings` what
      they went into.
    - `facets`: the most frequent values of each facet, counted over the whole result.
    - `offset`: how many releases are on the pages before this one.
    - `next`, `previous`: the cursors of the pages behind and before this one; None if there is none.
    - `partial`: releases with some of the words, if only a few have all of them.
    - `alternatives`: other searches, if no release matches what was typed.
    - `timed_out`: the time was over before all was done. There may be more releases, better ones, or more
      alternatives.
    """

    query: QueryReading
    total: int
    took_ms: float
    index: IndexState
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[FacetValue, ...]]
    next: str | None
    previous: str | None = None
    offset: int = 0
    partial: tuple[Hit, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    timed_out: bool = False
    timings: Timings = Timings()


SuggestionKind = Literal["completion", "initials", "keyboard", "spelling"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query to offer. `count` releases have the phrase that completes it."""

    text: str
    kind: SuggestionKind
    count: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Queries to offer, in the order to show them. `timed_out`: the time was over; there may be more."""

    suggestions: tuple[Suggestion, ...] = ()
    timed_out: bool = False


def date_text(published_at: datetime | None, precision: Precision) -> str | None:
    """A date as ISO 8601, without the time if the source gave none; None if the date is unknown."""
    if published_at is None:
        return None
    return published_at.date().isoformat() if precision == "day" else published_at.isoformat()
