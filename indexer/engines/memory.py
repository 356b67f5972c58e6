"""The reference engine: it looks at every release, by the plain meaning of each node (`engine.meaning`).

What another engine does fast is written here in the simplest way. It is for tests, for reading and for
small corpora. `memory_store` writes what it has to a file.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import cast, get_args

from indexer.analysis import Analyzer
from indexer.engine import (
    UNDATED,
    And,
    DocRef,
    FacetIn,
    Filters,
    IndexedVersion,
    Node,
    ScoredDoc,
    ScoringTerm,
    Search,
    SearchResults,
    SnapshotInfo,
    SortKey,
    Stop,
    Stream,
    TopDocs,
    TopK,
    never,
)
from indexer.engine.meaning import AnalysedRelease, matches
from indexer.engines.memory_store import MemoryStore, MemoryWriter, State
from indexer.errors import IndexUnavailable
from indexer.release import PressRelease
from indexer.schema import FACETS, GROUPED_BODY_SYLLABLES
from indexer.text.normalize import squeeze
from indexer.weights import WEIGHTS, idf

_STREAMS: tuple[Stream, ...] = get_args(Stream)
_DAY_S = 24 * 60 * 60
# Two bodies are nearly the same where they share this much of their runs of six characters. The measure is
# Broder's resemblance (On the Resemblance and Containment of Documents, 1997).
_SHINGLE_CHARS, _NEARLY = 6, 0.9

_ORDERS: Mapping[str, Callable[[SortKey], tuple[float, float, str]]] = {
    "relevance": lambda key: (-key.score, -key.published, key.id),
    "newest": lambda key: (0.0, -key.published, key.id),
    "oldest": lambda key: (float(key.published == UNDATED), key.published, key.id),
}


class MemorySnapshot:
    """See `indexer.engine.Snapshot`. It has the releases of one state without those under embargo."""

    def __init__(self, state: State, size_bytes: int, clock: Callable[[], float], *, embargoed: bool) -> None:
        self._state, self._size_bytes, self._clock, self._embargoed = state, size_bytes, clock, embargoed
        self._is_closed = False
        at_s = clock()
        self._visible = {
            release_id: analysed
            for release_id, analysed in state.releases.items()
            if embargoed or not _is_under_embargo(analysed.release, at_s)
        }

    @property
    def info(self) -> SnapshotInfo:
        """What this snapshot answers from."""
        return SnapshotInfo(self._state.name, self._state.updated_at, len(self._releases), self._size_bytes)

    @property
    def curated_files(self) -> Mapping[str, str]:
        """The texts that the state was made with, by file name."""
        return self._state.curated_files

    @property
    def source_digests(self) -> Mapping[str, str]:
        """What the last commit was given."""
        self._check_open()
        return self._state.source_digests

    def at_present(self) -> MemorySnapshot:
        """The same state as of now: itself, or another where an embargo has passed."""
        now = MemorySnapshot(self._state, self._size_bytes, self._clock, embargoed=self._embargoed)
        return self if now._visible.keys() == self._visible.keys() else now

    def search(self, request: Search) -> SearchResults:
        """A page of what matches."""
        matching, timed_out = [], False
        for analysed in self._releases.values():
            if timed_out := request.stop():
                break
            if matches(request.query, analysed):
                matching.append(analysed)
        scoring = request.scoring if request.sort == "relevance" else ()
        score = self._scorer(scoring, prefers_recent=request.prefers_recent)
        wanted = _filter_node(request.filters)
        docs = [_doc(analysed, score(analysed)) for analysed in matching if matches(wanted, analysed)]
        order = _ORDERS[request.sort]
        docs.sort(key=lambda doc: order(doc.sort_key))
        listed = self._collapse(docs) if request.collapse else docs
        if request.after:
            place = order(request.after)
            listed = [doc for doc in listed if order(doc.sort_key) > place]
        end = request.offset + request.limit
        return SearchResults(
            docs=tuple(listed[request.offset : end]),
            total=len(docs),
            facets={name: _count_values(name, matching, request) for name in request.facets},
            has_more=end < len(listed),
            timed_out=timed_out,
        )

    def top(self, request: TopK) -> TopDocs:
        """The best by any of the terms."""
        score = self._scorer(request.scoring)
        docs, timed_out = [], False
        for analysed in self._releases.values():
            if timed_out := request.stop():
                break
            if value := score(analysed):
                docs.append(_doc(analysed, value))
        docs.sort(key=lambda doc: _ORDERS["relevance"](doc.sort_key))
        return TopDocs(tuple(docs[: request.limit]), timed_out)

    def count(self, nodes: Sequence[Node], stop: Stop = never) -> list[int | None]:
        """How many releases match each node."""
        releases = self._releases.values()
        return [None if stop() else sum(matches(node, one) for one in releases) for node in nodes]

    def fetch(self, refs: Sequence[DocRef]) -> list[PressRelease]:
        """Releases, by their ids."""
        return [self._releases[cast(str, ref)].release for ref in refs]

    def facet_values(self, facet: str, *, containing: str = "", limit: int) -> list[str]:
        """The values of a facet that contain a text."""
        wanted = squeeze(containing)
        values = {FACETS[facet].read(analysed.release) for analysed in self._releases.values()} - {""}
        containers = [value for value in values if wanted in squeeze(value)]
        return sorted(containers, key=lambda value: (squeeze(value) != wanted, value))[:limit]

    def versions(self) -> Iterator[IndexedVersion]:
        """Every indexed release."""
        for release_id, analysed in self._releases.items():
            release = analysed.release
            yield IndexedVersion(release_id, release.content_hash, release.source_path, release_id)

    def close(self) -> None:
        """Answer nothing any more."""
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError("the snapshot is closed")

    @property
    def _releases(self) -> Mapping[str, AnalysedRelease]:
        self._check_open()
        return self._visible

    @cached_property
    def _counts(self) -> Mapping[str, Mapping[Stream, Counter[str]]]:
        """How often each term stands in a release, by id and stream."""
        return {
            release_id: {stream: Counter(_terms(analysed, stream)) for stream in _STREAMS}
            for release_id, analysed in self._visible.items()
        }

    @cached_property
    def _groups(self) -> Mapping[str, str]:
        return _group_by_body([analysed.release for analysed in self._visible.values()])

    def _scorer(
        self, scoring: Sequence[ScoringTerm], *, prefers_recent: bool = False
    ) -> Callable[[AnalysedRelease], float]:
        """What gives the score of a release: BM25 of its fields as one text, with a bonus for a title that
        covers the query and, if `prefers_recent`, one for a recent date.
        """
        documents = len(self._releases)
        weighted_terms = []
        for term in scoring:
            frequency = sum(term.text in counts[term.stream] for counts in self._counts.values())
            if frequency:
                weighted_terms.append((term, term.weight * idf(frequency, documents)))
        total_weight = sum(weight for _, weight in weighted_terms)
        average_length = {
            stream: sum(counts[stream].total() for counts in self._counts.values()) / max(documents, 1)
            for stream in _STREAMS
        }
        newest = max((_published(analysed.release) for analysed in self._releases.values()), default=UNDATED)
        # A date after the commit, often a slip, makes no other release old.
        newest = min(newest, int(self._state.updated_at.timestamp()))

        def score(analysed: AnalysedRelease) -> float:
            value = 0.0
            for term, weight in weighted_terms:
                counts = self._counts[analysed.release.id][term.stream]
                norm = 1 - WEIGHTS.b + WEIGHTS.b * counts.total() / average_length[term.stream]
                count = counts[term.text]
                value += weight * (WEIGHTS.k1 + 1) * count / (count + WEIGHTS.k1 * norm)
            if _title_covers(analysed, scoring):
                value += WEIGHTS.whole_title * total_weight
            if prefers_recent:
                value += WEIGHTS.recency * total_weight * _recency(analysed.release, newest)
            return value

        return score

    def _collapse(self, docs: Sequence[ScoredDoc]) -> list[ScoredDoc]:
        """The first of each group, with the ids of the others."""
        groups: dict[str, list[ScoredDoc]] = {}
        for doc in docs:
            groups.setdefault(self._groups[doc.id], []).append(doc)
        return [
            replace(first, collapsed_ids=tuple(other.id for other in others))
            for first, *others in groups.values()
        ]


class MemoryEngine:
    """See `indexer.engine.Engine`. The index is one file in `folder`. `clock` gives the time in seconds since
    1970.
    """

    def __init__(self, folder: Path, analyzer: Analyzer, *, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._analyzer, self._clock = folder, analyzer, clock
        self._store = MemoryStore(folder, analyzer)

    def live_name(self) -> str:
        """The name of the live state."""
        return self._store.live_name()

    def live_documents(self) -> int:
        """How many releases the live state has."""
        return self._store.live_documents()

    def open(self, name: str = "", *, embargoed: bool = False) -> MemorySnapshot:
        """The live state, or one that this process has seen."""
        state = self._store.load(name)
        if not state.name:
            raise IndexUnavailable(f"{self._folder}에 색인이 없습니다.", "`bodo reindex`로 만드세요.")
        return MemorySnapshot(state, self._store.size_bytes(), self._clock, embargoed=embargoed)

    @contextmanager
    def write(
        self,
        *,
        fresh: bool = False,
        read_curated_files: Callable[[], Mapping[str, str]] | None = None,
        wait_s: float = 30.0,
    ) -> Iterator[MemoryWriter]:
        """The one writer."""
        with self._store.locked(wait_s):
            live = self._store.load()
            curated_files = read_curated_files() if read_curated_files else live.curated_files
            releases = {} if fresh else live.releases
            state = replace(live, releases=releases, curated_files=curated_files)
            yield MemoryWriter(state, self._analyzer.for_curated_files(curated_files), self._store)


def _doc(analysed: AnalysedRelease, score: float) -> ScoredDoc:
    release = analysed.release
    return ScoredDoc(release.id, score, _published(release), ref=release.id)


def _is_under_embargo(release: PressRelease, at_s: float) -> bool:
    """An embargo ends with a whole second: a fraction is rounded up."""
    return release.embargo_until is not None and math.ceil(release.embargo_until.timestamp()) > at_s


def _published(release: PressRelease) -> int:
    return int(release.published_at.timestamp()) if release.published_at else UNDATED


def _recency(release: PressRelease, newest: int) -> float:
    """1 for a release as new as `newest` (seconds since 1970), halved by each half-life; 0 without a date."""
    published = _published(release)
    if published == UNDATED:
        return 0.0
    age_s = newest - min(published, newest)
    return float(2.0 ** -(age_s / (WEIGHTS.recency_half_life_days * _DAY_S)))


def _terms(analysed: AnalysedRelease, stream: Stream) -> Iterator[str]:
    for text in analysed.fields.values():
        yield from (token.term for token in getattr(text, stream))


def _title_covers(analysed: AnalysedRelease, scoring: Sequence[ScoringTerm]) -> bool:
    """Whether the title has a term of each coverage group of one stream."""
    for stream in _STREAMS:
        title = {token.term for token in getattr(analysed.fields["title"], stream)}
        terms = [term for term in scoring if term.stream == stream]
        groups = {group for term in terms for group in term.coverage_groups}
        covered = {group for term in terms if term.text in title for group in term.coverage_groups}
        if groups and groups == covered:
            return True
    return False


def _filter_node(filters: Filters, leaving_out: str = "") -> Node:
    """Filters as a node, without the filter of one facet: for a facet of dates, without that of the dates."""
    facets = [FacetIn(name, values) for name, values in filters.values.items() if name != leaving_out]
    if leaving_out and FACETS[leaving_out].filters_days:
        return And(tuple(facets))
    return And((filters.published, *facets))


def _count_values(facet: str, matching: Sequence[AnalysedRelease], request: Search) -> dict[str, int]:
    """The most frequent values of a facet, whatever its own filter."""
    wanted = _filter_node(request.filters, leaving_out=facet)
    counts = Counter(FACETS[facet].read(one.release) for one in matching if matches(wanted, one))
    del counts[""]
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[: request.limit_of(facet)])


def _group_by_body(releases: Sequence[PressRelease]) -> dict[str, str]:
    """For each id that of its group: of the releases with one long body, or nearly one on the same day."""
    groups = {release.id: release.id for release in releases}
    bodies = {release.id: "".join(filter(str.isalnum, release.body)) for release in releases}
    long = [release for release in releases if len(bodies[release.id]) > GROUPED_BODY_SYLLABLES]
    for index, release in enumerate(long):
        for other in long[:index]:
            body, other_body = bodies[release.id], bodies[other.id]
            is_same_day = _day(release) is not None and _day(release) == _day(other)
            if body == other_body or (is_same_day and _resemblance(body, other_body) >= _NEARLY):
                joined, into = groups[release.id], groups[other.id]
                groups = {key: into if group == joined else group for key, group in groups.items()}
    return groups


def _day(release: PressRelease) -> date | None:
    return release.published_at.date() if release.published_at else None


def _resemblance(text: str, other: str) -> float:
    """The share of the shingles of both texts that they have in common, from 0 to 1."""
    shingles, others = (
        {one[start : start + _SHINGLE_CHARS] for start in range(len(one) - _SHINGLE_CHARS + 1)}
        for one in (text, other)
    )
    return len(shingles & others) / max(len(shingles | others), 1)
