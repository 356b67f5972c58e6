"""Whom to ask: departments, names and telephone numbers as Korean releases write them.

A person is read backwards from a telephone number: name and rank in either order, before them the
department. Words that are none of these end the reading, so that a sentence gives only its own end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

PHONE = r"\(?0\d{1,2}\s?[)\-–‑.~]\s?\d{3,4}\s?[-–‑.]\s?\d{4}(?!\d)(?:\s?[~∼]\s?\d{1,4}(?!\d))?"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PHONE = re.compile(PHONE)
_EXTENSION = re.compile(r"\s?[~∼]\s?(?=\d{1,4}$)")
_DIGITS = re.compile(r"\d+")
_TOKEN = re.compile(r"[가-힣A-Za-z0-9·ㆍ・‧&]+|[,/|]")
# "과 장", "전 완", "안 상 훈": short words are spread to fill a cell.
_SPREAD_RANK = re.compile(r"(?<![가-힣])([과국실팀단부소계중대])\s+([장령])(?![가-힣])")
# "문의: (임금체불) 근로감독기획과": what is asked about is no part of the department.
_TOPIC = re.compile(
    r"(?:(?<=[:：.|])|(?<=[:：.|]\s))[(<\[〈][가-힣·/,\s]{1,12}[)>\]〉]"
    r"|(?<=\()[가-힣·/\s]{1,15},\s?(?=[☎☏0])"
)
_RANK = re.compile(
    r"(?:[가-힣]{0,8}(?:사무관|서기관|주무관|연구관|연구사|장학관|장학사|조사관|감독관|심사관|수사관|이사관|전문관"
    r"|행정관|실무관|전문위원|전문경력관|전문원|연구위원|연구원|검사관|지도관|지도사|관리관|비서관|보좌관|상황실장)"
    r"|(?:[가-힣]{0,6})(?:과장|국장|실장|팀장|단장|소장|원장|관장|본부장|부장|차장|처장|계장|센터장|반장|지사장|청장"
    r"|지청장|사무처장|총장|회장|대장|파트장|그룹장|부문장)"
    r"|대리|주임|과장대리|수석|책임|선임|위원|상임위원|변호사|교수|검사|부장검사|부부장검사|대변인|부대변인"
    r"|총경|경정|경감|경위|경사|경장|순경|소방정|소방령|소방경|소방위|소방장|소방교|소방감"
    r"|준장|소장|중장|대령|중령|소령|대위|중위|소위|준위|원사|상사|군무사무관|군무주무관"
    r"|매니저|팀원|사원|직원|인턴|간사|감사관|참사관|영사|서기|주사|통계사무관|직무대리|수석연구원)"
)
_LABELS = _words(
    """
    담당자 담당 책임자 문의 문의처 연락처 전화 전화번호 자료문의 담당부서 부서 담당과 소관부서 총괄 공동
    주관 협조 작성자 책임 자료제공 제공 관련문의 문의전화 성명 직급 직위 내선 대표 사무실 휴대폰 핸드폰
    팩스 Tel TEL tel T ☎
    """
)
_ORGANISATION = re.compile(
    r"[가-힣A-Za-z0-9·ㆍ・‧&]{0,28}(?:부|처|청|원|국|과|실|팀|단|관|센터|위원회|공단|공사|본부|소|협회|연합회|중앙회"
    r"|지청|지사|사무소|추진단|기획단|TF|재단|진흥원|연구원|은행|대학교|대학|학교|병원|의료원|도서관|박물관|미술관|과학관"
    r"|시|도|군|구|특별시|광역시|특례시|교육청|반|담당|조합|연구소|사업단|거래소|관리단|그룹|법인|총국|법원|방송|대)"
)
_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설"
    "마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부가복태목형피두감음빈동온호범좌팽승간견당화라나련"
)
_SPREAD_NAME = re.compile(
    rf"(?<![가-힣])([{''.join(sorted(_SURNAMES))}])\s+([가-힣])(?:\s+([가-힣]))?(?![가-힣])"
)
_NOT_NAMES = _words(
    """
    위원회 대변인 공보관 홍보실 홍보팀 홍보과 감사관 기획관 정책관 심의관 조정관 총괄과 기획과 정책과 운영과
    지원과 국제과 조사과 공보실 국채과 안전과 정보과 인사과 예산과 법무과 고객센터 콜센터 민원실 상황실
    주관 주최 관계자 관계 한국 정부 우리 이번 이하 오늘 내용 자료 제공 전화 문의 성명 직급 소속 구분 주소
    성과 안내 지원 신청 접수 방법 기타 비고 국번없이 사업 추진 연구 조합 경찰 소방 기관 원문 사진 배포
    정보 조사 고용 한국어 신고 상담 예약 방송 서울 부산 대구 인천 광주 대전 울산 세종 경기 강원 충북 충남
    전북 전남 경북 경남 제주 주간 야간 평일 휴일 사무국 사무처 편집국 보도국
    """
)
_NAME_SUFFIXES_OF_OFFICES = ("과", "부", "팀", "실", "청", "처", "센터", "지원단", "추진단")
_MOST_PEOPLE = 8
_MOST_ORGANISATIONS = 4
_MOST_LABELLED_WORDS = 8
# The same words fill the contacts of a whole corpus.
_MOST_WORDS = 8_192


@dataclass(slots=True)
class Person:
    """Whom a release names; what it does not say is empty. `department` runs from the largest body down."""

    name: str = ""
    rank: str = ""
    phone: str = ""
    organisations: list[str] = field(default_factory=list)

    @property
    def department(self) -> str:
        """The bodies that the person belongs to."""
        return " ".join(self.organisations)

    def __str__(self) -> str:
        return " ".join(part for part in (self.rank, self.name, self.phone) if part)


def people_in(line: str) -> list[Person]:
    """The people of `line` who have a telephone number, in order."""
    found: list[Person] = []
    start = 0
    spread = _SPREAD_NAME.sub(r"\1\2\3", _TOPIC.sub(" ", _SPREAD_RANK.sub(r"\1\2", line)))
    for phone in _PHONE.finditer(spread):
        before = spread[start : phone.start()]
        start = phone.end()
        group = _read_backwards(before)
        for person in group:
            person.phone = normal_phone(phone[0])
        # Those who share a department write it once, before the first of them.
        first = next((person.organisations for person in group if person.organisations), [])
        inherited = found[-1].organisations if found and not first and "\n" not in before else first
        for person in group:
            person.organisations = person.organisations or list(inherited)
        found += group
    once: dict[str, Person] = {}
    for person in found:
        once.setdefault(str(person), person)
    return list(once.values())[:_MOST_PEOPLE]


@lru_cache(maxsize=_MOST_WORDS)
def normal_phone(text: str) -> str:
    """A telephone number with hyphens between its parts: "02)2100-4184" is "02-2100-4184"."""
    main, *extension = _EXTENSION.split(text.strip("( "))
    return "~".join(["-".join(_DIGITS.findall(main)), *extension])


@lru_cache(maxsize=_MOST_WORDS)
def is_organisation(word: str) -> bool:
    """Whether a word, taken alone, is the name of a body or a part of one."""
    return len(word) >= 2 and _ORGANISATION.fullmatch(word) is not None and not _is_rank(word)


def is_name(word: str) -> bool:
    """Whether a word may be the name of a Korean."""
    return _like_name(word) and not (len(word) > 2 and word.endswith(_NAME_SUFFIXES_OF_OFFICES))


@lru_cache(maxsize=_MOST_WORDS)
def _like_name(word: str) -> bool:
    """Whether a word may be a name, which may also end as an office does: 구영실."""
    return (
        2 <= len(word) <= 4
        and all("가" <= letter <= "힣" for letter in word)
        and (len(word) < 4 or word[:2] in ("남궁", "황보", "선우", "제갈", "독고", "사공", "서문", "동방"))
        and word[0] in _SURNAMES
        and word not in _NOT_NAMES
        and word not in _LABELS
        and not _is_rank(word)
    )


def names_only_people(line: str) -> bool:
    """Whether every word of a line is a name, a rank or a body, and one of them a rank."""
    words = [word for word in _TOKEN.findall(_SPREAD_RANK.sub(r"\1\2", line)) if word not in ",/|"]
    return any(_is_rank(word) for word in words) and all(
        _is_rank(word) or _like_name(word) or is_organisation(word) for word in words
    )


@lru_cache(maxsize=_MOST_WORDS)
def _is_rank(word: str) -> bool:
    return _RANK.fullmatch(word) is not None


def _read_backwards(text: str) -> list[Person]:
    people = [Person()]
    tokens = _TOKEN.findall(text)
    for place in range(len(tokens) - 1, -1, -1):
        word, person = tokens[place], people[0]
        if word in ",/|":
            continue
        if word in _LABELS:
            if person.organisations:
                break
            continue
        if _is_rank(word) and not person.organisations:
            if person.rank and person.name:
                people.insert(0, Person(rank=word))
            elif not person.rank:
                person.rank = word
            else:
                break
        elif not person.organisations and (
            is_name(word) or (_like_name(word) and place > 0 and _is_rank(tokens[place - 1]))
        ):
            if person.name:
                people.insert(0, Person(name=word))
            else:
                person.name = word
        elif is_name(word) and not person.name and len(person.organisations) == 1:
            # "김소연 국제협력담당관": the office stands behind the name, as a rank does.
            person.name = word
        elif is_organisation(word) and len(person.organisations) < _MOST_ORGANISATIONS:
            person.organisations.insert(0, word)
        else:
            # Between a label and a department every word belongs to its name: "담당: 경찰견 종합훈련센터".
            ahead = tokens[max(0, place - _MOST_LABELLED_WORDS) : place + 1]
            label = next((at for at in range(len(ahead) - 1, -1, -1) if ahead[at] in _LABELS), None)
            if person.organisations and label is not None and not set(ahead) & set(",/|"):
                person.organisations[:0] = ahead[label + 1 :]
            break
    return [person for person in people if person.name]
