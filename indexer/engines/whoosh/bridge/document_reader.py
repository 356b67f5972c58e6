"""Whoosh's view of the releases of a segment: lengths, stored fields and deletions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from whoosh.codec.base import PerDocumentReader
from whoosh.codec.base import Segment as WhooshSegment
from whoosh.columns import ColumnReader

from indexer.engine import UNDATED
from indexer.engines.shared.arrays import Int64Array
from indexer.engines.whoosh.bridge.schema import ALL_TEXT, PUBLISHED, SYLLABLES
from indexer.engines.whoosh.format.segment import Segment
from indexer.engines.whoosh.format.stats import ZONES


class ArrayDocumentReader(PerDocumentReader):
    """Reads the releases of a segment."""

    def __init__(self, segment: Segment, whoosh_segment: WhooshSegment) -> None:
        self._segment = segment
        self._whoosh_segment = whoosh_segment

    def doc_count(self) -> int:
        """How many releases are not deleted."""
        count: int = self._whoosh_segment.doc_count()
        return count

    def doc_count_all(self) -> int:
        """How many releases, deleted ones included."""
        count: int = self._whoosh_segment.doc_count_all()
        return count

    def has_deletions(self) -> bool:
        """Whether any is deleted."""
        count: int = self._whoosh_segment.deleted_count()
        return count > 0

    def is_deleted(self, docnum: int) -> bool:
        """Whether a release is deleted."""
        deleted: bool = self._whoosh_segment.is_deleted(docnum)
        return deleted

    def deleted_docs(self) -> Iterator[int]:
        """The doc ids that are deleted, ascending."""
        docs: Iterator[int] = self._whoosh_segment.deleted_docs()
        return docs

    def supports_columns(self) -> bool:
        """No: bodo itself sorts and counts facets."""
        return False

    def column_reader(self, fieldname: str, column: Any) -> ColumnReader:
        """Raises KeyError: there are none."""
        raise KeyError(fieldname)

    @cache  # noqa: B019 - lives as long as the reader
    def _lengths(self, fieldname: str) -> Int64Array:
        lengths = self._segment.documents.lengths.astype(np.int64)
        title, subtitle, *body = range(ZONES)
        columns = {
            ALL_TEXT: list(range(ZONES)),
            SYLLABLES: list(range(ZONES, 2 * ZONES)),
            "title": [title],
            "subtitle": [subtitle],
            "body": body,
        }.get(fieldname, [])
        total: Int64Array = lengths[:, columns].sum(axis=1)
        return total

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """How many tokens a field has in a release."""
        return int(self._lengths(fieldname)[docnum]) or default

    def field_length(self, fieldname: str) -> int:
        """How many tokens a field has in all releases."""
        return int(self._lengths(fieldname).sum())

    def min_field_length(self, fieldname: str) -> int:
        """How many tokens a field has in the release where it is shortest."""
        return int(self._lengths(fieldname).min(initial=0))

    def max_field_length(self, fieldname: str) -> int:
        """How many tokens a field has in the release where it is longest."""
        return int(self._lengths(fieldname).max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The release, its id, and its date in seconds since 1970 if it has one."""
        release, _ = self._segment.documents.release(docnum)
        published = int(self._segment.documents.published[docnum])
        fields: dict[str, Any] = {"id": release.id, "release": release.to_dict()}
        return fields if published == UNDATED else {**fields, PUBLISHED: published}
