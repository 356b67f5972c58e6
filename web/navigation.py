"""The links of a result page: every order, filter and page of a search is an address of its own."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import has_request_context, request

from indexer.schema import FACETS, SWITCH_ON, Facet, FilterKind, filter_facets
from indexer.search.request import DEFAULT_LIMIT, SearchRequest, Sort, may_be_chosen, parameters_of
from indexer.search.response import FacetValue, release_path
from web.formats import korean_day

# A page has some hundred links that repeat the search; percent-encoded Korean is nine characters a syllable.
_LONG_URL_CHARS = 1_000
_SORT_LABELS: dict[Sort, str] = {
    "relevance": "정확도순",
    "recent": "최근 우선",
    "newest": "최신순",
    "oldest": "오래된순",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes the search. `count` is how many releases it leads to, where that is known. `below`
    are narrower ones of the same kind.
    """

    label: str
    href: str
    chosen: bool = False
    count: int | None = None
    below: tuple[Choice, ...] = ()


def url_parameters(search: SearchRequest) -> dict[str, Any]:
    """The parameters that ask for the first page of `search`, without those that have their usual value."""
    return parameters_of(replace(search, cursor=None))


# Not url_for: a page has a hundred links, and it would take as long as finding the results.
def search_url(search: SearchRequest) -> str:
    """Return the path of the first page of `search`."""
    return path_of("/search", url_parameters(search))


def page_url(search: SearchRequest, cursor: str) -> str:
    """Return the path of the page of `search` that `cursor` stands for."""
    return path_of("/search", {**url_parameters(search), "cursor": cursor})


def feed_url(search: SearchRequest | None = None) -> str:
    """Return the path of the feed of what a search finds; without a search, of the whole archive."""
    if search is None:
        return path_of("/feed.atom", {})
    # A feed has its own order and length, and finds only what was typed.
    asked = replace(search, sort="relevance", limit=DEFAULT_LIMIT, cursor=None, exact=False)
    return path_of("/feed.atom", parameters_of(asked))


def release_url(release_id: str, parameters: Mapping[str, Any] | None = None) -> str:
    """Return the path of a release's page; `parameters` are those of the search that found it."""
    return path_of(release_path(release_id), parameters or {})


def outlet_url(outlet: str) -> str:
    """Return the path of the releases of an issuer, the newest first."""
    # The quoted name may hold for several issuers; the filter is for this one.
    words = outlet.replace('"', " ")
    return path_of("/search", {"q": f'매체:"{words}"', "outlet": outlet, "sort": "newest"})


def trends_url(search: SearchRequest) -> str:
    """Return the path of the trend of a search, with its filters."""
    kept = replace(search, published_from=None, published_to=None, sort="relevance", limit=DEFAULT_LIMIT)
    return path_of("/trends", url_parameters(replace(kept, exact=False)))


def path_of(path: str, parameters: Mapping[str, Any]) -> str:
    """A path of the application, under the prefix where it is mounted, with parameters."""
    query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
    prefix = request.script_root if has_request_context() else ""
    return f"{prefix}{path}{query}"


