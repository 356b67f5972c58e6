"""A search service with the interface of the real one over a few releases kept in memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from indexer.errors import BodoError, CursorExpired
from indexer.release import SEOUL, Attachment, PressRelease, Section, identify
from indexer.schema import FACETS, shown_facets
from indexer.search.request import SearchRequest
from indexer.search.response import (
    Alternative,
    Answer,
    FacetValue,
    Hit,
    IndexState,
    Marked,
    Matched,
    QueryReading,
    Snippet,
)
from indexer.search.suggest import Suggestion

HANOVER = identify(
    PressRelease(
        id="",
        title="홍남표 창원특례시장, 독일 출장에서 얻은 힌트와 성과는?",
        subtitles=(
            "16일부터 4박 6일 독일 출장, ‘2023 하노버 산업박람회’ 참가 등 창원국가산단 혁신 방안 모색",
        ),
        outlet="경남에나뉴스",
        reporter="이도균",
        published_at=datetime(2023, 4, 25, 1, 28, tzinfo=SEOUL),
        url="https://news.example/hanover",
        sections=(
            Section(
                "",
                (
                    "경남 창원특례시 홍남표 시장이 4박 6일 동안의 독일 출장 일정을 마치고 복귀한 가운데, "
                    "글로벌 기업과 스마트팩토리 구축을 위한 업무협약, 독일 현지 글로벌비즈센터 지정, "
                    "국내 지자체 최초로 독일 정부 산하기관인 LNI 4.0과 업무협약을 맺는 등의 "
                    "성과를 거뒀다고 밝혔다.",
                    "주 목적지는 ‘2023 하노버 산업박람회(HANNOVER MESSE 2023)’였다.",
                ),
            ),
            Section(
                "‘하노버 산업박람회’에 첫 ‘창원공동관’ 운영",
                (
                    "독일 하노버에서 개최되는 세계 최대 산업기술전인 ‘하노버 산업박람회’는 "
                    "4차산업혁명을 주도하는 최신기술의 흐름을 한자리에 볼 수 있는 자리다.",
                    "공동관은 총 8개 부스로 구성됐으며, 박람회 기간 동안 해외 바이어들로부터 많은 관심을 "
                    "받은 것으로 알려졌다.",
                ),
            ),
        ),
        attachments=(
            Attachment("하노버 산업박람회 사진.zip", "https://news.example/photos.zip", size_bytes=3_400_000),
            Attachment("보도자료.hwp", size_bytes=48_200),
        ),
        origins=(("title", "머리의 26pt ‘홍남표 창원특례시장’"), ("published", "글의 머리와 꼬리")),
    )
)

HOSTILE = identify(
    PressRelease(
        id='../<script>/"한 글"?#%2F//끝',
        title="<script>alert('제목')</script> & \"따옴표\"",
        subtitles=("<img src=x onerror=alert(1)>",),
        outlet="<b>매체</b>&q=1",
        department='" onmouseover="alert(1)',
        reporter="<i>기자</i>",
        contact="</dd><script>alert(1)</script>",
        url="javascript:alert(document.domain)",
        sections=(Section("<h1>머리</h1>", ("하노버 <script>alert('본문')</script> {{ 7 * 7 }}",)),),
        attachments=(Attachment("<u>첨부</u>", "javascript:alert(2)"),),
        origins=(("title", "‘<script>alert('제목')</script>’"),),
    )
)

OTHERS = tuple(
    identify(
        PressRelease(
            id=f"r{number}",
            title=title,
            subtitles=(subtitle,) if subtitle else (),
            outlet=outlet,
            department=department,
            published_at=datetime(2024, 3, 18, 9, 0, tzinfo=SEOUL)
            - timedelta(days=37 * number, hours=number),
            published_precision="day" if number % 3 else "time",
            sections=(
                Section("", (f"{title}. 창원시는 산업박람회와 업무협약의 후속 조치를 이어간다고 밝혔다.",)),
            ),
        )
    )
    for number, (title, subtitle, outlet, department) in enumerate(
        [
            (
                "창원국가산단 50주년 기념행사 준비 본격화",
                "시민과 함께하는 산업의 날",
                "창원특례시",
                "전략산업과",
            ),
            ("중소기업 수출상담회, 바이어 120개 사 참가", "", "창원특례시", "투자유치단"),
            (
                "2024년 비급여 진료비용 보고제도 설명회 개최",
                "병원급 의료기관 대상",
                "보건복지부",
                "의료보장관리과",
            ),
            ("수소연료전지 실증단지 착공", "2026년까지 1,200억 원 투입", "산업통상자원부", ""),
            ("봄철 산불 예방 합동 점검", "", "산림청", "산불방지과"),
            ("스마트팩토리 보급 사업 참여기업 모집", "다음 달 12일까지 접수", "중소벤처기업부", "제조혁신과"),
            ("AI 기반 하수처리 통합관제 시스템 구축 완료", "", "창원특례시", "하수도사업소"),
            ("하노버 산업박람회 후속 수출 계약 800만 달러", "참가 10개 사 가운데 4곳 성사", "경남신문", ""),
            ("지역 청년 정책 토론회", "", "경상남도", "청년정책과"),
            ("국제표준 개발 협력 업무협약", "LNI 4.0과 공동 연구", "국가기술표준원", ""),
            ("도시재생 주민공모사업 선정 결과", "", "창원특례시", "도시재생과"),
            ("4차산업혁명 인력 양성 교육생 모집", "", "고용노동부", ""),
        ]
    )
)

RELEASES = (HANOVER, HOSTILE, *OTHERS)


@dataclass
class FakeService:
    """Finds by substring: every word of the query must occur. Cursors are offsets; "expired" is gone."""

    releases: tuple[PressRelease, ...] = RELEASES
    unavailable: BodoError | None = None
    timed_out: bool = False
    reading: dict[str, object] = field(default_factory=dict)
    asked: list[SearchRequest] = field(default_factory=list)
    partial: tuple[Hit, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    def state(self) -> IndexState:
        if self.unavailable:
            raise self.unavailable
        return IndexState("g-000001", datetime(2026, 11, 23, 0, 30, tzinfo=UTC), len(self.releases))

    def newest(self, limit: int) -> list[PressRelease]:
        dated = [release for release in self.releases if release.published_at]
        dated.sort(key=lambda release: release.published_at, reverse=True)
        return dated[:limit]

    def release(self, release_id: str) -> PressRelease | None:
        return next((release for release in self.releases if release.id == release_id), None)

    def search(self, request: SearchRequest) -> Answer:
        state = self.state()
        self.asked.append(request)
        if request.q == "폭발":
            raise ZeroDivisionError("비밀스러운 내부 사정")
        if request.cursor == "expired":
            raise CursorExpired("cursor", "이 쪽은 만료되었습니다.", "첫 쪽부터 다시 보세요.")
        words = request.q.split()
        found = [release for release in self.releases if _matches(release, words, request)]
        if request.sort != "relevance":
            undated = datetime(1, 1, 1, tzinfo=UTC)
            found.sort(key=lambda one: one.published_at or undated, reverse=request.sort == "newest")
        start = int(request.cursor or 0)
        end = start + request.limit
        return Answer(
            query=replace(
                QueryReading(request.q, request.q, " ".join(words), synonyms=(("창원시", ("창원특례시",)),)),
                **self.reading,
            ),
            total=len(found),
            took_ms=12.3456,
            index=state,
            hits=tuple(_hit(release, words) for release in found[start:end]),
            facets={name: _facet(map(FACETS[name].read, found)) for name in shown_facets()},
            next=str(end) if end < len(found) else None,
            partial=self.partial,
            alternatives=self.alternatives,
            timed_out=self.timed_out,
        )

    def suggest(self, typed: str, limit: int) -> list[Suggestion]:
        self.state()
        return [Suggestion("하노버", "completion", 1)][:limit] if typed else []


def _matches(release: PressRelease, words: list[str], request: SearchRequest) -> bool:
    text = "\n".join((release.title, release.subtitle, release.body))
    if any(FACETS[name].read(release) not in values for name, values in request.filters.items()):
        return False
    day = release.published_at.date() if release.published_at else None
    if request.published_from and not (day and day >= request.published_from):
        return False
    if request.published_to and not (day and day <= request.published_to):
        return False
    return all(word in text for word in words)


def _hit(release: PressRelease, words: list[str]) -> Hit:
    lines = [line for line in release.body.split("\n") if any(word in line for word in words)]
    return Hit(
        id=release.id,
        title=_mark(release.title, words),
        subtitle=_mark(release.subtitle, words),
        outlet=release.outlet,
        department=release.department,
        reporter=release.reporter,
        published_at=release.published_at,
        published_precision=release.published_precision,
        source_url=release.url,
        score=1.5,
        snippets=tuple(Snippet(line, _mark(line, words).ranges) for line in lines[:2]),
        matched=tuple(Matched(word, word, "morpheme") for word in words),
    )


def _mark(text: str, words: list[str]) -> Marked:
    pattern = "|".join(re.escape(word) for word in words)
    return Marked(text, tuple(found.span() for found in re.finditer(pattern, text)))


def _facet(values: Iterable[str]) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(value, count) for value, count in Counter(filter(None, values)).most_common())
