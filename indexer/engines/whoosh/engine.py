"""The Whoosh engine: a `Reader` on the live generation, a `Writer` of the next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from whoosh.filedb.filestore import FileStorage

from indexer.analysis import Analyzer
from indexer.engine import Writer
from indexer.engines.whoosh.fields import AnalysedText, make_schema
from indexer.engines.whoosh.generations import Generations
from indexer.engines.whoosh.reader import UNDATED, WhooshReader
from indexer.errors import IndexUnavailable
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS

_BATCH_RELEASES = 64
_MEMORY_MB = 256


class WhooshEngine:
    """The index in `folder`, in generations. See `indexer.engine.Engine`."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        self._generations = Generations(folder)
        self._analyzer = analyzer

    def live_name(self) -> str:
        """The name of the live generation; '' where there is none."""
        return self._generations.live_name()

    def open(self) -> WhooshReader:
        """The live generation."""
        path, manifest = self._generations.live()
        self._check_analyzer(manifest.analyzer)
        return WhooshReader(path, manifest)

    @contextmanager
    def write(self, *, fresh: bool = False, wait_s: float = 30.0) -> Iterator[Writer]:
        """The one writer."""
        self._generations.refuse_foreign()
        with self._generations.lock(wait_s):
            base = None
            if not fresh and self.live_name():
                base, manifest = self._generations.live()
                self._check_analyzer(manifest.analyzer)
            with self._generations.building(base) as path:
                writer = WhooshWriter(self._generations, path, self._analyzer, fresh=base is None)
                try:
                    yield writer
                finally:
                    writer.cancel()

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


class WhooshWriter:
    """Writes one generation. See `indexer.engine.Writer`."""

    def __init__(self, generations: Generations, path: Path, analyzer: Analyzer, *, fresh: bool) -> None:
        self._generations = generations
        self._path = path
        self._analyzer = analyzer
        storage = FileStorage(str(path))
        self._index = storage.create_index(make_schema()) if fresh else storage.open_index()
        self._writer = self._index.writer(limitmb=_MEMORY_MB)
        self._open = True

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add or replace."""
        for batch in _batches(releases):
            analysed = self._analyzer.analyze(
                [field.read(release) for release in batch for field in TEXT_FIELDS]
            ).morphemes
            for row, release in enumerate(batch):
                tokens = {
                    field.name: AnalysedText.of(list(analysed.tokens(row * len(TEXT_FIELDS) + column)))
                    for column, field in enumerate(TEXT_FIELDS)
                }
                published = int(release.published_at.timestamp()) if release.published_at else UNDATED
                self._writer.update_document(
                    id=release.id,
                    content_hash=release.content_hash,
                    source_path=release.source_path,
                    release=json.dumps(release.to_dict(), ensure_ascii=False),
                    published=published,
                    **{name: facet.read(release) for name, facet in FACETS.items()},
                    **tokens,
                )

    def remove(self, release_ids: Iterable[str]) -> None:
        """Remove what is there of these ids."""
        for release_id in release_ids:
            self._writer.delete_by_term("id", release_id)

    def commit(self, checkpoint: Mapping[str, str]) -> None:
        """Finish the files, then make them the live generation."""
        self._open = False
        self._writer.commit()
        with self._index.searcher() as searcher:
            documents = searcher.doc_count()
        self._generations.publish(
            self._path,
            documents=documents,
            analyzer=self._analyzer.identity.to_dict(),
            checkpoint=checkpoint,
        )

    def cancel(self) -> None:
        """Discard what was not committed."""
        if self._open:
            self._open = False
            self._writer.cancel()


def _batches(releases: Iterable[PressRelease]) -> Iterator[tuple[PressRelease, ...]]:
    iterator = iter(releases)
    while batch := tuple(islice(iterator, _BATCH_RELEASES)):
        yield batch
