"""What every engine must do. An engine's own test file gives the fixture `engine`, with the clock of the fixture
`clock`, and takes this class.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from indexer.analysis import Analyzer
from indexer.analysis.keyboard import to_keystrokes
from indexer.engine import (
    And,
    DateRange,
    Engine,
    FacetIn,
    Filters,
    NgramPhrase,
    Node,
    Not,
    Or,
    Phrase,
    Plan,
    Prefix,
    ScoringTerm,
    Snapshot,
    Term,
    TopDocs,
)
from indexer.errors import IndexUnavailable
from indexer.release import SEOUL, PressRelease
from indexer.schema import FACETS
from indexer.weights import WEIGHTS
from tests.conftest import Clock, release_of

HANNOVER = release_of(
    "하노버 산업박람회",
    "창원시는 박람회에 참가했다.\n독일 출장을 마쳤다.",
    id="hannover",
    outlet="창원시",
    published="2023-04-25T01:28",
)
BUSES = release_of(
    "시내버스 노선 개편",
    "창원 시내 버스 노선이 바뀐다.",
    id="buses",
    outlet="창원시",
    published="2024-03-01T09:00",
)
HEALTH = release_of("비급여 진료비 공개", "병원마다 다르다.", id="health", outlet="보건복지부", published="")
ALL = (HANNOVER, BUSES, HEALTH)


def index(engine: Engine, releases: Iterable[PressRelease], *, removed: Iterable[str] = ()) -> None:
    with engine.write() as writer:
        writer.put(releases)
        writer.remove(removed)
        writer.commit({"a.txt": "1"})


def search(engine: Engine, query: Node | None, **plan: object) -> TopDocs:
    reader = engine.open()
    try:
        return reader.search(Plan(query=query, **plan))  # type: ignore[arg-type]
    finally:
        reader.close()


def found(engine: Engine, query: Node, **plan: object) -> list[str]:
    return [scored.id for scored in search(engine, query, **plan).page]


class StopAfter:
    """Says to stop once it was asked more often; `stopped` tells whether it did."""

    def __init__(self, looks: int) -> None:
        self._left = looks
        self.stopped = False

    def __call__(self) -> bool:
        self.stopped = self._left <= 0
        self._left -= 1
        return self.stopped


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


# When the embargo of WAITING ends, by the clock: far from any real time of a test run.
LIFTED = 4_000_000_000


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, SEOUL)


WAITING = release_of(
    "창원 기업 합병",
    "창원 기업 둘이 합병한다.\n시내 버스와는 관계가 없다.",
    id="waiting",
    outlet="금융위원회",
    department="기업과",
    published="2024-03-02T09:00",
    embargo_until=moment(LIFTED),
)
PUBLIC = (
    *ALL,
    release_of("창원 기업 소식", "기업 이야기다.", id="firm", outlet="창원시", published="2022-01-01T00:00"),
)


def everything(reader: Snapshot) -> dict[str, object]:
    """What a reader says, whatever the way in."""
    terms = ("창원", "기업", "합병", "버스", "관계")
    scoring = tuple(
        ScoringTerm("morphemes", term, coverage_groups=(number,)) for number, term in enumerate(terms)
    )
    scoring += (ScoringTerm("bigrams", "합병"), ScoringTerm("bigrams", "창원"))
    nodes: list[Node] = [
        And(()), Not(Term("하노버")), Term("합병"), NgramPhrase("합병"), NgramPhrase("합", borders="none"), Phrase(("기업", "합병")),
        Prefix("합병"), FacetIn("outlet", ("금융위원회", "창원시")), DateRange(datetime(2024, 1, 1, tzinfo=SEOUL)),
    ]  # fmt: skip
    facets = tuple(FACETS)
    found = [
        reader.search(
            Plan(query=node, scoring=scoring, sort=sort, recent=recent, facets=facets, grouped=grouped)
        )
        for node in nodes
        for sort, recent, grouped in (("relevance", True, True), ("newest", False, False))
    ]
    found.append(reader.search(Plan(query=None, scoring=scoring)))
    found.append(reader.search(Plan(query=None, scoring=scoring, exact_total=False)))
    ids = [*(release.id for release in PUBLIC), WAITING.id]
    shown = [release_id for release_id in ids if reader.release(release_id)]
    evidence = reader.evidence(shown, terms)
    spans = reader.spans(ids, nodes[1:3])
    said = {
        "found": found,
        "documents": reader.generation.documents,
        "releases": {release_id: reader.release(release_id) for release_id in ids},
        "values": {name: reader.values(name) for name in FACETS},
        "frequencies": evidence.frequencies.tolist(),
        "occurrences": evidence.positions.tolist(),
        "spans": spans,
        "contributions": [reader.contributions(release_id, scoring) for release_id in shown],
        "matches": [[reader.matches(release_id, node) for node in nodes] for release_id in shown],
        "phrases": reader.complete("", 10_000),
        "initials": reader.complete_initials("ㅊㅇ", 100),
        "typed": reader.phrases_with_keys([to_keystrokes(word) for word in ("합병", "기업", "금융위원회")]),
        "stored": reader.stored(),
    }
    reader.close()
    return said


class EngineContract:
    """Inherit and provide the fixture `engine`: an engine over an empty place, with the clock `clock`."""

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (Term("창원"), {"hannover", "buses"}),
            (Term("없는말"), set()),
            (And((Term("창원"), Term("노선"))), {"buses"}),
            (And((Term("하노버"), Term("노선"))), set()),
            (Or((Term("하노버"), Term("비급여"))), {"hannover", "health"}),
            (And(()), {"hannover", "buses", "health"}),
            (Or(()), set()),
            (Phrase(("독일", "출장")), {"hannover"}),
            (Phrase(("출장", "독일")), set()),
            (And((Or((Term("하노버"), Term("버스"))), Phrase(("창원", "시내")))), {"buses"}),
            (Not(Term("창원")), {"health"}),
            (And((Term("창원"), Not(Term("노선")))), {"hannover"}),
            (Term("창원", field="title"), set()),
            (Term("창원", field="body"), {"hannover", "buses"}),
            (Phrase(("시내", "버스"), field="title"), {"buses"}),
            (NgramPhrase("시내버스"), {"buses"}),
            (NgramPhrase("시내버스", field="body"), {"buses"}),
            (NgramPhrase("독일출장"), {"hannover"}),
            (NgramPhrase("박람회", field="subtitle"), set()),
            (NgramPhrase("다르다"), set()),
            (NgramPhrase("다르다", borders="form"), {"health"}),
            (NgramPhrase("출장을마", borders="form"), set()),
            (NgramPhrase("출장을마", borders="begin"), {"hannover"}),
            (NgramPhrase("일출장"), set()),
            (NgramPhrase("일출장", borders="begin"), set()),
            (NgramPhrase("일출장", borders="either"), {"hannover"}),
            (NgramPhrase("장을마", borders="either"), set()),
            (NgramPhrase("장을마", borders="none"), {"hannover"}),
            (NgramPhrase("버", borders="none"), {"hannover", "buses"}),
            (NgramPhrase("버", "title", borders="none"), {"hannover", "buses"}),
            (NgramPhrase("창", "title", borders="none"), set()),
            (NgramPhrase("버스", "body", borders="none"), {"buses"}),
            (NgramPhrase("했다독", borders="none"), {"hannover"}),
            (NgramPhrase("했다독", borders="either"), set()),
            (NgramPhrase("급여"), set()),
            (NgramPhrase("급여", borders="either"), set()),
            (NgramPhrase("급여", borders="none"), {"health"}),
            (NgramPhrase("비급여"), {"health"}),
            (NgramPhrase("없는말"), set()),
            (NgramPhrase("없는말", borders="none"), set()),
            (NgramPhrase("3579명", borders="none", breaks=(0, 2)), set()),
        ],
    )
    def test_a_query_finds_exactly_its_releases(
        self, engine: Engine, query: Node, expected: set[str]
    ) -> None:
        index(engine, ALL)
        results = search(engine, query)
        assert {scored.id for scored in results.page} == expected
        assert results.total == len(expected)

    def test_breaks_are_those_between_numbers(self, engine: Engine) -> None:
        texts = {"point": "물가가 3.5% 올랐다", "whole": "물가가 35% 올랐다", "lines": "물가가 3\n5% 올랐다"}
        index(engine, [release_of("알림", text, id=name) for name, text in texts.items()])

        def exactly(syllables: str, *breaks: int) -> set[str]:
            return set(found(engine, NgramPhrase(syllables, borders="none", breaks=breaks)))

        assert exactly("35올랐다") == exactly("35") == {"whole"}
        assert exactly("35올랐다", 0) == exactly("35", 0) == {"point", "lines"}
        assert exactly("물가가3", 1) == {"point", "whole", "lines"}
        spans = engine.open().spans(["point"], [NgramPhrase("35올", borders="none", breaks=(0,))])[0]
        assert [texts["point"][span.start : span.end] for span in spans] == ["3.5% 올"]

    def test_single_syllables_are_marked_wherever_they_stand(self, engine: Engine) -> None:
        index(engine, ALL)
        reader = engine.open()
        nodes = [NgramPhrase("출", borders="none"), NgramPhrase("시", "body", borders="none")]
        spans = reader.spans(["hannover", "buses"], nodes)
        marked = [
            [(span.node, span.field, getattr(release, span.field)[span.start : span.end]) for span in own]
            for release, own in zip((HANNOVER, BUSES), spans, strict=True)
        ]
        assert marked == [[(1, "body", "시"), (0, "body", "출")], [(1, "body", "시")]]
        reader.close()

    def test_a_phrase_does_not_run_over_the_border_of_fields(self, engine: Engine) -> None:
        index(engine, [release_of("독일", "출장", id="a")])
        assert found(engine, And((Term("독일"), Term("출장")))) == ["a"]
        assert found(engine, Phrase(("독일", "출장"))) == []

    def test_a_short_release_counts_more_than_a_long_one(self, engine: Engine) -> None:
        index(engine, [
            release_of("알림", "수소 정책을 알린다. " + "다른 이야기가 길게 이어진다. " * 9, id="long"),
            release_of("수소", "정책을 알린다", id="short"),
        ])  # fmt: skip
        page = search(engine, Term("수소"), scoring=(ScoringTerm("morphemes", "수소"),)).page
        assert [scored.id for scored in page] == ["short", "long"]
        assert page[0].score > page[1].score > 0

    @pytest.mark.parametrize("clauses", [((), ()), ((1,), ()), ((), (2,)), ((1,), (2,)), ((1,), (1, 2))])
    def test_scores_are_those_of_the_formula(
        self, engine: Engine, clauses: tuple[tuple[int, ...], ...]
    ) -> None:
        index(engine, ALL)
        terms = (
            ScoringTerm("morphemes", "창원", 1.5, clauses[0]), ScoringTerm("bigrams", "버스", 0.3, clauses[1]),
        )  # fmt: skip
        page = search(engine, And(()), scoring=terms).page
        expected = {release.id: bm25f(release, ALL, terms) for release in ALL}
        assert {scored.id: scored.score for scored in page} == pytest.approx(expected, rel=1e-5)

    def test_scores_are_those_of_the_formula_where_most_of_the_index_is_scored(self, engine: Engine) -> None:
        others = [
            release_of("소식", f"{word} 이야기를 전한다.", id=word)
            for word in ("수소", "바다", "도서관", "날씨")
        ]
        releases = (*ALL, *others)
        index(engine, releases)
        terms = [ScoringTerm("morphemes", text) for text in ("창원", "독일", "출장", "노선", "수소")]
        terms += [ScoringTerm("bigrams", text, 0.5) for text in ("버스", "독일", "바다")]
        page = search(engine, And(()), scoring=tuple(terms)).page
        expected = {release.id: bm25f(release, releases, terms) for release in releases}
        assert {scored.id: scored.score for scored in page} == pytest.approx(expected, rel=1e-5)

    def test_a_title_that_holds_one_term_of_each_clause_holds_the_query(self, engine: Engine) -> None:
        releases = [
            release_of("버스 노선 안내", id="both"), release_of("버스 안내", id="one"),
            release_of("노선 안내", id="other"), release_of("안내", "버스 노선을 알린다.", id="none"),
        ]  # fmt: skip
        index(engine, releases)

        def bonuses(*terms: ScoringTerm) -> set[str]:
            reader = engine.open()
            given = {release.id: reader.contributions(release.id, terms)[1] for release in releases}
            page = {scored.id: scored.score for scored in search(engine, And(()), scoring=terms).page}
            best = {scored.id: scored.score for scored in search(engine, None, scoring=terms).page}
            assert page == pytest.approx(
                {release.id: bm25f(release, releases, terms) for release in releases}, rel=1e-5
            )
            assert {release_id: score for release_id, score in page.items() if score} == pytest.approx(best)
            reader.close()
            return {release_id for release_id, bonus in given.items() if bonus}

        bus, line = (ScoringTerm("bigrams", text, coverage_groups=(0,)) for text in ("버스", "노선"))
        unknown = ScoringTerm("bigrams", "없음", coverage_groups=(0,))
        assert bonuses(bus, line) == {"both", "one", "other"}
        assert bonuses(bus, replace(line, coverage_groups=(1,))) == {"both"}
        assert bonuses(bus, replace(line, coverage_groups=())) == {"both", "one"}
        assert bonuses(bus, unknown) == {"both", "one"}
        assert bonuses(bus, replace(unknown, coverage_groups=(1,))) == set()
        assert bonuses(bus, replace(line, stream="morphemes", coverage_groups=(1,))) == {
            "both",
            "one",
            "other",
        }

    def test_recent_releases_may_be_preferred(self, engine: Engine) -> None:
        dates = {"new": "2025-07-01T00:00", "old": "2025-01-02T00:00", "undated": ""}
        releases = [release_of("버스 노선", id=name, published=date) for name, date in dates.items()]
        index(engine, [*releases, release_of("다른 소식", id="other", published="2024-01-01T00:00")])
        terms = (ScoringTerm("morphemes", "버스", 2.0),)
        for query in (Term("버스"), None):
            plain = {scored.id: scored.score for scored in search(engine, query, scoring=terms).page}
            page = search(engine, query, scoring=terms, recent=True, exact_total=False).page
            assert [scored.id for scored in page] == ["new", "old", "undated"]
            added = {scored.id: scored.score - plain[scored.id] for scored in page}
            weight = 2.0 * math.log(1 + (4 - 3 + 0.5) / (3 + 0.5)) * WEIGHTS.recency
            halved = weight * 2 ** (-180 / WEIGHTS.recency_half_life_days)
            assert added == pytest.approx({"new": weight, "old": halved, "undated": 0.0}, abs=1e-5)

    def test_a_date_in_the_future_makes_no_other_release_old(self, engine: Engine) -> None:
        today = datetime.now(SEOUL).strftime("%Y-%m-%dT%H:%M")
        index(engine, [
            release_of("버스", id="slip", published="2999-01-01T00:00"), release_of("버스", id="new", published=today),
            release_of("버스", id="undated"),
        ])  # fmt: skip
        page = search(engine, Term("버스"), scoring=(ScoringTerm("morphemes", "버스"),), recent=True).page
        assert [scored.id for scored in page] == ["slip", "new", "undated"]
        assert page[1].score == pytest.approx(page[0].score, rel=1e-3)

    def test_any_scoring_term_finds_where_there_is_no_query(self, engine: Engine) -> None:
        index(engine, ALL)
        terms = (ScoringTerm("morphemes", "하노버"), ScoringTerm("bigrams", "비급"))
        results = search(engine, None, scoring=terms)
        assert {scored.id for scored in results.page} == {"hannover", "health"}
        assert results.total == 2
        best = search(engine, None, scoring=terms, exact_total=False, limit=1)
        assert best.page == results.page[:1]

    def test_sorting_puts_undated_releases_last(self, engine: Engine) -> None:
        index(engine, ALL)
        assert found(engine, And(()), sort="newest") == ["buses", "hannover", "health"]
        assert found(engine, And(()), sort="oldest") == ["hannover", "buses", "health"]

    def test_equal_scores_are_ordered_by_date_then_id(self, engine: Engine) -> None:
        index(engine, [
            release_of("수소", id="b"), release_of("수소", id="c"), release_of("수소", id="a"),
            release_of("수소", id="new", published="2025-01-01T00:00"),
        ])  # fmt: skip
        assert found(engine, Term("수소")) == ["new", "a", "b", "c"]

    def test_pages_together_are_the_whole_result_once(self, engine: Engine) -> None:
        index(engine, [release_of("수소 " * (number % 3 + 1), id=f"r{number:02d}") for number in range(25)])
        whole = found(engine, Term("수소"), limit=100)
        pages = [found(engine, Term("수소"), offset=offset, limit=4) for offset in range(0, 28, 4)]
        assert [release_id for page in pages for release_id in page] == whole
        assert len(set(whole)) == 25

    def test_filters(self, engine: Engine) -> None:
        index(engine, ALL)
        assert found(engine, And(()), filters=Filters(values={"outlet": ("보건복지부",)})) == ["health"]
        both = Filters(values={"outlet": ("보건복지부", "창원시")})
        assert len(found(engine, And(()), filters=both)) == 3
        moment = datetime(2023, 4, 25, 1, 28, tzinfo=SEOUL)
        assert found(engine, And(()), filters=Filters(published=DateRange(before=moment))) == []
        assert set(found(engine, And(()), filters=Filters(published=DateRange(start=moment)))) == {
            "hannover",
            "buses",
        }

    def test_facets_count_the_whole_result(self, engine: Engine) -> None:
        index(engine, ALL)
        results = search(engine, And(()), facets=("outlet", "year"), limit=1)
        assert results.facets == {
            "outlet": {"창원시": 2, "보건복지부": 1},
            "year": {"2023": 1, "2024": 1},
        }

    def test_of_facets_the_most_frequent_values_come_first(self, engine: Engine) -> None:
        outlets = ["다", "나", "나", "가", "", "라", "라", "라"]
        releases = [
            release_of("창원", id=str(number), outlet=outlet) for number, outlet in enumerate(outlets)
        ]
        index(engine, releases)
        every = {"라": 3, "나": 2, "가": 1, "다": 1}
        for limit in (None, 1, 2, 3, 4, 5):
            counts = search(engine, And(()), facets=("outlet",), facet_limit=limit).facets["outlet"]
            assert list(counts.items()) == list(every.items())[:limit]

    def test_a_release_comes_back_as_it_went_in(self, engine: Engine) -> None:
        index(engine, ALL)
        reader = engine.open()
        assert [reader.release(release.id) for release in ALL] == list(ALL)
        assert reader.release("없는 id") is None
        assert {key: value.content_hash for key, value in reader.stored().items()} == {
            release.id: release.content_hash for release in ALL
        }
        assert reader.source_digests == {"a.txt": "1"}
        assert reader.generation.documents == 3
        statistics = reader.statistics()
        assert statistics.terms["morphemes"] > 10
        assert statistics.postings["bigrams"] >= statistics.terms["bigrams"] > 20
        reader.close()

    def test_spans_say_where_terms_stand(self, engine: Engine) -> None:
        index(engine, ALL)
        reader = engine.open()
        nodes = [
            Phrase(("독일", "출장")),
            Or((Term("창원"), NgramPhrase("박람회"))),
            NgramPhrase("노버산", borders="none"),
            Term("없는말"),
        ]
        found = [
            (span.node, span.field, getattr(HANNOVER, span.field)[span.start : span.end])
            for span in reader.spans(["hannover"], nodes)[0]
        ]
        assert found == [
            (1, "body", "창원"), (1, "body", "박람회"), (0, "body", "독일"), (0, "body", "출장"),
            (2, "title", "노버 산"), (1, "title", "박람회"),
        ]  # fmt: skip
        assert reader.spans(["없는 id"], nodes) == [[]]
        reader.close()

    def test_a_stopped_search_finds_only_what_matches_and_says_so(self, engine: Engine) -> None:
        for releases in (ALL[:1], ALL[1:]):  # a segment each
            index(engine, releases)
        reader = engine.open()
        words = tuple(NgramPhrase(run, borders="none") for run in ("창원", "박람", "출장", "이", "다"))
        scoring = (ScoringTerm("morphemes", "창원"), ScoringTerm("bigrams", "출장"))
        for query in (
            And(words),
            Or(words),
            Not(Or(words)),
            And((Or(words[:2]), Not(And(words[2:])))),
            NgramPhrase("다", borders="none"),
            Not(NgramPhrase("다", borders="none")),
            Not(Prefix("창원")),
            None,
        ):
            for exact_total in (True, False):
                plan = Plan(query=query, scoring=scoring, facets=("outlet",), exact_total=exact_total)
                whole = reader.search(plan)
                assert not whole.timed_out
                stopped = 0
                for looks in range(20):
                    stop = StopAfter(looks)
                    found = reader.search(replace(plan, stop=stop))
                    assert {one.id for one in found.page} <= {one.id for one in whole.page}
                    assert (found.total or 0) <= (whole.total or 0)
                    assert found.timed_out == stop.stopped
                    if not found.timed_out:
                        assert found == whole
                    stopped += found.timed_out
                # It is asked often enough to be stopped, and not for every release.
                assert 0 < stopped < 20 or query is None

    def test_spans_that_are_found_before_a_stop_are_right(self, engine: Engine) -> None:
        index(engine, ALL)
        reader = engine.open()
        nodes = [Term("창원"), NgramPhrase("박람회"), Prefix("하노")]
        (whole,) = reader.spans(["hannover"], nodes)
        assert reader.spans(["hannover"], nodes, StopAfter(0)) == [[]]
        for looks in range(4):
            (found,) = reader.spans(["hannover"], nodes, StopAfter(looks))
            assert set(found) <= set(whole)
        assert found == whole

    def test_a_release_that_is_one_phrase_over_and_over_has_some_hundred_spans(self, engine: Engine) -> None:
        body = "하노버 박람회 " * (3_000_000 // len("하노버 박람회 ".encode()))
        index(engine, [release_of("긴 글", body, id="long"), HANNOVER])
        nodes = [Term("하노버"), NgramPhrase("박람회"), Prefix("박람"), NgramPhrase("하", borders="none")]
        long, short = engine.open().spans(["long", "hannover"], nodes)
        assert {span.node for span in long} == set(range(len(nodes)))
        assert 100 * len(nodes) <= len(long) < 1000 * len(nodes)
        assert short == engine.open().spans(["hannover"], nodes)[0]

    def test_putting_an_id_again_replaces_it(self, engine: Engine) -> None:
        index(engine, ALL)
        index(engine, [release_of("수소 충전소", id="buses")])
        assert found(engine, Term("노선")) == []
        assert found(engine, Term("수소")) == ["buses"]
        assert search(engine, And(())).total == 3

    def test_removed_releases_are_gone(self, engine: Engine) -> None:
        index(engine, ALL)
        index(engine, [], removed=["buses", "없는 id"])
        assert set(found(engine, And(()))) == {"hannover", "health"}
        assert found(engine, Term("노선")) == []
        reader = engine.open()
        assert reader.release("buses") is None
        assert reader.generation.documents == 2
        reader.close()

    def test_nothing_is_seen_before_the_commit(self, engine: Engine) -> None:
        index(engine, [HANNOVER])
        with engine.write() as writer:
            writer.put([BUSES])
            assert found(engine, And(())) == ["hannover"]
        assert found(engine, And(())) == ["hannover"]

    def test_an_error_while_writing_discards_everything(self, engine: Engine) -> None:
        index(engine, [HANNOVER])
        before = engine.live_name()

        def write_and_fail() -> None:
            with engine.write() as writer:
                writer.put([BUSES])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_and_fail()
        assert engine.live_name() == before
        index(engine, [BUSES])
        assert search(engine, And(())).total == 2

    def test_a_fresh_write_starts_from_nothing(self, engine: Engine) -> None:
        index(engine, ALL)
        with engine.write(fresh=True) as writer:
            writer.put([BUSES])
            writer.commit({})
        assert found(engine, And(())) == ["buses"]

    def test_a_reader_keeps_what_it_opened(self, engine: Engine) -> None:
        index(engine, [HANNOVER])
        reader = engine.open()
        for _ in range(4):
            index(engine, [BUSES], removed=["hannover"])
        assert [scored.id for scored in reader.search(Plan(query=Term("하노버"))).page] == ["hannover"]
        assert reader.release("hannover") == HANNOVER
        reader.close()
        assert found(engine, And(())) == ["buses"]

    def test_a_reader_is_safe_to_share_between_threads(self, engine: Engine) -> None:
        index(engine, ALL)
        reader = engine.open()
        wrong: list[object] = []

        def ask() -> None:
            for _ in range(40):
                results = reader.search(Plan(query=Term("창원")))
                spans = reader.spans(["hannover"], [Term("창원")])[0]
                if results.total != 2 or len(spans) != 1:
                    wrong.append((results, spans))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        reader.close()
        assert not wrong

    def test_there_is_one_writer_at_a_time(self, engine: Engine) -> None:
        index(engine, [HANNOVER])
        with engine.write(), pytest.raises(IndexUnavailable, match="쓰고 있습니다"), engine.write(wait_s=0.1):
            pass

    def test_no_index_is_said_with_the_way_out(self, engine: Engine) -> None:
        assert engine.live_name() == ""
        with pytest.raises(IndexUnavailable, match="bodo reindex"):
            engine.open()

    def test_releases_without_a_single_morpheme_are_indexed(self, engine: Engine) -> None:
        index(engine, [release_of("는", "은 를", id="a"), release_of("!", id="b")])
        assert found(engine, NgramPhrase("는", borders="none")) == ["a"]
        assert search(engine, And(())).total == 2

    def test_releases_of_a_day_that_are_nearly_the_same_are_one_result(self, engine: Engine) -> None:
        body = "\n".join(f"{number}째로, 창원시장은 {number * 37}개 회사를 만났다." for number in range(40))
        joint = release_of("하노버 출장", f"{body}\n문의: 창원시 경제과", id="a")
        others = [
            release_of("(공동) 하노버 출장", f"{body}\n문의: 산업부 통상과", id="b"),
            release_of(
                "하노버 출장", f"{body}\n문의: 창원시 경제과", id="again", published="2024-03-05T09:00"
            ),
            release_of("하노버 출장", f"{body}\n문의: 외교부", id="later", published="2024-01-02T09:00"),
            release_of("하노버 출장", body.replace("회사", "대학").replace("만났", "보았"), id="other"),
        ]
        index(engine, [joint, *others[:2]])
        index(engine, others[2:])
        index(engine, [release_of("하노버 출장 자료", f"{body}\n문의: 통일부", id="c")])
        results = search(engine, Term("하노버"), grouped=True, sort="oldest")
        groups = [{scored.id, *scored.others} for scored in results.page]
        assert sorted(map(sorted, groups)) == [["a", "again", "b", "c"], ["later"], ["other"]]
        assert results.total == 6
        assert results.listed == len(groups)

    def test_what_is_under_embargo_is_as_if_it_were_not_there(self, engine: Engine, clock: Clock) -> None:
        index(engine, PUBLIC)
        without = everything(engine.open())
        with engine.write(fresh=True) as writer:
            writer.put([*PUBLIC, WAITING])
            writer.commit({"a.txt": "1"})
        assert everything(engine.open()) == without
        whole = everything(engine.open(embargoed=True))
        assert whole["documents"] == len(PUBLIC) + 1
        clock.at = LIFTED
        assert everything(engine.open()) == whole

    def test_what_was_under_embargo_appears_by_itself_at_its_second(
        self, engine: Engine, clock: Clock
    ) -> None:
        clock.at = LIFTED - 7200
        index(engine, [*PUBLIC, WAITING, replace(WAITING, id="second", embargo_until=moment(LIFTED + 60))])
        reader = engine.open()
        assert reader.at_present() is reader
        clock.at = LIFTED - 0.001
        assert reader.at_present() is reader
        assert reader.release(WAITING.id) is None
        assert (reader.statistics().embargoed, reader.statistics().next_embargo) == (2, moment(LIFTED))
        clock.at = LIFTED
        later = reader.at_present()
        assert later is not reader
        assert later.release(WAITING.id) == WAITING
        assert later.search(Plan(query=Term("합병"))).total == 1
        assert (later.statistics().embargoed, later.statistics().next_embargo) == (1, moment(LIFTED + 60))
        assert reader.release(WAITING.id) is None, "a reader never changes"
        clock.at = LIFTED - 1  # a clock that is put right
        earlier = later.at_present()
        assert earlier.release(WAITING.id) is None
        assert everything(earlier) == everything(reader)

    def test_fractions_of_a_second_are_not_early(self, engine: Engine, clock: Clock) -> None:
        index(engine, [replace(WAITING, embargo_until=moment(LIFTED + 0.5))])
        for clock.at, total in ((LIFTED + 0.4, 0), (LIFTED + 1.0, 1)):
            assert search(engine, And(())).total == total

    def test_who_writes_sees_what_is_under_embargo(self, engine: Engine) -> None:
        index(engine, [*PUBLIC, WAITING])
        assert engine.live_documents() == len(PUBLIC) + 1
        whole = engine.open(embargoed=True)
        assert whole.release(WAITING.id) == WAITING
        assert WAITING.id in whole.stored()
        assert whole.at_present() is whole
        assert whole.statistics().embargoed == 1
        whole.close()
        index(engine, [], removed=[WAITING.id])
        assert engine.open(embargoed=True).release(WAITING.id) is None
        assert engine.open().statistics().embargoed == 0

    def test_a_release_that_is_put_under_embargo_later_is_gone(self, engine: Engine, clock: Clock) -> None:
        index(engine, ALL)
        index(engine, [replace(BUSES, embargo_until=moment(LIFTED))])
        assert set(found(engine, And(()))) == {"hannover", "health"}
        clock.at = LIFTED
        assert set(found(engine, And(()))) == {"hannover", "health", "buses"}
        index(engine, [BUSES])
        clock.at = LIFTED - 1
        assert set(found(engine, And(()))) == {"hannover", "health", "buses"}

    def test_one_under_embargo_neither_hides_another_nor_is_named_beside_it(
        self, engine: Engine, clock: Clock
    ) -> None:
        body = "\n".join(f"{number}째로, 창원시장은 {number * 37}개 회사를 만났다." for number in range(40))
        early = release_of("출장", body, id="early", embargo_until=moment(LIFTED))
        index(engine, [early, release_of("출장", body, id="open")])
        index(engine, [replace(early, id="other")])
        results = search(engine, Term("출장"), grouped=True)
        assert [(scored.id, scored.others) for scored in results.page] == [("open", ())]
        assert (results.total, results.listed) == (1, 1)
        clock.at = LIFTED
        (listed,) = search(engine, Term("출장"), grouped=True).page
        assert {listed.id, *listed.others} == {"early", "open", "other"}

    def test_phrases_are_counted_from_the_end_of_their_embargo(self, engine: Engine, clock: Clock) -> None:
        # As many commits as make an engine merge what it has; some of the embargoes end in between.
        start = clock.at
        for number in range(20):
            clock.at = start + number
            index(engine, [
                release_of("하노버 소식", id=str(number), embargo_until=moment(math.ceil(start) + 2 * number)),
            ])  # fmt: skip
            for seconds in range(0, 50, 7):
                clock.at = start + seconds
                shown = sum(math.ceil(start) + 2 * own <= clock.at for own in range(number + 1))
                counts = engine.open().complete(to_keystrokes("하노버"), 10)
                if seconds >= number:  # the clock has not gone back behind a commit
                    assert counts.get("하노버", 0) == shown
                assert bool(counts) == (shown > 0)

    def test_an_empty_index_answers(self, engine: Engine) -> None:
        index(engine, [])
        assert search(engine, And(()), facets=("outlet",)) == TopDocs(0, (), {"outlet": {}})
