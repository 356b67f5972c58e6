"""What a source lists now, by its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from indexer.errors import BodoError
from indexer.pulling.api_key import answer_without_key
from indexer.pulling.fetcher import Fetched, Fetcher
from indexer.pulling.readers.feed import read_feed
from indexer.pulling.readers.item import Item
from indexer.pulling.readers.korea_kr import ROWS, days_back, read_answer, request_url
from indexer.pulling.readers.list_page import read_list_page
from indexer.pulling.readers.sitemap import MAX_BYTES, MAX_URLS, read_sitemap
from indexer.pulling.source import Source
from indexer.pulling.state import SourceState
from indexer.release import SEOUL

# An index of sitemaps may name 50,000 of them; these many have two and a half million addresses.
MAX_SITEMAPS = 50
# What an API answers of a day; each of some 150 releases has its text.
_MAX_ANSWER_BYTES = 64 * 1024**2
_MAX_ANSWER_PAGES = 10


@dataclass(slots=True)
class Listing:
    """The items of a source, the newest first as far as the source tells, each once. `is_whole`: what is not
    among them is not listed any more. `marks` are etag and last_modified by address, to ask again with once
    all items are done. `doubles` are titles of different items that had one id, of which the first counts.
    """

    items: dict[str, Item] = field(default_factory=dict)
    is_whole: bool = True
    marks: dict[str, list[str]] = field(default_factory=dict)
    doubles: list[tuple[str, str]] = field(default_factory=list)

    def add(self, items: list[Item]) -> int:
        """Add items that are not there yet. How many there were."""
        before = len(self.items)
        for item in items:
            known = self.items.setdefault(item.id, item)
            if known.is_other(item):
                self.doubles.append((known.title, item.title))
        return len(self.items) - before

    @property
    def warning(self) -> str:
        """What to tell of the doubles; '' where there are none."""
        if not self.doubles:
            return ""
        first, second = self.doubles[0]
        return (
            f"‘{first}’와 ‘{second}’의 id가 같아 앞의 것만 가져옵니다(이런 것 {len(self.doubles):,}건). "
            "ignore_params가 번호까지 빼는지, 목록의 주소가 저마다 다른지 보세요."
        )


def list_items(
    source: Source, state: SourceState, fetcher: Fetcher, now: datetime, environment: Mapping[str, str]
) -> Listing:
    """What the source lists; nothing where it did not change and no item is due.

    Raises BodoError: FetchError, ListingError, or that the key of an API is not there.
    """
    lister = _Lister(source, state, fetcher, asks_again=not state.any_due(now))
    if source.kind == "feed":
        lister.list_feed()
    elif source.kind == "sitemap":
        lister.list_sitemap()
    elif source.kind == "list":
        lister.list_pages()
    else:
        lister.list_days(now, environment)
    return lister.listing


class _Lister:
    def __init__(self, source: Source, state: SourceState, fetcher: Fetcher, *, asks_again: bool) -> None:
        self._source = source
        self._state = state
        self._fetcher = fetcher
        self._asks_again = asks_again
        self.listing = Listing()

    def list_feed(self) -> None:
        source = self._source
        got = self._fetch(source.url)
        if got is not None:
            ignored = source.ignore_params
            self.listing.add(read_feed(got.body, got.url, source.name, charset=got.charset, ignored=ignored))

    def list_sitemap(self) -> None:
        source = self._source
        waiting, seen = [source.url], {source.url}
        while waiting and len(self.listing.items) < MAX_URLS:
            url = waiting.pop(0)
            got = self._fetch(url, max_bytes=MAX_BYTES)
            if got is None:
                continue
            sitemap = read_sitemap(
                got.body, got.url, include=source.include, charset=got.charset, ignored=source.ignore_params
            )
            self.listing.add(sitemap.items[: MAX_URLS - len(self.listing.items)])
            if sitemap.sitemaps:
                # An index may stay the same while what it names changes: it is always read.
                self.listing.marks[url] = ["", ""]
            for address, _ in sitemap.sitemaps:
                if address not in seen and len(seen) <= MAX_SITEMAPS:
                    seen.add(address)
                    waiting.append(address)
        self.listing.is_whole &= not waiting

    def list_pages(self) -> None:
        source, url, seen = self._source, self._source.url, set[str]()
        # An old page of a list is one that begins with the newest releases of then: only the first may tell.
        while url and len(seen) < source.max_pages:
            seen.add(url)
            got = self._fetch(url)
            if got is None:
                return
            items, following = read_list_page(
                got.body, got.url, links=source.links, link_pattern=source.link_pattern,
                link_url=source.link_url, next_links=source.next, charset=got.charset,
                ignored=source.ignore_params,
            )  # fmt: skip
            if not items and len(seen) == 1:
                hint = "`bodo pull --check`로 보고, links나 link_pattern을 고치세요."
                raise BodoError("목록에 고른 링크가 하나도 없습니다.", hint)
            added = self.listing.add(items)
            is_known = all(item.id in self._state.items for item in items)
            if not added or (is_known and self._asks_again):
                self.listing.is_whole = False
                return
            url = following if following not in seen else ""
        # What stands behind the last page that is read is not gone.
        self.listing.is_whole = not url

    def list_days(self, now: datetime, environment: Mapping[str, str]) -> None:
        source = self._source
        key = environment.get(source.key_env, "").strip()
        if not key:
            hint = "공공데이터포털에서 ‘정책브리핑 보도자료’를 활용신청하고, 받은 열쇠를 그 변수에 넣으세요."
            raise BodoError(f"환경 변수 {source.key_env}에 API의 열쇠가 없습니다.", hint)
        # The key allows it, as the terms of the portal say; there is no page for a robot to read.
        rules = replace(source.rules, heeds_robots=False)
        for day in days_back(now.astimezone(SEOUL).date(), source.days):
            for page in range(1, _MAX_ANSWER_PAGES + 1):
                url = request_url(source.url, day, page, key)
                got = self._fetcher.fetch(url, rules=rules, max_bytes=_MAX_ANSWER_BYTES)
                items = read_answer(answer_without_key(got.body, key))
                added = self.listing.add(items)
                # A server that does not know pages answers the same again.
                if len(items) < ROWS or not added:
                    break
        # Days before these are not gone.
        self.listing.is_whole = False

    def _fetch(self, url: str, max_bytes: int = 16 * 1024**2) -> Fetched | None:
        """What is at `url`; None where it did not change, which makes the listing incomplete."""
        marks = self._state.marks_of(url) if self._asks_again else ["", ""]
        got = self._fetcher.fetch(
            url, rules=self._source.rules, etag=marks[0], last_modified=marks[1], max_bytes=max_bytes
        )
        if got.not_modified:
            self.listing.marks[url] = marks
            self.listing.is_whole = False
            return None
        self.listing.marks[url] = [got.etag, got.last_modified]
        return got
