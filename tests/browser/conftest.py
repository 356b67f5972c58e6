from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.search.service import SearchService
from tests.support.services import memory_service
from tests.support.web_releases import RELEASES
from web.app import create_app

CHROMIUM = Path(os.environ.get("BODO_CHROMIUM", "/usr/bin/chromium"))
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"Chromium is not at {CHROMIUM}; name it in BODO_CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield started
        started.close()


def buffered(app: WSGIApplication) -> WSGIApplication:
    """The application with its answers read whole: a browser that breaks off must leave no file open."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        parts = app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer


def serve(service: SearchService) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, buffered(create_app(service)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Iterator[str]:
    yield from serve(memory_service(tmp_path_factory.mktemp("site"), analyzer, RELEASES))


@pytest.fixture(scope="session")
def site_without_index(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Iterator[str]:
    yield from serve(SearchService(MemoryEngine(tmp_path_factory.mktemp("nothing"), analyzer), analyzer))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="ko-KR", viewport={"width": 1280, "height": 800}) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, site: str) -> Iterator[Page]:
    """The first page. The script must raise nothing, and say nothing that is not of a failed request."""
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("dialog", lambda dialog: trouble.append(dialog.message))
    page.goto(site)
    yield page
    assert [said for said in trouble if not said.startswith("Failed to load resource")] == []
