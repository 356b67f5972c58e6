"""Queries as the engine answers them, without the page around."""

from __future__ import annotations

from indexer.analysis import Analyzer
from indexer.curation.synonyms import Synonyms
from indexer.engine import Filters, Search, SearchResults, Snapshot, TopDocs, TopK
from indexer.search.compile import compile_query
from indexer.search.index_terms import IndexTerms
from indexer.search.parser import parse_query
from indexer.search.term_weights import scoring_terms

_LIMIT = 10
_NO_FILTERS = Filters()


class EngineQueries:
    """Of one snapshot. Nothing is remembered from one query to the next."""

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer) -> None:
        self._snapshot, self._analyzer = snapshot, analyzer

    def keyword(self, query: str) -> SearchResults:
        """All words: ten releases, the exact total, and the counts of outlets and years."""
        return self.search(query)

    def search(
        self,
        query: str,
        *,
        filters: Filters = _NO_FILTERS,
        facets: tuple[str, ...] = ("outlet", "year"),
        offset: int = 0,
        collapse: bool = False,
    ) -> SearchResults:
        """All words, and what else is asked for."""
        terms = IndexTerms(self._snapshot, self._snapshot.count)
        tree = compile_query(parse_query(query), self._analyzer, Synonyms(), terms)
        return self._snapshot.search(
            Search(
                query=tree.node,
                scoring=tree.scoring,
                filters=filters,
                facets=facets,
                offset=offset,
                limit=_LIMIT,
                collapse=collapse,
            )
        )

    def any_word(self, query: str) -> TopDocs:
        """Any word: ten releases, without a total."""
        analysed = self._analyzer.analyze([query])
        terms = scoring_terms([(analysed.morphemes.spans(0), analysed.bigrams.pairs(0))])
        return self._snapshot.top(TopK(scoring=terms, limit=_LIMIT))
