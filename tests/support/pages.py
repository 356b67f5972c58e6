"""Pages as a tree of elements."""

from __future__ import annotations

from typing import Any, TypeAlias
from urllib.parse import parse_qs, quote, urlsplit

import lxml.html
from flask.testing import FlaskClient

from tests.support.web_releases import HANOVER, HOSTILE

# An element of lxml, which has no types.
Page: TypeAlias = Any


def read(client: FlaskClient, url: str, status: int = 200) -> Page:
    response = client.get(url)
    assert response.status_code == status
    return lxml.html.document_fromstring(response.get_data())


def text_of(element: Page) -> str:
    return " ".join(element.text_content().split())


def arguments(href: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(href).query)


def link(page: Page, text: str) -> str:
    return str(next(a.get("href") for a in page.iter("a") if text_of(a) == text))


def notices(page: Page) -> list[str]:
    return [text_of(notice) for notice in page.cssselect(".notice")]


# Each page and each of its states.
PATHS = {
    "home": "/",
    "results": "/search?q=산업박람회&limit=5",
    "filtered": "/search?q=산업박람회&outlet=창원특례시&from=2023-01-01&to=2023-12-31&sort=newest",
    "read otherwise": "/search?q=제목:하노버 -산불",
    "corrected": "/search?q=하노바",
    "relaxed": "/search?q=하노버 산불 없는말",
    "synonym": "/search?q=창원시",
    "issuer": "/search?q=산업부 산업박람회",
    "partial": "/search?q=하노버 산업박람회",
    "hostile": "/search?q=script",
    "empty": "/search?q=없는말&outlet=창원특례시",
    "release": f"/releases/{HANOVER.id}?q=하노버",
    "hostile release": f"/releases/{quote(HOSTILE.id, safe='')}?q=하노버",
    "trends": "/trends?q=산업박람회&q=하노버",
    "no trends": "/trends",
    "help": "/help",
    "status": "/status",
    "api": "/api",
    "embed": "/embed",
    "long word": "/search?q=" + "가나다라마바사" * 40,
    "bad request": "/search?q=하노버&from=어제",
    "not found": "/nothing",
}
