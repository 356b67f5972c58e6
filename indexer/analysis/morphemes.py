"""Which terms a morpheme gives.

Content morphemes are terms; particles, endings and punctuation are not. A compound gives itself and its
parts, an inflected form its stem. A predicate's term is its dictionary form (맺다), so that it does not
meet a noun of the same letters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

DEFAULT_TAG = "NNP"
CONTENT_TAGS = frozenset(
    "NNG NNP NNB NNBC NP NR NA SL SN SH XR VV VA MM MAG UNKNOWN".split()  # noqa: SIM905
)
NOUN_TAGS = frozenset(("NNG", "NNP", "XR", "SH"))
PREDICATE_TAGS = frozenset(("VV", "VA"))
# Prefixes that turn the meaning of the noun behind them round: 비급여 is not 급여.
TURNING_PREFIXES = frozenset("비 미 불 무 반 탈 부 몰".split())  # noqa: SIM905
PREFIX_TAG = "XPN"
# How the tags of particles, endings, the copula and suffixes begin. Right behind a word they are its end, and
# begin none: no 의사 in 사회의 사업. Nor does a noun end with one, but for the suffixes that make nouns: no
# 회의 in 사회의.
COPULA_TAG = "VCP"
ATTACHED_TAGS = ("J", "E", COPULA_TAG, "XS")
NOUN_SUFFIX_TAG = "XSN"


Rule = Literal["word", "compound", "part", "stem", "reading", "number", "prefix", "user", "user-part"]
RULES: tuple[Rule, ...] = get_args(Rule)


@dataclass(frozen=True, slots=True)
class Emission:
    """One term of a morpheme. `start` and `end` are offsets into its surface, end exclusive;
    `step` is its position relative to the morpheme's first, `rule` what made it.
    """

    term: str
    tag: str
    start: int
    end: int
    step: int
    rule: Rule


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A surface, without white space, with its dictionary entry. Its terms take `steps` positions."""

    surface: str
    tag: str
    emissions: tuple[Emission, ...]
    steps: int


def read_lexeme(line: str) -> Lexeme:
    """Read a line of mecab-ko-dic: surface, TAB, then tag, semantic class, final consonant, reading,
    type, first tag, last tag, expression.
    """
    written, _, features = line.partition("\t")
    # Some entries of the dictionary hold a space (인터내셔날 ), which the text has there as well.
    surface = written.replace(" ", "")
    tag, *rest = features.split(",")
    reading, kind, expression = (rest[2], rest[3], rest[6]) if len(rest) >= 7 else ("*", "*", "*")
    length = len(surface)
    if kind == "Inflect":
        return _inflected(surface, tag, _parts(expression))
    if tag not in CONTENT_TAGS:
        return Lexeme(surface, tag, (), 0)
    rule: Rule = "stem" if tag in PREDICATE_TAGS else "word"
    whole = Emission(_term(surface, tag), tag, 0, length, 0, rule)
    if kind in ("Compound", "Preanalysis"):
        parts = _compound_parts(surface, expression)
        if len(parts) > 1:
            return Lexeme(surface, tag, (replace(whole, rule="compound"), *parts), parts[-1].step + 1)
    if tag == "SH" or (reading not in ("*", surface) and not _is_hangul(surface)):
        return Lexeme(surface, tag, (whole, *_reading(whole, reading)), 1)
    return Lexeme(surface, tag, (whole,), 1)


def _inflected(surface: str, tag: str, parts: list[tuple[str, str]]) -> Lexeme:
    """The content parts of an inflected form, each over the whole of it."""
    stems = [(form, part) for form, part in parts if part in CONTENT_TAGS]
    steps = range(len(stems))
    if len(parts) == len(stems) == 1 and stems[0][1] in PREDICATE_TAGS and stems[0][0] != surface:
        # 들 as a form of 듣다, or 듣 of 들다: the dictionary takes one for the other too often to choose.
        stems.append((surface, stems[0][1]))
        steps = range(0, 1)
    emissions = tuple(
        Emission(_term(form, part), part, 0, len(surface), min(step, steps[-1]), "stem")
        for step, (form, part) in enumerate(stems)
    )
    return Lexeme(surface, tag, emissions, len(steps))


def _parts(expression: str) -> list[tuple[str, str]]:
    """Pairs of form and tag of an expression such as 연료/NNG/*+전지/NNG/*."""
    pairs = []
    for piece in expression.split("+"):
        form, _, tags = piece.partition("/")
        if form and tags:
            pairs.append((form, tags.split("/")[0]))
    return pairs


def _compound_parts(surface: str, expression: str) -> list[Emission]:
    """The content parts of a compound, each over its own characters where the parts spell the surface,
    else over the whole.
    """
    pairs = _parts(expression)
    spelled = "".join(form for form, _ in pairs) == surface
    made: list[Emission] = []
    start = 0
    for form, tag in pairs:
        if tag in CONTENT_TAGS:
            span = (start, start + len(form)) if spelled else (0, len(surface))
            made.append(Emission(_term(form, tag), tag, *span, len(made), "part"))
        start += len(form)
    return made


def _reading(whole: Emission, reading: str) -> tuple[Emission, ...]:
    """A hanja word is found by its Hangul reading as well."""
    if reading in ("*", "") or reading == whole.term:
        return ()
    return (replace(whole, term=reading, rule="reading"),)


def _term(form: str, tag: str) -> str:
    return form + "다" if tag in PREDICATE_TAGS else form


def _is_hangul(surface: str) -> bool:
    return all("가" <= char <= "힣" for char in surface)
