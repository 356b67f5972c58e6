"""Part-of-speech tags: those of the Sejong corpus, as mecab-ko-dic uses them.

A tagger may give tags that are not listed here: another tag set divides particles or endings differently,
and a surface that holds several morphemes has their tags joined with + (VV+EC). So the functions below look
at how a tag begins, which is the class of its first morpheme.
"""

from __future__ import annotations

from enum import StrEnum


class Tag(StrEnum):
    """A tag with its `gloss`. Equal to, and hashed like, the plain string."""

    gloss: str

    def __new__(cls, value: str, gloss: str) -> Tag:  # noqa: D102 - makes a member
        tag = str.__new__(cls, value)
        tag._value_ = value
        tag.gloss = gloss
        return tag

    NNG = "NNG", "common noun (일반 명사)"
    NNP = "NNP", "proper noun (고유 명사)"
    NNB = "NNB", "dependent noun (의존 명사)"
    NNBC = "NNBC", "dependent noun that counts (단위를 나타내는 명사)"
    NR = "NR", "numeral in words (수사)"
    NP = "NP", "pronoun (대명사)"
    NA = "NA", "what the tagger could not analyse (분석 불능)"
    VV = "VV", "verb (동사)"
    VA = "VA", "adjective (형용사)"
    VX = "VX", "auxiliary predicate (보조 용언)"
    VCP = "VCP", "copula 이다 (긍정 지정사)"
    VCN = "VCN", "negative copula 아니다 (부정 지정사)"
    MM = "MM", "determiner (관형사)"
    MAG = "MAG", "adverb (일반 부사)"
    MAJ = "MAJ", "conjunctive adverb (접속 부사)"
    IC = "IC", "interjection (감탄사)"
    JKS = "JKS", "subject particle (주격 조사)"
    JKC = "JKC", "complement particle (보격 조사)"
    JKG = "JKG", "possessive particle (관형격 조사)"
    JKO = "JKO", "object particle (목적격 조사)"
    JKB = "JKB", "adverbial particle (부사격 조사)"
    JKV = "JKV", "vocative particle (호격 조사)"
    JKQ = "JKQ", "quotative particle (인용격 조사)"
    JX = "JX", "auxiliary particle (보조사)"
    JC = "JC", "conjunctive particle (접속 조사)"
    EP = "EP", "ending before the last (선어말 어미)"
    EF = "EF", "ending of a sentence (종결 어미)"
    EC = "EC", "connective ending (연결 어미)"
    ETN = "ETN", "ending that makes a noun (명사형 전성 어미)"
    ETM = "ETM", "ending that makes a modifier (관형형 전성 어미)"
    XPN = "XPN", "prefix of a noun (체언 접두사)"
    XSN = "XSN", "suffix that makes a noun (명사 파생 접미사)"
    XSV = "XSV", "suffix that makes a verb (동사 파생 접미사)"
    XSA = "XSA", "suffix that makes an adjective (형용사 파생 접미사)"
    XR = "XR", "root (어근)"
    SF = "SF", "sentence end (마침표, 물음표, 느낌표)"
    SE = "SE", "ellipsis (줄임표)"
    SSO = "SSO", "opening bracket (여는 괄호)"
    SSC = "SSC", "closing bracket (닫는 괄호)"
    SC = "SC", "separator (구분자)"
    SY = "SY", "other sign (기타 기호)"
    SL = "SL", "foreign word (외국어)"
    SH = "SH", "hanja (한자)"
    SN = "SN", "number (숫자)"
    UNKNOWN = "UNKNOWN", "a word that is not in the dictionary"


# A morpheme with one of these is a term.
CONTENT_TAGS = frozenset((
    Tag.NNG, Tag.NNP, Tag.NNB, Tag.NNBC, Tag.NP, Tag.NR, Tag.NA, Tag.SL, Tag.SN, Tag.SH, Tag.XR,
    Tag.VV, Tag.VA, Tag.MM, Tag.MAG, Tag.UNKNOWN,
))  # fmt: skip
NOUN_TAGS = frozenset((Tag.NNG, Tag.NNP, Tag.XR, Tag.SH))
PREDICATE_TAGS = frozenset((Tag.VV, Tag.VA))
# A run of morphemes with these is a noun phrase.
PHRASE_TAGS = CONTENT_TAGS - {Tag.VV, Tag.VA, Tag.MM, Tag.MAG}
# Words that no dictionary explains: a word may begin and end anywhere in one.
OPAQUE_TAGS = frozenset((Tag.UNKNOWN, Tag.SH))
# The tag of a word of the user dictionary that names none.
DEFAULT_TAG = Tag.NNP

_PARTICLES = "J"
_ENDINGS = "E"
_SIGNS = "S"
_NOUN_SUFFIXES = Tag.XSN.value
_VERBAL_SUFFIXES = (Tag.XSV.value, Tag.XSA.value)
_ATTACHED = (_PARTICLES, _ENDINGS, Tag.VCP.value, "XS")


def is_particle(tag: str) -> bool:
    """Whether the tag is one of a particle (조사)."""
    return tag.startswith(_PARTICLES)


def is_ending(tag: str) -> bool:
    """Whether the tag is one of a verbal ending (어미)."""
    return tag.startswith(_ENDINGS)


def is_copula(tag: str) -> bool:
    """Whether the tag is one of the copula 이다 (긍정 지정사)."""
    return tag.startswith(Tag.VCP.value)


def is_sign(tag: str) -> bool:
    """Whether the tag is one of a sign, or of what is written in other letters: Latin, hanja, digits."""
    return tag.startswith(_SIGNS)


def is_noun_suffix(tag: str) -> bool:
    """Whether the tag is one of a suffix that makes a noun."""
    return tag.startswith(_NOUN_SUFFIXES)


def is_verbal_suffix(tag: str) -> bool:
    """Whether the tag is one of a suffix that makes a verb or an adjective."""
    return tag.startswith(_VERBAL_SUFFIXES)


def is_attached(tag: str) -> bool:
    """Whether the tag is one of a particle, an ending, the copula or a suffix: attached directly to a word
    they end it and cannot start one.
    """
    return tag.startswith(_ATTACHED)
