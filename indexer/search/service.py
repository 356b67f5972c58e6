"""The way of a query; the page, the command and the JSON endpoint all come here.

1. `snapshots` says which snapshot of the index answers.
2. `strategy` finds: `parser` reads what was typed, `compile` makes a tree of it, the engine answers that, and
   `rerank` looks at the best more closely. Where nothing is found, a correction or some of the words will do.
3. `hits` cuts the text around the words out of the releases of the page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from indexer.analysis import Analyzer
from indexer.engine import And, Engine, Search, Snapshot, Stop, never
from indexer.errors import Busy
from indexer.release import PressRelease
from indexer.search.cursor import read_cursor, write_cursor
from indexer.search.explain import Explanation, explain
from indexer.search.hits import make_hits
from indexer.search.parser import parse_query
from indexer.search.request import SearchRequest
from indexer.search.response import Answer, FacetValue, IndexState, QueryReading
from indexer.search.snapshots import Snapshots
from indexer.search.strategy import SURE_WORDS, Clock, Outcome, Strategy
from indexer.search.suggest import MAX_SUGGESTIONS, Suggestion, suggest

# Searches at once, of which one goes on while the others wait for their turn. A server needs more threads
# than that, for what does not wait.
MAX_SEARCHES = 6


class SearchService:
    """Answers questions about the live index, and follows when it changes or an embargo passes. What is under
    embargo is in no answer, but where `embargoed`, for the operator.

    Threads may share it. `search` and `explain` take turns; the other methods do not wait. Every method
    raises IndexUnavailable where there is no index that can be read, or damage in what it reads; it recovers
    by itself when there is one again.
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
        self._snapshots = Snapshots(engine, analyzer, opened, embargoed=embargoed)
        self._start_clock = start_clock
        # Searching holds the interpreter: one search after the other is faster than several that share it.
        self._turn = threading.Lock()
        self._waiting = threading.Semaphore(MAX_SEARCHES)

    def search(self, request: SearchRequest) -> Answer:
        """Answer a search. Raises RequestError for a text that cannot be analysed or a cursor that is not
        of this search, CursorExpired for one of a snapshot that is gone, Busy where too many wait already.
        """
        started = time.perf_counter()
        name, offset = read_cursor(request) if request.cursor else ("", 0)
        with self._take_turn(), self._snapshots.use(name) as opened:
            clock = Clock(self._start_clock)
            strategy = Strategy(opened, request, offset, clock)
            outcome = strategy.find()
            results, tree = outcome.results, outcome.tree
            # To show what was found there is as much time again.
            stop = clock.restart() if len(tree.words) > SURE_WORDS else never
            hits = make_hits(opened, results.docs, tree, outcome.corrected, stop)
            clock.timed_out = clock.timed_out or stop()
            partial_hits = make_hits(opened, strategy.find_partial(outcome), tree, (), clock.is_over)
            alternatives = strategy.find_alternatives(outcome)
            state = _state(opened.snapshot)
            after = offset + len(results.docs)
            return Answer(
                query=_query_reading(request, outcome),
                total=results.total,
                hits=hits,
                facets={
                    name: tuple(FacetValue(value, count) for value, count in counts.items())
                    for name, counts in results.facets.items()
                },
                next=write_cursor(request, state.generation, after) if results.has_more else None,
                partial=partial_hits,
                alternatives=alternatives,
                index=state,
                timed_out=clock.timed_out,
                took_ms=(time.perf_counter() - started) * 1000,
            )

    def suggest(self, typed: str, limit: int = MAX_SUGGESTIONS) -> list[Suggestion]:
        """What a person who typed this far may mean."""
        with self._snapshots.use() as opened:
            has_releases = partial(opened.has_releases, stop=self._start_clock())
            return suggest(opened.phrases, typed, limit, has_releases)

    def explain(self, text: str, release_id: str) -> Explanation | None:
        """Why a release has its score for a query, term by term; None where there is no such release."""
        with self._take_turn(), self._snapshots.use() as opened:
            doc = opened.find(release_id)
            return explain(opened, opened.compile(parse_query(text)), doc) if doc else None

    def release(self, release_id: str) -> PressRelease | None:
        """The release of this id; None where there is none."""
        with self._snapshots.use() as opened:
            doc = opened.find(release_id)
            return opened.snapshot.fetch([doc.ref])[0] if doc else None

    def newest(self, limit: int) -> list[PressRelease]:
        """The newest releases, newest first."""
        with self._snapshots.use() as opened:
            docs = opened.snapshot.search(Search(query=And(()), sort="newest", limit=limit)).docs
            return opened.snapshot.fetch([doc.ref for doc in docs])

    def state(self) -> IndexState:
        """The state of the index that answers now."""
        with self._snapshots.use() as opened:
            return _state(opened.snapshot)

    @contextmanager
    def _take_turn(self) -> Iterator[None]:
        """Wait until no other search goes on. Raises Busy where too many wait."""
        if not self._waiting.acquire(blocking=False):
            raise Busy("지금 찾는 사람이 많아 바로 답할 수 없습니다.", "잠시 뒤 다시 찾아 주세요.")
        try:
            with self._turn:
                yield
        finally:
            self._waiting.release()


def _query_reading(request: SearchRequest, outcome: Outcome) -> QueryReading:
    return QueryReading(
        raw=request.q,
        effective=outcome.query.effective,
        canonical=str(outcome.query),
        corrected_from=request.q if outcome.corrected else None,
        relaxed=outcome.relaxed,
        notes=outcome.query.notes,
        synonyms=tuple((word.text, word.synonyms) for word in outcome.tree.words if word.synonyms),
    )


def _state(snapshot: Snapshot) -> IndexState:
    info = snapshot.info
    return IndexState(info.name, info.updated_at, info.documents)
