"""Which releases a query tree matches: masks by doc id, one byte a release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from indexer.analysis.letters import is_digit
from indexer.engine import (
    UNDATED,
    And,
    DateRange,
    FacetIn,
    Ids,
    NgramPhrase,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
)
from indexer.engines.shared.arrays import Mask
from indexer.engines.whoosh.format.stats import is_in_field, is_matchable
from indexer.engines.whoosh.format.stored_postings import StoredPostings
from indexer.engines.whoosh.query.deadline import Deadline
from indexer.engines.whoosh.query.multi_segment import MultiSegmentReader
from indexer.engines.whoosh.query.occurrences import OccurrenceFinder, Occurrences, begins_with

# The cost of a posting whose positions are looked at, where looking at the posting alone costs 1. An
# estimate: it decides which clause is evaluated first, so answers do not depend on it.
_POSITIONS_COST = 20


class Matcher:
    """Evaluates query trees on all segments."""

    def __init__(self, reader: MultiSegmentReader) -> None:
        self._reader = reader
        self._finder = OccurrenceFinder(reader)

    def match(self, node: Node, deadline: Deadline | None = None) -> Mask:
        """The live releases that a tree matches; some of them if the deadline passes."""
        live = self._reader.live_docs
        candidates = np.ones(len(self._reader), bool) if live is None else live
        return self._match(node, candidates, deadline or Deadline())

    def keep_live(self, mask: Mask) -> Mask:
        """`mask` without the releases that are not live."""
        return mask if self._reader.live_docs is None else mask & self._reader.live_docs

    def published(self, bounds: DateRange) -> Mask:
        """The releases of a range of dates."""
        column = self._reader.published
        mask = np.ones(len(column), bool)
        if bounds.start or bounds.before:
            mask &= column != UNDATED
        if bounds.start:
            mask &= column >= int(bounds.start.timestamp())
        if bounds.before:
            mask &= column < int(bounds.before.timestamp())
        return mask

    def _match(self, node: Node, candidates: Mask, deadline: Deadline) -> Mask:
        """Which of the candidates a node matches. A decided release is not looked at again: a second word
        only where the first one is, a second alternative only where the first is not. Past the deadline
        nothing more is looked at.
        """
        match node:
            case Term():
                return self._match_term(node) & candidates
            case Phrase():
                return self._to_mask(self._finder.find_phrase(node, candidates))
            case NgramPhrase():
                return self._match_ngrams(node, candidates, deadline)
            case Prefix():
                by_morphemes = self._match_prefix(node, deadline)
                by_chars = self._finder.find_ngrams(begins_with(node), candidates & ~by_morphemes)
                return (by_morphemes & candidates) | self._to_mask(by_chars)
            case Ids():
                return self._match_ids(node) & candidates
            case FacetIn(facet, values):
                return self._reader.having(facet, values) & candidates
            case DateRange():
                return self.published(node) & candidates
            case And(nodes):
                return self._match_all(nodes, candidates, deadline)
            case Or(nodes):
                return self._match_any(nodes, candidates, deadline)
            case Not(child):
                unwanted = self._match(child, candidates, deadline)
                # Past the deadline `unwanted` lacks some.
                return self._none() if deadline.passed else candidates & ~unwanted

    def _match_all(self, nodes: Sequence[Node], candidates: Mask, deadline: Deadline) -> Mask:
        for child in sorted(nodes, key=self._cost):
            if deadline():
                return self._none()
            candidates = self._match(child, candidates, deadline)
            if not candidates.any():
                break
        return candidates

    def _match_any(self, nodes: Sequence[Node], candidates: Mask, deadline: Deadline) -> Mask:
        mask = self._none()
        for child in sorted(nodes, key=self._cost):
            if deadline():
                break
            mask |= self._match(child, candidates & ~mask, deadline)
        return mask

    def _cost(self, node: Node) -> int:
        """About how many postings a node looks at."""
        match node:
            case Term(text):
                return self._reader.morpheme(text).doc_freq
            case Phrase():
                return _POSITIONS_COST * min(term.doc_freq for term in self._finder.morphemes(node))
            case NgramPhrase(chars) if len(chars) == 1:
                return len(self._reader)
            case NgramPhrase():
                rarest = min(term.doc_freq for term in self._finder.bigrams(node))
                return rarest if self._needs_no_positions(node) else _POSITIONS_COST * rarest
            case Prefix():
                return len(self._reader)
            case Ids(ids):
                return len(ids)
            case FacetIn() | DateRange():
                return len(self._reader) // 2
            case And(nodes):
                return min((self._cost(child) for child in nodes), default=0)
            case Or(nodes):
                return sum(self._cost(child) for child in nodes)
            case Not():
                return _POSITIONS_COST * len(self._reader)

    def _match_term(self, term: Term) -> Mask:
        which = partial(is_in_field, field=term.field) if term.field else None
        return self._reader.morphemes.mark(self._none(), self._reader.morpheme(term.text), which)

    def _match_ids(self, node: Ids) -> Mask:
        mask = self._none()
        mask[[doc_id for release_id in node.ids if (doc_id := self._reader.find(release_id)) >= 0]] = True
        return mask

    def _match_prefix(self, prefix: Prefix, deadline: Deadline) -> Mask:
        """The releases with a morpheme that has a prefix: such terms are neighbours in the index."""
        segments = self._reader.segments
        text = prefix.text.encode()
        streams = ((segment.morphemes, segment.morpheme_terms.prefix_range(text)) for segment in segments)
        return self._match_ranges(streams, prefix.field, deadline)

    def _match_char(self, phrase: NgramPhrase, deadline: Deadline) -> Mask:
        """The releases with a character: the bigrams that begin with it are neighbours in the index."""
        segments = self._reader.segments
        streams = (
            (segment.bigrams, segment.bigram_terms.first_char_range(phrase.chars)) for segment in segments
        )
        return self._match_ranges(streams, phrase.field, deadline)

    def _match_ranges(
        self, streams: Iterable[tuple[StoredPostings, tuple[int, int]]], field: str, deadline: Deadline
    ) -> Mask:
        """The releases with any term of a range; each segment has a stream and a range of term ids."""
        mask = self._none()
        for (stream, (first, stop)), (base, end) in zip(
            streams, pairwise(self._reader.doc_bases), strict=True
        ):
            if deadline():
                break
            postings = slice(int(stream.starts[first]), int(stream.starts[stop]))
            docs = stream.docs[postings]
            if field:
                docs = docs[is_in_field(stream.stats[postings], field)]
            mask[base:end][docs] = True
        return mask

    def _match_ngrams(self, phrase: NgramPhrase, candidates: Mask, deadline: Deadline) -> Mask:
        if len(phrase.chars) == 1:
            return self._match_char(phrase, deadline) & candidates
        if self._needs_no_positions(phrase):
            in_field = partial(is_in_field, field=phrase.field) if phrase.field else None
            which = is_matchable if phrase.borders == "both" else in_field
            term = self._reader.bigram(phrase.chars)
            return self._reader.bigrams.mark(self._none(), term, which) & candidates
        return self._to_mask(self._finder.find_ngrams(phrase, candidates))

    @staticmethod
    def _needs_no_positions(phrase: NgramPhrase) -> bool:
        """Whether the statistics of a phrase's bigram tell where it matches."""
        if len(phrase.chars) != 2:
            return len(phrase.chars) == 1
        return (
            not phrase.field
            if phrase.borders == "both"
            else phrase.borders == "none" and not all(map(is_digit, phrase.chars))
        )

    def _none(self) -> Mask:
        return np.zeros(len(self._reader), bool)

    def _to_mask(self, occurrences: Occurrences) -> Mask:
        mask = self._none()
        mask[occurrences.docs] = True
        return mask
