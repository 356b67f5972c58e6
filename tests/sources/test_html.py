"""Saved pages and fragments: the article stays, the site around it goes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from indexer.release import SEOUL, Attachment
from tests.sources.test_reading import read_one, refuse_one

ARTICLE = "창원시는 4월 3일 하노버 산업박람회에 참가해 공동관을 열었다고 밝혔다."
PAGE = f"""<!DOCTYPE html>
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


def test_a_saved_page_gives_its_article(tmp_path: Path) -> None:
    release = read_one(tmp_path, "a.html", PAGE)
    assert (release.title, release.outlet) == ("하노버에 첫 창원공동관", "창원시")
    assert release.url == "https://example.org/news/1"
    assert release.published_at == datetime(2023, 4, 3, tzinfo=SEOUL)
    assert release.attachments == (Attachment("하노버 자료.hwpx", "https://example.org/down/1.hwpx"),)
    assert release.body.splitlines() == [
        ARTICLE, "둘째 문단이 여기에 있다.", "셋째 줄이다.", "공동관 규모", "구분 | 수", "부스 | 8",
    ]  # fmt: skip
    assert [(len(section.paragraphs), section.table) for section in release.sections] == [(3, 0), (3, 1)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_a_page_reads_the_same_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    page = PAGE.replace('charset="utf-8"', 'charset="euc-kr"' if encoding == "cp949" else 'charset="utf-8"')
    assert read_one(tmp_path, "a.html", page.encode(encoding)).body.startswith(ARTICLE)


def test_a_fragment_needs_no_page(tmp_path: Path) -> None:
    release = read_one(tmp_path, "a.txt", f"<div><h3>하노버에 첫 창원공동관</h3><p>{ARTICLE}</p></div>")
    assert release.title == "하노버에 첫 창원공동관"
    assert release.body == ARTICLE


def test_markdown_that_begins_with_a_tag_stays_markdown(tmp_path: Path) -> None:
    assert "title" in refuse_one(tmp_path, "a.md", f"<div align=center></div>\n\n{ARTICLE}\n").reason


def test_a_list_of_releases_is_no_release(tmp_path: Path) -> None:
    rows = "".join(f'<tr><td>{n}</td><td><a href="/{n}">창원시 소식 {n}번째</a></td></tr>' for n in range(9))
    page = f"<html><head><title>보도자료 목록</title></head><body><table>{rows}</table></body></html>"
    assert "목록" in refuse_one(tmp_path, "a.html", page).reason


def test_a_page_without_text_is_refused(tmp_path: Path) -> None:
    assert refuse_one(tmp_path, "a.html", "<html><body></body></html>").reason
