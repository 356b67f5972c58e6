"""One generation, opened for search: the way of a plan through its segments, laid end to end.

1. `matching.Matcher` says which releases the plan's tree matches; filters narrow that down.
2. `scoring.Scorer` adds up what the scoring terms are worth to each of them.
3. The best are put in order; facets count the whole result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.engine import (
    DateRange,
    IndexedVersion,
    MatchPositions,
    Node,
    Plan,
    ScoredDoc,
    ScoringTerm,
    SnapshotInfo,
    Span,
    Statistics,
    Stop,
    TopDocs,
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
from indexer.engines.whoosh.query.scorer import FoundQuery, Scorer, Scores
from indexer.engines.whoosh.store.generations import Generations, Manifest
from indexer.errors import refusing_damage
from indexer.release import SEOUL, PressRelease
from indexer.schema import FACETS
from indexer.text.normalize import normalize
from indexer.weights import WEIGHTS

_Docs = NDArray[np.int64]
_CACHED_RELEASES = 256
_KNOWN_PLACES = 20_000
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


class ArrayReader:
    """See `indexer.engine.Reader`. Nothing in it changes, so threads may share it."""

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
        # Where the releases of the last pages are: they are asked for next.
        self._known: dict[str, int] = {}
        self._load = lru_cache(_CACHED_RELEASES)(self._collection.release)

    @property
    def generation(self) -> SnapshotInfo:
        """What this reader answers from."""
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
        return self._generations.source_digests(self._path)

    def at_present(self) -> ArrayReader:
        """The reader itself, or another of the generation where an embargo has passed."""
        if self._embargoed or self._embargoes.are_same_at(self._clock()):
            return self
        return ArrayReader(
            self._generations, self._path, self._manifest, self._segments, self._clock, embargoed=False
        )

    def search(self, plan: Plan) -> TopDocs:
        """Answer a plan."""
        deadline = Deadline(plan.stop)
        query = self._scorer.find_all(plan.scoring)
        facets: dict[str, dict[str, int]] = {}
        if plan.query is None and not plan.exact_total and not plan.recent:
            docs, scores = self._scorer.best(query, plan.offset + plan.limit, deadline)
            total: int | None = None
        else:
            matched = self._match(plan, query, deadline)
            docs, scores = matched.docs, self._score(matched.docs, plan, query, deadline)
            total = len(docs)
            facets = {name: self._count(name, matched, plan.facet_limit) for name in plan.facets}
        page, listed = self._page(Rows(self._collection, docs, scores), plan)
        return TopDocs(total=total, page=page, facets=facets, listed=listed, timed_out=deadline.passed)

    @refusing_damage()
    def release(self, release_id: str) -> PressRelease | None:
        """The release of this id."""
        place = self._find(release_id)
        return self._load(place)[0] if place >= 0 else None

    def spans(
        self, release_ids: Sequence[str], nodes: Sequence[Node], stop: Stop = never
    ) -> list[list[Span]]:
        """Where each node matches in each release."""
        places = {release_id: place for release_id in release_ids if (place := self._find(release_id)) >= 0}
        page = [Located(place, *self._load(place)) for place in places.values()]
        spans = find_spans(self._matcher, page, nodes, Deadline(stop)) if page else []
        found = dict(zip(places, spans, strict=True))
        return [found.get(release_id, []) for release_id in release_ids]

    @refusing_damage()
    def stored(self) -> dict[str, IndexedVersion]:
        """Every indexed release by id."""
        stored = {}
        alive = self._collection.alive
        for segment, base in zip(self._segments, self._collection.bases, strict=False):
            hashes, ids = segment.documents.content_hashes(), segment.documents.ids()
            paths, codes = segment.documents.source_paths()
            numbers = range(len(segment)) if alive is None else alive[base : base + len(segment)].nonzero()[0]
            for document in numbers:
                stored[ids[document]] = IndexedVersion(hashes[document], paths[codes[document]])
        return stored

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

    def _match(self, plan: Plan, query: FoundQuery, deadline: Deadline) -> _Matched:
        matcher = self._matcher
        if plan.query is None:
            mask = np.zeros(len(self._collection), bool)
            for term in query.terms:
                stream = self._collection.bigrams if term.stream else self._collection.morphemes
                stream.mark(mask, term.postings)
            mask = matcher.keep_alive(mask)
        else:
            mask = matcher.match(plan.query, deadline)
        having = self._collection.having
        chosen = {name: having(name, values) for name, values in plan.filters.values.items()}
        if plan.filters.published != DateRange():
            chosen["published"] = matcher.published(plan.filters.published)
        without = {
            name: np.flatnonzero(_all_of(mask, [other for key, other in chosen.items() if key != filtered]))
            for name in plan.facets
            if (filtered := "published" if FACETS[name].filters_days else name) in chosen
        }
        return _Matched(np.flatnonzero(_all_of(mask, list(chosen.values()))), without)

    def _score(self, docs: _Docs, plan: Plan, query: FoundQuery, deadline: Deadline) -> Scores:
        if plan.sort == "relevance":
            return self._scorer.score(query, docs, deadline, recent=plan.recent)
        return np.zeros(len(docs), np.float32)

    def _page(self, rows: Rows, plan: Plan) -> tuple[tuple[ScoredDoc, ...], int]:
        """The page, and how many releases there are to list."""
        listed, others = self._group(rows, plan)
        order = rows.window(np.flatnonzero(listed), plan.sort, plan.offset, plan.limit)
        ids = [rows.id(row) for row in order]
        if len(self._known) > _KNOWN_PLACES:
            self._known.clear()
        self._known.update(zip(ids, rows.docs[order].tolist(), strict=True))
        page = map(
            ScoredDoc, ids, rows.scores[order].tolist(), rows.published[order].tolist(), map(others, order)
        )
        return tuple(page), int(listed.sum())

    def _group(self, rows: Rows, plan: Plan) -> tuple[Mask, Callable[[int], tuple[str, ...]]]:
        """Which rows are listed, and a way to ask for the ids of those that stand behind one."""
        listed = np.ones(len(rows.docs), bool)
        if not plan.grouped:
            return listed, lambda _: ()
        together = np.flatnonzero(self._grouped[rows.docs])
        together = together[rows.order(together, plan.sort)]
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

    def values(self, facet: str) -> list[str]:
        """Every value of a facet."""
        codes, values = self._collection.facet(facet)
        if self._collection.alive is not None:
            codes = codes[self._collection.alive]
        used = np.bincount(codes, minlength=len(values)).nonzero()[0]
        return [values[code] for code in used.tolist() if values[code]]

    def _count(self, name: str, matched: _Matched, limit: int | None) -> dict[str, int]:
        own, values = self._collection.facet(name)
        counts = np.bincount(own[matched.without.get(name, matched.docs)], minlength=len(values))
        if values[:1] == [""]:
            counts[0] = 0
        codes = counts.nonzero()[0]
        # The higher count first, then the lower code, which is the order of values.
        ranks = codes - counts[codes] * len(counts)
        if limit is not None and limit < len(ranks):
            near = ranks.argpartition(limit)[:limit]
            codes, ranks = codes[near], ranks[near]
        codes = codes[ranks.argsort()]
        return {
            values[code]: count for code, count in zip(codes.tolist(), counts[codes].tolist(), strict=True)
        }

    def evidence(self, release_ids: Sequence[str], terms: Sequence[str]) -> MatchPositions:
        """Where morphemes stand in releases."""
        collection = self._collection
        own = np.array([self._place(release_id) for release_id in release_ids], np.int64)
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
            np.array([term.frequency for term in found], np.int64),
            releases[by_place],
            numbers[by_place],
            positions[by_place],
            collection.field_starts[own, 1].astype(np.int64),
            in_lead,
        )

    def contributions(
        self, release_id: str, scoring: Sequence[ScoringTerm]
    ) -> tuple[list[tuple[float, int]], float]:
        """What each scoring term adds to the score of a release, and the bonus of its title."""
        document = self._place(release_id)
        query = self._scorer.find_all(scoring)
        terms = []
        for term in scoring:
            found = self._scorer.find(term)
            alone = FoundQuery((found,) if found else (), (), 0.0)
            score = float(self._scorer.score(alone, np.array([document]))[0])
            terms.append((score, found.postings.frequency if found else 0))
        bonus = self._scorer.title_bonus(query) if document in self._scorer.titled(query, Deadline()) else 0.0
        return terms, bonus

    def matches(self, release_id: str, node: Node) -> bool:
        """Whether a release is among those of a tree."""
        return bool(self._matcher.match(node)[self._place(release_id)])

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

    def _place(self, release_id: str) -> int:
        """The number of a release that is there. Raises LookupError."""
        place = self._find(release_id)
        if place < 0:
            raise LookupError(release_id)
        return place

    def _find(self, release_id: str) -> int:
        """The number of a release; -1 where there is none."""
        known = self._known.get(release_id)
        return self._collection.find(release_id) if known is None else known


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
