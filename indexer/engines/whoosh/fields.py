"""The Whoosh schema, made from `indexer/schema.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from whoosh.analysis import Token as WhooshToken
from whoosh.fields import ID, NUMERIC, STORED, TEXT, Schema

from indexer.analysis import Token
from indexer.schema import FACETS, TEXT_FIELDS

# Pickled with the schema by module path: neither this module nor the class can be renamed.


class AnalysedText(str):
    """What a text field is given: Whoosh insists on a string, so one that carries its tokens."""

    tokens: Sequence[Token]

    @classmethod
    def of(cls, tokens: Sequence[Token]) -> AnalysedText:
        """An empty string with tokens."""
        text = cls()
        text.tokens = tokens
        return text


class TokensAsGiven:
    """An analyzer for Whoosh that takes tokens, not text: analysis has happened before."""

    def __call__(self, text: AnalysedText, **_: object) -> Iterator[WhooshToken]:
        """Yield the tokens in Whoosh's form: one mutable object, again and again."""
        made = WhooshToken(positions=True, chars=True, boost=1.0, removestops=False, mode="index")
        for token in text.tokens:
            made.text, made.pos = token.term, token.position
            made.startchar, made.endchar = token.start, token.end
            yield made


def make_schema() -> Schema:
    """Text fields with positions and characters; columns for sorting, filtering and facets; the release."""
    schema = Schema(
        id=ID(stored=True, unique=True, sortable=True),
        content_hash=STORED,
        source_path=STORED,
        release=STORED,
        published=NUMERIC(int, bits=64, sortable=True),
    )
    for text_field in TEXT_FIELDS:
        schema.add(text_field.name, TEXT(analyzer=TokensAsGiven(), phrase=True, chars=True))
    for name in FACETS:
        schema.add(name, ID(sortable=True))
    return schema
