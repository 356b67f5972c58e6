"""One word of a query -> the ways to find it.

A word is found by its morphemes, next to each other and in order, or as a run of syllables whatever the
spaces. A word has no context where it stands in a query; what the tagger makes of it is checked against what
else it may be, and against the index: 하자 is the noun where releases have it, 지은 is a form of 짓다, 탐방로
is no 탐방.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, product

from indexer.analysis import Analyzer, Token, WordReading, day_of, letters_and_digits
from indexer.engine import And, Borders, NgramPhrase, Node, Or, Phrase, Term, exact_text
from indexer.search.term_weights import LONG_WORD
from indexer.text.normalize import NormalizedText, normalize

# A compound whose parts have several readings multiplies; past this the rest is left out.
_MAX_READINGS = 8
# The least share of the releases with a word as typed that have it as a noun, for it to be meant as one
# where the tagger takes it for something else; and for it not to be a form of a verb where the tagger takes
# it for a noun. Measured on korea.kr: docs/analysis.md.
_NOUN_SHARE, _ONLY_NOUN_SHARE = 0.1, 0.4
# The least number of releases with a word as typed that tell.
_ENOUGH = 30
# Taggers cut long compounds wrongly: 인재개발 in 지방공무원인재개발원.
_NO_ACCIDENT = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which a word may be found. `by` is what `Matched.by` says of it."""

    node: Node
    by: str


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word: the ways to find it, the likeliest first, and the morphemes that it is worth."""

    readings: tuple[Reading, ...]
    tokens: tuple[Token, ...]


class WordReader:
    """Reads words with an analyzer; `count` says how many releases of the index a node matches."""

    def __init__(self, analyzer: Analyzer, count: Callable[[Node], int]) -> None:
        self._analyzer = analyzer
        self._count = count

    def read(
        self,
        word: str,
        tokens: Sequence[Token],
        field: str,
        offset: int = 0,
        *,
        has_neighbours: bool = False,
    ) -> ReadWord:
        """Read a word that stands at `offset` in what was analysed, where it has these `tokens`, and perhaps
        neighbours that helped to read it.
        """
        typed = normalize(word)
        normal = typed.text
        syllables, breaks = letters_and_digits(normal)
        if len(syllables) == 1 and syllables == normal and not syllables.isascii():
            return self._read_syllable(syllables, tokens, field, alone=not has_neighbours)
        if any(token.rule.startswith("user") for token in tokens):
            # A word of the dictionary is what a person says it is.
            return _read(tokens, syllables, field, "both")
        alone = self._analyzer.read_word(normal)
        borders = _borders_of(alone, syllables)
        if not (tokens or alone.is_content or alone.noun_terms or alone.predicates):
            borders = "none"  # particles and endings, wherever they stand
        whole = _tokens_of(alone, typed, offset)
        also: list[Node] = []
        if whole and _is_whole(tokens, whole):
            if alone.evident_predicates and not self._is_noun(normal, whole, _ONLY_NOUN_SHARE):
                also = _forms_of(alone.evident_predicates, alone, field)
            if alone.may_hold_particle and not self._is_noun(normal, whole, _NOUN_SHARE):
                borders = "form"  # 등의: hardly a noun
            if alone.verbal_noun and not self._is_noun(normal, whole, _ONLY_NOUN_SHARE):
                also.append(Term(alone.verbal_noun, field))
        elif whole and self._is_noun(normal, whole, _NOUN_SHARE):
            tokens = whole
        elif whole and alone.is_form and self._count(NgramPhrase(normal, borders="form")) < _ENOUGH:
            # So few do not tell. A verb of one syllable has forms that look like everything: 하자, 보고, 가야
            # are the words as typed only.
            tokens = whole
            if any(len(stem) > len("하다") for stem in alone.predicates):
                also = _forms_of(alone.predicates, alone, field)
        elif whole and alone.verbal_noun:
            tokens, borders, also = (), "form", [Term(alone.verbal_noun, field)]
        elif alone.has_suffix and alone.predicates:
            tokens, borders, also = (), "form", _forms_of(alone.predicates, alone, field)
        elif alone.has_suffix and normal == syllables:
            return self._read_suffixed(normal, alone, tokens, field)
        if alone.particle_chars and tokens is not whole:
            tokens = self._without_particle(typed, tokens, alone.particle_chars, offset)
            if alone.compound_nouns:
                also.append(Phrase(alone.compound_nouns, field))
            if len(normal) == alone.particle_chars + 1:
                also += _forms_of(alone.predicates, alone, field)  # 물은: 물, 묻다
        return _read(_if_begun(word, tokens, offset), "" if breaks else syllables, field, borders, also)

    def _without_particle(
        self, typed: NormalizedText, tokens: Sequence[Token], particle: int, offset: int
    ) -> Sequence[Token]:
        """The tokens of a word before its particle, which taggers may read as something else there."""
        length = len(typed.text) - particle
        _, end = _typed_span(typed, 0, length)
        if all(token.end <= offset + end for token in tokens):
            return tokens
        return [_place(token, typed, offset) for token in self._analyzer.tokens(typed.text[:length])]

    def _read_syllable(self, syllable: str, tokens: Sequence[Token], field: str, *, alone: bool) -> ReadWord:
        """A single syllable is a word of its own, or a part of a compound; never a letter."""
        own = self._analyzer.read_word(syllable)
        if (own.noun_terms and alone and self._count(Term(syllable))) or not tokens:
            tokens = [token for token in tokens if token.term == syllable]
        nodes: dict[Node, None] = {_morpheme_node(tokens, field): None} if tokens else {}
        nodes[Term(syllable, field)] = None
        if not own.is_content and not self._count(Term(syllable)):
            # A particle where there is no such word.
            nodes[exact_text(syllable, field)] = None
        by = "stem" if tokens and all(token.rule == "stem" for token in tokens) else "morpheme"
        return ReadWord((Reading(any_of(list(nodes)), by),), tuple(tokens))

    @staticmethod
    def _read_suffixed(normal: str, alone: WordReading, tokens: Sequence[Token], field: str) -> ReadWord:
        """The last syllable belongs to the word, and is no term: all of its letters have to be there."""
        core, breaks = letters_and_digits(normal[: len(normal) - alone.particle_chars])
        run = NgramPhrase(core, field, "form" if len(core) < _NO_ACCIDENT else "either")
        readings = [Reading(exact_text(core, field) if breaks else run, "run")]
        if alone.compound_nouns:
            readings.append(Reading(Phrase(alone.compound_nouns, field), "morpheme"))
        return ReadWord(tuple(readings), tuple(tokens))

    def _is_noun(self, normal: str, whole: Sequence[Token], share: float) -> bool:
        """Whether so large a share of the releases that have a word as typed have it as a noun."""
        nouns = self._count(Term(whole[0].term))
        return nouns > 0 and nouns >= share * self._count(NgramPhrase(normal, borders="form"))


def with_spaces(word: str, tokens: Sequence[Token]) -> list[str]:
    """What a long word is if it was typed without its spaces: its morphemes apart, where they spell it."""
    pieces = list(dict.fromkeys((token.start, token.end) for token in _outermost(tokens)))
    spelled = [word[start:end] for start, end in pieces]
    several = len(word) >= LONG_WORD and len(pieces) > 1 and "".join(spelled) == word
    return [" ".join(spelled)] if several else []


def morphemes_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The morphemes of a query in order, without compounds that have parts."""
    return tuple(token.term for token in _finest(tokens))


