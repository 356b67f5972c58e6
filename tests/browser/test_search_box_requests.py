"""What the search box asks the endpoint for, and what it makes of late, wrong and hostile answers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.search_box import (
    ENDPOINT,
    HOSTILE,
    SETTLED_MS,
    box,
    expect_active,
    fake,
    hold,
    options,
    query_of,
    respond,
    texts_asked,
    three,
    until,
)

pytestmark = pytest.mark.browser


def test_one_request_at_a_time_and_then_the_newest_text(page: Page) -> None:
    held = hold(page)
    box(page).press_sequentially("하노버 산업", delay=150)
    page.wait_for_timeout(SETTLED_MS)
    assert texts_asked(held) == ["하"]
    respond(held[0], three("하"))
    until(page, lambda: len(held) == 2)
    assert texts_asked(held) == ["하", "하노버 산업"]
    # What comes late is not shown.
    assert options(page).count() == 0
    respond(held[1], three("하노버 산업"))
    expect(options(page).first).to_have_text("하노버 산업1")


def test_keys_in_a_row_are_one_request(page: Page) -> None:
    asked = fake(page, three)
    box(page).press_sequentially("하노버")
    expect(options(page).first).to_have_text("하노버1")
    assert asked == ["하노버"]


def test_a_late_answer_does_not_replace_a_newer_list(page: Page) -> None:
    held = hold(page)
    box(page).press_sequentially("하")
    until(page, lambda: len(held) == 1)
    respond(held[0], three("하"))
    expect(options(page).first).to_have_text("하1")
    page.keyboard.type("노")
    until(page, lambda: len(held) == 2)
    page.keyboard.press("Backspace")
    page.wait_for_timeout(SETTLED_MS)
    respond(held[1], three("하노"))
    page.wait_for_timeout(SETTLED_MS)
    expect(options(page)).to_have_text(["하1", "하2", "하3"])
    assert texts_asked(held) == ["하", "하노"]


def test_a_late_answer_does_not_change_the_list_under_the_hand(page: Page) -> None:
    held = hold(page)
    box(page).press_sequentially("하")
    until(page, lambda: len(held) == 1)
    respond(held[0], three("하"))
    expect(options(page)).to_have_count(3)
    page.keyboard.type("노")
    until(page, lambda: len(held) == 2)
    page.keyboard.press("ArrowDown")
    expect_active(page, 0)
    respond(held[1], three("하노"))
    page.wait_for_timeout(SETTLED_MS)
    expect_active(page, 0)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert query_of(page.url)["q"] == ["하1"]


@pytest.mark.parametrize("leave", ["Tab", "Escape"])
def test_leaving_breaks_the_request_off(page: Page, leave: str) -> None:
    held = hold(page)
    broken_off: list[str] = []
    page.on("requestfailed", lambda request: broken_off.append(request.url))
    box(page).press_sequentially("하")
    until(page, lambda: len(held) == 1)
    page.keyboard.press(leave)
    until(page, lambda: len(broken_off) == 1)
    respond(held[0], three("하"))
    page.wait_for_timeout(SETTLED_MS)
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_the_same_text_is_not_asked_for_again(page: Page) -> None:
    asked = fake(page, three)
    for text in ("하", "하노", "하", " 하노 "):
        box(page).fill(text)
        expect(options(page).first).to_have_text(f"{text.strip()}1")
    assert asked == ["하", "하노"]


@pytest.mark.parametrize("status", [503, 429, 500])
def test_an_error_is_silent_and_gives_the_server_a_rest(page: Page, status: int) -> None:
    page.clock.install()
    page.reload()
    asked = fake(page, lambda text: status if text == "하" else three(text))
    box(page).fill("하")
    until(page, lambda: asked == ["하"])
    page.wait_for_timeout(SETTLED_MS)
    box(page).fill("하노")
    page.wait_for_timeout(SETTLED_MS)
    assert asked == ["하"]
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.clock.fast_forward(5_000)
    box(page).fill("하노버")
    expect(options(page).first).to_have_text("하노버1")
    assert asked == ["하", "하노버"]


@pytest.mark.parametrize("body", ["", "<html>", "{}", '{"suggestions": 3}', '{"suggestions": []}', "abort"])
def test_an_answer_that_is_none_shows_nothing(page: Page, body: str) -> None:
    answered: list[str] = []

    def answer(route: Route) -> None:
        route.abort() if body == "abort" else route.fulfill(body=body)
        answered.append(body)

    page.route(ENDPOINT, answer)
    box(page).press_sequentially("하")
    until(page, lambda: bool(answered))
    page.wait_for_timeout(SETTLED_MS)
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert len(answered) == 1


def test_a_text_longer_than_the_endpoint_takes_is_not_asked_for(page: Page) -> None:
    asked = fake(page, three)
    box(page).fill("가" * 101)
    page.wait_for_timeout(SETTLED_MS)
    assert asked == []
    box(page).fill("가" * 100)
    expect(options(page)).to_have_count(3)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_suggestions_are_text(page: Page, text: str) -> None:
    fake(page, lambda _: [text, "하노버"])
    box(page).press_sequentially(text[0])
    expect(options(page)).to_have_count(2)
    assert options(page).first.evaluate("option => option.textContent") == text
    assert page.locator("[role=option] :not(b)").count() == 0
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert query_of(page.url)["q"] == [text]
