"""What a segment keeps of each release beside postings: columns, and the release itself with its spans."""

from __future__ import annotations

import json
import math
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import overload

import numpy as np
import zstandard
from numpy.typing import NDArray

from indexer.engines.whoosh.format.container import Container, ContainerWriter
from indexer.engines.whoosh.format.signatures import SIGNATURE_BYTES, UNDATED, BodySignatures
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS

ZONES = 5  # title, subtitle, headings, lead, rest of the body: see `postings`
_QUICK_COMPRESSION = -1
_COMPRESSION = 3  # level 6 saves a twentieth and costs three times the time
# Releases are short and alike: a dictionary that is trained on some of them saves a third. Fewer than this
# are not worth one.
_MIN_TRAINED = 1_000
_TRAINED_ON = 3_000
_DICTIONARY_BYTES = 112 << 10
# No text and no list of spans comes near this: what claims to is damaged.
_MAX_UNPACKED_BYTES = 1 << 30
_EMPTY = PressRelease(id="", title="").to_dict()
_HASH_BYTES = 32
_NO_EMBARGO = 0
_SHORT = 15  # a gap or length that fits half a byte
_LONG = 255


@dataclass(slots=True)
class Documents:
    """Columns in plain form, a row a release.

    `signatures` tell which bodies are alike, and have the dates; `embargoes` are seconds since 1970, before
    which a release must not be found. `lengths` has ten columns: tokens in each zone, of morphemes, then of
    bigrams. `field_starts` has six: the first position of each text field, of morphemes, then of bigrams.
    `blobs` are what `pack_releases` gives.
    """

    ids: list[str]
    content_hashes: list[str]
    source_paths: list[str]
    signatures: BodySignatures
    embargoes: NDArray[np.int64]
    facets: dict[str, list[str]]
    lengths: NDArray[np.uint32]
    field_starts: NDArray[np.uint32]
    blobs: Sequence[bytes]


def published_seconds(release: PressRelease) -> int:
    """The column of the date."""
    return int(release.published_at.timestamp()) if release.published_at else UNDATED


def embargo_seconds(release: PressRelease) -> int:
    """The column of the embargo: the first whole second at which a release may be found."""
    return math.ceil(release.embargo_until.timestamp()) if release.embargo_until else _NO_EMBARGO


def pack_releases(
    releases: Sequence[PressRelease],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    bounds: NDArray[np.int64],
) -> Iterator[bytes]:
    """Each release and, for each of its text fields, starts and ends of its morphemes by position: those of
    field f of release r are the rows from bounds[r * fields + f] to the next bound.

    A morpheme is a byte: the gap before it and its length. Those for which half a byte is not enough are
    listed behind.
    """
    gaps, lengths = starts.copy(), ends - starts
    gaps[1:] -= ends[:-1]
    firsts = bounds[:-1][np.diff(bounds) > 0]
    gaps[firsts] = starts[firsts]
    short = (gaps >= 0) & (gaps < _SHORT) & (lengths <= _SHORT)
    packed = np.where(short, gaps << 4 | lengths, _LONG).astype(np.uint8).tobytes()
    long = np.flatnonzero(~short)
    listed = np.column_stack([gaps[long], lengths[long]]).astype("<i4").tobytes()
    row_bounds, listed_bounds = bounds.tolist(), (8 * np.searchsorted(long, bounds)).tolist()
    for number, release in enumerate(releases):
        fields = {name: value for name, value in release.to_dict().items() if value != _EMPTY[name]}
        del fields["content_hash"]  # a column of its own
        record = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        encoded = record.encode("utf-8", "surrogatepass")
        pieces = [len(encoded).to_bytes(4, "little"), encoded]
        for field in range(number * len(TEXT_FIELDS), (number + 1) * len(TEXT_FIELDS)):
            first, stop = row_bounds[field : field + 2]
            pieces.append((stop - first).to_bytes(4, "little"))
            pieces.append(packed[first:stop])
            pieces.append(listed[slice(*listed_bounds[field : field + 2])])
        yield b"".join(pieces)


@dataclass(frozen=True, slots=True)
class PackedSpans:
    """The spans of a release's morphemes as they are stored: how many each text field has, a byte each, and
    those for which that is not enough.
    """

    counts: tuple[int, ...]
    short: bytes
    listed: bytes


def unpack_release(data: bytes, content_hash: str) -> tuple[PressRelease, PackedSpans]:
    """What `pack_releases` packed; the spans are for `unpack_spans`."""
    length = int.from_bytes(data[:4], "little")
    record = json.loads(data[4 : 4 + length].decode("utf-8", "surrogatepass"))
    release = PressRelease.from_dict({**_EMPTY, **record, "content_hash": content_hash})
    offset = 4 + length
    pieces, listed, counts = [], [], []
    for _ in TEXT_FIELDS:
        counts.append(int.from_bytes(data[offset : offset + 4], "little"))
        offset += 4
        pieces.append(data[offset : offset + counts[-1]])
        offset += counts[-1]
        behind = offset + 8 * pieces[-1].count(_LONG)
        listed.append(data[offset:behind])
        offset = behind
    return release, PackedSpans(tuple(counts), b"".join(pieces), b"".join(listed))


