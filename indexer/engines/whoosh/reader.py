"""One generation, opened for search: the way of a plan through the segments.

1. `matching.Matcher` says which releases of a segment the plan's tree matches; filters narrow that down.
2. `scoring.SegmentScorer` adds up what the scoring terms are worth to each of them.
3. The best of all segments are put in order; facets count the whole result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import run_of
from indexer.analysis.normalize import normalize
from indexer.engine import (
    Evidence,
    Generation,
    Node,
    Plan,
    Published,
    Results,
    Run,
    ScoredId,
    ScoringTerm,
    Span,
    Statistics,
    Stored,
)
from indexer.engines.whoosh.documents import PackedSpans
from indexer.engines.whoosh.generations import Generations, Manifest, segment_file
from indexer.engines.whoosh.matching import Matcher
from indexer.engines.whoosh.phrases import Phrases
from indexer.engines.whoosh.postings import LEAD_SHIFT, zone_of
from indexer.engines.whoosh.rows import Found, Rows
from indexer.engines.whoosh.scoring import Collection, FoundQuery, SegmentScorer
from indexer.engines.whoosh.segment import OpenSegments
from indexer.engines.whoosh.spans import Located, find_spans
from indexer.release import PressRelease
from indexer.schema import DATE_FACETS, FACETS
from indexer.weights import WEIGHTS

_Docs = NDArray[np.int64]
_CACHED_RELEASES = 256
_KNOWN_PLACES = 20_000
# Buckets enough for the releases of the largest index.
_PRINT_BITS = 20


@dataclass(slots=True)
class _Matched:
    """Releases of one segment; for each facet that is filtered, those without that filter."""

    docs: _Docs
    without: dict[str, _Docs]


class _Facet:
    """A column of values: every value there is, and for each segment the number of each release's own."""

    def __init__(self, columns: Sequence[tuple[NDArray[np.uint32], list[str]]]) -> None:
        self.values = sorted({value for _, values in columns for value in values})
        numbers = {value: number for number, value in enumerate(self.values)}
        self.codes = [
            np.array([numbers[value] for value in values], np.int64)[codes] for codes, values in columns
        ]


