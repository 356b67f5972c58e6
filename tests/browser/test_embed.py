"""The search box on a page of another site, in Chromium."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.support.web_releases import HANOVER, HOSTILE

pytestmark = pytest.mark.browser

# What a page may do to everything on it.
AGGRESSIVE = """<style>
* { color: red; font: italic 40px serif; text-transform: uppercase; letter-spacing: 1em; list-style: square; }
div { display: none !important; float: right !important; opacity: 0.1 !important; }
input, button, form, ol, li, p, a, mark { display: none !important; background: red !important; }
</style>"""
Host = Callable[..., str]


class _Pages(BaseHTTPRequestHandler):
    """Pages of another site: their texts and policies by path."""

    pages: ClassVar[dict[str, tuple[str, str]]] = {}

    def do_GET(self) -> None:
        page, policy = self.pages.get(self.path, ("", ""))
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """Put a page on another site, and say its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def put(body: str, head: str = "", policy: str = "") -> str:
        path = f"/{len(_Pages.pages)}"
        _Pages.pages[path] = (
            f'<!doctype html><html lang="ko"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>다른 사이트</title>'
            f"{head}<main><h1>다른 사이트의 쪽</h1>{body}</main>",
            policy,
        )
        return f"http://localhost:{server.server_port}{path}"

    yield put
    server.shutdown()
    thread.join()
    server.server_close()


def embedding(site: str, attributes: str = "", target: str = "search") -> str:
    return (
        f'<section id="{target}"></section>'
        f'<script src="{site}/embed.js" data-target="#{target}" {attributes} defer></script>'
    )


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="ko-KR") as made:
        yield made


@pytest.fixture
def trouble(context: BrowserContext) -> list[str]:
    """What pages say to the console, open as dialogs, or raise."""
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    context.on("weberror", lambda error: said.append(str(error.error)))
    context.on("dialog", lambda dialog: said.append(dialog.message))
    return said


def search(page: Page, q: str) -> Locator:
    """Search in the box of a page; the results."""
    page.get_by_role("combobox").fill(q)
    page.get_by_role("button", name="검색").click()
    return page.get_by_role("main").get_by_role("list").get_by_role("listitem")


def style_of(place: Locator, *names: str) -> list[str]:
    found: list[str] = place.evaluate("(e, names) => names.map((name) => getComputedStyle(e)[name])", names)
    return found


def test_type_hangul_choose_a_suggestion_read_and_go_on(
    context: BrowserContext, site: str, host: Host, trouble: list[str]
) -> None:
    page = context.new_page()
    page.goto(host(embedding(site, 'data-limit="1"')))
    box = page.get_by_role("combobox", name="찾을 낱말")
    box.press_sequentially("하노")
    option = page.get_by_role("option", name="하노버", exact=True)
    expect(option).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_be_focused()
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    page.keyboard.press("Enter")
    expect(box).to_have_value("하노버")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("status")).to_have_text("모두 3건 가운데 1건")
    for count in (2, 3):
        page.get_by_role("button", name="더 보기").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text(f"모두 3건 가운데 {count}건")
        expect(page.get_by_role("listitem").nth(count - 1).get_by_role("link").first).to_be_focused()
    expect(page.get_by_role("button", name="더 보기")).to_be_hidden()
    hit = page.get_by_role("listitem").filter(has_text=HANOVER.title)
    expect(hit).to_contain_text("2023. 4. 25.")
    expect(hit).to_contain_text("경남에나뉴스")
    expect(hit).to_contain_text("첨부 2")
    expect(hit.locator("mark").first).to_have_text("하노버")
    assert hit.get_by_role("link", name="원문").get_attribute("href") == HANOVER.url
    all_results = page.get_by_role("link", name="보도자료 검색에서 보기").get_attribute("href")
    assert all_results == f"{site}/search?q={quote('하노버')}"
    hit.get_by_role("link", name=HANOVER.title).click()
    page.wait_for_url(f"{site}/releases/**")
    expect(page.locator("mark").first).to_have_text("하노버")
    assert not trouble


def test_the_filters_of_the_script_go_with_every_search(
    context: BrowserContext, site: str, host: Host
) -> None:
    page = context.new_page()
    attributes = (
        'data-outlet="창원특례시, 경남신문" data-department="전략산업과|가, 나" data-reporter="홍,길동|" '
        'data-from="2022-01-01" data-to="2024-12-31" data-sort="newest" data-limit="2" data-attachment="yes"'
    )
    page.goto(host(embedding(site, attributes)))
    with page.expect_request("**/api/v1/search?*") as asked:
        search(page, "산업박람회")
    assert parse_qs(urlsplit(asked.value.url).query) == {
        "q": ["산업박람회"], "outlet": ["창원특례시", "경남신문"], "department": ["전략산업과", "가, 나"],
        "reporter": ["홍,길동"], "from": ["2022-01-01"], "to": ["2024-12-31"], "attachment": ["yes"],
        "sort": ["newest"], "limit": ["2"], "highlight": ["ranges"],
    }  # fmt: skip
    expect(page.get_by_role("status")).to_contain_text("찾지 못했습니다")
    expect(page.get_by_role("search")).to_have_accessible_name("보도자료 창원특례시 경남신문")
    assert "outlet=" in (page.get_by_role("link", name="보도자료 검색에서 보기").get_attribute("href") or "")


