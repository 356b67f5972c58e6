"""What the stages ask of a lexeme, a bit each."""

from __future__ import annotations

from enum import IntFlag, auto

from indexer.analysis.lexeme import Lexeme
from indexer.analysis.negating_prefixes import NEGATING_PREFIXES
from indexer.text.tags import (
    NOUN_TAGS,
    OPAQUE_TAGS,
    Tag,
    is_attached,
    is_copula,
    is_ending,
    is_particle,
)


class Trait(IntFlag):
    """A property of a lexeme that depends on nothing around it."""

    NOUN = auto()
    PREFIX = auto()  # by its tag
    # A negating prefix, or a noun of the same syllable, which may be one: taggers confuse them.
    NEGATING = auto()
    NEGATED = auto()  # a compound that begins with a negating prefix
    PARTICLE = auto()
    # The particle 로, or one that begins with it; or 루, which is no particle but which taggers take for one.
    RO_PARTICLE = auto()
    ENDING = auto()
    COPULA = auto()
    # Belongs to the word directly before it: particle, ending, copula or suffix.
    ATTACHED = auto()
    STARTS_NOUN = auto()  # a noun may start with it
    ENDS_NOUN = auto()  # a noun may end with it: not a particle, verbal suffix or most endings
    OPAQUE = auto()  # in no dictionary: a word may start and end anywhere in it


def traits_of(lexeme: Lexeme) -> Trait:
    """All traits of a lexeme."""
    tag = lexeme.tag
    noun, prefix, particle, attached = tag in NOUN_TAGS, tag == Tag.XPN, is_particle(tag), is_attached(tag)
    traits = {
        Trait.NOUN: noun,
        Trait.PREFIX: prefix,
        Trait.NEGATING: lexeme.surface in NEGATING_PREFIXES and (noun or prefix),
        Trait.NEGATED: lexeme.negated,
        Trait.PARTICLE: particle,
        Trait.RO_PARTICLE: particle and lexeme.surface.startswith(("로", "루")),
        Trait.ENDING: is_ending(tag),
        Trait.COPULA: is_copula(tag),
        Trait.ATTACHED: attached,
        Trait.STARTS_NOUN: noun or prefix,
        Trait.ENDS_NOUN: not attached or tag in (Tag.XSN, Tag.ETN),
        Trait.OPAQUE: tag in OPAQUE_TAGS,
    }
    return Trait(sum(trait for trait, is_there in traits.items() if is_there))
