"""What a blob says of the tokens of a release: positions for reranking, and the texts for marking."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import overload

import numpy as np

from indexer.analysis import Token, letters_and_digits
from indexer.analysis.token import draw_boundaries
from indexer.engine import MatchPositions
from indexer.engine.meaning import AnalysedRelease, AnalysedText
from indexer.engines.opensearch.stored_release import StoredRelease
from indexer.schema import BODY, SUBTITLE, TEXT_FIELDS
from indexer.text.arrays import Int64Array, UInt8Array
from indexer.text.normalize import normalize

_SUBTITLE, _BODY = TEXT_FIELDS.index(SUBTITLE), TEXT_FIELDS.index(BODY)


def find_positions(
    releases: Sequence[StoredRelease], terms: Sequence[str], frequencies: Sequence[int], documents: int
) -> MatchPositions:
    """Where `terms` stand in releases; see `MatchPositions`."""
    index_of = {term: index for index, term in enumerate(terms)}
    occurrences: list[Int64Array] = []
    title_ends, in_lead = [], []
    for doc, stored in enumerate(releases):
        positions, starts, _, term_of = stored.tokens()
        wanted = np.array([index_of.get(term, -1) for term in stored.terms], np.int64)
        counts = [morphemes for morphemes, _ in stored.counts]
        bounds = np.append(0, np.cumsum(counts))
        # Fields follow each other with one position between.
        widths = [
            int(positions[stop - 1]) + 2 if count else 1
            for count, stop in zip(counts, bounds[1:], strict=True)
        ]
        field_starts = np.cumsum([0, *widths[:-1]])
        title_ends.append(int(field_starts[_SUBTITLE]))
        asked = wanted[term_of] if len(term_of) else term_of
        rows = np.flatnonzero(asked >= 0)
        whole = positions[rows] + field_starts.repeat(counts)[rows]
        found = np.unique(np.column_stack([whole, asked[rows]]), axis=0)
        occurrences.append(np.column_stack([np.full(len(found), doc), found[:, 1], found[:, 0]]))
        lead = rows[(rows >= bounds[_BODY]) & (starts[rows] < stored.lead_end)]
        lead_terms = set(asked[lead].tolist())
        in_lead.append([term in lead_terms for term in range(len(terms))])
    columns = np.concatenate([np.zeros((0, 3), np.int64), *occurrences])
    return MatchPositions(
        documents, frequencies, columns[:, 0], columns[:, 1], columns[:, 2], title_ends, in_lead
    )


def to_analysed(stored: StoredRelease) -> AnalysedRelease:
    """The release with its tokens, as analysing it again would give them."""
    release = stored.release
    columns = [column.tolist() for column in stored.tokens()]
    terms = stored.terms
    fields: dict[str, AnalysedText] = {}
    row = letter = 0
    for field, (morphemes, letters) in zip(TEXT_FIELDS, stored.counts, strict=True):
        rows = zip(*(column[row : row + morphemes] for column in columns), strict=True)
        tokens = [Token(terms[term], start, end, position, "", "") for position, start, end, term in rows]
        value = field.read(release)
        bigrams = _StoredBigrams(value, stored.flags[letter : letter + letters])
        fields[field.name] = _StoredText(value, tokens, bigrams)
        row += morphemes
        letter += letters
    return AnalysedRelease(release, fields)


class _StoredBigrams(Sequence[Token]):
    """The bigrams of a text. A token is made when it is looked at: a phrase looks at few."""

    def __init__(self, text: str, flags: UInt8Array) -> None:
        normal = normalize(text).text
        self.letters = letters_and_digits(normal)[0]
        self._flags = flags
        if len(self.letters) != len(flags):
            raise ValueError("what is stored of a release does not fit its text")

    def __len__(self) -> int:
        return len(self.letters)

    @overload
    def __getitem__(self, index: int) -> Token: ...

    @overload
    def __getitem__(self, index: slice) -> list[Token]: ...

    def __getitem__(self, index: int | slice) -> Token | list[Token]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        row = range(len(self))[index]
        term = self.letters[row : row + 2]
        return Token(term, 0, 0, row, draw_boundaries(term, int(self._flags[row])), "bigram")


class _StoredText(AnalysedText):
    """A text whose bigrams are made one by one. Their offsets are those of `chars`."""

    bigrams: _StoredBigrams

    @cached_property
    def letters(self) -> str:
        return self.bigrams.letters