def test_several_boxes_on_a_page_know_nothing_of_each_other(
    context: BrowserContext, site: str, host: Host
) -> None:
    page = context.new_page()
    page.goto(
        host(
            embedding(site, 'data-outlet="창원특례시"', "one")
            + embedding(site, 'data-label="모든 기관"', "two")
        )
    )
    one, two = page.locator("#one"), page.locator("#two")
    for place in (one, two):
        place.get_by_role("combobox").fill("산업박람회")
        place.get_by_role("button", name="검색").click()
    expect(one.get_by_role("status")).to_contain_text("모두 4건")
    expect(two.get_by_role("status")).to_contain_text("모두 13건")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_without_a_target_the_box_is_where_the_script_is(
    context: BrowserContext, site: str, host: Host
) -> None:
    page = context.new_page()
    page.goto(host(f'<p id="before"></p><script src="{site}/embed.js"></script>'))
    expect(page.locator("#before + script + div").get_by_role("combobox")).to_be_visible()


def test_a_target_that_is_not_there_is_told(
    context: BrowserContext, site: str, host: Host, trouble: list[str]
) -> None:
    page = context.new_page()
    with page.expect_console_message(lambda message: "data-target에 맞는 요소가 없습니다" in message.text):
        page.goto(host(embedding(site).replace('id="search"', "")))


def test_hostile_documents_run_nothing(
    context: BrowserContext, site: str, host: Host, trouble: list[str]
) -> None:
    page = context.new_page()
    page.goto(host(embedding(site)))
    search(page, "script")
    link = page.get_by_role("link", name=HOSTILE.title)
    expect(link).to_be_visible()
    hit = page.get_by_role("listitem").filter(has=link)
    assert hit.get_by_role("link").all_inner_texts() == [HOSTILE.title]
    assert page.locator("script").count() == 1
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE.title)
    assert not trouble


def test_marks_are_where_they_belong_behind_characters_of_two_units(
    context: BrowserContext, site: str, host: Host
) -> None:
    page = context.new_page()
    page.goto(host(embedding(site)))

    def answer(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        body["hits"] = body["hits"][:1]
        body["hits"][0] |= {
            "title": "𝒜🎉 하노버 𠮷",
            "title_ranges": [[3, 6]],
            "source_url": " javascript:alert(1)",
        }
        body["hits"][0]["snippets"] = [
            {"text": "🎉🎉하노버", "ranges": [[2, 5]], "file": "표.hwp", "page": 2, "table": 1}
        ]
        route.fulfill(response=response, json=body)

    page.route("**/api/v1/search?*", answer)
    hit = search(page, "하노버")
    expect(hit.locator("mark")).to_have_text(["하노버", "하노버"])
    expect(hit.get_by_role("link")).to_have_text(["𝒜🎉 하노버 𠮷"])
    expect(hit).to_contain_text("표.hwp · 2쪽 · 표 1")


@pytest.mark.parametrize("policy", ["", "CSP"])
def test_no_style_leaks_in_or_out(
    context: BrowserContext, site: str, host: Host, trouble: list[str], policy: str
) -> None:
    plain, dressed = context.new_page(), context.new_page()
    policy = (
        policy
        and f"script-src {site}; connect-src {site}; style-src 'none'; require-trusted-types-for 'script'"
    )
    before = '<p id="own">쪽의 글 <mark>표시</mark> <a href="/">링크</a></p>'
    plain.goto(host(before + embedding(site)))
    dressed.goto(host(before + embedding(site), AGGRESSIVE if not policy else "", policy))
    names = ("color", "fontSize", "fontStyle", "display", "backgroundColor", "letterSpacing", "textTransform",
             "listStyleType", "opacity", "float", "padding")  # fmt: skip
    for page in (plain, dressed):
        search(page, "하노버")
        expect(page.get_by_role("status")).to_contain_text("3건")
        assert style_of(page.locator("#search > div"), "display", "opacity", "float") == [
            "block",
            "1",
            "none",
        ]
    for selector in (".bodo", "input", "button", "form", "ol", "ol li", "ol mark", "li > a", ".byline"):
        found = [style_of(page.locator(f"#search {selector}").first, *names) for page in (plain, dressed)]
        assert found[0] == found[1], selector
    bare = context.new_page()
    bare.goto(host(before))
    for selector in ("#own", "#own mark", "#own a", "h1"):
        found = [style_of(page.locator(selector), *names) for page in (plain, bare)]
        assert found[0] == found[1], selector
    assert not trouble


def answering(page: Page, *bodies: tuple[int, dict[str, Any]] | None) -> None:
    """Answer the next searches of a page with these; None is no answer at all. Then the archive answers."""
    left = list(bodies)

    def answer(route: Route) -> None:
        if not left:
            route.continue_()
        elif (given := left.pop(0)) is None:
            route.abort()
        else:
            route.fulfill(status=given[0], json=given[1], headers={"Access-Control-Allow-Origin": "*"})

    page.route("**/api/v1/search?*", answer)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "보도자료 검색에 닿지 못했습니다."),
        ((502, {}), "답을 받지 못했습니다(502)."),
        ((503, {"detail": "지금 찾는 사람이 많아 바로 답할 수 없습니다.", "hint": "잠시 뒤 다시."}), "많아 바로 답할 수 없습니다. 잠시 뒤 다시."),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told_with_the_way_on(
    context: BrowserContext, site: str, host: Host, answer: tuple[int, dict[str, Any]] | None, said: str
) -> None:
    page = context.new_page()
    page.goto(host(embedding(site)))
    answering(page, answer)
    hits = search(page, "하노버")
    expect(page.get_by_role("alert")).to_contain_text(said)
    href = page.get_by_role("link", name="보도자료 검색에서 보기").get_attribute("href")
    assert href == f"{site}/search?q={quote('하노버')}"
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="다시 찾기").click()
    expect(hits).to_have_count(3)
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.get_by_role("status")).to_be_focused()


