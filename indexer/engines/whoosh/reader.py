"""One generation, opened for search: the way of a plan through the segments.

1. `matching.Matcher` says which releases of a segment the plan's tree matches; filters narrow that down.
2. `scoring.SegmentScorer` adds up what the scoring terms are worth to each of them.
3. The best of all segments are put in order; facets count the whole result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import find_syllables
from indexer.analysis.normalize import normalize
from indexer.engine import (
    And,
    Filters,
    Generation,
    Node,
    Not,
    Or,
    Phrase,
    Plan,
    Results,
    Run,
    ScoredId,
    Span,
    Statistics,
    Stored,
    Term,
)
from indexer.engines.whoosh.documents import UNDATED
from indexer.engines.whoosh.generations import Generations, Manifest, segment_file
from indexer.engines.whoosh.matching import Matcher, Occurrences
from indexer.engines.whoosh.scoring import Collection, FoundTerm, SegmentScorer
from indexer.engines.whoosh.segment import Segment
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS
from indexer.weights import WEIGHTS

_Docs = NDArray[np.int64]
_CACHED_RELEASES = 256


@dataclass(slots=True)
class _Found:
    """Releases of one segment, with their scores."""

    segment: int
    docs: _Docs
    scores: NDArray[np.float32]


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

    def __init__(self, generations: Generations, path: Path, manifest: Manifest) -> None:
        self._generations = generations
        self._path = path
        self._manifest = manifest
        self._name = path.name
        self._segments = [Segment(path / segment_file(entry.name)) for entry in manifest.segments]
        self._alive = [_alive(len(segment), entry.deleted) for segment, entry in
                       zip(self._segments, manifest.segments, strict=True)]  # fmt: skip
        self._matchers = [
            Matcher(segment, alive) for segment, alive in zip(self._segments, self._alive, strict=True)
        ]
        self._collection = Collection(self._segments, WEIGHTS)
        self._scorers = [SegmentScorer(self._collection, number) for number in range(len(self._segments))]
        self._facets = {
            name: _Facet([segment.documents.facet(name) for segment in self._segments]) for name in FACETS
        }
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
        terms = [known for term in plan.scoring if (known := self._collection.find(term))]
        if plan.query is None and not plan.exact_total:
            found = self._best(terms, plan.offset + plan.limit)
            total: int | None = None
        else:
            found = [self._match(number, plan, terms) for number in range(len(self._segments))]
            total = sum(len(part.docs) for part in found)
        return Results(
            total=total,
            page=self._page(found, plan),
            facets={name: self._count(name, found) for name in plan.facets},
        )

    def release(self, release_id: str) -> PressRelease | None:
        """The release of this id."""
        place = self._find(release_id)
        return self._load(*place)[0] if place else None

    def spans(self, release_id: str, nodes: Sequence[Node]) -> list[Span]:
        """Where each node matches in a release."""
        place = self._find(release_id)
        if place is None:
            return []
        found = _SpanFinder(self._matchers[place[0]], place[1], *self._load(*place))
        return sorted(
            (
                Span(TEXT_FIELDS[field].name, start, end, number)
                for number, node in enumerate(nodes)
                for field, start, end in found.places(node)
            ),
            key=lambda span: (span.field, span.start, span.end, span.node),
        )

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

    def _match(self, number: int, plan: Plan, terms: Sequence[FoundTerm]) -> _Found:
        matcher, scorer = self._matchers[number], self._scorers[number]
        if plan.query is None:
            mask = np.zeros(len(self._segments[number]), bool)
            for term in terms:
                mask[scorer.postings(term)[0]] = True
            mask = matcher.keep_alive(mask)
        else:
            mask = matcher.match(plan.query)
        self._filter(number, plan.filters, mask)
        docs = np.flatnonzero(mask)
        relevant = plan.sort == "relevance"
        return _Found(
            number, docs, scorer.score(terms, docs) if relevant else np.zeros(len(docs), np.float32)
        )

    def _filter(self, number: int, filters: Filters, mask: NDArray[np.bool_]) -> None:
        """Take out of `mask` what the filters exclude."""
        if filters.outlets:
            facet = self._facets["outlet"]
            wanted = np.array([value in filters.outlets for value in facet.values], bool)
            mask &= wanted[facet.codes[number]]
        published = self._segments[number].documents.published
        if filters.published_from or filters.published_before:
            mask &= published != UNDATED
        if filters.published_from:
            mask &= published >= _seconds(filters.published_from)
        if filters.published_before:
            mask &= published < _seconds(filters.published_before)

    def _best(self, terms: Sequence[FoundTerm], count: int) -> list[_Found]:
        """The best `count` releases that have any of the terms; more than those, but not all, may come."""
        found: list[_Found] = []
        scores = np.zeros(0, np.float32)
        for number, scorer in enumerate(self._scorers):
            threshold = float(np.partition(scores, -count)[-count]) if len(scores) >= count else 0.0
            docs, own = scorer.best(terms, count, threshold, self._alive[number])
            found.append(_Found(number, docs, own))
            scores = np.concatenate([scores, own])
        return found

    def _page(self, found: Sequence[_Found], plan: Plan) -> tuple[ScoredId, ...]:
        segments = np.concatenate(
            [np.full(len(part.docs), part.segment) for part in found] or [np.zeros(0, int)]
        )
        docs = np.concatenate([part.docs for part in found] or [np.zeros(0, int)])
        scores = np.concatenate([part.scores for part in found] or [np.zeros(0, np.float32)])
        published = np.concatenate(
            [self._segments[part.segment].documents.published[part.docs] for part in found]
            or [np.zeros(0, int)]
        )
        if plan.sort == "oldest":
            published = np.where(published == UNDATED, UNDATED, -published)
        count = plan.offset + plan.limit
        chosen = _first(scores, count)
        chosen = chosen[_first_pairs(scores[chosen], published[chosen], count)]
        ranked = sorted(
            (
                -float(scores[row]),
                -int(published[row]),
                self._segments[segments[row]].documents.id(int(docs[row])),
            )
            for row in chosen.tolist()
        )
        return tuple(ScoredId(release_id, -score) for score, _, release_id in ranked[plan.offset : count])

    def _count(self, name: str, found: Sequence[_Found]) -> dict[str, int]:
        facet = self._facets[name]
        counts = np.zeros(len(facet.values), np.int64)
        for part in found:
            counts += np.bincount(facet.codes[part.segment][part.docs], minlength=len(counts))
        return {
            facet.values[code]: int(counts[code]) for code in np.flatnonzero(counts) if facet.values[code]
        }

    def _find(self, release_id: str) -> tuple[int, int] | None:
        """Segment and number of a release."""
        for number, (segment, alive) in enumerate(zip(self._segments, self._alive, strict=True)):
            document = segment.documents.find(release_id)
            if document >= 0 and (alive is None or alive[document]):
                return number, document
        return None

    def _load_release(
        self, segment: int, document: int
    ) -> tuple[PressRelease, dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]]:
        return self._segments[segment].documents.release(document)


class _SpanFinder:
    """Finds nodes in one release."""

    def __init__(
        self,
        matcher: Matcher,
        document: int,
        release: PressRelease,
        morphemes: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]],
    ) -> None:
        self._matcher = matcher
        self._document = document
        self._release = release
        self._morphemes = [morphemes[field.name] for field in TEXT_FIELDS]
        starts = matcher.segment.documents.field_starts[document].astype(np.int64)
        self._morpheme_starts, self._syllable_starts = np.split(starts, 2)
        self._syllables: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}

    def places(self, node: Node) -> list[tuple[int, int, int]]:
        """Number of the field, start and end of each place. A node that is not there has none, and
        neither has one that says what must not be there.
        """
        match node:
            case Term(text, field):
                return self._morpheme_places((text,), field)
            case Phrase(terms, field):
                return self._morpheme_places(terms, field)
            case Run():
                return self._run_places(node)
            case And(nodes) | Or(nodes):
                return sorted({place for child in nodes for place in self.places(child)})
            case Not():
                return []

    def _morpheme_places(self, terms: tuple[str, ...], field: str) -> list[tuple[int, int, int]]:
        """Each morpheme by itself: a particle between two of them is not marked."""
        found = self._matcher.find_phrase(terms, field, self._document)
        places = []
        for number, position in _by_field(found, self._morpheme_starts):
            starts, ends = self._morphemes[number]
            places += [
                (number, int(starts[place]), int(ends[place]))
                for place in range(position, position + len(terms))
            ]
        return places

    def _run_places(self, run: Run) -> list[tuple[int, int, int]]:
        found = self._matcher.find_run(run, self._document)
        places = []
        for number, position in _by_field(found, self._syllable_starts):
            if number not in self._syllables:
                self._syllables[number] = _syllable_spans(TEXT_FIELDS[number].read(self._release))
            starts, ends = self._syllables[number]
            places.append((number, int(starts[position]), int(ends[position + len(run.syllables) - 1])))
        return places


def _by_field(found: Occurrences, field_starts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Positions in a release as pairs of field and position in it."""
    numbers = np.searchsorted(field_starts, found.positions, "right") - 1
    return list(zip(numbers.tolist(), (found.positions - field_starts[numbers]).tolist(), strict=True))


