"""What every engine must do. The tests of an engine inherit `EngineContract` (see `test_memory.py`), and a class
for each optional capability about storage that it has.
"""

from __future__ import annotations

import math
import threading
from contextlib import closing
from dataclasses import replace
from datetime import datetime

import pytest

from indexer.analysis.keyboard import to_keystrokes
from indexer.curation.files import DICTIONARY, SYNONYMS
from indexer.engine import (
    And,
    AsksOverNetwork,
    DateRange,
    Engine,
    Filters,
    HasExplanation,
    HasOffsets,
    HasPositions,
    HasStatistics,
    Maintenance,
    NgramPhrase,
    Node,
    Not,
    Or,
    Phrase,
    PhraseDictionary,
    Prefix,
    ScoredDoc,
    ScoringTerm,
    Search,
    SearchResults,
    Sort,
    Term,
    TopK,
    find_docs,
    find_release,
)
from indexer.engine.meaning import analyse, find_spans
from indexer.errors import IndexUnavailable
from indexer.release import SEOUL, Section
from indexer.search.explain import explain_by_searches
from indexer.search.phrases import phrases_of
from tests.conftest import Clock, release_of
from tests.support.engines import (
    ANALYZER,
    BUSES,
    EMBARGO_END,
    EMBARGOED,
    HANNOVER,
    NODES,
    PUBLIC,
    RELEASES,
    SCATTERED,
    StopAfter,
    commit_releases,
    read_everything,
    search,
    search_ids,
    search_scores,
    seoul_time,
)
from tests.support.snapshots import WithoutCapabilities, positions_in, spans_in, statistics_of, versions


