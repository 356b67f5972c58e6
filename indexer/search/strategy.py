"""The steps of a search: releases that match the whole query; if there are none, those that match a
correction; if there are none either, those with some of the words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from indexer.engine import (
    And,
    FacetIn,
    Filters,
    Node,
    Not,
    ScoredDoc,
    Search,
    SearchResults,
    Stop,
    TopDocs,
    TopK,
    never,
)
from indexer.errors import AnalysisError, RequestError
from indexer.schema import shown_facets
from indexer.search.compiled_query import CompiledQuery
from indexer.search.interpretations import with_spaces
from indexer.search.parser import Query, Word, parse_query
from indexer.search.request import MAX_QUERY_CHARS, SearchRequest
from indexer.search.rerank import Page, Place, search_reranked
from indexer.search.response import Alternative, AlternativeKind, NamedIssuer, QueryReading, WordWithSynonyms
from indexer.search.snapshots import MAX_SHOWN_VALUES, OpenSnapshot
from indexer.search.suggest import corrections

# All numbers here are choices, not measured.
# With fewer hits than this, releases with some of the words follow: they are still on the first screen.
_FEW_HITS = 5
# How many words of a query are corrected. Each costs several searches, and a query with more unknown words
# is rarely made of words.
_MAX_CORRECTED_WORDS = 4
# If nothing matches, so many words are offered alone. Each costs a search and a line of the page.
_MAX_OFFERED_WORDS = 10
# A search for a query up to this length is never stopped: its cost is bounded, and the disk may be cold.
MAX_UNSTOPPED_WORDS, _MAX_UNSTOPPED_CHARS = 8, 200


class Clock:
    """The time of one search. `timed_out`: it was over before all was done."""

    def __init__(self, start: Callable[[], Stop]) -> None:
        self._start = start
        self._stop = start()
        self.timed_out = False

    def is_over(self) -> bool:
        """Whether there is no time for another step. If so, it is `timed_out` from then on."""
        self.timed_out = self.timed_out or self._stop()
        return self.timed_out

    def restart(self) -> Stop:
        """A Stop with as much time again."""
        return self._start()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step of a search found.

    - `query` and `compiled`: the query that was answered. `typed`: what was typed, compiled.
    - `results`: the page of its releases.
    - `corrected`: the words of `query` that were not typed. `relaxed`: the releases have only some words.
    - `strict_total`: how many releases match what was typed.
    """

    query: Query
    typed: CompiledQuery
    compiled: CompiledQuery
    results: Page
    corrected: tuple[str, ...] = ()
    relaxed: bool = False
    strict_total: int = 0

    def reading(self, raw: str) -> QueryReading:
        """How the query was read. `raw` is what was typed."""
        words = self.compiled.words
        return QueryReading(
            raw=raw,
            effective=self.query.effective,
            canonical=str(self.query),
            corrected_from=raw if self.corrected else None,
            relaxed=self.relaxed,
            notes=self.query.notes,
            synonyms=words_with_synonyms(self.compiled),
            words=tuple(word.text for word in words),
            issuers=named_issuers(self.compiled),
        )


