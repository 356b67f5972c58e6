"""Queries with a word in quotes, which finds nothing besides it."""

from __future__ import annotations

import re
from unicodedata import normalize

from indexer.search.request import MAX_QUERY_CHARS
from indexer.search.response import NamedIssuer, WordWithSynonyms

# What stands in quotes, and them.
_QUOTED = re.compile(r'("[^"]*"?)')


def quote(word: WordWithSynonyms | NamedIssuer, query: str) -> str:
    """The query with a word in quotes, and without its particle; '' where the word does not stand in it, or
    the query would be too long.
    """
    query = normalize("NFC", query)
    pieces = _QUOTED.split(query)
    # A word stands between spaces or operators, and in no quotes.
    escaped = re.escape(normalize("NFC", word.query))
    typed = re.compile(rf"(?<![^\s|:-]){escaped}(?![^\s|])", re.IGNORECASE)
    pieces[::2] = [typed.sub(lambda _: f'"{word.name}"', piece) for piece in pieces[::2]]
    quoted = "".join(pieces)
    return quoted if quoted != query and len(quoted) <= MAX_QUERY_CHARS else ""
