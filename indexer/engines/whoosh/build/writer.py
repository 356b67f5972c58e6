"""Writes one generation: new segments beside those it shares with the generation before.

New releases become segments by way of `batches`; a few releases are a segment of their own. Small segments
are merged (`merge_policy`) after the commit is live, so that nobody waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.engines.shared import disk
from indexer.engines.whoosh.build.batches import BatchBuilder, WorkLimits
from indexer.engines.whoosh.build.merge_policy import find_merge
from indexer.engines.whoosh.build.segment_files import merge_files, open_documents
from indexer.engines.whoosh.store.generations import Generations
from indexer.engines.whoosh.store.manifest import CHECKPOINT, Manifest, SegmentEntry, segment_file
from indexer.errors import IndexUnavailable, refusing_damage
from indexer.release import PressRelease


class ArrayWriter:
    """Writes one generation into `path`. See `indexer.engine.Writer`."""

    def __init__(
        self,
        generations: Generations,
        path: Path,
        analyzer: Analyzer,
        curated_files: Mapping[str, str],
        base: tuple[Path, Manifest] | None,
        *,
        memory_mb: int,
        processes: int,
        at: float,
    ) -> None:
        """`base` is the generation to build on, None for an empty index. `at` is now, seconds since 1970."""
        self._generations = generations
        self._path = path
        self._analyzer = analyzer
        self._curated_files = curated_files
        self._base = base
        self._at = at
        self._limits = WorkLimits.share(memory_mb, processes)
        self._entries: list[SegmentEntry] = list(base[1].segments) if base else []
        self._next_segment = base[1].next_segment if base else 1
        earlier = [path / segment_file(entry.name) for entry in self._entries]
        self._batches = BatchBuilder(path, analyzer, processes, self._limits, earlier, at)
        self._shared: dict[str, tuple[int, str]] = {}
        self.committed = False
        for entry in self._entries:
            self._share(segment_file(entry.name))

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add releases, or replace those with the same id."""
        ids: list[str] = []

        def noting_ids() -> Iterator[PressRelease]:
            for release in releases:
                ids.append(release.id)
                yield release

        self._batches.put(noting_ids())
        self.remove(ids)

    @refusing_damage()
    def remove(self, release_ids: Iterable[str]) -> None:
        """Mark releases of earlier segments as deleted; unknown ids are ignored."""
        wanted = list(release_ids)
        for index, entry in enumerate(self._entries if wanted else ()):
            (documents,) = open_documents([self._path / segment_file(entry.name)])
            removed = {doc for release_id in wanted if (doc := documents.find(release_id)) >= 0}
            if removed:
                deleted = tuple(sorted({*entry.deleted, *removed}))
                self._entries[index] = SegmentEntry(entry.name, entry.documents, deleted)

    def set_curated_file(self, name: str, text: str) -> None:
        """Keep another text with the generation."""
        self._curated_files = {**self._curated_files, name: text}

    def commit(self, source_digests: Mapping[str, str]) -> None:
        """Finish the files, then make this the live generation."""
        for path, documents in self._batches.finish():
            name = self._name_segment()
            disk.replace(path, self._path / segment_file(name))
            self._entries.append(SegmentEntry(name, documents))
        self._batches.clear()
        record = json.dumps(dict(source_digests), ensure_ascii=False).encode("utf-8", "surrogatepass")
        disk.write_bytes(self._path / CHECKPOINT, record)
        self._publish()

    def is_merge_due(self) -> bool:
        """Whether the merge policy finds anything to merge."""
        return bool(find_merge(self._entries))

    def merge(self) -> None:
        """Do all merges that are due, and make the result the live generation: it answers as the one before.

        Raises IndexUnavailable if a segment to be merged is damaged.
        """
        while due := find_merge(self._entries):
            self._refuse_damaged(due)
            merged = self._merge(due)
            self._entries = [entry for entry in self._entries if entry not in due] + [merged]
        self._share(CHECKPOINT)
        self._publish()

    def close(self) -> None:
        """End the workers."""
        self._batches.close()

    def _publish(self) -> None:
        # Only who writes imports Whoosh; a process that only searches never does.
        from indexer.engines.whoosh.bridge.toc import write_toc

        self._drop_empty_segments()
        write_toc(self._path, self._entries)
        self._generations.publish(
            self._path,
            analyzer=self._analyzer.identity.to_dict(),
            curated_files=self._curated_files,
            segments=self._entries,
            next_segment=self._next_segment,
            shared=self._shared,
        )
        self.committed = True

    def _share(self, name: str) -> None:
        """Link a file of the base generation into this one."""
        assert self._base is not None
        folder, manifest = self._base
        disk.link(folder / name, self._path / name)
        self._shared[name] = manifest.files[name]

    def _drop_empty_segments(self) -> None:
        empty = [entry for entry in self._entries if len(entry.deleted) == entry.documents]
        for entry in empty:
            (self._path / segment_file(entry.name)).unlink()
        self._entries = [entry for entry in self._entries if entry not in empty]

    def _merge(self, entries: Iterable[SegmentEntry]) -> SegmentEntry:
        name = self._name_segment()
        parts = [(self._path / segment_file(entry.name), entry.deleted) for entry in entries]
        target = self._path / segment_file(name)
        return SegmentEntry(name, merge_files(target, parts, self._limits.merge_rows, at=self._at))

    def _refuse_damaged(self, entries: Iterable[SegmentEntry]) -> None:
        # The merged file gets a digest of its own: damage would be signed, and never found again.
        for name in (segment_file(entry.name) for entry in entries):
            if name in self._shared and disk.sha256(self._path / name) != self._shared[name][1]:
                raise IndexUnavailable(
                    f"색인의 {name} 파일이 손상되어 작은 조각을 합치지 않았습니다.",
                    "`bodo verify`로 확인하고 `bodo reindex --full`로 색인을 다시 만드세요.",
                )

    def _name_segment(self) -> str:
        name = f"{self._next_segment:06d}"
        self._next_segment += 1
        return name
