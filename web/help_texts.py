"""What the pages for people say of the query language and of the endpoint, as examples that can be tried."""

from __future__ import annotations

# The query and what it finds.
QUERY_EXAMPLES = (
    ("하노버 산업박람회", "두 낱말이 모두 든 것"),
    ("하노버 | 베를린", "어느 하나라도 든 것"),
    ("하노버 -산업박람회", "앞의 것이 들고 뒤의 것은 들지 않은 것"),
    ('"하노버 산업박람회"', "그대로 이어진 것. 띄어쓰기는 달라도 됩니다"),
    ("창원*", "창원으로 시작하는 낱말이 든 것. 두 글자부터"),
    ("제목:박람회", "제목에 든 것. 부제:, 본문:도 됩니다"),
    ("매체:창원", "매체(발행 기관)의 이름에 그 말이 든 것. 부서:, 기자:도 됩니다"),
    ("기관:기재부", "그 기관이 옛 이름과 지금 이름으로 낸 것. 옛 이름을 적으면 그 이름으로 낸 것만"),
    ("박람회 2023-04..2023-05", "그 기간에 나온 것. 앞뒤의 날을 넣습니다"),
    ("박람회 이후:2023-04", "그때부터 나온 것. 이전:도 됩니다"),
    ("ㅊㅇㅌㄹㅅ", "첫소리. 검색 상자에 치면 제안으로 나옵니다"),
)

# A parameter of the endpoint and what it takes.
PARAMETERS = (
    ("q", "찾을 말. 꼭 있어야 합니다"),
    ("from, to", "이 날부터, 이 날까지. 2023-04-25처럼"),
    ("outlet, department, reporter", "매체, 부서, 기자. 여러 번 쓸 수 있습니다"),
    ("attachment, corrected", "yes면 첨부가 있는 것만, 정정된 것만"),
    ("sort", "relevance, recent, newest, oldest"),
    ("limit", "한 쪽의 결과 수, 1–100"),
    ("cursor", "앞 답의 next나 previous"),
    ("exact", "1이면 적은 그대로만"),
    ("highlight", "html, ranges, none"),
)

# Other endpoints and what they answer.
ENDPOINTS = (
    ("/api/v1/releases/{id}", "보도자료 하나를 통째로. q가 있으면 맞은 곳도"),
    ("/api/v1/releases/{id}/similar", "비슷한 보도자료"),
    ("/api/v1/releases?since=2023-04-01", "모두 받기, 한 줄에 하나. 끊기면 이어서"),
    ("/api/v1/trends?q=하노버&q=베를린", "달마다 몇 건인지"),
    ("/api/v1/stats", "아카이브에 무엇이 얼마나 있는지"),
    ("/api/v1/analyze?text=창원에서", "글이 색인에 드는 꼴"),
)

# An attribute of the script for other sites and what it takes.
EMBED_ATTRIBUTES = (
    ("data-target", "상자를 넣을 요소의 CSS 선택자. 없으면 script가 있는 자리에 넣습니다"),
    ("data-outlet, data-department, data-reporter", "매체, 부서, 기자의 이름. 여럿이면 쉼표나 |로 나눕니다"),
    ("data-from, data-to", "이 날부터, 이 날까지. 2023-04-25처럼"),
    ("data-attachment", "yes면 첨부가 있는 것만"),
    ("data-sort", "relevance(정확도순), recent(최근 우선), newest(최신순), oldest(오래된순)"),
    ("data-limit", "한 번에 보일 결과 수, 1–100. 없으면 10"),
    ("data-label", "상자의 이름. 화면 낭독기가 읽습니다. 없으면 보도자료와 고른 매체"),
    ("data-scheme", "light나 dark. 없으면 읽는 사람의 설정을 따릅니다"),
)