class Strategy:
    """The steps of one search of one snapshot. The page begins at `place`."""

    def __init__(self, opened: OpenSnapshot, request: SearchRequest, place: Place, clock: Clock) -> None:
        self._opened, self._request, self._place, self._clock = opened, request, place, clock
        self._filters = opened.filters_of(request)

    def find(self) -> Outcome:
        """The outcome of the first step that finds a release; if none does, that of what was typed.

        Raises RequestError for a text that cannot be analysed.
        """
        strict = self._strict()
        if strict.results.total or self._request.exact or not strict.compiled.words or self._clock.is_over():
            return strict
        return next(self._relaxations(strict), strict)

    def _strict(self) -> Outcome:
        """Releases that match the whole query as typed."""
        query, compiled, stop = compile_typed(self._opened, self._request, self._clock.is_over)
        results = self._search(compiled, compiled.node, stop)
        return Outcome(query, compiled, compiled, results, strict_total=results.total)

    def _relaxations(self, strict: Outcome) -> Iterator[Outcome]:
        """The outcomes of other queries that match some release: split at marks, corrected, relaxed."""
        query, stop = strict.query, self._clock.is_over
        split = query.split_joined()
        compiled = strict.compiled if split == query else self._compile(split)
        if split != query and (results := self._search(compiled, compiled.node, stop)).total:
            words = tuple(word.text for word in compiled.words)
            yield replace(strict, query=split, compiled=compiled, results=results, corrected=words)
        if corrections_of := self._correct(query):
            corrected = query.with_words(corrections_of)
            corrected_compiled = self._compile(corrected)
            if (results := self._search(corrected_compiled, corrected_compiled.node, stop)).total:
                yield replace(
                    strict,
                    query=corrected,
                    compiled=corrected_compiled,
                    results=results,
                    corrected=tuple(corrections_of.values()),
                )
        if len(compiled.words) > 1 and (results := self._search(compiled, compiled.partial, stop)).total:
            yield Outcome(split, compiled, compiled, results, relaxed=True)

    def _compile(self, query: Query) -> CompiledQuery:
        return self._opened.compile(query, self._clock.is_over)

    def _search(self, compiled: CompiledQuery, node: Node, stop: Stop) -> Page:
        request = self._request
        search = Search(
            query=node,
            scoring=compiled.scoring,
            filters=self._filters,
            sort="relevance" if request.sort == "recent" else request.sort,
            prefers_recent=request.sort == "recent",
            limit=request.limit,
            facets=shown_facets(),
            facet_limit=MAX_SHOWN_VALUES,
            # The labels of an issuer are added up.
            whole_facets=("outlet",),
            collapse=True,
            stop=stop,
        )
        opened = self._opened
        page = search_reranked(opened.snapshot, opened.analyzer, search, self._place, compiled.morphemes)
        self._clock.timed_out = self._clock.timed_out or page.timed_out
        return page

    def _correct(self, query: Query) -> dict[str, str]:
        """Words that no release has, in normal form, each with what was probably meant: another word, or the
        same with the spaces that were left out.
        """
        corrected: dict[str, str] = {}
        words = [
            atom
            for clause in query.clauses
            for atom in clause.atoms
            if isinstance(atom, Word) and not clause.excluded and not atom.field
        ]
        words = words[:_MAX_CORRECTED_WORDS]
        for word, count in zip(words, self._counts([str(word) for word in words]), strict=True):
            if count:
                continue
            spaced = with_spaces(word.normal, self._opened.analyzer.tokens(word.normal))
            typed = word.text if word.text.casefold() == word.normal else word.normal
            for other in (*corrections(self._opened.phrases, typed), *spaced):
                if self._clock.is_over():
                    return {}
                if self._counts([other])[0]:
                    corrected[word.normal] = other
                    break
        return corrected

    def _counts(self, texts: Sequence[str]) -> list[int]:
        """How many releases each query matches, filters aside; 0 if the time is over."""
        nodes = [self._compile(parse_query(text)).node for text in texts]
        return self._opened.counts(nodes, self._clock.is_over)

    def find_partial(self, outcome: Outcome) -> tuple[ScoredDoc, ...]:
        """If only a few releases match the query, the best of the others that have some of its words."""
        compiled, results = outcome.compiled, outcome.results
        if (
            not 0 < outcome.strict_total < _FEW_HITS
            or len(compiled.words) < 2
            or self._place != Place()
            or self._request.exact
            or self._clock.is_over()
        ):
            return ()
        shown = {release_id for doc in results.docs for release_id in (doc.id, *doc.collapsed_ids)}
        snapshot, limit, stop = self._opened.snapshot, 2 * _FEW_HITS, self._clock.is_over
        found: SearchResults | TopDocs
        if self._filters != Filters() or compiled.conditions or results.next:
            # `top` ignores filters and conditions, and its best may all be on the next page.
            search = Search(
                query=And((compiled.partial, Not(compiled.node))),
                scoring=compiled.scoring,
                filters=self._filters,
                limit=limit,
                stop=stop,
            )
            found = snapshot.search(search)
        else:
            found = snapshot.top(TopK(scoring=compiled.scoring, limit=limit, stop=stop))
        self._clock.timed_out = self._clock.timed_out or found.timed_out
        return tuple(doc for doc in found.docs if doc.id not in shown)[:_FEW_HITS]

    def find_alternatives(self, outcome: Outcome) -> tuple[Alternative, ...]:
        """Other searches that would find a release, if none matches what was typed."""
        if outcome.strict_total or self._request.cursor or self._clock.is_over():
            return ()
        alternatives = []
        # A query with more spaces than were typed may be too long for a request.
        if outcome.corrected and len(effective := outcome.query.effective) <= MAX_QUERY_CHARS:
            spelled = replace(self._request, q=effective)
            alternatives.append(Alternative("spelling", spelled, outcome.results.total))
        offers = list(self._offers(outcome.typed))
        totals = self._opened.counts([node for _, _, node in offers], self._clock.is_over)
        for (kind, request, _), total in zip(offers, totals, strict=True):
            if total:
                alternatives.append(Alternative(kind, request, total))
        return tuple(alternatives)

    def _offers(self, compiled: CompiledQuery) -> Iterator[tuple[AlternativeKind, SearchRequest, Node]]:
        """Searches with a part of what was asked for, and the releases that each finds."""
        request, dates = self._request, self._filters.published
        facets = tuple(FacetIn(name, values) for name, values in self._filters.values.items())
        if facets:
            yield "without_filters", replace(request, filters={}), And((compiled.node, dates))
        if request.published_from or request.published_to:
            without_dates = replace(request, published_from=None, published_to=None)
            yield "without_dates", without_dates, And((compiled.node, *facets))
        for word in compiled.words[:_MAX_OFFERED_WORDS] if len(compiled.words) > 1 else ():
            node = And((word.node, *compiled.conditions, dates, *facets))
            yield "word", replace(request, q=word.text), node


def words_with_synonyms(compiled: CompiledQuery) -> tuple[WordWithSynonyms, ...]:
    """The words of a query that find synonyms besides."""
    return tuple(
        WordWithSynonyms(word.text, word.name, word.synonyms) for word in compiled.words if word.synonyms
    )


def named_issuers(compiled: CompiledQuery) -> tuple[NamedIssuer, ...]:
    """The words of a query that find more than themselves, as they name issuers; then those excluded."""
    return tuple(
        NamedIssuer(
            query=word.text,
            name=word.name,
            today=word.issuer.today,
            also=word.issuer.also,
            issued=bool(word.labels),
            excluded=is_excluded,
        )
        for words, is_excluded in ((compiled.words, False), (compiled.excluded, True))
        for word in words
        if word.issuer and (word.issuer.also or word.labels)
    )


def compile_typed(
    opened: OpenSnapshot, request: SearchRequest, stop: Stop
) -> tuple[Query, CompiledQuery, Stop]:
    """The query of a request as typed, and the Stop of its search: `never` for a short one.

    Raises RequestError for a text that cannot be analysed.
    """
    try:
        query = parse_query(request.q)
        word_count = sum(len(clause.atoms) for clause in query.clauses)
        if word_count <= MAX_UNSTOPPED_WORDS and len(request.q) <= _MAX_UNSTOPPED_CHARS:
            stop = never
        return query, opened.compile(query, stop), stop
    except AnalysisError as error:
        raise RequestError("q", error.message, error.hint) from error
