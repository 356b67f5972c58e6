"""One word of a query -> the ways to find it.

A word is found by its morphemes, adjacent and in order, or as a run of letters whatever the spaces. A word of
a query has little context. So its tokens are compared with what the word may be by itself
(`analysis.isolated_word`) and with the index: 하자 is the noun if releases have it, 지은 is a form of 짓다,
탐방로 is not 탐방.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, product

from indexer.analysis import Analyzer, Token, WordReading, day_of, letters_and_digits
from indexer.engine import And, Borders, NgramPhrase, Node, Or, Phrase, Term, exact_text
from indexer.search.nested_tokens import contains, finest, outermost
from indexer.search.response import MatchKind
from indexer.search.term_weights import LONG_WORD
from indexer.text.normalize import NormalizedText, normalize

# The terms of a compound whose parts have several spellings multiply. A choice: no more of them are looked
# for than this.
_MAX_SPELLINGS = 8
# A word that the tagger takes for something else is a noun if at least this share of the releases with the
# word as typed have it as a noun. Measured on korea.kr: docs/analysis.md.
_NOUN_SHARE = 0.1
# A word that the tagger takes for a noun is not a form of a verb too if at least this share have the noun.
# Measured likewise.
_ONLY_NOUN_SHARE = 0.4
# A choice: fewer releases with a word as typed do not tell what it is.
_MIN_RELEASES = 30
# A choice: so many letters do not meet by accident, so that they may begin or end inside a word. Taggers cut
# long compounds wrongly: 인재개발 in 지방공무원인재개발원.
_DISTINCTIVE_CHARS = 4


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One way to find a word: the releases that `node` matches. `match_kind` is shown with each hit."""

    node: Node
    match_kind: MatchKind


@dataclass(frozen=True, slots=True)
class InterpretedWord:
    """The ways to find a word, the likeliest first, and the morphemes that score for it."""

    interpretations: tuple[Interpretation, ...]
    tokens: tuple[Token, ...]

    @property
    def node(self) -> Node:
        """Releases with the word in any of its interpretations."""
        return any_of([interpretation.node for interpretation in self.interpretations])


