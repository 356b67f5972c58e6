"""Releases -> postings: a batch is analysed, each stream is sorted once by packed keys, and counted by range.

The positions of a release are one sequence: title, subtitle, contact and body follow each other with a gap of
one position, so that no phrase crosses from one field into the next. The zone of a token (`format.stats`)
says how much it counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import chain

import numpy as np

from indexer.analysis import Analyzer, BigramBatch, TokenBatch
from indexer.analysis.bigrams import CHAR_BITS, FLAG_BITS, is_matchable_alone
from indexer.engines.shared.arrays import Int64Array
from indexer.engines.shared.moments import embargo_seconds
from indexer.engines.shared.near_duplicates import sign_bodies
from indexer.engines.shared.phrases import CountedPhrases
from indexer.engines.shared.release_phrases import find_lead_ends, find_phrases
from indexer.engines.whoosh.format.blobs import pack_releases
from indexer.engines.whoosh.format.documents import Documents
from indexer.engines.whoosh.format.postings import Postings
from indexer.engines.whoosh.format.stats import BODY, LEAD, SUBTITLE, TITLE, ZONES, pack_stats
from indexer.release import PressRelease
from indexer.schema import FACETS, TEXT_FIELDS

_FIELDS = len(TEXT_FIELDS)
_FIELD_NAMES = [field.name for field in TEXT_FIELDS]
_TITLE, _SUBTITLE, _BODY = map(_FIELD_NAMES.index, ("title", "subtitle", "body"))
_ZONE_BITS = 2
_LOW_BITS = _ZONE_BITS + 1  # and whether the token is matchable


@dataclass(slots=True)
class InvertedBatch:
    """The releases of a batch as a segment in plain form."""

    documents: Documents
    morphemes: Postings
    bigrams: Postings
    phrases: CountedPhrases


def invert(releases: Sequence[PressRelease], analyzer: Analyzer, at: float = 0.0) -> InvertedBatch:
    """Analyse and invert at most MAX_SEGMENT_RELEASES releases. `at` is now in seconds since 1970: phrases of
    releases whose embargo is later are kept apart.
    """
    texts = [field.read(release) for release in releases for field in TEXT_FIELDS]
    analysed = analyzer.analyze(texts)
    lead_ends = find_lead_ends(analysed.bigrams)
    morphemes = _TokenTable(analysed.morphemes, lead_ends)
    bigrams = _TokenTable(analysed.bigrams, lead_ends)
    return InvertedBatch(
        Documents(
            ids=[release.id for release in releases],
            content_hashes=[release.content_hash for release in releases],
            source_paths=[release.source_path for release in releases],
            signatures=sign_bodies(releases, analysed.bigrams),
            embargoes=np.array([embargo_seconds(release) for release in releases], np.int64),
            facets={name: [facet.read(release) for release in releases] for name, facet in FACETS.items()},
            lengths=np.hstack([morphemes.lengths, bigrams.lengths]),
            field_starts=np.hstack([morphemes.field_starts, bigrams.field_starts]),
            blobs=_pack(releases, analysed.morphemes),
        ),
        _invert_morphemes(analysed.morphemes, morphemes),
        _invert_bigrams(analysed.bigrams, bigrams),
        _count_phrases(find_phrases(releases, texts, analysed.morphemes, lead_ends), releases, at),
    )


class _TokenTable:
    """Columns with a row for each token of a stream, by release, then by position: the release, the position
    in it, and the zone.

    `lengths` and `field_starts` have a row for each release, see `Documents`.
    """

    def __init__(self, batch: TokenBatch | BigramBatch, lead_ends: Int64Array) -> None:
        sizes = np.diff(batch.bounds)
        text = np.repeat(np.arange(len(sizes)), sizes)
        self.release = text // _FIELDS
        field = text % _FIELDS
        # The gap behind each field is one position wide.
        last = np.append(batch.positions, -1)[np.where(sizes > 0, batch.bounds[1:] - 1, -1)]
        widths = (np.where(sizes > 0, last, -1) + 2).reshape(-1, _FIELDS)
        self.field_starts = (np.cumsum(widths, axis=1) - widths).astype(np.uint32)
        self.position = batch.positions + self.field_starts.reshape(-1)[text].astype(np.int64)
        self.zone = np.where(field == _TITLE, TITLE, np.where(field == _SUBTITLE, SUBTITLE, BODY))
        self.zone[(field == _BODY) & (batch.starts < lead_ends[self.release])] = LEAD
        lengths = np.bincount(self.release * ZONES + self.zone, minlength=len(lead_ends) * ZONES)
        self.lengths = lengths.reshape(-1, ZONES).astype(np.uint32)


def _invert_morphemes(batch: TokenBatch, tokens: _TokenTable) -> Postings:
    used = np.flatnonzero(np.bincount(batch.terms)) if len(batch.terms) else np.zeros(0, np.int64)
    names = sorted((batch.vocabulary[term].encode(), term) for term in used.tolist())
    ranks = np.zeros(int(used[-1]) + 1 if len(used) else 0, np.int64)
    ranks[[term for _, term in names]] = np.arange(len(names))
    none = np.zeros(len(batch.terms), np.int64)
    distinct, postings = _sort(ranks[batch.terms], len(names), tokens, none, none)
    postings.terms = [names[rank][0] for rank in distinct.tolist()]
    return postings


def _invert_bigrams(batch: BigramBatch, tokens: _TokenTable) -> Postings:
    firsts = batch.keys >> CHAR_BITS
    seconds = batch.keys & ((1 << CHAR_BITS) - 1)
    # A batch has few distinct characters: by their ranks, two of them take few bits of the sort key.
    seen = np.zeros(1 << CHAR_BITS, bool)
    seen[firsts] = seen[seconds] = True
    chars = np.flatnonzero(seen)
    ranks = np.cumsum(seen) - 1
    keys = ranks[firsts] * len(chars) + ranks[seconds]
    flags = batch.boundary_flags.astype(np.int64)
    matchable = is_matchable_alone(batch.boundary_flags).astype(np.int64)
    distinct, postings = _sort(keys, len(chars) ** 2, tokens, flags, matchable)
    postings.terms = chars[distinct // len(chars)] << CHAR_BITS | chars[distinct % len(chars)]
    return postings


def _sort(
    terms: Int64Array, term_count: int, tokens: _TokenTable, flags: Int64Array, matchable: Int64Array
) -> tuple[Int64Array, Postings]:
    """The distinct terms, ascending, and their postings without names. `terms` are those of the tokens, below
    `term_count`; `flags` their boundary flags; `matchable` 1 for a word by itself.
    """
    position_bits = int(tokens.position.max(initial=0)).bit_length() + FLAG_BITS + _LOW_BITS
    release_bits = int(tokens.release.max(initial=0)).bit_length()
    if term_count.bit_length() + release_bits + position_bits > 63:
        raise OverflowError("too many releases at once")
    low = (tokens.position << FLAG_BITS | flags) << _LOW_BITS | matchable << _ZONE_BITS | tokens.zone
    keys = (((terms << release_bits | tokens.release) << position_bits) | low)[
        order_by_term(terms, term_count)
    ]
    zone = keys & ((1 << _ZONE_BITS) - 1)
    occurrences = ((keys & ((1 << position_bits) - 1)) >> _LOW_BITS).astype(np.uint32)
    # Term and release of each token: one pair is one posting.
    pairs = keys >> position_bits
    firsts = np.flatnonzero(np.diff(pairs, prepend=-1))
    freqs = np.diff(np.append(firsts, len(keys)))
    pairs = pairs[firsts]
    cells = np.repeat(np.arange(len(firsts)) * ZONES, freqs) + zone
    zone_freqs = np.bincount(cells, minlength=len(firsts) * ZONES).reshape(-1, ZONES).T
    any_matchable = np.zeros(len(firsts), bool)
    if len(firsts):
        any_matchable = np.logical_or.reduceat((keys & (1 << _ZONE_BITS)) > 0, firsts)
    posting_terms = pairs >> release_bits
    first_postings = np.flatnonzero(np.diff(posting_terms, prepend=-1))
    return posting_terms[first_postings], Postings(
        terms=[],
        starts=np.append(first_postings, len(pairs)).astype(np.int64),
        docs=(pairs & ((1 << release_bits) - 1)).astype(np.uint16),
        stats=pack_stats(zone_freqs, any_matchable),
        freqs=freqs.astype(np.uint32),
        occurrences=occurrences,
    )


def order_by_term(terms: Int64Array, term_count: int) -> Int64Array:
    """The stable order of `terms`, each below `term_count`: a radix sort by 16 bits at a time, which NumPy
    does for that type. Measured: half the time of any other of its sorts.
    """
    order = np.argsort(terms.astype(np.uint16), kind="stable")
    for shift in range(16, term_count.bit_length(), 16):
        order = order[np.argsort((terms >> shift).astype(np.uint16)[order], kind="stable")]
    return order


def _pack(releases: Sequence[PressRelease], morphemes: TokenBatch) -> list[bytes]:
    # Of the tokens at one position the last is the finest: the parts of a compound come behind the whole.
    last = np.ones(len(morphemes.positions), bool)
    last[:-1] = morphemes.positions[1:] != morphemes.positions[:-1]
    last[morphemes.bounds[1:][np.diff(morphemes.bounds) > 0] - 1] = True
    rows = np.flatnonzero(last)
    bounds = np.searchsorted(rows, morphemes.bounds)
    return list(pack_releases(releases, morphemes.starts[rows], morphemes.ends[rows], bounds))


def _count_phrases(
    phrases: Sequence[Set[str]], releases: Sequence[PressRelease], at: float
) -> CountedPhrases:
    """How many releases have each phrase, those under embargo apart."""
    waiting = {
        doc_id: frozenset(release_phrases)
        for doc_id, (release_phrases, release) in enumerate(zip(phrases, releases, strict=True))
        if embargo_seconds(release) > at
    }
    counted = (release_phrases for doc_id, release_phrases in enumerate(phrases) if doc_id not in waiting)
    return CountedPhrases(Counter(chain.from_iterable(counted)), waiting)
