"""More answers of the endpoint as models, as in `api_models`: releases, trends, tokens, the archive."""

from __future__ import annotations

from pydantic import BaseModel, Field

from web.api_models import (
    EXAMPLE_DAY,
    EXAMPLE_ID,
    EXAMPLE_MOMENT,
    EXAMPLE_TITLE,
    IndexState,
    ListedRelease,
    MonthCount,
    NamedIssuer,
    OutletCount,
    Ranges,
    Synonyms,
    said,
)


class Section(BaseModel):
    """본문의 한 자리에 있는 문단들."""

    heading: str = said('소제목. 없으면 `""`', "‘하노버 산업박람회’에 첫 ‘창원공동관’ 운영")
    paragraphs: list[str] = said("문단", ["공동관은 총 8개 부스로 구성됐다."])
    file: str = said('그것이 든 첨부의 이름. 보도자료 자신이면 `""`', "보도자료.hwp")
    page: int = said("그 파일의 쪽. 모르면 0", 2, minimum=0)
    table: int = said("그 파일의 몇째 표인지. 표가 아니면 0", 0, minimum=0)


class Attachment(BaseModel):
    """첨부."""

    name: str = said("첨부의 이름", "보도자료.hwp")
    url: str = said("받는 주소. 자료에 적힌 그대로입니다", "https://news.example/release.hwp")
    media_type: str = said("미디어 타입", "application/x-hwp")
    size_bytes: int | None = said("크기(바이트). 모르면 `null`", 48_200)


class Origin(BaseModel):
    """값을 찾은 자리."""

    field: str = said("본문에서 찾은 값의 이름", "reporter")
    origin: str = said("그 값을 찾은 자리. 사람이 읽는 말입니다", "글의 머리와 꼬리")


class Release(BaseModel):
    """보도자료 하나."""

    id: str = said("보도자료의 id. 다시 색인해도 그대로입니다", EXAMPLE_ID)
    url: str = said("이 서버에서 보는 주소(경로)", f"/releases/{EXAMPLE_ID}")
    source_url: str = said("원문 주소. 자료에 적힌 그대로입니다", "https://news.example/hanover")
    title: str = said("제목", EXAMPLE_TITLE)
    subtitles: list[str] = said("부제", ["‘2023 하노버 산업박람회’ 참가"])
    outlet: str = said("매체 또는 낸 기관", "경남에나뉴스")
    department: str = said("부서", "전략산업과")
    reporter: str = said("기자", "이도균")
    contact: str = said("문의할 곳", "전략산업과 055-000-0000")
    published_at: str | None = said(
        "발표한 때(ISO 8601). 시각을 모르면 `2023-04-25`, 날짜를 모르면 `null`", EXAMPLE_MOMENT
    )
    embargo_until: str | None = said("보도시점(ISO 8601). 적혀 있지 않으면 `null`", EXAMPLE_MOMENT)
    corrected_at: str | None = said(
        "마지막으로 정정된 때(ISO 8601). 정정된 적이 없거나 모르면 `null`", EXAMPLE_MOMENT
    )
    sections: list[Section] = Field(description="본문, 차례대로")
    attachments: list[Attachment] = Field(description="첨부")
    origins: list[Origin] = Field(description="글에서 찾아낸 값마다, 그 자리")
    content_hash: str = said(
        "내용의 지문(SHA-256, 16진수). `id`, `origins`, `corrected_at` 말고 무엇이든 바뀌면 달라집니다",
        "5e88" * 16,
    )


class SectionMarks(BaseModel):
    """`sections` 하나에서 맞은 곳."""

    heading: Ranges = said("소제목에서 맞은 곳", [[1, 4]])
    paragraphs: list[Ranges] = said("문단마다 맞은 곳", [[[3, 6]], []])


class Marks(BaseModel):
    """`q`가 맞은 곳."""

    title: Ranges = said(
        "`title`에서 맞은 곳 `[시작, 끝]`. 코드 포인트로 세고 끝은 들어가지 않습니다", [[13, 15]]
    )
    subtitles: list[Ranges] = said("부제마다 맞은 곳", [[[7, 10]]])
    contact: Ranges = said("`contact`에서 맞은 곳", [])
    sections: list[SectionMarks]


