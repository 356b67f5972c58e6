"""One generation, opened for search: the way of a plan through its segments, laid end to end.

1. `matching.Matcher` says which releases the plan's tree matches; filters narrow that down.
2. `scoring.Scorer` adds up what the scoring terms are worth to each of them.
3. The best are put in order; facets count the whole result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from indexer.engine import (
    DateRange,
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
    exact_text,
    never,
)
from indexer.engines.whoosh.format.phrases import Phrases
from indexer.engines.whoosh.format.postings import LEAD_SHIFT, zone_of
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.query.hits import Rows
from indexer.engines.whoosh.query.matcher import Matcher
from indexer.engines.whoosh.query.multi_segment import POSITION_BITS, Collection, Deadline, Mask
from indexer.engines.whoosh.query.offsets import Located, find_spans
from indexer.engines.whoosh.query.scorer import FoundQuery, Scorer
from indexer.engines.whoosh.store.generations import Generations, Manifest
from indexer.errors import refusing_damage
from indexer.release import SEOUL, PressRelease
from indexer.schema import DATE_FACETS
from indexer.text.normalize import normalize, squeeze
from indexer.weights import WEIGHTS

_Docs = NDArray[np.int64]
_CACHED_RELEASES = 256
_NEVER = 2**62
_NO_TIMES = np.zeros(0, np.int64)
_NO_DOCS = np.zeros(0, np.uint16)
# Buckets enough for the releases of the largest index.
_GROUP_BITS = 20


@dataclass(slots=True)
class _Matched:
    """Releases; for each facet that is filtered, those without that filter."""

    docs: _Docs
    without: dict[str, _Docs]


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
        self._embargoes = _Embargoes(segments, manifest, clock())
        hidden = [_NO_DOCS] * len(segments) if embargoed else self._embargoes.ahead
        deleted = [entry.deleted for entry in manifest.segments]
        self._collection = collection = Collection(segments, deleted, hidden)
        self._matcher = Matcher(collection)
        self._scorer = Scorer(collection, WEIGHTS, self._embargoes.at)
        alive = np.ones(len(collection), bool) if collection.alive is None else collection.alive
        self._phrases = [
            segment.phrases.among(alive[start:stop])
            for segment, (start, stop) in zip(segments, pairwise(collection.bases), strict=True)
        ]
        # Whether each phrase is in a release for sure. What is hidden now may have been counted only where
        # the clock went back.
        self._certain = not any(deleted) and all(
            phrases.exact and bool(np.isin(own, phrases.waiting_documents).all())
            for phrases, own in zip(self._phrases, hidden, strict=True)
        )
        self._closed = False
        self._load = lru_cache(_CACHED_RELEASES)(self._collection.release)

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
        """The reader itself, or another of the generation where an embargo has passed."""
        if self._embargoed or self._embargoes.are_same_at(self._clock()):
            return self
        return ArraySnapshot(
            self._generations, self._path, self._manifest, self._segments, self._clock, embargoed=False
        )

    def search(self, request: Search) -> SearchResults:
        """A page of what matches."""
        self._check_open()
        deadline = Deadline(request.stop)
        matched = self._match(request, deadline)
        query = self._scorer.find_all(request.scoring)
        docs, scores = matched.docs, np.zeros(len(matched.docs), np.float32)
        if request.sort == "relevance":
            scores = self._scorer.score(query, docs, deadline, recent=request.prefers_recent)
        facets = {name: self._count(name, matched, request.facet_limit) for name in request.facets}
        rows = Rows(self._collection, docs, scores)
        listed, collapsed = self._collapse(rows, request)
        order = rows.window(np.flatnonzero(listed), request.sort, request.offset, request.limit)
        return SearchResults(
            docs=_scored(rows, order, collapsed),
            total=len(docs),
            facets=facets,
            has_more=request.offset + request.limit < int(listed.sum()),
            timed_out=deadline.passed,
        )

    def top(self, request: TopK) -> TopDocs:
        """The best by any word."""
        self._check_open()
        deadline = Deadline(request.stop)
        query = self._scorer.find_all(request.scoring)
        rows = Rows(self._collection, *self._scorer.best(query, request.limit, deadline))
        order = rows.window(np.arange(len(rows.docs)), "relevance", 0, request.limit)
        return TopDocs(_scored(rows, order, lambda _: ()), deadline.passed)

    def fetch(self, refs: Sequence[DocRef]) -> list[PressRelease]:
        """Releases, by their numbers in the collection."""
        self._check_open()
        with refusing_damage():
            return [self._load(doc)[0] for doc in _docs(refs)]

    def offsets(self, refs: Sequence[DocRef], nodes: Sequence[Node], stop: Stop = never) -> list[list[Span]]:
        """Where each node matches in each release."""
        page = [Located(doc, *self._load(doc)) for doc in _docs(refs)]
        return find_spans(self._matcher, page, nodes, Deadline(stop)) if page else []

    def versions(self) -> Iterator[IndexedVersion]:
        """Every indexed release."""
        self._check_open()
        alive = self._collection.alive
        with refusing_damage():
            for segment, base in zip(self._segments, self._collection.bases, strict=False):
                hashes, ids = segment.documents.content_hashes(), segment.documents.ids()
                paths, codes = segment.documents.source_paths()
                for own in range(len(segment)) if alive is None else _alive_in(alive, base, len(segment)):
                    yield IndexedVersion(ids[own], hashes[own], paths[codes[own]], base + own)

    @refusing_damage()
    def statistics(self) -> Statistics:
        """What the index holds, counted."""
        parts: dict[str, int] = {}
        for segment in self._segments:
            for name, size in segment.sizes():
                parts[name] = parts.get(name, 0) + size
        morphemes = {term for segment in self._segments for term in segment.morpheme_terms.all()}
        bigrams = np.unique(
            np.concatenate([np.zeros(0, np.int64), *(s.bigram_terms.keys for s in self._segments)])
        )
        return Statistics(
            segments=len(self._segments),
            terms={"morphemes": len(morphemes), "bigrams": len(bigrams)},
            postings={
                "morphemes": sum(len(segment.morphemes.docs) for segment in self._segments),
                "bigrams": sum(len(segment.bigrams.docs) for segment in self._segments),
            },
            bytes_by_part=parts,
            embargoed=len(self._embargoes.waiting),
            next_embargo=self._embargoes.next,
        )

    def close(self) -> None:
        """The files are mapped: they are let go with the last array that looks at them."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("the snapshot is closed")

    def _match(self, request: Search, deadline: Deadline) -> _Matched:
        mask = self._matcher.match(request.query, deadline)
        having = self._collection.having
        chosen = {name: having(name, values) for name, values in request.filters.values.items()}
        if request.filters.published != DateRange():
            chosen["published"] = self._matcher.published(request.filters.published)
        without = {
            name: np.flatnonzero(_all_of(mask, [other for key, other in chosen.items() if key != filtered]))
            for name in request.facets
            if (filtered := "published" if name in DATE_FACETS else name) in chosen
        }
        return _Matched(np.flatnonzero(_all_of(mask, list(chosen.values()))), without)

    def _collapse(self, rows: Rows, request: Search) -> tuple[Mask, Callable[[int], tuple[str, ...]]]:
        """Which rows are listed, and a way to ask for the ids of those that stand behind one."""
        listed = np.ones(len(rows.docs), bool)
        if not request.collapse:
            return listed, lambda _: ()
        together = np.flatnonzero(self._grouped[rows.docs])
        together = together[rows.order(together, request.sort)]
        groups = self._collection.body_groups[rows.docs[together]]
        # The first of each group is the best.
        _, firsts, counts = np.unique(groups, return_index=True, return_counts=True)
        listed[together] = False
        listed[together[firsts]] = True
        several = dict(zip(together[firsts[counts > 1]].tolist(), groups[firsts[counts > 1]], strict=True))

        def others(row: int) -> tuple[str, ...]:
            if row not in several:
                return ()
            return tuple(rows.id(int(other)) for other in together[groups == several[row]] if other != row)

        return listed, others

    @cached_property
    def _grouped(self) -> Mask:
        """Which releases are in a group with others."""
        groups = self._collection.body_groups
        # Most groups have one release, which their first bits show; only the others are sorted.
        buckets = (groups >> np.uint64(64 - _GROUP_BITS)).astype(np.int64)
        shared: Mask = (np.bincount(buckets, minlength=1 << _GROUP_BITS)[buckets] > 1) & (groups > 0)
        rows = shared.nonzero()[0]
        _, numbers, counts = np.unique(groups[rows], return_inverse=True, return_counts=True)
        shared[rows] = counts[numbers] > 1
        return shared

    def facet_values(self, facet: str, *, containing: str = "", limit: int) -> list[str]:
        """The values of a facet that hold a text."""
        self._check_open()
        codes, values = self._collection.facet(facet)
        if self._collection.alive is not None:
            codes = codes[self._collection.alive]
        used = np.bincount(codes, minlength=len(values)).nonzero()[0]
        wanted = squeeze(containing)
        squeezed = [(squeeze(value), value) for value in map(values.__getitem__, used.tolist()) if value]
        holding = [(key != wanted, value) for key, value in squeezed if wanted in key]
        return [value for _, value in sorted(holding)[:limit]]

    def _count(self, name: str, matched: _Matched, limit: int) -> dict[str, int]:
        own, values = self._collection.facet(name)
        counts = np.bincount(own[matched.without.get(name, matched.docs)], minlength=len(values))
        if values[:1] == [""]:
            counts[0] = 0
        codes = counts.nonzero()[0]
        # The higher count first, then the lower code, which is the order of values.
        ranks = codes - counts[codes] * len(counts)
        if limit < len(ranks):
            near = ranks.argpartition(limit)[:limit]
            codes, ranks = codes[near], ranks[near]
        codes = codes[ranks.argsort()]
        return {
            values[code]: count for code, count in zip(codes.tolist(), counts[codes].tolist(), strict=True)
        }

    def positions(self, refs: Sequence[DocRef], terms: Sequence[str]) -> MatchPositions:
        """Where morphemes stand in releases."""
        collection = self._collection
        own = np.array(_docs(refs), np.int64)
        # Releases are looked up in the order of their numbers.
        order = own.argsort(kind="stable")
        docs = own[order]
        found = [collection.morpheme(text) for text in terms]
        rows = collection.morphemes.rows_at(found, docs)
        in_lead = np.zeros((len(own), len(terms)), bool)
        in_lead[order] = (zone_of(collection.morphemes.stats(rows, docs), LEAD_SHIFT) > 0).T
        keys, numbers, _ = collection.morphemes.occurrences(found, docs, rows)
        releases = order[docs.searchsorted(keys >> POSITION_BITS)]
        positions = keys & ((1 << POSITION_BITS) - 1)
        by_place = np.lexsort((positions, releases))
        return MatchPositions(
            self._scorer.documents,
            np.array([term.frequency for term in found], np.int64),
            releases[by_place],
            numbers[by_place],
            positions[by_place],
            collection.field_starts[own, 1].astype(np.int64),
            in_lead,
        )

    def explain(self, ref: DocRef, scoring: Sequence[ScoringTerm]) -> tuple[list[TermContribution], float]:
        """What each scoring term adds to the score of a release, and the bonus of its title."""
        (document,) = _docs([ref])
        query = self._scorer.find_all(scoring)
        terms = []
        for term in scoring:
            found = self._scorer.find(term)
            alone = FoundQuery((found,) if found else (), (), 0.0)
            score = float(self._scorer.score(alone, np.array([document]))[0])
            terms.append(TermContribution(score, found.postings.frequency if found else 0))
        bonus = self._scorer.title_bonus(query) if document in self._scorer.titled(query, Deadline()) else 0.0
        return terms, bonus

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """Phrases whose keys begin so."""
        return self._ask(lambda phrases, count: phrases.complete(keys, count), limit)

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """Phrases whose first consonants begin so."""
        return self._ask(lambda phrases, count: phrases.complete_initials(letters, count), limit)

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases that any of these keys type."""
        return self._ask(lambda phrases, _: phrases.with_keys(keys), len(keys))

    def _ask(self, ask: Callable[[Phrases, int], dict[str, int]], limit: int) -> dict[str, int]:
        """The most frequent of what the segments answer, each in a release for sure."""
        counts: Counter[str] = Counter()
        for phrases in self._phrases:
            # More than are wanted: what is rare here may be frequent in another segment.
            counts.update(ask(phrases, 4 * limit))
        found: dict[str, int] = {}
        for phrase, times in sorted(counts.items(), key=lambda item: (-item[1], len(item[0]), item[0])):
            if self._certain or self._is_held(phrase):
                found[phrase] = times
                if len(found) == limit:
                    break
        return found

    def _is_held(self, phrase: str) -> bool:
        """Whether a release that is alive has the letters and digits of a phrase next to each other."""
        run = exact_text(normalize(phrase).text)
        return bool(run.chars) and bool(self._matcher.match(run).any())


def _docs(refs: Sequence[DocRef]) -> list[int]:
    """Documents of the collection by what this snapshot named them."""
    return list(cast(Sequence[int], refs))


def _alive_in(alive: Mask, base: int, count: int) -> list[int]:
    return [int(own) for own in alive[base : base + count].nonzero()[0]]


def _scored(
    rows: Rows, order: Sequence[int], collapsed: Callable[[int], tuple[str, ...]]
) -> tuple[ScoredDoc, ...]:
    """Some rows as they are answered with."""
    columns = (rows.scores[order].tolist(), rows.published[order].tolist())
    return tuple(
        map(ScoredDoc, map(rows.id, order), *columns, map(collapsed, order), rows.docs[order].tolist())
    )


class _Embargoes:
    """The embargoes of a generation's releases, as they are `at` a moment in seconds since 1970.

    `ahead` has the releases of each segment whose embargo is yet to pass, deleted ones among them; `waiting`
    the embargoes of those that are not deleted, ascending.
    """

    def __init__(self, segments: Sequence[Segment], manifest: Manifest, at: float) -> None:
        self.at = at
        columns = [segment.documents.embargoes for segment in segments]
        self.ahead = [np.flatnonzero(column > at).astype(np.uint16) for column in columns]
        found = [
            column[np.setdiff1d(own, entry.deleted)]
            for column, own, entry in zip(columns, self.ahead, manifest.segments, strict=True)
        ]
        self.waiting = np.sort(np.concatenate([_NO_TIMES, *found]))
        every = np.concatenate([_NO_TIMES, *columns])
        # From the last one that has passed to the next nothing changes.
        self._since = int(every[every <= at].max(initial=0))
        self._before = int(every[every > at].min(initial=_NEVER))

    def are_same_at(self, moment: float) -> bool:
        """Whether the same releases are under embargo then."""
        return self._since <= moment < self._before

    @property
    def next(self) -> datetime | None:
        """When the next of those that wait appears."""
        return datetime.fromtimestamp(int(self.waiting[0]), SEOUL) if len(self.waiting) else None


def _all_of(mask: Mask, others: Sequence[Mask]) -> Mask:
    for other in others:
        mask = mask & other
    return mask
