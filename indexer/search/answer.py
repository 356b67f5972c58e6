"""What a search answers with: plain values, the same for the page, the command and the JSON endpoint.

Ranges are pairs (start, end) of Python character offsets, end exclusive, into the text beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Literal
from urllib.parse import quote

from indexer.release import Precision

Range = tuple[int, int]
Highlight = Literal["html", "ranges", "none"]


def mark(text: str, ranges: tuple[Range, ...]) -> str:
    """`text` as HTML: everything escaped, the ranges in `<mark>`. Ranges ascend and do not overlap."""
    parts: list[str] = []
    done = 0
    for start, end in ranges:
        parts += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
        done = end
    parts.append(escape(text[done:]))
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
class Matched:
    """Which word of the query matched what in the text, and by what (e.g. "morpheme")."""

    query: str
    surface: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One release of a result page. `source_url` is where the release was published."""

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
    snippets: tuple[Marked, ...]
    matched: tuple[Matched, ...]

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
    """How the query was read: as typed, as searched, and as its canonical string. `synonyms` pairs words of
    the query with what they were also searched as.
    """

    raw: str
    effective: str
    canonical: str
    corrected_from: str | None = None
    relaxed: bool = False
    synonyms: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class IndexState:
    """The generation that answered, when it was made (aware), and how many releases it holds."""

    generation: str
    updated_at: datetime
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One page of results. `next` is the cursor of the following page, or None at the end."""

    query: QueryReading
    total: int
    took_ms: float
    index: IndexState
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[FacetValue, ...]]
    next: str | None


def to_json(answer: Answer, highlight: Highlight = "html") -> dict[str, Any]:
    """The documented JSON form of an answer (docs/api.md). Dates are ISO 8601; a date without a time
    is `YYYY-MM-DD`. `highlight` "ranges" leaves out the HTML, "none" the ranges as well.
    """
    return {
        "query": {
            "raw": answer.query.raw,
            "effective": answer.query.effective,
            "canonical": answer.query.canonical,
            "corrected_from": answer.query.corrected_from,
            "relaxed": answer.query.relaxed,
            "synonyms": [{"query": words, "also": list(others)} for words, others in answer.query.synonyms],
        },
        "total": answer.total,
        "took_ms": round(answer.took_ms, 3),
        "index": {
            "generation": answer.index.generation,
            "updated_at": answer.index.updated_at.isoformat(),
            "documents": answer.index.documents,
        },
        "hits": [_hit_to_json(hit, highlight) for hit in answer.hits],
        "facets": {
            name: [{"value": entry.value, "count": entry.count} for entry in values]
            for name, values in answer.facets.items()
        },
        "next": answer.next,
    }


def date_text(published_at: datetime | None, precision: Precision) -> str | None:
    """ISO 8601, without the time where the source gave none; None for an unknown date."""
    if published_at is None:
        return None
    return published_at.date().isoformat() if precision == "day" else published_at.isoformat()


def _hit_to_json(hit: Hit, highlight: Highlight) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": hit.id,
        "url": hit.url,
        "source_url": hit.source_url,
        "title": hit.title.text,
        "subtitle": hit.subtitle.text,
        "outlet": hit.outlet,
        "department": hit.department,
        "reporter": hit.reporter,
        "published_at": date_text(hit.published_at, hit.published_precision),
        "score": round(hit.score, 6),
        "snippets": [_marked_to_json(snippet, highlight) for snippet in hit.snippets],
        "matched": [{"query": word.query, "surface": word.surface, "by": word.by} for word in hit.matched],
    }
    if highlight == "html":
        record["title_html"] = hit.title.html
    return record


def _marked_to_json(marked: Marked, highlight: Highlight) -> dict[str, Any]:
    record: dict[str, Any] = {"text": marked.text}
    if highlight != "none":
        record["ranges"] = [list(pair) for pair in marked.ranges]
    if highlight == "html":
        record["html"] = marked.html
    return record
