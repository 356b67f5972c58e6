"""A saved search as a feed: Atom (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from flask import Blueprint, Response, request
from lxml import etree
from lxml.builder import ElementMaker

from indexer.release import PressRelease
from indexer.search.request import DEFAULT_LIMIT, SearchRequest, search_parameters
from indexer.search.response import Hit, release_path
from web.formats import plain_uri
from web.navigation import SearchLinks, feed_url, path_of, release_url, search_url
from web.parameters import read_parameters, search_request, without_blank
from web.searching import find
from web.structured_data import describe, summarise
from web.xml_answers import legal_text, rfc3339, xml_answer

if TYPE_CHECKING:
    from indexer.search.service import SearchService
    from web.site import Site

# A choice: as many as `Overview.newest` has. Readers ask more often than so many releases are published.
_ENTRIES = 50
_NAMESPACE = "http://www.w3.org/2005/Atom"
_ATOM = ElementMaker(namespace=_NAMESPACE, nsmap={None: _NAMESPACE})
_IDS = uuid5(NAMESPACE_URL, "bodo")
# An entry needs a time, and a release may have none. The time of the index would make such releases news each
# time the archive is indexed again. Releases without a date are the last of a feed; so is this time.
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A release of a feed. `updated_at`: see `_last_new`. `source` is its address elsewhere."""

    id: str
    title: str
    summary: str
    author: str
    published_at: datetime | None
    updated_at: datetime
    source: str


def feeds_blueprint(service: SearchService, site: Site) -> Blueprint:
    """`/feed.atom` over `service`."""
    blueprint = Blueprint("feeds", __name__)

    @blueprint.get("/feed.atom")
    def feed() -> Response:
        parameters = without_blank(read_parameters(request.query_string))
        if parameters.keys() & set(search_parameters()):
            asked = replace(
                search_request(parameters), sort="newest", limit=DEFAULT_LIMIT, cursor=None, exact=False
            )
            found = find(service, replace(asked, limit=_ENTRIES, exact=True))
            return _answer(site, asked, [_entry_of_hit(hit) for hit in found.hits], found.index.updated_at)
        overview = service.overview()
        entries = [_entry_of_release(release) for release in overview.newest[:_ENTRIES]]
        return _answer(site, None, entries, overview.index.updated_at)

    return blueprint


def _entry_of_hit(hit: Hit) -> _Entry:
    text = hit.subtitle.text or " … ".join(snippet.text for snippet in hit.snippets)
    return _Entry(
        hit.id,
        hit.title.text,
        summarise(text),
        hit.outlet,
        hit.published_at,
        _last_new(hit.published_at, hit.embargo_until, hit.corrected_at),
        plain_uri(hit.source_url),
    )


def _entry_of_release(release: PressRelease) -> _Entry:
    return _Entry(
        release.id,
        release.title,
        describe(release),
        release.outlet,
        release.published_at,
        _last_new(release.published_at, release.embargo_until, release.corrected_at),
        plain_uri(release.url),
    )


def _last_new(*times: datetime | None) -> datetime:
    """The last of the times at which a release was published, its embargo ended and it was corrected: a
    reader must see it then, not when it was written.
    """
    return max(filter(None, times), default=_NO_DATE)


def _answer(
    site: Site, asked: SearchRequest | None, entries: Sequence[_Entry], indexed_at: datetime
) -> Response:
    dates = [entry.updated_at for entry in entries if entry.updated_at != _NO_DATE]
    root = _make_feed(site, asked, entries, max(dates, default=indexed_at))
    # A release that was indexed late or corrected changes the feed and not its dates. No time is ahead of the
    # answer's (RFC 9110, section 8.8.2.1).
    last_modified = min(max([indexed_at, *dates]), datetime.now(UTC))
    response = xml_answer(root, "application/atom+xml", last_modified)
    # robots.txt lets programs fetch it, since some readers obey. It is no result of a search engine.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _make_feed(
    site: Site, asked: SearchRequest | None, entries: Sequence[_Entry], updated_at: datetime
) -> etree._Element:
    own = site.absolute(feed_url(asked))
    page = search_url(asked) if asked else path_of("/", {})
    feed = _ATOM.feed(
        _ATOM.id(_lasting_id(feed_url(asked))),
        _ATOM.title(legal_text(_title(site, asked))),
        _ATOM.updated(rfc3339(updated_at)),
        _ATOM.link(rel="self", type="application/atom+xml", href=own),
        _ATOM.link(rel="alternate", type="text/html", href=site.absolute(page)),
        *(_make_entry(site, entry) for entry in entries),
    )
    feed.set("{http://www.w3.org/XML/1998/namespace}lang", "ko")
    return feed


def _make_entry(site: Site, entry: _Entry) -> etree._Element:
    address = site.absolute(release_url(entry.id))
    made = _ATOM.entry(
        _ATOM.id(_lasting_id(release_path(entry.id))),
        _ATOM.title(legal_text(entry.title)),
        _ATOM.updated(rfc3339(entry.updated_at)),
        _ATOM.author(_ATOM.name(legal_text(entry.author) or legal_text(site.name))),
        _ATOM.link(rel="alternate", type="text/html", href=address),
        _ATOM.summary(legal_text(entry.summary)),
    )
    if entry.published_at:
        made.append(_ATOM.published(rfc3339(entry.published_at)))
    if entry.source:
        made.append(_ATOM.link(rel="via", href=entry.source))
    return made


def _lasting_id(path: str) -> str:
    """An id for what has this path. It stays the same at another host (RFC 4287, section 4.2.6)."""
    return uuid5(_IDS, path).urn


def _title(site: Site, asked: SearchRequest | None) -> str:
    """The name of the archive, behind what is searched for: query and filters."""
    if asked is None:
        return site.name
    labels = [choice.label for choice in SearchLinks(asked).filters()]
    return f"{', '.join([asked.q, *labels])} - {site.name}"
