"""Finds damage: every byte against the manifest, and every segment against itself.

Digests find what a disk or a hand changed; the rest finds what a fault of the program might have written:
postings of releases that are not there, counts that do not agree, spans outside of their text, a release that
is not what its content hash was made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from indexer.engine import Corruption
from indexer.engines.whoosh import disk
from indexer.engines.whoosh.format.documents import ZONES, embargo_seconds, unpack_spans
from indexer.engines.whoosh.format.postings import StoredPostings, cut_terms
from indexer.engines.whoosh.format.segment import STREAMS, Segment
from indexer.engines.whoosh.store.generations import Manifest, segment_file
from indexer.release import content_hash_of
from indexer.schema import TEXT_FIELDS

_ROWS_AT_ONCE = 4_000_000


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
    for found in sorted({file.name for file in path.iterdir()} - manifest.files.keys() - {"manifest.json"}):
        yield Corruption(found, "이 세대의 파일이 아닙니다.")
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
            own = segment.documents.ids()
            alive = set(range(len(segment))) - set(entry.deleted)
            doubled = ids & {own[document] for document in alive}
            ids |= {own[document] for document in alive}
            yield from (
                Corruption(name, f"id {release_id}이(가) 두 번 있습니다.") for release_id in sorted(doubled)
            )
        except Exception as error:  # whatever damaged arrays lead to
            yield Corruption(name, f"읽을 수 없습니다({error}).")
    if len(ids) != manifest.documents and sound >= {segment_file(entry.name) for entry in manifest.segments}:
        yield Corruption(
            "manifest.json", f"보도자료가 {manifest.documents:,}건이 아니라 {len(ids):,}건입니다."
        )


def _check_segment(segment: Segment) -> Iterator[str]:
    for prefix, column in zip(STREAMS, (0, ZONES), strict=True):
        lengths = segment.documents.lengths[:, column : column + ZONES].sum(axis=1, dtype=np.int64)
        starts = segment.documents.field_starts[:, 0 if column == 0 else len(TEXT_FIELDS)]
        if (starts != 0).any():
            yield f"{prefix}: 자리가 0에서 시작하지 않습니다."
        yield from _check_stream(segment, prefix, segment.stream(prefix), lengths)
    if not segment.phrases.is_sound(len(segment)):
        yield "phrases: 엠바고가 있는 보도자료의 말이 맞지 않습니다."
    yield from _check_documents(segment)


def _check_stream(
    segment: Segment, prefix: str, stream: StoredPostings, lengths: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> Iterator[str]:
    postings, occurrences = stream.sizes()
    if (
        (postings <= 0).any()
        or int(postings.sum()) != len(stream.docs)
        or len(stream.stats) != len(stream.docs)
    ):
        yield f"{prefix}: 낱말의 자리가 맞지 않습니다."
        return
    if (occurrences <= 0).any() or int(occurrences.sum()) != stream.occurrence_count:
        yield f"{prefix}: 나온 자리의 수가 맞지 않습니다."
        return
    found = np.zeros(len(segment), np.int64)
    for first, stop in cut_terms(postings + occurrences, _ROWS_AT_ONCE):
        part = stream.load(segment.terms(prefix).names(first, stop), first, stop)
        if int(part.docs.max(initial=0)) >= len(segment):
            yield f"{prefix}: 없는 보도자료를 가리킵니다."
            return
        rising = np.diff(part.docs.astype(np.int64)) > 0
        rising[part.starts[1:-1] - 1] = True
        if not rising.all():
            yield f"{prefix}: 보도자료의 차례가 어긋났습니다."
        if first == stop:
            continue
        per_term = np.add.reduceat(part.counts, part.starts[:-1], dtype=np.int64)
        if not np.array_equal(per_term, occurrences[first:stop]):
            yield f"{prefix}: 나온 횟수가 맞지 않습니다."
            return
        found += np.bincount(part.docs, weights=part.counts, minlength=len(segment)).astype(np.int64)
    if not np.array_equal(found, lengths):
        wrong = int(np.flatnonzero(found != lengths)[0])
        yield f"{prefix}: {segment.documents.id(wrong)}의 낱말 수가 맞지 않습니다."


def _check_documents(segment: Segment) -> Iterator[str]:
    documents = segment.documents
    for number in range(len(segment)):
        try:
            release, packed = documents.release(number)
            all_starts, all_ends, bounds = unpack_spans([packed])
        except (ValueError, LookupError, TypeError) as error:
            yield f"{documents.id(number)}: 본문을 읽을 수 없습니다({error})."
            continue
        if release.id != documents.id(number) or documents.find(release.id) != number:
            yield f"{documents.id(number)}: id로 찾을 수 없습니다."
        if embargo_seconds(release) != documents.embargoes[number]:
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
