"""What a query calls text fields and facets, by the declarations of `indexer.schema`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from indexer.schema import FACETS, TEXT_FIELDS, Facet, TextField

SINCE_NAMES = frozenset(("이후", "after", "since"))
UNTIL_NAMES = frozenset(("이전", "before", "until"))


def name_key(typed: str) -> str:
    """A name in the form that names are compared in: NFC, without case."""
    return unicodedata.normalize("NFC", typed).casefold()


def find_text_field(typed: str) -> str:
    """The name of the text field that is called so; '' where none is."""
    return _find(typed, TEXT_FIELDS)


def find_facet(typed: str) -> str:
    """The name of the facet that is called so; '' where none is."""
    return _find(typed, FACETS.values())


def canonical_name(name: str) -> str:
    """What the canonical string calls a text field or facet that has a name in queries."""
    declared: list[TextField | Facet] = [*TEXT_FIELDS, *FACETS.values()]
    return next(one.names[0] for one in declared if one.name == name)


def _find(typed: str, declared: Iterable[TextField | Facet]) -> str:
    key = name_key(typed)
    return next((one.name for one in declared if key in one.names), "")
