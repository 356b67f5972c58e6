"""The Whoosh schema, made from `indexer/schema.py`.

    text         every morpheme of a release          syllables   every bigram
    title, subtitle, contact, body                    the morphemes of one text field
    id, outlet, year, …, published                    columns

`NoAnalyzer` is pickled by module path into the TOC: to rename it or this module, increment `INDEX_FORMAT`.
"""

from __future__ import annotations

from collections.abc import Iterator

from whoosh.analysis import Token
from whoosh.fields import ID, NUMERIC, STORED, TEXT, Schema

from indexer.schema import FACETS, TEXT_FIELDS

ALL_TEXT = "text"
SYLLABLES = "syllables"
PUBLISHED = "published"


class NoAnalyzer:
    """Refuses Whoosh's own writers: text is analysed by bodo before it is indexed."""

    def __call__(self, value: str, **_: object) -> Iterator[Token]:
        """Raise TypeError."""
        raise TypeError("an index of bodo is written by bodo only")


def make_schema() -> Schema:
    """The fields that Whoosh sees."""
    schema = Schema(
        id=ID(stored=True, unique=True),
        release=STORED,
        **{PUBLISHED: NUMERIC(int, bits=64, shift_step=0, stored=True)},
    )
    for name in (ALL_TEXT, SYLLABLES, *(field.name for field in TEXT_FIELDS)):
        schema.add(name, TEXT(analyzer=NoAnalyzer(), phrase=True))
    for name in FACETS:
        schema.add(name, ID())
    return schema
