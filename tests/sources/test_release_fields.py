"""Fields from a release's own words, in the layouts that ministries use; what is not stated stays empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.release import PressRelease
from indexer.sources.extraction.release_fields import find_fields
from indexer.sources.recognizers.contacts import find_contacts
from tests.support.corpus import read_one


def fields_of(text: str) -> dict[str, str]:
    return {item.field: item.value for item in find_fields(text.splitlines())}


@pytest.mark.parametrize(
    ("line", "department", "people"),
    [
        ("* 담당자 : 복구지원과 현종일(044-205-5314)", "복구지원과", ["현종일 044-205-5314"]),
        (
            "* 문의: 국제협력담당관실 김성일 사무관(042-724-6492)",
            "국제협력담당관실",
            ["사무관 김성일 042-724-6492"],
        ),
        ("담당: 경찰청 외사국 경정 여태수(02-3150-1630)", "경찰청 외사국", ["경정 여태수 02-3150-1630"]),
        (
            "담당: 경찰견 종합훈련센터 경감 서동수(042-609-5096)",
            "경찰견 종합훈련센터",
            ["경감 서동수 042-609-5096"],
        ),
        ("문의 : 조세과 김하나(02)2100-4184", "조세과", ["김하나 02-2100-4184"]),
        (
            "교육부 평생학습정책과 과장 최하영, 사무관 전 완(☎044-203-6392)",
            "교육부 평생학습정책과",
            ["과장 최하영 044-203-6392", "사무관 전완 044-203-6392"],
        ),
        (
            "- 담당자 : 혁신기획담당관 정준호(02-2100-2453), 정지환(02-2100-2454)",
            "혁신기획담당관",
            ["정준호 02-2100-2453", "정지환 02-2100-2454"],
        ),
        (
            "담당부서 | 사립대학지원과 | 책임자 | 과 장 | 안 상 훈 | (044-203-6950)",
            "사립대학지원과",
            ["과장 안상훈 044-203-6950"],
        ),
        ("문 의: (임금체불)근로감독기획과 박경희(044-202-7552)", "근로감독기획과", ["박경희 044-202-7552"]),
        ("문 의: 김소연 국제협력담당관 (044-202-7129)", "국제협력담당관", ["김소연 044-202-7129"]),
        (
            "규제자유특구과 김민수 사무관(안착화, ☎044-204-7222)",
            "규제자유특구과",
            ["사무관 김민수 044-204-7222"],
        ),
        (
            "담당과 | 대학학사제도과 과장 구영실 (☎044-203-6249)",
            "대학학사제도과",
            ["과장 구영실 044-203-6249"],
        ),
        (
            "* 담당자 : 여수·순천 10·19사건 희생자 명예회복 지원단 이융(02-2076-5300)",
            "여수·순천 10·19사건 희생자 명예회복 지원단",
            ["이융 02-2076-5300"],
        ),
        ("☏ 044-200-7071~3", "", []),
        ("민원실 02-2100-4184", "", []),
        ("문의: (주간) 031-8035-7581, (사무국) 031-8035-7582", "", []),
        ("자세한 사항은 덕수궁관리소(☎02-751-0740)로 문의하면 안내받을 수 있다.", "", []),
    ],
)
def test_people_are_read_backwards_from_their_number(line: str, department: str, people: list[str]) -> None:
    found = [person for person in find_contacts(line) if person.rank or "자세한" not in line]
    assert [str(person) for person in found] == people
    assert (found[0].department if found else "") == department


def test_noon_is_no_part_of_a_name() -> None:
    assert (
        fields_of("담당 부서\n행동강령과\n과장\n손정오\n044-200-7641")["contact"]
        == "과장 손정오 044-200-7641"
    )


def test_only_what_is_wanted_is_given_with_the_same_values() -> None:
    text = "보도시점: 2023. 4. 4.(화) 정오\n교육부(장관 김하나)는 알렸다.\n문의: 교육부 조세과 이두리(02-2100-4184)"
    everything = find_fields(text.splitlines())
    assert {item.field for item in everything} == {"published", "embargo", "outlet", "contact", "department"}
    wanted = find_fields(text.splitlines(), ("department", "embargo"))
    assert wanted == [item for item in everything if item.field in ("department", "embargo")]
    assert [item.value for item in wanted] == ["2023. 4. 4.(화) 12:00", "조세과"]


@pytest.mark.parametrize("space", ["\t", "\u3000", "\xa0", "  "])
def test_any_white_space_is_a_space(space: str) -> None:
    line = f"문의:{space}조세과{space}이두리{space}(02-2100-4184){space}"
    assert fields_of(f"{space}\n{line}")["contact"] == "이두리 02-2100-4184"


def test_a_block_of_labels_above_their_values() -> None:
    text = "보도자료\n\n배포 즉시 보도해 주시기 바랍니다.\n\n\t뉴스배포정보\n\n 자료배포\n 2020. 10. 21. (수)\n\n 담당부서\n 행동강령과\n\n 과장\n 박형준 ☏ 044-200-7671\n\n 담당자\n 한세근 ☏ 044-200-7675\n\n□ 국민권익위원회(위원장 전현희, 이하 국민권익위)는 알렸다."
    assert fields_of(text) == {
        "published": "2020. 10. 21. (수)",
        "outlet": "국민권익위원회",
        "department": "행동강령과",
        "contact": "과장 박형준 044-200-7671, 한세근 044-200-7675",
    }


def test_a_table_names_the_body_on_one_row_and_the_office_on_the_next() -> None:
    text = "담당 부서\n소방청\n책임자\n실 장\n백승두\n(044-205-7070)\n119종합상황실\n담당자\n소방장\n이정태\n(044-205-7076)"
    found = fields_of(text)
    assert (found["outlet"], found["department"]) == ("소방청", "119종합상황실")
    assert found["contact"] == "실장 백승두 044-205-7070, 소방장 이정태 044-205-7076"


@pytest.mark.parametrize(
    ("line", "published", "embargo"),
    [
        (
            "보도시점 : 2024. 2. 20.(화) 11:00 이후(2. 21.(수) 조간) / 배포 : 2024. 2. 20.(화)",
            "2024. 2. 20.(화)",
            "2024. 2. 20.(화) 11:00",
        ),
        (
            "배포 | 2026. 5. 8.(금) 15:00 | 보도시점 | (인터넷)2026. 5. 11.(월) 06:00",
            "2026. 5. 8.(금) 15:00",
            "2026. 5. 11.(월) 06:00",
        ),
        ("보도시점 | 배포 후 즉시 사용 | 배포 | 2026. 4. 24.(금)", "2026. 4. 24.(금)", None),
        ("보도시점 | 2026. 4. 28.(화) 배포 즉시", "2026. 4. 28.(화)", None),
        ("보도시점 : ’24. 2. 20.(화) 낮 12시", "2024. 2. 20.(화) 12:00", "2024. 2. 20.(화) 12:00"),
        (
            "배포 | 2026. 5. 7.(목) | 보도시점 | (인터넷) 2026. 5. 7.(목) 국회 본회의 통과 시",
            "2026. 5. 7.(목)",
            None,
        ),
        ("보도시점 : 2024. 13. 40.", None, None),
        ("전단을 만들어 2024. 2. 20.에 배포했다.", None, None),
    ],
)
def test_times(line: str, published: str | None, embargo: str | None) -> None:
    found = fields_of(line)
    assert (found.get("published"), found.get("embargo")) == (published, embargo)


def test_the_day_a_paper_reported_is_no_embargo() -> None:
    found = fields_of("□ 보도일시 : 2020. 12. 22.(화)\n□ 보도매체 : 한국신문\n□ 제목 : 등록금 반환")
    assert "embargo" not in found


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("□ 국토교통부(장관 박상우)는 통장을 출시한다.", "국토교통부"),
        ("교육부(부총리 겸 교육부장관 유은혜)는 회의를 열었다.", "교육부"),
        ("소방청(청장 직무대행 김승룡)은 발표했다.", "소방청"),
        ("국무총리 소속 경찰제도발전위원회(위원장 박인환)는 들었다.", "경찰제도발전위원회"),
        ("농업회사법인 땡스(주)(대표: 임국화)는 체험을 운영한다.", None),
        ("김민석 국무총리는 회의를 열었다.", None),
    ],
)
def test_the_issuer_is_the_body_that_the_lead_names_with_its_head(line: str, outlet: str | None) -> None:
    assert fields_of(line).get("outlet") == outlet


def test_every_field_says_where_it_stood() -> None:
    (contact, department) = find_fields(["본문이다.", "* 담당자 : 복구지원과 현종일(044-205-5314)"])
    assert contact.origin == department.origin == "‘* 담당자 : 복구지원과 현종일(044-205-5314)’"


# A ministry's release pasted as text


def pasted(tmp_path: Path, text: str) -> PressRelease:
    return read_one(tmp_path, "a.txt", text)


LEAD = "행정안전부(장관 김하나)는 지진 안전 교육의 우수 사례를 6월 30일까지 공모한다고 밝혔다."


def test_a_pasted_release_tells_names_and_numbers_apart(tmp_path: Path) -> None:
    release = pasted(
        tmp_path, f"지진 안전 공모전\n\n{LEAD}\n\n* 담당자 : 지진방재관리과 이두리(044-205-5191)\n"
    )
    assert (release.outlet, release.department) == ("행정안전부", "지진방재관리과")
    assert release.contact == "이두리 044-205-5191"
    assert dict(release.origins)["contact"].startswith("‘* 담당자")


def test_the_cell_below_a_label_is_no_contact_without_a_number(tmp_path: Path) -> None:
    cells = "담당 부서\n소방청\n책임자\n담당자\n소방교\n"
    release = pasted(tmp_path, f"소방 공모전\n\n소방청(청장 김하나)은 공모전을 연다고 밝혔다.\n\n{cells}")
    assert (release.outlet, release.department, release.contact) == ("소방청", "", "")


@pytest.mark.parametrize(
    "line",
    [
        "보도자료",
        "- (T)044-200-7071~3, 7078",
        "담당과",
        "교육과정정책과 과 장 조성연",
        "주요 내용",
        "- 주요 내용 -",
        "엠바고 없음",
        "홍보담당관실",
        "1",
        "【 지진 안전 원탁회의 】",
        "행정안전부는 지진 안전 의식을 높이기 위하여",
        "모집 개요",
        "Ⅰ. 공모 분야",
        "[연합뉴스, 11.9.일자 보도 관련]",
        "< 지진 안전 공모전의 추진 배경과 주요 내용 >",
        "지진 안전 우수사례 공모전 개최 ※ 2쪽 표 수정(17:24)",
        "사무관 이두리, 교육연구사 박세찬(☎044-203-6058)",
        "[이미지1] 지진 안전 교육",
        "“지진 안전” 우수사례 공모전 개최",
        "지진안전 우수사례 공모전 (행정안전부)",
        "[모두발언] 새로운 공모전을 열며",
        "[모두발언] 지진 안전 우수사례 2021. 8. 19. 정부서울청사",
        "– 2022. 11. 24.(목) 09:30, 정부서울청사 –",
        "행정안전부(김하나 장관)는 지진 안전 우수사례를",
    ],
)
def test_what_is_no_subtitle(tmp_path: Path, line: str) -> None:
    release = pasted(tmp_path, f"지진 안전 우수사례 공모전 개최\n\n{line}\n- 6월 30일까지 접수 -\n{LEAD}\n")
    assert release.title == "지진 안전 우수사례 공모전 개최"
    assert line.strip("– ") not in release.subtitles


@pytest.mark.parametrize(
    ("line", "subtitle"),
    [
        ("- 6월 30일까지 접수 -", "6월 30일까지 접수"),
        ("- 6월 30일까지\n모두 접수 -", "6월 30일까지 모두 접수"),
        ("-> 대전 지역 쪽방촌 방문", "대전 지역 쪽방촌 방문"),
        ("-산림바이오매스수집단 41명 모집-", "산림바이오매스수집단 41명 모집"),
    ],
)
def test_what_is_a_subtitle(tmp_path: Path, line: str, subtitle: str) -> None:
    assert pasted(tmp_path, f"지진 안전 공모전 개최\n\n{line}\n{LEAD}\n").subtitles == (subtitle,)


def test_what_stands_unmarked_below_dashed_subtitles_is_text(tmp_path: Path) -> None:
    release = pasted(tmp_path, f"지진 안전 공모전\n\n- 6월까지 접수 -\n공모 분야와 규모\n{LEAD}\n")
    assert release.subtitles == ("6월까지 접수",)
    assert release.body.splitlines()[0] == "공모 분야와 규모"


def test_a_head_behind_the_name_is_one_too() -> None:
    assert fields_of("행정안전부(김하나 장관)는 밝혔다.") == {"outlet": "행정안전부"}


def test_the_sentence_that_tells_whom_to_ask_comes_first() -> None:
    asks = "이 보도자료와 관련하여 자세한 내용이나 취재를 원하시면 중소벤처기업부 기업금융과 이두리 사무관(044-204-7524)에게 연락주시기 바랍니다."
    found = fields_of(f"{asks}\n문의처\n소상공인시장진흥공단\n김하나 실장\n042-363-7120")
    assert (found["department"], found["contact"]) == ("기업금융과", "사무관 이두리 044-204-7524")


def test_a_clause_before_the_issuer_is_no_part_of_its_name() -> None:
    assert fields_of("주무부처인 개인정보보호위원회(위원장 김하나)는 밝혔다.") == {
        "outlet": "개인정보보호위원회"
    }


def test_those_counted_with_their_head_are_no_issuer() -> None:
    assert fields_of("* 비상임 위원(위원장 포함) 8명, 상임위원 1명") == {}


def test_the_value_of_another_label_is_no_department() -> None:
    assert fields_of("* (사업기간/담당부서) '22. 4월 ~ '26. 12월 / 국토교통부 국토정보정책과") == {}


def test_a_contact_of_many_names_is_read_to_its_end() -> None:
    people = [
        f"근로기준정책과 이둘{name} ({number})" for number, name in enumerate("가나다라마바사아자차", 7_529)
    ]
    line = "문 의: " + ", ".join(person.replace("(", "(044-202-") for person in people)
    assert len(line) > 150
    assert fields_of(line)["contact"].startswith("이둘가 044-202-7529, 이둘나 044-202-7530")


def test_of_two_bodies_the_one_that_speaks_is_the_issuer() -> None:
    lead = "국가유산청 궁능유적본부는 국가유산진흥원(원장 김하나)과 함께 궁을 연다고 밝혔다."
    assert fields_of(lead)["outlet"] == "국가유산청 궁능유적본부"
    assert fields_of("서울은평병원(원장 김하나)은 새 병동을 열었다고 밝혔다.")["outlet"] == "서울은평병원"


def test_the_table_of_times_is_no_subtitle(tmp_path: Path) -> None:
    head = "보도참고자료\n보도시점\n배포 즉시\n배포\n2025.11.14.(금)"
    text = f"지진 안전 우수사례 공모전 개최\n\n{head}\n지진 안전 우수사례 공모전 개최\n- 6월 30일까지 접수 -\n{LEAD}\n"
    assert pasted(tmp_path, text).subtitles == ("6월 30일까지 접수",)


def test_a_title_said_again_as_a_sentence_is_not_the_text(tmp_path: Path) -> None:
    text = f"“지진 안전” 새로운 바람을 불어넣다\n\n'지진 안전' 새로운 바람을 불어넣다.\n현장의 목소리를 듣는 자문단\n\n{LEAD}\n"
    release = pasted(tmp_path, text)
    assert release.subtitles == ("현장의 목소리를 듣는 자문단",)
    assert release.body == LEAD.strip()
