"""The reference engine: every release is looked at, by the plain meaning of each node (`engine.meaning`).

It is for tests and for reading: what another engine does fast is written here in the simplest way. Its
releases are one JSON file, so that one command finds what another has indexed.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from indexer.analysis import Analyzer
from indexer.engine import (
    DateRange,
    DocRef,
    Filters,
    IndexedVersion,
    ScoredDoc,
    ScoringTerm,
    Search,
    SearchResults,
    SnapshotInfo,
    Stream,
    TopDocs,
    TopK,
)
from indexer.engine.meaning import AnalysedRelease, analyse, matches
from indexer.errors import IndexUnavailable
from indexer.files import make_folder, write_durably
from indexer.release import PressRelease
from indexer.schema import FACETS, GROUPED_BODY_SYLLABLES
from indexer.text.normalize import squeeze
from indexer.weights import WEIGHTS, idf

_FILE, _LOCK = "memory.json", "memory.lock"
_KEPT_STATES = 8
_UNDATED = -(2**62)
_NEVER = datetime.fromtimestamp(0, UTC)
_DAY_S = 24 * 60 * 60
# Nearly the same: so large a share of their runs of six characters. Broder, On the Resemblance and
# Containment of Documents, 1997.
_SHINGLE_CHARS, _NEARLY = 6, 0.9


@dataclass(frozen=True)
class _State:
    """What one commit left: everything that a snapshot needs."""

    name: str = ""
    updated_at: datetime = _NEVER
    releases: Mapping[str, AnalysedRelease] = field(default_factory=dict)
    curated_files: Mapping[str, str] = field(default_factory=dict)
    source_digests: Mapping[str, str] = field(default_factory=dict)


class MemorySnapshot:
    """See `indexer.engine.Snapshot`."""

    def __init__(
        self, state: _State, size_bytes: int, clock: Callable[[], float], *, embargoed: bool
    ) -> None:
        self._state, self._size_bytes, self._clock, self._embargoed = state, size_bytes, clock, embargoed
        self._at = clock()
        self._is_closed = False
        self._found = {
            release_id: analysed
            for release_id, analysed in state.releases.items()
            if embargoed or not _is_waiting(analysed.release, self._at)
        }
        self._groups = _group_bodies([analysed.release for analysed in self._found.values()])

    @property
    def _shown(self) -> Mapping[str, AnalysedRelease]:
        if self._is_closed:
            raise ValueError("the snapshot is closed")
        return self._found

    @property
    def info(self) -> SnapshotInfo:
        """What this snapshot answers from."""
        return SnapshotInfo(self._state.name, self._state.updated_at, len(self._shown), self._size_bytes)

    @property
    def curated_files(self) -> Mapping[str, str]:
        """The texts that the state was made with."""
        return self._state.curated_files

    @property
    def source_digests(self) -> Mapping[str, str]:
        """What the last commit was given."""
        return self._state.source_digests if self._shown is not None else {}

    def at_present(self) -> MemorySnapshot:
        """The snapshot itself, or another where an embargo has passed."""
        now = MemorySnapshot(self._state, self._size_bytes, self._clock, embargoed=self._embargoed)
        return self if now._shown.keys() == self._shown.keys() else now

    def search(self, request: Search) -> SearchResults:
        """A page of what matches."""
        matched, timed_out = [], False
        for analysed in self._shown.values():
            if timed_out := request.stop():
                break
            if matches(request.query, analysed):
                matched.append(analysed)
        found = [analysed.release for analysed in matched if _passes(analysed.release, request.filters)]
        score = self._scorer(request.scoring) if request.sort == "relevance" else lambda _: 0.0
        docs = []
        for release in found:
            value = score(self._shown[release.id])
            if request.prefers_recent and request.sort == "relevance":
                value += self._recency(release, request.scoring)
            docs.append(ScoredDoc(release.id, value, _published(release), (), release.id))
        docs.sort(key=_ORDERS[request.sort])
        listed = self._collapse(docs) if request.collapse else docs
        end = request.offset + request.limit
        return SearchResults(
            docs=tuple(listed[request.offset : end]),
            total=len(docs),
            facets={name: _count(name, matched, request) for name in request.facets},
            has_more=end < len(listed),
            timed_out=timed_out,
        )

    def top(self, request: TopK) -> TopDocs:
        """The best by any word."""
        score = self._scorer(request.scoring)
        docs, timed_out = [], False
        for analysed in self._shown.values():
            if timed_out := request.stop():
                break
            if value := score(analysed):
                release = analysed.release
                docs.append(ScoredDoc(release.id, value, _published(release), (), release.id))
        return TopDocs(tuple(sorted(docs, key=_ORDERS["relevance"])[: request.limit]), timed_out)

    def fetch(self, refs: Sequence[DocRef]) -> list[PressRelease]:
        """Releases, by their ids."""
        return [self._shown[cast(str, ref)].release for ref in refs]

    def facet_values(self, facet: str, *, containing: str = "", limit: int) -> list[str]:
        """The values of a facet that hold a text."""
        wanted = squeeze(containing)
        values = {FACETS[facet].read(analysed.release) for analysed in self._shown.values()} - {""}
        holding = [value for value in values if wanted in squeeze(value)]
        return sorted(holding, key=lambda value: (squeeze(value) != wanted, value))[:limit]

    def versions(self) -> Iterator[IndexedVersion]:
        """Every indexed release."""
        for release_id, analysed in self._shown.items():
            release = analysed.release
            yield IndexedVersion(release_id, release.content_hash, release.source_path, release_id)

    def close(self) -> None:
        """Nothing is held, but nothing may be asked any more."""
        self._is_closed = True

    def _scorer(self, scoring: Sequence[ScoringTerm]) -> Callable[[AnalysedRelease], float]:
        """BM25 over all fields together, and a bonus for titles that cover the query."""
        counts = {key: _Counted(self._shown, key) for key in {(term.stream, term.text) for term in scoring}}
        lengths = {stream: _Counted(self._shown, (stream, None)) for stream in _STREAMS}
        total = self._weigh(scoring)

        def score(analysed: AnalysedRelease) -> float:
            release_id, value = analysed.release.id, 0.0
            for term in scoring:
                counted, length = counts[term.stream, term.text], lengths[term.stream]
                count = counted.by_release[release_id]
                norm = 1 - WEIGHTS.b + WEIGHTS.b * length.by_release[release_id] / (length.average or 1)
                weight = term.weight * idf(counted.frequency, len(self._shown))
                value += weight * (WEIGHTS.k1 + 1) * count / (count + WEIGHTS.k1 * norm)
            return value + (WEIGHTS.whole_title * total if _covers(analysed, scoring) else 0.0)

        return score

    def _weigh(self, scoring: Sequence[ScoringTerm]) -> float:
        """What the terms that are there weigh together."""
        found = [(term, _Counted(self._shown, (term.stream, term.text)).frequency) for term in scoring]
        return sum(term.weight * idf(count, len(self._shown)) for term, count in found if count)

    def _recency(self, release: PressRelease, scoring: Sequence[ScoringTerm]) -> float:
        """More for newer releases, halved by the half-life; a date in the future makes no other one old."""
        newest = max((_published(analysed.release) for analysed in self._shown.values()), default=_UNDATED)
        newest = min(newest, int(self._at))
        if (published := _published(release)) == _UNDATED:
            return 0.0
        half_lives = (newest - min(published, newest)) / (WEIGHTS.recency_half_life_days * _DAY_S)
        return float(WEIGHTS.recency * self._weigh(scoring) * 2.0**-half_lives)

    def _collapse(self, docs: Sequence[ScoredDoc]) -> list[ScoredDoc]:
        """The first of each group, with the ids of the others."""
        groups: dict[str, list[ScoredDoc]] = {}
        for doc in docs:
            groups.setdefault(self._groups[doc.id], []).append(doc)
        return [
            replace(first, collapsed_ids=tuple(other.id for other in others))
            for first, *others in groups.values()
        ]


class MemoryWriter:
    """See `indexer.engine.Writer`."""

    def __init__(self, state: _State, analyzer: Analyzer, publish: Callable[[_State], None]) -> None:
        self._analyzer, self._publish = analyzer, publish
        self._state = state
        self._releases = dict(state.releases)
        self._curated_files = dict(state.curated_files)

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add releases."""
        added = analyse(list(releases), self._analyzer)
        self._releases |= {analysed.release.id: analysed for analysed in added}

    def remove(self, release_ids: Iterable[str]) -> None:
        """Remove releases."""
        for release_id in release_ids:
            self._releases.pop(release_id, None)

    def set_curated_file(self, name: str, text: str) -> None:
        """Keep another text."""
        self._curated_files[name] = text

    def commit(self, source_digests: Mapping[str, str]) -> None:
        """Write the file anew."""
        name = f"{int(self._state.name.partition('-')[0] or 0) + 1:06d}-{os.urandom(4).hex()}"
        self._state = _State(
            name, datetime.now(UTC), dict(self._releases), dict(self._curated_files), dict(source_digests)
        )
        self._publish(self._state)


