"""Private-use characters of Hangul word processors, as public ones.

Hancom's programs write old Hangul in Hanyang's private-use code (`hanyang.txt`), and put letters and signs
of their own into plane 15. A character in neither table is a glyph of a symbol font: nobody can search for
it.
"""

from __future__ import annotations

import re
from importlib.resources import files

_FIRST_HANYANG = 0xE0BC
# From releases of korea.kr and from the tables of open-source HWP readers.
_FIRST_CIRCLED, _CIRCLED = 0xF02B1, "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_FIRST_LETTER, _LETTERS = 0xF03EF, "한글과컴퓨터"
_SIGNS = {
    0xF00E1: "(인)", 0xF012B: "(인)", 0xF02EF: "·",
    0xF0851: "’", 0xF0852: "“", 0xF0853: "”", 0xF0854: "《", 0xF0855: "》",
}  # fmt: skip


def _read_table() -> dict[str, str]:
    lines = files("indexer.text").joinpath("hanyang.txt").read_text("utf-8").splitlines()
    hanyang = enumerate((line for line in lines if not line.startswith("#")), _FIRST_HANYANG)
    table = {chr(code): letters for code, letters in hanyang if letters}
    for first, characters in ((_FIRST_CIRCLED, _CIRCLED), (_FIRST_LETTER, _LETTERS)):
        table |= {chr(code): character for code, character in enumerate(characters, first)}
    return table | {chr(code): sign for code, sign in _SIGNS.items()}


# Private-use character -> what it stands for. Old Hangul is in conjoining jamo.
PRIVATE_CHARACTERS = _read_table()
_TRANSLATION = str.maketrans(PRIVATE_CHARACTERS)
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000fffff]")


def to_public(text: str) -> str:
    """`text` with its private-use characters replaced by public ones. Those in no table stay."""
    return text.translate(_TRANSLATION) if _PRIVATE.search(text) else text
