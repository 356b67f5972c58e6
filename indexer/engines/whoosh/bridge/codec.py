"""The Whoosh codec over the arrays: what makes `whoosh.index.open_dir` and Whoosh's own queries work here.

It reads only, and knows nothing of embargoes. bodo itself searches the arrays directly (`matching.py`,
`scoring.py`), which is some fifty times faster than Whoosh's matchers, a Python call a posting; they are for
other tools, and an oracle in tests.

`ArraySegment` is pickled by module path into the TOC: this module and the class cannot be renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Codec, FieldCursor, PerDocumentReader, TermsReader
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.columns import ColumnReader
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Format
from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound
from whoosh.scoring import BaseScorer

from indexer.analysis.bigrams import unpack
from indexer.engines.whoosh.bridge.fields import ALL_TEXT, PUBLISHED, SYLLABLES, make_schema
from indexer.engines.whoosh.format.documents import ZONES
from indexer.engines.whoosh.format.postings import StoredPostings, in_field
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.format.signatures import UNDATED
from indexer.engines.whoosh.store.generations import SEGMENT_EXTENSION, is_file_name
from indexer.errors import IndexUnavailable
from indexer.schema import FACETS, TEXT_FIELDS


class ArraySegment(WhooshSegment):
    """A segment as the TOC has it: its name, its size, and which of its releases are deleted."""

    def __init__(self, indexname: str, segid: str, documents: int, deleted: Iterable[int]) -> None:
        super().__init__(indexname)
        self.segid = segid
        self._documents = documents
        self._deleted = frozenset(deleted)

    def codec(self) -> ArrayCodec:
        """The codec that reads it."""
        return ArrayCodec()

    def doc_count_all(self) -> int:
        """Releases, deleted ones included."""
        return self._documents

    def deleted_count(self) -> int:
        """Releases that are deleted."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        """Which are deleted."""
        return iter(sorted(self._deleted))

    def is_deleted(self, docnum: int) -> bool:
        """Whether one is."""
        return docnum in self._deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Refused: an index of bodo is written by bodo only. Raises TypeError."""
        raise TypeError("an index of bodo is written by bodo only")

    def set_doc_count(self, doccount: int) -> None:
        """Refused. Raises TypeError."""
        raise TypeError("an index of bodo is written by bodo only")

    def should_assemble(self) -> bool:
        """One file a segment already."""
        return False


class ArrayCodec(Codec):
    """Reads segments of arrays."""

    def terms_reader(self, storage: FileStorage, segment: ArraySegment) -> ArrayTermsReader:
        """Terms and postings."""
        return ArrayTermsReader(_open(storage, segment))

    def per_document_reader(self, storage: FileStorage, segment: ArraySegment) -> ArrayDocumentReader:
        """Lengths, stored fields and deletions."""
        return ArrayDocumentReader(_open(storage, segment), segment)

    def per_document_writer(self, storage: FileStorage, segment: ArraySegment) -> Any:
        """Refused. Raises TypeError."""
        raise TypeError("an index of bodo is written by bodo only")

    field_writer = per_document_writer


def _open(storage: FileStorage, segment: ArraySegment) -> Segment:
    name = segment.make_filename(SEGMENT_EXTENSION)
    if not is_file_name(name):
        raise IndexUnavailable(f"Whoosh 목차에 폴더 밖의 파일 이름이 있습니다: {name}")
    return Segment(Path(storage.folder) / name)


class _Field:
    """A field as Whoosh sees it: sorted terms, and the postings of each."""

    def __init__(self, terms: list[bytes]) -> None:
        self.terms = terms
        self._numbers = {term: number for number, term in enumerate(terms)}

    def find(self, term: bytes) -> int:
        """The number of a term. Raises KeyError where there is none."""
        return self._numbers[term]

    def postings(
        self, number: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], list[NDArray[np.int64]] | None]:
        """Releases, frequencies, and positions where the field has them."""
        raise NotImplementedError


class _TextField(_Field):
    """Morphemes or bigrams, of every text field or of one. Positions count from the field's first."""

    def __init__(self, segment: Segment, stream: StoredPostings, names: list[bytes], field: str = "") -> None:
        self._stream = stream
        self._numbers_in_stream: NDArray[np.int64] = np.arange(len(names))
        self._first: NDArray[np.int64] = np.zeros(len(segment), np.int64)
        self._stop = self._first + np.iinfo(np.int64).max
        if field:
            order = [own.name for own in TEXT_FIELDS].index(field)
            starts = segment.documents.field_starts.astype(np.int64)
            self._first = starts[:, order]
            if order + 1 < len(TEXT_FIELDS):
                self._stop = starts[:, order + 1]
            counted = np.concatenate([[0], np.cumsum(in_field(stream.stats, field))])[stream.starts]
            self._numbers_in_stream = np.flatnonzero(np.diff(counted))
        super().__init__([names[number] for number in self._numbers_in_stream])

    def postings(
        self, number: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], list[NDArray[np.int64]] | None]:
        term = int(self._numbers_in_stream[number])
        docs = self._stream.docs[self._stream.rows(term)].astype(np.int64)
        lengths, positions, _ = self._stream.occurrences([term], [np.arange(len(docs))])
        owners = np.arange(len(docs)).repeat(lengths)
        inside = (positions >= self._first[docs[owners]]) & (positions < self._stop[docs[owners]])
        owners, positions = owners[inside], positions[inside] - self._first[docs[owners[inside]]]
        used, counts = np.unique(owners, return_counts=True)
        return docs[used], counts, np.split(positions, np.cumsum(counts)[:-1])


