"""Morphemes without offsets -> lines whose surfaces spell the text.

Komoran gives 나아갈 as 나아가 + ㄹ, which is no slice of the text. So text and morphemes are aligned letter
by letter (jamo), along their longest common subsequence. Morphemes that share a syllable become one line:
an inflected form with its parts. Each character that no morpheme claims becomes its own line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from indexer.text.normalize import COMPATIBILITY_JAMO

_NOT_VISIBLE = re.compile(r"[ \n]")
# The tag of characters that no morpheme claims. They are kept, so that the surfaces spell the text, but are
# no terms.
_UNCLAIMED = "UNCLAIMED"


def align(text: str, morphemes: Sequence[tuple[str, str]]) -> list[str]:
    """The lines of a text with these `morphemes`: pairs of form and tag, in the order of the text."""
    visible = _NOT_VISIBLE.sub("", text)
    return lines_of(visible, morphemes, _find_spans(visible, morphemes))


def lines_of(
    visible: str, morphemes: Sequence[tuple[str, str]], spans: Sequence[tuple[int, int] | None]
) -> list[str]:
    """The lines of morphemes whose spans in `visible`, the text without white space, are known.

    Spans ascend. Morphemes with overlapping spans give one line together. A span of None means that the
    morpheme has no letters in the text; it belongs to the one before it.
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
    text_letters, text_owners = _letters(list(visible))
    letters, owners = _letters([form for form, _ in morphemes])
    spans: list[tuple[int, int] | None] = [None] * len(morphemes)
    for block in Indel.opcodes(text_letters, letters):
        if block.tag != "equal":
            continue
        for index in range(block.src_end - block.src_start):
            offset, owner = text_owners[block.src_start + index], owners[block.dest_start + index]
            span = spans[owner]
            spans[owner] = (span[0] if span else offset, offset + 1)
    return spans


def _letters(pieces: Sequence[str]) -> tuple[str, list[int]]:
    """The letters of all pieces, and the index of the piece of each."""
    letters: list[str] = []
    owners: list[int] = []
    for index, piece in enumerate(pieces):
        for char in unicodedata.normalize("NFD", piece).lower():
            letters.append(COMPATIBILITY_JAMO.get(char, char))
            owners.append(index)
    return "".join(letters), owners
