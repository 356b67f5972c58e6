"""The search box in a browser: its parts, faked answers, and a Korean input method."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

ENDPOINT = "**/api/v1/suggest?*"
# Longer than the pause after a key and a request to this machine.
SETTLED_MS = 400
# What the endpoint is made to answer: to a text, texts; a number is a status without suggestions.
Fake = Callable[[str], list[str] | int]
# The key code of a key that an input method takes (UI Events, "legacy key attributes").
TAKEN = 229
# Suggestions that would break a page which takes them for anything but text.
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    "하&amp;\"'",
    "하\u202e노버",
    "하" * 90,
]


def box(page: Page) -> Locator:
    return page.locator("#q")


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def query_of(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def fake(page: Page, answer: Fake) -> list[str]:
    """Answers in place of the endpoint. Gives the texts that were asked for, as they come."""
    asked: list[str] = []

    def fulfil(route: Route) -> None:
        text = query_of(route.request.url)["q"][0]
        asked.append(text)
        respond(route, answer(text))

    page.route(ENDPOINT, fulfil)
    return asked


def respond(route: Route, answer: list[str] | int) -> None:
    if isinstance(answer, int):
        route.fulfill(status=answer, body="busy")
    else:
        route.fulfill(
            json={"q": "", "suggestions": [{"text": text, "kind": "completion"} for text in answer]}
        )


def hold(page: Page) -> list[Route]:
    """The requests for suggestions, to be answered by `respond` when the test says so."""
    held: list[Route] = []
    page.route(ENDPOINT, lambda route: held.append(route))
    return held


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait for what the requests say; the browser's events come while the page waits."""
    for _ in range(100):
        if is_so():
            return
        page.wait_for_timeout(50)
    pytest.fail("waited in vain")


def texts_asked(held: list[Route]) -> list[str]:
    return [query_of(route.request.url)["q"][0] for route in held]


def three(text: str) -> list[str]:
    return [f"{text}1", f"{text}2", f"{text}3"]


def searches(page: Page) -> list[str]:
    """The addresses of the searches that the page starts from now on."""
    started: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request() and "/search?" in request.url:
            started.append(request.url)

    page.on("request", note)
    return started


def expect_active(page: Page, index: int | None) -> None:
    """The one active option, and the focus in the box all the while."""
    expect(box(page)).to_be_focused()
    chosen = page.locator("[role=option][aria-selected=true]")
    if index is None:
        expect(chosen).to_have_count(0)
        expect(box(page)).to_have_attribute("aria-activedescendant", "")
    else:
        expect(chosen).to_have_count(1)
        option = options(page).nth(index)
        expect(option).to_have_attribute("aria-selected", "true")
        expect(box(page)).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "none")


class Keyboard:
    """A Korean input method, by the events that it gives to Chromium."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def compose(self, *steps: str) -> None:
        for text in steps:
            self._session.send(
                "Input.imeSetComposition",
                {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
            )

    def commit(self, text: str) -> None:
        self._session.send("Input.insertText", {"text": text})

    def take(self, key: str) -> None:
        """A key press that goes to the input method: no character comes of it."""
        for kind in ("rawKeyDown", "keyUp"):
            self._session.send(
                "Input.dispatchKeyEvent",
                {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": TAKEN},
            )
