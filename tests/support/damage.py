"""Damaged files of an index, and what the program says about them."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.store.generations import Generations
from indexer.errors import IndexUnavailable
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.changes import single_process_engine

QUERIES = ("창원 버스", '"시내에 버스"', "시내버스", "소식 | 창원", "창워", "버스*", "창원 -소식")


def write_two_segments(folder: Path, analyzer: Analyzer) -> Path:
    """Write an index of two segments, one of them with a deleted release."""
    for number in range(2):
        with single_process_engine(folder, analyzer).write() as writer:
            writer.put([
                release_of(f"소식 {number}{row}", f"창원 시내에 버스 {row}대가 달린다.", id=f"{number}-{row}") for row in range(9)
            ])  # fmt: skip
            writer.remove(["0-3"])
            writer.commit({"file": "1"})
    return folder


def index_files(index: Path) -> list[Path]:
    return [index / "CURRENT", *sorted(Generations(index).live()[0].iterdir())]


def describe_damage(index: Path, analyzer: Analyzer) -> str:
    """What opening or verifying the index says is damaged; '' where nothing is."""
    try:
        return " ".join(f"{damage.part}: {damage.what}" for damage in WhooshEngine(index, analyzer).verify())
    except IndexUnavailable as error:
        return str(error)


def flip_bits_everywhere(index: Path, analyzer: Analyzer, count: int) -> int:
    """Flip `count` bits of each file, one at a time: each must be found. Returns the number of flips."""
    chooser = random.Random(7)  # noqa: S311 - no secret
    flips = 0
    for path in index_files(index):
        whole = path.read_bytes()
        for _ in range(count):
            offset = chooser.randrange(len(whole))
            path.write_bytes(
                whole[:offset] + bytes([whole[offset] ^ 1 << chooser.randrange(8)]) + whole[offset + 1 :]
            )
            report = describe_damage(index, analyzer)
            # A pointer to another name or digest is the same as a manifest that is not its own.
            assert path.name in report or (path.name == "CURRENT" and "manifest.json" in report), (
                path.name,
                offset,
            )
            flips += 1
        path.write_bytes(whole)
    assert describe_damage(index, analyzer) == ""
    return flips


def search_everything(index: Path, analyzer: Analyzer) -> None:
    """Every way to ask a service that has just opened the index."""
    service = SearchService(WhooshEngine(index, analyzer), analyzer)
    questions: tuple[Callable[[], object], ...] = (
        *(partial(service.search, SearchRequest(q=q)) for q in QUERIES),
        partial(service.search, SearchRequest(q="소식", sort="newest", filters={"outlet": ("창원시",)})),
        *(partial(service.suggest, typed) for typed in ("창", "ㅅㄴ", "ckd", "버슈")),
        partial(service.release, "1-4"), partial(service.explain, "창원", "1-4"),
        partial(service.read, "1-4", "창원"), partial(service.similar, "1-4", 5),
        partial(service.neighbours, release_of("소식")), partial(service.trends, [SearchRequest(q="소식")]),
        partial(service.list_releases, 0, 9), service.overview, service.state,
    )  # fmt: skip
    for ask in questions:
        with suppress(IndexUnavailable):
            ask()


def damage_everywhere(index: Path, analyzer: Analyzer, count: int) -> None:
    """Overwrite bytes of each segment `count` times, and search. Sizes stay, so that the index opens: a search
    may raise IndexUnavailable and nothing else.
    """
    chooser = random.Random(11)  # noqa: S311 - no secret
    for path in sorted(Generations(index).live()[0].glob("*.arrays")):
        whole = path.read_bytes()
        for number in range(count):
            data = bytearray(whole)
            length = chooser.choice((1, 8, 64))
            # Arrays fill the front; what says where they are is at the end.
            offset = chooser.randrange(0 if number % 3 else len(whole) - 2_000, len(whole) - length)
            data[offset : offset + length] = chooser.randbytes(length)
            path.unlink()  # what is mapped stays as it was
            path.write_bytes(data)
            search_everything(index, analyzer)
        path.unlink()
        path.write_bytes(whole)
