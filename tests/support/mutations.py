"""Seed files of every format, and mutations of them: bit flips, cuts, splices."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import docx

from tests.support.documents import docx_bytes, pdf
from tests.support.releases import LEAD, WEB_PAGE, release_hwpx


def release_docx() -> bytes:
    document = docx.Document()
    document.add_heading("하노버에 첫 창원공동관", 0)
    document.add_paragraph(LEAD)
    document.add_table(3, 3).cell(0, 0).text = "부스"
    return docx_bytes(document)


SEED_FILES: dict[str, Callable[[], bytes]] = {
    "hwpx": release_hwpx,
    "docx": release_docx,
    "pdf": lambda: pdf([(60, 100, 24, "하노버에 첫 창원공동관"), (60, 200, 10, LEAD)]),
    "html": lambda: WEB_PAGE.encode(),
    "md": lambda: (
        f"---\ntitle: 하노버\ndate: 2023-04-03\n---\n# 하노버\n\n{LEAD}\n\n## 둘째\n\n{LEAD}\n".encode()
    ),
    "txt": lambda: (
        f"하노버에 첫 창원공동관\n입력 2023.04.03 09:00\n\n{LEAD}\n\n* 담당자 : 투자과 김하나(055-225-3000)\n".encode()
    ),
}


def mutate(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """`data` with flipped bits, a cut, or a part of `other` put in; now and then several of these."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        kind = chance.randrange(5)
        place = chance.randrange(len(changed) + 1)
        length = min(len(changed), int(chance.expovariate(1 / 200)) + 1)
        if kind == 0:
            for _ in range(chance.choice((1, 8, 64))):
                if changed:
                    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del changed[place:]
        elif kind == 2:
            del changed[place : place + length]
        elif kind == 3:
            start = chance.randrange(len(other))
            changed[place : place + length] = other[start : start + length]
        else:
            changed[place:place] = changed[place : place + length] * chance.choice((1, 2, 50))
    return bytes(changed)


def mutated_file(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """A mutation of the file, or, of every other package, of a part in it: checksums would catch the rest."""
    if not data.startswith(b"PK") or chance.random() < 0.5:
        return mutate(data, other, chance)
    with ZipFile(BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = chance.choice([name for name in parts if name.endswith((".xml", ".rels", ".hpf"))])
    parts[name] = mutate(parts[name] or b" ", parts[name] or b" ", chance)
    packed = BytesIO()
    with ZipFile(packed, "w") as package:
        for part, content in parts.items():
            package.writestr(part, content)
    return packed.getvalue()