class WordInterpreter:
    """Interprets words. `count` says how many releases of the index a node matches."""

    def __init__(self, analyzer: Analyzer, count: Callable[[Node], int]) -> None:
        self._analyzer = analyzer
        self._count = count

    def interpret(
        self, word: str, tokens: Sequence[Token], field: str, start: int = 0, *, has_neighbours: bool = False
    ) -> InterpretedWord:
        """Find out what a word may mean in a text field, or in any of them if `field` is ''.

        The word begins at character `start` of the text that was analysed; `tokens` are those inside of it.
        `has_neighbours`: that text has other words, which helped the tagger to read this one.
        """
        typed = normalize(word)
        normal = typed.text
        letters, breaks = letters_and_digits(normal)
        if len(letters) == 1 and letters == normal and not letters.isascii():
            return self._interpret_syllable(letters, tokens, field, is_alone=not has_neighbours)
        if any(token.rule.startswith("user") for token in tokens):
            # A word of the user dictionary means what a person has written there.
            return _make_word(tokens, letters, field, "both")
        reading = self._analyzer.read_word(normal)
        borders = _borders_of(reading, letters)
        if not (tokens or reading.is_content or reading.noun_terms or reading.predicates):
            borders = "none"  # particles and endings, wherever they stand
        noun = _noun_tokens(reading, typed, start)
        forms: list[Node] = []
        if noun and _is_same_noun(tokens, noun):
            forms = self._forms_beside_noun(normal, noun, reading, field)
            if reading.may_hold_particle and not self._is_noun(normal, noun, _NOUN_SHARE):
                borders = "form"  # 등의: hardly a noun
        elif noun and self._is_noun(normal, noun, _NOUN_SHARE):
            tokens = noun
        elif noun and reading.is_form and self._count(NgramPhrase(normal, borders="form")) < _MIN_RELEASES:
            # Forms of a verb of one syllable look like many other words: 하자, 보고 and 가야 mean only what
            # was typed.
            tokens = noun
            if any(len(stem) > len("하다") for stem in reading.predicates):
                forms = _form_nodes(reading.predicates, reading, field)
        elif noun and reading.verbal_noun:
            tokens, borders, forms = (), "form", [Term(reading.verbal_noun, field)]
        elif reading.has_suffix and reading.predicates:
            tokens, borders, forms = (), "form", _form_nodes(reading.predicates, reading, field)
        elif reading.has_suffix and normal == letters:
            return _interpret_suffixed(normal, reading, tokens, field)
        if reading.particle_chars and tokens is not noun:
            tokens = self._without_particle(typed, tokens, reading.particle_chars, start)
            if reading.compound_nouns:
                forms.append(Phrase(reading.compound_nouns, field))
            if len(normal) == reading.particle_chars + 1:
                forms += _form_nodes(reading.predicates, reading, field)  # 물은: 물, 묻다
        return _make_word(_if_begun(word, tokens, start), "" if breaks else letters, field, borders, forms)

    def _forms_beside_noun(
        self, normal: str, noun: Sequence[Token], reading: WordReading, field: str
    ) -> list[Node]:
        """What a word may mean as a form of a verb, where the tagger takes it for a noun."""
        if not (reading.evident_predicates or reading.verbal_noun):
            return []
        if self._is_noun(normal, noun, _ONLY_NOUN_SHARE):
            return []
        forms = _form_nodes(reading.evident_predicates, reading, field) if reading.evident_predicates else []
        return [*forms, Term(reading.verbal_noun, field)] if reading.verbal_noun else forms

    def _without_particle(
        self, typed: NormalizedText, tokens: Sequence[Token], particle_chars: int, start: int
    ) -> Sequence[Token]:
        """The tokens of a word before its particle. The tagger may read the word otherwise beside its
        neighbours: then it is read again, without the particle.
        """
        length = len(typed.text) - particle_chars
        _, end = _typed_span(typed, 0, length)
        if all(token.end <= start + end for token in tokens):
            return tokens
        return [_shift(token, typed, start) for token in self._analyzer.tokens(typed.text[:length])]

    def _interpret_syllable(
        self, syllable: str, tokens: Sequence[Token], field: str, *, is_alone: bool
    ) -> InterpretedWord:
        """A single syllable is a word by itself or a part of a compound, never just a letter."""
        reading = self._analyzer.read_word(syllable)
        if (reading.noun_terms and is_alone and self._count(Term(syllable))) or not tokens:
            tokens = [token for token in tokens if token.term == syllable]
        nodes: dict[Node, None] = {_morpheme_node(tokens, field): None} if tokens else {}
        nodes[Term(syllable, field)] = None
        if not reading.is_content and not self._count(Term(syllable)):
            # A particle that is nowhere a word.
            nodes[exact_text(syllable, field)] = None
        interpretation = Interpretation(any_of(list(nodes)), _match_kind(tokens))
        return InterpretedWord((interpretation,), tuple(tokens))

    def _is_noun(self, normal: str, noun: Sequence[Token], min_share: float) -> bool:
        """Whether at least this share of the releases with a word as typed have it as a noun."""
        releases = self._count(Term(noun[0].term))
        return releases > 0 and releases >= min_share * self._count(NgramPhrase(normal, borders="form"))


def with_spaces(word: str, tokens: Sequence[Token]) -> list[str]:
    """A long word with spaces between its outermost morphemes, as the only item. Nothing if it is shorter
    than LONG_WORD characters, is one morpheme, or has characters in none.
    """
    spans = list(dict.fromkeys((token.start, token.end) for token in outermost(tokens)))
    parts = [word[start:end] for start, end in spans]
    is_joined = len(word) >= LONG_WORD and len(parts) > 1 and "".join(parts) == word
    return [" ".join(parts)] if is_joined else []


