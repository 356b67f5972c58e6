"""The service that answers searches for the page, the command and the JSON endpoint.

1. `snapshots` chooses the snapshot of the index that answers.
2. `strategy` finds releases: `parser` reads what was typed, `compile` makes a tree of nodes for the engine,
   and `rerank` reorders the best releases. If nothing matches, `strategy` tries a correction, then releases
   with some of the words.
3. `hits` marks the words and cuts snippets out of the releases of the page.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import pairwise

from indexer.analysis import Analyzer, Token
from indexer.analysis.analyzer import AnalyzerIdentity
from indexer.engine import And, Engine, Filters, Stop, find_release, never
from indexer.errors import Busy
from indexer.release import PressRelease
from indexer.search.cursor import read_cursor, write_cursor
from indexer.search.explain import Explanation, explain
from indexer.search.hits import make_hits
from indexer.search.listing import list_times
from indexer.search.neighbours import Neighbours, find_neighbours
from indexer.search.overview import Overview, state_of
from indexer.search.parser import parse_query
from indexer.search.reading import Reading, read_release
from indexer.search.request import SearchRequest
from indexer.search.rerank import Place
from indexer.search.response import Answer, IndexState, Suggestions, Timings
from indexer.search.similar import Similar, find_similar
from indexer.search.snapshots import Snapshots
from indexer.search.strategy import (
    MAX_UNSTOPPED_WORDS,
    Clock,
    Strategy,
    compile_typed,
    named_issuers,
    words_with_synonyms,
)
from indexer.search.stream import BATCH_RELEASES, StreamedRelease, StreamPlace, next_batch
from indexer.search.suggest import MAX_SUGGESTIONS, suggest
from indexer.search.trends import Trend, Trends, count_months
from indexer.search.turns import Turns

# One search runs while up to five wait for their turn. A choice, where nothing else is said.
MAX_SEARCHES = 6
# A choice: each holds a thread of the server as long as its reader takes.
MAX_STREAMS = 2


@dataclass(frozen=True, slots=True)
class Analysed:
    """The tokens of a text in both streams, and the analyzer that found them."""

    analyzer: AnalyzerIdentity
    morphemes: tuple[Token, ...]
    bigrams: tuple[Token, ...]


class SearchService:
    """Answers questions about the live index. Follows the index when it changes or an embargo passes.

    Releases under embargo are in no answer, unless `embargoed` is set, which is for the operator.

    Threads may share a service. `search` and `explain` take turns; the other methods do not wait for them.
    Every method raises IndexUnavailable if no index can be read, or if what it reads is damaged. The service
    recovers by itself once there is a sound index.
    """

    def __init__(
        self,
        engine: Engine,
        analyzer: Analyzer,
        *,
        start_clock: Callable[[], Stop] = lambda: never,
        opened: Callable[[], None] = lambda: None,
        embargoed: bool = False,
        max_searches: int = MAX_SEARCHES,
        patience_s: float = math.inf,
    ) -> None:
        """`start_clock` is called when a search begins; the Stop that it returns ends the search. `opened` is
        called whenever another snapshot has been opened. So many searches run or wait at once, and none waits
        longer than `patience_s` seconds.
        """
        self._snapshots = Snapshots(engine, analyzer, opened, embargoed=embargoed)
        self._start_clock = start_clock
        # A search holds the interpreter lock: one after another they are faster than several that share it.
        self._turns = Turns()
        self._places = threading.Semaphore(max_searches)
        self._patience_s = patience_s
        self._similar_turn = threading.Lock()
        self._streams = threading.Semaphore(MAX_STREAMS)
        self._analyzer = analyzer

    def search(self, request: SearchRequest) -> Answer:
        """One page of results.

        Raises RequestError for a text that cannot be analysed or for a cursor of another search,
        CursorExpired for a cursor of a snapshot that is gone, and Busy if too many searches wait.
        """
        started = time.perf_counter()
        name, place = read_cursor(request) if request.cursor else ("", Place())
        with self._take_turn(), self._snapshots.use(name) as opened:
            begun = time.perf_counter()
            clock = Clock(self._start_clock)
            strategy = Strategy(opened, request, place, clock)
            outcome = strategy.find()
            found = time.perf_counter()
            results, compiled = outcome.results, outcome.compiled
            # Showing the results gets as much time again as finding them.
            stop = clock.restart() if len(compiled.words) > MAX_UNSTOPPED_WORDS else never
            hits = make_hits(opened, results.docs, compiled, outcome.corrected, stop)
            clock.timed_out = clock.timed_out or stop()
            partial_hits = make_hits(opened, strategy.find_partial(outcome), compiled, (), clock.is_over)
            alternatives = strategy.find_alternatives(outcome)
            state = state_of(opened.snapshot)
            ended = time.perf_counter()
            return Answer(
                query=outcome.reading(request.q),
                total=results.total,
                hits=hits,
                facets={name: opened.values_of(name, counts) for name, counts in results.facets.items()},
                offset=place.offset,
                next=write_cursor(request, state.generation, results.next) if results.next else None,
                previous=write_cursor(request, state.generation, results.previous)
                if results.previous
                else None,
                partial=partial_hits,
                alternatives=alternatives,
                index=state,
                timed_out=clock.timed_out,
                took_ms=(ended - started) * 1000,
                timings=Timings(*((b - a) * 1000 for a, b in pairwise((started, begun, found, ended)))),
            )

    def suggest(self, typed: str, limit: int = MAX_SUGGESTIONS) -> Suggestions:
        """At most `limit` suggestions for what was typed so far."""
        with self._snapshots.use() as opened:
            stop = self._start_clock()
            offered = suggest(opened.phrases, typed, limit, partial(opened.has_releases, stop=stop))
            return Suggestions(tuple(offered), timed_out=stop())

    def explain(self, text: str, release_id: str) -> Explanation | None:
        """Why a release has its score for the query `text`. None if there is no release with this id.

        Raises AnalysisError for a text that cannot be analysed, and Busy as `search` does.
        """
        with self._take_turn(), self._snapshots.use() as opened:
            doc = opened.find(release_id)
            return explain(opened, opened.compile(parse_query(text)), doc) if doc else None

    def release(self, release_id: str) -> PressRelease | None:
        """The release with this id; None if there is none."""
        with self._snapshots.use() as opened:
            return find_release(opened.snapshot, release_id)

    def read(self, release_id: str, text: str = "") -> Reading | None:
        """A release with what the query `text` matches marked; None if there is none with this id."""
        with self._snapshots.use() as opened:
            doc = opened.find(release_id)
            return read_release(opened, doc, text, self._start_clock()) if doc else None

    def neighbours(self, release: PressRelease) -> Neighbours:
        """The releases that the same issuer published before and after one."""
        with self._snapshots.use() as opened:
            return find_neighbours(opened.snapshot, release, opened.issuers.labels_with(release.outlet))

    def similar(self, release_id: str, limit: int) -> Similar | None:
        """At most `limit` releases with the same text, and as many about the same matter; None if there is no
        release with this id. It takes no place of a search, and does not wait: raises Busy if another thread
        asks for similar ones.
        """
        if not self._similar_turn.acquire(blocking=False):
            raise _busy()
        try:
            with self._snapshots.use() as opened:
                doc = opened.find(release_id)
                return find_similar(opened, doc, limit, self._start_clock()) if doc else None
        finally:
            self._similar_turn.release()

    def trends(self, requests: Sequence[SearchRequest]) -> Trends:
        """The months in which releases match each of `requests` as typed. All have the same filters; their
        dates, order and page are not looked at.

        Raises RequestError for a text that cannot be analysed, and Busy as `search` does.
        """
        with self._take_turn(), self._snapshots.use() as opened:
            clock = Clock(self._start_clock)
            trends = []
            for request in requests:
                _, compiled, stop = compile_typed(opened, request, clock.is_over)
                filters = Filters(values=opened.filters_of(request).values)
                total, months, timed_out = count_months(opened.snapshot, compiled.node, filters, stop)
                synonyms, issuers = words_with_synonyms(compiled), named_issuers(compiled)
                trends.append(Trend(request.q, total, months, timed_out, synonyms, issuers))
            all_months = opened.overview.months
            if requests and (values := opened.filters_of(requests[0]).values):
                _, all_months, _ = count_months(
                    opened.snapshot, And(()), Filters(values=values), clock.is_over
                )
            cut = clock.timed_out or any(trend.timed_out for trend in trends)
            return Trends(state_of(opened.snapshot), tuple(trends), all_months, timed_out=cut)

    def overview(self) -> Overview:
        """What the whole archive holds."""
        with self._snapshots.use() as opened:
            return opened.overview

    def list_releases(self, offset: int, limit: int) -> list[tuple[str, datetime | None]]:
        """Ids of at most `limit` releases, the oldest first, without the first `offset`, and when each was
        published or corrected. See `list_times`.
        """
        with self._snapshots.use() as opened:
            return list_times(opened.snapshot, offset, limit)

    def stream(
        self, since: date | None = None, place: StreamPlace | None = None, limit: int | None = None
    ) -> Generator[list[StreamedRelease], None, None]:
        """All releases that were published on or after the day `since`, in Asia/Seoul, behind `place`: the
        oldest first, in batches, at most `limit` in all. Without `since` those without a date come before.
        Each batch comes from the snapshot that is live by then. Close what this returns, unless you read it
        to its end.

        Raises Busy at the first batch if MAX_STREAMS are open already.
        """
        if not self._streams.acquire(blocking=False):
            raise _busy()
        try:
            left = sys.maxsize if limit is None else limit
            while left:
                with self._snapshots.use() as opened:
                    batch = next_batch(opened.snapshot, since, place, min(left, BATCH_RELEASES))
                if not batch:
                    return
                yield batch
                left, place = left - len(batch), batch[-1].place
        finally:
            self._streams.release()

    def analyze(self, text: str) -> Analysed:
        """The tokens of a text, as the live index would have them. Raises AnalysisError for a text that
        cannot be analysed.
        """
        with self._snapshots.use() as opened:
            analyzer = opened.analyzer
            return Analysed(analyzer.identity, tuple(analyzer.tokens(text)), tuple(analyzer.bigrams(text)))

    def analyzer_identity(self) -> AnalyzerIdentity:
        """What decides which tokens a text has."""
        return self._analyzer.identity

    def state(self) -> IndexState:
        """The state of the live index."""
        with self._snapshots.use() as opened:
            return state_of(opened.snapshot)

    def check_live(self) -> IndexState:
        """The state of the live index, which is open now and made with this analyzer. Unlike `state` it
        raises IndexUnavailable also while a former state goes on answering for one that cannot be opened.
        """
        return self._snapshots.check_live()

    @contextmanager
    def _take_turn(self) -> Iterator[None]:
        """Wait until no other search runs. Raises Busy if too many run or wait already, or if it takes too
        long.
        """
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            if not self._turns.take(self._patience_s):
                raise _busy()
            try:
                yield
            finally:
                self._turns.give_up()
        finally:
            self._places.release()


def _busy() -> Busy:
    return Busy("지금 찾는 사람이 많아 바로 답할 수 없습니다.", "잠시 뒤 다시 찾아 주세요.")