def any_of(nodes: Sequence[Node]) -> Node:
    """Any of these."""
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def all_of(nodes: Sequence[Node]) -> Node:
    """All of these."""
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _read(
    tokens: Sequence[Token], syllables: str, field: str, borders: Borders, forms: Sequence[Node] = ()
) -> ReadWord:
    readings = []
    if tokens:
        by = "stem" if all(token.rule == "stem" for token in tokens) else "morpheme"
        readings.append(Reading(_morpheme_node(tokens, field), by))
    if len(syllables) > 1:
        readings.append(Reading(NgramPhrase(syllables, field, borders), "run"))
    readings += [Reading(form, "stem") for form in forms]
    stems = [form.text for form in forms if isinstance(form, Term)]
    place = tokens[0] if tokens else Token("", 0, 0, 0, "", "")
    also = [replace(place, term=stem, rule="stem") for stem in stems]
    return ReadWord(tuple(readings) or (Reading(Or(()), "run"),), (*tokens, *also))


def _borders_of(alone: WordReading, syllables: str) -> Borders:
    """Where a word has to have borders: a form or a word with a particle goes on in its endings; what is not
    known may be a piece of something else that is not; and so many syllables do not meet by accident.
    """
    if alone.is_form or alone.particle_chars:
        return "form"
    return "both" if alone.is_known and len(syllables) < _NO_ACCIDENT else "either"


