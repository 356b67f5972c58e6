"""Sitemaps and indexes of sitemaps (https://www.sitemaps.org/protocol.html) -> items."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

from indexer.pulling.readers.encoding import text_of
from indexer.pulling.readers.item import Item, ListingError, id_of_address, iso_time, stamp_of, web_address

# The protocol's own limits, for one sitemap and for what it unpacks to.
MAX_URLS = 50_000
MAX_BYTES = 52_428_800
_GZIP = b"\x1f\x8b"
_DOCTYPE = re.compile(r"<!DOCTYPE", re.I)


@dataclass(slots=True)
class Sitemap:
    """`items` of a sitemap, the newest first; `sitemaps` of an index: address and time of change."""

    items: list[Item] = field(default_factory=list)
    sitemaps: list[tuple[str, str]] = field(default_factory=list)


def read_sitemap(
    data: bytes,
    url: str,
    *,
    include: re.Pattern[str] | None = None,
    charset: str = "",
    ignored: tuple[str, ...] = (),
) -> Sitemap:
    """What a sitemap or an index of sitemaps lists; it may be packed with gzip.

    Of a sitemap only addresses in which `include` is found. Raises ListingError where it is neither.
    """
    from lxml import etree

    text = text_of(_unpacked(data), charset)
    if _DOCTYPE.search(text[:2_000]):
        raise ListingError("DTD가 있는 사이트맵은 읽지 않습니다.")
    # Streaming would save memory, but 50 MB is the most that there is.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError) as error:
        raise ListingError(f"XML로 읽을 수 없습니다({str(error)[:100]}).") from error
    kind = etree.QName(root).localname if root is not None and isinstance(root.tag, str) else ""
    sitemap, dated = Sitemap(), list[tuple[str, Item]]()
    if kind == "sitemapindex":
        for locations in _entries(root, "sitemap"):
            if (address := web_address(locations.get("loc", ""), url)) and address != url:
                sitemap.sitemaps.append((address, locations.get("lastmod", "")))
        sitemap.sitemaps.sort(key=lambda entry: iso_time(entry[1]), reverse=True)
    elif kind == "urlset":
        for locations in _entries(root, "url"):
            address = web_address(locations.get("loc", ""), url)
            if address and (include is None or include.search(address)):
                changed = locations.get("lastmod", "").strip()
                item = Item(id=id_of_address(address, ignored), url=address, stamp=stamp_of(changed))
                dated.append((iso_time(changed), item))
        # What has no date stands last, in the order of the sitemap.
        dated.sort(key=lambda pair: pair[0], reverse=True)
        sitemap.items = [item for _, item in dated]
    else:
        raise ListingError("사이트맵이 아닙니다(urlset도 sitemapindex도 없습니다).")
    return sitemap


def _entries(root: object, name: str) -> list[dict[str, str]]:
    """The texts of the children of each element `name` of `root`, by their names, whatever the namespace."""
    found: list[dict[str, str]] = []
    for element in root.iterchildren("{*}" + name):  # type: ignore[attr-defined]
        if len(found) == MAX_URLS:
            break
        texts: dict[str, str] = {}
        for child in element.iterchildren():
            if isinstance(child.tag, str):
                texts.setdefault(child.tag.rpartition("}")[2], child.text or "")
        found.append(texts)
    return found


def _unpacked(data: bytes) -> bytes:
    """`data`, unpacked if it is gzip. Raises ListingError where it is broken or unpacks to too much."""
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise ListingError("gzip이 깨져 있습니다.") from error
    if len(unpacked) > MAX_BYTES:
        raise ListingError(f"풀면 {MAX_BYTES // 1_000_000} MB가 넘는 사이트맵입니다.")
    return unpacked
