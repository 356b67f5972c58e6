"""The boilerplate of a news page, line by line, and the fields of the article that it states.

A line is boilerplate where it consists of known pieces from end to end; one other word makes it text. The
caller decides where on a page a line may be boilerplate: in its head and its tail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from indexer.sources.recognizers.dateline import REPORTERS, reporter_names
from indexer.sources.recognizers.times import DATE
from indexer.text.unicode import nfc

Kind = Literal[
    "title", "published", "modified", "date", "embargo", "reporter", "outlet", "department", "contact",
    "attachment", "nothing",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that boilerplate states: `value` as written, a date as the text of a match of `DATE`."""

    kind: Kind
    value: str = ""


_LONGEST_LINE_CHARS = 300

_SHARE_TARGETS = (
    r"(?:페이스북|트위터|엑스|카카오톡|카카오스토리|카톡|밴드|블로그|라인|텔레그램|인스타그램|유튜브|핀터레스트"
    r"|네이버(?: ?(?:블로그|밴드|채널|카페))?|URL ?복사|SNS|이?메일|e-?mail)"
)
_PHRASES = "|".join(
    (
        # Reading aids.
        r"(?:스크롤 이동 )?상태바|본문 ?글씨 ?(?:키우기|줄이기)|가(?:[+-]|가)?|프린트(?:하기)?|인쇄(?:하기)?",
        r"(?:글자|글씨|폰트|글꼴)(?: ?크기)? ?(?:조절|조정|설정|변경|크게|작게|확대|축소)?(?:하기)?",
        r"기사 ?(?:듣기|저장|원문|제보|목록|스크랩|검색)|본문 ?듣기|음성(?:으로)? ?듣기|번역(?: ?설정)?",
        r"(?:본문 ?)?요약 ?(?:봇|보기)|텍스트 음성 변환 서비스(?: 사용하기)?|북마크|즐겨찾기|스크랩(?:하기)?",
        r"Print|Save|Scrap|Bookmark|Font ?size",
        # Sharing and following. "URL복사(으)로 기사보내기" must be tried before "URL복사".
        _SHARE_TARGETS + r"(?:\([^()]{1,8}\))?(?:로|에)? ?(?:(?:기사 ?)?보내기|공유(?:하기)?)?",
        r"(?:이|해당) 기사(?:를|의)? ?공유(?:합니다|하기)?|(?:기사 ?)?공유(?:하기)?|(?:기사 ?)?보내기",
        r"(?:(?:기사 ?)?(?:URL|주소)|링크) ?복사(?:하기)?|복사(?:하기)?|다른 ?공유 ?찾기|Share",
        r"Facebook|Twitter|Kakao(?:Talk)?|Naver|Instagram|Telegram|X|(?:(?:기자|언론사) ?)?구독(?:하기|중)?",
        # Counters and reactions.
        r"(?:댓글|덧글|추천|좋아요|조회 ?수?|구독자|응원 ?수|공감)\s?[:|]?\s?[\d,]+(?:개|명|회)?",
        r"(?:댓글|덧글)(?: ?(?:쓰기|달기|보기|남기기|작성|영역))?|개의 댓글|추천(?:해요|하기)?|공감",
        r"좋아요|싫어요|훈훈해요|슬퍼요|화나요|감동이에요|후속기사 ?원해요",
        # Ways around the site.
        r"(?:본문(?:으로)? ?|메뉴 ?)?바로가기|본문 ?영역|(?:전체 ?)?메뉴|로그인|회원가입|닫기",
        r"(?:이전|다음) ?(?:기사|글)(?: ?보기)?|목록(?:으로|보기)?|맨 ?위로|TOP|HOME|홈|검색",
        r"다른 ?기사 ?(?:더 ?)?보기|더 ?보기|다운로드|바로보기|미리보기|뉴스|기사",
        # The sections of a newspaper.
        r"정치|경제|사회|문화|연예|스포츠|국제|지역|전국|종합|오피니언|라이프|생활",
    )
)
_DATE_NAME = r"(?: ?(?:일시?|시간|시각|일자))?"
_DATE_LABELS: dict[Kind, str] = {
    "modified": rf"(?:기사 ?)?(?:최종 ?)?(?:수정|업데이트|편집){_DATE_NAME}",
    "published": rf"(?:(?:기사|최초) ?)?(?:입력|승인|등록|작성|게시|게재|배포|송고|발행|출고){_DATE_NAME}",
}
_EMBARGO_LABEL = r"보도 ?(?:시점|일시)|엠바고"
_VALUE_LABELS: dict[Kind, str] = {
    "title": r"제목",
    "outlet": r"매체명?|언론사|제공 ?기관|발행 ?기관",
    "department": r"(?:담당|제공|작성|소관)? ?부서명?",
    "contact": r"담당자|전화(?: ?번호)?|연락처|문의(?:처| ?전화)?",
    "attachment": r"첨부(?: ?파일)?|붙임 ?파일",
    "nothing": r"작성자|글쓴이|조회 ?수?",
}
_LABELS = "|".join((*_DATE_LABELS.values(), _EMBARGO_LABEL, *_VALUE_LABELS.values()))

_SEPARATORS = re.compile(r"[\s|│┃ㅣ/·•∙ㆍ‧∥,*_=~―─━-]*")
_EDGE = r"(?=$|[\s|│┃ㅣ/·•,()<>\[\]])"
_COLON = r"\s?[:|]\s?"
_VALUE_END = rf"$|[|│]|\s/\s|\s(?:{_LABELS}){_COLON}"
_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"