def _syllable_spans(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of the syllable at each position of a text; positions in gaps have none."""
    normal = normalize(text)
    places, positions = find_syllables(np.frombuffer(normal.text.encode("utf-32-le"), np.uint32))
    starts, ends = normal.to_original(places.astype(np.int32), (places + 1).astype(np.int32))
    by_position = np.zeros((2, int(positions[-1]) + 1 if len(positions) else 0), np.int64)
    by_position[0, positions], by_position[1, positions] = starts, ends
    return by_position[0], by_position[1]


def _alive(documents: int, deleted: Sequence[int]) -> NDArray[np.bool_] | None:
    if not deleted:
        return None
    alive = np.ones(documents, bool)
    alive[list(deleted)] = False
    return alive


def _first(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """The rows of the `count` highest scores, and all that equal the last of them."""
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.flatnonzero(scores >= np.partition(scores, -count)[-count])


def _first_pairs(scores: NDArray[np.float32], published: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The `count` rows that come first by score, then date, and all that equal the last of them."""
    order = np.lexsort((-published, -scores))
    if len(order) <= count:
        return order
    last = order[count - 1]
    equal = (scores[order[count:]] == scores[last]) & (published[order[count:]] == published[last])
    return np.concatenate([order[:count], order[count:][equal]])


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
