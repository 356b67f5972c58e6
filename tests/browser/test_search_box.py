"""The search box in Chromium as a combobox: its roles, its keys and what is chosen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.search_box import (
    SETTLED_MS,
    box,
    expect_active,
    fake,
    hold,
    options,
    query_of,
    respond,
    searches,
    three,
    until,
)

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "web" / "static" / "search-box.js"


def test_the_script_is_small_and_asks_nobody_else() -> None:
    script = SCRIPT.read_text(encoding="utf-8")
    assert len(script.encode()) < 6_000
    assert not re.search(r"https?:|innerHTML|insertAdjacentHTML|eval\(|\.style\b", script)


def test_the_box_is_a_combobox_that_says_what_it_shows(page: Page) -> None:
    fake(page, three)
    combobox = page.get_by_role("combobox", name="찾을 낱말")
    expect(combobox).to_have_attribute("aria-autocomplete", "list")
    expect(combobox).to_have_attribute("aria-expanded", "false")
    listbox = page.locator(f"#{combobox.get_attribute('aria-controls')}")
    expect(listbox).to_be_hidden()
    combobox.press_sequentially("하")
    expect(page.get_by_role("listbox", name="찾을 말 제안")).to_be_visible()
    expect(combobox).to_have_attribute("aria-expanded", "true")
    expect(options(page)).to_have_text(["하1", "하2", "하3"])
    expect(page.get_by_role("status")).to_have_text("제안 3개")
    ids = [option.get_attribute("id") for option in options(page).all()]
    assert len(set(ids)) == 3
    assert all(page.locator(f"#{one}").count() == 1 for one in ids)
    expect_active(page, None)
    # What is added to the text stands out.
    expect(options(page).first.locator("b")).to_have_text("1")


def test_arrows_go_round_through_the_own_text(page: Page) -> None:
    fake(page, three)
    box(page).press_sequentially("하")
    expect(options(page)).to_have_count(3)
    for key, index in (
        ("ArrowDown", 0),
        ("ArrowDown", 1),
        ("ArrowDown", 2),
        ("ArrowDown", None),
        ("ArrowDown", 0),
        ("ArrowUp", None),
        ("ArrowUp", 2),
        ("ArrowUp", 1),
    ):
        page.keyboard.press(key)
        expect_active(page, index)
        expect(box(page)).to_have_value("하")


@pytest.mark.parametrize(("key", "caret"), [("Home", 0), ("End", 2), ("ArrowLeft", 1), ("ArrowRight", 2)])
def test_keys_of_the_text_go_back_to_it(page: Page, key: str, caret: int) -> None:
    fake(page, three)
    box(page).press_sequentially("하노")
    expect(options(page)).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press(key)
    expect_active(page, None)
    assert box(page).evaluate("box => box.selectionStart") == caret
    expect(options(page)).to_have_count(3)


def test_enter_takes_the_active_suggestion(page: Page) -> None:
    started = searches(page)
    box(page).press_sequentially("하")
    expect(options(page).first).to_have_text("하노버")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert query_of(page.url)["q"] == ["하노버"]
    expect(page.get_by_role("heading", level=1)).to_contain_text("3건")
    expect(box(page)).to_have_value("하노버")
    assert len(started) == 1


def test_enter_takes_the_text_when_no_suggestion_is_active(page: Page) -> None:
    started = searches(page)
    box(page).press_sequentially("하")
    expect(options(page).first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert query_of(page.url)["q"] == ["하"]
    assert len(started) == 1


def test_typing_on_takes_the_text_again(page: Page) -> None:
    """Not a suggestion to what has been typed over, even before the new answer."""
    held = hold(page)
    box(page).press_sequentially("하")
    until(page, lambda: len(held) == 1)
    respond(held[0], three("하"))
    expect(options(page)).to_have_count(3)
    page.keyboard.press("ArrowDown")
    expect_active(page, 0)
    page.keyboard.type("노")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert query_of(page.url)["q"] == ["하노"]


def test_escape_closes_and_a_second_one_clears(page: Page) -> None:
    asked = fake(page, three)
    box(page).press_sequentially("하")
    page.keyboard.press("ArrowDown")
    expect(options(page)).to_have_count(3)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("status")).to_have_text("")
    expect(box(page)).to_have_value("하")
    page.wait_for_timeout(SETTLED_MS)
    expect_active(page, None)
    page.keyboard.press("Escape")
    expect(box(page)).to_have_value("")
    page.wait_for_timeout(SETTLED_MS)
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert asked == ["하"]


@pytest.mark.parametrize(
    ("key", "index"), [("Alt+ArrowDown", None), ("ArrowDown", 0), ("ArrowUp", 2)], ids=str
)
@pytest.mark.parametrize("asked_before", [True, False], ids=["known", "not asked"])
def test_arrows_open_the_list(page: Page, key: str, index: int | None, asked_before: bool) -> None:
    fake(page, three)
    box(page).press_sequentially("하")
    if asked_before:
        expect(options(page)).to_have_count(3)
        page.keyboard.press("Escape")
    page.keyboard.press(key)
    expect(options(page)).to_have_count(3)
    expect_active(page, index)


def test_tab_closes_and_changes_nothing(page: Page) -> None:
    fake(page, three)
    box(page).press_sequentially("하")
    expect(options(page)).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.get_by_role("button", name="검색")).to_be_focused()
    expect(box(page)).to_have_value("하")


def test_a_click_takes_a_suggestion_and_the_focus_stays(page: Page) -> None:
    fake(page, three)
    box(page).press_sequentially("하")
    options(page).nth(1).click(button="right")
    expect_active(page, None)
    options(page).nth(1).hover()
    page.mouse.down()
    expect(box(page)).to_be_focused()
    expect(options(page)).to_have_count(3)
    page.mouse.up()
    page.wait_for_url("**/search?*")
    assert query_of(page.url)["q"] == ["하2"]


@pytest.mark.parametrize("by", ["keyboard", "mouse"])
def test_a_suggestion_keeps_filters_and_order(page: Page, site: str, by: str) -> None:
    page.goto(site + "/search?q=산업박람회&outlet=창원특례시&outlet=창원시&sort=newest&from=2023-01-01")
    kept = query_of(page.url) | {"q": ["하노버"]}
    box(page).fill("하노")
    expect(options(page).first).to_have_text("하노버")
    if by == "mouse":
        options(page).first.click()
    else:
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    page.wait_for_url(lambda address: query_of(address)["q"] == ["하노버"])
    assert query_of(page.url) == kept


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=하노버",
        "/search?q=",
        "/search?q=하노버&from=어제",
        "/help",
        "/status",
        "/api",
        "/nothing",
    ],
)
def test_every_page_with_the_box_suggests(page: Page, site: str, path: str) -> None:
    page.goto(site + path)
    page.get_by_role("combobox").fill("하노")
    expect(options(page).first).to_have_text("하노버")


def test_a_page_that_comes_back_has_the_box_of_its_results(page: Page, site: str) -> None:
    """Chromium under test keeps no pages, so the event is made."""
    page.goto(site + "/search?q=하노버")
    box(page).fill("다른 말")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(box(page)).to_have_value("하노버")