def test_a_wrong_attribute_is_told_and_not_tried_again(
    context: BrowserContext, site: str, host: Host
) -> None:
    page = context.new_page()
    page.goto(host(embedding(site, 'data-from="어제"')))
    search(page, "하노버")
    expect(page.get_by_role("alert")).to_contain_text("날짜가 아닙니다: from=어제")
    expect(page.get_by_role("button", name="다시 찾기")).to_be_hidden()


def test_of_a_page_that_is_gone_the_first_is_asked(context: BrowserContext, site: str, host: Host) -> None:
    page = context.new_page()
    page.goto(host(embedding(site, 'data-limit="2"')))
    hits = search(page, "하노버")
    expect(hits).to_have_count(2)
    answering(page, (410, {"detail": "색인이 바뀌었습니다."}))
    page.get_by_role("button", name="더 보기").click()
    expect(page.get_by_role("alert")).to_contain_text("색인이 바뀌었습니다.")
    with page.expect_request("**/api/v1/search?*") as asked:
        page.get_by_role("button", name="다시 찾기").click()
    assert "cursor" not in asked.value.url
    expect(hits).to_have_count(2)


def test_a_correction_is_told_and_can_be_undone(context: BrowserContext, site: str, host: Host) -> None:
    page = context.new_page()
    page.goto(host(embedding(site)))
    hits = search(page, "하노바")
    expect(page.get_by_text("‘하노바’에 맞는 보도자료가 없어 고쳐 찾았습니다: 하노버")).to_be_visible()
    expect(hits).to_have_count(3)
    assert "found=" in (hits.get_by_role("link").first.get_attribute("href") or "")
    page.get_by_role("button", name="그대로 찾기").click()
    expect(page.get_by_role("status")).to_contain_text("찾지 못했습니다")


def test_a_late_answer_replaces_nothing_and_one_is_asked_at_a_time(
    context: BrowserContext, site: str, host: Host
) -> None:
    page = context.new_page()
    page.goto(host(embedding(site)))
    held: list[Route] = []
    page.route("**/api/v1/suggest?*", lambda route: held.append(route))
    box = page.get_by_role("combobox")
    box.focus()
    for typed in ("하", "하노", "창", "창원"):
        box.fill(typed)
    page.wait_for_timeout(200)
    assert len(held) == 1
    held[0].fulfill(
        json={"q": "하", "suggestions": [{"text": "하노버"}]}, headers={"Access-Control-Allow-Origin": "*"}
    )
    page.wait_for_timeout(200)
    assert [parse_qs(urlsplit(route.request.url).query)["q"] for route in held] == [["하"], ["창원"]]
    expect(page.get_by_role("option")).to_have_count(0)
    held[1].continue_()
    expect(page.get_by_role("option", name="창원시", exact=True)).to_be_visible()
    # Searches too: of two the later stays, whatever is answered last.
    searches: list[Route] = []
    page.route("**/api/v1/search?*", lambda route: searches.append(route))
    for q in ("하노버", "하노버", "산업박람회"):
        search(page, q)
    page.wait_for_timeout(200)
    assert len(searches) == 2
    searches[1].continue_()
    expect(page.get_by_role("status")).to_contain_text("모두 13건")
    # One that was broken off has nothing to say.
    expect(page.get_by_role("alert")).to_be_empty()


