"""One generation, opened for search."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from whoosh import query as whoosh_query
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import IndexReader

from indexer.engine import (
    And,
    Filters,
    Generation,
    Node,
    Or,
    Phrase,
    Plan,
    Results,
    ScoredId,
    Span,
    Stored,
    Term,
)
from indexer.engines.whoosh.generations import Manifest
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS

# Seconds since 1970 of a release without a date. Negative: sorts as older than any other.
UNDATED = -(2**62)

_Docs = NDArray[np.int64]


class WhooshReader:
    """See `indexer.engine.Reader`. Whoosh's searchers are not thread-safe: a lock keeps them apart."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self._manifest = manifest
        self._name = path.name
        self._index = FileStorage(str(path)).open_index()
        self._searcher = self._index.searcher()
        self._lock = threading.Lock()
        reader = self._searcher.reader()
        self._ids = np.array(_column(reader, "id"), dtype=object)
        self._published = np.array(_column(reader, "published"), dtype=np.int64)
        self._facets = {name: np.array(_column(reader, name), dtype=object) for name in FACETS}
        # Rank of each id, so that ties are broken without comparing strings.
        self._id_ranks = np.argsort(np.argsort(self._ids.astype(str), kind="stable"), kind="stable")

    @property
    def generation(self) -> Generation:
        """What this reader answers from."""
        return Generation(
            self._name, self._manifest.updated_at, self._manifest.documents, self._manifest.size_bytes
        )

    @property
    def checkpoint(self) -> Mapping[str, str]:
        """What the last commit was given."""
        return self._manifest.checkpoint

    def search(self, plan: Plan) -> Results:
        """Answer a plan."""
        with self._lock:
            docs, scores = self._match(_to_whoosh(plan.query))
        kept = self._keep(docs, plan.filters)
        docs, scores = docs[kept], scores[kept]
        page = self._order(docs, scores, plan.sort)[plan.offset : plan.offset + plan.limit]
        return Results(
            total=len(docs),
            page=tuple(ScoredId(str(self._ids[docs[row]]), float(scores[row])) for row in page),
            facets={name: _count(self._facets[name][docs]) for name in plan.facets},
        )

    def release(self, release_id: str) -> PressRelease | None:
        """The release of this id."""
        with self._lock:
            fields = self._searcher.document(id=release_id)
        return PressRelease.from_dict(json.loads(fields["release"])) if fields else None

    def spans(self, release_id: str, field: str, terms: Iterable[str]) -> list[Span]:
        """Where terms stand in a release."""
        spans: list[Span] = []
        with self._lock:
            document = self._searcher.document_number(id=release_id)
            reader = self._searcher.reader()
            for term in set(terms):
                if document is None or (field, term.encode()) not in reader:
                    continue
                matcher = reader.postings(field, term)
                matcher.skip_to(document)
                if matcher.is_active() and matcher.id() == document:
                    spans += [
                        Span(term, start, end, position)
                        for position, start, end in matcher.value_as("characters")
                    ]
        return sorted(spans, key=lambda span: (span.start, span.end, span.term))

    def stored(self) -> dict[str, Stored]:
        """Every indexed release by id."""
        with self._lock:
            return {
                fields["id"]: Stored(fields["content_hash"], fields["source_path"])
                for fields in self._searcher.reader().all_stored_fields()
            }

    def terms(self) -> int:
        """How many different terms the text fields hold."""
        with self._lock:
            reader = self._searcher.reader()
            return len({term for field in TEXT_FIELDS for term in reader.lexicon(field.name)})

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._searcher.close()
            self._index.close()

    def _match(self, query: whoosh_query.Query) -> tuple[_Docs, NDArray[np.float64]]:
        docs: list[int] = []
        scores: list[float] = []
        for leaf, offset in self._searcher.leaf_searchers():
            matcher = query.matcher(leaf)
            deleted = leaf.reader().is_deleted
            while matcher.is_active():
                if not deleted(matcher.id()):
                    docs.append(matcher.id() + offset)
                    scores.append(matcher.score())
                matcher.next()
        return np.array(docs, np.int64), np.array(scores, np.float64)

    def _keep(self, docs: _Docs, filters: Filters) -> NDArray[np.bool_]:
        kept = np.ones(len(docs), bool)
        if filters.outlets:
            kept &= np.isin(self._facets["outlet"][docs], filters.outlets)
        published = self._published[docs]
        if filters.published_from or filters.published_before:
            kept &= published != UNDATED
        if filters.published_from:
            kept &= published >= _seconds(filters.published_from)
        if filters.published_before:
            kept &= published < _seconds(filters.published_before)
        return kept

    def _order(self, docs: _Docs, scores: NDArray[np.float64], sort: str) -> NDArray[np.int64]:
        published = self._published[docs]
        keys: tuple[NDArray[np.int64] | NDArray[np.float64], ...]
        if sort == "oldest":
            keys = (np.where(published == UNDATED, -UNDATED, published),)
        elif sort == "newest":
            keys = (-published,)
        else:
            keys = (-published, -scores)
        return np.lexsort((self._id_ranks[docs], *keys))


def _column(reader: IndexReader, name: str) -> list[object]:
    """A value a document; of an index without documents, which has no columns, none."""
    return list(reader.column_reader(name)) if reader.doc_count_all() else []


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _count(values: NDArray[np.object_]) -> dict[str, int]:
    names, counts = np.unique(values.astype(str), return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True) if name}


def _to_whoosh(node: Node) -> whoosh_query.Query:
    match node:
        case Term(text):
            return whoosh_query.Or(
                [whoosh_query.Term(field.name, text, boost=field.boost) for field in TEXT_FIELDS]
            )
        case Phrase(terms):
            return whoosh_query.Or(
                [whoosh_query.Phrase(field.name, list(terms), boost=field.boost) for field in TEXT_FIELDS]
            )
        case And(nodes):
            return whoosh_query.And([_to_whoosh(child) for child in nodes]) if nodes else whoosh_query.Every()
        case Or(nodes):
            return whoosh_query.Or([_to_whoosh(child) for child in nodes])
