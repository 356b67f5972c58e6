"""What a word may be when it stands alone, as in a query: a noun as a whole, a form of a verb, a noun with a
particle.

A tagger reads a text, where the neighbours of a word help. A word that is typed alone has none: 하자 is read
as a form of 하다, 지은 as a noun, 애도 as 애 with a particle, and 탐방로 as 탐방 with another. So all ways
that the tagger knows are looked at, and those that Hangul orthography does not allow are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.analysis.morphemes import (
    ATTACHED_TAGS,
    FINAL_L,
    FINAL_S,
    FINALS,
    NOUN_SUFFIX_TAG,
    NOUN_TAGS,
    PREDICATE_TAGS,
    PREFIX_TAG,
    UNKNOWN_TAGS,
    Emission,
    final_consonant,
    parts_of,
    read_lexeme,
)
from indexer.text.tags import CONTENT_TAGS

# How many ways of the tagger are looked at.
LOOKED_AT = 12
# A form is looked for among so many ways from the first one on: endings that are hardly any are far behind.
_STEM_WAYS = 3
# The names of persons by their class in mecab-ko-dic, and how many syllables a given name has.
_NAME_CLASS, _GIVEN_NAME = "인명", 2


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Particles that stand behind any noun, then those that stand behind a vowel or a consonant only.
_PARTICLES = _set(
    "의 도 만 에 에서 에게 에게서 에도 에는 에만 에서는 에서도 께 께서 께서는 한테 까지 부터 마저 "
    "조차 처럼 같이 보다 마다 뿐 대로 만큼 밖에 하고 더러 보고 이다"
)
_BEHIND_VOWEL = _set("는 가 를 와 랑 나 든 든지 라도 라고 며 여 로 로서 로써 로부터 로의 로는 로도 야 요")
_BEHIND_CONSONANT = _set(
    "은 이 을 과 이랑 이나 이든 이든지 이라도 이라고 이며 이여 으로 으로서 으로써 으로부터 으로의 "
    "으로는 으로도 아"
)
_VERBAL_SUFFIXES = ("XSV", "XSA")
# Suffixes that leave a noun what it is.
_ANY_SUFFIXES = frozenset(("들", "님", "씨", "네"))
_VOWEL_A, _VOWEL_EO = 0, 4
_TOGETHER = (_VOWEL_A, _VOWEL_EO)
# Endings that no noun is made with, as 보기 and 가지 are.
_SOFT_ENDINGS = frozenset(("어", "아", "은", "을"))


@dataclass(frozen=True, slots=True)
class WordReading:
    """A word by itself. `noun` are the terms of the whole as a noun of the dictionary, () where it is none;
    `stems` the predicates in dictionary form that it may be a form of, `changed` those of which it looks like
    no noun, `beginnings` how forms of theirs begin that taggers read wrongly;
    `particle` how many characters of a particle it ends with, as the tagger's first way has it; `is_form`
    whether that way is one of a predicate, `is_content` whether it cannot be a particle or ending. A word has
    a `suffix` where what stands before that particle ends with a syllable that is no word by itself but makes
    another one: 적 in 경제적, 로 in 탐방로. It is `known` where the first way has nothing in it that may be a
    piece of an unknown word. It `may_hold_particle` where some way ends with one; `nouns` are what some way
    has it joined of, none of a single syllable, `derived` the noun that some way makes a verb of.
    """

    noun: tuple[Emission, ...] = ()
    stems: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    particle: int = 0
    is_form: bool = False
    suffix: bool = False
    is_content: bool = True
    may_hold_particle: bool = False
    nouns: tuple[str, ...] = ()
    derived: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Piece:
    """A morpheme of one way to read a word: its surface, tag and semantic class, and its parts, form and tag,
    which are one where it is not inflected.
    """

    line: str
    surface: str
    tag: str
    meaning: str
    parts: tuple[tuple[str, str], ...]

    @property
    def is_content(self) -> bool:
        return self.tag in CONTENT_TAGS

    @property
    def is_particle(self) -> bool:
        return self.tag.startswith("J")


def read_word(ways: Iterable[Sequence[str]], owned: Sequence[str] = ()) -> WordReading:
    """Read a word from a tagger's ways, the likeliest first; each is a run of lines. `owned` are the lines of
    the word with a noun behind it, without that noun: at the end of a text taggers take the particle 의 for a
    noun.
    """
    read = [tuple(map(_read_piece, lines)) for lines in ways]
    if not read or not read[0]:
        return WordReading(known=False)
    first = tuple(map(_read_piece, owned)) or read[0]
    whole = next((way[0] for way in read if len(way) == 1 and _is_noun(way[0])), None)
    particle = _particle_length(first)
    stems = _stems(read)
    return WordReading(
        noun=read_lexeme(whole.line).emissions if whole else (),
        stems=tuple(stems),
        changed=tuple(form for form, own in stems.items() if own.changed),
        beginnings=tuple(begun for form, own in stems.items() for begun in _wrongly_read(form, own)),
        particle=particle,
        is_form=_is_form(first),
        suffix=_has_suffix(first, particle),
        is_content=any(piece.parts[0][1] in CONTENT_TAGS for piece in first)
        and not any(len(way) == 1 and way[0].tag.startswith(("J", "E")) for way in read),
        known=_is_known(whole, first),
        may_hold_particle=any(_particle_length(way) for way in read),
        nouns=next((tuple(piece.surface for piece in way) for way in read if _is_compound(way)), ()),
        derived=next((way[0].surface for way in read if _is_derived(way)), ""),
    )


def _is_compound(way: Sequence[_Piece]) -> bool:
    """Whether a way is several nouns, none of which is a single syllable."""
    return len(way) > 1 and all(_is_noun(piece) and len(piece.surface) > 1 for piece in way)


def _is_derived(way: Sequence[_Piece]) -> bool:
    """Whether a way is a noun with a verbal suffix and endings: 이용한."""
    return (
        len(way) > 1
        and _is_noun(way[0])
        and len(way[0].surface) > 1
        and way[1].tag.startswith(_VERBAL_SUFFIXES)
        and all(piece.tag.startswith("E") for piece in way[2:])
    )


def _has_suffix(way: Sequence[_Piece], particle: int) -> bool:
    nouns = [piece for piece in way if not piece.is_particle]
    if way[-1].is_particle and not particle:  # it cannot be one there
        return bool(nouns)
    return len(nouns) > 1 and nouns[-1].tag == NOUN_SUFFIX_TAG and nouns[-1].surface not in _ANY_SUFFIXES


def _read_piece(line: str) -> _Piece:
    surface, _, features = line.partition("\t")
    tag, meaning, *rest = features.split(",")
    inflected = len(rest) >= 6 and rest[2] == "Inflect"
    parts = tuple(parts_of(rest[5])) if inflected else ((surface, tag),)
    return _Piece(line, surface, tag, meaning, parts)


def _is_noun(piece: _Piece) -> bool:
    return (piece.tag in NOUN_TAGS and piece.tag != "SH") or piece.tag == "MAG"


def _is_known(whole: _Piece | None, first: Sequence[_Piece]) -> bool:
    """Words of two syllables or more, their prefixes and what they end with are known; a single syllable
    among them may be a piece of a word that is in no dictionary, and a given name a part of a whole one.
    """
    if whole is not None:
        return whole.meaning != _NAME_CLASS or len(whole.surface) != _GIVEN_NAME
    if any(piece.tag in UNKNOWN_TAGS for piece in first):
        return False
    tags = [piece.parts[0][1] for piece in first]
    content = [tag in CONTENT_TAGS for tag in tags]
    return any(content) and all(
        (len(piece.surface) > 1 or tag in PREDICATE_TAGS)
        if own
        else tag == PREFIX_TAG or (number > 0 and tag.startswith(ATTACHED_TAGS))
        for number, (piece, tag, own) in enumerate(zip(first, tags, content, strict=True))
    )


def _particle_length(way: Sequence[_Piece]) -> int:
    """How many characters of particles stand behind nouns; 0 where they cannot be particles there."""
    count = next((number for number, piece in enumerate(reversed(way)) if not piece.is_particle), len(way))
    nouns, particles = way[: len(way) - count], way[len(way) - count :]
    if (
        not particles
        or not nouns
        or not all(piece.is_content or piece.tag.startswith((NOUN_SUFFIX_TAG, "S")) for piece in nouns)
    ):
        return 0
    surface = "".join(piece.surface for piece in particles)
    return len(surface) if _may_follow(nouns[-1].surface[-1], particles[0].surface) else 0


def _may_follow(before: str, particle: str) -> bool:
    """Whether a particle may stand behind a character: 로 not behind a consonant, 은 not behind a vowel."""
    final = final_consonant(before)
    if particle in _PARTICLES or final < 0:
        return True
    if final == 0 or (final == FINAL_L and particle.startswith("로")):
        return particle in _BEHIND_VOWEL
    return particle in _BEHIND_CONSONANT


def _is_form(way: Sequence[_Piece]) -> bool:
    """Whether a way is a predicate with its endings."""
    parts = [part for piece in way for part in piece.parts]
    return parts[0][1] in PREDICATE_TAGS and all(tag.startswith("E") for _, tag in parts[1:])


@dataclass(frozen=True, slots=True)
class _Stem:
    """A stem as it is written; whether it lost a consonant there; and whether what is written looks like no
    noun that is made of it.
    """

    written: str
    lost: bool
    changed: bool


def _stems(ways: Sequence[Sequence[_Piece]]) -> dict[str, _Stem]:
    """The stems of all ways that are forms, by their dictionary form. Beside one that lost a consonant none
    with a vowel that may be written together with its ending: 지은 and 지어 are forms of 짓다.
    """
    found: dict[str, _Stem] = {}
    last = len(ways)
    for number, way in enumerate(ways):
        if number < last and _is_form(way) and _is_spelled(way):
            stem = way[0].parts[0][0]
            lost = _lost_final(way[0], stem)
            soft = any(piece.surface in _SOFT_ENDINGS for piece in way[1:2])
            changed = lost or len(way[0].parts) > 1 or soft
            found.setdefault(stem + "다", _Stem(way[0].surface, lost, changed))
            last = min(last, number + _STEM_WAYS)
    any_lost = any(own.lost for own in found.values())
    return {
        form: own for form, own in found.items() if own.lost or not any_lost or final_consonant(form[-2]) > 0
    }


def _wrongly_read(form: str, stem: _Stem) -> list[str]:
    """How forms of 낫다 begin, which mecab-ko-dic takes for those of 나다 or 날다; they cannot be any."""
    if (
        stem.lost
        and final_consonant(form[-2]) == FINAL_S
        and (vowel := _vowel(stem.written[-1])) in _TOGETHER
    ):
        return [stem.written + ending for ending in ("아았" if vowel == _VOWEL_A else "어었")]
    return []


def _lost_final(piece: _Piece, stem: str) -> bool:
    return len(piece.parts) == 1 and stem != piece.surface and final_consonant(stem[-1]) > 0


def _is_spelled(way: Sequence[_Piece]) -> bool:
    """Whether stem and ending may meet as they are written: the dictionary has stems that lost ㅅ or ㄹ for
    every ending, 은 behind vowels, and vowels apart that are always written together.
    """
    if len(way) < 2 or len(way[0].parts) > 1:
        return True
    stem, surface, ending = way[0].parts[0][0], way[0].surface, way[1].surface
    if _lost_final(way[0], stem):
        # 짓 + 어 is 지어, 갈 + 는 가는; 짓 + 고 and 갈 + 면 keep their letters.
        begins = {FINAL_S: "으은을음어아었았", FINAL_L: "느는니네나세시소습오"}
        return ending[0] in begins.get(final_consonant(stem[-1]), ending[0])
    if final_consonant(surface[-1]) == 0:
        together = _vowel(surface[-1]) in _TOGETHER
        return ending[0] not in ("으은을음어아" if together else "으은을음")
    return True


def _vowel(syllable: str) -> int:
    return (ord(syllable) - ord("가")) % (21 * FINALS) // FINALS if "가" <= syllable <= "힣" else -1
