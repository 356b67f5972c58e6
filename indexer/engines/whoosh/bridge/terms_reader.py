"""Whoosh's view of the terms of a segment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from whoosh.codec.base import FieldCursor, TermsReader
from whoosh.formats import Format
from whoosh.reading import TermInfo, TermNotFound
from whoosh.scoring import BaseScorer

from indexer.engines.whoosh.bridge.fields import Field, read_fields
from indexer.engines.whoosh.bridge.matcher import ArrayMatcher
from indexer.engines.whoosh.format.segment import Segment


class ArrayTermsReader(TermsReader):
    """Whoosh's view of the terms of a segment."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    @cached_property
    def _fields(self) -> dict[str, Field]:
        return read_fields(self._segment)

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        name, text = term
        try:
            self._fields[name].find(text)
        except KeyError:
            return False
        return True

    def indexed_field_names(self) -> list[str]:
        """Every field with terms."""
        return list(self._fields)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Every field's terms, in order."""
        return ((name, term) for name in sorted(self._fields) for term in self._fields[name].terms)

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """The terms that are not before (field name, prefix), through all fields behind it."""
        return (term for term in self.terms() if term >= (fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Every field's terms, with what is known of each."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """The same with what is known of each term."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """What is known of a term. Raises KeyError if the field does not have it."""
        field = self._fields[fieldname]
        docs, freqs, _ = field.postings(field.find(text))
        return TermInfo(
            weight=float(freqs.sum()),
            df=len(docs),
            minlength=1,
            maxlength=1,
            maxweight=float(freqs.max()),
            minid=int(docs[0]),
            maxid=int(docs[-1]),
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        """How often a term occurs. Raises KeyError if the field does not have it."""
        weight: float = self.term_info(fieldname, text).weight()
        return weight

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """How many releases have a term. Raises KeyError if the field does not have it."""
        frequency: int = self.term_info(fieldname, text).doc_frequency()
        return frequency

    def matcher(
        self, fieldname: str, text: bytes, format_: Format, scorer: BaseScorer | None = None
    ) -> ArrayMatcher:
        """The postings of a term. Raises TermNotFound if the field does not have it."""
        try:
            field = self._fields[fieldname]
            docs, freqs, positions = field.postings(field.find(text))
        except KeyError as error:
            raise TermNotFound(f"{fieldname}:{text!r}") from error
        return ArrayMatcher((fieldname, text), docs, freqs, positions, format_, scorer)

    def cursor(self, fieldname: str, fieldobj: Any) -> ArrayCursor:
        """A cursor over the terms of a field."""
        return ArrayCursor(self._fields[fieldname].terms, fieldobj)


class ArrayCursor(FieldCursor):
    """Walks the terms of a field."""

    def __init__(self, terms: list[bytes], field: Any) -> None:
        self._terms = terms
        self._field = field
        self._rank = 0

    def first(self) -> Any:
        """Go to the first term."""
        self._rank = 0
        return self.text()

    def find(self, string: bytes | str) -> Any:
        """Go to the first term that is not before `string`."""
        wanted = string.encode() if isinstance(string, str) else string
        self._rank = int(np.searchsorted(np.array(self._terms, object), wanted))
        return self.text()

    def next(self) -> Any:
        """Go to the next term."""
        self._rank += 1
        return self.text()

    def text(self) -> Any:
        """The current term, None at the end."""
        return self._field.from_bytes(self._terms[self._rank]) if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether there is a current term."""
        return self._rank < len(self._terms)
