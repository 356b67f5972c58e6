"""A release as other programs read its page: a description, and NewsArticle of schema.org as JSON-LD."""

from __future__ import annotations

from itertools import dropwhile
from typing import Any

from indexer.release import PressRelease
from indexer.search.repetition import Shown
from indexer.search.response import date_text
from web.formats import safe_url

# What search engines show of a description.
_DESCRIPTION_CHARS = 160
# "Headlines should not exceed 110 characters" (Google, Article structured data).
_HEADLINE_CHARS = 110


def describe(release: PressRelease) -> str:
    """The first words of a release behind its title, at most 160 characters."""
    title = Shown((release.title,))
    text = release.subtitle if release.subtitle and not title.has(release.subtitle) else release.body
    return summarise(" ".join(dropwhile(title.has, text.split("\n"))))


def summarise(text: str) -> str:
    """The first words of a text on one line, at most 160 characters."""
    return _shorten(" ".join(text.split()), _DESCRIPTION_CHARS)


def news_article(release: PressRelease, address: str) -> dict[str, Any]:
    """A release as JSON-LD. Fields that are unknown are left out."""
    published = date_text(release.published_at, release.published_precision)
    original = safe_url(release.url)
    values: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": _shorten(release.title, _HEADLINE_CHARS),
        "alternativeHeadline": _shorten(" ".join(release.subtitle.split()), _HEADLINE_CHARS),
        "description": describe(release),
        "datePublished": published,
        "dateModified": release.corrected_at.isoformat() if release.corrected_at else None,
        "inLanguage": "ko",
        "mainEntityOfPage": address,
        "isBasedOn": original,
        "author": {"@type": "Person", "name": release.reporter} if release.reporter else None,
        "publisher": {"@type": "Organization", "name": release.outlet} if release.outlet else None,
    }
    return {name: value for name, value in values.items() if value}


def _shorten(text: str, chars: int) -> str:
    return text if len(text) <= chars else f"{text[: chars - 1].rstrip()}…"