_LABELLED_DATES = [
    (kind, re.compile(rf"(?:{label})\s?[:|]?\s?{DATE}", re.ASCII)) for kind, label in _DATE_LABELS.items()
]
_LABELLED_VALUES = [
    (kind, re.compile(rf"(?:{label}){_COLON}(?P<value>[^|│]*?)\s*(?={_VALUE_END})"))
    for kind, label in _VALUE_LABELS.items()
]
_DATE_SENT = re.compile(rf"{DATE} (?:송고|입력|등록)(?=$|[\s|│])", re.ASCII)
_EMBARGO = re.compile(
    rf"(?:{_EMBARGO_LABEL})\s?[:|]?\s?(?P<value>즉시[^|│]{{0,10}}|없음|\d[^|│]{{5,40}})(?=$|[|│])"
)
_DEPARTMENT = re.compile(
    r"(?:담당|제공|작성|소관) ?부서 (?P<value>[가-힣\d]{1,12}(?:과|실|관|국|팀|센터|소|단|처))(?=$|\s)"
)
_BARE_DATE = re.compile(DATE, re.ASCII)
_REPORTER = re.compile(
    rf"[/(\[]?(?:기자명 ?|글 ?[=:]? ?)?(?:[가-힣]{{2,6}} ?[=/] ?)?{REPORTERS}[)\]]?"
    rf"(?:\s?[(<\[]?{_EMAIL}[)>\]]?)?"
)
_BYLINE = re.compile(
    rf"By (?P<names>[A-Z][\w.'-]+(?: [A-Z][\w.'-]+){{1,3}})(?:,? [\w ]*[Rr]eporter)?"
    rf"(?:\s?[(<]?{_EMAIL}[)>]?)?$"
)
_BARE_EMAIL = re.compile(rf"[(<\[]?{_EMAIL}[)>\]]?")
_PHRASE = re.compile(rf"(?:{_PHRASES}){_EDGE}")
# Possessive: a line of nothing but arrows would otherwise be split in exponentially many ways.
_BREADCRUMB = re.compile(
    r"(?:(?:HOME|Home|home|홈|뉴스)\s?+(?:[>›»]\s?+[^>›»]{1,16}+)+|[^>›»]{1,11}+(?:[>›»]\s?+[^>›»]{1,13}+){2,})"
)
_BARE_LABEL = re.compile(rf"(?:.*[|\s])?(?:{_LABELS})\s?[:|]?")
_FILE_NAME = re.compile(
    r"[^|,()]{1,200}?\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|jpe?g|png|txt)(?![A-Za-z])", re.IGNORECASE
)

_COLUMNS = re.compile(r"\t+|[ \xa0\u3000]{2,}")
_SPACES = re.compile(r"\s+")
_BULLET = re.compile(r"^[•·∙‣◦]\s*")


def normalize_line(line: str) -> str:
    """`line` in NFC, without a leading bullet, with single spaces and " | " between columns.

    Columns are parted by a tab or by several spaces.
    """
    composed = nfc(line).strip()
    return _BULLET.sub("", _SPACES.sub(" ", _COLUMNS.sub(" | ", composed)))


def parse_boilerplate(line: str) -> list[Piece] | None:
    """What a normalized line of boilerplate states, in order; None where the line holds any other text."""
    if len(line) > _LONGEST_LINE_CHARS:
        return None
    if _BREADCRUMB.fullmatch(line):
        return []
    pieces: list[Piece] = []
    position = _skip_separators(line, 0)
    while position < len(line):
        parsed = _parse_piece(line, position)
        if parsed is None:
            return None
        stated, end = parsed
        pieces += stated
        position = _skip_separators(line, end)
    return pieces


def is_bare_label(line: str) -> bool:
    """Whether a normalized line ends with a label whose value must be on the next line."""
    return len(line) <= _LONGEST_LINE_CHARS and _BARE_LABEL.fullmatch(line) is not None


def _skip_separators(line: str, position: int) -> int:
    match = _SEPARATORS.match(line, position)
    return match.end() if match else position


def _parse_piece(line: str, position: int) -> tuple[list[Piece], int] | None:
    """What the piece at `position` states and where it ends; None where no known piece begins there."""
    for kind, pattern in _LABELLED_DATES:
        if match := pattern.match(line, position):
            return [Piece(kind, _date_text(match))], match.end()
    if match := _EMBARGO.match(line, position):
        return [Piece("embargo", match["value"])], match.end()
    for kind, pattern in _LABELLED_VALUES:
        if match := pattern.match(line, position):
            pieces = _value_pieces(kind, match["value"].strip())
            return None if pieces is None else (pieces, match.end())
    if match := _DEPARTMENT.match(line, position):
        return [Piece("department", match["value"])], match.end()
    if match := _DATE_SENT.match(line, position):
        return [Piece("published", _date_text(match).rsplit(maxsplit=1)[0])], match.end()
    if match := _BARE_DATE.match(line, position):
        return [Piece("date", _date_text(match))], match.end()
    if match := _REPORTER.match(line, position):
        return [Piece("reporter", reporter_names(match["names"]))], match.end()
    if match := _BYLINE.match(line, position):
        return [Piece("reporter", match["names"])], match.end()
    if match := _BARE_EMAIL.match(line, position) or _PHRASE.match(line, position):
        return [], match.end()
    return None


def _date_text(match: re.Match[str]) -> str:
    """The text of a match from the year of its date on."""
    return match[0][match.start("year") - match.start() :]


def _value_pieces(kind: Kind, value: str) -> list[Piece] | None:
    """What a labelled value states; None for an attachment that names no file, which is a sentence."""
    if kind != "attachment":
        return [Piece(kind, value)]
    names = [Piece(kind, match[0].strip(" )")) for match in _FILE_NAME.finditer(value)]
    return names if names or not value else None
