"""Where the nodes of a query stand in the releases of a page: found for all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.letters import letter_and_digit_offsets
from indexer.engine import And, DateRange, FacetIn, NgramPhrase, Node, Not, Or, Phrase, Prefix, Span, Term
from indexer.engines.whoosh.format.documents import PackedSpans, unpack_spans
from indexer.engines.whoosh.query.matcher import Few, Matcher, Occurrences
from indexer.engines.whoosh.query.multi_segment import Collection, Deadline
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS
from indexer.text.normalize import normalize

_MORPHEMES, _SYLLABLES = 0, 1
# Places of a leaf in one release that are looked at: snippets show a few, and a release may be one phrase
# over and over.
_MAX_PLACES = 300
_FIELD_NAMES = [field.name for field in TEXT_FIELDS]
_Leaf = Term | Phrase | NgramPhrase | Prefix
_Place = tuple[int, int, int]  # number of the field, start and end
_Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Located:
    """A release of the page: its number in the collection, and what is stored of it."""

    document: int
    release: PressRelease
    morphemes: PackedSpans


def find_spans(
    matcher: Matcher, page: Sequence[Located], nodes: Sequence[Node], deadline: Deadline
) -> list[list[Span]]:
    """The places of the nodes in each of some releases, no two of them the same, by field and start; those of
    the leaves that are reached before the deadline.
    """
    texts = _Texts(matcher.collection, page)
    places: dict[_Leaf, list[list[_Place]]] = {}
    leaves = list(dict.fromkeys(leaf for node in nodes for leaf in _leaves(node)))
    for leaf, found in zip(leaves, _find(matcher, page, leaves, deadline), strict=True):
        own = places[leaf] = [[] for _ in page]
        for stream, length, releases, positions in found:
            for release, place in texts.places(stream, releases, positions, length):
                own[release].append(place)
    return [
        sorted(
            Span(_FIELD_NAMES[field], start, end, number)
            for number, node in enumerate(nodes)
            for field, start, end in _places(node, places, release)
        )
        for release in range(len(page))
    ]


def _places(node: Node, places: Mapping[_Leaf, list[list[_Place]]], release: int) -> Iterable[_Place]:
    """A node that is not there has no places, and neither has one that says what must not be there."""
    match node:
        case Term() | Phrase() | NgramPhrase():
            return places[node][release]
        case Prefix():
            # A word that begins so is a run that begins so as well.
            return set(places[node][release])
        case FacetIn() | DateRange() | Not():
            return ()
        case And(nodes) | Or(nodes):
            return {place for child in nodes for place in _places(child, places, release)}


# A stream, how many tokens of it from each position, and those: numbers of releases, and positions.
_Found = tuple[int, int, _Numbers, _Numbers]


def _find(
    matcher: Matcher, page: Sequence[Located], leaves: Sequence[_Leaf], deadline: Deadline
) -> Iterator[list[_Found]]:
    """Where each leaf stands."""
    numbers = {located.document: number for number, located in enumerate(page)}
    documents = np.array(sorted(numbers), np.int64)
    table = np.array([numbers[document] for document in documents.tolist()], np.int64)
    by_morphemes, by_bigrams = matcher.few(documents, leaves)
    for leaf in leaves:
        occurrences = () if deadline() else _occurrences(matcher, leaf, by_morphemes, by_bigrams)
        yield [
            (stream, length, table[documents.searchsorted(found.docs)], found.positions)
            for stream, length, every in occurrences
            if len((found := _first_places(every)).docs)
        ]


def _first_places(found: Occurrences) -> Occurrences:
    """The first _MAX_PLACES in each release of occurrences that are by release, then by position."""
    if len(found.docs) <= _MAX_PLACES:
        return found
    firsts = np.flatnonzero(np.append(True, found.docs[1:] != found.docs[:-1]))
    counts = np.diff(np.append(firsts, len(found.docs)))
    kept = np.arange(len(found.docs)) - firsts.repeat(counts) < _MAX_PLACES
    return Occurrences(found.docs[kept], found.positions[kept])


def _occurrences(
    matcher: Matcher, leaf: _Leaf, by_morphemes: Few, by_bigrams: Few
) -> Iterator[tuple[int, int, Occurrences]]:
    """The stream, the length and the occurrences of a leaf."""
    match leaf:
        case Term():
            yield _MORPHEMES, 1, matcher.find_phrase(leaf, by_morphemes)
        case Phrase(terms):
            yield _MORPHEMES, len(terms), matcher.find_phrase(leaf, by_morphemes)
        case NgramPhrase(syllables) if len(syllables) == 1:
            yield _SYLLABLES, 1, matcher.find_syllable(leaf, by_bigrams)
        case NgramPhrase(syllables):
            yield _SYLLABLES, len(syllables), matcher.find_run(leaf, by_bigrams)
        case Prefix(begun, field):
            yield _MORPHEMES, 1, matcher.find_prefix(leaf, by_morphemes)
            run = NgramPhrase(begun, field, "begin")
            yield _SYLLABLES, len(begun), matcher.find_run(run, by_bigrams)


class _Texts:
    """From positions in releases to the characters of their fields.

    The fields of all releases are laid end to end: each has a slot, by release, then by field.
    """

    def __init__(self, collection: Collection, page: Sequence[Located]) -> None:
        self._page = page
        starts = collection.field_starts[[own.document for own in page]].astype(np.int64)
        # By release, stream and field, the position of the first token.
        self._field_starts = starts.reshape(len(page), 2, len(TEXT_FIELDS))

    def places(
        self, stream: int, releases: _Numbers, positions: _Numbers, length: int
    ) -> Iterator[tuple[int, _Place]]:
        """`length` tokens of a stream from each of some positions in releases, with the number of the
        release: syllables as one, morphemes each by itself, as a particle between two is not marked.
        """
        firsts = self._field_starts[releases, stream]
        fields = (firsts <= positions[:, None]).sum(axis=1) - 1
        slots = releases * len(TEXT_FIELDS) + fields
        positions = positions - firsts[np.arange(len(firsts)), fields]
        if stream == _MORPHEMES:
            all_starts, all_ends, bounds = self._morphemes
            rows = ((positions + bounds[slots])[:, None] + np.arange(length)).reshape(-1)
            starts, ends = all_starts[rows].tolist(), all_ends[rows].tolist()
            fields, releases = fields.repeat(length), releases.repeat(length)
        else:
            starts, ends = self._syllables.places(slots, positions, length)
        return zip(releases.tolist(), zip(fields.tolist(), starts, ends, strict=True), strict=True)

    @cached_property
    def _morphemes(self) -> tuple[_Numbers, _Numbers, _Numbers]:
        return unpack_spans([own.morphemes for own in self._page])

    @cached_property
    def _syllables(self) -> _Syllables:
        return _Syllables([field.read(own.release) for own in self._page for field in TEXT_FIELDS])


class _Syllables:
    """The letters and digits of some texts, laid end to end: where each stands."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._normals = [normalize(text) for text in texts]
        joined = "\n".join(normal.text for normal in self._normals)
        self._places = letter_and_digit_offsets(joined)
        self._offsets = np.array([0, *accumulate(len(normal.text) + 1 for normal in self._normals)][:-1])
        self._firsts = self._places.searchsorted(self._offsets)

    def places(self, slots: _Numbers, positions: _Numbers, length: int) -> tuple[list[int], list[int]]:
        """Start and end of the `length` syllables from each position in the text of a slot."""
        first = self._firsts[slots] + positions
        offsets = self._offsets[slots]
        starts = (self._places[first] - offsets).tolist()
        ends = (self._places[first + length - 1] + 1 - offsets).tolist()
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
