"""Ways through the pages: by keyboard alone, without scripts, back and forth, on little data."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.web_releases import HANOVER

pytestmark = pytest.mark.browser

# What the issue of the pages allows for one page with everything.
_MAX_TRANSFERRED_BYTES = 60_000


def focused(page: Page) -> str:
    """The text of the element that has the focus."""
    return " ".join(
        str(page.evaluate("document.activeElement.innerText || document.activeElement.name")).split()
    )


def tab_to(page: Page, text: str, at_most: int = 120) -> None:
    """Press Tab until an element whose text begins so has the focus."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if focused(page).startswith(text):
            return
    raise AssertionError(f"Tab does not reach {text!r}")


def test_a_walk_by_keyboard_alone(browser: Browser, site: str) -> None:
    with browser.new_context(locale="ko-KR") as context:
        page = context.new_page()
        page.goto(site)
        page.keyboard.type("산업박람회")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?**")
        page.keyboard.press("Tab")
        assert focused(page) == "본문으로 건너뛰기"
        page.keyboard.press("Enter")
        tab_to(page, "2023")
        page.keyboard.press("Enter")
        page.wait_for_url("**from=2023-01-01**")
        tab_to(page, "2023년 ×")
        tab_to(page, HANOVER.title[:8])
        page.keyboard.press("Enter")
        page.wait_for_url("**/releases/**")
        tab_to(page, "찾은 곳")
        page.keyboard.press("Enter")
        page.wait_for_url("**#m1")
        # From a mark the next one is one key away.
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "next-mark"
        page.keyboard.press("Enter")
        page.wait_for_url("**#m2")
        page.go_back()
        page.go_back()
        page.go_back()
        page.wait_for_url("**/search?**from=2023-01-01**")
        expect(page.get_by_label("찾을 낱말")).to_have_value("산업박람회")


def test_every_focus_is_seen(browser: Browser, site: str) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{site}/search?q=산업박람회&limit=5")
        seen = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            outline = page.evaluate(
                "(() => { const s = getComputedStyle(document.activeElement);"
                " return document.activeElement === document.body ? 'body' : s.outlineStyle + s.outlineWidth; })()"
            )
            if outline == "body":
                break
            seen.add(outline)
        assert seen
        assert "none0px" not in seen


@pytest.fixture
def without_scripts(browser: Browser) -> BrowserContext:
    return browser.new_context(java_script_enabled=False, locale="ko-KR")


def test_without_scripts_days_are_typed_pages_turned_and_filters_removed(
    without_scripts: BrowserContext, site: str
) -> None:
    with without_scripts as context:
        page = context.new_page()
        page.goto(f"{site}/search?q=산업박람회&limit=4")
        page.get_by_label("부터").fill("2023-06-01")
        page.get_by_role("button", name="이 기간만 보기").click()
        expect(page.get_by_role("link", name="2023. 6. 1.부터 조건 빼기")).to_be_visible()
        page.get_by_role("link", name="다음 결과").click()
        expect(page.locator(".range")).to_contain_text("5–8번째")
        second = page.url
        page.get_by_role("link", name="이전 결과").click()
        expect(page.locator(".range")).to_contain_text("1–4번째")
        page.go_back()
        assert page.url == second
        page.get_by_role("link", name="2023. 6. 1.부터 조건 빼기").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("13건")
        # A month of the drawing, by the mouse.
        page.locator(".histogram svg a").first.click()
        expect(page.locator(".histogram rect.chosen")).to_have_count(1)
        page.locator(".histogram summary").click()
        expect(page.get_by_role("table")).to_be_visible()


def test_without_scripts_queries_are_compared(without_scripts: BrowserContext, site: str) -> None:
    with without_scripts as context:
        page = context.new_page()
        page.goto(f"{site}/trends")
        page.get_by_label("검색어 1").fill("산업박람회")
        page.get_by_label("검색어 2").fill("하노버")
        page.get_by_role("button", name="견주기").click()
        expect(page.get_by_role("img")).to_be_visible()
        expect(page.locator(".legend li")).to_have_count(2)
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV로 받기").click()
        assert download.value.suggested_filename == "trends.csv"


@pytest.mark.parametrize(
    "path", ["/", "/search?q=산업박람회&limit=100", f"/releases/{HANOVER.id}?q=하노버", "/trends?q=하노버"]
)
def test_a_page_with_everything_is_light_and_asks_nobody_else(browser: Browser, site: str, path: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        hosts: list[str] = []
        page.on("request", lambda request: hosts.append(re.sub(r"(https?://[^/]*).*", r"\1", request.url)))
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        sizes: list[int] = []
        session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
        page.goto(site + path, wait_until="networkidle")
        assert set(hosts) == {site}
        assert 0 < sum(sizes) < _MAX_TRANSFERRED_BYTES


def test_paper_has_the_text_and_its_marks_only(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site}/releases/{HANOVER.id}?q=하노버")
        page.emulate_media(media="print")
        for paragraph in HANOVER.sections[0].paragraphs:
            expect(page.locator(".body")).to_contain_text(paragraph)
        for control in (".next-mark", ".onward", ".citation", ".bottom", ".back"):
            for one in page.locator(control).all():
                expect(one).to_be_hidden()
        assert page.pdf()[:4] == b"%PDF"


def test_motion_is_left_out_where_it_is_not_wanted(browser: Browser, site: str) -> None:
    for wanted, behavior in (("no-preference", "smooth"), ("reduce", "auto")):
        with browser.new_context(reduced_motion=wanted) as context:  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(site)
            assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behavior


def test_nothing_is_lost_in_forced_colours(browser: Browser, site: str) -> None:
    with browser.new_context(forced_colors="active") as context:
        page = context.new_page()
        page.goto(f"{site}/search?q=산업박람회")
        bar = page.locator(".histogram rect").first
        fill, paper = (
            page.evaluate("([e, name]) => getComputedStyle(e)[name]", [one.element_handle(), name])
            for one, name in ((bar, "fill"), (page.locator("body"), "backgroundColor"))
        )
        assert fill != paper
