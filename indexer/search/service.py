"""The way of a query, one method a step; the page, the command and the JSON endpoint all come here.

1. `query.parse_query` reads what was typed as clauses, `words.read_words` makes a tree of them.
2. The engine answers the tree with ids, scores, an exact total and facet counts; `ranking.second_pass` looks
   at the best more closely.
3. Where nothing is found, `suggest.corrections` says what may have been meant; else some words will do.
4. For each hit of the page the engine says where the words stand; `snippet` cuts the text around them.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from indexer.analysis import Analyzer
from indexer.curation.files import SYNONYMS
from indexer.curation.synonyms import Synonyms
from indexer.engine import (
    And,
    Engine,
    Filters,
    Node,
    Not,
    Plan,
    ScoredDoc,
    Snapshot,
    Span,
    Stop,
    TopDocs,
    never,
)
from indexer.errors import (
    AnalysisError,
    Busy,
    CursorExpired,
    IndexUnavailable,
    RequestError,
    refusing_damage,
)
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS
from indexer.search.compile import IndexTerms, SearchTree, published, read_words
from indexer.search.cursor import read_cursor, write_cursor
from indexer.search.explain import Explanation, explain
from indexer.search.interpretations import with_spaces
from indexer.search.marks import merge_ranges
from indexer.search.parser import Query, Word, parse_query
from indexer.search.ranking import RERANKED, rank_closely
from indexer.search.request import MAX_QUERY_CHARS, SearchRequest
from indexer.search.response import (
    Alternative,
    AlternativeKind,
    Answer,
    FacetValue,
    Hit,
    IndexState,
    Marked,
    Matched,
    QueryReading,
    Snippet,
)
from indexer.search.snippets import WordRange, make_snippets
from indexer.search.suggest import MAX_SUGGESTIONS, Suggestion, corrections, suggest

MAX_FACET_VALUES = 20
SHOWN_FACETS = ("outlet", "department", "year", "month", "attachment")
# With fewer hits than this, releases with some of the words follow.
_FEW_HITS = 5
_KEPT_READERS = 2
_CORRECTED_WORDS = 4
# Words of a query without hits that are looked for alone: each is a search, and a line of the page.
_OFFERED_WORDS = 10
# A query of so few words is looked for to its end: it is bounded, and the disk may be cold.
_SURE_WORDS, _SURE_CHARS = 8, 200
# Searches at once, of which one goes on while the others wait for their turn. A server needs more threads
# than that, for what does not wait.
MAX_SEARCHES = 6
# Nodes of a generation whose counts are remembered: those of words that may be meant in several ways.
_COUNTED_NODES = 4_096


class SearchService:
    """Answers questions about the live generation, and follows when another becomes live or an embargo
    passes. What is under embargo is in no answer, but where `embargoed`, for the operator.

    Safe to share between threads. Every method raises IndexUnavailable where there is no index that can
    be read, or damage in what it reads; it recovers by itself when there is one again.
    """

    def __init__(
        self,
        engine: Engine,
        analyzer: Analyzer,
        *,
        start_clock: Callable[[], Stop] = lambda: never,
        opened: Callable[[], None] = lambda: None,
        embargoed: bool = False,
    ) -> None:
        """`start_clock` is called when a search begins; what it gives says when the time for it is over."""
        self._engine = engine
        self._analyzer = analyzer
        self._start_clock = start_clock
        self._opened = opened
        self._embargoed = embargoed
        self._lock = threading.Lock()
        # Searching holds the interpreter: one search after the other is faster than several that share it.
        self._turn = threading.Lock()
        self._places = threading.Semaphore(MAX_SEARCHES)
        self._current: _Opened | None = None
        self._kept: dict[str, _Opened] = {}
        self._complaint = ""

    def search(self, request: SearchRequest) -> Answer:
        """Answer a search. Raises RequestError for a text that cannot be analysed or a cursor that is not
        of this search, CursorExpired for one of a generation that is gone, Busy where too many wait already.
        """
        started = time.perf_counter()
        generation, offset = read_cursor(request) if request.cursor else ("", 0)
        with self._take_turn(), self._open(generation) as opened:
            search = _Search(opened, request, offset, self._start_clock)
            made = search.run()
            hits, partial_hits = search.hits(made), search.partial(made)
            alternatives = search.alternatives(made)
            state = _state(opened.reader)
            after = offset + len(made.results.page)
            return Answer(
                query=QueryReading(
                    raw=request.q,
                    effective=made.query.effective,
                    canonical=str(made.query),
                    corrected_from=request.q if made.corrected else None,
                    relaxed=made.relaxed,
                    notes=made.query.notes,
                    synonyms=tuple((word.text, word.synonyms) for word in made.tree.words if word.synonyms),
                ),
                total=made.results.total or 0,
                hits=hits,
                facets={name: _facet_values(counts) for name, counts in made.results.facets.items()},
                next=write_cursor(request, state.generation, after) if after < made.results.listed else None,
                partial=partial_hits,
                alternatives=alternatives,
                index=state,
                timed_out=search.timed_out,
                took_ms=(time.perf_counter() - started) * 1000,
            )

    def suggest(self, typed: str, limit: int = MAX_SUGGESTIONS) -> list[Suggestion]:
        """What a person who typed this far may mean."""
        with self._open() as opened:
            has_releases = partial(opened.has_releases, stop=self._start_clock())
            return suggest(opened.reader, typed, limit, has_releases)

    def explain(self, text: str, release_id: str) -> Explanation | None:
        """Why a release has its score for a query, term by term; None where there is no such release."""
        with self._open() as opened:
            if opened.reader.release(release_id) is None:
                return None
            tree = opened.read(parse_query(text))
            return explain(opened.reader, tree, release_id)

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
    def _take_turn(self) -> Iterator[None]:
        """Wait until no other search goes on. Raises Busy where too many wait."""
        if not self._places.acquire(blocking=False):
            raise Busy("지금 찾는 사람이 많아 바로 답할 수 없습니다.", "잠시 뒤 다시 찾아 주세요.")
        try:
            with self._turn:
                yield
        finally:
            self._places.release()

    @contextmanager
    def _open(self, generation: str = "") -> Iterator[_Opened]:
        """The live generation, or one that was live when a cursor was made; it closes when its last user lets
        go. Where the index cannot be opened any more, what is open goes on answering.
        """
        with self._lock:
            shared = self._follow()
            if generation and shared.reader.generation.name != generation:
                shared = self._kept_reader(generation)
            shared.users += 1
        try:
            with refusing_damage():
                yield shared
        finally:
            with self._lock:
                shared.release()

    def _follow(self) -> _Opened:
        """What is live now."""
        try:
            live = self._engine.live_name()
            if self._current is None or self._current.reader.generation.name != live:
                opened = _Opened(self._engine.open(embargoed=self._embargoed), self._analyzer)
                if self._current:
                    self._keep(self._current)
                self._current = opened
                self._complaint = ""
                self._opened()
        except IndexUnavailable as error:
            if self._current is None:
                raise
            if self._complaint != str(error):
                self._complaint = str(error)
                print(f"{error}\n열어 둔 색인으로 계속 답합니다.", file=sys.stderr)
        self._current = self._at_present(self._current)
        return self._current

    def _at_present(self, opened: _Opened) -> _Opened:
        """What was opened, or, where an embargo has passed, the same generation anew: nothing that was worked
        out before is remembered. This needs no disk, so that it holds where the index cannot be opened too.
        """
        reader = opened.reader.at_present()
        if reader is opened.reader:
            return opened
        present = _Opened(reader, self._analyzer)
        opened.release()
        self._opened()
        return present

    def _keep(self, opened: _Opened) -> None:
        """Hold on to a generation that is no longer live, for the cursors that were made of it."""
        self._kept[opened.reader.generation.name] = opened
        while len(self._kept) > _KEPT_READERS:
            self._kept.pop(next(iter(self._kept))).release()

    def _kept_reader(self, generation: str) -> _Opened:
        if generation not in self._kept:
            try:
                reader = self._engine.open(generation, embargoed=self._embargoed)
                self._keep(_Opened(reader, self._analyzer))
            except IndexUnavailable as error:
                raise CursorExpired(
                    "cursor", "그 사이에 색인이 새로 만들어졌습니다.", "첫 쪽부터 다시 검색하세요."
                ) from error
        self._kept[generation] = self._at_present(self._kept[generation])
        return self._kept[generation]


class _Opened:
    """A reader, what its generation says of words, and how many use it; the service itself is the first.

    `users` is changed under the service's lock.
    """

    def __init__(self, reader: Snapshot, analyzer: Analyzer) -> None:
        self.reader = reader
        self.analyzer = analyzer.for_curated_files(reader.curated_files)
        self.synonyms = Synonyms.read(reader.curated_files.get(SYNONYMS, ""))
        self._counts: dict[Node, int] = {}
        self.users = 1

    def read(self, query: Query, stop: Stop = never) -> SearchTree:
        """The tree of a query. Past `stop` the index is not asked what its words mean."""
        terms = IndexTerms(self.reader.values, partial(self.count, stop=stop))
        return read_words(query, self.analyzer, self.synonyms, terms)

    def count(self, node: Node, stop: Stop = never) -> int:
        """How many releases a node matches; 0 where there is no time to count them."""
        known = self._counts.get(node)
        if known is not None:
            return known
        if stop():
            return 0
        results = self.reader.search(Plan(query=node, sort="newest", limit=1, stop=stop))
        if results.timed_out:
            return 0
        if len(self._counts) >= _COUNTED_NODES:
            self._counts.clear()
        found = self._counts[node] = results.total or 0
        return found

    def has_releases(self, text: str, stop: Stop = never) -> bool:
        """Whether a query finds any release as it is typed; not, where there is no time to look."""
        try:
            tree = self.read(parse_query(text), stop)
        except AnalysisError:
            return False
        return bool(tree.words) and self.count(tree.node, stop) > 0 and not stop()

    def release(self) -> None:
        """Let go; the last one closes the reader."""
        self.users -= 1
        if not self.users:
            self.reader.close()


@dataclass(frozen=True, slots=True)
class _Made:
    """What a search came to: the query that was answered, and with what; `typed` is the tree
    of what was typed.
    """

    query: Query
    typed: SearchTree
    tree: SearchTree
    results: TopDocs
    corrected: tuple[str, ...] = ()
    relaxed: bool = False
    strict_total: int = 0


class _Search:
    """One search of one generation. `timed_out` says whether something was left out as its time was over."""

    def __init__(
        self, opened: _Opened, request: SearchRequest, offset: int, start_clock: Callable[[], Stop]
    ) -> None:
        self._opened = opened
        self._reader = opened.reader
        self._request = request
        self._offset = offset
        self._start_clock = start_clock
        self._stop = start_clock()
        self.timed_out = False
        self._filters = Filters(
            values=request.filters, published=published(request.published_from, request.published_to)
        )

    def run(self) -> _Made:
        """Releases with all that was asked for; if there are none, those of a correction, else those with
        some of the words. Raises RequestError for a text that cannot be analysed.
        """
        try:
            query = parse_query(self._request.q)
            words = sum(len(one.atoms) for one in query.clauses)
            is_short = words <= _SURE_WORDS and len(self._request.q) <= _SURE_CHARS
            stop = never if is_short else self.is_over
            tree = self._opened.read(query, stop)
        except AnalysisError as error:
            raise RequestError("q", error.message, error.hint) from error
        results = self._find(tree, tree.node, stop)
        if results.total or self._request.exact or not tree.words or self.is_over():
            return _Made(query, tree, tree, results, strict_total=results.total or 0)
        split = query.split_joined()
        parted = tree if split == query else self.read(split)
        if parted is not tree:
            found = self._find(parted, parted.node, self.is_over)
            if found.total:
                return _Made(split, tree, parted, found, tuple(word.text for word in parted.words))
        if corrected := self._correct(query):
            other = query.with_words(corrected)
            other_tree = self.read(other)
            found = self._find(other_tree, other_tree.node, self.is_over)
            if found.total:
                return _Made(other, tree, other_tree, found, tuple(corrected.values()))
        if len(parted.words) > 1:
            found = self._find(parted, parted.partial, self.is_over)
            if found.total:
                return _Made(split, parted, parted, found, relaxed=True)
        return _Made(query, tree, tree, results)

    def is_over(self) -> bool:
        """Whether there is no time for another step; from then on it is `timed_out`."""
        self.timed_out = self.timed_out or self._stop()
        return self.timed_out

    def read(self, query: Query) -> SearchTree:
        """The tree of a query."""
        return self._opened.read(query, self.is_over)

    def _find(self, tree: SearchTree, node: Node, stop: Stop) -> TopDocs:
        request, offset = self._request, self._offset
        plan = Plan(
            query=node,
            scoring=tree.scoring,
            filters=self._filters,
            sort="relevance" if request.sort == "recent" else request.sort,
            recent=request.sort == "recent",
            offset=offset,
            limit=request.limit,
            facets=SHOWN_FACETS,
            facet_limit=MAX_FACET_VALUES,
            grouped=True,
            stop=stop,
        )
        if plan.sort != "relevance" or offset >= RERANKED:
            return self._reader.search(plan)
        # It looks at the same releases whatever the page, so that pages neither repeat nor miss any.
        results = self._reader.search(replace(plan, offset=0, limit=max(RERANKED, offset + request.limit)))
        page = results.page
        if not stop():
            page = (*self._rerank(tree, page[:RERANKED]), *page[RERANKED:])
        return replace(results, page=page[offset : offset + request.limit])

    def _rerank(self, tree: SearchTree, page: Sequence[ScoredDoc]) -> list[ScoredDoc]:
        ids = [scored.id for scored in page]
        scores = rank_closely(self._reader, tree.morphemes, ids, [scored.score for scored in page])
        ranked = [
            ScoredDoc(scored.id, score, scored.published, scored.others)
            for scored, score in zip(page, scores, strict=True)
        ]
        return sorted(ranked, key=lambda scored: (-scored.score, -scored.published, scored.id))

    def _count(self, node: Node, filters: Filters) -> int:
        """How many releases there are; 0 where there is no time to count them."""
        plan = Plan(query=node, filters=filters, sort="newest", limit=1, stop=self.is_over)
        results = self._reader.search(plan)
        return 0 if results.timed_out else results.total or 0

    def _correct(self, query: Query) -> dict[str, str]:
        """For each word that no release has, what it may have been meant as, or the words it is made of."""
        found: dict[str, str] = {}
        words = [
            atom
            for clause in query.clauses
            for atom in clause.atoms
            if isinstance(atom, Word) and not clause.excluded and not atom.field
        ]
        for word in words[:_CORRECTED_WORDS]:
            if self._is_found(str(word)):
                continue
            spaced = with_spaces(word.normal, self._opened.analyzer.tokens(word.normal))
            typed = word.text if word.text.casefold() == word.normal else word.normal
            for other in (*corrections(self._reader, typed), *spaced):
                if self.is_over():
                    return {}
                if self._is_found(other):
                    found[word.normal] = other
                    break
        return found

    def _is_found(self, text: str) -> bool:
        """Whether any release matches, whatever the filters."""
        return self._opened.count(self.read(parse_query(text)).node, self.is_over) > 0

    def hits(self, made: _Made) -> tuple[Hit, ...]:
        """The page, with its texts. To show what was found there is as much time again."""
        stop = self._start_clock() if len(made.tree.words) > _SURE_WORDS else never
        hits = _hits(self._reader, made.results.page, made.tree, made.corrected, stop)
        self.timed_out = self.timed_out or stop()
        return hits

    def partial(self, made: _Made) -> tuple[Hit, ...]:
        """Where few releases have all words, the best of those with some."""
        if (
            not 0 < made.strict_total < _FEW_HITS
            or len(made.tree.words) < 2
            or self._offset
            or self._request.exact
            or self.is_over()
        ):
            return ()
        page = made.results.page
        shown = {release_id for scored in page for release_id in (scored.id, *scored.others)}
        plan = Plan(
            query=None,
            scoring=made.tree.scoring,
            limit=2 * _FEW_HITS,
            exact_total=False,
            stop=self.is_over,
        )
        if self._filters != Filters() or made.tree.conditions or made.results.listed > len(page):
            # The best of any word may all be outside of what was asked for, or on the next page.
            node = And((made.tree.partial, Not(made.tree.node)))
            plan = replace(plan, query=node, filters=self._filters, exact_total=True)
        page = tuple(scored for scored in self._reader.search(plan).page if scored.id not in shown)
        return _hits(self._reader, page[:_FEW_HITS], made.tree, (), self.is_over)

    def alternatives(self, made: _Made) -> tuple[Alternative, ...]:
        """Where nothing has all that was asked for: what would find something."""
        if made.strict_total or self._request.cursor or self.is_over():
            return ()
        request = replace(self._request, cursor=None)
        offered: list[Alternative] = []

        def offer(kind: AlternativeKind, asked: SearchRequest, node: Node, filters: Filters) -> None:
            if total := self._count(node, filters):
                offered.append(Alternative(kind, asked, total))

        tree = made.typed
        # With its spaces a long query may be too long to be asked.
        if made.corrected and len(effective := made.query.effective) <= MAX_QUERY_CHARS:
            offered.append(Alternative("spelling", replace(request, q=effective), made.results.total or 0))
        if self._filters.values:
            asked = replace(request, outlet=(), department=(), reporter=(), attachment=False)
            offer("without_filters", asked, tree.node, replace(self._filters, values={}))
        if request.published_from or request.published_to:
            asked = replace(request, published_from=None, published_to=None)
            offer("without_dates", asked, tree.node, Filters(values=self._filters.values))
        if len(tree.words) > 1:
            for word in tree.words[:_OFFERED_WORDS]:
                offer(
                    "word", replace(request, q=word.text), And((word.node, *tree.conditions)), self._filters
                )
        return tuple(offered)


def _hits(
    reader: Snapshot, page: Sequence[ScoredDoc], tree: SearchTree, corrected: Sequence[str], stop: Stop
) -> tuple[Hit, ...]:
    # One node a reading: which of them is found says by what a word matched.
    readings = [(number, reading) for number, word in enumerate(tree.words) for reading in word.readings]
    words = [number for number, _ in readings]
    bys = [
        "correction" if tree.words[number].text in corrected else reading.by for number, reading in readings
    ]
    found = reader.spans([scored.id for scored in page], [reading.node for _, reading in readings], stop)
    return tuple(
        _hit(reader, scored, tree, _without_needless_synonyms(spans, words, bys), words, bys)
        for scored, spans in zip(page, found, strict=True)
    )


def _hit(
    reader: Snapshot, scored: ScoredDoc, tree: SearchTree, spans: list[Span], words: list[int], bys: list[str]
) -> Hit:
    release = reader.release(scored.id)
    if release is None:
        raise LookupError(f"the index names a release it does not hold: {scored.id}")
    texts = {field.name: field.read(release) for field in TEXT_FIELDS}
    places: dict[str, list[WordRange]] = {name: [] for name in texts}
    for span in spans:
        places[span.field].append(WordRange(span.start, span.end, words[span.node]))
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
        snippets=_snippets(release, texts, places),
        matched=_matched(tree, texts, spans, words, bys),
        similar=scored.others,
        embargo_until=release.embargo_until,
    )


def _snippets(
    release: PressRelease, texts: dict[str, str], places: dict[str, list[WordRange]]
) -> tuple[Snippet, ...]:
    """What the body has of the words, or whom to ask where only that has them."""
    if places["contact"] and not places["body"]:
        marked = _mark(texts["contact"], places["contact"])
        return (Snippet(marked.text, marked.ranges, "", 0, 0),)
    found = make_snippets(texts["body"], places["body"])
    return tuple(_placed(release, start, marked) for start, marked in found)


def _placed(release: PressRelease, start: int, marked: Marked) -> Snippet:
    section = release.section_at(start)
    return Snippet(marked.text, marked.ranges, section.file, section.page, section.table)


def _without_needless_synonyms(spans: list[Span], words: list[int], bys: list[str]) -> list[Span]:
    """Where a release has a word itself, what else it may be called is not what the reader looks for."""
    found = {words[span.node] for span in spans if bys[span.node] != "synonym"}
    return [span for span in spans if bys[span.node] != "synonym" or words[span.node] not in found]


def _mark(text: str, places: list[WordRange]) -> Marked:
    return Marked(text, merge_ranges([(place.start, place.end) for place in places]))


def _matched(
    tree: SearchTree, texts: dict[str, str], spans: list[Span], words: list[int], bys: list[str]
) -> tuple[Matched, ...]:
    """For each word, the first surface it matched, fields in their order, and by what: the first of its
    readings that is found.
    """
    matched = []
    for number, word in enumerate(tree.words):
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
    return tuple(FacetValue(value, count) for value, count in counts.items())


def _state(reader: Snapshot) -> IndexState:
    generation = reader.generation
    return IndexState(generation.name, generation.updated_at, generation.documents)
