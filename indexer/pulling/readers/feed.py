"""RSS and Atom -> items."""

from __future__ import annotations

import html
import re
from io import BytesIO
from typing import Any

from indexer.curation.issuer_table import load_issuer_table
from indexer.pulling.readers.encoding import text_of
from indexer.pulling.readers.item import (
    Item,
    ListingError,
    id_of_address,
    iso_time,
    short_id,
    short_title,
    stamp_of,
    web_address,
)
from indexer.sources.extraction.markup import is_markup
from indexer.sources.recognizers.times import LONGEST_TIME_CHARS
from indexer.sources.recognizers.titles import without_document_kind

# What stands in a feed that goes on for ever is not read: entries beyond this are old ones.
MAX_ENTRIES = 20_000
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>", re.S | re.I)
_ROOT = re.compile(r"<(?:\w{1,20}:)?(?:rss|feed|rdf)\b", re.I)
_SPACE = re.compile(r"\s+")
_START = re.compile(r"<\w")
_UNREAD = (("<!--", "-->"), ("<?", "?>"))
# What an editor writes into a title. Other words in angle brackets (<책 읽는 가을>, <K-푸드>) are words.
_TITLE_TAG = re.compile(
    r"</?(?:a|b|i|u|s|em|strong|span|font|small|big|mark|sub|sup|br|p|div|img)(?:\s+[\w:-]+\s*=[^<>]*|\s*/?)>"
    r"|<!--[^<>]*-->",
    re.I,
)
# What some programs write in the place of the names of RFC 5322: 수, 25 11월 2026.
_KOREAN_DATE = re.compile(r"(?:[월화수목금토일](?:요일)?,\s*)?(\d{1,2})\s+(\d{1,2})월\s+(\d{4})\b")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A part of a body. A body by itself may be called …부, …원, …관 too.
_DEPARTMENT = re.compile(r".*(?:과|팀|실|국|(?:담당|공보|홍보|정책|기획|심의|보좌)관|홍보부|대변인)")
_UNIQUE = re.compile(r"(?:https?|tag|urn):", re.I)


