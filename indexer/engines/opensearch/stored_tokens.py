"""What is stored of the tokens of releases: positions for reranking, and texts for marking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from indexer.analysis.letters import letter_and_digit_offsets
from indexer.analysis.token import draw_boundaries
from indexer.engine import MatchPositions
from indexer.engine.meaning import AnalysedRelease, AnalysedText, Range
from indexer.engines.opensearch.stored_release import StoredTokens
from indexer.release import PressRelease
from indexer.schema import BODY, SUBTITLE, TEXT_FIELDS
from indexer.text.arrays import BoolArray, Int64Array, UInt8Array, code_points
from indexer.text.normalize import normalize

_FIELDS = len(TEXT_FIELDS)
_SUBTITLE, _BODY = TEXT_FIELDS.index(SUBTITLE), TEXT_FIELDS.index(BODY)
_NO_TERM = -1


def find_positions(
    releases: Sequence[StoredTokens], terms: Sequence[str], frequencies: Sequence[int], documents: int
) -> MatchPositions:
    """Where `terms` stand in releases; see `MatchPositions`. All releases are looked at together."""
    count = len(releases)
    counts = np.array([stored.morphemes for stored in releases], np.int64).reshape(count, _FIELDS)
    rows = np.concatenate([np.zeros((4, 0), np.int64), *(stored.rows() for stored in releases)], axis=1)
    position_of, start_of, _, term_of = rows
    bounds = np.append(0, counts.cumsum())  # of each field of each release
    # Fields follow each other with one position between.
    last = np.append(position_of, 0)[bounds[1:] - 1]
    widths = np.where(counts.reshape(-1) > 0, last + 2, 1).reshape(count, _FIELDS)
    field_starts = widths.cumsum(axis=1) - widths
    asked = _asked_terms(releases, terms, term_of)
    found = np.flatnonzero(asked != _NO_TERM)
    field_of = np.searchsorted(bounds, found, "right") - 1
    docs, fields = field_of // _FIELDS, field_of % _FIELDS
    positions = position_of[found] + field_starts[docs, fields]
    occurrences = np.unique(np.column_stack([docs, positions, asked[found]]), axis=0)
    lead_ends = np.array([stored.lead_end for stored in releases], np.int64)
    is_lead = (fields == _BODY) & (start_of[found] < lead_ends[docs])
    in_lead = np.zeros((count, len(terms)), bool)
    in_lead[docs[is_lead], asked[found][is_lead]] = True
    title_ends = field_starts[:, _SUBTITLE]
    return MatchPositions(
        documents, frequencies, occurrences[:, 0], occurrences[:, 2], occurrences[:, 1], title_ends, in_lead
    )


def _asked_terms(releases: Sequence[StoredTokens], terms: Sequence[str], term_of: Int64Array) -> Int64Array:
    """For each morpheme of the releases the index of its term in `terms`, or _NO_TERM."""
    sizes = [len(stored.terms) for stored in releases]
    firsts = np.append(0, np.cumsum(sizes)).astype(np.int64)
    asked_for = np.full(int(firsts[-1]), _NO_TERM)
    for stored, first in zip(releases, firsts.tolist(), strict=False):
        for index, term in enumerate(terms):
            if (own := stored.terms.get(term)) is not None:
                asked_for[first + own] = index
    rows = [sum(stored.morphemes) for stored in releases]
    asked: Int64Array = asked_for[term_of + firsts[:-1].repeat(rows)]
    return asked


def to_analysed(release: PressRelease, stored: StoredTokens) -> AnalysedRelease:
    """The release with its tokens, as far as nodes ask for them."""
    rows = stored.rows()
    fields: dict[str, AnalysedText] = {}
    row = letter = 0
    for text_field, morphemes, letters in zip(TEXT_FIELDS, stored.morphemes, stored.letters, strict=True):
        fields[text_field.name] = _StoredText(
            text_field.read(release),
            (),
            (),
            stored.terms,
            rows[:, row : row + morphemes],
            stored.flags[letter : letter + letters],
        )
        row += morphemes
        letter += letters
    return AnalysedRelease(release, fields)


@dataclass(frozen=True)
class _StoredText(AnalysedText):
    """A text that looks its tokens up in what is stored, without making all of them. `terms` are the indexes
    of its morphemes, `rows` their columns; `flags` are the boundary flags of its bigrams.
    """

    terms: dict[str, int] = field(default_factory=dict)
    rows: Int64Array = field(default_factory=lambda: np.zeros((4, 0), np.int64))
    flags: UInt8Array = field(default_factory=lambda: np.zeros(0, np.uint8))

    def positions_of(self, term: str) -> list[int]:
        own = self.terms.get(term)
        return [] if own is None else self._positions(self.rows[3] == own)

    def positions_with_prefix(self, prefix: str) -> list[int]:
        own = [index for term, index in self.terms.items() if term.startswith(prefix)]
        return self._positions(np.isin(self.rows[3], own)) if own else []

    def _positions(self, mask: BoolArray) -> list[int]:
        positions: list[int] = self.rows[0][mask].tolist()
        return positions

    def boundaries(self, first: int, count: int) -> list[str]:
        flags = self.flags[first : first + count].tolist()
        return [
            draw_boundaries(self.letters[first + index : first + index + 2], flag)
            for index, flag in enumerate(flags)
        ]

    @cached_property
    def finest(self) -> dict[int, Range]:
        positions, starts, ends, _ = self.rows.tolist()
        return dict(zip(positions, zip(starts, ends, strict=True), strict=True))

    @cached_property
    def letters(self) -> str:
        normal = normalize(self.text).text
        codes = code_points(normal)[letter_and_digit_offsets(normal)]
        letters = codes.astype("<u4").tobytes().decode("utf-32-le")
        if len(letters) != len(self.flags):
            raise ValueError("what is stored of a release does not fit its text")
        return letters
