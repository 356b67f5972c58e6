"""The key `/`: it leads to the search box, but not from where someone types, and not when it is off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.search_box import TAKEN, box

pytestmark = pytest.mark.browser


def test_slash_goes_to_the_box_and_takes_up_its_text(page: Page, site: str) -> None:
    page.goto(site + "/search?q=하노버")
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("하노버")
    page.keyboard.type("a/b")
    expect(box(page)).to_have_value("a/b")


@pytest.mark.parametrize(
    "field", ["<input>", "<textarea></textarea>", "<select><option>/</select>", "<p contenteditable>"]
)
def test_slash_stays_where_someone_types(page: Page, site: str, field: str) -> None:
    page.goto(site + "/help")
    typed_in = page.evaluate_handle(
        """(field) => {
            document.querySelector("main").insertAdjacentHTML("beforeend", field);
            return document.querySelector("main").lastElementChild;
        }""",
        field,
    ).as_element()
    assert typed_in
    typed_in.focus()
    page.keyboard.press("/")
    assert typed_in.evaluate("field => field === document.activeElement")
    if not field.startswith("<select"):
        assert typed_in.evaluate("field => field.value ?? field.textContent") == "/"


@pytest.mark.parametrize("modifier", ["Control", "Alt", "Meta"])
def test_slash_with_another_key_is_not_ours(page: Page, site: str, modifier: str) -> None:
    page.goto(site + "/help")
    page.keyboard.press(f"{modifier}+/")
    expect(box(page)).not_to_be_focused()


@pytest.mark.parametrize("key", [{"isComposing": True}, {"keyCode": TAKEN}], ids=str)
def test_slash_of_an_input_method_is_not_ours(page: Page, site: str, key: dict[str, object]) -> None:
    page.goto(site + "/help")
    page.evaluate(
        "key => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true, ...key }))",
        key,
    )
    expect(box(page)).not_to_be_focused()


def test_slash_can_be_switched_off_and_on(page: Page, site: str) -> None:
    page.goto(site + "/help")
    switch = page.get_by_role("checkbox", name="/ 글쇠 쓰기")
    expect(switch).to_be_checked()
    switch.uncheck()
    page.keyboard.press("/")
    expect(box(page)).not_to_be_focused()
    page.goto(site + "/search?q=하노버")
    page.keyboard.press("/")
    expect(box(page)).not_to_be_focused()
    page.goto(site + "/help")
    expect(switch).not_to_be_checked()
    switch.check()
    # The switch is no place to type in.
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()


def test_where_nothing_can_be_stored_slash_works(page: Page, site: str) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } })"
    )
    page.goto(site + "/help")
    switch = page.get_by_role("checkbox", name="/ 글쇠 쓰기")
    switch.uncheck()
    page.keyboard.press("/")
    expect(box(page)).not_to_be_focused()
    switch.check()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
