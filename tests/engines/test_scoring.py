"""The first pass of ranking beside the plain formula, each token counted one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engine import And, ScoringTerm, Search, Term, TopK, find_docs
from indexer.engines.whoosh import WhooshEngine
from indexer.release import PressRelease
from indexer.search.rerank import find_features
from indexer.weights import WEIGHTS
from tests.conftest import release_of
from tests.support.engines import RELEASES, commit_releases, search_scores


@pytest.fixture
def engine(tmp_path: Path, analyzer: Analyzer) -> WhooshEngine:
    return WhooshEngine(tmp_path / "index", analyzer)


def bm25f(release: PressRelease, releases: Sequence[PressRelease], terms: Sequence[ScoringTerm]) -> float:
    """The plain formula: BM25 with weighted zones, each token counted one by one."""
    analyzer = Analyzer()

    def frequency(of: PressRelease, stream: str, wanted: str | None) -> float:
        weights = {"title": WEIGHTS.title, "subtitle": WEIGHTS.subtitle, "body": WEIGHTS.lead}
        total = 0.0
        for name, weight in weights.items():
            text = getattr(of, name)
            tokens = analyzer.tokens(text) if stream == "morphemes" else analyzer.bigrams(text)
            total += weight * sum(wanted in (None, token.term) for token in tokens)
        return total

    score = total = 0.0
    for term in terms:
        having = sum(frequency(other, term.stream, term.text) > 0 for other in releases)
        idf = math.log(1 + (len(releases) - having + 0.5) / (having + 0.5))
        lengths = {other.id: frequency(other, term.stream, None) for other in releases}
        average = sum(lengths.values()) / len(lengths)
        norm = WEIGHTS.k1 * (1 - WEIGHTS.b + WEIGHTS.b * lengths[release.id] / average)
        found = frequency(release, term.stream, term.text)
        score += term.weight * idf * (WEIGHTS.k1 + 1) * found / (found + norm)
        total += term.weight * idf * (having > 0)
    title = replace(release, subtitles=(), sections=())
    for stream in ("morphemes", "bigrams"):
        asked: dict[int, list[bool]] = {}
        for term in terms:
            for clause in term.coverage_groups if term.stream == stream else ():
                asked.setdefault(clause, []).append(frequency(title, stream, term.text) > 0)
        if asked and all(any(held) for held in asked.values()):
            return score + WEIGHTS.whole_title * total
    return score


@pytest.mark.parametrize("groups", [((), ()), ((1,), ()), ((), (2,)), ((1,), (2,)), ((1,), (1, 2))])
def test_scores_are_those_of_the_formula(engine: WhooshEngine, groups: tuple[tuple[int, ...], ...]) -> None:
    commit_releases(engine, RELEASES)
    terms = (ScoringTerm("morphemes", "창원", 1.5, groups[0]), ScoringTerm("bigrams", "버스", 0.3, groups[1]))
    expected = {release.id: bm25f(release, RELEASES, terms) for release in RELEASES}
    assert search_scores(engine, And(()), *terms) == pytest.approx(expected, rel=1e-5)


def test_scores_are_those_of_the_formula_where_most_of_the_index_is_scored(engine: WhooshEngine) -> None:
    words = ("수소", "바다", "도서관", "날씨")
    releases = (*RELEASES, *(release_of("소식", f"{word} 이야기를 전한다.", id=word) for word in words))
    commit_releases(engine, releases)
    terms = [ScoringTerm("morphemes", text) for text in ("창원", "독일", "출장", "노선", "수소")]
    terms += [ScoringTerm("bigrams", text, 0.5) for text in ("버스", "독일", "바다")]
    expected = {release.id: bm25f(release, releases, terms) for release in releases}
    assert search_scores(engine, And(()), *terms) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("groups", [((0,), (0,)), ((0,), (1,)), ((0,), ()), ((0,), (0, 1))])
def test_the_bonus_of_a_title_is_that_of_the_formula(
    engine: WhooshEngine, groups: tuple[tuple[int, ...], ...]
) -> None:
    releases = [
        release_of("버스 노선 안내", id="both"),
        release_of("버스 안내", id="one"),
        release_of("노선 안내", id="other"),
        release_of("안내", "버스 노선을 알린다.", id="none"),
    ]
    commit_releases(engine, releases)
    terms = tuple(
        ScoringTerm("bigrams", text, coverage_groups=own)
        for text, own in zip(("버스", "노선"), groups, strict=True)
    )
    found = search_scores(engine, And(()), *terms)
    expected = {release.id: bm25f(release, releases, terms) for release in releases}
    assert found == pytest.approx(expected, rel=1e-5)
    best = engine.open().top(TopK(scoring=terms, limit=10)).docs
    assert {doc.id: doc.score for doc in best} == pytest.approx({n: one for n, one in found.items() if one})


def test_recency_is_halved_by_the_half_life(engine: WhooshEngine) -> None:
    dates = {"new": "2025-07-01T00:00", "old": "2025-01-02T00:00", "undated": ""}
    releases = [release_of("버스 노선", id=name, published=date) for name, date in dates.items()]
    commit_releases(engine, [*releases, release_of("다른 소식", id="other", published="2024-01-01T00:00")])
    term = ScoringTerm("morphemes", "버스", 2.0)
    plain, recent = (
        search_scores(engine, Term("버스"), term, prefers_recent=wanted) for wanted in (False, True)
    )
    weight = 2.0 * math.log(1 + (4 - 3 + 0.5) / (3 + 0.5)) * WEIGHTS.recency
    halved = weight * 2 ** (-180 / WEIGHTS.recency_half_life_days)
    added = {name: recent[name] - plain[name] for name in recent}
    assert added == pytest.approx({"new": weight, "old": halved, "undated": 0.0}, abs=1e-5)


def test_what_is_deleted_does_not_turn_the_second_pass_off(engine: WhooshEngine, analyzer: Analyzer) -> None:
    """Frequencies count deleted releases until they are merged away: so must what they are compared with."""
    releases = [release_of("창원 하노버 박람회", f"소식 {number}", id=f"r{number}") for number in range(40)]
    commit_releases(engine, releases)
    commit_releases(engine, [], removed=[f"r{number}" for number in range(19)])
    snapshot = engine.open()
    docs = list(find_docs(snapshot, ["r30", "r31"]).values())
    features = find_features(snapshot, analyzer, ("창원", "하노버"), docs)
    assert features.query_weight > 0
    assert (features.shares[:, 0] == 1.0).all()


def test_an_index_with_deletions_ranks_as_one_without(
    engine: WhooshEngine, analyzer: Analyzer, tmp_path: Path
) -> None:
    texts = (
        "창원시 하노버 박람회 참가",
        "하노버에서 돌아온 창원시장",
        "창원 버스",
        "박람회 소식",
        "하노버 소식",
    )
    kept = [release_of(text, f"{text}. {'다른 이야기. ' * n}", id=f"k{n}") for n, text in enumerate(texts)]
    # As many again of the same words: what they change in idf is the same for every word.
    gone = [replace(release, id=f"gone{release.id}") for release in kept]
    commit_releases(engine, [*kept, *gone])
    commit_releases(engine, [], removed=[release.id for release in gone])
    other = WhooshEngine(tmp_path / "other", analyzer)
    commit_releases(other, kept)
    terms = tuple(ScoringTerm("morphemes", text) for text in ("창원", "하노버", "박람회"))
    search = Search(query=And(()), scoring=terms)
    assert [doc.id for doc in engine.open().search(search).docs] == [
        doc.id for doc in other.open().search(search).docs
    ]
