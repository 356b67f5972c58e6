"""Chooses the snapshot that answers: the live one, followed as it changes, or the one of a cursor."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial

from indexer.analysis import Analyzer
from indexer.curation.files import OUTLETS, SYNONYMS
from indexer.curation.issuer_table import load_issuer_table
from indexer.curation.issuers import Issuers
from indexer.curation.synonyms import Synonyms
from indexer.engine import (
    MAX_FACET_VALUES,
    Engine,
    Filters,
    Node,
    PhraseDictionary,
    ScoredDoc,
    Snapshot,
    Stop,
    find_docs,
    never,
)
from indexer.errors import AnalysisError, CursorExpired, IndexUnavailable, StateGone, refusing_damage
from indexer.search.compile import compile_query, published
from indexer.search.compiled_query import CompiledQuery
from indexer.search.index_terms import IndexTerms
from indexer.search.issuers import IssuerLabels
from indexer.search.overview import Overview, make_overview, state_of
from indexer.search.parser import Query, parse_query
from indexer.search.phrases import phrases_of
from indexer.search.request import SearchRequest
from indexer.search.response import FacetValue, IndexState

# A choice: how many values of each facet an answer has; years and months are all there.
MAX_SHOWN_VALUES = 20
# How many former snapshots stay open for cursors. A choice: most people turn the page soon. Others are opened
# again, as long as the engine has them on the disk.
_KEPT_SNAPSHOTS = 2
# A choice: how many counts of nodes a snapshot remembers. They tell what words mean; queries share many.
_CACHED_COUNTS = 4_096

_log = logging.getLogger(__name__)


class OpenSnapshot:
    """A snapshot, an analyzer with the user dictionary of the index, its synonyms and its issuers.

    It counts its users, and whoever opens it is the first. Callers of `acquire` and `release` take turns.
    """

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer) -> None:
        curated_files = snapshot.curated_files
        self.snapshot = snapshot
        self.analyzer = analyzer.for_curated_files(curated_files)
        self._synonyms = Synonyms(curated_files.get(SYNONYMS, ""))
        own_names = Issuers(curated_files.get(OUTLETS, ""))
        self.issuers = IssuerLabels(load_issuer_table(), own_names, self._list_labels)
        self._counts: dict[Node, int] = {}
        self._users = 1

    @cached_property
    def phrases(self) -> PhraseDictionary:
        """The phrases that suggestions are made of."""
        return phrases_of(self.snapshot, self.analyzer)

    @cached_property
    def overview(self) -> Overview:
        """What the whole archive holds."""
        return make_overview(self.snapshot, self.issuers)

    def _list_labels(self) -> list[str]:
        return self.snapshot.facet_values("outlet", limit=MAX_FACET_VALUES)

    def filters_of(self, request: SearchRequest) -> Filters:
        """The filters of a request. Who filters by the name of an issuer means all of its labels."""
        values = dict(request.filters)
        if outlets := values.get("outlet"):
            values["outlet"] = self.issuers.labels_of_all(outlets)
        return Filters(values=values, published=published(request.published_from, request.published_to))

    def values_of(self, facet: str, counts: Mapping[str, int]) -> tuple[FacetValue, ...]:
        """What is shown of the counts of a facet. The labels of issuers are gathered: give those of all."""
        if facet == "outlet":
            return self.issuers.gather(counts, MAX_SHOWN_VALUES)
        return tuple(FacetValue(value, count) for value, count in counts.items())

    def compile(self, query: Query, stop: Stop = never) -> CompiledQuery:
        """Compile a query. Once `stop` says so, words are interpreted without asking the index.

        Raises AnalysisError if the query holds a lone surrogate.
        """
        terms = IndexTerms(self.snapshot, partial(self.counts, stop=stop), self.issuers)
        return compile_query(query, self.analyzer, self._synonyms, terms)

    def count(self, node: Node, stop: Stop = never) -> int:
        """How many releases a node matches; 0 if `stop` ends the count. Only whole counts are remembered."""
        return self.counts([node], stop)[0]

    def counts(self, nodes: Sequence[Node], stop: Stop = never) -> list[int]:
        """The same for several nodes; those that are not remembered are counted in one call."""
        counts = {node: self._counts.get(node) for node in nodes}
        unknown = [node for node, count in counts.items() if count is None]
        if unknown:
            new = dict(zip(unknown, self.snapshot.count(unknown, stop), strict=True))
            counts |= new
            if len(self._counts) + len(new) > _CACHED_COUNTS:
                self._counts.clear()
            self._counts.update((node, count) for node, count in new.items() if count is not None)
        return [counts[node] or 0 for node in nodes]

    def has_releases(self, text: str, stop: Stop = never) -> bool:
        """Whether a query matches any release as it was typed; False if `stop` ends the search."""
        try:
            compiled = self.compile(parse_query(text), stop)
        except AnalysisError:
            return False
        return bool(compiled.words) and self.count(compiled.node, stop) > 0 and not stop()

    def find(self, release_id: str) -> ScoredDoc | None:
        """The release with an id; None if there is none."""
        return find_docs(self.snapshot, (release_id,)).get(release_id)

    def acquire(self) -> None:
        """Count another user."""
        self._users += 1

    def release(self) -> None:
        """Count one user less. The last one closes the snapshot."""
        self._users -= 1
        if not self._users:
            self.snapshot.close()


class Snapshots:
    """The open snapshots of an engine. Threads may share it."""

    def __init__(
        self, engine: Engine, analyzer: Analyzer, opened: Callable[[], None], *, embargoed: bool
    ) -> None:
        """`opened` is called whenever another snapshot has been opened."""
        self._engine, self._analyzer = engine, analyzer
        self._opened, self._embargoed = opened, embargoed
        self._lock = threading.Lock()
        self._current: OpenSnapshot | None = None
        self._kept: dict[str, OpenSnapshot] = {}
        self._complaint: IndexUnavailable | None = None

    @contextmanager
    def use(self, name: str = "") -> Iterator[OpenSnapshot]:
        """The live snapshot, or the one named `name`, which was live when a cursor was made. It stays open
        until its last user leaves. If the index cannot be opened any more, the open snapshot goes on
        answering.

        Raises IndexUnavailable if no index can be read or if what is read is damaged, and CursorExpired if
        the snapshot of this name is gone.
        """
        with self._lock:
            opened = self._follow()
            if name and opened.snapshot.info.name != name:
                opened = self._find_kept(name)
            opened.acquire()
        try:
            with refusing_damage():
                yield opened
        except StateGone as error:
            if name:
                raise _expired() from error
            raise
        finally:
            with self._lock:
                opened.release()

    def check_live(self) -> IndexState:
        """What is live, which is open now. Raises IndexUnavailable if it cannot be opened, although a former
        snapshot may go on answering.
        """
        with self._lock:
            opened = self._follow()
            if self._complaint:
                raise self._complaint.with_traceback(None)
            return state_of(opened.snapshot)

    def _follow(self) -> OpenSnapshot:
        try:
            live = self._engine.live_name()
            if self._current is None or self._current.snapshot.info.name != live:
                opened = OpenSnapshot(self._engine.open(embargoed=self._embargoed), self._analyzer)
                if self._current:
                    self._keep(self._current)
                self._current = opened
                self._opened()
            self._complaint = None
        except IndexUnavailable as error:
            if self._current is None:
                raise
            if str(self._complaint) != str(error):
                _log.warning("%s\n열어 둔 색인으로 계속 답합니다.", error)
            self._complaint = error
        self._current = self._at_present(self._current)
        return self._current

    def _at_present(self, opened: OpenSnapshot) -> OpenSnapshot:
        """The same snapshot; once an embargo has passed, another one of the same state, with no counts from
        before. This works without the disk, even if the index cannot be opened any more.
        """
        snapshot = opened.snapshot.at_present()
        if snapshot is opened.snapshot:
            return opened
        present = OpenSnapshot(snapshot, self._analyzer)
        opened.release()
        self._opened()
        return present

    def _keep(self, opened: OpenSnapshot) -> None:
        name = opened.snapshot.info.name
        # An index that was restored goes back to a name that may be kept already.
        if replaced := self._kept.pop(name, None):
            replaced.release()
        self._kept[name] = opened
        while len(self._kept) > _KEPT_SNAPSHOTS:
            self._kept.pop(next(iter(self._kept))).release()

    def _find_kept(self, name: str) -> OpenSnapshot:
        if name not in self._kept:
            try:
                self._keep(OpenSnapshot(self._engine.open(name, embargoed=self._embargoed), self._analyzer))
            except IndexUnavailable as error:
                raise _expired() from error
        self._kept[name] = self._at_present(self._kept[name])
        return self._kept[name]


def _expired() -> CursorExpired:
    return CursorExpired("cursor", "그 사이에 색인이 새로 만들어졌습니다.", "첫 쪽부터 다시 검색하세요.")
