"""What stands above the title of an official release and says nothing of its own: masthead and times.

Only what is recognised here is dropped; the times live on as fields of the release.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from indexer.sources.extraction.contacts import PHONE, is_organisation
from indexer.sources.extraction.prose import is_masthead
from indexer.sources.extraction.times import DATE

_LONGEST_EMBLEM_CHARS = 30
_LONGEST_TIMES_CHARS = 160
_SLOGANS = frozenset(
    re.sub(r"\W", "", slogan)
    for slogan in (
        "다시 대한민국! 새로운 국민의 나라",
        "국민이 주인인 나라, 함께 행복한 대한민국",
        "나라답게 정의롭게",
    )
)
_KIND = r"(?:보도|언론)(?:참고|설명|해명|반박|정정)?자료"
_OF_OFFICE = re.compile(rf"(?P<name>[가-힣A-Za-z·()]{{2,20}}?)(?P<kind>{_KIND})(?:제?[\d-]{{1,12}}호)?")
_LABEL = re.compile(
    r"(?:자료)?배포(?:일시|일자|시점|시각|일)?|보도(?:시점|일시|시기)|엠바고|(?:자료)?제공(?:일시|일자|일)|작성일자?"
    r"|(?:쪽|매|페이지)수|총\d+(?:쪽|매|장)|사진(?:있음|없음)"
)
# All that may stand in a table of times, the longer words first.
_TIMES = re.compile(
    r"(?:배포|보도|시[점각기]|일[시자]|엠바고|제공|자료|즉시|이후|부터|[조석]간|가판|인터넷|온라인|방송|통신|지면|신문|매체"
    r"|사용|가능|오[전후]|정오|새벽|붙임|별첨|첨부|사진|[있없]음|별도|포함|페이지수|[쪽매]수|오늘|[금당]일|하여|주시기|바랍니다"
    r"|주십시오|까지|요일|작성|파일|참조|KST|[낮밤총본쪽매장부후전및년월화수목금토일시분\d]|[^\w가-힣])*+"
)
# "국회 본회의 통과 시", "회의 종료 후": the moment is an event.
_EVENT = re.compile(r"[가-힣A-Za-z·\s]{2,20}(?:시|직?후)(?=[\s|)]|$)")
_DATE = re.compile(DATE, re.ASCII)
_HAS_PHONE = re.compile(PHONE)


def is_furniture(lines: Iterable[str], own_names: Collection[str] = ()) -> list[bool]:
    """For each line of a block whether it is masthead, slogan, a time or a count of pages.

    The cells of a row are joined by " | ". `own_names` are what the issuer is called, which an emblem says.
    """
    plain = [unicodedata.normalize("NFC", line).strip() for line in lines]
    labelled = any(_LABEL.match(_letters(line)) for line in plain)
    return [is_emblem(line) or line in own_names or (labelled and _is_times(line)) for line in plain]


def is_emblem(line: str) -> bool:
    """Whether a line only says that this is a press release, and whose; or is a slogan of a government."""
    cells = [cell.strip() for cell in line.split("|") if cell.strip()]
    if any(map(_says_release, cells)):
        return all(len(cell) <= _LONGEST_EMBLEM_CHARS and not _HAS_PHONE.search(cell) for cell in cells)
    return re.sub(r"\W", "", line) in _SLOGANS


def _says_release(cell: str) -> bool:
    if is_masthead(cell):
        return True
    found = _OF_OFFICE.fullmatch(_letters(cell))
    return found is not None and is_organisation(found["name"])


def _is_times(line: str) -> bool:
    if len(line) > _LONGEST_TIMES_CHARS or _HAS_PHONE.search(line):
        return False
    without_dates = _DATE.sub(" ", line)
    without_events = _EVENT.sub(" ", without_dates) if without_dates != line else line
    return any(_TIMES.fullmatch(_letters(text)) for text in (without_dates, without_events))


def _letters(line: str) -> str:
    return re.sub(r"\s", "", line)
