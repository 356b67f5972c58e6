"""How a release is cited."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from indexer.release import SEOUL, PressRelease


def cite(release: PressRelease, address: str) -> str:
    """A release in a list of sources: issuer, title, kind, date, and where it was published, else `address`,
    unless that is ''.
    """
    parts = [release.outlet, f"「{release.title}」", "보도자료"]
    if release.published_at:
        parts.append(korean_day(release.published_at.astimezone(SEOUL)))
    return ", ".join(filter(None, [*parts, safe_url(release.url) or address]))


def korean_day(day: date) -> str:
    """Write a day as `2023. 4. 25.`."""
    return f"{day.year}. {day.month}. {day.day}."


def safe_url(url: str) -> str:
    """Return `url` if it leads to a web page (http or https, with a host), else ''.

    Addresses come from the documents: `javascript:` and the like must never become a link.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
