"""The embedded engine: a Whoosh index at the speed of arrays, in generations."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.engine import Corruption, Snapshot, Writer
from indexer.engines.shared import disk
from indexer.engines.shared.workers import usable_processors
from indexer.engines.whoosh.build.writer import ArrayWriter
from indexer.engines.whoosh.format.segment import OpenSegments
from indexer.engines.whoosh.query.snapshot import ArraySnapshot
from indexer.engines.whoosh.store.generations import Generations
from indexer.engines.whoosh.store.manifest import Manifest, segment_file
from indexer.engines.whoosh.store.verify import find_damage
from indexer.errors import AnalyzerMismatch, IndexUnavailable, refusing_damage
from indexer.settings import DEFAULTS

_log = logging.getLogger(__name__)


class WhooshEngine:
    """The index in `folder`. See `indexer.engine.Engine`.

    `memory_mb` bounds the private memory of all processes together while they build; `processes` is how
    many of them analyse. `clock` says when it is now, in seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        analyzer: Analyzer,
        *,
        memory_mb: int = DEFAULTS.memory_mb,
        processes: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._generations = Generations(folder)
        self._segments = OpenSegments()
        self._analyzer = analyzer
        self._clock = clock
        self._memory_mb = memory_mb
        self._processes = processes or usable_processors()

    def live_name(self) -> str:
        """The name of the live generation; '' where there is none."""
        return self._generations.live_name()

    def open(self, name: str = "", *, embargoed: bool = False) -> Snapshot:
        """The live generation, or one that was live not long ago."""
        if not name:
            return self._read(*self._generations.live(), embargoed=embargoed)
        kept = self._generations.kept(name)
        if kept is None:
            raise IndexUnavailable(f"색인의 {name} 세대는 이제 없습니다.", "처음부터 다시 검색하세요.")
        return self._read(*kept, embargoed=embargoed)

    def _read(self, path: Path, manifest: Manifest, *, embargoed: bool) -> ArraySnapshot:
        self._check_analyzer(manifest.analyzer)
        with refusing_damage():
            segments = [self._segments.open(path / segment_file(entry.name)) for entry in manifest.segments]
            return ArraySnapshot(
                self._generations, path, manifest, segments, self._clock, embargoed=embargoed
            )

    def live_documents(self) -> int:
        """How many releases the live generation holds, whatever made it and whatever is damaged in it."""
        return self._generations.live_documents()

    def verify(self) -> Iterator[Corruption]:
        """Whatever is damaged in the live generation."""
        path, manifest = self._generations.live()
        return (Corruption(f"{path.name}/{found.part}", found.what) for found in find_damage(path, manifest))

    @contextmanager
    def write(
        self,
        *,
        fresh: bool = False,
        read_curated_files: Callable[[], Mapping[str, str]] | None = None,
        wait_s: float = 30.0,
    ) -> Iterator[Writer]:
        """The one writer."""
        writer = None
        try:
            self._generations.refuse_foreign()
            with (
                self._generations.lock(wait_s),
                self._writer(fresh, read_curated_files() if read_curated_files else None) as writer,
            ):
                yield writer
        except OSError as error:
            folder, reason = self._generations.folder, error.strerror or error
            raise IndexUnavailable(
                f"{folder}에 새 색인을 적은 뒤에 오류가 났습니다({reason}). 새 색인이 쓰입니다."
                if writer is not None and writer.committed
                else f"{folder}에 색인을 쓸 수 없습니다({reason}). 앞의 색인은 그대로입니다.",
                disk.way_out(error),
            ) from error

    @contextmanager
    def _writer(self, fresh: bool, curated_files: Mapping[str, str] | None) -> Iterator[ArrayWriter]:
        base = None
        if not fresh and self.live_name():
            base = self._generations.live()
            self._check_analyzer(base[1].analyzer)
        if curated_files is None:
            curated_files = base[1].curated_files if base else {}
        # The words of the dictionary that is kept with the generation, not those of whoever asks.
        analyzer = self._analyzer.for_curated_files(curated_files)
        with self._generations.building() as path:
            writer = ArrayWriter(
                self._generations,
                path,
                analyzer,
                curated_files,
                base,
                memory_mb=self._memory_mb,
                processes=self._processes,
                at=self._clock(),
            )
            try:
                yield writer
            finally:
                writer.close()

    def merge(self) -> None:
        """Merge small segments, if it is due. Damage is told: nobody else will look at these files."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._generations.lock(0.0))
            except (IndexUnavailable, OSError):
                return  # another writes, and will merge; or nothing can be written now
            try:
                with suppress(OSError), self._writer(fresh=False, curated_files=None) as writer:
                    if writer.is_merge_due():
                        writer.merge()
            except IndexUnavailable as error:
                _log.warning("%s\n방금 쓴 것은 색인에 있습니다.", error)

    def _check_analyzer(self, found: Mapping[str, object]) -> None:
        expected = self._analyzer.identity.to_dict()
        differences = [
            f"{name}: 색인 {found.get(name)}, 지금 {value}"
            for name, value in expected.items()
            if found.get(name) != value
        ]
        if differences:
            raise AnalyzerMismatch(
                f"색인을 만든 분석기가 지금 것과 다릅니다({'; '.join(differences)}).",
                "`bodo reindex --full`로 색인을 다시 만드세요.",
            )
