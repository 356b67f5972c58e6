"""The masthead of an official release: lines above its title that belong to the form, not to the text.

Only recognized lines are dropped. The times among them live on as fields of the release.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from indexer.sources.recognizers.contacts import HAS_PHONE, is_organisation
from indexer.sources.recognizers.times import DATE
from indexer.text.unicode import nfc

_LONGEST_EMBLEM_CHARS = 30
_LONGEST_TIME_ROW_CHARS = 160
_SLOGANS = frozenset(
    re.sub(r"\W", "", slogan)
    for slogan in (
        "다시 대한민국! 새로운 국민의 나라",
        "국민이 주인인 나라, 함께 행복한 대한민국",
        "나라답게 정의롭게",
    )
)
_RELEASE_LABEL = re.compile(
    r"보도(?:참고|설명|해명|반박|정정)?자료|(?:언론)?(?:설명|해명|참고|반박|브리핑|정책)자료|PRESS\s?RELEASE|브리핑문",
    re.I,
)
_RELEASE_LABEL_EDGE = "[]()<>【】■□·-–—*:|"
_LONGEST_RELEASE_LABEL_CHARS = 60
_KIND = r"(?:보도|언론)(?:참고|설명|해명|반박|정정)?자료"
_RELEASE_OF_OFFICE = re.compile(
    rf"(?P<name>[가-힣A-Za-z·()]{{2,20}}?)(?P<kind>{_KIND})(?:제?[\d-]{{1,12}}호)?"
)
_TIME_LABEL = re.compile(
    r"(?:자료)?배포(?:일시|일자|시점|시각|일)?|보도(?:시점|일시|시기)|엠바고|(?:자료)?제공(?:일시|일자|일)|작성일자?"
    r"|(?:쪽|매|페이지)수|총\d+(?:쪽|매|장)|사진(?:있음|없음)"
)
# Every word that a table of times may hold, the longer ones first.
_TIME_WORDS = re.compile(
    r"(?:배포|보도|시[점각기]|일[시자]|엠바고|제공|자료|즉시|이후|부터|[조석]간|가판|인터넷|온라인|방송|통신|지면|신문|매체"
    r"|사용|가능|오[전후]|정오|새벽|붙임|별첨|첨부|사진|[있없]음|별도|포함|페이지수|[쪽매]수|오늘|[금당]일|하여|주시기|바랍니다"
    r"|주십시오|까지|요일|작성|파일|참조|KST|[낮밤총본쪽매장부후전및년월화수목금토일시분\d]|[^\w가-힣])*+"
)
# "국회 본회의 통과 시", "회의 종료 후": the time is that of an event.
_EVENT = re.compile(r"[가-힣A-Za-z·\s]{2,20}(?:시|직?후)(?=[\s|)]|$)")
_DATE = re.compile(DATE, re.ASCII)


def flag_masthead(lines: Iterable[str], issuer_names: Collection[str] = ()) -> list[bool]:
    """For each line of a block whether it belongs to the masthead: emblem, slogan, times, number of pages.

    The cells of a table row are joined by " | ". `issuer_names` are names of the issuer, which emblems show.
    """
    plain = [nfc(line).strip() for line in lines]
    has_times = any(_TIME_LABEL.match(_without_spaces(line)) for line in plain)
    return [is_emblem(line) or line in issuer_names or (has_times and _is_time_row(line)) for line in plain]


def is_emblem(line: str) -> bool:
    """Whether a line says only that this is a press release, and whose, or is a slogan of a government."""
    cells = [cell.strip() for cell in line.split("|") if cell.strip()]
    if any(map(_is_release_label, cells)):
        return all(len(cell) <= _LONGEST_EMBLEM_CHARS and not HAS_PHONE.search(cell) for cell in cells)
    return re.sub(r"\W", "", line) in _SLOGANS


def _is_release_label(cell: str) -> bool:
    """Whether a cell is "보도자료" or the like, alone or behind the name of an office."""
    letters = _without_spaces(cell)
    bare = letters.strip(_RELEASE_LABEL_EDGE)
    if len(letters) <= _LONGEST_RELEASE_LABEL_CHARS and _RELEASE_LABEL.fullmatch(bare):
        return True
    match = _RELEASE_OF_OFFICE.fullmatch(letters)
    return match is not None and is_organisation(match["name"])


def _is_time_row(line: str) -> bool:
    if len(line) > _LONGEST_TIME_ROW_CHARS or HAS_PHONE.search(line):
        return False
    without_dates = _DATE.sub(" ", line)
    without_events = _EVENT.sub(" ", without_dates) if without_dates != line else line
    return any(_TIME_WORDS.fullmatch(_without_spaces(text)) for text in (without_dates, without_events))


def _without_spaces(line: str) -> str:
    return re.sub(r"\s", "", line)