class ArrayReader:
    """See `indexer.engine.Reader`. Nothing in it changes, so threads may share it."""

    def __init__(
        self, generations: Generations, path: Path, manifest: Manifest, segments: OpenSegments
    ) -> None:
        self._generations = generations
        self._path = path
        self._manifest = manifest
        self._name = path.name
        self._segments = [segments.open(path / segment_file(entry.name)) for entry in manifest.segments]
        self._alive = [_alive(len(segment), entry.deleted) for segment, entry in
                       zip(self._segments, manifest.segments, strict=True)]  # fmt: skip
        self._matchers = [
            Matcher(segment, alive) for segment, alive in zip(self._segments, self._alive, strict=True)
        ]
        self._collection = Collection(self._segments, WEIGHTS)
        self._scorers = [SegmentScorer(self._collection, number) for number in range(len(self._segments))]
        # Where the releases of the last pages are: they are asked for next.
        self._known: dict[str, tuple[int, int]] = {}
        self._facet = lru_cache(len(FACETS))(self._load_facet)
        self._load = lru_cache(_CACHED_RELEASES)(self._load_release)

    @property
    def generation(self) -> Generation:
        """What this reader answers from."""
        return Generation(
            self._name, self._manifest.updated_at, self._manifest.documents, self._manifest.size_bytes
        )

    @property
    def resources(self) -> Mapping[str, str]:
        """The texts that the generation was made with."""
        return self._manifest.resources

    @property
    def checkpoint(self) -> Mapping[str, str]:
        """What the last commit was given."""
        return self._generations.checkpoint(self._path)

    def search(self, plan: Plan) -> Results:
        """Answer a plan."""
        query = self._collection.find_all(plan.scoring)
        facets: dict[str, dict[str, int]] = {}
        if plan.query is None and not plan.exact_total and not plan.recent:
            found = self._best(query, plan.offset + plan.limit)
            total: int | None = None
        else:
            matched = [self._match(number, plan, query) for number in range(len(self._segments))]
            found = [self._score(number, one.docs, plan, query) for number, one in enumerate(matched)]
            total = sum(len(part.docs) for part in found)
            facets = {name: self._count(name, matched, plan.facet_limit) for name in plan.facets}
        page, listed = self._page(found, plan)
        return Results(total=total, page=page, facets=facets, listed=listed)

    def release(self, release_id: str) -> PressRelease | None:
        """The release of this id."""
        place = self._find(release_id)
        return self._load(*place)[0] if place else None

    def spans(self, release_ids: Sequence[str], nodes: Sequence[Node]) -> list[list[Span]]:
        """Where each node matches in each release."""
        places = {
            release_id: place for release_id in release_ids if (place := self._find(release_id)) is not None
        }
        page = [Located(self._matchers[place[0]], place[1], *self._load(*place)) for place in places.values()]
        found = dict(zip(places, find_spans(page, nodes), strict=True)) if page else {}
        return [found.get(release_id, []) for release_id in release_ids]

    def stored(self) -> dict[str, Stored]:
        """Every indexed release by id."""
        stored = {}
        for segment, alive in zip(self._segments, self._alive, strict=True):
            hashes, ids = segment.documents.content_hashes(), segment.documents.ids()
            paths, codes = segment.documents.source_paths()
            for document in range(len(segment)) if alive is None else np.flatnonzero(alive).tolist():
                stored[ids[document]] = Stored(hashes[document], paths[codes[document]])
        return stored

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
        )

    def close(self) -> None:
        """The files are mapped: they are let go with the last array that looks at them."""

    def _match(self, number: int, plan: Plan, query: FoundQuery) -> _Matched:
        matcher, scorer = self._matchers[number], self._scorers[number]
        if plan.query is None:
            mask = np.zeros(len(self._segments[number]), bool)
            for term in query.terms:
                mask[scorer.postings(term)[0]] = True
            mask = matcher.keep_alive(mask)
        else:
            mask = matcher.match(plan.query)
        documents = self._segments[number].documents
        chosen = {name: documents.having(name, values) for name, values in plan.filters.values.items()}
        if plan.filters.published != Published():
            chosen["published"] = matcher.published(plan.filters.published)
        without = {
            name: np.flatnonzero(_all_of(mask, [other for key, other in chosen.items() if key != filtered]))
            for name in plan.facets
            if (filtered := "published" if name in DATE_FACETS else name) in chosen
        }
        return _Matched(np.flatnonzero(_all_of(mask, list(chosen.values()))), without)

    def _score(self, number: int, docs: _Docs, plan: Plan, query: FoundQuery) -> Found:
        if plan.sort == "relevance":
            return Found(number, docs, self._scorers[number].score(query, docs, recent=plan.recent))
        return Found(number, docs, np.zeros(len(docs), np.float32))

    def _best(self, query: FoundQuery, count: int) -> list[Found]:
        """The best `count` releases that have any of the terms; more than those, but not all, may come."""
        found: list[Found] = []
        scores = np.zeros(0, np.float32)
        for number, scorer in enumerate(self._scorers):
            threshold = float(np.partition(scores, -count)[-count]) if len(scores) >= count else 0.0
            docs, own = scorer.best(query, count, threshold, self._alive[number])
            found.append(Found(number, docs, own))
            scores = np.concatenate([scores, own])
        return found

    def _page(self, found: Sequence[Found], plan: Plan) -> tuple[tuple[ScoredId, ...], int]:
        """The page, and how many releases there are to list."""
        rows = Rows(found, self._segments)
        listed, others = self._group(rows, plan)
        order = rows.window(np.flatnonzero(listed), plan.sort, plan.offset, plan.limit)
        ids = [rows.id(row) for row in order]
        if len(self._known) > _KNOWN_PLACES:
            self._known.clear()
        places = zip(rows.segments[order].tolist(), rows.docs[order].tolist(), strict=True)
        self._known.update(zip(ids, places, strict=True))
        page = map(
            ScoredId, ids, rows.scores[order].tolist(), rows.published[order].tolist(), map(others, order)
        )
        return tuple(page), int(listed.sum())

    def _group(self, rows: Rows, plan: Plan) -> tuple[NDArray[np.bool_], Callable[[int], tuple[str, ...]]]:
        """Which rows are listed, and a way to ask for the ids of those that stand behind one."""
        listed = np.ones(len(rows.docs), bool)
        if not plan.grouped:
            return listed, lambda _: ()
        shared = self._shared_bodies
        together = np.flatnonzero(
            np.concatenate([np.zeros(0, bool), *(shared[part.segment][part.docs] for part in rows.found)])
        )
        together = together[rows.order(together, plan.sort)]
        prints = rows.body_prints(together)
        # The first of each body is the best.
        _, firsts, counts = np.unique(prints, return_index=True, return_counts=True)
        listed[together] = False
        listed[together[firsts]] = True
        several = dict(zip(together[firsts[counts > 1]].tolist(), prints[firsts[counts > 1]], strict=True))

        def others(row: int) -> tuple[str, ...]:
            if row not in several:
                return ()
            return tuple(rows.id(int(other)) for other in together[prints == several[row]] if other != row)

        return listed, others

    @cached_property
    def _shared_bodies(self) -> list[NDArray[np.bool_]]:
        """For each segment which releases have a long body that others have as well."""
        columns = [segment.documents.body_prints for segment in self._segments]
        prints = np.concatenate([np.zeros(0, np.uint64), *columns])
        # Most prints are alone, which their first bits show; only the others are sorted.
        buckets = (prints >> np.uint64(64 - _PRINT_BITS)).astype(np.int64)
        shared = (np.bincount(buckets, minlength=1 << _PRINT_BITS)[buckets] > 1) & (prints > 0)
        rows = shared.nonzero()[0]
        _, numbers, counts = np.unique(prints[rows], return_inverse=True, return_counts=True)
        shared[rows] = counts[numbers] > 1
        return np.split(shared, np.cumsum([len(column) for column in columns])[:-1])

    def _load_facet(self, name: str) -> _Facet:
        return _Facet([segment.documents.facet(name) for segment in self._segments])

    def values(self, facet: str) -> list[str]:
        """Every value of a facet."""
        return [value for value in self._facet(facet).values if value]

    def _count(self, name: str, matched: Sequence[_Matched], limit: int | None) -> dict[str, int]:
        facet = self._facet(name)
        counts = np.zeros(len(facet.values), np.int64)
        for number, one in enumerate(matched):
            docs = one.without.get(name, one.docs)
            counts += np.bincount(facet.codes[number][docs], minlength=len(counts))
        if facet.values[:1] == [""]:
            counts[0] = 0
        codes = counts.nonzero()[0]
        # The higher count first, then the lower code, which is the order of values.
        ranks = codes - counts[codes] * len(counts)
        if limit is not None and limit < len(ranks):
            near = ranks.argpartition(limit)[:limit]
            codes, ranks = codes[near], ranks[near]
        codes = codes[ranks.argsort()]
        return {
            facet.values[code]: count
            for code, count in zip(codes.tolist(), counts[codes].tolist(), strict=True)
        }

    def evidence(self, release_ids: Sequence[str], terms: Sequence[str]) -> Evidence:
        """Where morphemes stand in releases."""
        places = np.array([self._place(release_id) for release_id in release_ids], np.int64).reshape(-1, 2)
        title_ends = np.zeros(len(places), np.int64)
        in_lead = np.zeros((len(places), len(terms)), bool)
        columns: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
        for number, segment in enumerate(self._segments):
            own = np.flatnonzero(places[:, 0] == number)
            own = own[np.argsort(places[own, 1], kind="stable")]
            docs = places[own, 1]
            if not len(own):
                continue
            title_ends[own] = segment.documents.field_starts[docs, 1]
            found = [segment.morpheme_terms.find(text.encode()) for text in terms]
            known = [column for column, term in enumerate(found) if term >= 0]
            if not known:
                continue
            stream = segment.morphemes
            held = [stream.holding(found[column], docs.astype(np.uint16)) for column in known]
            for column, (there, chosen) in zip(known, held, strict=True):
                stats = stream.stats[stream.rows(found[column])][chosen]
                in_lead[own[there], column] = zone_of(stats, LEAD_SHIFT) > 0
            lengths, positions, _ = stream.occurrences(
                [found[column] for column in known], [chosen for _, chosen in held]
            )
            rows = np.concatenate([own[there] for there, _ in held])
            columns_of = np.repeat(known, [len(there) for there, _ in held])
            columns.append((rows.repeat(lengths), columns_of.repeat(lengths), positions))
        releases, numbers, positions = (
            np.concatenate([np.zeros(0, np.int64), *(column[part] for column in columns)])
            for part in range(3)
        )
        order = np.lexsort((positions, releases))
        frequencies = [self._collection.frequency("morphemes", text) for text in terms]
        return Evidence(
            np.array(frequencies, np.int64),
            releases[order],
            numbers[order],
            positions[order],
            title_ends,
            in_lead,
        )

    def contributions(
        self, release_id: str, scoring: Sequence[ScoringTerm]
    ) -> tuple[list[tuple[float, int]], float]:
        """What each scoring term adds to the score of a release, and the bonus of its title."""
        segment, document = self._place(release_id)
        scorer = self._scorers[segment]
        query = self._collection.find_all(scoring)
        terms = []
        for term in scoring:
            found = self._collection.find(term)
            alone = FoundQuery((found,) if found else (), (), 0.0)
            score = float(scorer.score(alone, np.array([document]))[0])
            terms.append((score, found.frequency if found else 0))
        return terms, scorer.title_bonus(query) if document in scorer.titled(query) else 0.0

    def matches(self, release_id: str, node: Node) -> bool:
        """Whether a release is among those of a tree."""
        segment, document = self._place(release_id)
        return bool(self._matchers[segment].match(node)[document])

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """Phrases whose keys begin so."""
        return self._phrases(lambda phrases, count: phrases.complete(keys, count), limit)

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """Phrases whose first consonants begin so."""
        return self._phrases(lambda phrases, count: phrases.complete_initials(letters, count), limit)

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases that any of these keys type."""
        return self._phrases(lambda phrases, _: phrases.with_keys(keys), len(keys))

    def _phrases(self, ask: Callable[[Phrases, int], dict[str, int]], limit: int) -> dict[str, int]:
        """The most frequent of what the segments answer, each in a release for sure."""
        counts: Counter[str] = Counter()
        for segment in self._segments:
            # More than are wanted: what is rare here may be frequent in another segment.
            counts.update(ask(segment.phrases, 4 * limit))
        certain = all(alive is None for alive in self._alive) and all(
            segment.phrases.exact for segment in self._segments
        )
        found: dict[str, int] = {}
        for phrase, times in sorted(counts.items(), key=lambda item: (-item[1], len(item[0]), item[0])):
            if certain or self._is_held(phrase):
                found[phrase] = times
                if len(found) == limit:
                    break
        return found

    def _is_held(self, phrase: str) -> bool:
        """Whether a release that is not deleted has the letters and digits of a phrase next to each other."""
        run = Run(run_of(normalize(phrase).text)[0], exact=True)
        return bool(run.syllables) and any(matcher.match(run).any() for matcher in self._matchers)

    def _place(self, release_id: str) -> tuple[int, int]:
        """Segment and number of a release that is there. Raises LookupError."""
        place = self._find(release_id)
        if place is None:
            raise LookupError(release_id)
        return place

    def _find(self, release_id: str) -> tuple[int, int] | None:
        """Segment and number of a release."""
        if known := self._known.get(release_id):
            return known
        for number, (segment, alive) in enumerate(zip(self._segments, self._alive, strict=True)):
            document = segment.documents.find(release_id)
            if document >= 0 and (alive is None or alive[document]):
                return number, document
        return None

    def _load_release(self, segment: int, document: int) -> tuple[PressRelease, PackedSpans]:
        return self._segments[segment].documents.release(document)


def _alive(documents: int, deleted: Sequence[int]) -> NDArray[np.bool_] | None:
    if not deleted:
        return None
    alive = np.ones(documents, bool)
    alive[list(deleted)] = False
    return alive


def _all_of(mask: NDArray[np.bool_], others: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    for other in others:
        mask = mask & other
    return mask
