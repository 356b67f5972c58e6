"""What the crawlers of search engines ask for: robots.txt (RFC 9309) and sitemaps (https://www.sitemaps.org)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort
from lxml import etree
from lxml.builder import ElementMaker

from web.navigation import path_of, release_url
from web.xml_answers import rfc3339, xml_answer

if TYPE_CHECKING:
    from indexer.search.service import SearchService
    from web.site import Site

# The protocol allows 50,000 addresses and 50 MB. So many of the usual length stay under a megabyte, and of
# the greatest length under 11.
PART_RELEASES = 5_000
# "This value must be less than 2,048 characters" (protocol, `loc`).
_MAX_ADDRESS_CHARS = 2_047
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_SITEMAP = ElementMaker(namespace=_NAMESPACE, nsmap={None: _NAMESPACE})
# A page that says `noindex` must be fetched to be obeyed, so a search for a query may be. Each leads on to
# any number of others, by filters, orders and pages: whatever has two parameters is not fetched. The
# releases are in the sitemap. /api/ answers programs; /api, its page, may be fetched. /feed.atom says
# `noindex` itself, and stays open: some readers of feeds obey this file.
_RULES = """User-agent: *
Disallow: {prefix}/api/
Disallow: {prefix}/search?*&
Disallow: {prefix}/trends?*&
Disallow: {prefix}/trends.csv

Sitemap: {sitemap}
"""


def crawlers_blueprint(service: SearchService, site: Site) -> Blueprint:
    """`/robots.txt`, `/sitemap.xml` and its parts, `/sitemap-<n>.xml`, over `service`."""
    blueprint = Blueprint("crawlers", __name__)

    def parts() -> list[str]:
        """The numbers of the parts; there is always one."""
        documents = service.state().documents
        return [str(number) for number in range(1, max(1, -(-documents // PART_RELEASES)) + 1)]

    @blueprint.get("/robots.txt")
    def robots() -> Response:
        prefix = urlsplit(site.absolute(path_of("/", {}))).path.rstrip("/")
        sitemap = site.absolute(path_of("/sitemap.xml", {}))
        return Response(_RULES.format(prefix=prefix, sitemap=sitemap), mimetype="text/plain")

    @blueprint.get("/sitemap.xml")
    def sitemap() -> Response:
        numbers = parts()
        if len(numbers) == 1:
            return part("1")
        addresses = (site.absolute(path_of(f"/sitemap-{number}.xml", {})) for number in numbers)
        index = _SITEMAP.sitemapindex(*(_SITEMAP.sitemap(_SITEMAP.loc(address)) for address in addresses))
        return xml_answer(index, "application/xml")

    @blueprint.get("/sitemap-<number>.xml")
    def part(number: str) -> Response:
        if number not in parts():
            abort(404)
        releases = service.list_releases((int(number) - 1) * PART_RELEASES, PART_RELEASES)
        pages = [(site.absolute(release_url(release_id)), at) for release_id, at in releases]
        if number == "1":
            # No list may be empty (its schema), and an archive may be.
            pages.insert(0, (site.absolute(path_of("/", {})), None))
        return xml_answer(_SITEMAP.urlset(*_make_urls(pages)), "application/xml")

    return blueprint


def _make_urls(pages: Iterable[tuple[str, datetime | None]]) -> Iterable[etree._Element]:
    for address, at in pages:
        if len(address) <= _MAX_ADDRESS_CHARS:
            url = _SITEMAP.url(_SITEMAP.loc(address))
            if at:
                url.append(_SITEMAP.lastmod(rfc3339(at)))
            yield url
