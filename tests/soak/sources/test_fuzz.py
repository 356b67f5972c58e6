"""Mutated files of every format: bit flips, cuts, splices. The reader outlives each, within its limit."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest

from indexer.release import PressRelease
from indexer.sources.content_error import ContentError
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_document
from indexer.sources.sandbox.isolation import Reader
from tests.sources.making import docx_bytes, pdf
from tests.sources.test_documents import LEAD, release_hwpx
from tests.sources.test_html import PAGE

MUTATIONS = int(os.environ.get("BODO_SOAK_MUTATIONS", "5000"))
SEED = int(os.environ.get("BODO_SOAK_SEED", "1"))
TIME_LIMIT_S = 20.0
# Starting the next worker is no part of the limit.
SLACK_S = 5.0
SHARED = Path(__file__).parents[4] / "shared" / "data" / "formats"

pytestmark = pytest.mark.soak


def made_docx() -> bytes:
    document = docx.Document()
    document.add_heading("하노버에 첫 창원공동관", 0)
    document.add_paragraph(LEAD)
    document.add_table(3, 3).cell(0, 0).text = "부스"
    return docx_bytes(document)


MADE: dict[str, Callable[[], bytes]] = {
    "hwpx": release_hwpx,
    "docx": made_docx,
    "pdf": lambda: pdf([(60, 100, 24, "하노버에 첫 창원공동관"), (60, 200, 10, LEAD)]),
    "html": lambda: PAGE.encode(),
    "md": lambda: (
        f"---\ntitle: 하노버\ndate: 2023-04-03\n---\n# 하노버\n\n{LEAD}\n\n## 둘째\n\n{LEAD}\n".encode()
    ),
    "txt": lambda: (
        f"하노버에 첫 창원공동관\n입력 2023.04.03 09:00\n\n{LEAD}\n\n* 담당자 : 투자과 김하나(055-225-3000)\n".encode()
    ),
}
MAGIC = {"hwp": b"\xd0\xcf\x11\xe0", "hwpx": b"PK", "pdf": b"%PDF", "html": b"\n"}
LARGEST_SEED_BYTES = 200_000


def seeds_of(name: str) -> list[bytes]:
    """What this format's mutations start from: a document made here, and published ones where at hand."""
    seeds = [MADE[name]()] if name in MADE else []
    if SHARED.is_dir() and name in MAGIC:
        published = (path.read_bytes() for path in sorted(SHARED.iterdir()))
        seeds += [
            data for data in published if data.startswith(MAGIC[name]) and len(data) <= LARGEST_SEED_BYTES
        ]
    return seeds


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


@pytest.mark.parametrize("name", ["hwp", *MADE])
def test_mutated_files_cost_themselves_only(name: str, tmp_path: Path) -> None:
    seeds = seeds_of(name)
    if not seeds:
        pytest.skip(f"no {name} files here: {SHARED}")
    with closing(Reader(time_limit_s=TIME_LIMIT_S)) as reader:
        fuzz(reader, name, seeds, tmp_path)


def fuzz(reader: Reader, name: str, seeds: list[bytes], tmp_path: Path) -> None:
    """Read `MUTATIONS` mutations of `seeds`; fails at the first that is anything but read or refused."""
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    path = tmp_path / f"a.{name}"
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for number in range(MUTATIONS):
        path.write_bytes(mutated_file(chance.choice(seeds), chance.choice(seeds), chance))
        started = time.monotonic()
        try:
            items = read_document(CorpusFile(path, path.name), reader).items
            outcomes["read" if any(isinstance(item, PressRelease) for item in items) else "refused"] += 1
        except ContentError as error:
            late = "그만두었습니다" in error.message
            outcomes["over the limit" if late else "refused"] += 1
            if late:
                (tmp_path / f"late-{number}.{name}").write_bytes(path.read_bytes())
        except Exception:
            (tmp_path / f"crash-{number}.{name}").write_bytes(path.read_bytes())
            raise
        took = time.monotonic() - started
        slowest = max(slowest, took)
        assert took < TIME_LIMIT_S + SLACK_S, f"mutation {number} with seed {SEED}"
    print(f"{name}: {dict(outcomes)}, slowest {slowest:.2f} s")
    assert sum(outcomes.values()) == MUTATIONS
