"""What a search comes to: releases with all that was asked for; else of a correction; else with some of the
words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from indexer.engine import And, Filters, Node, Not, ScoredDoc, Search, SearchResults, Stop, TopK, never
from indexer.errors import AnalysisError, RequestError
from indexer.schema import shown_facets
from indexer.search.compile import published
from indexer.search.compiled_query import CompiledQuery
from indexer.search.interpretations import with_spaces
from indexer.search.parser import Query, Word, parse_query
from indexer.search.request import MAX_QUERY_CHARS, SearchRequest
from indexer.search.rerank import search_reranked
from indexer.search.response import Alternative
from indexer.search.snapshots import OpenSnapshot
from indexer.search.suggest import corrections

MAX_FACET_VALUES = 20
# With fewer hits than this, releases with some of the words follow: they still are on the first screen.
_FEW_HITS = 5
# Each corrected word is some searches; queries with more wrong words are rarely meant as words.
_CORRECTED_WORDS = 4
# Words of a query without hits that are looked for alone: each is a search, and a line of the page.
_OFFERED_WORDS = 10
# A query of so few words is looked for to its end: it is bounded, and the disk may be cold.
SURE_WORDS, _SURE_CHARS = 8, 200


class Clock:
    """The time of one search. `timed_out` says whether something was left out as it was over."""

    def __init__(self, start: Callable[[], Stop]) -> None:
        self._start = start
        self._stop = start()
        self.timed_out = False

    def is_over(self) -> bool:
        """Whether there is no time for another step; from then on it is `timed_out`."""
        self.timed_out = self.timed_out or self._stop()
        return self.timed_out

    def restart(self) -> Stop:
        """As much time again."""
        return self._start()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The query that was answered, its tree, and the page; `typed` is the tree of what was typed."""

    query: Query
    typed: CompiledQuery
    tree: CompiledQuery
    results: SearchResults
    corrected: tuple[str, ...] = ()
    relaxed: bool = False
    strict_total: int = 0


