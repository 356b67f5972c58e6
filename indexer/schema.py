"""Every field of the index, declared once: what is searched and how much it counts, what filters, sorts
and facets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from indexer.release import SEOUL, PressRelease

# Raised whenever an index written before cannot be read as it is meant now: it is refused, with the
# command that rebuilds it.
INDEX_FORMAT = 10


@dataclass(frozen=True, slots=True)
class TextField:
    """A field that is analysed and searched. `read` takes its text from a release."""

    name: str
    read: Callable[[PressRelease], str]


@dataclass(frozen=True, slots=True)
class Facet:
    """A property counted over the whole result; '' is not counted."""

    name: str
    read: Callable[[PressRelease], str]


# The lead of a body, which counts more than the rest.
LEAD_SYLLABLES = 240
# Releases with bodies alike that are longer than this are one result.
GROUPED_BODY_SYLLABLES = 300


def _contact(release: PressRelease) -> str:
    """Whom to ask, where the body does not say it."""
    return (
        ""
        if all(word in release.body for word in release.contact.replace(",", " ").split())
        else release.contact
    )


# The body is the last: it is what has zones.
TEXT_FIELDS = (
    TextField("title", lambda release: release.title),
    TextField("subtitle", lambda release: release.subtitle),
    TextField("contact", _contact),
    TextField("body", lambda release: release.body),
)

FACETS = MappingProxyType(
    {
        "outlet": Facet("outlet", lambda release: release.outlet),
        "year": Facet("year", lambda release: _date(release.published_at, "%Y")),
        "month": Facet("month", lambda release: _date(release.published_at, "%Y-%m")),
        "department": Facet("department", lambda release: release.department),
        "reporter": Facet("reporter", lambda release: release.reporter),
        "attachment": Facet("attachment", lambda release: "yes" if release.attachments else ""),
    }
)


# Facets that a filter of dates narrows.
DATE_FACETS = ("year", "month")
SHOWN_FACETS = ("outlet", "department", "year", "month", "attachment")


def _date(published_at: datetime | None, form: str) -> str:
    return published_at.astimezone(SEOUL).strftime(form) if published_at else ""
