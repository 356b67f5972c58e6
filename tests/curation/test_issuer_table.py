"""The shipped table of issuers: what it says, and whom a label or a word of a query means."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.curation.issuer_bodies import Body, HeldName, read_bodies
from indexer.curation.issuer_table import MAX_LABEL_CHARS, IssuerName, IssuerTable, load_issuer_table
from indexer.curation.issuers import Issuers
from tests.conftest import ROOT

FILE = ROOT / "indexer" / "curation" / "issuer_table.toml"
TABLE = load_issuer_table()
ENTRIES = [
    entry for kind in ("body", "province", "local") for entry in tomllib.loads(FILE.read_text("utf-8"))[kind]
]
# Names without their spaces that stand for several local governments, or may.
AMBIGUOUS = {"중구", "동구", "서구", "남구", "북구", "강서구", "고성군", "광주시", "광주"}
# The releases of korea.kr that dates were checked against begin here.
CHECKED_FROM = date(2020, 1, 1)


def body_of(label: str) -> str | None:
    found = TABLE.find(label)
    return found.body if found else None


# --- What the data says


def test_every_official_name_has_a_source_and_dates_in_order() -> None:
    for entry in ENTRIES:
        days = [name["since"] for name in entry["names"] if "since" in name]
        assert all(type(day) is date for day in days), entry
        assert all(earlier < later for earlier, later in pairwise(days)), entry
        assert all(name["source"] for name in entry["names"]), entry
        assert ("until" in entry) == ("successors" in entry), entry
        assert "until" not in entry or all(day < entry["until"] for day in days), entry


def test_a_date_that_releases_could_tell_says_which_does_or_that_none_does() -> None:
    late = [
        name for entry in ENTRIES for name in entry["names"] if name.get("since", date.min) >= CHECKED_FROM
    ]
    assert len(late) > 25
    assert [name["name"] for name in late if not ("release" in name or "note" in name)] == []


def test_keys_are_those_that_the_head_of_the_file_explains() -> None:
    head = FILE.read_text("utf-8").partition("\n\n")[0]
    keys = {key for entry in ENTRIES for key in entry} | {
        key for e in ENTRIES for name in e["names"] for key in name
    }
    assert [key for key in keys - {"name"} if f"`{key}`" not in head and f"{key} " not in head] == []


def test_no_spelling_means_two_bodies() -> None:
    """Neither two official names, nor the abbreviation of one body and the name of another."""
    bodies = defaultdict(set)
    for body in TABLE.bodies:
        spellings = [s for held in body.names for s in (*held.spellings, *held.also)]
        for spelling in (*spellings, *body.labels):
            bodies[re.sub(r"[\s·]", "", spelling)].add(body.name)
    assert {spelling: names for spelling, names in bodies.items() if len(names) > 1} == {}
    assert not AMBIGUOUS & bodies.keys()


def test_successors_are_bodies_of_today_or_lead_to_one() -> None:
    names = {body.name: body for body in TABLE.bodies}
    for body in TABLE.bodies:
        for successor in body.successors:
            assert successor in names, f"{body.name}: {successor}"
            ends = names[successor].until
            assert ends is None or (body.until is not None and body.until < ends)


def test_a_body_is_merged_where_its_first_successor_is_larger() -> None:
    """Where it was there before, or took up another body too. 세종 took more than 연기군."""
    bodies = {body.name: body for body in TABLE.bodies}
    ended = [body for body in TABLE.bodies if body.successors]
    heirs = [body.successors[0] for body in ended]
    for body in ended:
        heir = bodies[body.successors[0]]
        is_larger = heir.names[0].since != body.until or heirs.count(heir.name) > 1
        assert body.is_merged == (is_larger or body.name == "연기군"), body.name
    assert not any(body.is_merged for body in TABLE.bodies if not body.successors)


def test_all_basic_local_governments_are_there() -> None:
    """226 and the two cities of Jeju before the changes in Incheon on 2026-07-01, which add one."""

    def on(day: date) -> int:
        local = (body for body in TABLE.bodies if body.is_local and body.name.endswith(("시", "군", "구")))
        basic = (body for body in local if not re.search("(특별|광역|자치)시$", body.name))
        return sum(
            (body.until is None or body.until > day) and (body.names[0].since or date.min) <= day
            for body in basic
        )

    assert on(date(2026, 6, 30)) == 226 + 2
    assert on(date(2026, 7, 1)) == 227 + 2


def test_all_metropolitan_governments_are_there() -> None:
    before = [
        "서울특별시",
        "부산광역시",
        "대구광역시",
        "인천광역시",
        "광주광역시",
        "대전광역시",
        "울산광역시",
        "세종특별자치시",
        "경기도",
        "강원특별자치도",
        "충청북도",
        "충청남도",
        "전북특별자치도",
        "전라남도",
        "경상북도",
        "경상남도",
        "제주특별자치도",
    ]
    assert len(before) == 17
    assert {name for name in before if (found := TABLE.find(name)) is None or found.name != name} == set()


# --- Whom a label means


@pytest.mark.parametrize(
    ("label", "name", "body"),
    [
        ("과기부", "과학기술정보통신부", "과학기술정보통신부"),
        ("과기정통부", "과학기술정보통신부", "과학기술정보통신부"),
        ("과학기술정보통신부(과기정통부)", "과학기술정보통신부", "과학기술정보통신부"),
        ("과학기술 정보통신부", "과학기술정보통신부", "과학기술정보통신부"),
        ("미래창조과학부", "미래창조과학부", "과학기술정보통신부"),
        ("교육과학기술부", "교육과학기술부", "교육부"),
        ("기재부", "기획재정부", "재정경제부"),
        ("기획예산처", "기획예산처", "기획예산처"),
        ("환경부", "환경부", "기후에너지환경부"),
        ("산업통상자원부", "산업통상자원부", "산업통상부"),
        ("산업부", "산업통상부", "산업통상부"),
        ("노동부", "고용노동부", "고용노동부"),
        ("여성가족부", "여성가족부", "성평등가족부"),
        ("문화재청", "문화재청", "국가유산청"),
        ("특허청", "특허청", "지식재산처"),
        ("통계청", "통계청", "국가데이터처"),
        ("방통위", "방송통신위원회", "방송미디어통신위원회"),
        ("국가보훈처", "국가보훈처", "국가보훈부"),
        ("안전행정부", "안전행정부", "행정안전부"),
        ("국토해양부", "국토해양부", "국토교통부"),
        ("질병관리본부", "질병관리본부", "질병관리청"),
        ("소방방재청", "소방방재청", "소방청"),
        ("식약청", "식품의약품안전청", "식품의약품안전처"),
        ("경제사회발전노사정위원회", "경제사회발전노사정위원회", "경제사회노동위원회"),
        ("국립통일교육원", "국립통일교육원", "국립평화통일민주교육원"),
        ("통일교육원", "통일교육원", "국립평화통일민주교육원"),
        ("국립해양문화재연구소", "국립해양문화재연구소", "국립해양유산연구소"),
        ("대통령경호실", "대통령경호실", "대통령경호처"),
        ("규제합리화위원회", "규제합리화위원회", "규제합리화위원회"),
        ("저출산·고령사회위원회", "저출산고령사회위원회", "저출산고령사회위원회"),
        ("저출산ㆍ고령사회위원회", "저출산고령사회위원회", "저출산고령사회위원회"),
        (
            "진실·화해를 위한 과거사정리위원회",
            "진실·화해를위한과거사정리위원회",
            "진실·화해를위한과거사정리위원회",
        ),
        # Departments, places of work, others behind.
        ("행정안전부 국립재난안전연구원", "행정안전부", "행정안전부"),
        ("창원시 홍보담당관", "창원시", "창원특례시"),
        ("창원시청", "창원시", "창원특례시"),
        ("경남도청 공보관실", "경상남도", "경상남도"),
        ("환경부·농식품부", "환경부", "기후에너지환경부"),
        ("[국방부]", "국방부", "국방부"),
        ("산업통상부(장관 김정관", "산업통상부", "산업통상부"),
        ("경기도 교육청", "경기도교육청", "경기도교육청"),
        ("강원도교육청", "강원도교육청", "강원특별자치도교육청"),
        # Local governments.
        ("창원특례시", "창원특례시", "창원특례시"),
        ("경상남도 창원시", "창원시", "창원특례시"),
        ("경남창원시", "창원시", "창원특례시"),
        ("마산시", "마산시", "창원특례시"),
        ("수원시 팔달구", "수원시", "수원특례시"),
        ("청원군", "청원군", "청주시"),
        ("연기군", "연기군", "세종특별자치시"),
        ("서울", "서울특별시", "서울특별시"),
        ("서울시", "서울특별시", "서울특별시"),
        ("충북", "충청북도", "충청북도"),
        ("전북", "전북특별자치도", "전북특별자치도"),
        ("전라북도", "전라북도", "전북특별자치도"),
        ("강원도", "강원도", "강원특별자치도"),
        ("광주광역시", "광주광역시", "전남광주통합특별시"),
        ("경북 군위군", "군위군", "군위군"),
        ("대구광역시 군위군", "군위군", "군위군"),
        ("전남 순천시", "순천시", "순천시"),
        ("제주특별자치도 서귀포시", "서귀포시", "서귀포시"),
        # Ambiguous alone.
        ("부산 중구", "부산광역시 중구", "부산광역시 중구"),
        ("부산광역시 중구 광복동", "부산광역시 중구", "부산광역시 중구"),
        ("서울시 강서구", "서울특별시 강서구", "서울특별시 강서구"),
        ("경남 고성군", "경상남도 고성군", "경상남도 고성군"),
        ("강원도 고성군", "강원도 고성군", "강원특별자치도 고성군"),
        ("강원 고성군", "강원특별자치도 고성군", "강원특별자치도 고성군"),
        ("경기도 광주시", "경기도 광주시", "경기도 광주시"),
        ("광주 북구", "광주광역시 북구", "전남광주통합특별시 북구"),
        ("인천 남구", "인천광역시 남구", "미추홀구"),
        ("인천 서구", "인천광역시 서구", "서해구"),
        ("인천 동구", "인천광역시 동구", "제물포구"),
    ],
)
def test_a_label_is_a_body_under_its_name_then(label: str, name: str, body: str) -> None:
    found = TABLE.find(label)
    assert found is not None
    assert (found.name, found.body) == (name, body)


@pytest.mark.parametrize(
    "label",
    [
        *sorted(AMBIGUOUS),
        "", " ", "()", "·", "미분류", "관계부처 합동", "중구청장", "중구청", "산업부문", "서울시민", "국토부문", "통일", "법제", "산업", "환경",
        "아동·청", "수자원", "방송통신위원", "경기·강원", "경북·강원", "경남·부산", "서울 시민", "제주 여행", "하반기부", "정부", "의정부", "교육청",
        "창원시 의회", "창원시의회", "부산광역시 해운대구 의회사무국", "진주시 교육지원청", "대통령", "국무총리", "창원", "충북시청", "시청", "고성", "행정안전부장관",
    ],
)  # fmt: skip
def test_what_is_not_surely_a_body_is_none(label: str) -> None:
    assert TABLE.find(label) is None
    assert TABLE.related_names(label) == ()


def test_the_longest_name_at_the_beginning_counts() -> None:
    assert body_of("서울시 강서구") == "서울특별시 강서구"
    assert body_of("서울시 행정국") == "서울특별시"
    assert body_of("국립 환경 과학원 대기 연구과") == "국립환경과학원"


# --- What a word of a query also means


@pytest.mark.parametrize(
    ("word", "also", "never"),
    [
        ("기재부", "기획재정부, 재정경제부, 재경부, 기획예산처", ""),
        ("재정경제부", "기획재정부, 기재부", "기획예산처"),
        ("기획예산처", "기획재정부, 기재부", "재정경제부"),
        ("교육부", "교육과학기술부", "과학기술정보통신부, 미래창조과학부"),
        ("과기부", "과학기술정보통신부, 과기정통부, 미래창조과학부, 교육과학기술부", "교육부"),
        ("교육과학기술부", "교육부, 미래창조과학부, 과학기술정보통신부", ""),
        ("산업부", "산업통상부, 산업통상자원부, 지식경제부", ""),
        ("행안부", "행정안전부, 안전행정부, 행정자치부, 국민안전처", "소방청, 해양경찰청, 인사혁신처"),
        ("국민안전처", "행정안전부, 소방청, 해양경찰청", "행정자치부, 소방방재청"),
        ("소방청", "소방방재청, 국민안전처", "행정안전부, 해양경찰청"),
        ("국토교통부", "국토부, 국토해양부", "해양수산부"),
        ("국토해양부", "국토교통부, 국토부, 해양수산부, 해수부", "농림수산식품부"),
        ("해양수산부", "국토해양부, 농림수산식품부", "국토교통부, 농림축산식품부"),
        ("문화재청", "국가유산청", ""),
        ("성평등가족부", "여성가족부, 여가부, 여성부", ""),
        ("국가 유산청", "문화재청", "국가유산청"),
        ("창원시", "창원특례시, 마산시", ""),
        ("창원특례시", "창원시", ""),
        ("전북도", "전북특별자치도, 전라북도", "전북"),
        ("서울시", "서울특별시", "서울"),
        ("전라남도", "전남광주통합특별시, 전남도", "광주광역시, 전남"),
        ("부산 중구", "부산광역시 중구", "중구"),
        ("제물포구", "인천광역시 중구", "영종구, 중구"),
        ("녹색성장위원회", "탄소중립녹색성장위원회, 국가기후위기대응위원회", "탄소중립위원회"),
    ],
)
def test_a_name_finds_its_body_along_time_and_no_sibling(word: str, also: str, never: str) -> None:
    related = TABLE.related_names(word)
    assert set(also.split(", ")) <= set(related)
    assert not set(never.split(", ")) & set(related)
    assert word not in related
    assert len(set(related)) == len(related)


@pytest.mark.parametrize(
    "word",
    [
        "서울",
        "부산",
        "경기",
        "제주",
        "세종",
        "강원",
        "충북",
        "충남",
        "전북",
        "전남",
        "경북",
        "경남",
        "통일부",
        "법무부",
        "창원시청",
        "환경부·농식품부",
        "기재부 소식",
    ],
)
def test_an_ordinary_word_or_more_than_a_name_finds_nothing_besides(word: str) -> None:
    assert TABLE.related_names(word) == ()


def test_what_a_name_of_a_body_finds_finds_the_name() -> None:
    """But for the steps over a split or a merger, which lead to a part of the time of the other body only."""
    for body in TABLE.bodies:
        names = {held.name for held in body.names}
        for name in names:
            assert names - {name} <= {*TABLE.related_names(name)}
        for successor in body.successors:
            assert successor in TABLE.related_names(body.name)
            assert body.name in TABLE.related_names(successor)


# --- A table of its own: every step of time


def held(name: str, since: int | None = None, *short: str) -> HeldName:
    return HeldName(name, date(since, 1, 1) if since else None, short)


def test_a_label_says_which_bodies_on_its_way_were_merged() -> None:
    table = IssuerTable(
        [
            Body((held("첫처"),), until=date(2010, 1, 1), successors=("둘처",)),
            Body((held("둘처", 2010),), until=date(2012, 1, 1), successors=("셋처",), is_merged=True),
            Body((held("셋처"),), until=date(2014, 1, 1), successors=("넷처",), is_merged=True),
            Body((held("넷처"),)),
        ]
    )
    assert table.find("첫처") == IssuerName("첫처", "넷처", ("둘처", "셋처"))
    assert table.find("셋처") == IssuerName("셋처", "넷처", ("셋처",))
    assert table.find("넷처") == IssuerName("넷처", "넷처")


def test_time_is_followed_over_several_splits_and_merges() -> None:
    table = IssuerTable(
        [
            Body((held("옛처"),), until=date(2010, 1, 1), successors=("가처", "나처")),
            Body((held("가처", 2010),), until=date(2015, 1, 1), successors=("다처",)),
            Body((held("나처", 2010),)),
            Body(
                (held("먼저처", 2012), held("다처", 2015, "ㄷ처")),
            ),
        ]
    )
    found = table.find("옛처")
    assert found is not None
    assert found.body == "다처"
    assert table.related_names("옛처") == ("가처", "다처", "ㄷ처", "나처")
    assert table.related_names("다처") == ("ㄷ처", "먼저처", "가처", "옛처")
    assert table.related_names("나처") == ("옛처",)


def test_a_spelling_of_two_bodies_finds_neither() -> None:
    table = IssuerTable([Body((held("가나처", None, "가처"),)), Body((held("가다처", None, "가처"),))])
    assert table.find("가처") is None
    assert table.related_names("가나처") == ("가처",)


def test_the_table_may_be_empty() -> None:
    assert read_bodies("") == ()
    assert IssuerTable([]).find("국방부") is None


# --- Any text

SPELLINGS = [s for body in TABLE.bodies for held in body.names for s in (*held.spellings, *held.also)]


@given(st.sampled_from(SPELLINGS), st.data())
def test_spaces_dots_brackets_and_forms_of_unicode_are_aside(spelling: str, data: st.DataObject) -> None:
    expected = TABLE.find(spelling)
    assert expected is not None
    between = data.draw(
        st.lists(st.sampled_from(["", "", "", " ", "·", "\u200b", "\u3000"]), min_size=len(spelling))
    )
    cut = data.draw(st.integers(0, len(spelling)))
    for form in ("NFC", "NFD", "NFKC"):
        assert TABLE.find(unicodedata.normalize(form, f" [{spelling[:cut]} {spelling[cut:]}] ")) == expected
    assert TABLE.find(f"{spelling}(담당: 김 아무개)") == expected or len(spelling) < 3
    # Up to eight words are a name; more dots than that are none.
    if sum(map(bool, between)) < 4 and " " not in spelling and "·" not in spelling:
        assert TABLE.find("".join(map("".join, zip(spelling, between, strict=False)))) == expected


@given(st.text() | st.text("부처청시도군구위원회 ·()[]ㆍ국토산업\u0301\u1100\ud800\x00", max_size=400))
@example("(" * 100_000)
@example("\u0301\u0323" * 100_000)
@example("행" * 1_000_000)
@example("국토부 " * 200_000)
@example("\ufdfa" * MAX_LABEL_CHARS)
def test_any_text_is_answered(text: str) -> None:
    found = TABLE.find(text)
    assert found is None or len(text) <= MAX_LABEL_CHARS
    assert isinstance(TABLE.related_names(text), tuple)


@given(
    st.sampled_from([s for s in SPELLINGS if " " not in s]), st.text("가나다라마바사", min_size=1, max_size=4)
)
def test_a_name_within_a_longer_word_is_no_name(spelling: str, rest: str) -> None:
    assert TABLE.find(spelling + rest) is None or spelling + rest in SPELLINGS


# --- The user's word


def test_the_shipped_outlets_leave_old_and_new_names_to_the_table() -> None:
    """corpus/outlets.txt puts one name into the index; what the table knows stays there as it was written."""
    text = (ROOT / "corpus" / "outlets.txt").read_text("utf-8")
    issuers = Issuers(text)
    assert issuers.problems == []
    known = [
        line
        for line in text.splitlines()
        if line and not line.startswith("#") and TABLE.find(line.split("=")[0])
    ]
    assert known == []


def test_the_table_is_read_once() -> None:
    assert load_issuer_table() is TABLE