class _ValueField(_Field):
    """A column: each release has at most one value."""

    def __init__(self, values: list[bytes]) -> None:
        by_value: dict[bytes, list[int]] = {}
        for document, value in enumerate(values):
            if value:
                by_value.setdefault(value, []).append(document)
        self._documents = [by_value[value] for value in sorted(by_value)]
        super().__init__(sorted(by_value))

    def postings(
        self, number: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], list[NDArray[np.int64]] | None]:
        docs = np.array(self._documents[number], np.int64)
        return docs, np.ones(len(docs), np.int64), None


class ArrayTermsReader(TermsReader):
    """Whoosh's view of the terms of a segment."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    @cached_property
    def _fields(self) -> dict[str, _Field]:
        segment = self._segment
        morphemes = segment.morpheme_terms.all()
        bigrams = [unpack(key).encode() for key in segment.bigram_terms.keys.tolist()]
        fields: dict[str, _Field] = {
            ALL_TEXT: _TextField(segment, segment.morphemes, morphemes),
            SYLLABLES: _TextField(segment, segment.bigrams, bigrams),
            "id": _ValueField([text.encode() for text in segment.documents.ids()]),
            PUBLISHED: _ValueField(_published_terms(segment)),
        }
        for field in TEXT_FIELDS:
            fields[field.name] = _TextField(segment, segment.morphemes, morphemes, field.name)
        for name in FACETS:
            codes, values = segment.documents.facet(name)
            fields[name] = _ValueField([values[code].encode() for code in codes])
        return fields

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        name, text = term
        try:
            self._fields[name].find(text)
        except KeyError:
            return False
        return True

    def indexed_field_names(self) -> list[str]:
        """Every field with terms."""
        return list(self._fields)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Every field's terms, in order."""
        return ((name, term) for name in sorted(self._fields) for term in self._fields[name].terms)

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Terms from a place on, through the fields behind it."""
        return (term for term in self.terms() if term >= (fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Terms with what is known of them."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Terms from a place on, with what is known of them."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """What is known of a term. Raises KeyError where there is none."""
        field = self._fields[fieldname]
        docs, counts, _ = field.postings(field.find(text))
        return TermInfo(
            weight=float(counts.sum()), df=len(docs), minlength=1, maxlength=1,
            maxweight=float(counts.max()), minid=int(docs[0]), maxid=int(docs[-1]),
        )  # fmt: skip

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Occurrences of a term. Raises KeyError where there is none."""
        weight: float = self.term_info(fieldname, text).weight()
        return weight

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Releases with a term. Raises KeyError where there is none."""
        frequency: int = self.term_info(fieldname, text).doc_frequency()
        return frequency

    def matcher(
        self, fieldname: str, text: bytes, format_: Format, scorer: BaseScorer | None = None
    ) -> ArrayMatcher:
        """The postings of a term. Raises TermNotFound where there is none."""
        try:
            field = self._fields[fieldname]
            docs, counts, positions = field.postings(field.find(text))
        except KeyError as error:
            raise TermNotFound(f"{fieldname}:{text!r}") from error
        return ArrayMatcher((fieldname, text), docs, counts, positions, format_, scorer)

    def cursor(self, fieldname: str, fieldobj: Any) -> ArrayCursor:
        """A cursor over the terms of a field."""
        return ArrayCursor(self._fields[fieldname].terms, fieldobj)


class ArrayCursor(FieldCursor):
    """Walks the terms of a field."""

    def __init__(self, terms: list[bytes], field: Any) -> None:
        self._terms = terms
        self._field = field
        self._at = 0

    def first(self) -> Any:
        """Go to the first term."""
        self._at = 0
        return self.text()

    def find(self, string: bytes | str) -> Any:
        """Go to the first term that is not before `string`."""
        wanted = string.encode() if isinstance(string, str) else string
        self._at = int(np.searchsorted(np.array(self._terms, object), wanted))
        return self.text()

    def next(self) -> Any:
        """Go to the next term."""
        self._at += 1
        return self.text()

    def text(self) -> Any:
        """The term, or None at the end."""
        return self._field.from_bytes(self._terms[self._at]) if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether there is a term here."""
        return self._at < len(self._terms)


