"""One generation, opened for search: the way of a request through its segments, laid end to end.

1. `matcher` says which releases the query matches; `facet_counts` narrows that down and counts.
2. `scorer` adds up what the scoring terms are worth to each of them.
3. `collapse` and `hits` put the page in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np

from indexer.engine import (
    DocRef,
    IndexedVersion,
    MatchPositions,
    Node,
    ScoredDoc,
    ScoringTerm,
    Search,
    SearchResults,
    SnapshotInfo,
    Span,
    Statistics,
    Stop,
    TermContribution,
    TopDocs,
    TopK,
    never,
)
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.format.stats import LEAD_SHIFT, freqs_in_zone
from indexer.engines.whoosh.query.collapse import BodyGroups
from indexer.engines.whoosh.query.deadline import Deadline
from indexer.engines.whoosh.query.embargoes import Embargoes
from indexer.engines.whoosh.query.facet_counts import count_values, match_docs
from indexer.engines.whoosh.query.hits import HitList
from indexer.engines.whoosh.query.matcher import Matcher
from indexer.engines.whoosh.query.multi_segment import MultiSegmentReader
from indexer.engines.whoosh.query.offsets import LoadedRelease, find_spans
from indexer.engines.whoosh.query.scorer import Scorer, WeightedQuery
from indexer.engines.whoosh.query.suggestions import SegmentPhrases
from indexer.engines.whoosh.query.term_postings import POSITION_BITS
from indexer.engines.whoosh.query.top_k import find_top
from indexer.engines.whoosh.store.generations import Generations
from indexer.engines.whoosh.store.manifest import Manifest
from indexer.errors import refusing_damage
from indexer.release import PressRelease
from indexer.text.normalize import squeeze
from indexer.weights import WEIGHTS

# Those of some pages: a page loads its releases twice, for their spans and for their texts.
_CACHED_RELEASES = 256
_NO_DOCS = np.zeros(0, np.uint16)


class ArraySnapshot:
    """See `indexer.engine.Snapshot`, and for what it can do besides `indexer.engine.capabilities`.

    What it answers from never changes. Threads may share it: its one cache, of loaded releases, is safe.
    """

    def __init__(
        self,
        generations: Generations,
        path: Path,
        manifest: Manifest,
        segments: Sequence[Segment],
        clock: Callable[[], float],
        *,
        embargoed: bool,
    ) -> None:
        self._generations = generations
        self._path = path
        self._manifest = manifest
        self._segments = segments
        self._clock = clock
        self._embargoed = embargoed
        self._is_closed = False
        self._embargoes = Embargoes(segments, manifest, clock())
        hidden = [_NO_DOCS] * len(segments) if embargoed else self._embargoes.ahead
        deleted = [entry.deleted for entry in manifest.segments]
        self._reader = reader = MultiSegmentReader(segments, deleted, hidden)
        self._matcher = Matcher(reader)
        self._scorer = Scorer(reader, WEIGHTS, manifest.updated_at.timestamp())
        self._body_groups = BodyGroups(reader)
        live = np.ones(len(reader), bool) if reader.live_docs is None else reader.live_docs
        phrases = [
            segment.phrases.among(live[start:stop])
            for segment, (start, stop) in zip(segments, pairwise(reader.doc_bases), strict=True)
        ]
        # What is hidden now may have been counted only where the clock went back.
        is_exact = not any(deleted) and all(
            own.exact and bool(np.isin(docs, own.waiting_documents).all())
            for own, docs in zip(phrases, hidden, strict=True)
        )
        self._phrases = SegmentPhrases(phrases, self._matcher, is_exact=is_exact)
        self.complete = self._phrases.complete
        self.complete_initials = self._phrases.complete_initials
        self.phrases_with_keys = self._phrases.phrases_with_keys
        self._load = lru_cache(_CACHED_RELEASES)(self._reader.release)

    @property
    def info(self) -> SnapshotInfo:
        """What this snapshot answers from."""
        return SnapshotInfo(
            self._manifest.name,
            self._manifest.updated_at,
            self._manifest.documents - (0 if self._embargoed else len(self._embargoes.waiting)),
            self._manifest.size_bytes,
        )

    @property
    def curated_files(self) -> Mapping[str, str]:
        """The texts that the generation was made with."""
        return self._manifest.curated_files

    @property
    def source_digests(self) -> Mapping[str, str]:
        """What the last commit was given."""
        self._check_open()
        return self._generations.source_digests(self._path)

    def at_present(self) -> ArraySnapshot:
        """The snapshot itself, or another of the generation where an embargo has passed."""
        if self._embargoed or self._embargoes.are_same_at(self._clock()):
            return self
        return ArraySnapshot(
            self._generations, self._path, self._manifest, self._segments, self._clock, embargoed=False
        )

    def search(self, request: Search) -> SearchResults:
        """A page of what matches."""
        self._check_open()
        deadline = Deadline(request.stop)
        matched = match_docs(self._reader, self._matcher, request, deadline)
        scores = np.zeros(len(matched.docs), np.float32)
        if request.sort == "relevance":
            query = self._scorer.weigh(request.scoring)
            scores = self._scorer.score(query, matched.docs, deadline, recent=request.prefers_recent)
        facets = {
            name: count_values(self._reader, name, matched, request.limit_of(name)) for name in request.facets
        }
        hits = HitList(self._reader, matched.docs, scores)
        listed, others = np.arange(len(hits.docs)), _none
        if request.collapse:
            collapsed = self._body_groups.collapse(hits, request.sort)
            listed, others = np.flatnonzero(collapsed.is_listed), collapsed.others
        if request.after:
            listed = hits.behind(request.after, listed, request.sort)
        page = hits.window(listed, request.sort, request.offset, request.limit)
        return SearchResults(
            docs=_scored_docs(hits, page, others),
            total=len(hits.docs),
            facets=facets,
            has_more=request.offset + request.limit < len(listed),
            timed_out=deadline.passed,
        )

    def top(self, request: TopK) -> TopDocs:
        """The best by any word."""
        self._check_open()
        deadline = Deadline(request.stop)
        query = self._scorer.weigh(request.scoring)
        hits = HitList(self._reader, *find_top(self._scorer, query, request.limit, deadline))
        page = hits.window(np.arange(len(hits.docs)), "relevance", 0, request.limit)
        return TopDocs(_scored_docs(hits, page, _none), deadline.passed)

    def count(self, nodes: Sequence[Node], stop: Stop = never) -> list[int | None]:
        """How many releases match each node."""
        self._check_open()
        deadline = Deadline(stop)
        counts: list[int | None] = []
        for node in nodes:
            count = 0 if deadline() else int(np.count_nonzero(self._matcher.match(node, deadline)))
            counts.append(None if deadline.passed else count)
        return counts

    def fetch(self, refs: Sequence[DocRef]) -> list[PressRelease]:
        """Releases, by their doc ids."""
        self._check_open()
        with refusing_damage():
            return [self._load(doc_id)[0] for doc_id in _doc_ids(refs)]

    def facet_values(self, facet: str, *, containing: str = "", limit: int) -> list[str]:
        """The values of a facet that hold a text."""
        self._check_open()
        value_of, values = self._reader.facet(facet)
        if self._reader.live_docs is not None:
            value_of = value_of[self._reader.live_docs]
        codes = np.bincount(value_of, minlength=len(values)).nonzero()[0]
        wanted = squeeze(containing)
        squeezed = [(squeeze(values[code]), values[code]) for code in codes.tolist() if values[code]]
        holding = sorted((key != wanted, value) for key, value in squeezed if wanted in key)
        return [value for _, value in holding[:limit]]

    def versions(self) -> Iterator[IndexedVersion]:
        """Every indexed release."""
        self._check_open()
        live = self._reader.live_docs
        with refusing_damage():
            for segment, base in zip(self._segments, self._reader.doc_bases, strict=False):
                hashes, ids = segment.documents.content_hashes(), segment.documents.ids()
                paths, codes = segment.documents.source_paths()
                docs = (
                    range(len(segment)) if live is None else np.flatnonzero(live[base : base + len(segment)])
                )
                for doc in map(int, docs):
                    yield IndexedVersion(ids[doc], hashes[doc], paths[codes[doc]], base + doc)

    def close(self) -> None:
        """The files are mapped: they are let go with the last array that looks at them."""
        self._is_closed = True

    def positions(self, refs: Sequence[DocRef], terms: Sequence[str]) -> MatchPositions:
        """Where morphemes stand in releases."""
        self._check_open()
        reader, asked = self._reader, np.array(_doc_ids(refs), np.int64)
        # Releases are looked up in the order of their doc ids.
        order = asked.argsort(kind="stable")
        docs = asked[order]
        postings = [reader.morpheme(text) for text in terms]
        indexes = reader.morphemes.posting_indexes_at(postings, docs)
        in_lead = np.zeros((len(asked), len(terms)), bool)
        in_lead[order] = (freqs_in_zone(reader.morphemes.stats(indexes, docs), LEAD_SHIFT) > 0).T
        keys, term_indexes, _ = reader.morphemes.occurrences(postings, docs, indexes)
        doc_indexes = order[docs.searchsorted(keys >> POSITION_BITS)]
        positions = keys & ((1 << POSITION_BITS) - 1)
        by_position = np.lexsort((positions, doc_indexes))
        return MatchPositions(
            self._scorer.doc_count,
            np.array([term.doc_freq for term in postings], np.int64),
            doc_indexes[by_position],
            term_indexes[by_position],
            positions[by_position],
            reader.field_starts[asked, 1].astype(np.int64),
            in_lead,
        )

    def offsets(self, refs: Sequence[DocRef], nodes: Sequence[Node], stop: Stop = never) -> list[list[Span]]:
        """Where each node matches in each release."""
        self._check_open()
        page = [LoadedRelease(doc_id, *self._load(doc_id)) for doc_id in _doc_ids(refs)]
        return find_spans(self._reader, page, nodes, Deadline(stop)) if page else []

    def explain(self, ref: DocRef, scoring: Sequence[ScoringTerm]) -> tuple[list[TermContribution], float]:
        """What each scoring term adds to the score of a release, and the bonus of its title."""
        self._check_open()
        (doc_id,) = _doc_ids([ref])
        query = self._scorer.weigh(scoring)
        terms = []
        for term in scoring:
            weighted = self._scorer.weigh_term(term)
            alone = WeightedQuery((weighted,) if weighted else (), (), 0.0)
            score = float(self._scorer.score(alone, np.array([doc_id]))[0])
            terms.append(TermContribution(score, weighted.postings.doc_freq if weighted else 0))
        covering = self._scorer.docs_with_title_coverage(query, Deadline())
        return terms, self._scorer.title_bonus(query) if doc_id in covering else 0.0

    @refusing_damage()
    def statistics(self) -> Statistics:
        """What the index holds, counted."""
        parts: dict[str, int] = {}
        for segment in self._segments:
            for name, size in segment.sizes():
                parts[name] = parts.get(name, 0) + size
        morphemes = {term for segment in self._segments for term in segment.morpheme_terms.all()}
        bigrams = [segment.bigram_terms.keys for segment in self._segments]
        return Statistics(
            segments=len(self._segments),
            terms={
                "morphemes": len(morphemes),
                "bigrams": len(np.unique(np.concatenate([np.zeros(0, np.int64), *bigrams]))),
            },
            postings={
                "morphemes": sum(len(segment.morphemes.docs) for segment in self._segments),
                "bigrams": sum(len(segment.bigrams.docs) for segment in self._segments),
            },
            bytes_by_part=parts,
            embargoed=len(self._embargoes.waiting),
            next_embargo=self._embargoes.next,
        )

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError("the snapshot is closed")


def _doc_ids(refs: Sequence[DocRef]) -> list[int]:
    """Doc ids by what this snapshot named them."""
    return list(cast(Sequence[int], refs))


def _none(hit: int) -> tuple[str, ...]:  # noqa: ARG001 - the shape of CollapsedHits.others
    return ()


def _scored_docs(
    hits: HitList, page: Sequence[int], others: Callable[[int], tuple[str, ...]]
) -> tuple[ScoredDoc, ...]:
    """Some hits as they are answered with."""
    columns = (hits.scores[page].tolist(), hits.published[page].tolist())
    return tuple(map(ScoredDoc, map(hits.id, page), *columns, map(others, page), hits.docs[page].tolist()))