class EngineContract:
    """Inherit it, and define the fixture `engine`: an engine with an empty index and the clock of the fixture
    `clock`.
    """

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
        commit_releases(engine, RELEASES)
        results = search(engine, query)
        assert {doc.id for doc in results.docs} == expected
        assert results.total == len(expected)

    def test_breaks_are_those_between_numbers(self, engine: Engine) -> None:
        texts = {"point": "물가가 3.5% 올랐다", "whole": "물가가 35% 올랐다", "lines": "물가가 3\n5% 올랐다"}
        commit_releases(engine, [release_of("알림", text, id=name) for name, text in texts.items()])

        def exactly(syllables: str, *breaks: int) -> set[str]:
            return set(search_ids(engine, NgramPhrase(syllables, borders="none", breaks=breaks)))

        assert exactly("35올랐다") == exactly("35") == {"whole"}
        assert exactly("35올랐다", 0) == exactly("35", 0) == {"point", "lines"}
        assert exactly("물가가3", 1) == {"point", "whole", "lines"}
        spans = spans_in(
            engine.open(), ANALYZER, ["point"], [NgramPhrase("35올", borders="none", breaks=(0,))]
        )[0]
        assert [texts["point"][span.start : span.end] for span in spans] == ["3.5% 올"]

    def test_single_syllables_are_marked_wherever_they_stand(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        snapshot = engine.open()
        nodes: list[Node] = [NgramPhrase("출", borders="none"), NgramPhrase("시", "body", borders="none")]
        spans = spans_in(snapshot, ANALYZER, ["hannover", "buses"], nodes)
        marked = [
            [(span.node, span.field, getattr(release, span.field)[span.start : span.end]) for span in found]
            for release, found in zip((HANNOVER, BUSES), spans, strict=True)
        ]
        assert marked == [[(1, "body", "시"), (0, "body", "출")], [(1, "body", "시")]]
        snapshot.close()

    def test_a_phrase_does_not_run_over_the_border_of_fields(self, engine: Engine) -> None:
        commit_releases(engine, [release_of("독일", "출장", id="a")])
        assert search_ids(engine, And((Term("독일"), Term("출장")))) == ["a"]
        assert search_ids(engine, Phrase(("독일", "출장"))) == []

    def test_a_short_release_counts_more_than_a_long_one(self, engine: Engine) -> None:
        commit_releases(engine, [
            release_of("알림", "수소 정책을 알린다. " + "다른 이야기가 길게 이어진다. " * 9, id="long"),
            release_of("수소", "정책을 알린다", id="short"),
        ])  # fmt: skip
        docs = search(engine, Term("수소"), scoring=(ScoringTerm("morphemes", "수소"),)).docs
        assert [doc.id for doc in docs] == ["short", "long"]
        assert docs[0].score > docs[1].score > 0

    def test_a_term_more_often_scores_more(self, engine: Engine) -> None:
        # Of one length each, so that only the term tells them apart.
        texts = {f"x{times}": ["수소"] * times + ["바다"] * (6 - times) for times in range(1, 6)}
        commit_releases(
            engine, [release_of("알림", " ".join(words), id=name) for name, words in texts.items()]
        )
        assert list(search_scores(engine, Term("수소"), ScoringTerm("morphemes", "수소"))) == [
            "x5", "x4", "x3", "x2", "x1",
        ]  # fmt: skip

    @pytest.mark.parametrize("stream", ["morphemes", "bigrams"])
    def test_a_rarer_term_weighs_more_and_a_weight_counts(self, engine: Engine, stream: str) -> None:
        commit_releases(engine, [
            release_of("수소", id="rare"), *(release_of("바다", id=f"b{number}") for number in range(4)),
        ])  # fmt: skip
        rare, usual = (ScoringTerm(stream, text) for text in ("수소", "바다"))  # type: ignore[arg-type]
        plain = search_scores(engine, And(()), rare, usual)
        assert plain["rare"] > plain["b0"] > 0
        assert plain["b0"] == plain["b3"]
        heavy = search_scores(engine, And(()), rare, replace(usual, weight=9.0))
        assert heavy["b0"] == pytest.approx(9 * plain["b0"], rel=1e-5)
        assert heavy["rare"] == pytest.approx(plain["rare"], rel=1e-5)

    def test_terms_that_no_release_has_change_nothing(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        term = ScoringTerm("morphemes", "창원")
        with_unknown = search_scores(engine, And(()), term, ScoringTerm("morphemes", "없는말", 3.0))
        assert with_unknown == pytest.approx(search_scores(engine, And(()), term), rel=1e-5)

    def test_a_title_that_covers_the_query_scores_more(self, engine: Engine) -> None:
        releases = [
            release_of("버스 노선 안내", id="both"),
            release_of("버스 안내", id="one"),
            release_of("노선 안내", id="other"),
            release_of("안내", "버스 노선을 알린다.", id="none"),
        ]
        commit_releases(engine, releases)

        def covering(*terms: ScoringTerm) -> set[str]:
            plain = search_scores(engine, And(()), *(replace(term, coverage_groups=()) for term in terms))
            return {
                name for name, score in search_scores(engine, And(()), *terms).items() if score > plain[name]
            }

        bus, line = (ScoringTerm("bigrams", text, coverage_groups=(0,)) for text in ("버스", "노선"))
        unknown = ScoringTerm("bigrams", "없음", coverage_groups=(0,))
        assert covering(bus, line) == {"both", "one", "other"}
        assert covering(bus, replace(line, coverage_groups=(1,))) == {"both"}
        assert covering(bus, replace(line, coverage_groups=())) == {"both", "one"}
        assert covering(bus, unknown) == {"both", "one"}
        assert covering(bus, replace(unknown, coverage_groups=(1,))) == set()
        assert covering(bus, replace(line, stream="morphemes", coverage_groups=(1,))) == {
            "both", "one", "other",
        }  # fmt: skip

    def test_recent_releases_may_be_preferred(self, engine: Engine) -> None:
        dates = {"new": "2025-07-01T00:00", "old": "2025-01-02T00:00", "undated": ""}
        commit_releases(
            engine, [release_of("버스 노선", id=name, published=date) for name, date in dates.items()]
        )
        term = ScoringTerm("morphemes", "버스", 2.0)
        plain = search_scores(engine, Term("버스"), term)
        recent = search_scores(engine, Term("버스"), term, prefers_recent=True)
        assert list(recent) == ["new", "old", "undated"]
        assert recent["new"] - plain["new"] > recent["old"] - plain["old"] > 0
        assert recent["undated"] == pytest.approx(plain["undated"])

    def test_a_date_in_the_future_makes_no_other_release_old(self, engine: Engine) -> None:
        today = datetime.now(SEOUL).strftime("%Y-%m-%dT%H:%M")
        commit_releases(engine, [
            release_of("버스", id="slip", published="2999-01-01T00:00"), release_of("버스", id="new", published=today),
            release_of("버스", id="undated"),
        ])  # fmt: skip
        docs = search(
            engine, Term("버스"), scoring=(ScoringTerm("morphemes", "버스"),), prefers_recent=True
        ).docs
        assert [doc.id for doc in docs] == ["slip", "new", "undated"]
        assert docs[1].score == pytest.approx(docs[0].score, rel=1e-3)

    def test_a_state_that_is_opened_again_gives_the_same_scores(self, engine: Engine, clock: Clock) -> None:
        slip = release_of("수소", id="slip", published="2999-01-01T00:00")
        commit_releases(engine, [slip, *SCATTERED])
        term = ScoringTerm("morphemes", "수소")
        before = search_scores(engine, Term("수소"), term, prefers_recent=True, limit=100)
        clock.at += 100 * 24 * 60 * 60
        assert search_scores(engine, Term("수소"), term, prefers_recent=True, limit=100) == before

    def test_the_best_by_any_word_are_those_of_a_whole_search(self, engine: Engine) -> None:
        commit_releases(
            engine,
            [*RELEASES, *(release_of("노선 소식", f"{'버스 ' * n}이야기", id=f"n{n}") for n in range(9))],
        )
        scoring = (
            ScoringTerm("morphemes", "하노버"), ScoringTerm("bigrams", "비급"), ScoringTerm("morphemes", "버스"),
        )  # fmt: skip
        snapshot = engine.open()
        any_word = Or((Term("하노버"), NgramPhrase("비급", borders="none"), Term("버스")))
        whole = snapshot.search(Search(query=any_word, scoring=scoring, limit=100)).docs
        assert {"hannover", "health", "buses"} < {doc.id for doc in whole}
        for limit in (1, 3, 100):
            best = snapshot.top(TopK(scoring=scoring, limit=limit)).docs
            assert [doc.id for doc in best] == [doc.id for doc in whole[:limit]]
            assert [doc.score for doc in best] == pytest.approx([doc.score for doc in whole[:limit]])
        assert snapshot.top(TopK(scoring=(), limit=3)).docs == ()
        snapshot.close()

    def test_sorting_puts_undated_releases_last(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        assert search_ids(engine, And(()), sort="newest") == ["buses", "hannover", "health"]
        assert search_ids(engine, And(()), sort="oldest") == ["hannover", "buses", "health"]

    def test_equal_scores_are_ordered_by_date_then_id(self, engine: Engine) -> None:
        commit_releases(engine, [
            release_of("수소", id="b"), release_of("수소", id="c"), release_of("수소", id="a"),
            release_of("수소", id="new", published="2025-01-01T00:00"),
        ])  # fmt: skip
        assert search_ids(engine, Term("수소")) == ["new", "a", "b", "c"]

    def test_pages_together_are_the_whole_result_once(self, engine: Engine) -> None:
        commit_releases(
            engine, [release_of("수소 " * (number % 3 + 1), id=f"r{number:02d}") for number in range(25)]
        )
        whole = search_ids(engine, Term("수소"), limit=100)
        pages = [search_ids(engine, Term("수소"), offset=offset, limit=4) for offset in range(0, 28, 4)]
        assert [release_id for page in pages for release_id in page] == whole
        assert len(set(whole)) == 25

    @pytest.mark.parametrize("collapse", [False, True])
    @pytest.mark.parametrize(
        ("sort", "prefers_recent"),
        [("relevance", False), ("relevance", True), ("newest", False), ("oldest", False)],
    )
    def test_pages_behind_a_place_are_the_whole_result_once(
        self, engine: Engine, sort: Sort, prefers_recent: bool, collapse: bool
    ) -> None:
        commit_releases(engine, SCATTERED[:20])
        commit_releases(engine, SCATTERED[20:])
        snapshot = engine.open()
        request = Search(
            query=Term("수소"), scoring=(ScoringTerm("morphemes", "수소"),), sort=sort, facets=("outlet", "year"),
            prefers_recent=prefers_recent, limit=100, collapse=collapse,
            filters=Filters(values={"outlet": ("가", "나")}),
        )  # fmt: skip
        whole = snapshot.search(request)
        assert whole.total == 24
        assert len(whole.docs) == (18 if collapse else 24)
        for limit in (1, 4, 7, 100):
            walked: list[ScoredDoc] = []
            page = whole
            while page.has_more or not walked:
                after = walked[-1].sort_key if walked else None
                page = snapshot.search(replace(request, after=after, limit=limit))
                walked += page.docs
                assert (page.total, page.facets) == (whole.total, whole.facets)
            assert walked == list(whole.docs)
        after = whole.docs[4].sort_key
        skipping = snapshot.search(replace(request, after=after, offset=2, limit=3))
        assert (skipping.docs, skipping.has_more) == (whole.docs[7:10], True)
        last = snapshot.search(replace(request, after=whole.docs[-1].sort_key))
        assert (last.docs, last.total, last.has_more) == ((), 24, False)
        snapshot.close()

    @pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
    def test_a_place_counts_though_its_release_is_not_listed(self, engine: Engine, sort: Sort) -> None:
        commit_releases(engine, SCATTERED)
        snapshot = engine.open()
        request = Search(
            query=Term("수소"), scoring=(ScoringTerm("morphemes", "수소"),), sort=sort, limit=100
        )
        every = snapshot.search(request).docs
        listed = {doc.id for doc in snapshot.search(replace(request, collapse=True)).docs}
        assert len(listed) < len(every)
        for number, doc in enumerate(every):
            behind = snapshot.search(replace(request, after=doc.sort_key, collapse=True)).docs
            assert [other.id for other in behind] == [
                other.id for other in every[number + 1 :] if other.id in listed
            ]
        key = every[5].sort_key
        before, last = key._replace(id=""), key._replace(id="\U0010ffff")
        assert key.id in {doc.id for doc in snapshot.search(replace(request, after=before)).docs}
        assert key.id not in {doc.id for doc in snapshot.search(replace(request, after=last)).docs}
        for score, first in ((1e300, 0), (-1e300, len(every))):
            behind = snapshot.search(replace(request, after=key._replace(score=score))).docs
            assert behind == every[first if sort == "relevance" else 6 :]
        snapshot.close()

    def test_filters(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        assert search_ids(engine, And(()), filters=Filters(values={"outlet": ("보건복지부",)})) == ["health"]
        both = Filters(values={"outlet": ("보건복지부", "창원시")})
        assert len(search_ids(engine, And(()), filters=both)) == 3
        published = datetime(2023, 4, 25, 1, 28, tzinfo=SEOUL)
        assert search_ids(engine, And(()), filters=Filters(published=DateRange(before=published))) == []
        assert set(search_ids(engine, And(()), filters=Filters(published=DateRange(start=published)))) == {
            "hannover",
            "buses",
        }

    def test_facets_count_the_whole_result(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
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
        commit_releases(engine, releases)
        counts_by_outlet = {"라": 3, "나": 2, "가": 1, "다": 1}
        for limit in (1, 2, 3, 4, 5):
            counts = search(engine, And(()), facets=("outlet",), facet_limit=limit).facets["outlet"]
            assert list(counts.items()) == list(counts_by_outlet.items())[:limit]
        facets = search(
            engine, And(()), facets=("outlet", "department"), facet_limit=1, whole_facets=("outlet",)
        ).facets
        assert facets == {"outlet": counts_by_outlet, "department": {}}

    def test_years_and_months_are_all_counted(self, engine: Engine) -> None:
        days = [f"{2000 + number // 12}-{number % 12 + 1:02}-03" for number in range(40)]
        releases = [release_of("창원", id=str(number), published=day) for number, day in enumerate(days)]
        commit_releases(engine, [*releases, release_of("창원", id="again", published=days[7])])
        facets = search(engine, And(()), facets=("year", "month"), facet_limit=1).facets
        assert facets["year"] == {"2000": 13, "2001": 12, "2002": 12, "2003": 4}
        assert len(facets["month"]) == 40
        assert next(iter(facets["month"].items())) == (days[7][:7], 2)

    def test_a_place_is_found_by_counting_too(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        whole = search(engine, And(()), sort="newest", limit=100).docs
        for offset in range(len(whole) + 2):
            page = search(engine, And(()), sort="newest", offset=offset, limit=2)
            assert page.docs == whole[offset : offset + 2]
            assert page.has_more == (offset + 2 < len(whole))

    def test_a_release_comes_back_as_it_went_in(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        snapshot = engine.open()
        docs = find_docs(snapshot, [release.id for release in RELEASES])
        assert snapshot.fetch([docs[release.id].ref for release in RELEASES]) == list(RELEASES)
        assert snapshot.fetch([]) == []
        assert find_release(snapshot, "없는 id") is None
        stored = versions(snapshot)
        assert {name: one.content_hash for name, one in stored.items()} == {
            release.id: release.content_hash for release in RELEASES
        }
        assert {name: one.source_path for name, one in stored.items()} == {
            release.id: release.source_path for release in RELEASES
        }
        assert snapshot.fetch([stored[release.id].ref for release in RELEASES]) == list(RELEASES)
        assert snapshot.source_digests == {"a.txt": "1"}
        assert snapshot.info.documents == 3
        assert snapshot.info.updated_at.tzinfo is not None
        assert snapshot.info.size_bytes > 0
        assert snapshot.info.name == engine.live_name()
        snapshot.close()

    def test_values_of_a_facet_are_found_by_a_piece(self, engine: Engine) -> None:
        outlets = ("창원 시청", "창원시", "보건복지부", "경상남도창원시", "")
        commit_releases(
            engine,
            [release_of("알림", id=str(number), outlet=outlet) for number, outlet in enumerate(outlets)],
        )
        snapshot = engine.open()
        assert snapshot.facet_values("outlet", limit=9) == sorted(filter(None, outlets))
        # Whatever the spaces; what is equal comes first.
        assert snapshot.facet_values("outlet", containing="창 원시", limit=9) == [
            "창원시", "경상남도창원시", "창원 시청",
        ]  # fmt: skip
        assert snapshot.facet_values("outlet", containing="창원시", limit=1) == ["창원시"]
        assert snapshot.facet_values("outlet", containing="부산", limit=9) == []
        assert snapshot.facet_values("reporter", limit=9) == []
        snapshot.close()

    def test_a_page_says_whether_there_is_another(self, engine: Engine) -> None:
        commit_releases(engine, [release_of("수소", id=str(number)) for number in range(5)])
        for offset, limit, more in ((0, 4, True), (0, 5, False), (1, 4, False), (3, 1, True), (9, 1, False)):
            results = search(engine, Term("수소"), offset=offset, limit=limit)
            assert results.has_more == more
            assert results.total == 5
        assert search(engine, Term("수소"), limit=0).docs == ()

    def test_curated_files_are_kept_and_their_dictionary_is_used(self, engine: Engine) -> None:
        curated_files = {DICTIONARY: "에어팟둘\n", SYNONYMS: "창원시 = 창원특례시\n"}
        with engine.write(read_curated_files=lambda: curated_files) as writer:
            writer.put([release_of("에어팟둘 소식", id="new"), *RELEASES])
            writer.commit({})
        assert search_ids(engine, Term("에어팟둘")) == ["new"]
        with engine.write() as writer:
            writer.set_curated_file(SYNONYMS, "")
            writer.commit({"b.txt": "2"})
        snapshot = engine.open()
        assert snapshot.curated_files == {DICTIONARY: "에어팟둘\n", SYNONYMS: ""}
        assert snapshot.source_digests == {"b.txt": "2"}
        assert snapshot.info.documents == 4
        snapshot.close()
        commit_releases(engine, [release_of("다음 에어팟둘", id="later")])
        assert set(search_ids(engine, Term("에어팟둘"))) == {"new", "later"}

    def test_what_an_engine_stores_is_what_the_texts_say(self, engine: Engine) -> None:
        headed = replace(
            release_of("창원 박람회 박람회", id="headed"),
            subtitles=("독일 하노버", "두 번째 박람회"),
            contact="창원시 경제과 055-225-1234",
            sections=(
                Section("창원의 수소 예고", ("창원시는 수소 정책을 알린다. " * 20,)),
                Section("하노버", ("박람회는 하노버에서 열린다. " * 20,)),
            ),
        )
        commit_releases(engine, [*RELEASES, headed])
        snapshot = engine.open()
        plain = WithoutCapabilities(snapshot)
        ids = [headed.id, *(release.id for release in RELEASES)]
        terms = ("창원", "박람회", "하노버", "정책", "예고", "경제", "없는말", "버스")
        stored, counted = (positions_in(one, ANALYZER, ids, terms) for one in (snapshot, plain))
        for name in ("frequencies", "docs", "terms", "positions", "title_ends"):
            assert list(getattr(stored, name)) == list(getattr(counted, name)), name
        assert [list(row) for row in stored.in_lead] == [list(row) for row in counted.in_lead]
        assert stored.documents == counted.documents == 4
        nodes: list[Node] = [
            *NODES, Term("박람회"), Phrase(("창원", "박람회")), Prefix("박람"), NgramPhrase("하노버", "subtitle"),
            NgramPhrase("5", borders="none"),
        ]  # fmt: skip
        assert spans_in(snapshot, ANALYZER, ids, nodes) == spans_in(plain, ANALYZER, ids, nodes)
        refs = [find_docs(snapshot, ids)[release_id].ref for release_id in ids]
        if isinstance(snapshot, HasPositions):
            assert list(snapshot.positions(refs, terms).positions) == list(counted.positions)
        if isinstance(snapshot, HasOffsets):
            texts = analyse([headed, *RELEASES], ANALYZER)
            assert snapshot.offsets(refs, nodes) == [find_spans(nodes, text) for text in texts]
        assert isinstance(phrases_of(snapshot, ANALYZER), PhraseDictionary)
        stored_phrases, counted_phrases = phrases_of(snapshot, ANALYZER), phrases_of(plain, ANALYZER)
        for prefix, limit in (("", 10_000), (to_keystrokes("창"), 5)):
            assert stored_phrases.complete(prefix, limit) == counted_phrases.complete(prefix, limit)
        initials = "ㅎㄴ"
        assert stored_phrases.complete_initials(initials, 5) == counted_phrases.complete_initials(initials, 5)
        keys = [to_keystrokes("박람회"), to_keystrokes("없는말")]
        assert stored_phrases.phrases_with_keys(keys) == counted_phrases.phrases_with_keys(keys)
        snapshot.close()

    def test_what_is_told_to_come_changes_no_answer(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        snapshot, told = engine.open(), engine.open()
        scoring = (ScoringTerm("morphemes", "창원"), ScoringTerm("bigrams", "없는"))
        if isinstance(told, AsksOverNetwork):
            told.expect(scoring)
        assert told.count([Term("버스")]) == snapshot.count([Term("버스")]) == [1]
        request = Search(query=Term("창원"), scoring=scoring)
        assert told.search(request) == snapshot.search(request)

    def test_an_explanation_adds_up(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        snapshot = engine.open()
        scoring = (
            ScoringTerm("morphemes", "시내", 1.5, (0,)), ScoringTerm("morphemes", "버스", 1.0, (1,)),
            ScoringTerm("bigrams", "버스", 0.5), ScoringTerm("morphemes", "없는말"),
        )  # fmt: skip
        for doc in snapshot.search(Search(query=And(()), scoring=scoring)).docs:
            terms, bonus = explain_by_searches(snapshot, doc.id, scoring)
            assert sum(term.score for term in terms) + bonus == pytest.approx(doc.score, rel=1e-5)
            assert (bonus > 1e-6) == (doc.id == "buses")
            assert [term.frequency for term in terms] == [1, 1, 1, 0]
            if isinstance(snapshot, HasExplanation):
                explained, explained_bonus = snapshot.explain(doc.ref, scoring)
                assert [term.frequency for term in explained] == [term.frequency for term in terms]
                assert [term.score for term in explained] == pytest.approx(
                    [term.score for term in terms], rel=1e-5
                )
                assert explained_bonus == pytest.approx(bonus, rel=1e-4, abs=1e-6)
        snapshot.close()

    def test_a_closed_snapshot_answers_nothing(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        snapshot = engine.open()
        doc = snapshot.search(Search(query=Term("하노버"))).docs[0]
        snapshot.close()
        for ask in (
            lambda: snapshot.search(Search(query=And(()))),
            lambda: snapshot.top(TopK(scoring=(), limit=1)),
            lambda: snapshot.count([And(())]),
            lambda: snapshot.fetch([doc.ref]),
            lambda: snapshot.facet_values("outlet", limit=1),
            lambda: list(snapshot.versions()),
            lambda: snapshot.source_digests,
        ):
            with pytest.raises(ValueError, match="closed"):
                ask()

    def test_spans_say_where_terms_stand(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        snapshot = engine.open()
        nodes: list[Node] = [
            Phrase(("독일", "출장")),
            Or((Term("창원"), NgramPhrase("박람회"))),
            NgramPhrase("노버산", borders="none"),
            Term("없는말"),
        ]
        marked = [
            (span.node, span.field, getattr(HANNOVER, span.field)[span.start : span.end])
            for span in spans_in(snapshot, ANALYZER, ["hannover"], nodes)[0]
        ]
        assert marked == [
            (1, "body", "창원"), (1, "body", "박람회"), (0, "body", "독일"), (0, "body", "출장"),
            (2, "title", "노버 산"), (1, "title", "박람회"),
        ]  # fmt: skip
        assert spans_in(snapshot, ANALYZER, ["없는 id"], nodes) == [[]]
        snapshot.close()

    def test_a_stopped_search_finds_only_what_matches_and_says_so(self, engine: Engine) -> None:
        for releases in (RELEASES[:1], RELEASES[1:]):  # two commits
            commit_releases(engine, releases)
        snapshot = engine.open()
        words = tuple(NgramPhrase(chars, borders="none") for chars in ("창원", "박람", "출장", "이", "다"))
        scoring = (ScoringTerm("morphemes", "창원"), ScoringTerm("bigrams", "출장"))
        for query in (
            And(words),
            Or(words),
            Not(Or(words)),
            And((Or(words[:2]), Not(And(words[2:])))),
            NgramPhrase("다", borders="none"),
            Not(NgramPhrase("다", borders="none")),
            Not(Prefix("창원")),
        ):
            request = Search(query=query, scoring=scoring, facets=("outlet",))
            whole = snapshot.search(request)
            assert not whole.timed_out
            stopped = 0
            for checks in range(20):
                stop = StopAfter(checks)
                results = snapshot.search(replace(request, stop=stop))
                assert {doc.id for doc in results.docs} <= {doc.id for doc in whole.docs}
                assert results.total <= whole.total
                assert results.timed_out == stop.stopped
                if not results.timed_out:
                    assert results == whole
                stopped += results.timed_out
            # It is asked often enough to be stopped, and not for every release.
            assert 0 < stopped < 20
        best = snapshot.top(TopK(scoring=scoring, limit=5))
        for checks in range(20):
            stop = StopAfter(checks)
            stopped_best = snapshot.top(TopK(scoring=scoring, limit=5, stop=stop))
            assert {doc.id for doc in stopped_best.docs} <= {doc.id for doc in best.docs}
            assert stopped_best.timed_out == stop.stopped
            if not stopped_best.timed_out:
                assert stopped_best == best

    def test_nodes_are_counted_until_a_stop(self, engine: Engine) -> None:
        for releases in (PUBLIC[:2], [*PUBLIC[2:], EMBARGOED]):
            commit_releases(engine, releases)
        commit_releases(engine, [release_of("합병", id="gone")])
        commit_releases(engine, [], removed=["gone"])
        snapshot = engine.open()
        nodes = [*NODES, Or(()), NODES[3]]
        whole = snapshot.count(nodes)
        assert whole == [snapshot.search(Search(query=node)).total for node in nodes]
        assert snapshot.count([]) == []
        cut = 0
        for checks in range(60):
            stop = StopAfter(checks)
            counts = snapshot.count(nodes, stop)
            assert [count for count in counts if count is not None] == whole[
                : len(nodes) - counts.count(None)
            ]
            assert stop.stopped == (None in counts)
            cut += stop.stopped
        assert snapshot.count(nodes, StopAfter(0)) == [None] * len(nodes)
        assert len(nodes) <= cut < 60
        snapshot.close()
        assert engine.open(embargoed=True).count([Term("합병")]) == [1]

    def test_spans_that_are_found_before_a_stop_are_right(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        snapshot = engine.open()
        nodes: list[Node] = [Term("창원"), NgramPhrase("박람회"), Prefix("하노")]
        (whole,) = spans_in(snapshot, ANALYZER, ["hannover"], nodes)
        assert spans_in(snapshot, ANALYZER, ["hannover"], nodes, StopAfter(0)) == [[]]
        for checks in range(4):
            (spans,) = spans_in(snapshot, ANALYZER, ["hannover"], nodes, StopAfter(checks))
            assert set(spans) <= set(whole)
        assert spans == whole

    def test_a_release_that_is_one_phrase_over_and_over_has_some_hundred_spans(self, engine: Engine) -> None:
        body = "하노버 박람회 " * (3_000_000 // len("하노버 박람회 ".encode()))
        commit_releases(engine, [release_of("긴 글", body, id="long"), HANNOVER])
        nodes: list[Node] = [
            Term("하노버"),
            NgramPhrase("박람회"),
            Prefix("박람"),
            NgramPhrase("하", borders="none"),
        ]
        long, short = spans_in(engine.open(), ANALYZER, ["long", "hannover"], nodes)
        assert {span.node for span in long} == set(range(len(nodes)))
        assert 100 * len(nodes) <= len(long) < 1000 * len(nodes)
        assert short == spans_in(engine.open(), ANALYZER, ["hannover"], nodes)[0]

    def test_putting_an_id_again_replaces_it(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        commit_releases(engine, [release_of("수소 충전소", id="buses")])
        assert search_ids(engine, Term("노선")) == []
        assert search_ids(engine, Term("수소")) == ["buses"]
        assert search(engine, And(())).total == 3

    def test_removed_releases_are_gone(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        commit_releases(engine, [], removed=["buses", "없는 id"])
        assert set(search_ids(engine, And(()))) == {"hannover", "health"}
        assert search_ids(engine, Term("노선")) == []
        snapshot = engine.open()
        assert find_release(snapshot, "buses") is None
        assert snapshot.info.documents == 2
        snapshot.close()

    def test_nothing_is_seen_before_the_commit(self, engine: Engine) -> None:
        commit_releases(engine, [HANNOVER])
        with engine.write() as writer:
            writer.put([BUSES])
            assert search_ids(engine, And(())) == ["hannover"]
        assert search_ids(engine, And(())) == ["hannover"]

    def test_an_error_while_writing_discards_everything(self, engine: Engine) -> None:
        commit_releases(engine, [HANNOVER])
        before = engine.live_name()

        def write_and_fail() -> None:
            with engine.write() as writer:
                writer.put([BUSES])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_and_fail()
        assert engine.live_name() == before
        commit_releases(engine, [BUSES])
        assert search(engine, And(())).total == 2

    def test_a_fresh_write_starts_from_nothing(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        with engine.write(fresh=True) as writer:
            writer.put([BUSES])
            writer.commit({})
        assert search_ids(engine, And(())) == ["buses"]

    def test_a_snapshot_keeps_what_it_opened(self, engine: Engine) -> None:
        commit_releases(engine, [HANNOVER])
        snapshot = engine.open()
        for _ in range(4):
            commit_releases(engine, [BUSES], removed=["hannover"])
        assert [doc.id for doc in snapshot.search(Search(query=Term("하노버"))).docs] == ["hannover"]
        assert find_release(snapshot, "hannover") == HANNOVER
        snapshot.close()
        assert search_ids(engine, And(())) == ["buses"]

    def test_a_snapshot_is_safe_to_share_between_threads(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        snapshot = engine.open()
        wrong: list[object] = []

        def ask() -> None:
            for _ in range(40):
                results = snapshot.search(Search(query=Term("창원")))
                spans = spans_in(snapshot, ANALYZER, ["hannover"], [Term("창원")])[0]
                if results.total != 2 or len(spans) != 1:
                    wrong.append((results, spans))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        snapshot.close()
        assert not wrong

    def test_there_is_one_writer_at_a_time(self, engine: Engine) -> None:
        commit_releases(engine, [HANNOVER])
        with engine.write(), pytest.raises(IndexUnavailable, match="쓰고 있습니다"), engine.write(wait_s=0.1):
            pass

    def test_no_index_is_said_with_the_way_out(self, engine: Engine) -> None:
        assert engine.live_name() == ""
        with pytest.raises(IndexUnavailable, match="bodo reindex"):
            engine.open()

    def test_releases_without_a_single_morpheme_are_indexed(self, engine: Engine) -> None:
        commit_releases(engine, [release_of("는", "은 를", id="a"), release_of("!", id="b")])
        assert search_ids(engine, NgramPhrase("는", borders="none")) == ["a"]
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
        commit_releases(engine, [joint, *others[:2]])
        commit_releases(engine, others[2:])
        commit_releases(engine, [release_of("하노버 출장 자료", f"{body}\n문의: 통일부", id="c")])
        results = search(engine, Term("하노버"), collapse=True, sort="oldest")
        groups = [{doc.id, *doc.collapsed_ids} for doc in results.docs]
        assert sorted(map(sorted, groups)) == [["a", "again", "b", "c"], ["later"], ["other"]]
        assert results.total == 6
        assert not results.has_more
        first = search(engine, Term("하노버"), collapse=True, sort="oldest", limit=2)
        assert first.docs == results.docs[:2]
        assert first.has_more

    def test_what_is_under_embargo_is_as_if_it_were_not_there(self, engine: Engine, clock: Clock) -> None:
        commit_releases(engine, PUBLIC)
        without = read_everything(engine.open())
        with engine.write(fresh=True) as writer:
            writer.put([*PUBLIC, EMBARGOED])
            writer.commit({"a.txt": "1"})
        assert read_everything(engine.open()) == without
        whole = read_everything(engine.open(embargoed=True))
        assert whole["documents"] == len(PUBLIC) + 1
        clock.at = EMBARGO_END
        assert read_everything(engine.open()) == whole

    def test_what_was_under_embargo_appears_by_itself_at_its_second(
        self, engine: Engine, clock: Clock
    ) -> None:
        clock.at = EMBARGO_END - 7200
        commit_releases(
            engine,
            [*PUBLIC, EMBARGOED, replace(EMBARGOED, id="second", embargo_until=seoul_time(EMBARGO_END + 60))],
        )
        snapshot = engine.open()
        assert snapshot.at_present() is snapshot
        clock.at = EMBARGO_END - 0.001
        assert snapshot.at_present() is snapshot
        assert find_release(snapshot, EMBARGOED.id) is None
        if isinstance(snapshot, HasStatistics):
            assert (snapshot.statistics().embargoed, snapshot.statistics().next_embargo) == (
                2,
                seoul_time(EMBARGO_END),
            )
        clock.at = EMBARGO_END
        later = snapshot.at_present()
        assert later is not snapshot
        assert find_release(later, EMBARGOED.id) == EMBARGOED
        assert later.search(Search(query=Term("합병"))).total == 1
        if isinstance(later, HasStatistics):
            statistics = later.statistics()
            assert (statistics.embargoed, statistics.next_embargo) == (1, seoul_time(EMBARGO_END + 60))
        assert find_release(snapshot, EMBARGOED.id) is None, "a snapshot never changes"
        clock.at = EMBARGO_END - 1  # a clock that is put right
        earlier = later.at_present()
        assert find_release(earlier, EMBARGOED.id) is None
        assert read_everything(earlier) == read_everything(snapshot)

    def test_fractions_of_a_second_are_not_early(self, engine: Engine, clock: Clock) -> None:
        commit_releases(engine, [replace(EMBARGOED, embargo_until=seoul_time(EMBARGO_END + 0.5))])
        for clock.at, total in ((EMBARGO_END + 0.4, 0), (EMBARGO_END + 1.0, 1)):
            assert search(engine, And(())).total == total

    def test_who_writes_sees_what_is_under_embargo(self, engine: Engine) -> None:
        commit_releases(engine, [*PUBLIC, EMBARGOED])
        assert engine.live_documents() == len(PUBLIC) + 1
        whole = engine.open(embargoed=True)
        assert find_release(whole, EMBARGOED.id) == EMBARGOED
        assert EMBARGOED.id in versions(whole)
        assert whole.at_present() is whole
        if isinstance(whole, HasStatistics):
            assert whole.statistics().embargoed == 1
        whole.close()
        commit_releases(engine, [], removed=[EMBARGOED.id])
        assert find_release(engine.open(embargoed=True), EMBARGOED.id) is None
        after = engine.open()
        assert not isinstance(after, HasStatistics) or after.statistics().embargoed == 0

    def test_a_release_that_is_put_under_embargo_later_is_gone(self, engine: Engine, clock: Clock) -> None:
        commit_releases(engine, RELEASES)
        commit_releases(engine, [replace(BUSES, embargo_until=seoul_time(EMBARGO_END))])
        assert set(search_ids(engine, And(()))) == {"hannover", "health"}
        clock.at = EMBARGO_END
        assert set(search_ids(engine, And(()))) == {"hannover", "health", "buses"}
        commit_releases(engine, [BUSES])
        clock.at = EMBARGO_END - 1
        assert set(search_ids(engine, And(()))) == {"hannover", "health", "buses"}

    def test_one_under_embargo_neither_hides_another_nor_is_named_beside_it(
        self, engine: Engine, clock: Clock
    ) -> None:
        body = "\n".join(f"{number}째로, 창원시장은 {number * 37}개 회사를 만났다." for number in range(40))
        early = release_of("출장", body, id="early", embargo_until=seoul_time(EMBARGO_END))
        commit_releases(engine, [early, release_of("출장", body, id="open")])
        commit_releases(engine, [replace(early, id="other")])
        results = search(engine, Term("출장"), collapse=True)
        assert [(doc.id, doc.collapsed_ids) for doc in results.docs] == [("open", ())]
        assert (results.total, results.has_more) == (1, False)
        clock.at = EMBARGO_END
        (listed,) = search(engine, Term("출장"), collapse=True).docs
        assert {listed.id, *listed.collapsed_ids} == {"early", "open", "other"}

    def test_phrases_are_counted_from_the_end_of_their_embargo(self, engine: Engine, clock: Clock) -> None:
        # As many commits as make an engine merge what it has; some of the embargoes end in between.
        start = clock.at
        for number in range(20):
            clock.at = start + number
            commit_releases(engine, [
                release_of("하노버 소식", id=str(number), embargo_until=seoul_time(math.ceil(start) + 2 * number)),
            ])  # fmt: skip
            for seconds in range(0, 50, 7):
                clock.at = start + seconds
                shown = sum(math.ceil(start) + 2 * earlier <= clock.at for earlier in range(number + 1))
                # A cluster keeps a few hundred open at most.
                with closing(engine.open()) as snapshot:
                    counts = phrases_of(snapshot, ANALYZER).complete(to_keystrokes("하노버"), 10)
                if seconds >= number:  # the clock has not gone back behind a commit
                    assert counts.get("하노버", 0) == shown
                assert bool(counts) == (shown > 0)

    def test_an_empty_index_answers(self, engine: Engine) -> None:
        commit_releases(engine, [])
        assert search(engine, And(()), facets=("outlet",)) == SearchResults(facets={"outlet": {}})


class StatisticsContract:
    """What an engine must do besides whose snapshots have statistics."""

    def test_what_is_counted_is_there(self, engine: Engine) -> None:
        commit_releases(engine, RELEASES)
        statistics = statistics_of(engine.open())
        assert statistics.terms["morphemes"] > 10
        assert statistics.postings["bigrams"] >= statistics.terms["bigrams"] > 20


class MaintenanceContract:
    """What an engine must do besides whose storage needs maintenance."""

    def test_maintenance_changes_nothing_that_is_found(self, engine: Engine) -> None:
        assert isinstance(engine, Maintenance)
        for number in range(20):
            commit_releases(engine, [release_of("수소", id=str(number))])
        commit_releases(engine, [], removed=["3"])
        before = search_ids(engine, Term("수소"), limit=100)
        engine.merge()
        assert search_ids(engine, Term("수소"), limit=100) == before
        assert list(engine.verify()) == []
        with engine.write():
            engine.merge()  # another writes: it is left to that one
        assert engine.live_documents() == 19
