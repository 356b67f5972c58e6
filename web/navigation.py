"""The links of a result page: every order, filter and page of a search is an address of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from flask import url_for

from indexer.search.answer import FacetValue
from indexer.search.request import SearchRequest, Sort
from web.formats import korean_day

_SORT_LABELS: dict[Sort, str] = {"relevance": "정확도순", "newest": "최신순", "oldest": "오래된순"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes the search. `count` is how many releases it leads to, where that is known."""

    label: str
    href: str
    chosen: bool = False
    count: int | None = None


def url_parameters(search: SearchRequest) -> dict[str, Any]:
    """Name the parameters that ask for `search` again: no page, and no values that are the usual ones."""
    parameters: dict[str, Any] = {"q": search.q}
    if search.outlet:
        parameters["outlet"] = list(search.outlet)
    if search.published_from:
        parameters["from"] = search.published_from.isoformat()
    if search.published_to:
        parameters["to"] = search.published_to.isoformat()
    if search.sort != "relevance":
        parameters["sort"] = search.sort
    if search.limit != 10:
        parameters["limit"] = search.limit
    return parameters


def search_url(search: SearchRequest) -> str:
    """Return the path of the first page of `search`."""
    return url_for("pages.search", **url_parameters(search))


def release_url(release_id: str, parameters: dict[str, Any]) -> str:
    """Return the path of a release's page; `parameters` are those of the search it was found by."""
    # Not url_for: it leaves the slashes and dots of an id as they are, and a browser folds `../`.
    path = f"/releases/{quote(release_id, safe='')}"
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
    """Offer to remove each filter in force."""
    filters = [
        Choice(outlet, search_url(replace(search, outlet=_without(search.outlet, outlet))))
        for outlet in search.outlet
    ]
    if period := _period(search.published_from, search.published_to):
        filters.append(Choice(period, search_url(replace(search, published_from=None, published_to=None))))
    return filters


def outlet_choices(search: SearchRequest, values: Iterable[FacetValue]) -> list[Choice]:
    """Offer outlets to add; those already chosen are among the active filters instead."""
    return [
        Choice(
            entry.value, search_url(replace(search, outlet=(*search.outlet, entry.value))), count=entry.count
        )
        for entry in values
        if entry.value and entry.value not in search.outlet
    ]


def year_choices(search: SearchRequest, values: Iterable[FacetValue]) -> list[Choice]:
    """Offer years to narrow the search to, without the one already chosen."""
    choices = []
    for entry in values:
        if not entry.value:
            continue  # releases without a date: no period holds them
        first, last = date(int(entry.value), 1, 1), date(int(entry.value), 12, 31)
        if (search.published_from, search.published_to) != (first, last):
            href = search_url(replace(search, published_from=first, published_to=last))
            choices.append(Choice(f"{entry.value}년", href, count=entry.count))
    return choices


def _without(values: tuple[str, ...], unwanted: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != unwanted)


def _period(first: date | None, last: date | None) -> str:
    if first and last:
        if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
            return f"{first.year}년"
        return f"{korean_day(first)} ~ {korean_day(last)}"
    if first:
        return f"{korean_day(first)}부터"
    return f"{korean_day(last)}까지" if last else ""
