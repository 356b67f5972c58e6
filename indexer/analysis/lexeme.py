"""Which terms a morpheme gives.

Content morphemes are terms; particles, endings and punctuation are not. A compound gives itself and its
parts, an inflected form its stem. The term of a predicate is its dictionary form (맺다), so that it does not
match a noun of the same letters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from indexer.analysis.hanja import hangul_readings
from indexer.analysis.negating_prefixes import is_negated
from indexer.text.hangul import is_hangul_syllable
from indexer.text.tags import CONTENT_TAGS, PREDICATE_TAGS, Tag

# What made a term of the morpheme stream.
Rule = Literal["word", "compound", "part", "stem", "reading", "number", "prefix", "user", "user-part"]
RULES: tuple[Rule, ...] = get_args(Rule)


@dataclass(frozen=True, slots=True)
class Emission:
    """A term that a lexeme gives. `start` and `end` are character offsets into its surface, end exclusive.
    `position` counts from the lexeme's first position. `rule` says what made the term.
    """

    term: str
    tag: str
    start: int
    end: int
    position: int
    rule: Rule


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A surface, without white space, with its dictionary entry. `position_length` is how many positions its
    terms take, as in Lucene; 0 if it has none. A lexeme is `negated` if it is a compound that begins with a
    negating prefix of one syllable.
    """

    surface: str
    tag: str
    emissions: tuple[Emission, ...]
    position_length: int
    negated: bool = False


def read_lexeme(line: str) -> Lexeme:
    """Read a line of mecab-ko-dic: surface, TAB, then tag, semantic class, final consonant, reading, type,
    first tag, last tag, expression.
    """
    spelled, _, features = line.partition("\t")
    # Some entries of the dictionary hold a space (인터내셔날 ), which the text has there as well.
    surface = spelled.replace(" ", "")
    tag, *rest = features.split(",")
    reading, kind, expression = (rest[2], rest[3], rest[6]) if len(rest) >= 7 else ("*", "*", "*")
    if kind == "Inflect":
        return _read_inflected(surface, tag, parts_of(expression))
    if tag not in CONTENT_TAGS:
        return Lexeme(surface, tag, (), 0)
    whole = whole_emission(
        surface, tag, "stem" if tag in PREDICATE_TAGS else "word", term=_term_of(surface, tag)
    )
    if kind in ("Compound", "Preanalysis") and (compound := _read_compound(whole, surface, tag, expression)):
        return compound
    if tag == Tag.SH or (reading not in ("*", surface) and not all(map(is_hangul_syllable, surface))):
        # A hanja word is found by its Hangul readings as well.
        terms = (term for term in hangul_readings(reading) if term != whole.term)
        return Lexeme(
            surface, tag, (whole, *(replace(whole, term=term, rule="reading") for term in terms)), 1
        )
    return Lexeme(surface, tag, (whole,), 1)


def whole_emission(surface: str, tag: str, rule: Rule, *, term: str | None = None) -> Emission:
    """A term over the whole surface, at its first position: the surface itself, if no `term` is given."""
    return Emission(surface if term is None else term, tag, 0, len(surface), 0, rule)


def parts_of(expression: str) -> list[tuple[str, str]]:
    """Pairs of form and tag of an expression such as 연료/NNG/*+전지/NNG/*."""
    pairs = []
    for piece in expression.split("+"):
        form, _, tags = piece.partition("/")
        if form and tags:
            pairs.append((form, tags.split("/")[0]))
    return pairs


def _read_inflected(surface: str, tag: str, parts: list[tuple[str, str]]) -> Lexeme:
    """The content parts of an inflected form, each over the whole of it."""
    stems = [(form, part) for form, part in parts if part in CONTENT_TAGS]
    length = len(stems)
    if len(parts) == len(stems) == 1 and stems[0][1] in PREDICATE_TAGS and stems[0][0] != surface:
        # 들 as a form of 듣다, or 듣 of 들다: the dictionary confuses the two too often to choose one. Both
        # are terms of the same position.
        stems.append((surface, stems[0][1]))
    emissions = tuple(
        Emission(_term_of(form, part), part, 0, len(surface), min(position, length - 1), "stem")
        for position, (form, part) in enumerate(stems)
    )
    return Lexeme(surface, tag, emissions, length)


def _read_compound(whole: Emission, surface: str, tag: str, expression: str) -> Lexeme | None:
    """A compound and its parts. A negating prefix is one part with the noun behind it. None if there are no
    parts to speak of.
    """
    parts = _compound_parts(surface, expression)
    negated = len(parts) > 1 and parts[0].end == parts[1].start and is_negated(parts[0].term, parts[1].term)
    if negated:
        parts = _join_prefix(parts)
    if len(parts) > 1:
        emissions = (replace(whole, rule="compound"), *parts)
        return Lexeme(surface, tag, emissions, parts[-1].position + 1, negated)
    return Lexeme(surface, tag, (whole,), 1, negated) if negated else None


def _compound_parts(surface: str, expression: str) -> list[Emission]:
    """The content parts of a compound: each over its own characters if the parts spell the surface, else over
    the whole.
    """
    pairs = parts_of(expression)
    spelled = "".join(form for form, _ in pairs) == surface
    parts: list[Emission] = []
    start = 0
    for form, tag in pairs:
        if tag in CONTENT_TAGS:
            span = (start, start + len(form)) if spelled else (0, len(surface))
            parts.append(Emission(_term_of(form, tag), tag, *span, len(parts), "part"))
        start += len(form)
    return parts


def _join_prefix(parts: list[Emission]) -> list[Emission]:
    """The parts with the first two joined; none if these two are the whole compound."""
    prefix, noun, *others = parts
    joined = replace(prefix, term=prefix.term + noun.term, tag=noun.tag, end=noun.end)
    return [joined, *(replace(part, position=part.position - 1) for part in others)] if others else []


def _term_of(form: str, tag: str) -> str:
    return form + "다" if tag in PREDICATE_TAGS else form
