"""Random Unicode and random slices of real releases, through every analyzer: offsets exact, nothing hangs."""

from __future__ import annotations

import json
import lzma
import os
import random
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.analysis.taggers import TAGGERS
from indexer.curation.dictionary import Dictionary
from tests.support.analysis import assert_well_formed

INPUTS = int(os.environ.get("BODO_SOAK_INPUTS", "20000"))
SEED = int(os.environ.get("BODO_SOAK_SEED", "1"))
# Those in Java are a hundred times slower.
SHARE = {"mecab": 1.0, "kiwi": 0.25, "komoran": 0.05, "okt": 0.05, "hannanum": 0.05, "kkma": 0.01}
RELEASES = Path(__file__).parents[4] / "shared" / "data" / "korea-kr" / "releases-2024.jsonl.xz"
SCRIPTS = [
    (0x20, 0x7F), (0xAC00, 0xD7A4), (0x1100, 0x1200), (0x3130, 0x3190), (0x4E00, 0xA000), (0xFF00, 0xFFF0),
    (0x3200, 0x3400), (0x2000, 0x2070), (0x1F300, 0x1F700), (0x300, 0x370), (0, 0x20), (0x80, 0x3000),
    (0xE000, 0xF900), (0x10000, 0x110000),
]  # fmt: skip

pytestmark = pytest.mark.soak


def random_text(chooser: random.Random) -> str:
    pieces = []
    for _ in range(chooser.randint(0, 8)):
        low, high = chooser.choice(SCRIPTS)
        letters = [chr(chooser.randrange(low, high)) for _ in range(chooser.randint(1, 12))]
        pieces.append("".join(letters) * chooser.choice([1, 1, 1, 5]))
    return chooser.choice(["", " ", "\n"]).join(pieces)


def real_texts() -> list[str]:
    if not RELEASES.is_file():
        return []
    with lzma.open(RELEASES, "rt", encoding="utf-8") as stream:
        return [json.loads(line)["body"] for _, line in zip(range(2000), stream, strict=False)]


def inputs(count: int) -> Iterator[str]:
    chooser = random.Random(SEED)  # noqa: S311 - no secret
    texts = real_texts()
    for number in range(count):
        if texts and number % 2:
            text = chooser.choice(texts)
            start = chooser.randrange(len(text) + 1)
            piece = text[start : start + chooser.randint(1, 400)]
            yield unicodedata.normalize(chooser.choice(["NFC", "NFD", "NFKC"]), piece)
        else:
            yield random_text(chooser)


@pytest.mark.parametrize("name", TAGGERS)
def test_every_analyzer_outlives_any_text(name: str) -> None:
    analyzer = Analyzer(name, Dictionary("시장\n창원시 NNP 창원+시\n하노버\nai칩"))
    count, started, slowest = 0, time.monotonic(), 0.0
    for text in inputs(int(INPUTS * SHARE[name])):
        asked = time.monotonic()
        assert_well_formed(text, analyzer.tokens(text))
        for token in analyzer.bigrams(text):
            assert 0 <= token.start < token.end <= len(text)
        slowest = max(slowest, time.monotonic() - asked)
        count += 1
    analyzer.close()
    print(
        f"\n{name}: {count:,} inputs, {time.monotonic() - started:.0f} s, slowest {slowest:.2f} s, 0 failures"
    )