def read_feed(
    data: bytes, url: str, source: str, *, charset: str = "", ignored: tuple[str, ...] = ()
) -> list[Item]:
    """The entries of a feed in its order. `url` is where it is; `source`, its name, makes ids that are only
    unique within it unique; `charset` and `ignored` as in `text_of` and `id_of_address`.

    Raises ListingError where it is no feed.
    """
    import feedparser

    text = _without_prolog(text_of(data, charset))
    # As a stream: of bytes the library thinks that they may be the name of a file.
    parsed: Any = feedparser.parse(
        BytesIO(text.encode()),
        # Without its address: the library would make one of a guid that is none.
        response_headers={"content-type": "application/xml; charset=utf-8"},
        # Nothing is shown as HTML: the text is read as any page is.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    entries = parsed.get("entries", [])[:MAX_ENTRIES]
    if not entries and not parsed.get("version"):
        raise ListingError("RSS도 Atom도 아닙니다.")
    shared = _shared_guids(entries, url, ignored)
    items = (_item(entry, url, source, ignored, shared) for entry in entries)
    return [item for item in items if item is not None]


def _without_prolog(text: str) -> str:
    """`text` from its root on. A feed needs no document type, which may define entities that unfold without
    end; and the library's own search of what stands before the root takes the square of its length.
    """
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
        elif marks := next((marks for marks in _UNREAD if text.startswith(marks[0], at)), None):
            end = text.find(marks[1], at + len(marks[0]))
            at = end + len(marks[1]) if end >= 0 else len(text)
        elif doctype := _DOCTYPE.match(text, at):
            at = doctype.end()
        else:
            break
    if _START.match(text, at):
        return text[at:]
    # Below a warning of the server's program, say.
    root = _ROOT.search(text, at)
    return text[root.start() :] if root else ""


def _shared_guids(entries: list[Any], base: str, ignored: tuple[str, ...]) -> set[str]:
    """The identities by guid that name no entry: of different entries, of the feed or of its site."""
    links: dict[str, set[str]] = {}
    words: dict[str, set[str]] = {}
    for entry in entries:
        if identity := _identity_of(_text(entry, "id").strip(), ignored):
            links.setdefault(identity, set()).add(web_address(_link(entry), base))
            words.setdefault(identity, set()).add(f"{_text(entry, 'title')}\n{_text(entry, 'published')}")
    # A feed may list a release twice, with the address of another list or with a title that was mended.
    shared = {identity for identity, found in links.items() if len(found) > 1 < len(words[identity])}
    of_site = {web_address(place, base) for place in ("", "/", "/index.html", "/index.do")} | {base}
    return shared | {id_of_address(place, ignored) for place in of_site if place}


def _identity_of(guid: str, ignored: tuple[str, ...]) -> str:
    """The id by a guid that is unique everywhere; '' for any other."""
    if not _UNIQUE.match(guid):
        return ""
    return id_of_address(guid, ignored) if web_address(guid) else short_id(guid)


def _item(
    entry: Any,  # noqa: ANN401 - untyped
    base: str,
    source: str,
    ignored: tuple[str, ...],
    shared: set[str],
) -> Item | None:
    link = web_address(_link(entry), base)
    guid = _text(entry, "id").strip()
    by_guid = _identity_of(guid, ignored)
    if by_guid and not (link and by_guid in shared):
        identity = by_guid
    elif link:
        # A list of the same site, or `bodo add`, names the release so too.
        identity = id_of_address(link, ignored)
    elif guid:
        identity = short_id(f"{source}:{guid}")
    else:
        return None
    title = without_document_kind(_plain(_text(entry, "title")))
    contents = entry.get("content") or []
    content = max((_html(part) for part in contents), key=len, default="")
    summary = _text(entry, "summary")
    published = _time(_text(entry, "published"))
    outlet, department = _author(_plain(_text(entry, "author")))
    return Item(
        id=identity,
        url=link,
        title=title,
        title_counts=True,
        published=published,
        updated=_time(_text(entry, "updated")),
        outlet=outlet,
        department=department,
        stamp=stamp_of(title, link, _text(entry, "updated"), published, content or summary),
        content=content or summary,
        files=tuple(_files(entry, base)),
    )


def _link(entry: Any) -> str:  # noqa: ANN401 - untyped
    """The page of an entry. A guid that does not say that it is none is taken for it, so links come first."""
    links = [one for one in entry.get("links") or [] if isinstance(one.get("href"), str)]
    pages = (one["href"] for one in links if one.get("rel") == "alternate" and one["href"])
    return next(pages, "") or _text(entry, "link")


def _files(entry: Any, base: str) -> list[tuple[str, str]]:  # noqa: ANN401 - untyped
    enclosures = entry.get("enclosures") or []
    urls = (web_address(str(one.get("href", "")), base) for one in enclosures)
    return [("", url) for url in urls if url]


def _text(entry: Any, name: str) -> str:  # noqa: ANN401 - untyped
    # As a plain dict: the library takes `published` for `updated` where that is missing.
    value = dict.get(entry, name, "")
    return value if isinstance(value, str) else ""


def _html(part: Any) -> str:  # noqa: ANN401 - untyped
    value = part.get("value", "")
    if not isinstance(value, str):
        return ""
    if part.get("type") == "text/plain" and not is_markup(value):
        return "".join(f"<p>{html.escape(line)}</p>" for line in value.splitlines() if line.strip())
    return value


def _author(author: str) -> tuple[str, str]:
    """The issuer and the department that an author is, '' for each that it is not: it may be a person or an
    address. A body that the table of issuers does not know may be either.
    """
    from indexer.sources.recognizers.contacts import is_organisation

    if not author or "@" in author:
        return "", ""
    if known := load_issuer_table().find(author):
        rest = author.partition(known.name)[2].strip() if " " in author else ""
        return (known.name, rest) if rest else (author, "")
    if not is_organisation(author):
        return "", ""
    return "" if _DEPARTMENT.fullmatch(author) else author, author


def _time(text: str) -> str:
    """A time of a feed in ISO 8601, '' where it is none."""
    match = _KOREAN_DATE.match(text.strip()[:LONGEST_TIME_CHARS])
    if match and 1 <= int(match[2]) <= len(_MONTHS):
        rest = text.strip()[match.end() :]
        return iso_time(f"{match[1]} {_MONTHS[int(match[2]) - 1]} {match[3]}{rest}")
    return iso_time(text)


def _plain(text: str) -> str:
    """A title, which may be HTML, as text."""
    return short_title(html.unescape(_TITLE_TAG.sub("", text)))
