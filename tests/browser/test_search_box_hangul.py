"""Hangul in the search box, as an input method composes it in Chromium and in other browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.search_box import (
    SETTLED_MS,
    TAKEN,
    Keyboard,
    box,
    expect_active,
    fake,
    options,
    query_of,
    searches,
    three,
)

pytestmark = pytest.mark.browser


def test_suggestions_follow_half_typed_syllables(page: Page) -> None:
    asked = fake(page, three)
    keyboard = Keyboard(page)
    expect(box(page)).to_be_focused()
    for composed in ("ㅎ", "하", "한"):
        keyboard.compose(composed)
        expect(options(page).first).to_have_text(f"{composed}1")
    keyboard.commit("한")
    keyboard.compose("ㄱ")
    expect(options(page).first).to_have_text("한ㄱ1")
    assert asked == ["ㅎ", "하", "한", "한ㄱ"]


def test_enter_that_ends_a_syllable_searches_once_and_for_all_of_it(page: Page) -> None:
    fake(page, three)
    started = searches(page)
    keyboard = Keyboard(page)
    expect(box(page)).to_be_focused()
    keyboard.compose("ㅎ", "하")
    keyboard.commit("하")
    keyboard.compose("ㄴ", "노")
    # The input method has the key first; then it ends the syllable and lets the key through.
    keyboard.take("Enter")
    page.wait_for_timeout(SETTLED_MS)
    assert started == []
    expect(box(page)).to_have_value("하노")
    keyboard.commit("노")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert query_of(page.url)["q"] == ["하노"]
    page.wait_for_timeout(SETTLED_MS)
    assert len(started) == 1


def test_an_arrow_that_ends_a_syllable_moves_once(page: Page) -> None:
    fake(page, three)
    keyboard = Keyboard(page)
    expect(box(page)).to_be_focused()
    keyboard.compose("ㅎ", "하", "한")
    expect(options(page)).to_have_count(3)
    keyboard.take("ArrowDown")
    expect_active(page, None)
    keyboard.commit("한")
    expect(options(page)).to_have_count(3)
    page.keyboard.press("ArrowDown")
    expect_active(page, 0)


def test_a_click_while_a_syllable_is_composed_takes_the_suggestion_alone(page: Page) -> None:
    fake(page, lambda _: ["하노버"])
    keyboard = Keyboard(page)
    expect(box(page)).to_be_focused()
    keyboard.compose("ㅎ", "하", "한")
    options(page).first.click()
    page.wait_for_url("**/search?*")
    assert query_of(page.url)["q"] == ["하노버"]


@pytest.mark.parametrize("key", ["Enter", "ArrowDown", "ArrowUp", "Escape"])
@pytest.mark.parametrize(
    "of_the_input_method",
    [
        {"isComposing": True, "keyCode": TAKEN},
        {"isComposing": True, "keyCode": 13},
        # Safari: compositionend comes before the key that ended the syllable.
        {"isComposing": False, "keyCode": TAKEN},
    ],
    ids=["composing", "composing, no 229", "Safari"],
)
def test_a_key_of_the_input_method_is_left_alone(
    page: Page, key: str, of_the_input_method: dict[str, object]
) -> None:
    """The events of other browsers, made, since Chromium's keyboard does not give them."""
    fake(page, three)
    started = searches(page)
    box(page).press_sequentially("하")
    expect(options(page)).to_have_count(3)
    page.keyboard.press("ArrowDown")
    was_left = box(page).evaluate(
        """(box, key) => {
            box.dispatchEvent(new CompositionEvent("compositionend", { data: "하", bubbles: true }));
            return box.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }));
        }""",
        {"key": key, **of_the_input_method},
    )
    assert was_left
    page.wait_for_timeout(SETTLED_MS)
    expect_active(page, 0)
    assert started == []