def test_hangul_is_composed_undisturbed(context: BrowserContext, site: str, host: Host) -> None:
    page = context.new_page()
    page.goto(host(embedding(site)))
    searched: list[Route] = []
    page.route("**/api/v1/search?*", lambda route: searched.append(route))
    box = page.get_by_role("combobox")
    box.focus()
    keyboard = context.new_cdp_session(page)

    def taken(key: str) -> None:
        """A key that the input method takes."""
        keyboard.send(
            "Input.dispatchKeyEvent",
            {"type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": 229},
        )

    for composed in ("ㅎ", "하", "한"):
        keyboard.send("Input.imeSetComposition", {"text": composed, "selectionStart": 1, "selectionEnd": 1})
    expect(page.get_by_role("option").first).to_be_visible()
    taken("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None
    for composed in ("하", "한"):
        keyboard.send("Input.imeSetComposition", {"text": composed, "selectionStart": 1, "selectionEnd": 1})
    taken("Enter")
    assert not searched
    keyboard.send("Input.insertText", {"text": "한"})
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert len(searched) == 1
    searched[0].continue_()
    expect(page.get_by_role("status")).not_to_be_empty()
    expect(box).to_have_value("한")


def test_the_keys_of_a_combobox(context: BrowserContext, site: str, host: Host) -> None:
    page = context.new_page()
    keys = "<script>addEventListener('keydown', (event) => { document.title += event.key; });</script>"
    page.goto(host(embedding(site), keys))
    title = page.title()
    box, options = page.get_by_role("combobox"), page.get_by_role("option")
    chosen = page.locator("[aria-selected=true]")
    box.press_sequentially("창")
    expect(options.first).to_be_visible()
    count = options.count()
    assert count > 1
    page.keyboard.press("ArrowUp")
    expect(chosen).to_have_attribute("id", f"option-{count - 1}")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_count(0)
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_value("창")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_attribute("id", "option-0")
    page.keyboard.press("Tab")
    expect(options.first).to_be_hidden()
    expect(page.get_by_role("button", name="검색")).to_be_focused()
    # Short cuts of the page do not hear what is typed into the box.
    assert page.title() == title
    box.focus()
    page.keyboard.press("ArrowDown")
    options.nth(1).click()
    expect(page.get_by_role("status")).not_to_be_empty()
    expect(box).to_be_focused()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_box_stands_in_nobodys_way(
    browser: Browser, site: str, host: Host, scheme: Literal["light", "dark"], width: int
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(host(embedding(site, 'data-limit="5"')))
        hits = search(page, "산업박람회")
        expect(hits).to_have_count(5)
        page.get_by_role("combobox").fill("창")
        expect(page.get_by_role("option").first).to_be_visible()
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_choose_the_scheme(
    browser: Browser, site: str, host: Host, scheme: Literal["light", "dark"]
) -> None:
    colours = set()
    with browser.new_context(color_scheme=scheme) as context:
        for chosen in ("light", "dark", ""):
            page = context.new_page()
            page.goto(host(embedding(site, f'data-scheme="{chosen}"')))
            colours.add(
                (chosen or scheme, *style_of(page.locator("#search .bodo"), "backgroundColor", "color"))
            )
    assert len(colours) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_archive_shows_the_box_on_a_page_of_its_own(
    browser: Browser, site: str, scheme: Literal["light", "dark"], width: int
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(site + "/api")
        page.get_by_role("link", name="다른 사이트에 검색 상자 넣기").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("다른 사이트에 검색 상자 넣기")
        form = page.get_by_role("search", name="넣은 상자")
        form.get_by_role("combobox").fill("하노버")
        form.get_by_role("button").click()
        expect(page.locator("#embedded").get_by_role("status")).to_have_text("모두 3건 가운데 3건")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not said


def test_the_line_and_the_form_on_that_page_work_as_they_stand(
    context: BrowserContext, site: str, host: Host
) -> None:
    page = context.new_page()
    page.goto(site + "/embed")
    line, _, form = (block for block in page.locator("pre").all_inner_texts())
    page.goto(host(line))
    expect(search(page, "하노버")).to_have_count(3)
    page.goto(host(form))
    page.get_by_role("searchbox").fill("산업박람회")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(site) + r"/search\?q=.+&outlet=.+"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("4건")
