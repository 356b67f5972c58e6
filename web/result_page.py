"""What a result page shows of an answer, each thing once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import category, normalize

from indexer.search.reading import Lines
from indexer.search.repetition import Shown
from indexer.search.request import SearchRequest
from indexer.search.response import Answer, Hit, Marked, Matched, NamedIssuer, WordWithSynonyms
from web.charts import Histogram, make_histogram
from web.navigation import (
    Choice,
    SearchLinks,
    feed_url,
    page_url,
    search_url,
    trends_url,
    url_parameters,
    without_filters,
)
from web.quoting import quote


@dataclass(frozen=True, slots=True)
class Entry:
    """A hit of a page. `subtitles` are those that do not repeat the title; `missing` are words of the query
    that the release does not have; `explained` says what matched where the marks do not.
    """

    hit: Hit
    subtitles: tuple[Marked, ...]
    missing: tuple[str, ...]
    explained: tuple[str, ...]


class ResultPage:
    """The page of `answer`, which answers `asked`."""

    def __init__(self, asked: SearchRequest, answer: Answer) -> None:
        self._asked, self._answer = asked, answer
        self._links = SearchLinks(asked)

    def context(self) -> dict[str, Any]:
        """What the template needs."""
        asked, answer, links = self._asked, self._answer, self._links
        parameters = url_parameters(asked)
        hit_parameters = links.hit_parameters
        if hit_parameters and answer.query.corrected_from:
            # So that the page of a release marks what was found, not what was typed.
            hit_parameters |= {"found": answer.query.effective}
        return {
            "q": asked.q,
            # Searching again from the box keeps the filters and the order.
            "kept": {name: value for name, value in parameters.items() if name != "q"},
            "kept_without_days": {
                name: value for name, value in parameters.items() if name not in ("from", "to")
            },
            "asked": asked,
            "parameters": parameters,
            "hit_parameters": hit_parameters,
            "answer": answer,
            "entries": self._entries(answer.hits),
            "partial": self._entries(answer.partial),
            "sorts": links.sorts(),
            "filters": links.filters(),
            "without_filters": search_url(without_filters(asked)),
            "facets": links.facets(answer.facets),
            "chart": self._histogram(),
            "alternatives": self._alternatives(),
            "synonyms": [(word, self._quoting(word)) for word in answer.query.synonyms],
            "issuers": [(issuer, self._quoting(issuer)) for issuer in answer.query.issuers],
            "feed": feed_url(self._found) if not links.is_long else None,
            "trend": trends_url(self._found),
            "exactly": search_url(replace(asked, exact=True)),
            "first_page": search_url(asked) if answer.offset or asked.cursor else None,
            "previous_page": page_url(asked, answer.previous) if answer.previous else None,
            "next_page": page_url(asked, answer.next) if answer.next else None,
            "reading": self._reading(),
            "grouped": self._grouped(),
        }

    def _entries(self, hits: Sequence[Hit]) -> list[Entry]:
        words = self._answer.query.words
        return [
            Entry(
                hit,
                _subtitles(hit),
                tuple(word for word in words if all(word != matched.query for matched in hit.matched)),
                tuple(filter(None, map(self._explained, hit.matched))),
            )
            for hit in hits
        ]

    def _explained(self, matched: Matched) -> str:
        """What a word matched, where that is not the word itself; '' where it is."""
        if matched.match_kind == "issuer":
            return f"낸 곳: {matched.surface}"
        if matched.match_kind != "synonym":
            return ""
        is_issuer = any(issuer.query == matched.query for issuer in self._answer.query.issuers)
        return f"{'다른 이름' if is_issuer else '같은 말'}: {matched.surface}"

    def _grouped(self) -> int:
        """On the last page: how many releases are on none, since they are shown with another."""
        answer = self._answer
        return 0 if answer.next or answer.timed_out else answer.total - answer.offset - len(answer.hits)

    @property
    def _found(self) -> SearchRequest:
        """The search for what was found: a feed and a trend correct nothing."""
        query = self._answer.query
        return replace(self._asked, q=query.effective) if query.corrected_from else self._asked

    def _histogram(self) -> Histogram | None:
        if self._links.is_long:
            return None
        asked = self._asked
        months = {entry.value: entry.count for entry in self._answer.facets.get("month", ())}
        return make_histogram(months, asked.published_from, asked.published_to, self._links.to_days)

    def _alternatives(self) -> list[Choice]:
        """Searches that find something, without the one that is shown."""
        shown = self._answer.query.effective if self._answer.query.corrected_from else None
        return [
            Choice(one.label, search_url(one.request), count=one.total)
            for one in self._answer.alternatives
            if one.request.q != shown
        ]

    def _quoting(self, word: WordWithSynonyms | NamedIssuer) -> str | None:
        """The search with a word in quotes, and without its particle, which finds nothing besides it; None
        where they cannot be put there.
        """
        query = self._answer.query
        # What was corrected or taken apart does not stand in what was typed.
        texts = (query.canonical,) if query.corrected_from else (self._asked.q, query.canonical)
        for text in texts:
            quoted = quote(word, text)
            if quoted:
                return search_url(replace(self._asked, q=quoted))
        return None

    def _reading(self) -> str | None:
        """How the query was read, where it is not read as a row of words."""
        query = self._answer.query
        plain = _plain(query.effective)
        return query.canonical if _plain(query.canonical) != plain else None


def _plain(query: str) -> str:
    """A query without what nobody sees: how its letters are encoded, directions of writing, spaces."""
    shown = "".join(char for char in normalize("NFC", query) if category(char) != "Cf")
    return " ".join(shown.split()).casefold()


def _subtitles(hit: Hit) -> tuple[Marked, ...]:
    title, lines = Shown((hit.title.text,)), Lines(hit.subtitle.ranges)
    subtitles = [lines.mark(line) for line in hit.subtitle.text.split("\n")]
    return tuple(line for line in subtitles if line.text and not title.has(line.text))
