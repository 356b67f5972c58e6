"""What a word may be out of context, as in a query: a noun, a form of a verb, a noun with a particle.

A tagger relies on the neighbours of a word. A word that is typed alone has none: 하자 is then read as a
form of 하다, 지은 as a noun, 애도 as 애 with a particle, and 탐방로 as 탐방 with another. So the N best
paths of the tagger are looked at, and those that Hangul orthography does not allow are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.analysis.lexeme import Emission, parts_of, read_lexeme
from indexer.analysis.orthography import has_lost_final, may_follow, may_join, misread_beginnings
from indexer.analysis.taggers import Tagger
from indexer.text.hangul import has_final_consonant
from indexer.text.tags import (
    CONTENT_TAGS,
    NOUN_TAGS,
    OPAQUE_TAGS,
    PREDICATE_TAGS,
    Tag,
    is_attached,
    is_ending,
    is_noun_suffix,
    is_particle,
    is_sign,
    is_verbal_suffix,
)

# How many paths of the tagger are looked at. Measured with 2,500 words of korea.kr: 0.12 ms a word; four
# times as many paths take three times as long and change the reading of 8 % of the words.
_MAX_PATHS = 12
# Predicates are taken from this many paths, counted from the first that is a form of one. Later paths have
# endings that hardly exist.
_PREDICATE_PATHS = 3
# At the end of a text taggers take the particle 의 for a noun. So such a word is read with a noun behind it,
# unless it is so short that it is rather a noun itself: 회의, 협의.
_POSSESSIVE, _POSSESSED, _MIN_POSSESSIVE_CHARS = "의", "것", 3
# The semantic class of persons' names in mecab-ko-dic, and how many syllables a given name has.
_NAME_CLASS, _GIVEN_NAME_CHARS = "인명", 2
# Suffixes behind which a noun is still the same noun.
_NEUTRAL_SUFFIXES = frozenset(("들", "님", "씨", "네"))
# Endings that make no noun, unlike those of 보기 and 가지.
_VERBAL_ENDINGS = frozenset(("어", "아", "은", "을"))


@dataclass(frozen=True, slots=True)
class WordReading:
    """What a word may be by itself. "The first path" is the likeliest one of the tagger.

    - `noun_terms`: the terms of the whole word as a noun of the dictionary; () if it is none.
    - `predicates`: dictionary forms of the verbs and adjectives that it may be a form of.
      `evident_predicates`: those whose form looks like no noun. `misread_beginnings`: how forms of some of
      them begin that taggers take for forms of another predicate.
    - `particle_chars`: how many characters of a particle it ends with in the first path.
      `may_hold_particle`: whether it ends with one in any path.
    - `is_form`: whether the first path is a predicate with its endings.
    - `has_suffix`: whether what is before the particle ends with a syllable that is no word but makes another
      word: 적 in 경제적, 로 in 탐방로.
    - `is_content`: whether it cannot be a mere particle or ending.
    - `compound_nouns`: nouns that it is joined of in some path, none of a single syllable.
      `verbal_noun`: the noun that some path makes a verb of, '' if none does.
    - `is_known`: whether nothing in the first path may be a piece of a word that is in no dictionary.
    """

    noun_terms: tuple[Emission, ...] = ()
    predicates: tuple[str, ...] = ()
    evident_predicates: tuple[str, ...] = ()
    misread_beginnings: tuple[str, ...] = ()
    particle_chars: int = 0
    is_form: bool = False
    has_suffix: bool = False
    is_content: bool = True
    may_hold_particle: bool = False
    compound_nouns: tuple[str, ...] = ()
    verbal_noun: str = ""
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class _Morpheme:
    """A morpheme of a path: its line, surface, tag and semantic class; and its parts by form and tag, which
    is itself if it is not inflected.
    """

    line: str
    surface: str
    tag: str
    semantic_class: str
    parts: tuple[tuple[str, str], ...]


_Path = Sequence[_Morpheme]


def read_word(word: str, tagger: Tagger) -> WordReading:
    """Read a word in normal form."""
    possessive: list[str] = []
    if word.endswith(_POSSESSIVE) and len(word) >= _MIN_POSSESSIVE_CHARS:
        possessive = tagger.n_best(f"{word} {_POSSESSED}", 1)[0][:-1]
    paths = [tuple(map(_read_morpheme, lines)) for lines in tagger.n_best(word, _MAX_PATHS)]
    if not paths or not paths[0]:
        return WordReading(is_known=False)
    first = tuple(map(_read_morpheme, possessive)) or paths[0]
    noun = next((path[0] for path in paths if len(path) == 1 and _is_noun(path[0])), None)
    particle_chars = _particle_chars(first)
    predicates = _find_predicates(paths)
    return WordReading(
        noun_terms=read_lexeme(noun.line).emissions if noun else (),
        predicates=tuple(predicates),
        evident_predicates=tuple(form for form, stem in predicates.items() if stem.is_evident),
        misread_beginnings=tuple(
            beginning
            for form, stem in predicates.items()
            if stem.lost_final
            for beginning in misread_beginnings(form[:-1], stem.surface)
        ),
        particle_chars=particle_chars,
        is_form=_is_form(first),
        has_suffix=_has_suffix(first, particle_chars),
        is_content=any(morpheme.parts[0][1] in CONTENT_TAGS for morpheme in first)
        and not any(len(path) == 1 and _is_grammatical(path[0].tag) for path in paths),
        is_known=_is_known(noun, first),
        may_hold_particle=any(_particle_chars(path) for path in paths),
        compound_nouns=next(
            (tuple(morpheme.surface for morpheme in path) for path in paths if _is_compound(path)), ()
        ),
        verbal_noun=next((path[0].surface for path in paths if _is_verbal_noun(path)), ""),
    )


def _read_morpheme(line: str) -> _Morpheme:
    surface, _, features = line.partition("\t")
    tag, semantic_class, *rest = features.split(",")
    inflected = len(rest) >= 6 and rest[2] == "Inflect"
    parts = tuple(parts_of(rest[5])) if inflected else ((surface, tag),)
    return _Morpheme(line, surface, tag, semantic_class, parts)


def _is_grammatical(tag: str) -> bool:
    return is_particle(tag) or is_ending(tag)


def _is_noun(morpheme: _Morpheme) -> bool:
    return (morpheme.tag in NOUN_TAGS and morpheme.tag != Tag.SH) or morpheme.tag == Tag.MAG


def _is_compound(path: _Path) -> bool:
    """Whether a path is several nouns, none of which is a single syllable."""
    return len(path) > 1 and all(_is_noun(morpheme) and len(morpheme.surface) > 1 for morpheme in path)


def _is_verbal_noun(path: _Path) -> bool:
    """Whether a path is a noun with a verbal suffix and endings: 이용한."""
    return (
        len(path) > 1
        and _is_noun(path[0])
        and len(path[0].surface) > 1
        and is_verbal_suffix(path[1].tag)
        and all(is_ending(morpheme.tag) for morpheme in path[2:])
    )


def _is_form(path: _Path) -> bool:
    """Whether a path is a predicate with its endings."""
    parts = [part for morpheme in path for part in morpheme.parts]
    return parts[0][1] in PREDICATE_TAGS and all(is_ending(tag) for _, tag in parts[1:])


def _has_suffix(path: _Path, particle_chars: int) -> bool:
    nouns = [morpheme for morpheme in path if not is_particle(morpheme.tag)]
    if is_particle(path[-1].tag) and not particle_chars:  # orthography allows no particle there
        return bool(nouns)
    return len(nouns) > 1 and nouns[-1].tag == Tag.XSN and nouns[-1].surface not in _NEUTRAL_SUFFIXES


def _is_known(noun: _Morpheme | None, path: _Path) -> bool:
    """Whether no morpheme may be a piece of a word that is in no dictionary, as a single syllable may.
    Prefixes, and particles and the like behind others, are known; a given name may be a part of a whole one.
    """
    if noun is not None:
        return noun.semantic_class != _NAME_CLASS or len(noun.surface) != _GIVEN_NAME_CHARS
    if any(morpheme.tag in OPAQUE_TAGS for morpheme in path):
        return False
    tags = [morpheme.parts[0][1] for morpheme in path]
    if not any(tag in CONTENT_TAGS for tag in tags):
        return False
    return all(
        (len(morpheme.surface) > 1 or tag in PREDICATE_TAGS)
        if tag in CONTENT_TAGS
        else tag == Tag.XPN or (index > 0 and is_attached(tag))
        for index, (morpheme, tag) in enumerate(zip(path, tags, strict=True))
    )


def _particle_chars(path: _Path) -> int:
    """How many characters of particles a path has behind nouns; 0 if they cannot be particles there."""
    split = len(path)
    while split and is_particle(path[split - 1].tag):
        split -= 1
    nouns, particles = path[:split], path[split:]
    if not particles or not nouns or not all(_may_have_particle(morpheme.tag) for morpheme in nouns):
        return 0
    if not may_follow(nouns[-1].surface[-1], particles[0].surface):
        return 0
    return sum(len(particle.surface) for particle in particles)


def _may_have_particle(tag: str) -> bool:
    return tag in CONTENT_TAGS or is_noun_suffix(tag) or is_sign(tag)


@dataclass(frozen=True, slots=True)
class _Stem:
    """A stem as it is spelled; whether it lost a consonant there; and whether what is spelled looks like no
    noun.
    """

    surface: str
    lost_final: bool
    is_evident: bool


def _find_predicates(paths: Sequence[_Path]) -> dict[str, _Stem]:
    """The stems of all paths that are forms of predicates, by dictionary form.

    If one lost a consonant, those with a vowel at the end, which would be contracted with the ending, are
    left out: 지은 and 지어 are forms of 짓다.
    """
    stems: dict[str, _Stem] = {}
    stop = len(paths)
    for index, path in enumerate(paths):
        if index < stop and _is_form(path) and _is_spelled_right(path):
            first = path[0]
            stem, contracted = first.parts[0][0], len(first.parts) > 1
            lost_final = not contracted and has_lost_final(stem, first.surface)
            has_verbal_ending = any(morpheme.surface in _VERBAL_ENDINGS for morpheme in path[1:2])
            is_evident = lost_final or contracted or has_verbal_ending
            stems.setdefault(stem + "다", _Stem(first.surface, lost_final, is_evident))
            stop = min(stop, index + _PREDICATE_PATHS)
    if not any(stem.lost_final for stem in stems.values()):
        return stems
    return {form: stem for form, stem in stems.items() if stem.lost_final or has_final_consonant(form[-2])}


def _is_spelled_right(path: _Path) -> bool:
    """Whether stem and ending may meet as they are spelled."""
    if len(path) < 2 or len(path[0].parts) > 1:
        return True
    return may_join(path[0].parts[0][0], path[0].surface, path[1].surface)