def unpack_spans(
    packed: Sequence[PackedSpans],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Starts, ends and bounds of the spans of some releases, as `pack_releases` takes them. Raises ValueError
    where they are damaged.
    """
    spans = np.frombuffer(b"".join(own.short for own in packed), np.uint8)
    gaps, lengths = (spans >> 4).astype(np.int64), (spans & _SHORT).astype(np.int64)
    long = (spans == _LONG).nonzero()[0]
    listed = np.frombuffer(b"".join(own.listed for own in packed), "<i4")
    gaps[long], lengths[long] = listed.reshape(-1, 2).T
    counts = np.array([own.counts for own in packed], np.int64).reshape(-1)
    bounds = np.append(0, counts.cumsum())
    ends = (gaps + lengths).cumsum()
    # Each field begins anew.
    ends -= np.append(0, ends)[bounds[:-1]].repeat(counts)
    return ends - lengths, ends, bounds


def write_documents(container: ContainerWriter, documents: Documents, *, final: bool = True) -> None:
    """Write the columns, and the texts compressed: well and with a dictionary that is trained on them, or,
    where not `final`, quickly.
    """
    write_strings(container, "ids", documents.ids)
    names = np.array([text.encode("utf-8", "surrogatepass") for text in documents.ids], object)
    container.add("id_order", np.argsort(names, kind="stable").astype(np.uint32))
    container.add("content_hashes", np.frombuffer(bytes.fromhex("".join(documents.content_hashes)), np.uint8))
    _write_coded(container, "source_paths", documents.source_paths)
    container.add("published", documents.signatures.published)
    container.add("embargoes", documents.embargoes)
    container.add("body_fingerprints", documents.signatures.fingerprints)
    container.add("body_minhashes", documents.signatures.minhashes.reshape(-1))
    container.add("body_groups", documents.signatures.groups)
    for name, values in documents.facets.items():
        _write_coded(container, f"facet.{name}", values)
    container.add("lengths", documents.lengths.reshape(-1))
    container.add("field_starts", documents.field_starts.reshape(-1))
    dictionary = _train(documents.blobs) if final else b""
    container.add("blob_dictionary", np.frombuffer(dictionary, np.uint8))
    compressor = zstandard.ZstdCompressor(
        _COMPRESSION if final else _QUICK_COMPRESSION,
        dict_data=zstandard.ZstdCompressionDict(dictionary) if dictionary else None,
        # Nobody is shown a text with a flipped bit, and no merge signs one.
        write_checksum=True,
    )
    sizes: list[int] = []

    def compressed() -> Iterator[NDArray[np.uint8]]:
        for blob in documents.blobs:
            packed = compressor.compress(blob)
            sizes.append(len(packed))
            yield np.frombuffer(packed, np.uint8)

    container.add_pieces("blobs", np.dtype(np.uint8), compressed())
    container.add("blob_ends", np.cumsum(sizes, dtype=np.int64))


def _train(blobs: Sequence[bytes]) -> bytes:
    """A dictionary for zstd from some of the texts, spread evenly; b"" where there are too few."""
    if len(blobs) < _MIN_TRAINED:
        return b""
    samples: list[bytes | bytearray | memoryview] = [
        blobs[number] for number in range(0, len(blobs), -(-len(blobs) // _TRAINED_ON))
    ]
    try:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, samples).as_bytes()
    except zstandard.ZstdError:  # texts too few or too much alike to learn from
        return b""


class StoredDocuments:
    """The documents of an open segment."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._ids = Strings(container, "ids")
        self._id_order: NDArray[np.int64] = container["id_order"]
        self.published: NDArray[np.int64] = container["published"]
        self.embargoes: NDArray[np.int64] = container["embargoes"]
        self.body_groups: NDArray[np.uint64] = container["body_groups"]
        self.lengths = container["lengths"].reshape(-1, 2 * ZONES)
        self.field_starts = container["field_starts"].reshape(-1, 2 * len(TEXT_FIELDS))
        self._hashes: NDArray[np.uint8] = container["content_hashes"].reshape(-1, _HASH_BYTES)
        self._blob_ends: NDArray[np.int64] = container["blob_ends"]
        self._blobs: NDArray[np.uint8] = container["blobs"]
        trained = container["blob_dictionary"].tobytes()
        self._decompressor = zstandard.ZstdDecompressor(
            zstandard.ZstdCompressionDict(trained) if trained else None
        )
        self.facet = lru_cache(len(FACETS))(self._load_facet)
        # A decompressor may not be used by two threads at once.
        self._lock = threading.Lock()

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

    def _load_facet(self, name: str) -> tuple[NDArray[np.uint32], list[str]]:
        """A code a document, and the value of each code."""
        return self._container[f"facet.{name}.codes"], Strings(self._container, f"facet.{name}").all()

    def having(self, name: str, values: Iterable[str]) -> NDArray[np.bool_]:
        """The documents with one of some values."""
        codes: NDArray[np.uint32] = self._container[f"facet.{name}.codes"]
        names = Strings(self._container, f"facet.{name}")
        found = np.zeros(len(self), bool)
        for value in values:
            wanted = value.encode("utf-8", "surrogatepass")
            place = bisect_left(range(len(names)), wanted, key=names.raw)
            if place < len(names) and names.raw(place) == wanted:
                found |= codes == place
        return found

    def blob(self, document: int) -> bytes:
        """What `pack_releases` made of a document. Raises ValueError where it is damaged."""
        start = int(self._blob_ends[document - 1]) if document else 0
        packed = self._blobs[start : int(self._blob_ends[document])].tobytes()
        try:
            if zstandard.get_frame_parameters(packed).content_size > _MAX_UNPACKED_BYTES:
                raise ValueError("a text of more than 1 GB")
            with self._lock:
                return self._decompressor.decompress(packed)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error

    def content_hash(self, document: int) -> str:
        """The content hash of a document."""
        return bytes(self._hashes[document]).hex()

    def release(self, document: int) -> tuple[PressRelease, PackedSpans]:
        """A release and the spans of its morphemes."""
        return unpack_release(self.blob(document), self.content_hash(document))

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
            signatures=self.signatures(),
            embargoes=self.embargoes,
            facets=facets,
            lengths=self.lengths,
            field_starts=self.field_starts,
            blobs=Blobs([(self, document) for document in range(len(self))]),
        )

    def signatures(self) -> BodySignatures:
        """What says which bodies are alike."""
        minhashes = self._container["body_minhashes"].reshape(-1, SIGNATURE_BYTES)
        return BodySignatures(
            self.published, self._container["body_fingerprints"], minhashes, self.body_groups
        )

    def ids(self) -> list[str]:
        """Every id, by document."""
        return self._ids.all()

    def content_hashes(self) -> list[str]:
        """Every content hash, by document."""
        whole = self._hashes.tobytes().hex()
        return [whole[start : start + 2 * _HASH_BYTES] for start in range(0, len(whole), 2 * _HASH_BYTES)]

    def source_paths(self) -> tuple[list[str], NDArray[np.uint32]]:
        """The source paths, and for each document which of them is its own."""
        return Strings(self._container, "source_paths").all(), self._container["source_paths.codes"]


