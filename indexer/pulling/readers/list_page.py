"""A page that lists releases by links -> items, and the page that goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from indexer.pulling.readers.encoding import text_of
from indexer.pulling.readers.item import Item, ListingError, id_of_address, short_title, web_address

# No board shows as many on one page.
MAX_LINKS = 2_000
_MAX_CODE_CHARS = 2_000


def read_list_page(
    data: bytes,
    url: str,
    *,
    links: str = "",
    link_pattern: re.Pattern[str] | None = None,
    link_url: str = "",
    next_links: str = "",
    charset: str = "",
    ignored: tuple[str, ...] = (),
) -> tuple[list[Item], str]:
    """The releases that the page at `url` links to, in its order, and the address of the next page or ''.

    `links` is a CSS selector of links or of what holds one; of these only those count whose address
    `link_pattern` is found in. With `link_url` the pattern is searched in what a link does (`href`,
    `onclick`), and its groups fill the places {0}, {1} of `link_url`. Raises ListingError where it is no
    page of HTML.
    """
    from lxml import etree, html
    from lxml.cssselect import CSSSelector

    text = text_of(data, charset)
    try:
        root = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ListingError("HTML로 읽을 수 없는 쪽입니다.") from error
    base = next((web_address(one.get("href", ""), url) for one in root.iter("base")), "") or url
    chosen = CSSSelector(links, translator="html")(root) if links else [root]
    items: dict[str, Item] = {}
    doubles: list[Item] = []
    for link in _links_in(chosen):
        address = _address(link, base, link_pattern, link_url)
        if address and address != url:
            identity = id_of_address(address, ignored)
            item = Item(id=identity, url=address, title=short_title(link.get("title") or link.text_content()))
            known = items.get(identity)
            if known is not None and known.is_other(item):
                doubles.append(item)
            # A list may link twice to the same page: by a picture and by the title.
            elif known is None or len(item.title) > len(known.title):
                items[identity] = item
            if len(items) + len(doubles) == MAX_LINKS:
                break
    following = ""
    for element in CSSSelector(next_links, translator="html")(root)[:1] if next_links else ():
        following = web_address(element.get("href", ""), base)
    return [*items.values(), *doubles], following if following != url else ""


def _links_in(chosen: list[Any]) -> Iterator[Any]:
    for element in chosen:
        if element.tag == "a" or element.get("onclick"):
            yield element
        else:
            yield from element.iter("a")


def _address(link: Any, base: str, pattern: re.Pattern[str] | None, template: str) -> str:  # noqa: ANN401 - lxml
    href = link.get("href") or ""
    if template and pattern is not None:
        code = f"{href} {link.get('onclick') or ''}"[:_MAX_CODE_CHARS]
        match = pattern.search(code)
        if match is None:
            return ""
        try:
            return web_address(template.format(*(group or "" for group in match.groups())), base)
        except (IndexError, KeyError, ValueError, AttributeError):
            return ""
    address = web_address(href, base) if href and not href.startswith("#") else ""
    return address if address and (pattern is None or pattern.search(address)) else ""
