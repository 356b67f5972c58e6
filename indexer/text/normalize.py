"""One normal form for every spelling of the same text, with the way back to the original characters.

- Decomposed Hangul (NFD), full-width and half-width forms, ㈜ and the like become what they stand for (NFKC).
- Letters become lower case and lose their accents.
- Zero-width characters vanish. White space, other blanks and control characters become spaces; a line feed
  stays.
- Private-use characters of word processors become the public ones that they stand for.
- The obsolete vowel ㆍ becomes ㅏ inside a syllable.

Each character of the normal form knows the span of original characters that it came from.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from indexer.errors import AnalysisError
from indexer.text.arrays import Int32Array
from indexer.text.hangul import final_consonant
from indexer.text.private_use import PRIVATE_CHARACTERS

# Characters that are their own normal form: printable ASCII without capitals, Hangul syllables, compatibility
# jamo (NFKC would turn them into conjoining ones), hanja, and punctuation that is common in press releases.
# Circled numbers stay, because they are list marks: ①12억 must not become 112억.
_PLAIN = "\n !-@\\[-~가-힣ㄱ-ㅣㅥ-ㆌㆎ一-龥·•×‘’“”「」『』《》〈〉【】–—←-⇿■-◿★☆☎☏☜-☟♠-♧※∼①-⒵ⓐ-⓿❶-➓"
_CHANGING = re.compile(f"[^{_PLAIN}]")
# Includes the plain character before it, which may be the base of a combining mark.
_CHANGING_RUN = re.compile(f"[\\s\\S]?[^{_PLAIN}]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
# A text with any of these is normalized cluster by cluster: conjoining jamo, half-width voicing marks, and
# all blocks with combining marks or joiners. Blocks that press releases use and that have none are left out.
_JOINING_OR_SURROGATE = re.compile(
    "[\ud800-\udfff\u0300-\u036f\u0483-\u1fff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff"
    "\u302a-\u302f\u3099\u309a\ua66f-\uabff\ud7b0-\ud7ff\ufb00-\ufe2f\uff9e\uff9f\U00010000-\U0010ffff]"
)

# Hangul fillers and the empty Braille pattern: Unicode calls them letters and signs, but they look blank.
_FILLERS = "\u115f\u1160"
_BLANKS = frozenset((*_FILLERS, "\u3164", "\uffa0", "\u2800"))
_MIDDLE_DOTS = frozenset("ㆍ\u119e\u2027\u2219\u22c5\u30fb\uff65")
# ᆞ and ᆡ in a syllable. The orthography of 1933 replaced them by ㅏ and ㅐ.
_OLD_VOWEL = re.compile("(?<=[\u1100-\u115e])[\u119e\u11a1]")
# The blocks of Latin, Greek and Cyrillic letters with accents, and letters that have no decomposition.
_FIRST_ACCENTED, _LAST_ACCENTED = "\u00c0", "\u1fff"
_LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th",
}  # fmt: skip

_JAMO_L, _JAMO_V, _JAMO_T = range(0x1100, 0x1160), range(0x1160, 0x11A8), range(0x11A8, 0x1200)


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """`text` is the normal form. Its character i came from the original characters `starts[i]` to `ends[i]`
    (exclusive). Both are None if every character came from the one at the same offset.
    """

    text: str
    starts: Int32Array | None = None
    ends: Int32Array | None = None

    def to_original(self, starts: Int32Array, ends: Int32Array) -> tuple[Int32Array, Int32Array]:
        """Turn non-empty spans of the normal form into spans of the original text."""
        if self.starts is None or self.ends is None:
            return starts, ends
        return self.starts[starts], self.ends[ends - 1]


def normalize(text: str) -> NormalizedText:
    """The normal form of `text`. Raises AnalysisError if `text` holds a lone surrogate."""
    if not _CHANGING.search(text):
        return NormalizedText(text)
    lowered = text.lower()
    changing = [match.start() for match in _CHANGING.finditer(lowered)]
    characters = "".join([lowered[offset] for offset in changing])
    if len(lowered) == len(text) and not _JOINING_OR_SURROGATE.search(characters):
        return _replace_single(lowered, changing) if changing else NormalizedText(lowered)
    if surrogate := _SURROGATE.search(text):
        raise AnalysisError(
            f"{surrogate.start() + 1:,}번째 글자가 올바른 유니코드 문자가 아닙니다(짝 없는 서러게이트).",
            "그 글자를 지우고 UTF-8로 다시 저장하세요.",
        )
    return _replace_clusters(text)


def squeeze(text: str) -> str:
    """The normal form without any white space: what names are compared by."""
    return "".join(normalize(text).text.split())


def _replace_single(text: str, changing: list[int]) -> NormalizedText:
    """The normal form of a text in which no character joins another. `changing` are offsets."""
    replacements = [_normal_form(text[offset]) for offset in changing]
    pieces: list[str] = []
    done = 0
    for offset, replacement in zip(changing, replacements, strict=True):
        pieces += (text[done:offset], replacement)
        done = offset + 1
    pieces.append(text[done:])
    lengths = np.ones(len(text), np.int32)
    lengths[changing] = [len(replacement) for replacement in replacements]
    if (lengths == 1).all():
        return NormalizedText("".join(pieces))
    starts = np.repeat(np.arange(len(text), dtype=np.int32), lengths)
    return NormalizedText("".join(pieces), starts, starts + 1)


def _replace_clusters(text: str) -> NormalizedText:
    """The normal form of any text, by clusters of characters that join."""
    pieces: list[str] = []
    starts: list[Int32Array] = []
    ends: list[Int32Array] = []
    done = 0
    for run in _CHANGING_RUN.finditer(text):
        pieces.append(text[done : run.start()])
        starts.append(np.arange(done, run.start(), dtype=np.int32))
        ends.append(np.arange(done + 1, run.start() + 1, dtype=np.int32))
        for cluster_start, cluster_end in _clusters(text, run.start(), run.end()):
            normal = _normal_form(text[cluster_start:cluster_end])
            pieces.append(normal)
            starts.append(np.full(len(normal), cluster_start, np.int32))
            ends.append(np.full(len(normal), cluster_end, np.int32))
        done = run.end()
    pieces.append(text[done:])
    starts.append(np.arange(done, len(text), dtype=np.int32))
    ends.append(np.arange(done + 1, len(text) + 1, dtype=np.int32))
    return NormalizedText("".join(pieces), np.concatenate(starts), np.concatenate(ends))


def _clusters(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The spans of text[start:end] between characters that do not join the one before them."""
    inner = [index for index in range(start + 1, end) if not _joins(text[index - 1], text[index])]
    return list(itertools.pairwise([start, *inner, end]))