class Strategy:
    """The steps of one search of one snapshot."""

    def __init__(self, opened: OpenSnapshot, request: SearchRequest, offset: int, clock: Clock) -> None:
        self._opened, self._request, self._offset, self._clock = opened, request, offset, clock
        self._filters = Filters(
            values=request.filters, published=published(request.published_from, request.published_to)
        )

    def find(self) -> Outcome:
        """The first step that finds something. Raises RequestError for a text that cannot be analysed."""
        strict = self._strict()
        if strict.results.total or self._request.exact or not strict.tree.words or self._clock.is_over():
            return strict
        return next(self._relaxations(strict), strict)

    def _strict(self) -> Outcome:
        """Releases with all that was asked for."""
        try:
            query = parse_query(self._request.q)
            words = sum(len(clause.atoms) for clause in query.clauses)
            is_short = words <= SURE_WORDS and len(self._request.q) <= _SURE_CHARS
            stop = never if is_short else self._clock.is_over
            tree = self._opened.compile(query, stop)
        except AnalysisError as error:
            raise RequestError("q", error.message, error.hint) from error
        results = self._search(tree, tree.node, stop)
        return Outcome(query, tree, tree, results, strict_total=results.total)

    def _relaxations(self, strict: Outcome) -> Iterator[Outcome]:
        """What else finds something, one after the other."""
        query, tree, stop = strict.query, strict.tree, self._clock.is_over
        split = query.split_joined()
        parted = tree if split == query else self._compile(split)
        if parted is not tree and (found := self._search(parted, parted.node, stop)).total:
            words = tuple(word.text for word in parted.words)
            yield replace(strict, query=split, tree=parted, results=found, corrected=words)
        if corrected := self._correct(query):
            other = query.with_words(corrected)
            other_tree = self._compile(other)
            if (found := self._search(other_tree, other_tree.node, stop)).total:
                words = tuple(corrected.values())
                yield replace(strict, query=other, tree=other_tree, results=found, corrected=words)
        if len(parted.words) > 1 and (found := self._search(parted, parted.partial, stop)).total:
            yield Outcome(split, parted, parted, found, relaxed=True)

    def _compile(self, query: Query) -> CompiledQuery:
        return self._opened.compile(query, self._clock.is_over)

    def _search(self, tree: CompiledQuery, node: Node, stop: Stop) -> SearchResults:
        request = self._request
        search = Search(
            query=node,
            scoring=tree.scoring,
            filters=self._filters,
            sort="relevance" if request.sort == "recent" else request.sort,
            prefers_recent=request.sort == "recent",
            offset=self._offset,
            limit=request.limit,
            facets=shown_facets(),
            facet_limit=MAX_FACET_VALUES,
            collapse=True,
            stop=stop,
        )
        return search_reranked(self._opened.snapshot, self._opened.analyzer, search, tree.morphemes)

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
            for other in (*corrections(self._opened.phrases, typed), *spaced):
                if self._clock.is_over():
                    return {}
                if self._is_found(other):
                    found[word.normal] = other
                    break
        return found

    def _is_found(self, text: str) -> bool:
        """Whether any release matches, whatever the filters."""
        return self._opened.count(self._compile(parse_query(text)).node, self._clock.is_over) > 0

    def find_partial(self, outcome: Outcome) -> tuple[ScoredDoc, ...]:
        """Where few releases have all words, the best of those with some."""
        tree, results = outcome.tree, outcome.results
        if (
            not 0 < outcome.strict_total < _FEW_HITS
            or len(tree.words) < 2
            or self._offset
            or self._request.exact
            or self._clock.is_over()
        ):
            return ()
        shown = {release_id for doc in results.docs for release_id in (doc.id, *doc.collapsed_ids)}
        snapshot, limit, stop = self._opened.snapshot, 2 * _FEW_HITS, self._clock.is_over
        if self._filters != Filters() or tree.conditions or results.has_more:
            # The best of any word may all be outside of what was asked for, or on the next page.
            node = And((tree.partial, Not(tree.node)))
            search = Search(query=node, scoring=tree.scoring, filters=self._filters, limit=limit, stop=stop)
            docs = snapshot.search(search).docs
        else:
            docs = snapshot.top(TopK(scoring=tree.scoring, limit=limit, stop=stop)).docs
        return tuple(doc for doc in docs if doc.id not in shown)[:_FEW_HITS]

    def find_alternatives(self, outcome: Outcome) -> tuple[Alternative, ...]:
        """Where nothing has all that was asked for: what would find something."""
        if outcome.strict_total or self._request.cursor or self._clock.is_over():
            return ()
        return tuple(self._alternatives(outcome))

    def _alternatives(self, outcome: Outcome) -> Iterator[Alternative]:
        request, tree = replace(self._request, cursor=None), outcome.typed
        # With its spaces a long query may be too long to be asked.
        if outcome.corrected and len(effective := outcome.query.effective) <= MAX_QUERY_CHARS:
            yield Alternative("spelling", replace(request, q=effective), outcome.results.total)
        if self._filters.values and (total := self._count(tree.node, replace(self._filters, values={}))):
            asked = replace(request, filters={})
            yield Alternative("without_filters", asked, total)
        if request.published_from or request.published_to:
            asked = replace(request, published_from=None, published_to=None)
            if total := self._count(tree.node, Filters(values=self._filters.values)):
                yield Alternative("without_dates", asked, total)
        for word in tree.words[:_OFFERED_WORDS] if len(tree.words) > 1 else ():
            if total := self._count(And((word.node, *tree.conditions)), self._filters):
                yield Alternative("word", replace(request, q=word.text), total)

    def _count(self, node: Node, filters: Filters) -> int:
        """How many releases there are; 0 where there is no time to count them."""
        search = Search(query=node, filters=filters, sort="newest", limit=1, stop=self._clock.is_over)
        results = self._opened.snapshot.search(search)
        return 0 if results.timed_out else results.total
