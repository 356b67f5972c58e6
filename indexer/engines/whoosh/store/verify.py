"""Finds damage: every byte against the manifest, and every segment against itself.

Digests find what a disk or a person changed. The rest finds what a fault of the program might have written:
postings of releases that do not exist, counts that disagree, offsets outside of their text, a release that
does not have its content hash.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from indexer.engine import Corruption
from indexer.engines.shared import disk
from indexer.engines.shared.arrays import Int64Array
from indexer.engines.shared.moments import embargo_seconds
from indexer.engines.whoosh.format.blobs import unpack_offsets
from indexer.engines.whoosh.format.postings import STREAMS, cut_terms
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.format.stats import ZONES
from indexer.engines.whoosh.store.manifest import MANIFEST, Manifest, segment_file
from indexer.release import content_hash_of
from indexer.schema import TEXT_FIELDS

# Postings plus occurrences that are checked at a time: bounds memory, to some hundred megabytes.
_MAX_ROWS = 4_000_000


def find_damage(path: Path, manifest: Manifest) -> Iterator[Corruption]:
    """What is wrong with the generation in a folder, file by file."""
    sound = set()
    for name, (_, digest) in sorted(manifest.files.items()):
        try:
            if disk.sha256(path / name) == digest:
                sound.add(name)
            else:
                yield Corruption(name, "적어 둔 지문(SHA-256)과 다릅니다.")
        except OSError as error:
            yield Corruption(name, f"읽을 수 없습니다({error.strerror}).")
    for name in sorted({file.name for file in path.iterdir()} - manifest.files.keys() - {MANIFEST}):
        yield Corruption(name, "이 세대의 파일이 아닙니다.")
    ids: set[str] = set()
    for entry in manifest.segments:
        name = segment_file(entry.name)
        if name not in sound:
            continue
        try:
            segment = Segment(path / name)
            if len(segment) != entry.documents:
                yield Corruption(name, f"보도자료가 {entry.documents:,}건이 아니라 {len(segment):,}건입니다.")
            for what in _check_segment(segment):
                yield Corruption(name, what)
            own_ids = segment.documents.ids()
            live = {own_ids[doc_id] for doc_id in set(range(len(segment))) - set(entry.deleted)}
            for release_id in sorted(ids & live):
                yield Corruption(name, f"id {release_id}이(가) 두 번 있습니다.")
            ids |= live
        except Exception as error:  # damaged arrays may lead to any
            yield Corruption(name, f"읽을 수 없습니다({error}).")
    if len(ids) != manifest.documents and sound >= {segment_file(entry.name) for entry in manifest.segments}:
        yield Corruption(MANIFEST, f"보도자료가 {manifest.documents:,}건이 아니라 {len(ids):,}건입니다.")


def _check_segment(segment: Segment) -> Iterator[str]:
    for index, stream in enumerate(STREAMS):
        starts = segment.documents.field_starts[:, index * len(TEXT_FIELDS)]
        if (starts != 0).any():
            yield f"{stream}: 자리가 0에서 시작하지 않습니다."
        lengths = segment.documents.lengths[:, index * ZONES : (index + 1) * ZONES]
        yield from _check_stream(segment, stream, lengths.sum(axis=1, dtype=np.int64))
    if not segment.phrases.is_sound(len(segment)):
        yield "phrases: 엠바고가 있는 보도자료의 말이 맞지 않습니다."
    yield from _check_documents(segment)


def _check_stream(segment: Segment, stream: str, lengths: Int64Array) -> Iterator[str]:
    """`lengths` are the tokens of each release in the stream."""
    stored = segment.postings(stream)
    postings, occurrences = stored.sizes()
    if (
        (postings <= 0).any()
        or int(postings.sum()) != len(stored.docs)
        or len(stored.stats) != len(stored.docs)
    ):
        yield f"{stream}: 낱말의 자리가 맞지 않습니다."
        return
    if (occurrences <= 0).any() or int(occurrences.sum()) != stored.occurrence_count:
        yield f"{stream}: 나온 자리의 수가 맞지 않습니다."
        return
    counted = np.zeros(len(segment), np.int64)
    for first, stop in cut_terms(postings + occurrences, _MAX_ROWS):
        part = stored.load(segment.terms(stream).load(first, stop), first, stop)
        if int(part.docs.max(initial=0)) >= len(segment):
            yield f"{stream}: 없는 보도자료를 가리킵니다."
            return
        ascending = np.diff(part.docs.astype(np.int64)) > 0
        ascending[part.starts[1:-1] - 1] = True  # a term begins
        if not ascending.all():
            yield f"{stream}: 보도자료의 차례가 어긋났습니다."
        if first == stop:
            continue
        per_term = np.add.reduceat(part.freqs, part.starts[:-1], dtype=np.int64)
        if not np.array_equal(per_term, occurrences[first:stop]):
            yield f"{stream}: 나온 횟수가 맞지 않습니다."
            return
        counted += np.bincount(part.docs, weights=part.freqs, minlength=len(segment)).astype(np.int64)
    if not np.array_equal(counted, lengths):
        wrong = int(np.flatnonzero(counted != lengths)[0])
        yield f"{stream}: {segment.documents.id(wrong)}의 낱말 수가 맞지 않습니다."


def _check_documents(segment: Segment) -> Iterator[str]:
    documents = segment.documents
    for doc_id in range(len(segment)):
        try:
            release, packed = documents.release(doc_id)
            all_starts, all_ends, bounds = unpack_offsets([packed])
        except (ValueError, LookupError, TypeError) as error:
            yield f"{documents.id(doc_id)}: 본문을 읽을 수 없습니다({error})."
            continue
        if release.id != documents.id(doc_id) or documents.find(release.id) != doc_id:
            yield f"{documents.id(doc_id)}: id로 찾을 수 없습니다."
        if embargo_seconds(release) != documents.embargoes[doc_id]:
            yield f"{release.id}: 엠바고가 맞지 않습니다."
        if content_hash_of(release) != release.content_hash:
            yield f"{release.id}: 색인할 때의 내용과 다릅니다."
        for field, (first, stop) in zip(TEXT_FIELDS, pairwise(bounds.tolist()), strict=True):
            starts, ends = all_starts[first:stop], all_ends[first:stop]
            length = len(field.read(release))
            if len(starts) and not (
                starts[0] >= 0
                and (starts < ends).all()
                and ends.max() <= length
                and (np.diff(starts) >= 0).all()
            ):
                yield f"{release.id}: {field.name}의 표시 자리가 글 밖에 있습니다."