def _joins(before: str, char: str) -> bool:
    """Whether a character makes one cluster with the one before it."""
    code = ord(char)
    if code in _JAMO_V:
        return ord(before) in _JAMO_L
    if code in _JAMO_T:
        return ord(before) in _JAMO_V or final_consonant(before) == " "
    if char in "ﾞﾟ":
        return True
    return unicodedata.category(char) in ("Mn", "Me", "Mc") and before not in " \n\t"


@lru_cache(maxsize=65_536)
def _normal_form(cluster: str) -> str:
    """The normal form of one character, or of several that join."""
    if not _CHANGING.search(cluster):
        return cluster
    if "Ⓐ" <= cluster <= "Ⓩ":
        return cluster.lower()  # a list mark, as ⓐ is
    if all(char in _BLANKS for char in cluster):
        return " "
    if (stands_for := PRIVATE_CHARACTERS.get(cluster)) and not _CHANGING.search(stands_for):
        return stands_for
    out: list[str] = []
    for char in unicodedata.normalize("NFKC", _before_nfkc(cluster)).lower():
        category = unicodedata.category(char)
        if char == "\n":
            out.append(char)
        elif category in ("Cf", "Mn", "Me") or char in _FILLERS:
            continue
        elif category[0] in "ZC":
            out.append(" ")
        else:
            out.append(COMPATIBILITY_JAMO.get(char) or _without_accent(char))
    return "".join(out)


def _without_accent(char: str) -> str:
    if char in _LETTERS:
        return _LETTERS[char]
    return unicodedata.normalize("NFD", char)[0] if _FIRST_ACCENTED <= char <= _LAST_ACCENTED else char


def _before_nfkc(cluster: str) -> str:
    """Replace what NFKC leaves alone, and protect what it would spoil."""
    characters = "".join(PRIVATE_CHARACTERS.get(char, char) for char in cluster)
    return "".join(map(_protect, _OLD_VOWEL.sub(_new_vowel, characters)))


def _new_vowel(match: re.Match[str]) -> str:
    return "\u1161" if match.group() == "\u119e" else "\u1162"


def _protect(char: str) -> str:
    """A character, or what press releases mean by it: line separators are line feeds, the araea is a middle
    dot. Half-width jamo become conjoining ones, which `COMPATIBILITY_JAMO` knows.
    """
    if char in ("\r", "\v", "\f", "\x85", "\u2028", "\u2029"):
        return "\n"
    if char in _MIDDLE_DOTS:
        return "·"
    if "ﾡ" <= char <= "ￜ":  # half-width jamo
        return unicodedata.normalize("NFKD", char)
    return char


def _conjoining_to_compatibility() -> dict[str, str]:
    """The compatibility jamo of each conjoining one."""
    table: dict[str, str] = {}
    for code in range(0x3131, 0x318F):
        compatibility = chr(code)
        conjoining = unicodedata.normalize("NFKD", compatibility)
        table.setdefault(conjoining, compatibility)
    # NFKD gives initial consonants. Final ones are other characters for the same letters.
    for code in _JAMO_T:
        name = unicodedata.name(chr(code), "").replace("JONGSEONG", "CHOSEONG")
        try:
            initial = unicodedata.lookup(name)
        except KeyError:
            continue
        if initial in table:
            table.setdefault(chr(code), table[initial])
    return table


COMPATIBILITY_JAMO = _conjoining_to_compatibility()
