"""What a segment keeps of each release beside postings: columns, and the release itself with its spans."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.engines.whoosh.container import AnyArray, Container
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS

# Seconds since 1970 of a release without a date. Negative: sorts as older than any other.
UNDATED = -(2**62)
ZONES = 5  # title, subtitle, headings, lead, rest of the body: see `postings`
_COMPRESSION = 2  # level 6 saves a tenth and costs three times the time


@dataclass(slots=True)
class Documents:
    """Columns in plain form, a row a release.

    `lengths` has a row a release, and ten columns: tokens in each zone, of morphemes, then of bigrams.
    `field_starts` likewise has six: the first position of each text field, of morphemes, then of bigrams.
    `blobs` are what `pack_release` gives.
    """

    ids: list[str]
    content_hashes: list[str]
    source_paths: list[str]
    published: NDArray[np.int64]
    facets: dict[str, list[str]]
    lengths: NDArray[np.uint32]
    field_starts: NDArray[np.uint32]
    blobs: list[bytes]


def published_seconds(release: PressRelease) -> int:
    """The column of the date."""
    return int(release.published_at.timestamp()) if release.published_at else UNDATED


def pack_release(release: PressRelease, spans: list[tuple[NDArray[np.int32], NDArray[np.int32]]]) -> bytes:
    """A release and, for each text field, starts and ends of its morphemes by position, compressed."""
    record = json.dumps(release.to_dict(), ensure_ascii=False).encode()
    pieces = [len(record).to_bytes(4, "little"), record]
    for starts, ends in spans:
        pieces.append(len(starts).to_bytes(4, "little"))
        # Differences are small numbers, which compress well.
        pieces.append(np.diff(starts, prepend=np.int32(0)).astype("<i4").tobytes())
        pieces.append((ends - starts).astype("<i4").tobytes())
    return zlib.compress(b"".join(pieces), _COMPRESSION)


def unpack_release(
    blob: bytes,
) -> tuple[PressRelease, dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]]:
    """What `pack_release` packed, spans by field name."""
    data = zlib.decompress(blob)
    length = int.from_bytes(data[:4], "little")
    release = PressRelease.from_dict(json.loads(data[4 : 4 + length]))
    offset = 4 + length
    spans = {}
    for field in TEXT_FIELDS:
        count = int.from_bytes(data[offset : offset + 4], "little")
        offset += 4
        starts = np.cumsum(np.frombuffer(data, "<i4", count, offset), dtype=np.int64)
        offset += 4 * count
        ends = starts + np.frombuffer(data, "<i4", count, offset)
        offset += 4 * count
        spans[field.name] = (starts, ends)
    return release, spans


def stored_arrays(documents: Documents) -> Iterator[tuple[str, AnyArray]]:
    """The arrays as a segment stores them."""
    yield from _strings("ids", documents.ids)
    yield "id_order", np.argsort(np.array([text.encode() for text in documents.ids], object), kind="stable")
    yield from _strings("content_hashes", documents.content_hashes)
    yield from _coded("source_paths", documents.source_paths)
    yield "published", documents.published
    for name, values in documents.facets.items():
        yield from _coded(f"facet.{name}", values)
    yield "lengths", documents.lengths.reshape(-1)
    yield "field_starts", documents.field_starts.reshape(-1)
    yield "blob_ends", np.cumsum([len(blob) for blob in documents.blobs], dtype=np.int64)
    yield "blobs", np.frombuffer(b"".join(documents.blobs), np.uint8)


class StoredDocuments:
    """The documents of an open segment."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._ids = _Strings(container, "ids")
        self._id_order: NDArray[np.int64] = container["id_order"]
        self.published: NDArray[np.int64] = container["published"]
        self.lengths = container["lengths"].reshape(-1, 2 * ZONES)
        self.field_starts = container["field_starts"].reshape(-1, 2 * len(TEXT_FIELDS))
        self._blob_ends: NDArray[np.int64] = container["blob_ends"]
        self._blobs: NDArray[np.uint8] = container["blobs"]

    def __len__(self) -> int:
        return len(self.published)

    def id(self, document: int) -> str:
        """The id of a document."""
        return self._ids[document]

    def find(self, release_id: str) -> int:
        """The number of a document; -1 where the segment does not hold it."""
        wanted = release_id.encode("utf-8", "surrogatepass")
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._ids.raw(int(self._id_order[middle])) < wanted:
                low = middle + 1
            else:
                high = middle
        if low < len(self) and self._ids.raw(int(self._id_order[low])) == wanted:
            return int(self._id_order[low])
        return -1

    def facet(self, name: str) -> tuple[NDArray[np.uint32], list[str]]:
        """A code a document, and the value of each code."""
        return self._container[f"facet.{name}.codes"], _Strings(self._container, f"facet.{name}").all()

    def blob(self, document: int) -> bytes:
        """What `pack_release` made of a document."""
        start = int(self._blob_ends[document - 1]) if document else 0
        return self._blobs[start : int(self._blob_ends[document])].tobytes()

    def release(
        self, document: int
    ) -> tuple[PressRelease, dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]]:
        """A release and the spans of its morphemes."""
        return unpack_release(self.blob(document))

    def load(self) -> Documents:
        """All columns in plain form."""
        paths, codes = self.source_paths()
        facets = {}
        for name in FACETS:
            numbers, values = self.facet(name)
            facets[name] = [values[number] for number in numbers]
        return Documents(
            ids=self._ids.all(),
            content_hashes=self.content_hashes(),
            source_paths=[paths[code] for code in codes],
            published=self.published,
            facets=facets,
            lengths=self.lengths,
            field_starts=self.field_starts,
            blobs=[self.blob(document) for document in range(len(self))],
        )

    def ids(self) -> list[str]:
        """Every id, by document."""
        return self._ids.all()

    def content_hashes(self) -> list[str]:
        """Every content hash, by document."""
        return _Strings(self._container, "content_hashes").all()

    def source_paths(self) -> tuple[list[str], NDArray[np.uint32]]:
        """The source paths, and for each document which of them is its own."""
        return _Strings(self._container, "source_paths").all(), self._container["source_paths.codes"]


class _Strings:
    """Strings laid end to end."""

    def __init__(self, container: Container, name: str) -> None:
        self._bytes: NDArray[np.uint8] = container[f"{name}.bytes"]
        self._ends: NDArray[np.int64] = container[f"{name}.ends"]

    def raw(self, number: int) -> bytes:
        start = int(self._ends[number - 1]) if number else 0
        return self._bytes[start : int(self._ends[number])].tobytes()

    def __getitem__(self, number: int) -> str:
        return self.raw(number).decode("utf-8", "surrogatepass")

    def all(self) -> list[str]:
        whole = self._bytes.tobytes()
        ends = self._ends.tolist()
        return [
            whole[start:end].decode("utf-8", "surrogatepass")
            for start, end in zip([0, *ends], ends, strict=False)
        ]


def _strings(name: str, values: list[str]) -> Iterator[tuple[str, AnyArray]]:
    encoded = [value.encode("utf-8", "surrogatepass") for value in values]
    yield f"{name}.bytes", np.frombuffer(b"".join(encoded), np.uint8)
    yield f"{name}.ends", np.cumsum([len(value) for value in encoded], dtype=np.int64)


def _coded(name: str, values: list[str]) -> Iterator[tuple[str, AnyArray]]:
    codes = {value: code for code, value in enumerate(sorted(set(values)))}
    yield f"{name}.codes", np.array([codes[value] for value in values], np.uint32)
    yield from _strings(name, list(codes))
