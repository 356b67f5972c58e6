"""Contacts: departments, names and telephone numbers as Korean releases write them.

A contact is parsed backwards from a telephone number: name and rank in either order, before them the
department. Any other word ends the parse, so that of a sentence only its end counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

PHONE = r"\(?0\d{1,2}\s?[)\-–‑.~]\s?\d{3,4}\s?[-–‑.]\s?\d{4}(?!\d)(?:\s?[~∼]\s?\d{1,4}(?!\d))?"


def _split_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HAS_PHONE = re.compile(PHONE)
# The label of a contact at the start of a line: "문의처:", "담당자(총괄)|".
CONTACT_LABEL = re.compile(
    r"^[\s*※\-–○ㅇ●◦▪□■◇◈▶▷☞·•<\[(【〈|]*(?:보도\s?자료\s?)?(?:담\s?당(?:\s?자|\s?과|\s?관|\s?부\s?서|\s?기\s?관)?|책\s?임\s?자"
    r"|(?:자료\s?|취재\s?|관련\s?|세부\s?|사업\s?)?문\s?의(?:\s?처|\s?전화|\s?사항)?|연\s?락\s?처|작\s?성\s?자)"
    r"(?:\s?\([^()]{1,12}\))?\s?(?:[|:：.)\]>】〉]|$|(?=[가-힣]+\s.*0\d{1,2}[)\-]))"
)
_EXTENSION = re.compile(r"\s?[~∼]\s?(?=\d{1,4}$)")
_DIGITS = re.compile(r"\d+")
_TOKEN = re.compile(r"[가-힣A-Za-z0-9·ㆍ・‧&]+|[,/|]")
# "과 장", "전 완", "안 상 훈": short words are spaced out to fill a cell.
_SPREAD_RANK = re.compile(r"(?<![가-힣])([과국실팀단부소계중대])\s+([장령])(?![가-힣])")
# "문의: (임금체불) 근로감독기획과": the topic is not part of the department.
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
_LABELS = _split_words(
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
_NOT_NAMES = _split_words(
    """
    위원회 대변인 공보관 홍보실 홍보팀 홍보과 감사관 기획관 정책관 심의관 조정관 총괄과 기획과 정책과 운영과
    지원과 국제과 조사과 공보실 국채과 안전과 정보과 인사과 예산과 법무과 고객센터 콜센터 민원실 상황실
    주관 주최 관계자 관계 한국 정부 우리 이번 이하 오늘 내용 자료 제공 전화 문의 성명 직급 소속 구분 주소
    성과 안내 지원 신청 접수 방법 기타 비고 국번없이 사업 추진 연구 조합 경찰 소방 기관 원문 사진 배포
    정보 조사 고용 한국어 신고 상담 예약 방송 서울 부산 대구 인천 광주 대전 울산 세종 경기 강원 충북 충남
    전북 전남 경북 경남 제주 주간 야간 평일 휴일 사무국 사무처 편집국 보도국
    """
)
_OFFICE_SUFFIXES = ("과", "부", "팀", "실", "청", "처", "센터", "지원단", "추진단")
# Guards against sentences that are no contacts.
_MOST_CONTACTS = 8
_LONG_SURNAMES = ("남궁", "황보", "선우", "제갈", "독고", "사공", "서문", "동방")
_PUNCTUATION = frozenset(",/|")
_MOST_ORGANISATIONS = 4
_MOST_LABELLED_WORDS = 8
# Words to remember: the same ones fill the contacts of a whole corpus.
_CACHED_WORDS = 8_192


@dataclass(slots=True)
class Contact:
    """A person whom a release names; a part that it does not name is empty.

    `organisations` run from the largest body down to the office of the person.
    """

    name: str = ""
    rank: str = ""
    phone: str = ""
    organisations: list[str] = field(default_factory=list)

    @property
    def department(self) -> str:
        """The organisations of the person in one line."""
        return " ".join(self.organisations)

    def __str__(self) -> str:
        return " ".join(part for part in (self.rank, self.name, self.phone) if part)


def find_contacts(line: str) -> list[Contact]:
    """The people of `line` with a telephone number, in order."""
    contacts: list[Contact] = []
    start = 0
    text = _SPREAD_NAME.sub(r"\1\2\3", _TOPIC.sub(" ", _SPREAD_RANK.sub(r"\1\2", line)))
    for phone in HAS_PHONE.finditer(text):
        before = text[start : phone.start()]
        start = phone.end()
        group = _parse_backwards(before)
        for contact in group:
            contact.phone = normalize_phone(phone[0])
        # People of one department write it once, before the first of them.
        shared = next((contact.organisations for contact in group if contact.organisations), [])
        if not shared and contacts and "\n" not in before:
            shared = contacts[-1].organisations
        for contact in group:
            contact.organisations = contact.organisations or list(shared)
        contacts += group
    unique: dict[str, Contact] = {}
    for contact in contacts:
        unique.setdefault(str(contact), contact)
    return list(unique.values())[:_MOST_CONTACTS]


def states_contact(line: str) -> bool:
    """Whether a line states a contact: by a telephone number, by a label, or by names alone."""
    return (
        HAS_PHONE.search(line) is not None or CONTACT_LABEL.match(line) is not None or names_only_people(line)
    )


@lru_cache(maxsize=_CACHED_WORDS)
def normalize_phone(text: str) -> str:
    """A telephone number with hyphens between its parts: "02)2100-4184" becomes "02-2100-4184"."""
    main, *extension = _EXTENSION.split(text.strip("( "))
    return "~".join(["-".join(_DIGITS.findall(main)), *extension])


@lru_cache(maxsize=_CACHED_WORDS)
def is_organisation(word: str) -> bool:
    """Whether a word, taken alone, is the name of an organisation or of a part of one."""
    return len(word) >= 2 and _ORGANISATION.fullmatch(word) is not None and not _is_rank(word)


def is_name(word: str) -> bool:
    """Whether a word may be the name of a Korean."""
    return _is_name_like(word) and not (len(word) > 2 and word.endswith(_OFFICE_SUFFIXES))


@lru_cache(maxsize=_CACHED_WORDS)
def _is_name_like(word: str) -> bool:
    """Whether a word may be a name, also one that ends as offices do: 구영실."""
    return (
        2 <= len(word) <= 4
        and all("가" <= letter <= "힣" for letter in word)
        and (len(word) < 4 or word[:2] in _LONG_SURNAMES)
        and word[0] in _SURNAMES
        and word not in _NOT_NAMES
        and word not in _LABELS
        and not _is_rank(word)
    )


def names_only_people(line: str) -> bool:
    """Whether every word of a line is a name, a rank or an organisation, and at least one is a rank."""
    words = [word for word in _TOKEN.findall(_SPREAD_RANK.sub(r"\1\2", line)) if word not in _PUNCTUATION]
    return any(_is_rank(word) for word in words) and all(
        _is_rank(word) or _is_name_like(word) or is_organisation(word) for word in words
    )


@lru_cache(maxsize=_CACHED_WORDS)
def _is_rank(word: str) -> bool:
    return _RANK.fullmatch(word) is not None


def _parse_backwards(text: str) -> list[Contact]:
    """The people that the end of `text` names, in the order of the text."""
    contacts = [Contact()]
    tokens = _TOKEN.findall(text)
    for index in range(len(tokens) - 1, -1, -1):
        word, contact = tokens[index], contacts[0]
        if word in _PUNCTUATION:
            continue
        if word in _LABELS:
            if contact.organisations:
                break
            continue
        if _is_rank(word) and not contact.organisations:
            if contact.rank and contact.name:
                contacts.insert(0, Contact(rank=word))
            elif not contact.rank:
                contact.rank = word
            else:
                break
        elif not contact.organisations and (
            is_name(word) or (_is_name_like(word) and index > 0 and _is_rank(tokens[index - 1]))
        ):
            if contact.name:
                contacts.insert(0, Contact(name=word))
            else:
                contact.name = word
        elif is_name(word) and not contact.name and len(contact.organisations) == 1:
            # "김소연 국제협력담당관": the office follows the name, as a rank does.
            contact.name = word
        elif is_organisation(word) and len(contact.organisations) < _MOST_ORGANISATIONS:
            contact.organisations.insert(0, word)
        else:
            if contact.organisations:
                contact.organisations[:0] = _labelled_words(tokens[: index + 1])
            break
    return [contact for contact in contacts if contact.name]


def _labelled_words(tokens: list[str]) -> list[str]:
    """The words at the end of `tokens` behind a label: all of them belong to the name of the department.

    "담당: 경찰견 종합훈련센터". Empty where no label is near, or punctuation stands among the words.
    """
    near = tokens[-_MOST_LABELLED_WORDS - 1 :]
    label = next((index for index in range(len(near) - 1, -1, -1) if near[index] in _LABELS), None)
    return near[label + 1 :] if label is not None and not _PUNCTUATION & set(near) else []
