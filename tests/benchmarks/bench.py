"""What the parts of the benchmark share: the releases, the queries, one index, and how much is asked."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.bootstrap import open_engine, open_service
from indexer.engine import Engine, Snapshot
from indexer.evaluation.judged import read_judged_set
from indexer.release import PressRelease
from indexer.search.service import SearchService
from indexer.settings import Settings
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from tests.benchmarks.commands import Built, build_index
from tests.benchmarks.timing import Workload

_SEED = 1
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a part does at most: with 167,533 releases on two cores, none takes more than ten minutes.

    `queries` of each kind; `slow_queries` where one takes long; `sizes` of growing indexes; `stock_releases`
    for Whoosh as it comes, which needs 15 times our time for them; `changes` one after the other; `depth` of
    a late page.
    """

    queries: int = 1_000
    slow_queries: int = 100
    sizes: tuple[int, ...] = (10_000, 20_000, 42_000, 84_000)
    stock_releases: int = 20_000
    changes: int = 20
    depth: int = 10_000

    def scaled(self, share: float) -> Limits:
        """A share of each, and at least one."""

        def part(count: int) -> int:
            return max(1, round(count * share))

        return Limits(
            part(self.queries),
            part(self.slow_queries),
            tuple(map(part, self.sizes)),
            part(self.stock_releases),
            part(self.changes),
            part(self.depth),
        )


class Bench:
    """`corpus` as `bodo reindex` reads it. `judged` holds `eval-titles` and `eval-subtitles`, for the queries.
    `scratch` is for whatever is written. `index` is of the corpus: it is used where it is there, else made.
    `opensearch` is where an OpenSearch is, or is to be.
    """

    def __init__(
        self,
        corpus: Path,
        judged: Path,
        scratch: Path,
        *,
        index: Path | None = None,
        opensearch: Path | None = None,
        limits: Limits = Limits(),
    ) -> None:
        self.corpus, self.scratch, self.opensearch, self.limits = corpus, scratch, opensearch, limits
        self.judged = judged
        self._index = index or scratch / "index"
        self.analyzer = Analyzer()

    @cached_property
    def keywords(self) -> Workload:
        """One to three words in a row of titles, the same ones each time."""
        chooser = random.Random(_SEED)  # noqa: S311 - no secret
        titles = list(read_judged_set(self.judged / "eval-titles").queries.values())
        chooser.shuffle(titles)
        return self._workload([_some_words(title, chooser) for title in titles])

    @cached_property
    def subtitles(self) -> Workload:
        """Whole subtitles: long queries."""
        return self._workload(list(read_judged_set(self.judged / "eval-subtitles").queries.values()))

    def _workload(self, queries: list[str]) -> Workload:
        count = self.limits.queries
        return Workload(queries[:count], queries[count : 2 * count])

    def releases(self, count: int | None = None) -> Iterator[PressRelease]:
        """The first `count` releases of the corpus, or all."""
        items = (item for file in list_files(self.corpus)[0] for item in read_file(file))
        return islice((item for item in items if isinstance(item, PressRelease)), count)

    def build(self) -> tuple[Path, Built]:
        """A new index of the corpus: where the others will look for it, or beside where one is already."""
        folder = self.scratch / "anew" if self._has_index() else self._index
        return folder, build_index(self.corpus, folder)

    @property
    def index(self) -> Path:
        """The folder of the index of the corpus, made first where there is none."""
        if not self._has_index():
            note("an index is built first; INDEX=folder spares it")
            built = build_index(self.corpus, self._index)
            note(f"the index took {built.seconds:.1f} s")
        return self._index

    def engine(self, folder: Path | None = None) -> Engine:
        """That of the index, or of another one."""
        return open_engine(Settings(index=folder or self.index), self.analyzer)

    def open(self) -> Snapshot:
        """The index."""
        return self.engine().open()

    def _has_index(self) -> bool:
        return bool(self.engine(self._index).live_name())

    def open_new(self, folder: Path, releases: Iterable[PressRelease]) -> Snapshot:
        """A new index of some releases."""
        engine = self.engine(folder)
        with engine.write() as writer:
            writer.put(releases)
            writer.commit({})
        return engine.open()

    @contextmanager
    def temporary_folder(self) -> Iterator[Path]:
        """A folder for what a part writes, gone after it."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            yield Path(folder)

    def service(self, folder: Path | None = None) -> SearchService:
        """What the program answers with."""
        return open_service(Settings(index=folder or self.index))


def batches(releases: Iterator[PressRelease]) -> Iterator[list[PressRelease]]:
    """Lists of releases."""
    while batch := list(islice(releases, _BATCH)):
        yield batch


def note(text: str) -> None:
    """Tell whoever waits."""
    print(text, file=sys.stderr, flush=True)


def _some_words(title: str, chooser: random.Random) -> str:
    words = title.split()
    count = chooser.randint(1, min(3, len(words)))
    start = chooser.randint(0, len(words) - count)
    return " ".join(words[start : start + count])
