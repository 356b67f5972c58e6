"""Whatever the text of releases, pages and answers have no element and no attribute of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from urllib.parse import quote, urlencode

import lxml.html
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.engines.memory import MemoryEngine
from indexer.release import Attachment, PressRelease, Section, identify
from tests.conftest import release_of
from tests.support.services import index_only
from web.formats import safe_url

# A tag, its attributes' names, and the values of those that a text of a release never gives.
Element = tuple[str, frozenset[str], tuple[str | None, ...]]
_GIVEN_BY_THE_TEMPLATE = ("class", "id", "rel", "type", "src", "action", "aria-label", "aria-hidden")
WORD = "하노버"
_PIECES = (
    "<script>alert(1)</script>", "</script>", "<img src=x onerror=alert(1)>", "<b>", "</p>", "</title>", "</a>",
    "<!--", "-->", "<![CDATA[", "]]>", "<mark>", "</mark>", "<svg/onload=alert(1)>", "<style>*{}</style>",
    '"', "'", "`", "&", "&lt;", "&#60;script&#62;", "&quot;", '" onmouseover="alert(1)', "' autofocus onfocus='x",
    "{{ 7 * 7 }}", "{% raw %}", "{# x #}", "${7*7}", "javascript:alert(1)", "data:text/html,<script>x</script>",
    "\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u2028", "\ufeff", "\\", "\\u003cscript\\u003e", "%3Cscript%3E",
    " ", " 가 ", "다.",
)  # fmt: skip
_LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
TEXTS = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(_LETTERS, max_size=3)), max_size=4).map("".join)
URLS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "javascript:", " JavaScript:", "data:", "https://", "http://a/", "//"]), TEXTS
    ),
)


def release_with(text: Callable[[int], str], urls: tuple[str, str]) -> PressRelease:
    """A release with a text in every field, of 16 numbered ones; it is found by `WORD`."""
    return identify(
        replace(
            release_of(f"{WORD} {text(0)}"),
            id=f"r{text(1)}",
            subtitles=(f"부제 {text(2)}", f"{WORD} {text(3)}"),
            outlet=f"매체{text(4)}",
            department=f"부서{text(5)}",
            reporter=f"기자{text(6)}",
            contact=f"문의 {text(7)}",
            url=urls[0],
            sections=(
                Section(f"머리 {text(8)}", (f"{WORD} 소식 {text(9)}", f"둘째 {text(10)}")),
                Section("", (f"{WORD} {text(11)}",), file=f"파일{text(12)}", page=2, table=1),
            ),
            attachments=(Attachment(f"첨부{text(13)}", urls[1], size_bytes=1),),
            origins=((f"title{text(14)}", f"자리 {text(15)}"),),
        )
    )


def elements_of(page: bytes) -> Counter[Element]:
    """The elements and comments of a page; scripts of its own text and addresses that run are refused."""
    elements: Counter[Element] = Counter()
    for element in lxml.html.document_fromstring(page).iter():
        attributes = element.attrib
        if element.tag == "script" and element.get("type") == "application/ld+json":
            # A block of data: it is JSON, and has nothing that could end it.
            assert json.loads(element.text)["@type"] == "NewsArticle"
            assert not set("<>&'") & set(element.text)
        else:
            assert element.tag != "script" or not element.text
        for name in ("href", "src", "action"):
            address = attributes.get(name, "/")
            assert address[:1] in ("/", "#") or address.startswith(("http://", "https://")), address
            assert not address.startswith("//")
        values = tuple(attributes.get(name) for name in _GIVEN_BY_THE_TEMPLATE)
        elements[str(element.tag), frozenset(attributes), values] += 1
    return elements


def scripts_in(elements: Counter[Element]) -> int:
    return sum(count for (tag, *_), count in elements.items() if tag == "script")


def pages_of(client: FlaskClient, release: PressRelease) -> dict[str, Counter[Element]]:
    """What each page that shows a release has."""
    filtered = urlencode({"q": WORD, "outlet": release.outlet})
    urls = {
        "home": "/",
        "search": f"/search?q={WORD}",
        "filtered": f"/search?{filtered}",
        "release": f"/releases/{quote(release.id, safe='')}?{filtered}",
    }
    responses = {name: client.get(url) for name, url in urls.items()}
    assert {response.status_code for response in responses.values()} == {200}
    return {name: elements_of(response.get_data()) for name, response in responses.items()}


@pytest.fixture(scope="module")
def harmless(
    changing: tuple[MemoryEngine, FlaskClient],
) -> dict[tuple[bool, bool], dict[str, Counter[Element]]]:
    """The pages of a release of plain text, by whether its two addresses are links."""
    engine, client = changing
    pages = {}
    address = "https://example.org/"
    for first, second in product(("", address), repeat=2):
        release = release_with(lambda number: "가", (first, second))
        index_only(engine, [release])
        pages[bool(first), bool(second)] = pages_of(client, release)
    return pages


@given(texts=st.lists(TEXTS, min_size=16, max_size=16), urls=st.tuples(URLS, URLS))
@settings(max_examples=50, deadline=None)
def test_no_text_becomes_markup(
    changing: tuple[MemoryEngine, FlaskClient],
    harmless: dict[tuple[bool, bool], dict[str, Counter[Element]]],
    texts: list[str],
    urls: tuple[str, str],
) -> None:
    engine, client = changing
    release = release_with(texts.__getitem__, urls)
    index_only(engine, [release])
    # `elements_of` checks by itself that no other address is a link.
    expected = harmless[bool(safe_url(urls[0])), bool(safe_url(urls[1]))]
    shown = pages_of(client, release)
    for name in ("home", "release"):
        assert shown[name] == expected[name]
    for name in ("search", "filtered"):
        # How many snippets and marks there are depends on the text; which elements there are does not.
        assert shown[name].keys() <= expected[name].keys()
        assert scripts_in(shown[name]) == scripts_in(expected[name]) == 1

    (hit,) = client.get(f"/api/v1/search?q={WORD}").get_json()["hits"]
    assert hit["title"] == release.title
    assert_only_marks(hit["title_html"], hit["title"])
    for snippet in hit["snippets"]:
        assert_only_marks(snippet["html"], snippet["text"])


def assert_only_marks(html: str, text: str) -> None:
    """HTML to embed is its text, and no element but `<mark>` without attributes."""
    fragment = lxml.html.fragment_fromstring(html, create_parent="div")
    assert fragment.text_content() == text
    assert {(element.tag, len(element.attrib)) for element in fragment.iterdescendants()} <= {("mark", 0)}


@pytest.fixture(scope="module")
def usual(client: FlaskClient) -> set[Element]:
    """What the pages of plain queries have: refused, with and without results, corrected, relaxed, partial."""
    queries = (
        "",
        WORD,
        "없는말",
        "하노바",
        "하노버 산불",
        "하노버 산업박람회",
        "창원시",
        "하노버 -산불",
        "하노버 산불 없는말",
    )
    return set().union(*(search_elements(client, q) for q in queries))


def search_elements(client: FlaskClient, q: str) -> set[Element]:
    return set(elements_of(client.get(f"/search?{urlencode({'q': q})}").get_data()))


@given(q=TEXTS)
@settings(max_examples=50, deadline=None)
def test_no_query_becomes_markup(client: FlaskClient, usual: set[Element], q: str) -> None:
    assert search_elements(client, q) - usual == set()
