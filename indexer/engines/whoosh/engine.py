"""The embedded engine: a Whoosh index at the speed of arrays, in generations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from indexer.analysis import Analyzer, Dictionary
from indexer.engine import Reader, Writer
from indexer.engines.whoosh.generations import Generations
from indexer.engines.whoosh.reader import ArrayReader
from indexer.engines.whoosh.writer import ArrayWriter, usable_processors
from indexer.errors import IndexUnavailable
from indexer.resources import DICTIONARY

DEFAULT_MEMORY_MB = 1_024


class WhooshEngine:
    """The index in `folder`. See `indexer.engine.Engine`.

    `memory_mb` bounds what a process uses for postings while it merges; `processes` is how many analyse.
    """

    def __init__(
        self,
        folder: Path,
        analyzer: Analyzer,
        *,
        memory_mb: int = DEFAULT_MEMORY_MB,
        processes: int | None = None,
    ) -> None:
        self._generations = Generations(folder)
        self._analyzer = analyzer
        self._memory_mb = memory_mb
        self._processes = processes or usable_processors()

    def live_name(self) -> str:
        """The name of the live generation; '' where there is none."""
        return self._generations.live_name()

    def open(self) -> Reader:
        """The live generation."""
        path, manifest = self._generations.live()
        self._check_analyzer(manifest.analyzer)
        return ArrayReader(path, manifest)

    @contextmanager
    def write(
        self, *, fresh: bool = False, resources: Mapping[str, str] | None = None, wait_s: float = 30.0
    ) -> Iterator[Writer]:
        """The one writer."""
        self._generations.refuse_foreign()
        with self._generations.lock(wait_s):
            base = None
            if not fresh and self.live_name():
                base = self._generations.live()
                self._check_analyzer(base[1].analyzer)
            if resources is None:
                resources = base[1].resources if base else {}
            # The words of the dictionary that is kept with the generation, not those of whoever asks.
            analyzer = self._analyzer.with_dictionary(Dictionary(resources.get(DICTIONARY, "")))
            with self._generations.building() as path:
                writer = ArrayWriter(
                    self._generations,
                    path,
                    analyzer,
                    resources,
                    base,
                    memory_mb=self._memory_mb,
                    processes=self._processes,
                )
                try:
                    yield writer
                finally:
                    writer.close()

    def _check_analyzer(self, found: Mapping[str, object]) -> None:
        expected = self._analyzer.identity.to_dict()
        differences = [
            f"{name}: 색인 {found.get(name)}, 지금 {value}"
            for name, value in expected.items()
            if found.get(name) != value
        ]
        if differences:
            raise IndexUnavailable(
                f"색인을 만든 분석기가 지금 것과 다릅니다({'; '.join(differences)}).",
                "`bodo reindex --full`로 색인을 다시 만드세요.",
            )
