"""The pages in Chromium: searching without scripts, accessible in both schemes, at any width, on paper."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.pages import PATHS
from tests.support.web_releases import HANOVER

pytestmark = pytest.mark.browser


def visit(page: Page, site: str, path: str) -> None:
    """Open a page of `PATHS`; of the results the second, which has all the links that a page can have."""
    page.goto(site + path)
    if path == PATHS["results"]:
        page.get_by_role("link", name="다음 결과").click()
        page.wait_for_url("**cursor=**")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_type_a_query_read_a_release_and_go_back(browser: Browser, site: str, scripts: bool) -> None:
    with browser.new_context(java_script_enabled=scripts, locale="ko-KR") as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(site)
        expect(page.get_by_label("찾을 낱말")).to_be_focused()
        page.keyboard.type("하노버")
        page.keyboard.press("Enter")
        expect(page.locator("mark").first).to_have_text("하노버")
        expect(page.get_by_role("heading", level=1)).to_contain_text("3건")
        page.get_by_role("link", name="최신순").click()
        page.get_by_role("link", name="2023년").click()
        page.get_by_role("link", name=HANOVER.title).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(HANOVER.title)
        page.get_by_role("link", name="검색 결과로").click()
        expect(page.get_by_label("찾을 낱말")).to_have_value("하노버")
        expect(page.get_by_role("link", name="최신순")).to_have_attribute("aria-current", "true")
        expect(page.get_by_role("link", name="2023년 조건 빼기")).to_be_visible()
        assert not said


def test_the_skip_link_comes_first_and_leads_to_the_content(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(site + PATHS["results"])
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="본문으로 건너뛰기")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()


def test_hostile_documents_run_nothing(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        trouble: list[str] = []
        page.on("dialog", lambda dialog: trouble.append(dialog.message))
        page.on("console", lambda message: trouble.append(message.text))
        page.goto(site + PATHS["hostile"])
        page.get_by_role("link", name="alert('제목')").click()
        expect(page.get_by_text("alert('본문')")).to_be_visible()
        assert not trouble


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_nothing_stands_in_the_way_of_anyone(
    browser: Browser, site: str, path: str, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        visit(page, site, path)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


def test_the_page_without_an_index_is_accessible(browser: Browser, site_without_index: str) -> None:
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.goto(site_without_index)
        expect(page.get_by_role("alert")).to_contain_text("지금은 색인을 열 수 없습니다.")
        assert Axe().run(page).violations_count == 0


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1600])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_no_page_scrolls_sideways(browser: Browser, site: str, path: str, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        visit(page, site, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("total", ["3건", "164,889건", "적어도 164,889건"])
def test_nothing_of_the_bar_above_the_results_is_broken_into_many_lines(
    browser: Browser, site: str, total: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site}/search?q=창원")
        page.evaluate("total => { document.querySelector('.summary h1').lastChild.data = total }", total)
        for width in range(320, 481, 4):
            page.set_viewport_size({"width": width, "height": 800})
            lines = page.evaluate(
                """[...document.querySelectorAll(".summary h1, .summary .took, .summary .sorts a")].map(
                    one => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).fontSize))"""
            )
            # Heights of a line and what is around it, in letters: one line has below 2.5.
            assert max(lines) < 5, (width, lines)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_paper_carries_the_article_and_not_the_controls(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.emulate_media(media="print")
        page.goto(site + PATHS["release"])
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("search")).to_be_hidden()
        expect(page.get_by_role("link", name="검색 결과로")).to_be_hidden()
