"""A corpus of mutated files beside a good one, and what must hold of it."""

from __future__ import annotations

import gzip
import json
import lzma
import random
from collections.abc import Iterator
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.indexing.reindex import reindex
from indexer.release import PressRelease
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.problems import ReadProblem
from tests.support.desk import TEXT
from tests.support.mutations import SEED_FILES, mutated_file
from tests.support.snapshots import versions

RECORDS = "".join(
    json.dumps({"title": f"창원시 소식 {number}", "subtitle": "- 부제 -", "date": "2023-04-03", "embargo": "즉시", "body": "창원시가 나무를 심었다."}, ensure_ascii=False)
    + "\n"
    for number in range(3)
).encode()  # fmt: skip
SIDECAR = '제목 = "하노버 공동관"\npublished = 2023-04-03T09:00:00\nattachments = ["a.pdf", "b.pdf"]\nid = 7\n'.encode()
SEEDS = {
    **{name: SEED_FILES[name]() for name in ("hwpx", "docx", "pdf", "html", "md")},
    "jsonl": RECORDS,
    "jsonl.gz": gzip.compress(RECORDS),
    "jsonl.xz": lzma.compress(RECORDS),
    "toml": SIDECAR,
}


def write_mutants(folder: Path, name: str, count: int, seed: int) -> None:
    """Write `count` mutated files of a format and a good one. Mutated sidecars stand beside good releases."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    (folder / "두루미.txt").write_text(TEXT, "utf-8")
    for number in range(count):
        (folder / f"m{number:04d}.{name}").write_bytes(mutated_file(SEEDS[name], SEEDS[name], chance))
        if name == "toml":
            (folder / f"m{number:04d}.txt").write_text(
                f"창원 {number}\n\n창원시가 {number}을 알렸다.\n", "utf-8"
            )


def read_all(folder: Path) -> Iterator[PressRelease | ReadProblem]:
    """What each file of a corpus gives: at least one release or problem."""
    files, refusals = list_files(folder)
    yield from refusals
    for file in files:
        items = list(read_file(file))
        assert items, file.source_path
        assert all(item.source_path == file.source_path for item in items)
        yield from items


def check_mutants(folder: Path, analyzer: Analyzer, name: str, count: int, seed: int) -> None:
    """Read and index mutated files. Each must be in the index or refused by name, and the good one be found."""
    corpus = folder / "corpus"
    corpus.mkdir()
    write_mutants(corpus, name, count, seed)
    items = list(read_all(corpus))
    report = reindex(engine := WhooshEngine(folder / "index", analyzer), corpus)
    stored = versions(engine.open())
    indexed = {release.source_path for release in stored.values()}
    refused = {refusal.source_path for refusal in report.refusals}
    assert "두루미.txt" in indexed
    assert {path.name for path in corpus.iterdir() if path.suffix != ".toml"} <= indexed | refused
    assert {item.source_path for item in items if isinstance(item, ReadProblem)} <= refused
    # A second reindex of the same files loses nothing.
    assert reindex(engine, corpus).documents == report.documents
