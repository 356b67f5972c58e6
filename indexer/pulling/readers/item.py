"""One release as a source lists it, before it is fetched."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from indexer.errors import BodoError
from indexer.sources.recognizers.times import parse_time

# As long as addresses of a sitemap may be (https://www.sitemaps.org/protocol.html).
MAX_URL_CHARS = 2_048
MAX_TITLE_CHARS = 500
# An id goes into the addresses of our own pages.
_MAX_ID_CHARS = 500
_SESSION = re.compile(r";jsessionid=[^?#/]*", re.I)
# What a link carries of the list that it stands in; the page behind it is the same. Names that the boards of
# Korean offices use.
_OF_THE_LIST = frozenset({
    "page", "pageno", "pageindex", "pagenum", "currentpage", "curpage", "cpage", "pageunit", "pagesize",
    "rowcnt", "searchcnd", "searchwrd", "searchkey", "searchword", "searchtype", "searchkeyword",
    "searchcondition",
    "utm_source", "utm_medium", "utm_campaign", "jsessionid", "phpsessid",
})  # fmt: skip
_DIGIT = re.compile(r"[0-9]")
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")


class ListingError(BodoError):
    """What a source answered is not a list of releases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`id` is stable for the source. `stamp` differs when the source says that the item did; it is never ''.
    `title_counts`: the source gives the title by itself, not as the text of a link. `published` is ISO 8601
    or ''; `updated`, likewise, is for a page that does not say when it was published. `content` is the text
    as HTML, '' where only the page at `url` has it. `record` is the item of an API as it came.
    `files` are name and address of attachments that the source lists.
    """

    id: str
    url: str = ""
    title: str = ""
    title_counts: bool = False
    published: str = ""
    updated: str = ""
    outlet: str = ""
    department: str = ""
    stamp: str = "listed"
    content: str = ""
    record: bytes = b""
    files: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Twelve hexadecimal digits of a digest of the id: part of the names of its files."""
        return hashlib.sha256(self.id.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def is_other(self, item: Item) -> bool:
        """Whether `item`, of the same id, seems to be another release: another address and another title."""
        return self.url != item.url and bool(self.title and item.title) and self.title != item.title


def web_address(href: str, base: str = "") -> str:
    """An address of http(s) in full, without fragment and session; '' where `href` is none, or too long."""
    href = _CONTROL.sub("", href)
    if not href:
        return ""
    try:
        joined = urljoin(base, href) if base else href
        parts = urlsplit(joined)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(joined) > MAX_URL_CHARS:
            return ""
        joined.encode()
    except ValueError:
        return ""
    return urlunsplit(parts._replace(path=_SESSION.sub("", parts.path), fragment=""))


def id_of_address(url: str, ignored: tuple[str, ...] = ()) -> str:
    """The address as the id of what is there: without what only tells the list that the link stood in, and
    without the parameters named in `ignored` (lower case). http becomes https, as sites do.
    """
    parts = urlsplit(url)
    left_out = _OF_THE_LIST.union(ignored)
    named = (one.partition("=") for one in parts.query.split("&"))
    kept = (
        _in_one_form(name) + equals + _in_one_form(value)
        for name, equals, value in named
        # `?1000` and `?1000=` name a page by themselves; `?cat=` names nothing.
        if (value or (name and not equals) or _DIGIT.match(name)) and _plain(name) not in left_out
    )
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._") or "/"
    return short_id(urlunsplit(("https", parts.netloc.lower(), path, "&".join(kept), "")))


def _in_one_form(text: str) -> str:
    """A name or value of a query, escaped in one way, its bytes kept: they may be of any encoding."""
    return quote_plus(unquote_to_bytes(text.replace("+", " ")))


def _plain(name: str) -> str:
    return unquote_to_bytes(name.replace("+", " ")).decode("utf-8", "replace").lower()


def short_id(text: str) -> str:
    """`text` as an id: a long one is cut and ends with a digest of the whole."""
    if len(text) <= _MAX_ID_CHARS:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[: _MAX_ID_CHARS - 17]}-{digest}"


def stamp_of(*parts: str) -> str:
    """A short digest of what a source says of an item."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def iso_time(*texts: str) -> str:
    """The first of `texts` that is a time, as ISO 8601; a date without a time as a date; '' if none is."""
    for text in texts:
        try:
            moment, precision = parse_time(text or "")
        except ValueError:
            continue
        return moment.date().isoformat() if precision == "day" else moment.isoformat()
    return ""


def short_title(text: str) -> str:
    """`text` on one line, without control characters, at most `MAX_TITLE_CHARS` long."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:MAX_TITLE_CHARS]
