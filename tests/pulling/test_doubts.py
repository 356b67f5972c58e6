"""A page of errors does not replace a stored release; a correction does, short or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.pulls import Puller, page, portal
from tests.support.site_pages import publish, release_page
from tests.support.sites import Site

# Longer than what is told to be an error by its words.
MANY = "이용자께서는 잠시 기다렸다가 다시 접속해 주시면 친절하게 안내해 드리도록 노력하겠습니다. " * 8
OTHERS = {
    "busy": f"<title>시험시</title><h2>서비스 이용이 어렵습니다</h2><p>접속자가 많아 화면을 보여 드리지 못합니다.</p><p>{MANY}</p>",
    "home": f"<title>시험시청</title><h1>시민과 함께하는 행복 도시</h1><p>{MANY}</p><p>대중교통 안내와 시정 소식을 전해 드립니다.</p>",
    "short": "<title>시험시</title><h1>게시물 보기</h1><p>2026-11-26</p><p>담당자의 확인이 끝나면 이곳에서 볼 수 있습니다.</p>",
}


def html(text: str) -> str:
    return f'<!doctype html><html lang="ko"><head><meta charset="utf-8"></head><body>{text}</body></html>'


@pytest.mark.parametrize("kind", ["rss", "list", "sitemap"])
@pytest.mark.parametrize("other", OTHERS)
def test_another_page_leaves_what_is_stored(kind: str, other: str, site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    one = replace(one, paragraphs=one.paragraphs * 3)
    publish(site, [one])
    puller = Puller(site, tmp_path, kind)
    puller.pull()
    before = puller.files()
    site.pages[one.path] = page(html(OTHERS[other]))
    for hours in (2, 3):
        puller.later(hours=hours)
        report = puller.pull()
        (trouble,) = report.refused
        assert (report.changed, puller.files()) == (0, before)
        # The words of some of them say it by themselves.
        assert "다른 쪽" in trouble.reason or "오류나 로그인" in trouble.reason
    # It is looked at again, and a correction comes.
    site.pages[one.path] = page(release_page(replace(one, paragraphs=("사업비는 99억 원이라고 밝혔다.",))))
    puller.later(hours=5)
    assert puller.pull().changed == 1


@pytest.mark.parametrize("kind", ["rss", "list", "sitemap"])
@pytest.mark.parametrize(
    "text",
    [
        "<h1>{title}</h1><p>담당 부서의 요청으로 이 자료를 거두어들입니다.</p>",
        "<h1>[정정] {title}</h1><p>이 자료는 자료 오류로 취소했다고 밝혔다.</p>",
        "<h1>보도자료</h1><p>제목: {title}</p><p>이 자료는 자료 오류로 취소했다고 밝혔다.</p>",
        "<h1>창원특례시, 2번째 산업 단지 조성 계획을 취소</h1><p>창원특례시는 산업 단지를 조성하려던 계획을 취소한다고 26일 밝혔다.</p>",
    ],
)
def test_a_short_correction_comes(kind: str, text: str, site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    one = replace(one, paragraphs=one.paragraphs * 3)
    publish(site, [one])
    puller = Puller(site, tmp_path, kind)
    puller.pull()
    site.pages[one.path] = page(html(text.format(title=one.title)))
    puller.later(hours=2)
    report = puller.pull()
    assert (report.changed, [one.reason for one in report.refused]) == (1, [])


def test_a_title_that_the_source_announces_comes(site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish(site, [replace(one, paragraphs=one.paragraphs * 5)])
    puller = Puller(site, tmp_path)
    puller.pull()
    new = replace(one, title="가을 책 잔치 열려", paragraphs=("책 잔치를 연다고 밝혔다.",), files=())
    publish(site, [new])
    assert puller.pull().changed == 1
    (release,) = puller.releases().values()
    assert release.title == new.title


def test_a_release_that_was_deleted_by_hand_comes_as_it_is_now(site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish(site, [one])
    puller = Puller(site, tmp_path, "sitemap")
    puller.pull()
    site.pages[one.path] = page(html(OTHERS["home"]))
    puller.later(hours=2)
    assert puller.pull().refused
    next(puller.folder.rglob("*.html")).unlink()
    puller.later(hours=2)
    assert puller.pull().new == 1
