"""The text of a query -> its atoms and operators, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from indexer.analysis import letters_and_digits
from indexer.search.parser.dates import read_days, read_range
from indexer.search.parser.names import (
    SINCE_NAMES,
    UNTIL_NAMES,
    find_facet,
    find_text_field,
    name_key,
)
from indexer.search.parser.nodes import Atom, DateRange, Exact, FacetIn, Prefix, Word
from indexer.search.parser.normal_form import plain_operators, squeeze_phrase, squeeze_value, trim_word

# Printers' quotation marks, which open or close a phrase of their own kind.
_OPENING, _CLOSING = frozenset("“„‟〝"), frozenset("”〞")
_PIECE = re.compile(r'\s+|\||"|[^\s"|]+')
OperatorKind = Literal["AND", "OR", "NOT"]
_OPERATORS: dict[str, OperatorKind] = {"AND": "AND", "OR": "OR", "NOT": "NOT"}


@dataclass(frozen=True, slots=True)
class Operator:
    """What stands between atoms. `text` is the word that it is where it cannot be an operator; '' for a sign,
    which is left out then.
    """

    kind: OperatorKind
    text: str = ""


class Tokenizer:
    """Reads the items of a query once. `notes` say what was read otherwise than it was typed."""

    def __init__(self, raw: str) -> None:
        """Raises AnalysisError, while its items are read, where `raw` holds a lone surrogate."""
        self.notes: dict[str, None] = {}
        self._raw = raw
        self._text = plain_operators(raw)
        self._pieces = [(match.group(), match.start()) for match in _PIECE.finditer(self._text)]
        self._next = 0

    def items(self) -> Iterator[Atom | Operator]:
        """The atoms and operators, in order."""
        while self._next < len(self._pieces):
            piece, _ = self._pieces[self._next]
            self._next += 1
            if piece.isspace():
                continue
            if piece == "|":
                yield Operator("OR")
            elif piece == '"':
                opening = self._next - 1
                closing = self._find_closing(opening)
                if closing is None:
                    self._note("짝이 없는 따옴표는 빼고 읽었습니다.")
                else:
                    yield from self._quoted("", opening, closing)
            elif piece in _OPERATORS:
                yield Operator(_OPERATORS[piece], piece)
            else:
                yield from self._signed(piece)

    def _note(self, text: str) -> None:
        self.notes[text] = None

    def _signed(self, piece: str) -> Iterator[Atom | Operator]:
        """What stands between spaces and quotation marks, with the minus signs before it."""
        unsigned = piece.lstrip("-")
        if unsigned != piece and (unsigned or self._quote_follows()):
            yield Operator("NOT")
        if not unsigned:
            return
        name, colon, rest = unsigned.partition(":")
        if colon and not rest and self._quote_follows() and (find_text_field(name) or find_facet(name)):
            opening = self._next
            closing = self._find_closing(opening)
            if closing is not None:
                yield from self._quoted(name, opening, closing)
                return
        yield from self._unquoted(unsigned)

    def _quote_follows(self) -> bool:
        return self._next < len(self._pieces) and self._pieces[self._next][0] == '"'

    def _find_closing(self, opening: int) -> int | None:
        """The piece that closes the phrase which piece `opening` opens. A pasted text may hold phrases of its
        own: those in other marks are text, those in the same are passed over.
        """
        quotes = [index for index in range(opening + 1, len(self._pieces)) if self._pieces[index][0] == '"']
        is_printed = self._raw[self._pieces[opening][1]] in _OPENING
        depth = 1
        for index in quotes:
            start = self._pieces[index][1]
            mark = self._raw[start]
            if is_printed != (mark in _OPENING | _CLOSING):
                continue
            opens = mark in _OPENING if is_printed else self._is_before_phrase(start)
            depth += 1 if opens else -1
            if not depth:
                return index
        return quotes[0] if quotes else None

    def _is_before_phrase(self, start: int) -> bool:
        """Whether a plain quotation mark stands where a phrase begins: behind a space, before none."""
        return self._raw[start - 1].isspace() and bool(self._raw[start + 1 : start + 2].strip())

    def _quoted(self, name: str, opening: int, closing: int) -> Iterator[Atom]:
        """What pieces `opening` and `closing` enclose, behind the name of a text field or facet, or ''."""
        text = self._text[self._pieces[opening][1] + 1 : self._pieces[closing][1]]
        self._next = closing + 1
        if facet := find_facet(name):
            if value := squeeze_value(text):
                yield FacetIn(facet, value)
        elif normal := squeeze_phrase(text):
            yield Exact(text, normal, find_text_field(name))

    def _unquoted(self, piece: str) -> Iterator[Atom]:
        name, colon, rest = piece.partition(":")
        if colon and rest:
            if facet := find_facet(name):
                if value := squeeze_value(rest):
                    yield FacetIn(facet, value)
                return
            if _is_bound(name):
                if days := read_days(rest):
                    is_first = name_key(name) in SINCE_NAMES
                    yield DateRange(days[0], None) if is_first else DateRange(None, days[1])
                    return
                self._note(f"‘{piece}’의 날짜를 알 수 없어 글로 읽었습니다. {name}:2023-04-25처럼 적습니다.")
            if field := find_text_field(name):
                yield from self._word(rest, field)
                return
        elif dates := read_range(piece):
            yield dates
            return
        yield from self._word(piece, "")

    def _word(self, piece: str, field: str) -> Iterator[Atom]:
        """A word of a text field, or of any where `field` is ''."""
        bare = piece.rstrip("*")
        normal = trim_word(bare)
        if not normal:
            return
        if not field and normal != piece and _has_meaning(normal):
            # What is left without the signs around it is more than a word: (제목:창원)
            yield from self._unquoted(normal)
            return
        if bare != piece:
            chars, breaks = letters_and_digits(normal)
            if not breaks and len(chars) >= 2:
                yield Prefix(bare, normal, field)
                return
            self._note("*는 두 글자 이상의 낱말 뒤에서만 씁니다.")
        yield Word(bare, normal, field)


def _is_bound(name: str) -> bool:
    """Whether a name is that of the first or last day."""
    return name_key(name) in SINCE_NAMES | UNTIL_NAMES


def _has_meaning(normal: str) -> bool:
    """Whether it is a range of dates, or begins with a name and a colon."""
    name, colon, _ = normal.partition(":")
    is_named = bool(find_text_field(name) or find_facet(name) or _is_bound(name))
    return (bool(colon) and is_named) or read_range(normal) is not None
