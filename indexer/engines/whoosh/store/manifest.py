"""What a generation says of itself: its segments, and the SHA-256 of each of its files."""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from indexer.engines.shared import disk
from indexer.errors import IndexUnavailable
from indexer.schema import INDEX_FORMAT

MANIFEST = "manifest.json"
CHECKPOINT = "checkpoint.json"
SEGMENT_EXTENSION = ".arrays"
_NAME_DIGITS = 16  # of a digest in hexadecimal: no two manifests of an index will share them by accident
_NUMBER = re.compile(r"\d{6,18}")
_FILE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,100}")
# The file is missing or not a regular one: what `disk.regular_size` and opening say of these.
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EINVAL)


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of a generation: the name of its file, how many releases it has, and which doc ids are
    deleted (ascending).
    """

    name: str
    documents: int
    deleted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The manifest of a generation.

    `name` tells the generation from any other. `updated_at` is aware. `documents` are the releases that are
    not deleted. `files` maps a name to its size in bytes and SHA-256. `next_segment` numbers the next segment
    file: no name is ever used for two contents.
    """

    name: str
    updated_at: datetime
    documents: int
    analyzer: Mapping[str, Any]
    curated_files: Mapping[str, str]
    segments: tuple[SegmentEntry, ...]
    next_segment: int
    files: Mapping[str, tuple[int, str]]

    @property
    def size_bytes(self) -> int:
        """The bytes of all files."""
        return sum(size for size, _ in self.files.values())


def segment_file(name: str) -> str:
    """The file name of a segment, in the form that Whoosh asks for."""
    return f"MAIN_{name}{SEGMENT_EXTENSION}"


def is_file_name(name: str) -> bool:
    """Whether a name can only be that of a file in its own folder."""
    return _FILE_NAME.fullmatch(name) is not None


def is_number(name: str) -> bool:
    """Whether a name can be that of a generation's folder or of a segment."""
    return _NUMBER.fullmatch(name) is not None


def generation_name(folder: str, digest: str) -> str:
    """The name that readers and cursors know a generation by, from its folder's and its manifest's digest."""
    return f"{folder}-{digest[:_NAME_DIGITS]}"


def read_manifest(path: Path, digest: str) -> Manifest:
    """The manifest in a generation's folder. Its SHA-256 has to begin with `digest`.

    Raises IndexUnavailable if it is missing, damaged, of another format, or if one of the files that it names
    is missing or of another size.
    """
    damaged = broken_index(f"{path / MANIFEST} 파일이 없거나 손상되었습니다.")
    try:
        disk.regular_size(path / MANIFEST)
        data = (path / MANIFEST).read_bytes()
        own_digest = hashlib.sha256(data).hexdigest()
        if not own_digest.startswith(digest):
            raise damaged
        record = json.loads(data)
        own_format = record["format"]
        name = generation_name(path.name, own_digest)
        manifest = _parse(name, record) if own_format == INDEX_FORMAT else None
    except OSError as error:
        raise unreadable_file(path / MANIFEST, error) from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise damaged from error
    if manifest is None:
        raise broken_index(
            f"{path.parent}의 색인은 형식 {own_format}인데, 이 프로그램은 형식 {INDEX_FORMAT}을 씁니다."
        )
    _check_sizes(path, manifest)
    return manifest


def _check_sizes(path: Path, manifest: Manifest) -> None:
    for file, (expected, _) in manifest.files.items():
        try:
            size = disk.regular_size(path / file)
        except OSError as error:
            raise unreadable_file(path / file, error) from error
        if size != expected:
            raise broken_index(
                f"색인의 {path / file} 파일이 손상되었습니다({expected:,}바이트가 아닌 {size:,})."
            )


def _parse(name: str, record: dict[str, Any]) -> Manifest:
    """The manifest of a JSON record. Raises ValueError, KeyError or TypeError if it is none. Nothing in it
    may name a file outside the folder, or a release that a segment does not have.
    """
    manifest = Manifest(
        name=name,
        updated_at=datetime.fromisoformat(record["updated_at"]),
        documents=int(record["documents"]),
        analyzer=dict(record["analyzer"]),
        curated_files={str(file): str(text) for file, text in record["resources"].items()},
        segments=tuple(
            SegmentEntry(str(segment), int(documents), tuple(map(int, deleted)))
            for segment, documents, deleted in record["segments"]
        ),
        next_segment=int(record["next_segment"]),
        files={str(file): (int(size), str(digest)) for file, (size, digest) in record["files"].items()},
    )
    if manifest.updated_at.tzinfo is None:
        raise ValueError("a time without a zone")
    if not all(map(is_file_name, manifest.files)):
        raise ValueError("not a file name")
    for entry in manifest.segments:
        if not is_number(entry.name) or segment_file(entry.name) not in manifest.files:
            raise ValueError("a segment without a file")
        if any(not 0 <= doc_id < entry.documents for doc_id in entry.deleted):
            raise ValueError("a deleted release that the segment does not have")
    if len({entry.name for entry in manifest.segments}) != len(manifest.segments):
        raise ValueError("a segment twice")
    return manifest


def broken_index(message: str) -> IndexUnavailable:
    """The error for an index that has to be rebuilt."""
    return IndexUnavailable(message, "`bodo reindex --full`로 색인을 다시 만드세요.")


def unreadable_file(path: Path, error: OSError) -> IndexUnavailable:
    """The error for a file that is missing, or that may be whole but cannot be read by us, or not now."""
    if error.errno in _NO_FILE:
        return broken_index(f"색인의 {path} 파일이 없거나 손상되었습니다.")
    return IndexUnavailable(f"색인의 {path} 파일을 읽을 수 없습니다({error.strerror}).", disk.way_out(error))
