"""The open list of the search box: accessible, at any width, in any colours; and the box without the script."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.support.search_box import HOSTILE, box, expect_active, fake, options, three

pytestmark = pytest.mark.browser


def test_without_the_script_it_is_a_search_input(browser: Browser, site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site + "/help")
        expect(page.get_by_role("searchbox", name="찾을 낱말")).to_be_visible()
        expect(page.get_by_role("combobox")).to_have_count(0)
        expect(page.locator("[aria-expanded], [role=listbox]")).to_have_count(0)
        expect(page.get_by_role("checkbox", include_hidden=True)).to_be_hidden()
        page.get_by_role("searchbox").fill("하노버")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=*")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/search?q=하노버"])
def test_the_open_list_stands_in_the_way_of_nobody(
    browser: Browser, site: str, path: str, scheme: Literal["light", "dark"], width: int
) -> None:
    with browser.new_context(
        color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 800}
    ) as context:
        page = context.new_page()
        fake(page, lambda text: three(text) + HOSTILE)
        page.goto(site + path)
        box(page).fill("하")
        expect(options(page)).to_have_count(3 + len(HOSTILE))
        for index in (None, 0):
            expect_active(page, index)
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()
            page.keyboard.press("ArrowDown")


@pytest.mark.parametrize(("touch", "least"), [(False, 24), (True, 44)], ids=["mouse", "touch"])
@pytest.mark.parametrize("width", [320, 768, 1600])
def test_the_list_fits_and_its_options_can_be_hit(
    browser: Browser, site: str, width: int, touch: bool, least: int
) -> None:
    with browser.new_context(
        viewport={"width": width, "height": 600}, has_touch=touch, is_mobile=touch
    ) as context:
        page = context.new_page()
        fake(page, lambda _: ["하노버", *HOSTILE, "하" * 90, "a" * 400])
        page.goto(site + "/search?q=하노버")
        box(page).fill("하")
        expect(options(page).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for option in options(page).all():
            place = option.bounding_box()
            assert place
            assert place["x"] >= 0
            assert place["x"] + place["width"] <= width
            assert place["height"] >= least
            assert option.evaluate("option => option.scrollWidth <= option.clientWidth")
        # The last option comes into view.
        page.keyboard.press("ArrowUp")
        expect(options(page).last).to_be_in_viewport()


@pytest.mark.parametrize("forced", ["none", "active"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_active_option_is_seen(
    browser: Browser, site: str, scheme: Literal["light", "dark"], forced: Literal["none", "active"]
) -> None:
    with browser.new_context(color_scheme=scheme, forced_colors=forced) as context:
        page = context.new_page()
        fake(page, three)
        page.goto(site)
        box(page).fill("하")
        page.keyboard.press("ArrowDown")
        expect_active(page, 0)
        looks = [
            option.evaluate(
                "option => [getComputedStyle(option).backgroundColor, getComputedStyle(option).boxShadow]"
            )
            for option in options(page).all()
        ]
        # Forced colours take shadows away.
        seen = [look[0] if forced == "active" else look[1] for look in looks]
        assert seen[0] != seen[1] == seen[2]