class Strings:
    """Strings laid end to end."""

    def __init__(self, container: Container, name: str) -> None:
        # Looked into one at a time, which views are faster at than arrays.
        self._bytes = container[f"{name}.bytes"].data
        self._ends = container[f"{name}.ends"].data

    def __len__(self) -> int:
        return len(self._ends)

    def raw(self, number: int) -> bytes:
        """One of them in UTF-8."""
        return self._bytes[self._ends[number - 1] if number else 0 : self._ends[number]].tobytes()

    def __getitem__(self, number: int) -> str:
        return self.raw(number).decode("utf-8", "surrogatepass")

    def all(self) -> list[str]:
        """Each of them, in order."""
        whole = self._bytes.tobytes()
        ends = self._ends.tolist()
        return [
            whole[start:end].decode("utf-8", "surrogatepass")
            for start, end in zip([0, *ends], ends, strict=False)
        ]


def write_strings(container: ContainerWriter, name: str, values: Iterable[str]) -> None:
    """Write strings under a name, for `Strings` to read."""
    encoded = [value.encode("utf-8", "surrogatepass") for value in values]
    container.add(f"{name}.bytes", np.frombuffer(b"".join(encoded), np.uint8))
    container.add(f"{name}.ends", np.cumsum([len(value) for value in encoded], dtype=np.int64))


def _write_coded(container: ContainerWriter, name: str, values: list[str]) -> None:
    codes = {value: code for code, value in enumerate(sorted(set(values)))}
    container.add(f"{name}.codes", np.array([codes[value] for value in values], np.uint32))
    write_strings(container, name, codes)


class Blobs(Sequence[bytes]):
    """The texts of stored documents, unpacked as they are asked for."""

    def __init__(self, places: Sequence[tuple[StoredDocuments, int]]) -> None:
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, number: int) -> bytes: ...

    @overload
    def __getitem__(self, number: slice) -> Blobs: ...

    def __getitem__(self, number: int | slice) -> bytes | Blobs:
        if isinstance(number, slice):
            return Blobs(self._places[number])
        documents, document = self._places[number]
        return documents.blob(document)
