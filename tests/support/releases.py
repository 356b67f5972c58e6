"""One release as an HWPX document and as a web page."""

from __future__ import annotations

from tests.support.documents import hwpx, paragraph, table

LEAD = "창원시(시장 홍남표)는 4월 3일 하노버 산업박람회에 참가해 공동관 8개를 열었다고 밝혔다."
RELEASE_TIMES = table([["배포", "2023. 4. 3.(월) 09:00", "보도시점", "2023. 4. 4.(화) 12:00"]])
CONTACTS = table(
    [
        ["담당 부서", "투자유치단", "책임자", "과 장", "김 하 나", "(055-225-3000)"],
        ["", "", "담당자", "주무관", "이둘", "(055-225-3001)"],
    ]
)


def release_hwpx(*body: str) -> bytes:
    return hwpx(
        table([["", "보도자료"]]),
        RELEASE_TIMES,
        table([["하노버에 첫 창원공동관"], ["- 국가산단 혁신 방안 찾는다"]]),
        paragraph(LEAD),
        *body,
        CONTACTS,
    )


ARTICLE = "창원시는 4월 3일 하노버 산업박람회에 참가해 공동관을 열었다고 밝혔다."
WEB_PAGE = f"""<!DOCTYPE html>
<html lang="ko"><head><meta charset="utf-8"><title>하노버에 첫 창원공동관 | 창원시</title>
<meta property="og:site_name" content="창원시"><link rel="canonical" href="https://example.org/news/1">
<style>p {{ color: red }}</style></head><body>
<header><h1>창원시청</h1></header><div class="gnb"><ul><li><a href="/a">시정소식</a></li></ul></div>
<div id="content"><h2>하노버에 첫 창원공동관</h2><p class="date">등록일 2023-04-03</p>
<div class="view"><p>{ARTICLE}</p><p>둘째 문단이 <b>여기</b>에 있다.<br>셋째 줄이다.</p>
<table><caption>공동관 규모</caption><tr><th>구분</th><th>수</th></tr><tr><td>부스</td><td>8</td></tr></table></div>
<ul class="files"><li><a href="/down/1.hwpx">하노버 자료.hwpx</a></li></ul>
<script>alert("<p>아니다</p>")</script></div>
<footer>창원시청 대표전화 055-225-2114</footer></body></html>"""
