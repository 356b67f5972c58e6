"""Issuers by their names of today: gathered, filtered by, and named in queries."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.curation.files import OUTLETS, SYNONYMS
from indexer.curation.issuer_table import IssuerName, IssuerTable
from indexer.curation.issuers import Issuers
from indexer.engines.memory import MemoryEngine
from indexer.release import PressRelease
from indexer.search.issuers import IssuerLabels, IssuerWord
from indexer.search.request import SearchRequest
from indexer.search.response import FacetValue
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.services import index_only


class Table(IssuerTable):
    """Bodies of the tests: 새 was called 옛, and before that 먼; 곁 is another one."""

    _FULL: ClassVar = {"새부": "새부", "옛부": "새부", "먼부": "새부", "곁부": "곁부"}
    _SHORT: ClassVar = {"새": "새부", "옛": "옛부"}

    def __init__(self) -> None:
        pass

    def find(self, label: str) -> IssuerName | None:
        joined = "".join(label.split())
        name = self._SHORT.get(joined) or next((full for full in self._FULL if joined.startswith(full)), "")
        return IssuerName(name, self._FULL[name]) if name else None

    def is_label(self, text: str) -> bool:
        return False

    def related_names(self, name: str) -> tuple[str, ...]:
        joined = "".join(name.split())
        if joined not in {*self._FULL, *self._SHORT} or joined == "곁부":
            return ()
        return tuple(one for one in ("새부", "새", "옛부", "옛", "먼부") if one != joined)


LABELS = ["새부", "새부 총무과", "옛부", "옛부(대변인)", "옛", "먼부", "곁부", "신문", "먼 나라"]


def labels_of(own: str = "", labels: list[str] = LABELS) -> IssuerLabels:
    return IssuerLabels(Table(), Issuers(own), lambda: labels)


def test_a_label_means_a_body_and_one_of_its_names() -> None:
    issuers = labels_of()
    assert issuers.name_of("옛부(대변인)") == IssuerName("옛부", "새부")
    assert issuers.name_of("신문") == IssuerName("신문", "신문")
    assert [issuers.today(label) for label in LABELS] == ["", "", *["새부"] * 4, "", "", ""]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("새부", ["먼부", "새부", "새부 총무과", "옛", "옛부", "옛부(대변인)"]),
        ("새", ["먼부", "새부", "새부 총무과", "옛", "옛부", "옛부(대변인)"]),
        ("옛", ["먼부", "새부", "새부 총무과", "옛", "옛부", "옛부(대변인)"]),
        ("옛 부", ["옛", "옛부", "옛부(대변인)"]),
        ("먼부", ["먼부"]),
        ("곁부", ["곁부"]),
        # A label with a department is no name.
        ("새부 총무과", []),
        ("신문", []),
        ("", []),
    ],
)
def test_a_name_means_labels(typed: str, found: list[str]) -> None:
    assert list(labels_of().labels_of(typed)) == found


def test_what_is_no_name_means_itself() -> None:
    issuers = labels_of()
    assert issuers.labels_of_all(["신문", "먼부", "새부 총무과", "먼부"]) == ("신문", "먼부", "새부 총무과")
    assert labels_of(labels=["신문"]).labels_of_all(["새부", "옛"]) == ("새부", "옛")


def test_the_users_names_are_bodies_of_their_own() -> None:
    issuers = labels_of("옛부 = 옛날부, 먼부\n모음 = 새부 총무과")
    assert issuers.name_of("옛부") == IssuerName("옛부", "옛부")
    own = ("먼부", "옛", "옛부", "옛부(대변인)")
    assert issuers.labels_of("옛부") == issuers.labels_of("옛날부") == issuers.labels_of("먼부") == own
    assert "옛부" not in issuers.labels_of("새부")
    counts = {"옛부": 5, "새부": 2, "옛": 1, "모음": 1}
    assert issuers.gather(counts, 10) == (
        FacetValue("옛부", 6),
        FacetValue("새부", 2),
        FacetValue("모음", 1),
    )
    word = issuers.read_word("먼부")
    assert word
    assert word.labels == own
    # Who is renamed today takes the former names along.
    assert labels_of("새로 = 새부").gather({"옛부": 1}, 10) == (
        FacetValue("새로", 1, (FacetValue("옛부", 1),)),
    )


def test_a_word_names_an_issuer_only_whole() -> None:
    issuers = labels_of()
    labels = ("먼부", "새부", "새부 총무과", "옛", "옛부", "옛부(대변인)")
    assert issuers.read_word("먼부") == IssuerWord("새부", ("새부", "새", "옛부", "옛"), labels)
    assert issuers.read_word("곁부") == IssuerWord("곁부", (), ("곁부",))
    assert issuers.read_word("새부 총무과") is None
    assert issuers.read_word("신문") is None


MERGED = [
    *[
        "전남광주통합특별시",
        "광주광역시",
        "전라남도",
        "전남",
        "창원시",
        "창원특례시",
        "마산시",
        "진해시",
        "경상남도",
    ],
    *[
        "행정안전부",
        "행정자치부",
        "국민안전처",
        "소방청",
        "세종특별자치시",
        "연기군",
        "기획재정부",
        "재정경제부",
    ],
    *["중소기업청", "중소벤처기업부", "국토해양부", "국토교통부", "해양수산부"],
]


@pytest.mark.parametrize(
    ("word", "labels"),
    [
        # What became a part of a larger body.
        ("전라남도", "전남 전라남도"),
        ("전남도", "전남 전라남도"),
        ("광주광역시", "광주광역시"),
        ("진해시", "진해시"),
        ("마산시", "마산시"),
        ("국민안전처", "국민안전처"),
        ("연기군", "연기군"),
        # The larger body.
        ("전남광주통합특별시", "광주광역시 전남 전남광주통합특별시 전라남도"),
        ("창원시", "마산시 진해시 창원시 창원특례시"),
        ("창원특례시", "마산시 진해시 창원시 창원특례시"),
        ("행안부", "국민안전처 행정안전부 행정자치부"),
        ("행정자치부", "국민안전처 행정안전부 행정자치부"),
        ("소방청", "소방청"),
        ("세종시", "세종특별자치시 연기군"),
        # One name after the other, or two bodies of one.
        ("중소기업청", "중소기업청 중소벤처기업부"),
        ("기재부", "기획재정부 재정경제부"),
        ("국토해양부", "국토교통부 국토해양부"),
        ("해양수산부", "해양수산부"),
    ],
)
def test_the_name_of_a_merged_body_brings_only_what_it_issued(word: str, labels: str) -> None:
    issuers = IssuerLabels(_table(), Issuers(""), lambda: MERGED)
    named = issuers.read_word(word)
    assert named
    assert named.labels == tuple(labels.split())


def test_a_filter_by_the_abbreviation_of_a_merged_body_brings_only_what_it_issued() -> None:
    issuers = IssuerLabels(_table(), Issuers(""), lambda: MERGED)
    assert (
        issuers.labels_of("전남")
        == issuers.labels_of("전남도")
        == issuers.labels_of("전라남도 ")
        == ("전남", "전라남도")
    )
    assert issuers.labels_of("진해시") == ("진해시",)
    # It lies below the body of today all the same.
    assert issuers.name_of("전남").body == "전남광주통합특별시"
    assert "진해시" in issuers.labels_with("창원시")


@pytest.mark.parametrize(
    "short", ["경기", "서울", "충북", "충남", "전북", "전남", "경북", "경남", "강원", "제주"]
)
def test_the_short_name_of_a_province_is_a_place_in_a_query_and_an_issuer_in_a_filter(short: str) -> None:
    table = _table()
    found = table.find(short)
    assert found
    issuers = IssuerLabels(table, Issuers(""), lambda: [found.name, short, "신문"])
    assert issuers.read_word(short) is None
    assert set(issuers.labels_of(short)) == {found.name, short}
    assert issuers.labels_of_all([short]) == issuers.labels_of(short)


counted = st.dictionaries(st.sampled_from(LABELS) | st.text(min_size=1), st.integers(1, 50))


@given(counted, st.sampled_from(["", "옛부 = 옛", "모음 = 신문, 새부", "새부 = 신문", "= ,\n옛부 ="]))
def test_sums_are_those_of_the_labels(counts: dict[str, int], own: str) -> None:
    gathered = labels_of(own).gather(counts, len(counts))
    assert sum(one.count for one in gathered) == sum(counts.values())
    assert len({one.value for one in gathered}) == len(gathered)
    issuers = labels_of(own, list(counts))
    for one in gathered:
        of_body = [label for label in counts if issuers.name_of(label).body == one.value]
        assert one.count == sum(counts[label] for label in of_body)
        assert set(issuers.labels_with(of_body[0])) == set(of_body)
        for name in one.names:
            assert name.value != one.value
            of_name = [label for label in of_body if issuers.name_of(label).name == name.value]
            assert name.count == sum(counts[label] for label in of_name)
        rest = one.count - sum(name.count for name in one.names)
        own_labels = [label for label in of_body if issuers.name_of(label).name == one.value]
        assert rest == sum(counts[label] for label in own_labels)


REAL = ["기획재정부", "재정경제부", "기재부", "기획예산처", "문화재청", "국가유산청", "창원시", "창원특례시"]
HOSTILE = [
    "",
    " ",
    '"',
    "|",
    "-기재부",
    "<b>기획재정부</b>",
    "기획재정부\n재정경제부",
    "가" * 300,
    "=,",
    "\u202e기재부",
]
OWN = ["", "기획재정부 = 기재부\n", "우리 = 문화재청\n창원시 = 창원특례시\n"]


@pytest.fixture(scope="module")
def changing(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
) -> tuple[MemoryEngine, SearchService]:
    engine = MemoryEngine(tmp_path_factory.mktemp("issuers"), analyzer)
    index_only(engine, [])
    return engine, SearchService(engine, analyzer)


def index_with(engine: MemoryEngine, outlets: list[str], own: str) -> list[PressRelease]:
    """Index a release of each outlet as a corpus with this `outlets.txt` has it."""
    releases = [
        Issuers(own).normalize(replace(release_of("소식", id=f"r{number:03}"), outlet=outlet))
        for number, outlet in enumerate(outlets)
    ]
    with engine.write(fresh=True, read_curated_files=lambda: {OUTLETS: own}) as writer:
        writer.put(releases)
        writer.commit({})
    return releases


@given(
    st.lists(st.sampled_from(REAL + HOSTILE), max_size=25),
    st.sampled_from(OWN),
    st.lists(st.sampled_from(REAL + HOSTILE[2:]), max_size=3),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_facets_and_filters_are_those_of_a_count_by_hand(
    changing: tuple[MemoryEngine, SearchService], outlets: list[str], own: str, chosen: list[str]
) -> None:
    engine, service = changing
    releases = index_with(engine, outlets, own)
    chosen = list(dict.fromkeys(chosen))
    issuers = IssuerLabels(_table(), Issuers(own), lambda: [one.outlet for one in releases if one.outlet])
    bodies = Counter(issuers.name_of(one.outlet).body for one in releases if one.outlet)
    answer = service.search(SearchRequest(q="소식", filters={"outlet": tuple(chosen)}, limit=100))
    # The counts of a facet ignore its own filter.
    assert {one.value: one.count for one in answer.facets["outlet"]} == bodies
    wanted = set(issuers.labels_of_all(chosen))
    found = [one.id for one in releases if not chosen or one.outlet in wanted]
    assert answer.total == len(found)
    for value in answer.facets["outlet"]:
        # What a choice says that it finds, it finds; and what lies below it is a part of that.
        for one in (value, *value.names):
            narrowed = service.search(SearchRequest(q="소식", filters={"outlet": (one.value,)}))
            assert narrowed.total == one.count, one


def _table() -> IssuerTable:
    from indexer.curation.issuer_table import load_issuer_table

    return load_issuer_table()


def service_of(
    tmp_path: Path, analyzer: Analyzer, releases: list[PressRelease], synonyms: str = ""
) -> SearchService:
    engine = MemoryEngine(tmp_path, analyzer)
    with engine.write(fresh=True, read_curated_files=lambda: {SYNONYMS: synonyms}) as writer:
        writer.put(releases)
        writer.commit({})
    return SearchService(engine, analyzer)


def test_more_labels_than_are_shown_are_all_added_up(tmp_path: Path, analyzer: Analyzer) -> None:
    outlets = [f"신문{number:02}" for number in range(40) for _ in range(2)]
    outlets += ["기획재정부", "재정경제부", "기재부"]
    chooser = random.Random(1)  # noqa: S311 - no secret
    chooser.shuffle(outlets)
    releases = [release_of("소식", id=f"{number}", outlet=outlet) for number, outlet in enumerate(outlets)]
    service = service_of(tmp_path, analyzer, releases)
    first, *others = service.search(SearchRequest(q="소식")).facets["outlet"]
    assert first == FacetValue("재정경제부", 3, (FacetValue("기획재정부", 2),))
    assert len(others) == 19
    assert service.overview().outlets[0] == first


def test_what_matched_by_its_issuer_comes_last_and_says_so(tmp_path: Path, analyzer: Analyzer) -> None:
    releases = [
        release_of("예산", "예산안을 낸다.", id="issued", outlet="기획재정부", published="2024-05-05"),
        release_of("예산", "재정경제부가 예산을 낸다.", id="named", published="2020-01-01"),
        release_of("예산", "기재부가 예산을 낸다.", id="typed", published="2020-01-01"),
    ]
    service = service_of(tmp_path, analyzer, releases)
    answer = service.search(SearchRequest(q="기재부 예산"))
    assert {hit.id for hit in answer.hits[:2]} == {"typed", "named"}
    kinds = {hit.id: hit.matched[0].match_kind for hit in answer.hits}
    assert kinds == {"typed": "run", "named": "synonym", "issued": "issuer"}
    issued = answer.hits[-1]
    assert (issued.outlet, issued.outlet_today) == ("기획재정부", "재정경제부")
    assert (issued.matched[0].query, issued.matched[0].surface) == ("기재부", "기획재정부")
    assert all("기획재정부" not in snippet.text for snippet in issued.snippets)
    (issuer,) = answer.query.issuers
    assert (issuer.query, issuer.today, issuer.issued) == ("기재부", "재정경제부", True)
    assert {"기획재정부", "재정경제부"} <= set(issuer.also)
    assert answer.query.synonyms == ()
    quoted = service.search(SearchRequest(q='"기재부" 예산'))
    assert [hit.id for hit in quoted.hits] == ["typed"]
    assert quoted.query.issuers == ()


def test_other_names_change_no_score_of_what_has_none_of_them(tmp_path: Path, analyzer: Analyzer) -> None:
    releases = [release_of("기재부 예산", "소식이다.", id="a"), release_of("재정", "경제를 본다.", id="b")]
    with_names = service_of(tmp_path / "a", analyzer, releases)
    without = service_of(tmp_path / "b", analyzer, releases, "기재부 > 없는낱말\n")
    request = SearchRequest(q="기재부 예산")
    (hit,), (other,) = with_names.search(request).hits, without.search(request).hits
    assert hit.score >= other.score


def test_neighbours_are_of_all_names(tmp_path: Path, analyzer: Analyzer) -> None:
    releases = [
        release_of("하나", id="1", outlet="문화재청", published="2024-05-01"),
        release_of("둘", id="2", outlet="국가유산청", published="2024-06-01"),
        release_of("셋", id="3", outlet="신문", published="2024-05-15"),
    ]
    neighbours = service_of(tmp_path, analyzer, releases).neighbours(releases[0])
    assert neighbours.newer
    assert neighbours.newer.id == "2"
    assert neighbours.older is None


def test_a_cursor_goes_on_in_what_a_name_finds(tmp_path: Path, analyzer: Analyzer) -> None:
    outlets = ["기획재정부", "재정경제부", "신문"] * 4
    releases = [release_of("소식", id=f"{number:02}", outlet=outlet) for number, outlet in enumerate(outlets)]
    service = service_of(tmp_path, analyzer, releases)
    request = SearchRequest(q="소식 매체:기재부", filters={"outlet": ("재정경제부",)}, limit=3)
    found: list[str] = []
    answer = service.search(request)
    assert answer.query.canonical == "소식 매체:기재부"
    while True:
        found += [hit.id for hit in answer.hits]
        if not answer.next:
            break
        answer = service.search(replace(request, cursor=answer.next))
    assert sorted(found) == [release.id for release in releases if release.outlet != "신문"]
    assert len(found) == answer.total
