"""Where the nodes of a query stand in the releases of a page: found for all of them at once, by segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import syllables_in
from indexer.analysis.normalize import normalize
from indexer.engine import And, Has, Node, Not, Or, Phrase, Prefix, Published, Run, Span, Term
from indexer.engines.whoosh.matching import Matcher, Occurrences
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS

_Spans = tuple[NDArray[np.int64], NDArray[np.int64]]
_Place = tuple[int, int, int]  # number of the field, start and end


class SpanFinder:
    """Finds nodes in some releases of one segment."""

    def __init__(self, matcher: Matcher, documents: Sequence[int]) -> None:
        self._matcher = matcher
        self._within = np.unique(np.array(documents, np.int64))
        self._found: dict[Node, tuple[Occurrences, ...]] = {}

    def spans(
        self, document: int, release: PressRelease, morphemes: Mapping[str, _Spans], nodes: Sequence[Node]
    ) -> list[Span]:
        """The places of `nodes` in one of the releases, by field and start."""
        text = _Text(self._matcher, document, release, morphemes)
        found = (
            Span(TEXT_FIELDS[field].name, start, end, number)
            for number, node in enumerate(nodes)
            for field, start, end in self._places(node, document, text)
        )
        return sorted(found, key=lambda span: (span.field, span.start, span.end, span.node))

    def _places(self, node: Node, document: int, text: _Text) -> list[_Place]:
        """A node that is not there has no places, and neither has one that says what must not be there."""
        match node:
            case Term():
                return text.morphemes(self._positions(node, document)[0], 1)
            case Phrase(terms):
                return text.morphemes(self._positions(node, document)[0], len(terms))
            case Run(syllables):
                return text.syllables(self._positions(node, document)[0], len(syllables))
            case Prefix(begun):
                words, runs = self._positions(node, document)
                return sorted({*text.morphemes(words, 1), *text.syllables(runs, len(begun))})
            case Has() | Published() | Not():
                return []
            case And(nodes) | Or(nodes):
                return sorted({place for child in nodes for place in self._places(child, document, text)})

    def _positions(self, node: Term | Phrase | Run | Prefix, document: int) -> list[NDArray[np.int64]]:
        if node not in self._found:
            self._found[node] = self._find(node)
        return [_of(found, document) for found in self._found[node]]

    def _find(self, node: Term | Phrase | Run | Prefix) -> tuple[Occurrences, ...]:
        matcher, within = self._matcher, self._within
        match node:
            case Term(term, field):
                return (matcher.find_phrase((term,), field, within),)
            case Phrase(terms, field):
                return (matcher.find_phrase(terms, field, within),)
            case Run():
                return (matcher.find_run(node, within),)
            case Prefix(begun, field):
                runs = matcher.find_run(Run(begun, field), within, beginning=True)
                return matcher.find_prefix(node, within), runs


class _Text:
    """From positions in a release to the characters of its fields."""

    def __init__(
        self, matcher: Matcher, document: int, release: PressRelease, morphemes: Mapping[str, _Spans]
    ) -> None:
        self._release = release
        self._morphemes = [morphemes[field.name] for field in TEXT_FIELDS]
        starts = matcher.segment.documents.field_starts[document].astype(np.int64)
        self._morpheme_starts, self._syllable_starts = np.split(starts, 2)
        self._syllables: dict[int, _Spans] = {}

    def morphemes(self, positions: NDArray[np.int64], count: int) -> list[_Place]:
        """`count` morphemes from each position, each by itself: a particle between two is not marked."""
        places = []
        for field, position in _by_field(positions, self._morpheme_starts):
            starts, ends = self._morphemes[field]
            places += [(field, int(starts[at]), int(ends[at])) for at in range(position, position + count)]
        return places

    def syllables(self, positions: NDArray[np.int64], count: int) -> list[_Place]:
        """`count` syllables from each position, as one."""
        places = []
        for field, position in _by_field(positions, self._syllable_starts):
            if field not in self._syllables:
                self._syllables[field] = _syllable_spans(TEXT_FIELDS[field].read(self._release))
            starts, ends = self._syllables[field]
            places.append((field, int(starts[position]), int(ends[position + count - 1])))
        return places


def _of(found: Occurrences, document: int) -> NDArray[np.int64]:
    """The positions in one release; releases ascend."""
    first, stop = np.searchsorted(found.docs, (document, document + 1))
    return found.positions[first:stop]


def _by_field(positions: NDArray[np.int64], field_starts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Positions in a release as pairs of field and position in it."""
    if not len(positions):
        return []
    fields = np.searchsorted(field_starts, positions, "right") - 1
    return list(zip(fields.tolist(), (positions - field_starts[fields]).tolist(), strict=True))


def _syllable_spans(text: str) -> _Spans:
    """Start and end of the syllable at each position of a text; positions in gaps have none."""
    normal = normalize(text)
    places, positions = syllables_in(normal.text)
    starts, ends = normal.to_original(places.astype(np.int32), (places + 1).astype(np.int32))
    by_position = np.zeros((2, int(positions[-1]) + 1 if len(positions) else 0), np.int64)
    by_position[0, positions], by_position[1, positions] = starts, ends
    return by_position[0], by_position[1]
