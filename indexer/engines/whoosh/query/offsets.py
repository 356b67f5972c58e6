"""Where the nodes of a query match in the releases of a page, found for all releases and nodes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from indexer.analysis.letters import letter_and_digit_offsets
from indexer.engine import (
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
    Span,
    Term,
)
from indexer.engines.shared.arrays import Int64Array
from indexer.engines.whoosh.format.blobs import PackedOffsets, unpack_offsets
from indexer.engines.whoosh.format.postings import BIGRAMS, MORPHEMES
from indexer.engines.whoosh.query.deadline import Deadline
from indexer.engines.whoosh.query.multi_segment import MultiSegmentReader
from indexer.engines.whoosh.query.occurrences import (
    OccurrenceFinder,
    Occurrences,
    SelectedDocs,
    begins_with,
)
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS
from indexer.text.normalize import normalize

# Snippets show a few matches of a leaf, and a release may be one phrase over and over. The port allows it.
_MAX_MATCHES = 300
_FIELD_NAMES = [field.name for field in TEXT_FIELDS]
_Leaf = Term | Phrase | NgramPhrase | Prefix
_FieldSpan = tuple[int, int, int]  # index of the field, start, end


@dataclass(frozen=True, slots=True)
class LoadedRelease:
    """A release of the page: its doc id, and what is stored of it."""

    doc_id: int
    release: PressRelease
    morphemes: PackedOffsets


def find_spans(
    reader: MultiSegmentReader, page: Sequence[LoadedRelease], nodes: Sequence[Node], deadline: Deadline
) -> list[list[Span]]:
    """The spans of the nodes in each release of a page, distinct, by field and start. Leaves that are not
    reached before the deadline have none.
    """
    texts = _PageTexts(reader, page)
    spans: dict[_Leaf, list[list[_FieldSpan]]] = {}
    leaves = list(dict.fromkeys(leaf for node in nodes for leaf in _leaves(node)))
    for leaf, matches in zip(leaves, _find_matches(reader, page, leaves, deadline), strict=True):
        spans[leaf] = [[] for _ in page]
        for match in matches:
            for release, span in texts.locate(match):
                spans[leaf][release].append(span)
    return [
        sorted(
            Span(_FIELD_NAMES[field], start, end, index)
            for index, node in enumerate(nodes)
            for field, start, end in _collect(node, spans, release)
        )
        for release in range(len(page))
    ]


def _collect(node: Node, spans: Mapping[_Leaf, list[list[_FieldSpan]]], release: int) -> Iterable[_FieldSpan]:
    """The spans of a node in a release, from those of its leaves."""
    match node:
        case Term() | Phrase() | NgramPhrase():
            return spans[node][release]
        case Prefix():
            # A morpheme with the prefix has the characters of the prefix as well.
            return set(spans[node][release])
        case Ids() | FacetIn() | DateRange() | Not():
            return ()
        case And(nodes) | Or(nodes):
            return {span for child in nodes for span in _collect(child, spans, release)}


@dataclass(frozen=True, slots=True)
class _Matches:
    """Matches of a leaf in a stream, `length` tokens each: the index of the release on the page, and the
    position of the first token.
    """

    stream: int
    length: int
    releases: Int64Array
    positions: Int64Array


def _find_matches(
    reader: MultiSegmentReader, page: Sequence[LoadedRelease], leaves: Sequence[_Leaf], deadline: Deadline
) -> Iterator[list[_Matches]]:
    """The matches of each leaf."""
    indexes = {loaded.doc_id: index for index, loaded in enumerate(page)}
    docs = np.array(sorted(indexes), np.int64)
    table = np.array([indexes[doc_id] for doc_id in docs.tolist()], np.int64)
    finder = OccurrenceFinder(reader)
    by_morphemes, by_bigrams = finder.select(docs, leaves)
    for leaf in leaves:
        found = () if deadline() else _find_leaf(finder, leaf, by_morphemes, by_bigrams)
        yield [
            _Matches(stream, length, table[docs.searchsorted(first.docs)], first.positions)
            for stream, length, occurrences in found
            if len((first := _first_of_each(occurrences)).docs)
        ]


def _find_leaf(
    finder: OccurrenceFinder, leaf: _Leaf, by_morphemes: SelectedDocs, by_bigrams: SelectedDocs
) -> Iterator[tuple[int, int, Occurrences]]:
    """The stream, the length in tokens, and the occurrences of a leaf."""
    match leaf:
        case Term():
            yield MORPHEMES, 1, finder.find_phrase(leaf, by_morphemes)
        case Phrase(terms):
            yield MORPHEMES, len(terms), finder.find_phrase(leaf, by_morphemes)
        case NgramPhrase(chars) if len(chars) == 1:
            yield BIGRAMS, 1, finder.find_char(leaf, by_bigrams)
        case NgramPhrase(chars):
            yield BIGRAMS, len(chars), finder.find_ngrams(leaf, by_bigrams)
        case Prefix(text):
            yield MORPHEMES, 1, finder.find_prefix(leaf, by_morphemes)
            yield BIGRAMS, len(text), finder.find_ngrams(begins_with(leaf), by_bigrams)


def _first_of_each(occurrences: Occurrences) -> Occurrences:
    """The first _MAX_MATCHES in each release of occurrences that are by release, then by position."""
    docs, positions = occurrences.docs, occurrences.positions
    if len(docs) <= _MAX_MATCHES:
        return occurrences
    firsts = np.flatnonzero(np.append(True, docs[1:] != docs[:-1]))
    counts = np.diff(np.append(firsts, len(docs)))
    kept = np.arange(len(docs)) - firsts.repeat(counts) < _MAX_MATCHES
    return Occurrences(docs[kept], positions[kept])


class _PageTexts:
    """The text fields of a page: from positions to characters.

    The fields of all releases are laid end to end. Each is a slot: index of the release, then of the field.
    """

    def __init__(self, reader: MultiSegmentReader, page: Sequence[LoadedRelease]) -> None:
        self._page = page
        starts = reader.field_starts[[loaded.doc_id for loaded in page]].astype(np.int64)
        # By release, stream and field, the position of the first token.
        self._field_starts = starts.reshape(len(page), 2, len(TEXT_FIELDS))

    def locate(self, matches: _Matches) -> Iterator[tuple[int, _FieldSpan]]:
        """The index of the release and the span of each match. The characters of a bigram match are one span;
        its morphemes have a span each, so that a particle between two is not marked.
        """
        releases, length = matches.releases, matches.length
        firsts = self._field_starts[releases, matches.stream]
        fields = (firsts <= matches.positions[:, None]).sum(axis=1) - 1
        slots = releases * len(TEXT_FIELDS) + fields
        positions = matches.positions - firsts[np.arange(len(firsts)), fields]
        if matches.stream == MORPHEMES:
            all_starts, all_ends, bounds = self._morphemes
            rows = ((positions + bounds[slots])[:, None] + np.arange(length)).reshape(-1)
            starts, ends = all_starts[rows].tolist(), all_ends[rows].tolist()
            fields, releases = fields.repeat(length), releases.repeat(length)
        else:
            starts, ends = self._chars.locate(slots, positions, length)
        return zip(releases.tolist(), zip(fields.tolist(), starts, ends, strict=True), strict=True)

    @cached_property
    def _morphemes(self) -> tuple[Int64Array, Int64Array, Int64Array]:
        return unpack_offsets([loaded.morphemes for loaded in self._page])

    @cached_property
    def _chars(self) -> _Chars:
        return _Chars([field.read(loaded.release) for loaded in self._page for field in TEXT_FIELDS])


class _Chars:
    """The letters and digits of some texts, and where each stands."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._normals = [normalize(text) for text in texts]
        joined = "\n".join(normal.text for normal in self._normals)
        self._offsets = letter_and_digit_offsets(joined)
        self._text_offsets = np.array([0, *accumulate(len(normal.text) + 1 for normal in self._normals)][:-1])
        # The index of the first letter or digit of each text.
        self._firsts = self._offsets.searchsorted(self._text_offsets)

    def locate(self, slots: Int64Array, positions: Int64Array, length: int) -> tuple[list[int], list[int]]:
        """Start and end, in the text of each slot, of `length` letters and digits from each position on."""
        first = self._firsts[slots] + positions
        text_offsets = self._text_offsets[slots]
        starts = (self._offsets[first] - text_offsets).tolist()
        ends = (self._offsets[first + length - 1] + 1 - text_offsets).tolist()
        for row, slot in enumerate(slots.tolist()):
            normal = self._normals[slot]
            if normal.starts is not None and normal.ends is not None:
                starts[row], ends[row] = int(normal.starts[starts[row]]), int(normal.ends[ends[row] - 1])
        return starts, ends


def _leaves(node: Node) -> Iterator[_Leaf]:
    match node:
        case And(nodes) | Or(nodes):
            for child in nodes:
                yield from _leaves(child)
        case Term() | Phrase() | NgramPhrase() | Prefix():
            yield node
