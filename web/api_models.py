"""The answers of the endpoint as pydantic models: every key with its meaning, its unit and an example.

They describe (OpenAPI, and the tables of docs/api.md) and never run: `json_records` makes the answers. Tests
hold the two together.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from indexer.search.response import AlternativeKind, MatchKind, SuggestionKind

EXAMPLE_ID, EXAMPLE_DAY, EXAMPLE_MOMENT = "0f3c1d7a9b2e4c58", "2023-04-25", "2023-04-25T01:28:00+09:00"
EXAMPLE_TITLE = "홍남표 창원특례시장, 독일 출장에서 얻은 힌트와 성과는?"

Ranges = list[list[int]]


def said(meaning: str, example: object, **options: Any) -> Any:  # noqa: ANN401 - as in pydantic
    """A key: what it means, and an example. Further keywords of JSON Schema are taken over, `default` by
    pydantic: a key with a default may be missing.
    """
    checked = {"default": options.pop("default")} if "default" in options else {}

    def describe(schema: dict[str, Any]) -> None:
        schema.pop("default", None)
        schema.update(options, example=example)

    return Field(description=meaning, json_schema_extra=describe, **checked)


class IndexState(BaseModel):
    """답한 색인."""

    generation: str = said(
        "답한 색인의 세대. `000007-0123456789abcdef`처럼 번호와 지문이며, 지우고 새로 만든 색인에서는 "
        "번호가 같아도 다릅니다",
        "000007-0123456789abcdef",
    )
    updated_at: str = said("그 세대를 만든 때(ISO 8601)", EXAMPLE_MOMENT, format="date-time")
    documents: int = said(
        "색인에서 찾을 수 있는 보도자료 수. 엠바고가 남은 것은 세지 않습니다", 380_000, minimum=0
    )


class Synonyms(BaseModel):
    """같은 말이 있는 낱말."""

    query: str = said("같은 말이 있는 낱말", "창원시의")
    name: str = said("조사를 뺀 그 낱말", "창원시")
    also: list[str] = said("그 낱말과 함께 찾은 말들", ["창원특례시"])


class NamedIssuer(BaseModel):
    """기관의 이름으로 읽은 낱말."""

    query: str = said("기관의 이름으로 읽은 낱말", "기재부가")
    name: str = said('조사를 뺀 그 낱말. 따옴표 안에 적으면(`"기재부"`) 그 말만 찾습니다', "기재부")
    today: str = said("그 기관의 지금 이름", "재정경제부")
    also: list[str] = said("그 낱말과 함께 찾은 다른 이름들", ["기획재정부", "재정경제부"])
    issued: bool = said("글에 이름이 없어도 그 기관이 낸 것을 함께 찾았으면 `true`", True)
    excluded: bool = said("빼라고 한 낱말이라(`-기재부`) 그 모두를 찾지 않고 뺐으면 `true`", False)


class QueryReading(BaseModel):
    """검색어를 어떻게 읽었는지."""

    raw: str = said("적은 그대로의 검색어", "하노바")
    effective: str = said("실제로 찾은 검색어. 고쳐 찾았을 때만 `raw`와 다릅니다", "하노버")
    canonical: str = said("검색어를 어떻게 읽었는지 나타내는 정해진 꼴", "하노버")
    corrected_from: str | None = said("고치기 전의 검색어. 고치지 않았으면 `null`", "하노바")
    relaxed: bool = said("모든 낱말이 맞는 것이 없어 일부만 맞는 것을 내놓았으면 `true`", False)
    notes: list[str] = said("검색어를 어떻게 읽었는지 사람에게 하는 말", ["짝이 없는 따옴표는 지웠습니다."])
    synonyms: list[Synonyms]
    words: list[str] = said("찾은 낱말. 빼라고 한 것은 없습니다", ["하노버"])
    issuers: list[NamedIssuer]


class Snippet(BaseModel):
    """본문에서 맞은 대목."""

    text: str = said("본문에서 맞은 대목", "독일 하노버에서 개최되는 세계 최대 산업기술전인")
    ranges: Ranges = said(
        "`text`에서 맞은 곳 `[시작, 끝]`. 유니코드 코드 포인트로 세고 끝은 들어가지 않습니다. `none`이면 "
        "없음",
        [[3, 6]],
        default=[],
    )
    html: str = said(
        "대목을 HTML로. `highlight=html`일 때만",
        "독일 <mark>하노버</mark>에서 개최되는 세계 최대 산업기술전인",
        default="",
    )
    file: str = said('그 대목이 든 첨부의 이름. 보도자료 자신이면 `""`', "보도자료.hwp")
    page: int = said("그 파일의 쪽. 모르면 0", 2, minimum=0)
    table: int = said("그 파일의 몇째 표인지. 표가 아니면 0", 0, minimum=0)


class Matched(BaseModel):
    """맞은 낱말."""

    query: str = said("검색어의 낱말", "하노버")
    surface: str = said("그 낱말에 맞은 본문의 꼴", "하노버")
    by: MatchKind = said(
        "무엇으로 맞았는지: `morpheme`(형태소), `stem`(활용어의 원형), `run`(음절의 이어짐), "
        "`exact`(따옴표), `prefix`(`*`), "
        "`synonym`(같은 말, 기관의 다른 이름), `issuer`(낸 기관. `surface`는 그 매체 이름), "
        "`correction`(고친 말)",
        "morpheme",
    )


class ListedRelease(BaseModel):
    """목록에 든 보도자료."""

    id: str = said("보도자료의 id. 다시 색인해도 그대로입니다", EXAMPLE_ID)
    url: str = said("이 서버에서 보는 주소(경로)", f"/releases/{EXAMPLE_ID}")
    source_url: str = said(
        "원문 주소. 자료에 적힌 그대로이니, 링크로 쓰기 전에 `http`나 `https`인지 확인하세요",
        "https://news.example/hanover",
    )
    title: str = said("제목", EXAMPLE_TITLE)
    subtitle: str = said("부제. 여럿이면 줄바꿈으로 나뉩니다", "‘2023 하노버 산업박람회’ 참가")
    outlet: str = said("매체 또는 낸 기관", "경남에나뉴스")
    department: str = said("부서", "전략산업과")
    reporter: str = said("기자", "이도균")
    published_at: str | None = said(
        "발표한 때(ISO 8601). 시각을 모르면 `2023-04-25`, 날짜를 모르면 `null`", EXAMPLE_MOMENT
    )
    embargo_until: str | None = said("보도시점(ISO 8601). 적혀 있지 않으면 `null`", EXAMPLE_MOMENT)
    corrected_at: str | None = said(
        "마지막으로 정정된 때(ISO 8601). 정정된 적이 없거나 모르면 `null`", EXAMPLE_MOMENT
    )


class Hit(ListedRelease):
    """찾은 보도자료."""

    title_ranges: Ranges = said(
        "`title`에서 맞은 곳 `[시작, 끝]`. `snippets[].ranges`와 같이 셉니다. `none`이면 없음",
        [[13, 15]],
        default=[],
    )
    title_html: str = said(
        "제목을 HTML로: 맞은 곳이 `<mark>` 안에 있고 나머지는 이스케이프되어 있습니다. `highlight=html`일 "
        "때만",
        "홍남표 창원특례시장, <mark>독일</mark> 출장에서 얻은 힌트와 성과는?",
        default="",
    )
    outlet_today: str = said('낸 기관의 지금 이름. `outlet`이 옛 이름일 때만 있고, 아니면 `""`', "창원특례시")
    score: float = said("점수. 같은 답 안에서만 견줄 수 있습니다", 12.345678)
    snippets: list[Snippet]
    matched: list[Matched]
    attachments: list[str] = said("첨부의 이름", ["보도자료.hwp"])
    similar: list[str] = said(
        "본문이 같거나 같은 날 나왔고 거의 같아 따로 내놓지 않은 보도자료의 id", ["9a1b2c3d4e5f6071"]
    )


class NameCount(BaseModel):
    """기관의 옛 이름과 그 수."""

    value: str = said("옛 이름", "창원시")
    count: int = said("그 이름으로 낸 것의 수", 8, minimum=0)


class OutletCount(BaseModel):
    """매체와 그 수."""

    value: str = said("매체 이름. 기관이면 지금 이름", "창원특례시")
    count: int = said("찾은 것 가운데 그 매체의 수. 옛 이름으로 낸 것도 셉니다", 27, minimum=0)
    names: list[NameCount] = said(
        "옛 이름마다 몇 건인지. 옛 이름으로 낸 것이 있을 때만 있고, 그 수는 매체의 `count`에 들어 있습니다",
        [{"value": "창원시", "count": 8}],
        default=[],
    )


class DepartmentCount(BaseModel):
    """부서와 그 수."""

    value: str = said("부서", "전략산업과")
    count: int = said("찾은 것 가운데 그 부서의 수", 9, minimum=0)


class MonthCount(BaseModel):
    """달과 그 수."""

    value: str = said("발표한 달, `2023-04`", "2023-04")
    count: int = said("찾은 것 가운데 그달의 수", 3, minimum=0)


class YearCount(BaseModel):
    """해와 그 수."""

    value: str = said("발표한 해", "2023")
    count: int = said("찾은 것 가운데 그해의 수", 12, minimum=0)


class AttachmentCount(BaseModel):
    """첨부가 있는 것의 수."""

    value: str = said("`yes`", "yes")
    count: int = said("찾은 것 가운데 첨부가 있는 것의 수", 5, minimum=0)


class Facets(BaseModel):
    """찾은 것 모두를 갈래로 센 것."""

    outlet: list[OutletCount]
    department: list[DepartmentCount]
    month: list[MonthCount]
    attachment: list[AttachmentCount]
    year: list[YearCount]


class AlternativeParameters(BaseModel):
    """다른 검색의 매개변수. 뜻은 요청의 매개변수와 같습니다."""

    q: str = said("찾을 말", "하노버")
    outlet: list[str] = said("매체", ["창원특례시"], default=[])
    department: list[str] = said("부서", ["전략산업과"], default=[])
    reporter: list[str] = said("기자", ["이도균"], default=[])
    attachment: str = said("첨부", "yes", default="")
    corrected: str = said("정정", "yes", default="")
    published_from: str = Field(
        "", alias="from", description="이 날부터", json_schema_extra={"example": EXAMPLE_DAY}
    )
    published_to: str = Field(
        "", alias="to", description="이 날까지", json_schema_extra={"example": EXAMPLE_DAY}
    )
    sort: str = said("차례", "newest", default="")
    limit: str = said("한 쪽의 결과 수", "20", default="")
    exact: str = said("적은 그대로만", "1", default="")


class Alternative(BaseModel):
    """찾은 것이 없을 때 대신할 검색."""

    kind: AlternativeKind = said(
        "무엇을 바꾼 검색인지: `word`(그 낱말만), `spelling`(고친 말), `without_filters`(조건 없이), "
        "`without_dates`(날짜 없이)",
        "spelling",
    )
    parameters: AlternativeParameters
    total: int = said("그 검색이 찾는 보도자료 수", 12, minimum=0)


class SearchAnswer(BaseModel):
    """찾은 것 한 쪽."""

    query: QueryReading
    total: int = said("찾은 보도자료 수. `timed_out`이면 더 있을 수 있습니다", 1_550, minimum=0)
    timed_out: bool = said(
        "정해진 시간(`bodo serve --deadline-s`, 1초)이 모자라 일부만 찾았으면 `true`. 내놓은 것은 모두 "
        "맞지만 더 있거나, 순서가 다르거나, "
        "일부만 맞는 것(`partial`)과 다른 검색(`alternatives`)이 빠졌을 수 있습니다",
        False,
    )
    took_ms: float = said("찾는 데 걸린 시간(밀리초)", 4.321, minimum=0)
    index: IndexState
    hits: list[Hit]
    facets: Facets
    offset: int = said("앞 쪽들에 있는 결과의 수. 이 쪽의 첫 결과는 `offset` + 1번째입니다", 0, minimum=0)
    next: str | None = said(
        "다음 쪽의 `cursor`. 마지막 쪽이면 `null`", "WyIwMDAwMDctMDEyMzQ1Njc4OWFiY2RlZiJd"
    )
    previous: str | None = said(
        "앞 쪽의 `cursor`. 첫 쪽이면 `null`. 10,000번째를 지난 쪽에서도 `null`이니 첫 쪽으로 돌아가세요",
        "WyIwMDAwMDctMDEyMzQ1Njc4OWFiY2RlZiJd",
    )
    partial: list[Hit] = Field(
        description="다섯 건이 못 되게 찾았을 때, 낱말 일부가 든 보도자료. 꼴은 `hits`와 같습니다"
    )
    alternatives: list[Alternative] = Field(description="찾은 것이 없을 때, 무엇이라면 있는지")


class Suggestion(BaseModel):
    """제안 하나."""

    text: str = said("찾을 말", "하노버 산업박람회")
    kind: SuggestionKind = said(
        "`completion`(이어 침), `initials`(첫소리), `keyboard`(한영), `spelling`(맞춤법)", "completion"
    )
    count: int = said("그 말이 든 보도자료의 수", 12, minimum=0)


class Suggestions(BaseModel):
    """치는 동안 내놓을 말."""

    q: str = said("친 것", "하노")
    suggestions: list[Suggestion]


class Problem(BaseModel):
    """오류(RFC 9457)."""

    type: Literal["about:blank"] = said("늘 `about:blank`", "about:blank")
    title: str = said("오류의 종류", "잘못된 요청")
    status: int = said("HTTP 상태", 400, minimum=400, maximum=599)
    detail: str = said("무엇이 잘못되었는지, 한국어로", "limit의 값은 1에서 100까지입니다.")
    parameter: str = said("잘못된 매개변수의 이름. 매개변수 탓일 때만", "limit", default="")
    hint: str = said("어떻게 하면 되는지. 할 말이 있을 때만", "limit=20처럼 적으세요.", default="")
    request_id: str = said(
        "요청의 번호. 500대의 오류에만. 서버 기록에서 이 번호로 찾습니다",
        "84b9d7616fcc46ad958328ac7b65ec71",
        default="",
    )
