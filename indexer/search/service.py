"""The service that answers searches for the page, the command and the JSON endpoint.

1. `snapshots` chooses the snapshot of the index that answers.
2. `strategy` finds releases: `parser` reads what was typed, `compile` makes a tree of nodes for the engine,
   and `rerank` reorders the best releases. If nothing matches, `strategy` tries a correction, then releases
   with some of the words.
3. `hits` marks the words and cuts snippets out of the releases of the page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from indexer.analysis import Analyzer
from indexer.engine import And, Engine, Search, Snapshot, Stop, find_release, never
from indexer.errors import Busy
from indexer.release import PressRelease
from indexer.search.cursor import read_cursor, write_cursor
from indexer.search.explain import Explanation, explain
from indexer.search.hits import make_hits
from indexer.search.parser import parse_query
from indexer.search.request import SearchRequest
from indexer.search.rerank import Place
from indexer.search.response import Answer, FacetValue, IndexState, QueryReading
from indexer.search.snapshots import Snapshots
from indexer.search.strategy import MAX_UNSTOPPED_WORDS, Clock, Outcome, Strategy
from indexer.search.suggest import MAX_SUGGESTIONS, Suggestion, suggest

# One search runs while up to five wait for their turn. A choice: a server needs more threads than this, since
# requests that do not wait need some too (`web/serve.py`).
MAX_SEARCHES = 6


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
    ) -> None:
        """`start_clock` is called when a search begins; the Stop that it returns ends the search. `opened` is
        called whenever another snapshot has been opened.
        """
        self._snapshots = Snapshots(engine, analyzer, opened, embargoed=embargoed)
        self._start_clock = start_clock
        # A search holds the interpreter lock: one after another they are faster than several that share it.
        self._turn = threading.Lock()
        self._places = threading.Semaphore(MAX_SEARCHES)

    def search(self, request: SearchRequest) -> Answer:
        """One page of results.

        Raises RequestError for a text that cannot be analysed or for a cursor of another search,
        CursorExpired for a cursor of a snapshot that is gone, and Busy if MAX_SEARCHES run or wait already.
        """
        started = time.perf_counter()
        name, place = read_cursor(request) if request.cursor else ("", Place())
        with self._take_turn(), self._snapshots.use(name) as opened:
            clock = Clock(self._start_clock)
            strategy = Strategy(opened, request, place, clock)
            outcome = strategy.find()
            results, compiled = outcome.results, outcome.compiled
            # Showing the results gets as much time again as finding them.
            stop = clock.restart() if len(compiled.words) > MAX_UNSTOPPED_WORDS else never
            hits = make_hits(opened, results.docs, compiled, outcome.corrected, stop)
            clock.timed_out = clock.timed_out or stop()
            partial_hits = make_hits(opened, strategy.find_partial(outcome), compiled, (), clock.is_over)
            alternatives = strategy.find_alternatives(outcome)
            state = _state(opened.snapshot)
            return Answer(
                query=_query_reading(request, outcome),
                total=results.total,
                hits=hits,
                facets={
                    name: tuple(FacetValue(value, count) for value, count in counts.items())
                    for name, counts in results.facets.items()
                },
                next=write_cursor(request, state.generation, results.next) if results.next else None,
                partial=partial_hits,
                alternatives=alternatives,
                index=state,
                timed_out=clock.timed_out,
                took_ms=(time.perf_counter() - started) * 1000,
            )

    def suggest(self, typed: str, limit: int = MAX_SUGGESTIONS) -> list[Suggestion]:
        """At most `limit` suggestions for what was typed so far, in the order to show them."""
        with self._snapshots.use() as opened:
            has_releases = partial(opened.has_releases, stop=self._start_clock())
            return suggest(opened.phrases, typed, limit, has_releases)

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

    def newest(self, limit: int) -> list[PressRelease]:
        """At most `limit` releases, the newest first; those without a date come last."""
        with self._snapshots.use() as opened:
            docs = opened.snapshot.search(Search(query=And(()), sort="newest", limit=limit)).docs
            return opened.snapshot.fetch([doc.ref for doc in docs])

    def state(self) -> IndexState:
        """The state of the live index."""
        with self._snapshots.use() as opened:
            return _state(opened.snapshot)

    @contextmanager
    def _take_turn(self) -> Iterator[None]:
        """Wait until no other search runs. Raises Busy if MAX_SEARCHES run or wait already."""
        if not self._places.acquire(blocking=False):
            raise Busy("지금 찾는 사람이 많아 바로 답할 수 없습니다.", "잠시 뒤 다시 찾아 주세요.")
        try:
            with self._turn:
                yield
        finally:
            self._places.release()


def _query_reading(request: SearchRequest, outcome: Outcome) -> QueryReading:
    return QueryReading(
        raw=request.q,
        effective=outcome.query.effective,
        canonical=str(outcome.query),
        corrected_from=request.q if outcome.corrected else None,
        relaxed=outcome.relaxed,
        notes=outcome.query.notes,
        synonyms=tuple((word.text, word.synonyms) for word in outcome.compiled.words if word.synonyms),
    )


def _state(snapshot: Snapshot) -> IndexState:
    info = snapshot.info
    return IndexState(info.name, info.updated_at, info.documents)