class MemoryEngine:
    """The index in one file of `folder`. See `indexer.engine.Engine`. `clock` says when it is now, in seconds
    since 1970.
    """

    def __init__(self, folder: Path, analyzer: Analyzer, *, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._analyzer, self._clock = folder, analyzer, clock
        self._states: dict[str, _State] = {}

    def live_name(self) -> str:
        """The name of the live state."""
        return str(self._read().get("name", ""))

    def live_documents(self) -> int:
        """How many releases the live state holds."""
        return len(cast("list[object]", self._read().get("releases", [])))

    def open(self, name: str = "", *, embargoed: bool = False) -> MemorySnapshot:
        """The live state, or one that this process has seen."""
        if name and name not in self._states:
            raise IndexUnavailable(f"색인의 {name} 세대는 이제 없습니다.", "처음부터 다시 검색하세요.")
        state = self._states[name] if name else self._live()
        if not state.name:
            raise IndexUnavailable(f"{self._folder}에 색인이 없습니다.", "`bodo reindex`로 만드세요.")
        size_bytes = (self._folder / _FILE).stat().st_size
        return MemorySnapshot(state, size_bytes, self._clock, embargoed=embargoed)

    @contextmanager
    def write(
        self,
        *,
        fresh: bool = False,
        read_curated_files: Callable[[], Mapping[str, str]] | None = None,
        wait_s: float = 30.0,
    ) -> Iterator[MemoryWriter]:
        """The one writer."""
        make_folder(self._folder)
        with self._lock(wait_s):
            live = self._live()
            base = _State(name=live.name) if fresh else live
            curated_files = read_curated_files() if read_curated_files else live.curated_files
            analyzer = self._analyzer.for_curated_files(curated_files)
            yield MemoryWriter(replace(base, curated_files=curated_files), analyzer, self._publish)

    @contextmanager
    def _lock(self, wait_s: float) -> Iterator[None]:
        end = time.monotonic() + wait_s
        with (self._folder / _LOCK).open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError as error:
                    if time.monotonic() >= end:
                        raise IndexUnavailable(
                            f"다른 프로세스가 {self._folder}에 쓰고 있습니다.", "끝난 뒤에 다시 실행하세요."
                        ) from error
                    time.sleep(0.05)
            yield

    def _read(self) -> dict[str, object]:
        try:
            record: dict[str, object] = json.loads((self._folder / _FILE).read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return record

    def _live(self) -> _State:
        record = self._read()
        if not record:
            return _State()
        name, curated_files = str(record["name"]), cast("dict[str, str]", record["curated_files"])
        if name not in self._states:
            analyzer = self._analyzer.for_curated_files(curated_files)
            releases = [
                PressRelease.from_dict(own) for own in cast("list[dict[str, object]]", record["releases"])
            ]
            analysed = {own.release.id: own for own in analyse(releases, analyzer)}
            updated_at = datetime.fromisoformat(str(record["updated_at"]))
            digests = cast("dict[str, str]", record["source_digests"])
            self._keep(_State(name, updated_at, analysed, curated_files, digests))
        return self._states[name]

    def _publish(self, state: _State) -> None:
        record = {
            "name": state.name,
            "updated_at": state.updated_at.isoformat(),
            "curated_files": state.curated_files,
            "source_digests": state.source_digests,
            "releases": [analysed.release.to_dict() for analysed in state.releases.values()],
        }
        text = json.dumps(record, ensure_ascii=False)
        write_durably(self._folder / _FILE, text.encode("utf-8", "surrogatepass"))
        self._keep(state)

    def _keep(self, state: _State) -> None:
        self._states[state.name] = state
        for name in list(self._states)[:-_KEPT_STATES]:
            del self._states[name]


_STREAMS: tuple[Stream, Stream] = ("morphemes", "bigrams")
_ORDERS: Mapping[str, Callable[[ScoredDoc], tuple[float, float, str]]] = {
    "relevance": lambda doc: (-doc.score, -doc.published, doc.id),
    "newest": lambda doc: (0.0, -doc.published, doc.id),
    "oldest": lambda doc: (float(doc.published == _UNDATED), doc.published, doc.id),
}


class _Counted:
    """How often releases have a term; or, of no term, how many tokens of a stream they have."""

    def __init__(self, releases: Mapping[str, AnalysedRelease], key: tuple[Stream, str | None]) -> None:
        stream, text = key
        self.by_release = {
            release_id: sum(text in (None, term) for term in _terms(analysed, stream))
            for release_id, analysed in releases.items()
        }
        self.frequency = sum(count > 0 for count in self.by_release.values())
        self.average = sum(self.by_release.values()) / max(len(self.by_release), 1)


def _terms(analysed: AnalysedRelease, stream: Stream) -> Iterator[str]:
    for text in analysed.fields.values():
        yield from (token.term for token in getattr(text, stream))


def _covers(analysed: AnalysedRelease, scoring: Sequence[ScoringTerm]) -> bool:
    """Whether the title has a term of each coverage group of one stream."""
    for stream in _STREAMS:
        own = [term for term in scoring if term.stream == stream]
        held = {token.term for token in getattr(analysed.fields["title"], stream)}
        groups = {group for term in own for group in term.coverage_groups}
        if groups and groups == {
            group for term in own if term.text in held for group in term.coverage_groups
        }:
            return True
    return False


def _is_waiting(release: PressRelease, at: float) -> bool:
    """Whether a release is under embargo; its end is the next whole second."""
    return release.embargo_until is not None and math.ceil(release.embargo_until.timestamp()) > at


def _published(release: PressRelease) -> int:
    return int(release.published_at.timestamp()) if release.published_at else _UNDATED


def _passes(release: PressRelease, filters: Filters, but_for: str = "") -> bool:
    """Whether a release passes all filters but that of one facet."""
    is_of_days = bool(but_for) and FACETS[but_for].filters_days
    bounds = DateRange() if is_of_days else filters.published
    return matches(bounds, AnalysedRelease(release, {})) and all(
        FACETS[name].read(release) in values for name, values in filters.values.items() if name != but_for
    )


def _count(facet: str, matched: Sequence[AnalysedRelease], request: Search) -> dict[str, int]:
    """The most frequent values of a facet, without its own filter."""
    releases = (analysed.release for analysed in matched)
    counts = Counter(
        FACETS[facet].read(release) for release in releases if _passes(release, request.filters, facet)
    )
    del counts[""]
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[: request.facet_limit])


def _group_bodies(releases: Sequence[PressRelease]) -> dict[str, str]:
    """For each release an id of its group: of those with the same long body, or nearly the same on one
    day.
    """
    groups = {release.id: release.id for release in releases}
    letters = {release.id: "".join(filter(str.isalnum, release.body)) for release in releases}
    long = [release for release in releases if len(letters[release.id]) > GROUPED_BODY_SYLLABLES]
    for index, release in enumerate(long):
        for other in long[:index]:
            same_day = FACETS["month"].read(release) and _day(release) == _day(other)
            one, two = letters[release.id], letters[other.id]
            if one == two or (same_day and _resemblance(one, two) >= _NEARLY):
                joined, into = groups[release.id], groups[other.id]
                groups = {key: into if group == joined else group for key, group in groups.items()}
    return groups


def _day(release: PressRelease) -> object:
    return release.published_at.date() if release.published_at else None


def _resemblance(one: str, two: str) -> float:
    shingles, others = (
        {text[start : start + _SHINGLE_CHARS] for start in range(len(text) - _SHINGLE_CHARS + 1)}
        for text in (one, two)
    )
    return len(shingles & others) / max(len(shingles | others), 1)