class ReadRelease(Release):
    """읽을 보도자료와, `q`가 맞은 곳."""

    outlet_today: str = said('낸 기관의 지금 이름. `outlet`이 옛 이름일 때만 있고, 아니면 `""`', "창원특례시")
    marks: Marks | None = Field(description="`q`가 맞은 곳. 차례는 글의 차례와 같습니다. `q`가 없으면 `null`")
    index: IndexState = Field(description="답한 색인. 찾기의 `index`와 같습니다")


class StreamedRelease(Release):
    """`/api/v1/releases`의 한 줄."""

    cursor: str = said("이 줄 다음부터 읽는 `cursor`", "WzE2ODIzNTM3MDAsIjBmM2MxZDdhOWIyZTRjNTgiXQ")


class SimilarReleases(BaseModel):
    """비슷한 보도자료."""

    same: list[ListedRelease] = Field(description="본문이 같거나 거의 같은 것")
    similar: list[ListedRelease] = Field(
        description="같은 일을 다룬 것, 가장 비슷한 것부터. 꼴은 `same`과 같습니다"
    )


class Trend(BaseModel):
    """검색어 하나의 달마다의 수."""

    q: str = said("적은 그대로의 검색어", "하노버")
    total: int = said("찾은 보도자료 수. 날짜를 모르는 것도 셉니다", 120, minimum=0)
    counts: list[int] = said("`months`의 달마다 맞은 보도자료 수", [3, 0, 5])
    timed_out: bool = said("정해진 시간이 모자라 일부만 세었으면 `true`", False)
    synonyms: list[Synonyms]
    issuers: list[NamedIssuer]


class Trends(BaseModel):
    """달마다 몇 건인지."""

    months: list[str] = said(
        "맞은 것이 있는 첫 달부터 마지막 달까지, 빠짐없이(`2023-04`)", ["2023-04", "2023-05", "2023-06"]
    )
    trends: list[Trend]
    all_counts: list[int] = said("`months`의 달마다 조건에 드는 모든 보도자료의 수", [310, 295, 340])
    index: IndexState = Field(description="답한 색인. 찾기의 `index`와 같습니다")


class AnalyzerIdentity(BaseModel):
    """분석기."""

    name: str = said("분석기의 이름", "mecab")
    version: int = said("분석의 판. 바뀌면 색인을 새로 만듭니다", 4)
    dictionary: str = said("사전", "mecab-ko-dic-2.1.1-20180720")


class Token(BaseModel):
    """색인에 드는 말 하나."""

    term: str = said("색인에 드는 꼴", "만나")
    surface: str = said("글에 있는 꼴", "만났다")
    start: int = said("글에서 시작하는 곳, 유니코드 코드 포인트", 5, minimum=0)
    end: int = said("끝나는 곳. 들어가지 않습니다", 8, minimum=0)
    position: int = said("몇째 자리인지, 0부터", 1, minimum=0)
    tag: str = said("품사. 음절쌍이면 형태소의 경계: `|`에서 나뉘고 `!`에서는 홀로 찾히지 않습니다", "VV")
    rule: str = said('그것을 만든 규칙. 음절쌍이면 `""`', "stem")


class Analysis(BaseModel):
    """글이 색인에 드는 꼴."""

    analyzer: AnalyzerIdentity = Field(description="글을 나눈 분석기")
    morphemes: list[Token] = Field(description="형태소")
    bigrams: list[Token] = Field(description="음절쌍. 꼴은 `morphemes`와 같습니다")


class Archive(BaseModel):
    """아카이브에 있는 것. 엠바고가 남은 것은 어디에도 들지 않습니다."""

    index: IndexState = Field(description="답한 색인. 찾기의 `index`와 같습니다")
    size_bytes: int = said("디스크에 있는 색인의 크기(바이트)", 1_234_567_890, minimum=0)
    first_day: str | None = said(
        "가장 오래된 보도자료의 날, 한국 시간. 없으면 `null`", EXAMPLE_DAY, format="date"
    )
    last_day: str | None = said(
        "가장 새로운 보도자료의 날, 한국 시간. 없으면 `null`", EXAMPLE_DAY, format="date"
    )
    outlets: list[OutletCount] = Field(
        description="보도자료가 많은 매체, 60곳까지. 꼴은 찾기의 `facets.outlet`과 같습니다"
    )
    months: list[MonthCount] = Field(description="발표한 달마다, 이른 달부터: `value`와 `count`")
    analyzer: AnalyzerIdentity = Field(description="색인을 만든 분석기. 꼴은 `analyze`와 같습니다")
