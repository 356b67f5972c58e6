"""Embargoes over any commits, merges and clocks: what is found is a plain model's, and all that is said what an
index without the releases under embargo says.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.analysis.keyboard import to_keystrokes
from indexer.engine import And, Node, Not, Or, ScoringTerm, Search, Snapshot, Term, TopK, find_release
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.build import merge_policy
from indexer.release import SEOUL, PressRelease
from tests.conftest import Clock, release_of
from tests.support.snapshots import statistics_of, stored_phrases, versions

WORDS = ("수소", "버스", "도서관", "합병", "하노버")
OUTLETS = ("창원시", "산림청", "금융위원회")
# Seconds since 1970; the clock goes to and fro among them.
START = 1_700_000_000
MOMENTS = st.integers(0, 6).map(lambda step: START + 10 * step)
CLOCKS = st.integers(-1, 13).map(lambda step: START + 5.0 * step)
LONG = "\n".join(f"{number}째로, 시장은 {number * 37}개 회사를 만났다." for number in range(40))


@st.composite
def releases(draw: st.DrawFn) -> PressRelease:
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True))
    until = draw(st.none() | MOMENTS)
    return release_of(
        f"{' '.join(words)} 소식",
        f"{draw(st.sampled_from(WORDS))} 이야기다." if draw(st.booleans()) else LONG,
        id=f"r{draw(st.integers(0, 7))}",
        outlet=draw(st.sampled_from(OUTLETS)),
        published=f"2024-01-0{draw(st.integers(1, 3))}T09:00",
        embargo_until=datetime.fromtimestamp(until, SEOUL) if until else None,
    )


@dataclass(frozen=True)
class Commit:
    """Releases that are put, of one id one, and ids that are removed, at a time of the clock."""

    at: float
    put: tuple[PressRelease, ...]
    removed: frozenset[str]

    def write(self, engine: WhooshEngine) -> None:
        with engine.write() as index:
            index.put(self.put)
            index.remove(self.removed - {release.id for release in self.put})
            index.commit({})
        engine.merge()

    def without_embargoed(self, at: float) -> Commit:
        """The same where what is under embargo then never comes; what it replaces goes."""
        left = tuple(release for release in self.put if is_public(release, at))
        gone = {release.id for release in self.put} - {release.id for release in left}
        return replace(self, put=left, removed=self.removed | gone)


COMMITS = st.lists(
    st.builds(
        Commit,
        CLOCKS,
        st.lists(releases(), max_size=4, unique_by=lambda release: release.id).map(tuple),
        st.frozensets(st.sampled_from(["r0", "r1", "r2"]), max_size=1),
    ),
    min_size=1,
    max_size=5,
)


def is_public(release: PressRelease, at: float) -> bool:
    return release.embargo_until is None or release.embargo_until.timestamp() <= at


def model_of(commits: list[Commit]) -> dict[str, PressRelease]:
    """What is indexed after some commits, by id."""
    held: dict[str, PressRelease] = {}
    for commit in commits:
        for release_id in commit.removed:
            held.pop(release_id, None)
        held |= {release.id: release for release in commit.put}
    return held


def said(reader: Snapshot) -> object:
    """What is to be the same in an index without what is under embargo; scores apart, which know what is
    deleted.
    """
    nodes: list[Node] = [And(()), Not(Term("버스")), Or((Term("수소"), Term("합병"))), *map(Term, WORDS)]
    answers: list[object] = []
    for node in nodes:
        found = reader.search(Search(query=node, sort="newest", facets=("outlet", "month")))
        answers.append((found.total, [scored.id for scored in found.docs], found.facets))
        found = reader.search(Search(query=node, sort="oldest", collapse=True))
        # Which of a group is listed of those with one date is left open.
        groups = sorted(sorted((scored.id, *scored.collapsed_ids)) for scored in found.docs)
        answers.append((found.total, len(groups), groups))
    return reader.info.documents, reader.facet_values("outlet", limit=100), versions(reader), answers


def check(reader: Snapshot, public: dict[str, PressRelease]) -> None:
    """A reader against the model."""
    everything = reader.search(Search(query=And(()), facets=("outlet",), limit=100))
    assert {scored.id for scored in everything.docs} == set(public) == set(versions(reader))
    assert everything.total == reader.info.documents == len(public)
    outlets = Counter(release.outlet for release in public.values())
    assert everything.facets["outlet"] == outlets
    assert reader.facet_values("outlet", limit=100) == sorted(outlets)
    for number in range(8):
        assert find_release(reader, f"r{number}") == public.get(f"r{number}")
    terms = tuple(ScoringTerm("morphemes", word) for word in WORDS)
    any_word = reader.top(TopK(scoring=terms, limit=100))
    assert {scored.id for scored in any_word.docs} == set(public)
    for word in WORDS:
        holding = {key for key, release in public.items() if word in f"{release.title} {release.body}"}
        found = reader.search(Search(query=Term(word), collapse=True))
        assert {one for scored in found.docs for one in (scored.id, *scored.collapsed_ids)} == holding
        assert found.total == len(holding)
        phrases = {
            **stored_phrases(reader).complete(to_keystrokes(word), 10),
            **stored_phrases(reader).phrases_with_keys([to_keystrokes(word)]),
        }
        for phrase in phrases:
            assert any(phrase in f"{release.title} {release.body}" for release in public.values())


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(commits=COMMITS, moments=st.lists(CLOCKS, min_size=1, max_size=4))
def test_never_early_and_counts_exact(
    tmp_path_factory: pytest.TempPathFactory,
    analyzer: Analyzer,
    monkeypatch: pytest.MonkeyPatch,
    commits: list[Commit],
    moments: list[float],
) -> None:
    monkeypatch.setattr(merge_policy, "MERGE_FACTOR", 2)
    folder = tmp_path_factory.mktemp("embargo")
    clock = Clock(0.0)
    engine = WhooshEngine(folder / "index", analyzer, processes=1, clock=clock)
    for number, commit in enumerate(commits):
        clock.at = commit.at
        commit.write(engine)
        held = model_of(commits[: number + 1])
        check(engine.open(), {key: one for key, one in held.items() if is_public(one, clock.at)})
    held = model_of(commits)
    reader = engine.open()
    untouched = not any(commit.removed for commit in commits) and len(held) == sum(
        len(commit.put) for commit in commits
    )
    for number, clock.at in enumerate(moments):
        reader = reader.at_present()
        public = {key: one for key, one in held.items() if is_public(one, clock.at)}
        check(reader, public)
        waiting = sorted(
            math.ceil(one.embargo_until.timestamp())
            for one in held.values()
            if one.embargo_until and not is_public(one, clock.at)
        )
        statistics = statistics_of(reader)
        assert statistics.embargoed == len(waiting)
        first = statistics.next_embargo
        assert (first.timestamp() if first else None) == (waiting[0] if waiting else None)
        other = WhooshEngine(folder / f"without{number}", analyzer, processes=1, clock=clock)
        for commit in commits:
            commit.without_embargoed(clock.at).write(other)
        without = other.open()
        assert said(reader) == said(without)
        if untouched and clock.at >= max(commit.at for commit in commits):
            assert stored_phrases(reader).complete("", 1_000) == stored_phrases(without).complete("", 1_000)