def morphemes_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The morphemes of a query in order: the parts of a compound instead of the compound."""
    return tuple(token.term for token in finest(tokens))


def any_of(nodes: Sequence[Node]) -> Node:
    """Releases that at least one of `nodes` matches."""
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def all_of(nodes: Sequence[Node]) -> Node:
    """Releases that all of `nodes` match."""
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _make_word(
    tokens: Sequence[Token], letters: str, field: str, borders: Borders, forms: Sequence[Node] = ()
) -> InterpretedWord:
    """A word that is found by its morphemes, as a run of its letters, and by the forms that it may be."""
    interpretations = []
    if tokens:
        interpretations.append(Interpretation(_morpheme_node(tokens, field), _match_kind(tokens)))
    if len(letters) > 1:
        interpretations.append(Interpretation(NgramPhrase(letters, field, borders), "run"))
    interpretations += [Interpretation(form, "stem") for form in forms]
    # Stems score too, as if they stood where the word does.
    span = tokens[0] if tokens else Token("", 0, 0, 0, "", "")
    stems = [replace(span, term=form.text, rule="stem") for form in forms if isinstance(form, Term)]
    return InterpretedWord(tuple(interpretations) or (Interpretation(Or(()), "run"),), (*tokens, *stems))


def _interpret_suffixed(
    normal: str, reading: WordReading, tokens: Sequence[Token], field: str
) -> InterpretedWord:
    """A word whose last syllable is a suffix and so not a term: it is found by all of its letters."""
    letters, breaks = letters_and_digits(normal[: len(normal) - reading.particle_chars])
    run = NgramPhrase(letters, field, "form" if len(letters) < _DISTINCTIVE_CHARS else "either")
    interpretations = [Interpretation(exact_text(letters, field) if breaks else run, "run")]
    if reading.compound_nouns:
        interpretations.append(Interpretation(Phrase(reading.compound_nouns, field), "morpheme"))
    return InterpretedWord(tuple(interpretations), tuple(tokens))


def _match_kind(tokens: Sequence[Token]) -> MatchKind:
    return "stem" if tokens and all(token.rule == "stem" for token in tokens) else "morpheme"


def _borders_of(reading: WordReading, letters: str) -> Borders:
    """Which borders a run of letters needs. A form of a verb, or a word with a particle, may be followed by
    more endings. An unknown word may be a piece of another one.
    """
    if reading.is_form or reading.particle_chars:
        return "form"
    return "both" if reading.is_known and len(letters) < _DISTINCTIVE_CHARS else "either"


def _form_nodes(stems: Sequence[str], reading: WordReading, field: str) -> list[Node]:
    """Releases with any form of these verbs, also where taggers misread its beginning."""
    beginnings = [NgramPhrase(begun, field, "begin") for begun in reading.misread_beginnings]
    return [*(Term(stem, field) for stem in stems), *beginnings]


def _noun_tokens(reading: WordReading, typed: NormalizedText, start: int) -> list[Token]:
    """The tokens of the whole word as a noun; none if the dictionary has no such noun."""
    return [
        _shift(Token(term.term, term.start, term.end, term.position, term.tag, term.rule), typed, start)
        for term in reading.noun_terms
    ]


def _shift(token: Token, typed: NormalizedText, start: int) -> Token:
    """A token of the normal form of a word, with its span in the text where the word begins at `start`."""
    first, end = _typed_span(typed, token.start, token.end)
    return replace(token, start=first + start, end=end + start)


def _typed_span(typed: NormalizedText, start: int, end: int) -> tuple[int, int]:
    """Where characters of the normal form stand in what was typed."""
    if typed.starts is None or typed.ends is None:
        return start, end
    return int(typed.starts[start]), int(typed.ends[end - 1])


def _is_same_noun(tokens: Sequence[Token], noun: Sequence[Token]) -> bool:
    """Whether the tokens have the term of the whole noun, or exactly its parts."""
    terms = {token.term for token in tokens}
    return noun[0].term in terms or {token.term for token in finest(noun)} == terms


def _if_begun(word: str, tokens: Sequence[Token], start: int) -> Sequence[Token]:
    """The tokens, if the first letter of the word is in one of them or the word has a break; else none.

    If the analyzer knows only 노바 of 하노바, the word is not 노바; nor is 신기술 기술. Such a word is found
    as a run of letters.
    """
    first = next((index for index, char in enumerate(word) if char.isalnum()), 0)
    is_begun = bool(tokens) and min(token.start for token in tokens) <= start + first
    return tokens if is_begun or letters_and_digits(normalize(word).text)[1] else ()


def _morpheme_node(tokens: Sequence[Token], field: str) -> Node:
    """Releases with the finest of these morphemes in a row, in any of their spellings, or with the compound
    that they are the parts of.
    """
    days = [token for token in tokens if token.rule == "number"]
    numbers = {day: tuple(token.term for token in tokens if contains(day, token)) for day in days}
    tokens = [token for token in tokens if not any(contains(day, token) for day in days)]
    spellings = [
        list(dict.fromkeys(terms for token in same for terms in _spellings(token, numbers.get(token, ()))))
        for _, same in groupby(finest(tokens), key=lambda token: token.position)
    ]
    # It does not matter what follows the last term of a word.
    spellings[-1] = [terms for terms in spellings[-1] if len(terms) == 1]
    nodes: list[Node] = []
    for chosen in islice(product(*spellings), _MAX_SPELLINGS):
        terms = tuple(term for several in chosen for term in several)
        nodes.append(Term(terms[0], field) if len(terms) == 1 else Phrase(terms, field))
    nodes += [
        Term(token.term, field)
        for token in tokens
        if len(tokens) > 1 and all(contains(token, other) for other in tokens if other is not token)
    ]
    return any_of(nodes)


def _spellings(token: Token, numbers: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The terms that a token may be in a text, in a row. A day may be followed by the numbers that it was
    written with.
    """
    if token.rule != "number":
        return [(token.term,)]
    numbers = numbers or tuple(day_of(token.term).split("."))
    return [(token.term,), (token.term, *numbers)] if len(numbers) > 1 else [(token.term,)]
