"""What a segment has of each release beside postings: columns, and the release itself, compressed."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import overload

import numpy as np
import zstandard

from indexer.engines.shared.arrays import ByteArray, Int64Array, Mask, UInt32Array, UInt64Array
from indexer.engines.shared.container import Container, ContainerWriter
from indexer.engines.shared.near_duplicates import group_near_duplicates
from indexer.engines.shared.signatures import SIGNATURE_BYTES, BodySignatures
from indexer.engines.shared.strings import Strings, encode, write_coded, write_strings
from indexer.engines.whoosh.format.blobs import PackedOffsets, unpack_release
from indexer.engines.whoosh.format.stats import ZONES
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS

# Fast rather than small: a batch that will be merged is read once.
_QUICK_COMPRESSION_LEVEL = -1
# Measured: level 6 saves a twentieth and takes three times as long.
_COMPRESSION_LEVEL = 3
# Releases are short and alike. Measured: a dictionary trained on some of them saves a third. One for fewer
# than this is not worth its own size.
_MIN_TRAINED = 1_000
_TRAINED_ON = 3_000
_DICTIONARY_BYTES = 112 << 10  # about what zstd's own command takes
# No release comes near this: one that claims to is damaged, and must not take all memory.
_MAX_BLOB_BYTES = 1 << 30
_HASH_BYTES = 32


@dataclass(slots=True)
class Documents:
    """Columns in plain form, with a row for each release.

    `embargoes` are the seconds since 1970 before which a release must not be found. `lengths` has 2 * ZONES
    columns: tokens in each zone, of morphemes, then of bigrams. `field_starts` has two columns for each text
    field: its first position, of morphemes, then of bigrams. `blobs` are what `pack_releases` gives.
    """

    ids: list[str]
    content_hashes: list[str]
    source_paths: list[str]
    signatures: BodySignatures
    embargoes: Int64Array
    facets: dict[str, list[str]]
    lengths: UInt32Array
    field_starts: UInt32Array
    blobs: Sequence[bytes]


def group_documents(documents: Documents, earlier: Sequence[StoredDocuments]) -> None:
    """Set the groups of `documents`, taking those of near-duplicates in `earlier` segments."""
    groups = group_near_duplicates(documents.signatures, [stored.signatures() for stored in earlier])
    documents.signatures = replace(documents.signatures, groups=groups)


def write_documents(container: ContainerWriter, documents: Documents, *, final: bool = True) -> None:
    """Write the columns and the releases: compressed well, with a dictionary trained on them, or, if not
    `final`, quickly.
    """
    write_strings(container, "ids", documents.ids)
    encoded_ids = np.array([encode(release_id) for release_id in documents.ids], object)
    container.add("id_order", np.argsort(encoded_ids, kind="stable").astype(np.uint32))
    container.add("content_hashes", np.frombuffer(bytes.fromhex("".join(documents.content_hashes)), np.uint8))
    write_coded(container, "source_paths", documents.source_paths)
    container.add("published", documents.signatures.published)
    container.add("embargoes", documents.embargoes)
    container.add("body_fingerprints", documents.signatures.fingerprints)
    container.add("body_minhashes", documents.signatures.minhashes.reshape(-1))
    container.add("body_groups", documents.signatures.groups)
    for name, values in documents.facets.items():
        write_coded(container, f"facet.{name}", values)
    container.add("lengths", documents.lengths.reshape(-1))
    container.add("field_starts", documents.field_starts.reshape(-1))
    dictionary = _train(documents.blobs) if final else b""
    container.add("blob_dictionary", np.frombuffer(dictionary, np.uint8))
    compressor = zstandard.ZstdCompressor(
        _COMPRESSION_LEVEL if final else _QUICK_COMPRESSION_LEVEL,
        dict_data=zstandard.ZstdCompressionDict(dictionary) if dictionary else None,
        # Nobody is shown a text with a flipped bit, and no merge signs one.
        write_checksum=True,
    )
    sizes: list[int] = []

    def compressed() -> Iterator[ByteArray]:
        for blob in documents.blobs:
            packed = compressor.compress(blob)
            sizes.append(len(packed))
            yield np.frombuffer(packed, np.uint8)

    container.add_pieces("blobs", np.dtype(np.uint8), compressed())
    container.add("blob_ends", np.cumsum(sizes, dtype=np.int64))


def _train(blobs: Sequence[bytes]) -> bytes:
    """A dictionary for zstd, trained on blobs that are spread evenly; b"" if there are too few."""
    if len(blobs) < _MIN_TRAINED:
        return b""
    samples: list[bytes | bytearray | memoryview] = [
        blobs[index] for index in range(0, len(blobs), -(-len(blobs) // _TRAINED_ON))
    ]
    try:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, samples).as_bytes()
    except zstandard.ZstdError:  # too few, or too much alike, to learn from
        return b""


class StoredDocuments:
    """The documents of an open segment. A doc id counts through its releases from 0."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._ids = Strings(container, "ids")
        self._id_order: UInt32Array = container["id_order"]
        self.published: Int64Array = container["published"]
        self.embargoes: Int64Array = container["embargoes"]
        self.body_groups: UInt64Array = container["body_groups"]
        self.lengths: UInt32Array = container["lengths"].reshape(-1, 2 * ZONES)
        self.field_starts: UInt32Array = container["field_starts"].reshape(-1, 2 * len(TEXT_FIELDS))
        self._hashes: ByteArray = container["content_hashes"].reshape(-1, _HASH_BYTES)
        self._blob_ends: Int64Array = container["blob_ends"]
        self._blobs: ByteArray = container["blobs"]
        dictionary = container["blob_dictionary"].tobytes()
        self._decompressor = zstandard.ZstdDecompressor(
            zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        )
        # A decompressor may not be used by two threads at once.
        self._lock = threading.Lock()
        self.facet = lru_cache(len(FACETS))(self._load_facet)

    def __len__(self) -> int:
        return len(self.published)

    def id(self, doc_id: int) -> str:
        """The id of a release."""
        return self._ids[doc_id]

    def find(self, release_id: str) -> int:
        """The doc id of a release, -1 if the segment does not have it."""
        wanted = encode(release_id)
        rank = bisect_left(
            range(len(self)), wanted, key=lambda rank: self._ids.raw(int(self._id_order[rank]))
        )
        if rank < len(self) and self._ids.raw(int(self._id_order[rank])) == wanted:
            return int(self._id_order[rank])
        return -1

    def having(self, facet: str, values: Iterable[str]) -> Mask:
        """Which releases have one of some values of a facet."""
        codes: UInt32Array = self._container[f"facet.{facet}.codes"]
        names = Strings(self._container, f"facet.{facet}")
        mask = np.zeros(len(self), bool)
        for value in values:
            if (code := names.find(value)) >= 0:
                mask |= codes == code
        return mask

    def blob(self, doc_id: int) -> bytes:
        """The bytes that `pack_releases` made of a release. Raises ValueError if they are damaged."""
        start = int(self._blob_ends[doc_id - 1]) if doc_id else 0
        packed = self._blobs[start : int(self._blob_ends[doc_id])].tobytes()
        try:
            if zstandard.get_frame_parameters(packed).content_size > _MAX_BLOB_BYTES:
                raise ValueError("a text of more than 1 GB")
            with self._lock:
                return self._decompressor.decompress(packed)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error

    def release(self, doc_id: int) -> tuple[PressRelease, PackedOffsets]:
        """A release and the offsets of its morphemes. Raises as `blob` and `unpack_release` do."""
        return unpack_release(self.blob(doc_id), bytes(self._hashes[doc_id]).hex())

    def load(self) -> Documents:
        """All columns in plain form."""
        paths, codes = self.source_paths()
        facets = {}
        for name in FACETS:
            facet_codes, values = self.facet(name)
            facets[name] = [values[code] for code in facet_codes]
        return Documents(
            ids=self._ids.all(),
            content_hashes=self.content_hashes(),
            source_paths=[paths[code] for code in codes],
            signatures=self.signatures(),
            embargoes=self.embargoes,
            facets=facets,
            lengths=self.lengths,
            field_starts=self.field_starts,
            blobs=Blobs([(self, doc_id) for doc_id in range(len(self))]),
        )

    def signatures(self) -> BodySignatures:
        """The columns that tell near-duplicates."""
        minhashes = self._container["body_minhashes"].reshape(-1, SIGNATURE_BYTES)
        return BodySignatures(
            self.published, self._container["body_fingerprints"], minhashes, self.body_groups
        )

    def ids(self) -> list[str]:
        """Every id, by doc id."""
        return self._ids.all()

    def content_hashes(self) -> list[str]:
        """Every content hash in hexadecimal, by doc id."""
        digits = self._hashes.tobytes().hex()
        return [digits[start : start + 2 * _HASH_BYTES] for start in range(0, len(digits), 2 * _HASH_BYTES)]

    def source_paths(self) -> tuple[list[str], UInt32Array]:
        """The distinct source paths, and for each doc id the index of its own."""
        return Strings(self._container, "source_paths").all(), self._container["source_paths.codes"]

    def _load_facet(self, name: str) -> tuple[UInt32Array, list[str]]:
        """The code of each release, and the value of each code, ascending."""
        return self._container[f"facet.{name}.codes"], Strings(self._container, f"facet.{name}").all()


class Blobs(Sequence[bytes]):
    """The blobs of stored documents, decompressed as they are asked for."""

    def __init__(self, stored: Sequence[tuple[StoredDocuments, int]]) -> None:
        """`stored` has for each blob its documents and its doc id there."""
        self._stored = stored

    def __len__(self) -> int:
        return len(self._stored)

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> Blobs: ...

    def __getitem__(self, index: int | slice) -> bytes | Blobs:
        if isinstance(index, slice):
            return Blobs(self._stored[index])
        documents, doc_id = self._stored[index]
        return documents.blob(doc_id)
