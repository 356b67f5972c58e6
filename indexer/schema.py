"""The declaration of the index: the texts that are searched, and the facets that are counted and filtered.

A facet is one entry of `FACETS`. The index, the query language, the parameters of a URL, cursors, the JSON
answer, the pages and the options of the command follow from it: they read `FACETS` whenever they need it.
The text fields are four and stay four, as ranking, snippets and the format of the index treat each of them
in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from indexer.release import SEOUL, PressRelease

# Raise it when a change makes the engine read an older index wrongly. The engine then refuses the older
# index and names the command that rebuilds it.
INDEX_FORMAT = 11

# The lead of a body, which counts more than the rest.
LEAD_SYLLABLES = 240
# Releases whose bodies are alike and longer than this are shown as one result.
GROUPED_BODY_SYLLABLES = 300


@dataclass(frozen=True, slots=True)
class TextField:
    """A text of a release that is analysed and searched. `read` takes it from a release. `names` are its
    names in a query, the first of them in the canonical string; () where a query cannot name it.
    """

    name: str
    read: Callable[[PressRelease], str]
    names: tuple[str, ...] = ()


def _contact(release: PressRelease) -> str:
    """Whom to ask, where the body does not say it."""
    words = release.contact.replace(",", " ").split()
    # Once: a release joins its body anew each time.
    body = release.body if words else ""
    return "" if all(word in body for word in words) else release.contact


TITLE = TextField("title", lambda release: release.title, ("제목", "title"))
SUBTITLE = TextField("subtitle", lambda release: release.subtitle, ("부제", "subtitle"))
CONTACT = TextField("contact", _contact)
BODY = TextField("body", lambda release: release.body, ("본문", "body"))
# In this order the positions of a release count on from one field to the next.
TEXT_FIELDS = (TITLE, SUBTITLE, CONTACT, BODY)

# How a facet filters a search. "values": a release must have one of the chosen values. "switch": a release
# must have the facet's only value, `SWITCH_ON`. "year", "month": a value stands for the days of a year or
# month, and choosing it sets the first and last day of the search.
FilterKind = Literal["values", "switch", "year", "month"]
SWITCH_ON = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A property of a release: counted over a whole result, and asked for.

    `name` is its name in the index, in the parameters of a URL, in the JSON answer and as an option of the
    command. `read` gives the value of a release; '' is no value and is not counted. `label` is its heading on
    a page. `names` are its names in a query, in lower case and NFC, the first of them in the canonical
    string; () where a query cannot name it. `filter` is None where it filters nothing. `help` describes the
    option, for the kinds "values" and "switch". Every search counts it where it is `shown`.
    """

    name: str
    read: Callable[[PressRelease], str]
    label: str
    names: tuple[str, ...] = ()
    filter: FilterKind | None = None
    help: str = ""
    shown: bool = True

    @property
    def filters_days(self) -> bool:
        """Whether choosing a value sets the first and last day of a search."""
        return self.filter in ("year", "month")


def _published(release: PressRelease, form: str) -> str:
    return release.published_at.astimezone(SEOUL).strftime(form) if release.published_at else ""


# By name. Pages, answers and URLs list them in this order.
FACETS: Mapping[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet(
            name="outlet",
            read=lambda release: release.outlet,
            label="매체",
            names=("매체", "outlet", "기관"),
            filter="values",
            help="이 매체의 것만. 지금 이름이나 준말이면 옛 이름의 것도. 여러 번 쓸 수 있습니다.",
        ),
        Facet(
            name="department",
            read=lambda release: release.department,
            label="부서",
            names=("부서", "department"),
            filter="values",
            help="이 부서의 것만.",
        ),
        Facet(
            name="reporter",
            read=lambda release: release.reporter,
            label="기자",
            names=("기자", "reporter"),
            filter="values",
            help="이 기자의 것만.",
            shown=False,
        ),
        Facet(
            name="year",
            read=lambda release: _published(release, "%Y"),
            label="연도",
            filter="year",
        ),
        Facet(
            name="month",
            read=lambda release: _published(release, "%Y-%m"),
            label="달",
            filter="month",
        ),
        Facet(
            name="attachment",
            read=lambda release: SWITCH_ON if release.attachments else "",
            label="첨부",
            filter="switch",
            help="첨부가 있는 것만.",
        ),
        Facet(
            name="corrected",
            read=lambda release: SWITCH_ON if release.corrected_at else "",
            label="정정",
            filter="switch",
            help="정정된 것만.",
            shown=False,
        ),
    )
}


def shown_facets() -> tuple[str, ...]:
    """The names of the facets that every search counts."""
    return tuple(facet.name for facet in FACETS.values() if facet.shown)


def filter_facets() -> tuple[Facet, ...]:
    """The facets of which a search chooses values: each is a parameter of a URL and an option."""
    return tuple(facet for facet in FACETS.values() if facet.filter in ("values", "switch"))
