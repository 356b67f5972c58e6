"""Releases -> postings: analysis of a batch, one sort of packed keys a stream, counts by run.

The positions of a release are one line of numbers: title, subtitle and body follow each other with a gap
between, so that nothing runs over the border of fields. What an occurrence is worth is told by its zone.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Analyzer, BigramBatch, TokenBatch
from indexer.analysis.bigrams import FLAG_BITS, CHAR_BITS, is_matchable_alone
from indexer.analysis.noun_phrases import find_noun_phrases
from indexer.engines.whoosh.build.near_duplicates import Bodies, sketch_bodies
from indexer.engines.whoosh.format.documents import (
    ZONES,
    Documents,
    embargo_seconds,
    pack_releases,
    published_seconds,
)
from indexer.engines.whoosh.format.phrases import CountedPhrases
from indexer.engines.whoosh.format.postings import BODY, HEADING, LEAD, SUBTITLE, TITLE, Postings, make_stats
from indexer.release import PressRelease
from indexer.schema import FACETS, GROUPED_BODY_SYLLABLES, LEAD_SYLLABLES, TEXT_FIELDS

_FIELDS = len(TEXT_FIELDS)
_CONTACT = [field.name for field in TEXT_FIELDS].index("contact")
_ZONE_BITS = 3
_MIN_TITLE_CHARS, _MAX_TITLE_CHARS = 4, 60
_LOW_BITS = _ZONE_BITS + 1  # and whether it stands alone


@dataclass(slots=True)
class Inverted:
    """A segment in plain form."""

    documents: Documents
    morphemes: Postings
    bigrams: Postings
    phrases: CountedPhrases


def invert(releases: Sequence[PressRelease], analyzer: Analyzer, at: float = 0.0) -> Inverted:
    """Analyse and invert at most MAX_SEGMENT_RELEASES releases. `at` is now, in seconds since 1970: phrases
    of releases whose embargo is later are kept apart.
    """
    texts = [field.read(release) for release in releases for field in TEXT_FIELDS]
    analysed = analyzer.analyze(texts)
    zones = _Zones(releases, analysed.bigrams)
    morphemes = _Rows(analysed.morphemes, zones)
    bigrams = _Rows(analysed.bigrams, zones)
    return Inverted(
        Documents(
            ids=[release.id for release in releases],
            content_hashes=[release.content_hash for release in releases],
            source_paths=[release.source_path for release in releases],
            bodies=_bodies(releases, analysed.bigrams),
            embargoes=np.array([embargo_seconds(release) for release in releases], np.int64),
            facets={name: [facet.read(release) for release in releases] for name, facet in FACETS.items()},
            lengths=np.hstack([morphemes.lengths, bigrams.lengths]),
            field_starts=np.hstack([morphemes.field_starts, bigrams.field_starts]),
            blobs=_pack(releases, analysed.morphemes),
        ),
        _invert_morphemes(analysed.morphemes, morphemes),
        _invert_bigrams(analysed.bigrams, bigrams),
        _count_phrases(releases, texts, analysed.morphemes, zones, at),
    )


def _count_phrases(
    releases: Sequence[PressRelease],
    texts: Sequence[str],
    morphemes: TokenBatch,
    zones: _Zones,
    at: float,
) -> CountedPhrases:
    """Titles, and the nouns of titles, subtitles, headings and leads: how many releases have each."""
    ends = np.full(len(texts), np.iinfo(np.int64).max)
    ends[_FIELDS - 1 :: _FIELDS] = zones.lead_ends
    ends[_CONTACT::_FIELDS] = 0
    found: list[set[str]] = [set() for _ in releases]
    for text, phrase in find_noun_phrases(morphemes, texts, ends):
        found[text // _FIELDS].add(phrase)
    for own, release in zip(found, releases, strict=True):
        title = unicodedata.normalize("NFC", release.title)
        if _MIN_TITLE_CHARS <= len(title) <= _MAX_TITLE_CHARS and title.isprintable():
            own.add(title)
    waiting = {
        number: frozenset(own)
        for number, (own, release) in enumerate(zip(found, releases, strict=True))
        if embargo_seconds(release) > at
    }
    counted = (own for number, own in enumerate(found) if number not in waiting)
    return CountedPhrases(Counter(chain.from_iterable(counted)), waiting)


def _bodies(releases: Sequence[PressRelease], bigrams: BigramBatch) -> Bodies:
    """What tells which bodies are alike; those that are the same are grouped."""
    prints = np.zeros(len(releases), np.uint64)
    ranges = [(0, 0)] * len(releases)
    for number in range(len(releases)):
        body = number * _FIELDS + _FIELDS - 1
        first, stop = int(bigrams.bounds[body]), int(bigrams.bounds[body + 1])
        if stop - first > GROUPED_BODY_SYLLABLES:
            ranges[number] = first, stop
            digest = hashlib.blake2b(bigrams.keys[first:stop].tobytes(), digest_size=8).digest()
            prints[number] = int.from_bytes(digest, "little")
    published = np.array([published_seconds(release) for release in releases], np.int64)
    return Bodies(published, prints, sketch_bodies(bigrams.keys, ranges), prints)


class _Zones:
    """Where headings and lead are, as offsets into each body."""

    def __init__(self, releases: Sequence[PressRelease], bigrams: BigramBatch) -> None:
        self.count = len(releases)
        self.headings = {
            number: _heading_spans(release) for number, release in enumerate(releases) if release.headings
        }
        bodies = np.arange(self.count) * _FIELDS + _FIELDS - 1
        firsts, stops = bigrams.bounds[bodies], bigrams.bounds[bodies + 1]
        beyond = firsts + LEAD_SYLLABLES
        self.lead_ends = np.full(self.count, np.iinfo(np.int32).max, np.int64)
        longer = np.flatnonzero(beyond < stops)
        self.lead_ends[longer] = bigrams.starts[beyond[longer]]


class _Rows:
    """The rows of a stream: release, position in it, and zone of each."""

    def __init__(self, batch: TokenBatch | BigramBatch, zones: _Zones) -> None:
        sizes = np.diff(batch.bounds)
        text = np.repeat(np.arange(len(sizes)), sizes)
        self.release = text // _FIELDS
        field = text % _FIELDS
        # The gap behind each field is one position wide.
        last = np.append(batch.positions, -1)[np.where(sizes > 0, batch.bounds[1:] - 1, -1)]
        widths = (np.where(sizes > 0, last, -1) + 2).reshape(-1, _FIELDS)
        self.field_starts = (np.cumsum(widths, axis=1) - widths).astype(np.uint32)
        self.position = batch.positions + self.field_starts.reshape(-1)[text].astype(np.int64)
        zone = np.where(field == 0, TITLE, np.where(field == 1, SUBTITLE, BODY))
        zone[(field == _FIELDS - 1) & (batch.starts < zones.lead_ends[self.release])] = LEAD
        for number, spans in zones.headings.items():
            body = (number + 1) * _FIELDS - 1
            first, stop = batch.bounds[body], batch.bounds[body + 1]
            for start, end in spans:
                low, high = first + np.searchsorted(batch.starts[first:stop], (start, end))
                zone[low:high] = HEADING
        self.zone = zone
        self.lengths = np.bincount(self.release * ZONES + zone, minlength=zones.count * ZONES)
        self.lengths = self.lengths.reshape(-1, ZONES).astype(np.uint32)


def _heading_spans(release: PressRelease) -> list[tuple[int, int]]:
    """Where the headings stand in `release.body`."""
    spans = []
    offset = 0
    for section in release.sections:
        lines = (section.heading, *section.paragraphs) if section.heading else section.paragraphs
        if section.heading:
            spans.append((offset, offset + len(section.heading)))
        offset += sum(len(line) + 1 for line in lines)
    return spans


def _pack(releases: Sequence[PressRelease], morphemes: TokenBatch) -> list[bytes]:
    # The last row of each position is the finest: the parts of a compound come behind the whole.
    last = np.ones(len(morphemes.positions), bool)
    last[:-1] = morphemes.positions[1:] != morphemes.positions[:-1]
    last[morphemes.bounds[1:][np.diff(morphemes.bounds) > 0] - 1] = True
    rows = np.flatnonzero(last)
    bounds = np.searchsorted(rows, morphemes.bounds)
    return list(pack_releases(releases, morphemes.starts[rows], morphemes.ends[rows], bounds))


def _invert_morphemes(batch: TokenBatch, rows: _Rows) -> Postings:
    used = np.flatnonzero(np.bincount(batch.terms)) if len(batch.terms) else np.zeros(0, np.int64)
    names = sorted((batch.vocabulary[term].encode(), term) for term in used.tolist())
    ranks = np.zeros(int(used[-1]) + 1 if len(used) else 0, np.int64)
    ranks[[term for _, term in names]] = np.arange(len(names))
    none = np.zeros(len(batch.terms), np.int64)
    found, postings = _sort(ranks[batch.terms], len(names), rows, none, none)
    postings.terms = [names[rank][0] for rank in found.tolist()]
    return postings


def _invert_bigrams(batch: BigramBatch, rows: _Rows) -> Postings:
    firsts = batch.keys >> CHAR_BITS
    seconds = batch.keys & ((1 << CHAR_BITS) - 1)
    # A batch has few different syllables: numbered, two of them take few bits of the key.
    seen = np.zeros(1 << CHAR_BITS, bool)
    seen[firsts] = seen[seconds] = True
    syllables = np.flatnonzero(seen)
    numbers = np.cumsum(seen) - 1
    keys = numbers[firsts] * len(syllables) + numbers[seconds]
    flags = batch.boundary_flags.astype(np.int64)
    alone = is_matchable_alone(batch.boundary_flags).astype(np.int64)
    found, postings = _sort(keys, len(syllables) ** 2, rows, flags, alone)
    postings.terms = syllables[found // len(syllables)] << CHAR_BITS | syllables[found % len(syllables)]
    return postings


def _sort(
    terms: NDArray[np.int64],
    term_count: int,
    rows: _Rows,
    flags: NDArray[np.int64],
    alone: NDArray[np.int64],
) -> tuple[NDArray[np.int64], Postings]:
    """The distinct terms, ascending, and their postings without the terms' names."""
    position_bits = int(rows.position.max(initial=0)).bit_length() + FLAG_BITS + _LOW_BITS
    release_bits = int(rows.release.max(initial=0)).bit_length()
    if term_count.bit_length() + release_bits + position_bits > 63:
        raise OverflowError("too many releases at once")
    low = (rows.position << FLAG_BITS | flags) << _LOW_BITS | alone << _ZONE_BITS | rows.zone
    keys = (((terms << release_bits | rows.release) << position_bits) | low)[order_by_term(terms, term_count)]
    zone = keys & ((1 << _ZONE_BITS) - 1)
    occurrences = ((keys & ((1 << position_bits) - 1)) >> _LOW_BITS).astype(np.uint32)
    owners = keys >> position_bits
    first_rows = np.flatnonzero(np.diff(owners, prepend=-1))
    counts = np.diff(np.append(first_rows, len(keys)))
    owners = owners[first_rows]
    cells = np.repeat(np.arange(len(first_rows)) * ZONES, counts) + zone
    zone_counts = np.bincount(cells, minlength=len(first_rows) * ZONES).reshape(-1, ZONES).T
    valid = np.zeros(len(first_rows), bool)
    if len(first_rows):
        valid = np.logical_or.reduceat((keys & (1 << _ZONE_BITS)) > 0, first_rows)
    posting_terms = owners >> release_bits
    first_postings = np.flatnonzero(np.diff(posting_terms, prepend=-1))
    return posting_terms[first_postings], Postings(
        terms=[],
        starts=np.append(first_postings, len(owners)).astype(np.int64),
        docs=(owners & ((1 << release_bits) - 1)).astype(np.uint16),
        stats=make_stats(zone_counts, valid),
        counts=counts.astype(np.uint32),
        occurrences=occurrences,
    )


def order_by_term(terms: NDArray[np.int64], term_count: int) -> NDArray[np.int64]:
    """The order by term of rows that come by release and position, which it keeps: numbers of 16 bits at a
    time, the lowest first, which numpy sorts by their digits, in half the time of any other sort.
    """
    order = np.argsort(terms.astype(np.uint16), kind="stable")
    for shift in range(16, term_count.bit_length(), 16):
        order = order[np.argsort((terms >> shift).astype(np.uint16)[order], kind="stable")]
    return order