class SearchLinks:
    """The links of the result page of one search."""

    def __init__(self, search: SearchRequest) -> None:
        self._search = search
        self._address = search_url(search)

    @property
    def is_long(self) -> bool:
        """Whether the search is so long that only few links may repeat it."""
        return len(self._address) > _LONG_URL_CHARS

    @property
    def hit_parameters(self) -> dict[str, Any]:
        """The parameters that a link to a release carries, so that its page can lead back to this page of the
        results. A long search is left out: each link of a page would repeat it.
        """
        return {} if self.is_long else parameters_of(self._search)

    def to_days(self, first: date, last: date) -> str:
        """The same search of these days."""
        return f"{self._without_days}&from={first.isoformat()}&to={last.isoformat()}"

    @cached_property
    def _without_days(self) -> str:
        return search_url(replace(self._search, published_from=None, published_to=None))

    def sorts(self) -> list[Choice]:
        """Offer each order."""
        search = self._search
        return [
            Choice(label, search_url(replace(search, sort=sort)), chosen=sort == search.sort)
            for sort, label in _SORT_LABELS.items()
        ]

    def filters(self) -> list[Choice]:
        """Offer to remove each filter of the search; of a long search, only all at once."""
        search = self._search
        if self.is_long and without_filters(search) != search:
            return [Choice("모든 조건", search_url(without_filters(search)))]
        filters = [
            Choice(
                _switch_label(facet) if facet.filter == "switch" else value,
                search_url(search.with_filter(facet.name, _without(search.chosen(facet.name), value))),
            )
            for facet in filter_facets()
            for value in search.chosen(facet.name)
        ]
        if period := _period(search.published_from, search.published_to):
            filters.append(Choice(period, self._without_days))
        return filters

    def facets(self, facets: Mapping[str, Iterable[FacetValue]]) -> list[tuple[str, list[Choice]]]:
        """The headings and choices of the facets that can narrow the search. A facet without a choice is left
        out, and a long search has none.
        """
        if self.is_long:
            return []
        offered = [
            (facet.label, _CHOICES[facet.filter](self, facet, facets.get(facet.name, ())))
            for facet in FACETS.values()
            if facet.filter
        ]
        return [(heading, choices) for heading, choices in offered if choices]

    def _values(self, facet: Facet, values: Iterable[FacetValue]) -> list[Choice]:
        """Offer values to add; those already chosen are among the active filters instead. An issuer takes the
        place of its former names.
        """
        chosen = self._search.chosen(facet.name)
        choices = []
        for entry in values:
            names = [name.value for name in entry.names]
            others = tuple(value for value in chosen if value not in names)
            if entry.value and entry.value not in chosen and may_be_chosen((*others, entry.value)):
                href = search_url(self._search.with_filter(facet.name, (*others, entry.value)))
                below = tuple(self._values(facet, entry.names))
                choices.append(Choice(entry.value, href, count=entry.count, below=below))
        return choices

    def _switch(self, facet: Facet, values: Iterable[FacetValue]) -> list[Choice]:
        """Offer to switch it on."""
        if self._search.chosen(facet.name):
            return []
        href = search_url(self._search.with_filter(facet.name, (SWITCH_ON,)))
        return [Choice(_switch_label(facet), href, count=entry.count) for entry in values]

    def _years(self, _facet: Facet, values: Iterable[FacetValue]) -> list[Choice]:
        """Offer years, the newest first, without the one already chosen."""
        chosen = self._chosen_year()
        return [
            Choice(f"{year}년", self.to_days(date(year, 1, 1), date(year, 12, 31)), count=count)
            for year, count in sorted(((int(entry.value), entry.count) for entry in values), reverse=True)
            if year != chosen
        ]

    def _months(self, _facet: Facet, values: Iterable[FacetValue]) -> list[Choice]:
        """Offer the months of the year that is chosen, in order of time."""
        year = self._chosen_year()
        if year is None:
            return []
        choices = []
        for entry in sorted(values, key=lambda entry: entry.value):
            if entry.value.startswith(f"{year:04}-"):
                month = int(entry.value[5:])
                ends = date(year, month, calendar.monthrange(year, month)[1])
                choices.append(
                    Choice(f"{month}월", self.to_days(date(year, month, 1), ends), count=entry.count)
                )
        return choices

    def _chosen_year(self) -> int | None:
        return _whole_year(self._search.published_from, self._search.published_to)


_CHOICES: dict[FilterKind, Callable[[SearchLinks, Facet, Iterable[FacetValue]], list[Choice]]] = {
    "values": SearchLinks._values,
    "switch": SearchLinks._switch,
    "year": SearchLinks._years,
    "month": SearchLinks._months,
}


def without_filters(search: SearchRequest) -> SearchRequest:
    """The search without any filter."""
    return replace(search, filters={}, published_from=None, published_to=None)


def _switch_label(facet: Facet) -> str:
    return f"{facet.label} 있음"


def _without(values: tuple[str, ...], unwanted: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != unwanted)


def _whole_year(first: date | None, last: date | None) -> int | None:
    """The year of which these are the first and last day; None where they are others."""
    if first and (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
        return first.year
    return None


def _period(first: date | None, last: date | None) -> str:
    if year := _whole_year(first, last):
        return f"{year}년"
    if first and last:
        return f"{korean_day(first)} ~ {korean_day(last)}"
    if first:
        return f"{korean_day(first)}부터"
    return f"{korean_day(last)}까지" if last else ""
