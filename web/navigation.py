"""The links of a result page: every order, filter and page of a search is an address of its own."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from indexer.schema import FACETS, SWITCH_ON, Facet, FilterKind, filter_facets
from indexer.search.request import SearchRequest, Sort, may_be_chosen, parameters_of
from indexer.search.response import Alternative, FacetValue, release_path
from web.formats import korean_day

# A page has some hundred links that repeat the search; percent-encoded Korean is nine characters a syllable.
_LONG_URL_CHARS = 2_000
_SORT_LABELS: dict[Sort, str] = {
    "relevance": "정확도순",
    "recent": "최근 우선",
    "newest": "최신순",
    "oldest": "오래된순",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes the search. `count` is how many releases it leads to, where that is known."""

    label: str
    href: str
    chosen: bool = False
    count: int | None = None


def url_parameters(search: SearchRequest) -> dict[str, Any]:
    """The parameters that ask for the first page of `search`, without those that have their usual value."""
    return parameters_of(replace(search, cursor=None))


def hit_parameters(search: SearchRequest) -> dict[str, Any]:
    """The parameters that a link to a release carries, so that its page can lead back to `search`. A long
    search is left out: each link of a page would repeat it.
    """
    return {} if _is_long(search) else url_parameters(search)


def search_url(search: SearchRequest) -> str:
    """Return the path of the first page of `search`."""
    return url_for("pages.search", **url_parameters(search))


def release_url(release_id: str, parameters: dict[str, Any]) -> str:
    """Return the path of a release's page; `parameters` are those of the search that found it."""
    # Not url_for: it leaves the slashes and dots of an id as they are.
    path = release_path(release_id)
    return f"{path}?{urlencode(parameters, doseq=True)}" if parameters else path


def page_url(search: SearchRequest, cursor: str) -> str:
    """Return the path of the page of `search` that `cursor` stands for."""
    return url_for("pages.search", **url_parameters(search), cursor=cursor)


def sort_choices(search: SearchRequest) -> list[Choice]:
    """Offer each order."""
    return [
        Choice(label, search_url(replace(search, sort=sort)), chosen=sort == search.sort)
        for sort, label in _SORT_LABELS.items()
    ]


def active_filters(search: SearchRequest) -> list[Choice]:
    """Offer to remove each filter of the search; of a long search, only all at once."""
    if _is_long(search) and without_filters(search) != search:
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
        filters.append(Choice(period, search_url(replace(search, published_from=None, published_to=None))))
    return filters


def without_filters(search: SearchRequest) -> SearchRequest:
    """The search without any filter."""
    return replace(search, filters={}, published_from=None, published_to=None)


def facet_choices(
    search: SearchRequest, facets: Mapping[str, Iterable[FacetValue]]
) -> list[tuple[str, list[Choice]]]:
    """The headings and choices of the facets that can narrow the search. A facet without a choice is left
    out, and a long search has none.
    """
    if _is_long(search):
        return []
    offered = [
        (facet.label, _CHOICES[facet.filter](search, facet, facets.get(facet.name, ())))
        for facet in FACETS.values()
        if facet.filter
    ]
    return [(heading, choices) for heading, choices in offered if choices]


def alternative_choices(alternatives: Iterable[Alternative]) -> list[Choice]:
    """Links to searches that find something."""
    return [Choice(one.label, search_url(one.request), count=one.total) for one in alternatives]


def _value_choices(search: SearchRequest, facet: Facet, values: Iterable[FacetValue]) -> list[Choice]:
    """Offer values to add; those already chosen are among the active filters instead."""
    chosen = search.chosen(facet.name)
    return [
        Choice(
            entry.value,
            search_url(search.with_filter(facet.name, (*chosen, entry.value))),
            count=entry.count,
        )
        for entry in values
        if entry.value and entry.value not in chosen and may_be_chosen((*chosen, entry.value))
    ]


def _switch_choices(search: SearchRequest, facet: Facet, values: Iterable[FacetValue]) -> list[Choice]:
    """Offer to switch it on."""
    if search.chosen(facet.name):
        return []
    href = search_url(search.with_filter(facet.name, (SWITCH_ON,)))
    return [Choice(_switch_label(facet), href, count=entry.count) for entry in values]


def _year_choices(search: SearchRequest, _facet: Facet, values: Iterable[FacetValue]) -> list[Choice]:
    """Offer years, without the one already chosen."""
    choices = []
    for entry in values:
        if not entry.value:
            continue  # releases without a date: no period holds them
        year = int(entry.value)
        if year != _whole_year(search.published_from, search.published_to):
            narrowed = replace(search, published_from=date(year, 1, 1), published_to=date(year, 12, 31))
            choices.append(Choice(f"{entry.value}년", search_url(narrowed), count=entry.count))
    return choices


def _month_choices(search: SearchRequest, _facet: Facet, values: Iterable[FacetValue]) -> list[Choice]:
    """Offer the months of the year that is chosen."""
    year = _whole_year(search.published_from, search.published_to)
    if year is None:
        return []
    choices = []
    for entry in sorted(values, key=lambda entry: entry.value):
        if entry.value.startswith(f"{year}-"):
            month = int(entry.value[5:])
            ends = date(year, month, calendar.monthrange(year, month)[1])
            narrowed = replace(search, published_from=date(year, month, 1), published_to=ends)
            choices.append(Choice(f"{month}월", search_url(narrowed), count=entry.count))
    return choices


_CHOICES: dict[FilterKind, Callable[[SearchRequest, Facet, Iterable[FacetValue]], list[Choice]]] = {
    "values": _value_choices,
    "switch": _switch_choices,
    "year": _year_choices,
    "month": _month_choices,
}


def _switch_label(facet: Facet) -> str:
    return f"{facet.label} 있음"


def _is_long(search: SearchRequest) -> bool:
    return len(search_url(search)) > _LONG_URL_CHARS


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
