"""The nodes of a query. Each matches a set of releases, which `meaning` defines in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from indexer.analysis import letters_and_digits


@dataclass(frozen=True, slots=True)
class Term:
    """Releases with this morpheme; if `field` is not '', only in that text field."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Releases with these morphemes at neighbouring positions of one text field, in order."""

    terms: tuple[str, ...]
    field: str = ""


# Where words have to begin and end around a phrase of characters:
# - both: a word begins with the first and ends with the last (부산 in 부산 시청)
# - form: a word begins with the first; any morpheme ends with the last, a particle or ending too (다르다)
# - begin: a word begins with the first (출장을마 in 출장을 마쳤다)
# - either: a word begins with the first or ends with the last
# - none: wherever the characters stand
Borders = Literal["both", "form", "begin", "either", "none"]


@dataclass(frozen=True, slots=True)
class NgramPhrase:
    """Releases with these letters and digits in a row, whatever the spaces: 시내버스 in 시내 버스.

    `chars` is in normal form. It has at least two characters, or one where `borders` is "none". Unless
    `borders` is "none", a phrase does not match
    - right behind a negating prefix (급여 in 비급여),
    - across a break: the end of a sentence, or what stands between two numbers,
    - where it would cut a number or a Latin word (12 in 2012).
    Particles and endings end the word before them; no word begins with them. A phrase across a space has to
    begin and end with whole words (부산 does not match 환경부 산하).

    `breaks` is for `borders` "none": indexes of the characters that have to be followed by a break. Only
    breaks between two digits count: 3.5 is not 35.
    """

    chars: str
    field: str = ""
    borders: Borders = "both"
    breaks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Prefix:
    """Releases with a morpheme that begins with `text`, or with its characters in a row where a word begins.

    `text` is in normal form and has at least two characters.
    """

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Ids:
    """The releases with these ids."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FacetIn:
    """Releases with one of these values of a facet (`schema.FACETS`)."""

    facet: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DateRange:
    """Releases published from `start` (inclusive) until `before` (exclusive), both aware. None does not
    bound. Releases without a date match only if both are None.
    """

    start: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class And:
    """Releases that all of `nodes` match; without nodes, every release."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Releases that at least one of `nodes` matches; without nodes, no release."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Releases that `node` does not match."""

    node: Node


TextNode = Term | Phrase | NgramPhrase | Prefix
Node = TextNode | Ids | FacetIn | DateRange | And | Or | Not


def exact_text(normal: str, field: str = "") -> NgramPhrase:
    """The phrase of all letters and digits of a text in normal form, wherever it stands."""
    chars, breaks = letters_and_digits(normal)
    return NgramPhrase(chars, field, "none", breaks)
