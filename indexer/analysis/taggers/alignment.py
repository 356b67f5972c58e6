"""Morphemes without offsets -> lines whose surfaces spell the text.

Komoran gives 나아갈 as 나아가 + ㄹ: no slice of the text. Text and morphemes are laid side by side letter
by letter (jamo), along their longest common subsequence; morphemes that meet in one syllable become one
line, an inflected form with its parts. Letters that no morpheme claims become lines of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from indexer.text.normalize import COMPATIBILITY_JAMO

_NOT_VISIBLE = re.compile(r"[ \n]")
# What no morpheme claims: kept, so that the surfaces spell the text, and never a term.
_UNCLAIMED = "UNCLAIMED"


def align(text: str, morphemes: Sequence[tuple[str, str]]) -> list[str]:
    """Lines for `text` of `morphemes`, pairs of form and tag in the order of the text."""
    visible = _NOT_VISIBLE.sub("", text)
    return lines_of(visible, morphemes, _find_spans(visible, morphemes))


def lines_of(
    visible: str, morphemes: Sequence[tuple[str, str]], spans: Sequence[tuple[int, int] | None]
) -> list[str]:
    """Lines of morphemes whose places in the text without white space are known.

    Spans ascend; those that overlap give one line together; None stands for a morpheme without letters
    of its own, which belongs to the one before it.
    """
    lines: list[str] = []
    done = 0
    index = 0
    while index < len(morphemes):
        span = spans[index]
        if span is None or span[1] <= done:
            index += 1
            continue
        start, end = max(span[0], done), span[1]
        group = [index]
        while group[-1] + 1 < len(morphemes):
            following = spans[group[-1] + 1]
            if following is not None and following[0] >= end:
                break
            end = max(end, following[1]) if following else end
            group.append(group[-1] + 1)
        lines += [f"{char}\t{_UNCLAIMED},*,*,*,*,*,*,*" for char in visible[done:start]]
        lines.append(_line(visible[start:end], [morphemes[member] for member in group]))
        done, index = end, group[-1] + 1
    lines += [f"{char}\t{_UNCLAIMED},*,*,*,*,*,*,*" for char in visible[done:]]
    return lines


def _line(surface: str, group: Sequence[tuple[str, str]]) -> str:
    if len(group) == 1 and group[0][0] == surface:
        return f"{surface}\t{group[0][1]},*,*,*,*,*,*,*"
    expression = "+".join(f"{form}/{tag}/*" for form, tag in group)
    first, last = group[0][1], group[-1][1]
    return f"{surface}\t{first}+{last},*,*,{surface},Inflect,{first},{last},{expression}"


def _find_spans(visible: str, morphemes: Sequence[tuple[str, str]]) -> list[tuple[int, int] | None]:
    text_letters, text_owners = _letters([visible[place] for place in range(len(visible))])
    letters, owners = _letters([form for form, _ in morphemes])
    spans: list[tuple[int, int] | None] = [None] * len(morphemes)
    for block in Indel.opcodes(text_letters, letters):
        if block.tag != "equal":
            continue
        for step in range(block.src_end - block.src_start):
            place, owner = text_owners[block.src_start + step], owners[block.dest_start + step]
            known = spans[owner]
            spans[owner] = (known[0] if known else place, place + 1)
    return spans


def _letters(pieces: Sequence[str]) -> tuple[str, list[int]]:
    """The letters of all pieces, and for each the number of its piece."""
    letters: list[str] = []
    owners: list[int] = []
    for number, piece in enumerate(pieces):
        for char in unicodedata.normalize("NFD", piece).lower():
            letters.append(COMPATIBILITY_JAMO.get(char, char))
            owners.append(number)
    return "".join(letters), owners
