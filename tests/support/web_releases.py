"""Some releases for the pages and the endpoint, one of them hostile in every field."""

from __future__ import annotations

from datetime import datetime, timedelta

from indexer.release import SEOUL, Attachment, PressRelease, Section, identify

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
