"""Mutated files of every format: bit flips, cuts, splices. The parser outlives each, within its limit."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_document
from indexer.sources.problems import ContentError
from indexer.sources.sandbox.parser import Limits, SandboxedParser
from tests.support.mutations import SEED_FILES, mutated_file

MUTATIONS = int(os.environ.get("BODO_SOAK_MUTATIONS", "5000"))
SEED = int(os.environ.get("BODO_SOAK_SEED", "1"))
TIME_LIMIT_S = 20.0
# Starting the next worker is no part of the limit.
SLACK_S = 5.0
SHARED = Path(__file__).parents[4] / "shared" / "data" / "formats"

pytestmark = pytest.mark.soak


MAGIC = {"hwp": b"\xd0\xcf\x11\xe0", "hwpx": b"PK", "pdf": b"%PDF", "html": b"\n"}
LARGEST_SEED_BYTES = 200_000


def seeds_of(name: str) -> list[bytes]:
    """What this format's mutations start from: a document made here, and published ones where at hand."""
    seeds = [SEED_FILES[name]()] if name in SEED_FILES else []
    if SHARED.is_dir() and name in MAGIC:
        published = (path.read_bytes() for path in sorted(SHARED.iterdir()))
        seeds += [
            data for data in published if data.startswith(MAGIC[name]) and len(data) <= LARGEST_SEED_BYTES
        ]
    return seeds


@pytest.mark.parametrize("name", ["hwp", *SEED_FILES])
def test_mutated_files_cost_themselves_only(name: str, tmp_path: Path) -> None:
    seeds = seeds_of(name)
    if not seeds:
        pytest.skip(f"no {name} files here: {SHARED}")
    with closing(SandboxedParser(Limits(time_s=TIME_LIMIT_S))) as parser:
        fuzz(parser, name, seeds, tmp_path)


def fuzz(parser: SandboxedParser, name: str, seeds: list[bytes], tmp_path: Path) -> None:
    """Read `MUTATIONS` mutations of `seeds`; fails at the first that is anything but read or refused."""
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    path = tmp_path / f"a.{name}"
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for number in range(MUTATIONS):
        path.write_bytes(mutated_file(chance.choice(seeds), chance.choice(seeds), chance))
        started = time.monotonic()
        try:
            items = read_document(CorpusFile(path, path.name), parser).items
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
