"""The way of a query, one method a step; the page, the command and the JSON endpoint all come here.

1. `query.parse_query` makes words of the text and a tree of the words.
2. The engine answers the tree with ids, scores, an exact total and facet counts.
3. For each hit of the page the engine says where the words stand; `snippet` cuts the text around them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

from indexer.analysis import DEFAULT_ANALYZER, Analyzer, Dictionary
from indexer.engine import And, Engine, Filters, Plan, Reader, ScoredId, Span
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import AnalysisError, RequestError
from indexer.release import SEOUL, PressRelease
from indexer.resources import DICTIONARY, SYNONYMS
from indexer.schema import FACETS, TEXT_FIELDS
from indexer.search.answer import (
    Answer,
    FacetValue,
    Hit,
    IndexState,
    Marked,
    Matched,
    QueryReading,
)
from indexer.search.cursor import read_cursor, write_cursor
from indexer.search.highlight import merge_ranges
from indexer.search.query import ParsedQuery, parse_query
from indexer.search.request import SearchRequest
from indexer.search.snippet import WordRange, make_snippets
from indexer.synonyms import Synonyms

MAX_FACET_VALUES = 20


def open_service(index: Path, analyzer: str = DEFAULT_ANALYZER) -> SearchService:
    """A service over the index in a folder. Opens nothing yet: the first question does.

    Raises BodoError for an analyzer that is unknown or not installed.
    """
    made = Analyzer(analyzer)
    return SearchService(WhooshEngine(index, made), made)


class SearchService:
    """Answers questions about the live generation, and follows when another becomes live.

    Safe to share between threads. Every method raises IndexUnavailable where there is no index that can
    be read; it recovers by itself when there is one again.
    """

    def __init__(self, engine: Engine, analyzer: Analyzer) -> None:
        self._engine = engine
        self._analyzer = analyzer
        self._lock = threading.Lock()
        self._current: _Opened | None = None

    def search(self, request: SearchRequest) -> Answer:
        """Answer a search. Raises RequestError for a text that cannot be analysed or a cursor that is not
        of this search, CursorExpired for one of a generation that is gone.
        """
        started = time.perf_counter()
        with self._open() as opened:
            reader = opened.reader
            try:
                query = parse_query(request.q, opened.analyzer, opened.synonyms)
            except AnalysisError as error:
                raise RequestError("q", error.message, error.hint) from error
            generation = reader.generation.name
            offset = read_cursor(request, generation) if request.cursor else 0
            results = reader.search(_plan(request, query, offset))
            hits = tuple(_hit(reader, scored, query) for scored in results.page)
            state = _state(reader)
        total = results.total or 0
        after = offset + len(hits)
        return Answer(
            query=QueryReading(
                raw=request.q,
                effective=query.effective,
                canonical=str(query),
                synonyms=tuple((word.text, word.synonyms) for word in query.words if word.synonyms),
            ),
            total=total,
            took_ms=(time.perf_counter() - started) * 1000,
            index=state,
            hits=hits,
            facets={name: _facet_values(counts) for name, counts in results.facets.items()},
            next=write_cursor(request, generation, after) if after < total else None,
        )

    def release(self, release_id: str) -> PressRelease | None:
        """The release of this id; None where there is none."""
        with self._open() as opened:
            return opened.reader.release(release_id)

    def newest(self, limit: int) -> list[PressRelease]:
        """The newest releases, newest first."""
        with self._open() as opened:
            reader = opened.reader
            results = reader.search(Plan(query=And(()), sort="newest", limit=limit))
            found = (reader.release(scored.id) for scored in results.page)
            return [release for release in found if release]

    def state(self) -> IndexState:
        """The generation that answers now."""
        with self._open() as opened:
            return _state(opened.reader)

    @contextmanager
    def _open(self) -> Iterator[_Opened]:
        """The live generation; the one before it closes when its last user lets go."""
        with self._lock:
            live = self._engine.live_name()
            if self._current is None or self._current.reader.generation.name != live:
                opened = _Opened(self._engine.open(), self._analyzer)
                if self._current:
                    self._current.release()
                self._current = opened
            shared = self._current
            shared.users += 1
        try:
            yield shared
        finally:
            with self._lock:
                shared.release()


class _Opened:
    """A reader, what its generation says of words, and how many use it; the service itself is the first.

    `users` is changed under the service's lock.
    """

    def __init__(self, reader: Reader, analyzer: Analyzer) -> None:
        self.reader = reader
        self.analyzer = analyzer.with_dictionary(Dictionary(reader.resources.get(DICTIONARY, "")))
        self.synonyms = Synonyms.read(reader.resources.get(SYNONYMS, ""))
        self.users = 1

    def release(self) -> None:
        """Let go; the last one closes the reader."""
        self.users -= 1
        if not self.users:
            self.reader.close()


def _plan(request: SearchRequest, query: ParsedQuery, offset: int) -> Plan:
    return Plan(
        query=query.node,
        scoring=query.scoring,
        filters=Filters(
            outlets=request.outlet,
            published_from=_midnight(request.published_from),
            published_before=_midnight(request.published_to, days_later=1),
        ),
        sort=request.sort,
        offset=offset,
        limit=request.limit,
        facets=tuple(FACETS),
    )


def _midnight(day: date | None, *, days_later: int = 0) -> datetime | None:
    if day is None:
        return None
    if day >= date.max - timedelta(days=days_later):
        return datetime.max.replace(tzinfo=SEOUL) - timedelta(days=1)
    return datetime.combine(day + timedelta(days=days_later), clock(), SEOUL)


def _hit(reader: Reader, scored: ScoredId, query: ParsedQuery) -> Hit:
    release = reader.release(scored.id)
    if release is None:
        raise LookupError(f"the index names a release it does not hold: {scored.id}")
    texts = {field.name: field.read(release) for field in TEXT_FIELDS}
    # One node a reading: which of them is found says by what a word matched.
    readings = [(number, reading) for number, word in enumerate(query.words) for reading in word.readings]
    words = [number for number, _ in readings]
    bys = [reading.by for _, reading in readings]
    spans = _without_needless_synonyms(
        reader.spans(scored.id, [reading.node for _, reading in readings]), words, bys
    )
    places = {
        name: [WordRange(span.start, span.end, words[span.node]) for span in spans if span.field == name]
        for name in texts
    }
    return Hit(
        id=release.id,
        title=_mark(texts["title"], places["title"]),
        subtitle=_mark(texts["subtitle"], places["subtitle"]),
        outlet=release.outlet,
        department=release.department,
        reporter=release.reporter,
        published_at=release.published_at,
        published_precision=release.published_precision,
        source_url=release.url,
        score=scored.score,
        snippets=make_snippets(texts["body"], places["body"]),
        matched=_matched(query, texts, spans, words, bys),
    )


def _without_needless_synonyms(spans: list[Span], words: list[int], bys: list[str]) -> list[Span]:
    """Where a release has a word itself, what else it may be called is not what the reader looks for."""
    found = {words[span.node] for span in spans if bys[span.node] != "synonym"}
    return [span for span in spans if bys[span.node] != "synonym" or words[span.node] not in found]


def _mark(text: str, places: list[WordRange]) -> Marked:
    return Marked(text, merge_ranges([(place.start, place.end) for place in places]))


def _matched(
    query: ParsedQuery, texts: dict[str, str], spans: list[Span], words: list[int], bys: list[str]
) -> tuple[Matched, ...]:
    """For each word, the first surface it matched, fields in their order, and by what: the first of its
    readings that is found.
    """
    matched = []
    for number, word in enumerate(query.words):
        own = [span for span in spans if words[span.node] == number]
        if not own:
            continue
        reading = min(span.node for span in own)
        found = [span for span in own if span.node == reading]
        field = next(name for name in texts if any(span.field == name for span in found))
        start, end = merge_ranges([(span.start, span.end) for span in found if span.field == field])[0]
        matched.append(Matched(word.text, texts[field][start:end], bys[reading]))
    return tuple(matched)


def _facet_values(counts: Mapping[str, int]) -> tuple[FacetValue, ...]:
    """The most frequent values first."""
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(FacetValue(value, count) for value, count in ordered[:MAX_FACET_VALUES])


def _state(reader: Reader) -> IndexState:
    generation = reader.generation
    return IndexState(generation.name, generation.updated_at, generation.documents)