def _forms_of(stems: Sequence[str], alone: WordReading, field: str) -> list[Node]:
    """The forms of the verbs that a word may be one of."""
    beginnings = [NgramPhrase(begun, field, "begin") for begun in alone.misread_beginnings]
    return [*(Term(stem, field) for stem in stems), *beginnings]


def _tokens_of(alone: WordReading, typed: NormalizedText, offset: int) -> list[Token]:
    """The tokens of the whole as a noun."""
    own = [Token(one.term, one.start, one.end, one.position, one.tag, one.rule) for one in alone.noun_terms]
    return [_place(token, typed, offset) for token in own]


def _place(token: Token, typed: NormalizedText, offset: int) -> Token:
    """A token of a word in normal form at its place in what was typed, where the word stands at `offset`."""
    start, end = _typed_span(typed, token.start, token.end)
    return replace(token, start=start + offset, end=end + offset)


def _typed_span(typed: NormalizedText, start: int, end: int) -> tuple[int, int]:
    if typed.starts is None or typed.ends is None:
        return start, end
    return int(typed.starts[start]), int(typed.ends[end - 1])


def _is_whole(tokens: Sequence[Token], whole: Sequence[Token]) -> bool:
    """Whether a word was read as the whole noun: by its term, or by the same parts."""
    terms = {token.term for token in tokens}
    return whole[0].term in terms or {token.term for token in _finest(whole)} == terms


def _if_begun(word: str, tokens: Sequence[Token], offset: int) -> Sequence[Token]:
    """The morphemes of a word that stands at `offset`, if its first syllable is in one of them. 하노바, of
    which the analyzer knows 노바 only, is not 노바, nor is 신기술 기술: such a word is found as a run, where
    it is one.
    """
    first = next((place for place, char in enumerate(word) if char.isalnum()), 0)
    begun = bool(tokens) and min(token.start for token in tokens) <= offset + first
    return tokens if begun or letters_and_digits(normalize(word).text)[1] else ()


def _finest(tokens: Sequence[Token]) -> list[Token]:
    """Without those that have parts of their own."""
    # Each comes behind all that may be its parts, whose first end tells.
    whole, first_end = set(), sys.maxsize
    for start, end in sorted({(token.start, token.end) for token in tokens}, key=lambda at: (-at[0], at[1])):
        if first_end <= end:
            whole.add((start, end))
        first_end = min(first_end, end)
    return [token for token in tokens if (token.start, token.end) not in whole]


def _outermost(tokens: Sequence[Token]) -> list[Token]:
    """Without those that are parts of others."""
    parts, last_end = set(), -1
    for start, end in sorted({(token.start, token.end) for token in tokens}, key=lambda at: (at[0], -at[1])):
        if end <= last_end:
            parts.add((start, end))
        last_end = max(last_end, end)
    return [token for token in tokens if (token.start, token.end) not in parts]


def _morpheme_node(tokens: Sequence[Token], field: str) -> Node:
    days = [token for token in tokens if token.rule == "number"]
    numbers = {day: tuple(token.term for token in tokens if _contains(day, token)) for day in days}
    tokens = [token for token in tokens if not any(_contains(day, token) for day in days)]
    readings = [
        list(dict.fromkeys(terms for token in same for terms in _spellings(token, numbers.get(token, ()))))
        for _, same in groupby(_finest(tokens), key=lambda token: token.position)
    ]
    # What stands behind the last term of a word does not matter.
    readings[-1] = [terms for terms in readings[-1] if len(terms) == 1]
    nodes: list[Node] = []
    for chosen in islice(product(*readings), _MAX_READINGS):
        terms = tuple(term for terms in chosen for term in terms)
        nodes.append(Term(terms[0], field) if len(terms) == 1 else Phrase(terms, field))
    # A word that is one compound of the dictionary: its parts, or itself.
    nodes += [
        Term(token.term, field)
        for token in tokens
        if len(tokens) > 1 and all(_contains(token, other) for other in tokens if other is not token)
    ]
    return any_of(nodes)


def _spellings(token: Token, numbers: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The terms of a token in a text, one behind the other: a day may have its numbers behind it, as they are
    written there.
    """
    if token.rule != "number":
        return [(token.term,)]
    numbers = numbers or tuple(day_of(token.term).split("."))
    return [(token.term,), (token.term, *numbers)] if len(numbers) > 1 else [(token.term,)]


def _contains(outer: Token, inner: Token) -> bool:
    """Whether `inner` is a proper part of `outer`."""
    return (
        outer.start <= inner.start
        and inner.end <= outer.end
        and (outer.end - outer.start) > (inner.end - inner.start)
    )
