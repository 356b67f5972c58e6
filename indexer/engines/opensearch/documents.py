"""Releases -> the documents that OpenSearch indexes: texts of tokens, values, and what is stored of each."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexer.analysis import Analysis, Analyzer
from indexer.engines.opensearch.groups import Signature
from indexer.engines.opensearch.keywords import facet_keyword, to_keyword
from indexer.engines.opensearch.mapping import FREQUENCY_SCALE, HEAD
from indexer.engines.opensearch.stored_release import pack_phrases, pack_release, pack_tokens
from indexer.engines.opensearch.terms import (
    escape,
    join_bigrams,
    join_positions,
    join_weighted,
    join_weighted_bigrams,
)
from indexer.engines.shared.moments import embargo_seconds, published_seconds
from indexer.engines.shared.near_duplicates import sign_bodies
from indexer.engines.shared.release_phrases import find_lead_ends, find_phrases
from indexer.release import PressRelease
from indexer.schema import (
    BODY,
    CONTACT,
    FACETS,
    SUBTITLE,
    TEXT_FIELDS,
    TITLE,
)
from indexer.text.arrays import Int64Array
from indexer.weights import WEIGHTS

_FIELDS = len(TEXT_FIELDS)
_TITLE, _SUBTITLE, _CONTACT, _BODY = map(TEXT_FIELDS.index, (TITLE, SUBTITLE, CONTACT, BODY))
_SEOUL_S, _DAY_S = 9 * 60 * 60, 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Document:
    """A release to be indexed: its fields as JSON, without line feeds, and the phrases for suggestions.

    `embargo_s` is the first second since 1970 at which it may be found. A short body has no `signature`.
    """

    id: str
    embargo_s: int
    source: bytes
    phrases: frozenset[str]
    signature: Signature | None


def with_group(source: bytes, label: str) -> bytes:
    """The fields of a release with the label of its group; '' is none."""
    return source[:-1] + b',"group":' + json.dumps(label).encode() + b"}" if source and label else source


def day_of(published: int) -> int:
    """The day in Seoul of a time in seconds since 1970, counted from that year."""
    return (published + _SEOUL_S) // _DAY_S


def make_documents(releases: Sequence[PressRelease], analyzer: Analyzer) -> Iterator[Document]:
    """Analyse releases. Raises AnalysisError if a text holds a lone surrogate."""
    texts = [field.read(release) for release in releases for field in TEXT_FIELDS]
    analysed = analyzer.analyze(texts)
    lead_ends = find_lead_ends(analysed.bigrams)
    phrases = find_phrases(releases, texts, analysed.morphemes, lead_ends)
    signatures = sign_bodies(releases, analysed.bigrams)
    # Lucene's integers have a sign.
    fingerprints = signatures.fingerprints.view(np.int64).tolist()
    vocabulary = _Vocabulary(analysed)
    for index, release in enumerate(releases):
        tokens = _ReleaseTokens(analysed, vocabulary, index, int(lead_ends[index]))
        fields = _fields(release)
        fields["release"] = pack_release(release)
        fields["tokens"] = tokens.pack()
        fields["phrases"] = pack_phrases(phrases[index])
        minhash = signatures.minhashes[index].tobytes()
        signature = None
        if fingerprints[index]:
            signature = Signature(release.id, int(signatures.published[index]), fingerprints[index], minhash)
            fields["fingerprint"] = signature.fingerprint
            fields["minhash"] = base64.b64encode(minhash).decode()
        values = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        source = (values[:-1] + "".join(tokens.texts()) + "}").encode()
        yield Document(release.id, embargo_seconds(release), source, frozenset(phrases[index]), signature)


def _fields(release: PressRelease) -> dict[str, Any]:
    """The values of a release that are not texts."""
    fields: dict[str, Any] = {
        "id": to_keyword(release.id),
        "content_hash": release.content_hash,
        "source_path": to_keyword(release.source_path),
    }
    for name, facet in FACETS.items():
        fields[f"facet_{name}"] = facet_keyword(facet.read(release))
    if release.published_at:
        fields["published"] = published_seconds(release)
        fields["day"] = day_of(published_seconds(release))
    if embargo := embargo_seconds(release):
        fields["embargo"] = embargo
    return fields


class _Vocabulary:
    """The morphemes of a batch: their names, and those escaped. `term_of` has for each morpheme an index."""

    def __init__(self, analysed: Analysis) -> None:
        terms, self.term_of = np.unique(analysed.morphemes.terms, return_inverse=True)
        names = [analysed.morphemes.vocabulary[term] for term in terms.tolist()]
        # Arrays of objects are taken from at once.
        self.names, self.escaped = np.empty(len(names), object), np.empty(len(names), object)
        self.names[:] = names
        self.escaped[:] = [escape(name) for name in names]


class _ReleaseTokens:
    """The tokens of one release of an analysed batch."""

    def __init__(self, analysed: Analysis, vocabulary: _Vocabulary, release: int, lead_end: int) -> None:
        self._morphemes, self._bigrams, self._lead_end = analysed.morphemes, analysed.bigrams, lead_end
        self._first = release * _FIELDS
        self._rows = self._rows_of(self._morphemes.bounds)
        self._letters = self._rows_of(self._bigrams.bounds)
        terms, self._term_of = np.unique(vocabulary.term_of[self._rows], return_inverse=True)
        self._names: list[str] = vocabulary.names[terms].tolist()
        self._escaped = vocabulary.escaped[terms]

    def texts(self) -> Iterator[str]:
        """The texts of tokens as members of a JSON object, a comma before each."""
        yield f',"morphemes":"{self._weighted_morphemes()}","bigrams":"{self._weighted_bigrams()}"'
        for stream, text_of in (("morphemes", self._morpheme_text), ("bigrams", self._bigram_text)):
            texts = [text_of(field) for field in range(_FIELDS)]
            for field, text in zip(TEXT_FIELDS, texts, strict=True):
                yield f',"{field.name}_{stream}":"{text}"'
            head = '","'.join(texts[field] for field in (_TITLE, _SUBTITLE, _CONTACT))
            yield f',"{HEAD}_{stream}":["{head}"]'

    def _rows_of(self, bounds: Int64Array) -> slice:
        return slice(int(bounds[self._first]), int(bounds[self._first + _FIELDS]))

    def _bounds(self, bounds: Int64Array) -> Int64Array:
        own: Int64Array = bounds[self._first : self._first + _FIELDS + 1] - bounds[self._first]
        return own

    def _morpheme_text(self, field: int) -> str:
        """The morphemes of a text field for `terms.join_positions`."""
        first, stop = self._bounds(self._morphemes.bounds)[field : field + 2]
        terms = self._escaped[self._term_of[first:stop]].tolist()
        return join_positions(terms, self._morphemes.positions[self._rows][first:stop])

    def _bigram_text(self, field: int) -> str:
        """The bigrams of a text field."""
        first, stop = self._bounds(self._bigrams.bounds)[field : field + 2]
        keys, flags = self._bigrams.keys[self._letters], self._bigrams.boundary_flags[self._letters]
        return join_bigrams(keys[first:stop], flags[first:stop])

    def _weighted_morphemes(self) -> str:
        """Each different morpheme with its weighted frequency."""
        starts = self._morphemes.starts[self._rows]
        weights = self._weights(self._bounds(self._morphemes.bounds), starts)
        frequencies = np.bincount(self._term_of, weights, len(self._names)).astype(np.int64)
        return join_weighted(self._escaped.tolist(), frequencies)

    def _weighted_bigrams(self) -> str:
        """Each different bigram with its weighted frequency."""
        keys, inverse = np.unique(self._bigrams.keys[self._letters], return_inverse=True)
        weights = self._weights(self._bounds(self._bigrams.bounds), self._bigrams.starts[self._letters])
        return join_weighted_bigrams(keys, np.bincount(inverse, weights, len(keys)).astype(np.int64))

    def _weights(self, bounds: Int64Array, starts: Any) -> Int64Array:  # noqa: ANN401
        """How much each token counts, as an integer."""
        by_field = {_TITLE: WEIGHTS.title, _SUBTITLE: WEIGHTS.subtitle, _CONTACT: 1.0, _BODY: 1.0}
        weights = np.repeat([by_field[field] for field in range(_FIELDS)], np.diff(bounds))
        body = slice(int(bounds[_BODY]), int(bounds[_BODY + 1]))
        weights[body][starts[body] < self._lead_end] = WEIGHTS.lead
        scaled: Int64Array = np.rint(weights * FREQUENCY_SCALE).astype(np.int64)
        return scaled

    def pack(self) -> str:
        """The tokens, to be stored."""
        batch, rows = self._morphemes, self._rows
        return pack_tokens(
            self._names,
            (batch.positions[rows], batch.starts[rows], batch.ends[rows], self._term_of),
            self._bigrams.boundary_flags[self._letters],
            np.diff(self._bounds(batch.bounds)).tolist(),
            np.diff(self._bounds(self._bigrams.bounds)).tolist(),
            self._lead_end,
        )