class ArrayMatcher(LeafMatcher):
    """The postings of one term."""

    def __init__(
        self,
        term: tuple[str, bytes],
        docs: NDArray[np.int64],
        counts: NDArray[np.int64],
        positions: list[NDArray[np.int64]] | None,
        format_: Format,
        scorer: BaseScorer | None,
        at: int = 0,
    ) -> None:
        self._term = term
        self._docs = docs
        self._counts = counts
        self._positions = positions
        self.format = format_
        self.scorer = scorer
        self._at = at

    def is_active(self) -> bool:
        """Whether there is a posting here."""
        return self._at < len(self._docs)

    def id(self) -> int:
        """The release here."""
        return int(self._docs[self._at])

    def next(self) -> bool:
        """Go to the next posting."""
        if not self.is_active():
            raise ReadTooFar
        self._at += 1
        return True

    def skip_to(self, id: int) -> bool:
        """Go to the first posting that is not before a release."""
        if not self.is_active():
            raise ReadTooFar
        self._at = max(self._at, int(np.searchsorted(self._docs, id)))
        return True

    def reset(self) -> None:
        """Go back to the first posting."""
        self._at = 0

    def copy(self) -> ArrayMatcher:
        """Another matcher at the same place."""
        return ArrayMatcher(
            self._term, self._docs, self._counts, self._positions, self.format, self.scorer, self._at
        )

    def all_ids(self) -> Iterator[int]:
        """Every release."""
        return iter(self._docs.tolist())

    def weight(self) -> float:
        """How often the term stands in the release here."""
        return float(self._counts[self._at])

    def supports(self, astype: str) -> bool:
        """Whether `value_as` gives this."""
        return (astype == "positions" and self._positions is not None) or astype in ("frequency", "weight")

    def value_as(self, astype: str) -> Any:
        """Positions, or how often. Raises NotImplementedError for anything else."""
        if astype == "positions" and self._positions is not None:
            return self._positions[self._at].tolist()
        if astype == "frequency":
            return int(self._counts[self._at])
        if astype == "weight":
            return self.weight()
        raise NotImplementedError(astype)

    def supports_block_quality(self) -> bool:
        """No: the one block would be all postings."""
        return False


class ArrayDocumentReader(PerDocumentReader):
    """Whoosh's view of the releases of a segment."""

    def __init__(self, segment: Segment, whoosh_segment: ArraySegment) -> None:
        self._segment = segment
        self._whoosh_segment = whoosh_segment

    def doc_count(self) -> int:
        """Releases that are not deleted."""
        count: int = self._whoosh_segment.doc_count()
        return count

    def doc_count_all(self) -> int:
        """Releases, deleted ones included."""
        return self._whoosh_segment.doc_count_all()

    def has_deletions(self) -> bool:
        """Whether any is deleted."""
        return self._whoosh_segment.deleted_count() > 0

    def is_deleted(self, docnum: int) -> bool:
        """Whether one is deleted."""
        return self._whoosh_segment.is_deleted(docnum)

    def deleted_docs(self) -> Iterator[int]:
        """Which are deleted."""
        return self._whoosh_segment.deleted_docs()

    def supports_columns(self) -> bool:
        """Sorting and faceting by column is bodo's own."""
        return False

    def column_reader(self, fieldname: str, column: Any) -> ColumnReader:
        """There are none. Raises KeyError."""
        raise KeyError(fieldname)

    @cache  # noqa: B019 - lives as long as the reader
    def _lengths(self, fieldname: str) -> NDArray[np.int64]:
        lengths = self._segment.documents.lengths.astype(np.int64)
        title, subtitle, *body = range(ZONES)
        columns = {
            ALL_TEXT: list(range(ZONES)),
            SYLLABLES: list(range(ZONES, 2 * ZONES)),
            "title": [title],
            "subtitle": [subtitle],
            "body": body,
        }.get(fieldname, [])
        total: NDArray[np.int64] = lengths[:, columns].sum(axis=1)
        return total

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Tokens of a field in a release."""
        return int(self._lengths(fieldname)[docnum]) or default

    def field_length(self, fieldname: str) -> int:
        """Tokens of a field in all releases."""
        return int(self._lengths(fieldname).sum())

    def min_field_length(self, fieldname: str) -> int:
        """Tokens of a field in the release that has fewest."""
        return int(self._lengths(fieldname).min(initial=0))

    def max_field_length(self, fieldname: str) -> int:
        """Tokens of a field in the release that has most."""
        return int(self._lengths(fieldname).max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The release, its id, and seconds since 1970 of its date."""
        release, _ = self._segment.documents.release(docnum)
        published = int(self._segment.documents.published[docnum])
        fields: dict[str, Any] = {"id": release.id, "release": release.to_dict()}
        return fields if published == UNDATED else {**fields, PUBLISHED: published}


def _published_terms(segment: Segment) -> list[bytes]:
    to_bytes = make_schema()[PUBLISHED].to_bytes
    return [b"" if value == UNDATED else to_bytes(value) for value in segment.documents.published.tolist()]
