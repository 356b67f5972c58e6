"""What every answer promises, over random small archives and queries."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.release import Attachment, PressRelease, Section
from indexer.search.request import SearchRequest
from indexer.search.response import Answer, Marked
from indexer.search.service import SearchService
from tests.conftest import release_of

WORDS = [
    "창원",
    "하노버",
    "산업박람회",
    "산업 박람회",
    "비급여",
    "급여",
    "2023년",
    "4.0",
    "AI",
    "大學",
    "<b>",
    "&amp;",
    "㈜이플로우",
    "👍🏽",
    "각",
    "ﾊ",
    "맺었다.",
    "문화재",
    "화재",
    "6·25",
    "준비",
    "비",
    "지은",
    "\n",
]
TEXTS = st.lists(
    st.sampled_from([*WORDS, *(unicodedata.normalize("NFD", word) for word in WORDS)]), max_size=25
).map(" ".join)
QUERIES = (
    st.lists(
        st.sampled_from(
            [
                *WORDS,
                "창원*",
                "6.25",
                "하자",
                "창원,하노버",
                '"화재"',
                '"6·25 준비"',
                '"박람회"',
                "-급여",
                "| 하노버",
                "제목:창원",
                "맺다",
            ]
        ),
        min_size=1,
        max_size=3,
    )
    .map(" ".join)
    .filter(str.strip)
)
OUTLETS = ("교육부", "보건복지부", "")
SHARED = "같은 본문이 길게 이어진다. " * 40

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def archives(draw: st.DrawFn) -> list[PressRelease]:
    made = []
    for number in range(draw(st.integers(1, 8))):
        body = SHARED if draw(st.integers(0, 4)) == 0 else draw(TEXTS)
        made.append(release_of(
            draw(TEXTS).replace("\n", " ").strip() or "제목", body, id=f"r{number}", outlet=draw(st.sampled_from(OUTLETS)),
            published=draw(st.sampled_from(["2023-04-25T09:00", "2024-01-02T09:00", ""])),
            attachments=(Attachment("a.hwp"),) if draw(st.booleans()) else (),
        ))  # fmt: skip
    return made


def service_over(folder: Path, analyzer: Analyzer, releases: list[PressRelease]) -> SearchService:
    engine = WhooshEngine(folder, analyzer)
    with engine.write() as writer:
        writer.put(releases)
        writer.commit({})
    return SearchService(engine, analyzer)


@contextmanager
def short_lived(
    factory: pytest.TempPathFactory, analyzer: Analyzer, releases: list[PressRelease]
) -> Iterator[SearchService]:
    """A service for one example of a property."""
    folder = factory.mktemp("answers")
    try:
        yield service_over(folder / "index", analyzer, releases)
    finally:
        shutil.rmtree(folder)


def whole(service: SearchService, query: str, **asked: object) -> list[Answer]:
    """All pages of a search."""
    answers = [service.search(SearchRequest(q=query, limit=2, **asked))]  # type: ignore[arg-type]
    while answers[-1].next:
        answers.append(service.search(SearchRequest(q=query, limit=2, cursor=answers[-1].next, **asked)))  # type: ignore[arg-type]
    return answers


def check_marks(marked: Marked) -> None:
    previous = 0
    for start, end in marked.ranges:
        assert previous <= start < end <= len(marked.text)
        previous = end
        for border in (start, end):
            # A vowel or final consonant of a syllable that is written letter by letter, an accent.
            if 0 < border < len(marked.text):
                assert not unicodedata.combining(marked.text[border])
                assert not "\u1160" <= marked.text[border] <= "\u11ff"
    assert unescape(re.sub(r"</?mark>", "", marked.html)) == marked.text
    assert set(re.findall(r"<[^>]*>?", marked.html)) <= {"<mark>", "</mark>"}


@SLOW
@given(releases=archives(), query=QUERIES, sort=st.sampled_from(["relevance", "recent", "newest", "oldest"]))
def test_pages_marks_and_facets(
    tmp_path_factory: pytest.TempPathFactory,
    analyzer: Analyzer,
    releases: list[PressRelease],
    query: str,
    sort: str,
) -> None:
    with short_lived(tmp_path_factory, analyzer, releases) as service:
        answers = whole(service, query, sort=sort, exact=True)
    listed = [hit.id for answer in answers for hit in answer.hits]
    everything = listed + [other for answer in answers for hit in answer.hits for other in hit.similar]
    assert len(everything) == len(set(everything)) == answers[0].total
    bodies = {release.id: release.body for release in releases}
    for answer in answers:
        for hit in answer.hits:
            check_marks(hit.title)
            check_marks(hit.subtitle)
            assert len(hit.snippets) <= 3
            for snippet in hit.snippets:
                check_marks(snippet)
                assert len(snippet.text) <= 162
            assert all(bodies[other] == bodies[hit.id] for other in hit.similar)
    found = [release for release in releases if release.id in everything]
    facets = {
        name: {entry.value: entry.count for entry in values} for name, values in answers[0].facets.items()
    }
    assert facets["outlet"] == Counter(release.outlet for release in found if release.outlet)
    assert facets["year"] == Counter(
        str(release.published_at.year) for release in found if release.published_at
    )
    assert facets["attachment"].get("yes", 0) == sum(bool(release.attachments) for release in found)


@SLOW
@given(releases=archives(), query=QUERIES, chosen=st.sampled_from(["교육부", "보건복지부"]))
def test_a_chosen_facet_keeps_its_siblings_counts(
    tmp_path_factory: pytest.TempPathFactory,
    analyzer: Analyzer,
    releases: list[PressRelease],
    query: str,
    chosen: str,
) -> None:
    with short_lived(tmp_path_factory, analyzer, releases) as service:
        free = service.search(SearchRequest(q=query, exact=True))
        narrowed = service.search(SearchRequest(q=query, exact=True, filters={"outlet": (chosen,)}))
    assert narrowed.facets["outlet"] == free.facets["outlet"]
    assert narrowed.total == sum(entry.count for entry in free.facets["outlet"] if entry.value == chosen)
    assert sum(entry.count for entry in narrowed.facets["year"]) <= narrowed.total


@SLOW
@given(text=TEXTS, word=st.sampled_from(["창원", "하노버", "AI"]))
def test_a_match_in_the_title_never_lowers_a_score(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer, text: str, word: str
) -> None:
    body = f"{word} 소식이다. {text}"
    releases = [release_of("알리는 말", body, id="without"), release_of(f"알리는 {word}", body, id="with")]
    with short_lived(tmp_path_factory, analyzer, releases) as service:
        hits = service.search(SearchRequest(q=word)).hits
    scores = {hit.id: hit.score for hit in hits}
    scores |= {other: 0.0 for hit in hits for other in hit.similar}
    assert scores["with"] >= scores["without"]


@pytest.fixture
def press(tmp_path: Path, analyzer: Analyzer) -> SearchService:
    long = Section("", ("수소 버스 이야기다.",))
    return service_over(tmp_path / "index", analyzer, [
        release_of("하노버 산업박람회 참가", "창원시가 하노버에 간다.", id="hannover", outlet="창원시"),
        release_of("수소 버스", "창원 시내를 달린다.", id="bus", outlet="창원시", published="2023-01-01T09:00"),
        release_of("독일 소식", "하노버 말고 베를린이다.", id="berlin", outlet="외교부"),
        release_of("첫째", SHARED, id="one"), release_of("둘째", SHARED, id="two"), release_of("셋째", SHARED, id="three"),
        PressRelease(id="attached", title="붙임이 있는 소식", content_hash="0" * 64, sections=(
            long, Section("도면.pdf · 3쪽", ("개체수 조사 구역이다.",), "도면.pdf", 3), Section("", ("구분 | 따오기",), "", 0, 2))),
    ])  # fmt: skip


def test_nothing_found_says_what_would_find_something(press: SearchService) -> None:
    answer = press.search(SearchRequest(q="하노버 수소", exact=True))
    assert (answer.total, answer.hits) == (0, ())
    assert {(one.kind, one.request.q, one.total) for one in answer.alternatives} == {
        ("word", "하노버", 2),
        ("word", "수소", 2),
    }
    filtered = press.search(SearchRequest(q="하노버", filters={"outlet": ("교육부",)}, exact=True))
    assert [(one.kind, one.total, one.request.chosen("outlet")) for one in filtered.alternatives] == [
        ("without_filters", 2, ())
    ]
    dated = press.search(SearchRequest(q="버스", published_from=date(2024, 6, 1), exact=True))
    assert [(one.kind, one.total, one.request.published_from) for one in dated.alternatives] == [
        ("without_dates", 2, None)
    ]


def test_words_typed_without_their_spaces_are_found_apart_and_said(press: SearchService) -> None:
    answer = press.search(SearchRequest(q="창원하노버산업박람회"))
    assert answer.query.corrected_from == "창원하노버산업박람회"
    assert answer.query.effective == "창원 하노버 산업 박람회"
    assert [hit.id for hit in answer.hits] == ["hannover"]
    assert answer.hits[0].title.html == "<mark>하노버</mark> <mark>산업박람회</mark> 참가"
    assert press.search(SearchRequest(q="창원하노버산업박람회", exact=True)).total == 0
    assert press.search(SearchRequest(q="독일하노버산업박람회")).total == 0


def test_a_correction_is_said_and_can_be_undone(press: SearchService) -> None:
    answer = press.search(SearchRequest(q="하노바 산업박람회"))
    assert (answer.query.corrected_from, answer.query.effective) == ("하노바 산업박람회", "하노버 산업박람회")
    assert [hit.id for hit in answer.hits] == ["hannover"]
    assert {word.match_kind for word in answer.hits[0].matched} == {"correction", "morpheme"}
    assert ("spelling", "하노버 산업박람회") in {(one.kind, one.request.q) for one in answer.alternatives}
    assert press.search(SearchRequest(q="하노바 산업박람회", exact=True)).total == 0


def test_few_hits_are_followed_by_partial_ones_apart(press: SearchService) -> None:
    answer = press.search(SearchRequest(q="하노버 창원"))
    assert [hit.id for hit in answer.hits] == ["hannover"]
    assert {hit.id for hit in answer.partial} == {"bus", "berlin"}
    assert answer.total == 1
    assert press.search(SearchRequest(q="하노버 창원", exact=True)).partial == ()
    assert {
        hit.id
        for hit in press.search(SearchRequest(q="하노버 창원", filters={"outlet": ("창원시",)})).partial
    } == {"bus"}


def test_releases_with_one_body_are_one_result(press: SearchService) -> None:
    answer = press.search(SearchRequest(q="같은 본문"))
    assert answer.total == 3
    (hit,) = answer.hits
    assert {hit.id, *hit.similar} == {"one", "two", "three"}
    assert answer.next is None


def test_a_snippet_says_where_it_is_from(press: SearchService) -> None:
    (hit,) = press.search(SearchRequest(q="개체수")).hits
    assert [(snippet.file, snippet.page, snippet.place) for snippet in hit.snippets] == [
        ("도면.pdf", 3, "도면.pdf · 3쪽")
    ]
    (hit,) = press.search(SearchRequest(q="따오기")).hits
    assert [(snippet.table, snippet.place) for snippet in hit.snippets] == [(2, "표 2")]


def test_an_explanation_adds_up_to_the_score(press: SearchService) -> None:
    for query in ("하노버", "하노버 산업박람회", "창원 버스"):
        for hit in press.search(SearchRequest(q=query)).hits:
            explanation = press.explain(query, hit.id)
            assert explanation is not None
            assert explanation.score == pytest.approx(hit.score, rel=1e-5)
            assert explanation.matches
    unrelated = press.explain("하노버", "one")
    assert unrelated is not None
    assert not unrelated.matches
    assert press.explain("하노버", "없음") is None


def test_a_service_outlives_the_files_of_its_index(
    press: SearchService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert press.search(SearchRequest(q="하노버")).total == 2
    (tmp_path / "index").rename(tmp_path / "elsewhere")
    assert press.search(SearchRequest(q="하노버")).total == 2
    (tmp_path / "elsewhere").rename(tmp_path / "index")
    (tmp_path / "index" / "CURRENT").write_text("garbage", "ascii")
    assert press.search(SearchRequest(q="하노버")).total == 2
    assert press.search(SearchRequest(q="하노버")).total == 2
    assert caplog.text.count("계속 답합니다") == 2
    shutil.rmtree(tmp_path / "index")
    assert press.search(SearchRequest(q="버스")).total == 2
