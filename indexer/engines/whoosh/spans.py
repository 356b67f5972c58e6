"""Where the nodes of a query stand in the releases of a page: found for all of them at once, by segment."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.bigrams import syllables_in
from indexer.analysis.normalize import normalize
from indexer.engine import And, Has, Node, Not, Or, Phrase, Prefix, Published, Run, Span, Term
from indexer.engines.whoosh.matching import Matcher, Occurrences
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS

_Spans = tuple[NDArray[np.int64], NDArray[np.int64]]
_FIELD_NAMES = [field.name for field in TEXT_FIELDS]
_Place = tuple[int, int, int]  # number of the field, start and end


class SpanFinder:
    """Finds `nodes` in some releases of one segment, at least one."""

    def __init__(self, matcher: Matcher, documents: Sequence[int], nodes: Sequence[Node]) -> None:
        self._matcher = matcher
        self._nodes = nodes
        self._documents = sorted(set(documents))
        leaves = list(dict.fromkeys(leaf for node in nodes for leaf in _leaves(node)))
        self._few = matcher.few(self._documents, leaves)
        self._found = {leaf: self._find(leaf) for leaf in leaves}

    def spans(self, document: int, release: PressRelease, morphemes: Mapping[str, _Spans]) -> list[Span]:
        """The places of the nodes in one of the releases, by field and start."""
        text = _Text(self._matcher, document, release, morphemes)
        return sorted(
            Span(_FIELD_NAMES[field], start, end, number)
            for number, node in enumerate(self._nodes)
            for field, start, end in self._places(node, document, text)
        )

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
        place = bisect_left(self._documents, document)
        return [positions[bounds[place] : bounds[place + 1]] for positions, bounds in self._found[node]]

    def _find(self, node: Term | Phrase | Run | Prefix) -> list[tuple[NDArray[np.int64], list[int]]]:
        """The positions of a node, and where those of each release begin; the last end is there as well."""
        return [
            (found.positions, [*found.docs.searchsorted(self._documents).tolist(), len(found.docs)])
            for found in self._occurrences(node)
        ]

    def _occurrences(self, node: Term | Phrase | Run | Prefix) -> tuple[Occurrences, ...]:
        matcher, (by_morphemes, by_bigrams) = self._matcher, self._few
        match node:
            case Term() | Phrase():
                return (matcher.find_phrase(node, by_morphemes),)
            case Run():
                return (matcher.find_run(node, by_bigrams),)
            case Prefix(begun, field):
                runs = matcher.find_run(Run(begun, field), by_bigrams, beginning=True)
                return matcher.find_prefix(node, by_morphemes), runs


class _Text:
    """From positions in a release to the characters of its fields."""

    def __init__(
        self, matcher: Matcher, document: int, release: PressRelease, morphemes: Mapping[str, _Spans]
    ) -> None:
        self._release = release
        spans = [morphemes[field.name] for field in TEXT_FIELDS]
        self._starts = np.concatenate([starts for starts, _ in spans])
        self._ends = np.concatenate([ends for _, ends in spans])
        # Where the rows of each field begin.
        self._rows = np.array([0, *accumulate(len(starts) for starts, _ in spans)])
        starts = matcher.segment.documents.field_starts[document].astype(np.int64)
        self._morpheme_starts, self._syllable_starts = starts[: len(spans)], starts[len(spans) :]

    def morphemes(self, positions: NDArray[np.int64], count: int) -> list[_Place]:
        """`count` morphemes from each position, each by itself: a particle between two is not marked."""
        if not len(positions):
            return []
        fields, positions = _by_field(positions, self._morpheme_starts)
        rows = ((positions + self._rows[fields])[:, None] + np.arange(count)).reshape(-1)
        return list(
            zip(
                fields.repeat(count).tolist(),
                self._starts[rows].tolist(),
                self._ends[rows].tolist(),
                strict=True,
            )
        )

    def syllables(self, positions: NDArray[np.int64], count: int) -> list[_Place]:
        """`count` syllables from each position, as one."""
        if not len(positions):
            return []
        fields, positions = _by_field(positions, self._syllable_starts)
        first = self._syllables.positions.searchsorted(positions + self._syllables.first_positions[fields])
        starts, ends = self._syllables.places[first], self._syllables.places[first + count - 1] + 1
        return self._syllables.to_original(fields.tolist(), starts, ends)

    @cached_property
    def _syllables(self) -> _Syllables:
        return _Syllables([field.read(self._release) for field in TEXT_FIELDS])


class _Syllables:
    """The letters and digits of the fields of a release, laid end to end: where each stands and its position.

    `first_positions` has for each field the position of its first syllable.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._normals = [normalize(text) for text in texts]
        joined = "\n".join(normal.text for normal in self._normals)
        self.places, self.positions = syllables_in(joined)
        self._offsets = [0, *accumulate(len(normal.text) + 1 for normal in self._normals)]
        first = self.places.searchsorted(self._offsets[:-1])
        # Behind the last syllable there is none, and nothing asks for it.
        self.first_positions = self.positions.take(first, mode="clip")

    def to_original(
        self, fields: list[int], starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> list[_Place]:
        """Spans of what is laid end to end as spans of the fields that they are in."""
        places = []
        for field, start, end in zip(fields, starts.tolist(), ends.tolist(), strict=True):
            offset, normal = self._offsets[field], self._normals[field]
            start, end = start - offset, end - offset
            if normal.starts is not None and normal.ends is not None:
                start, end = int(normal.starts[start]), int(normal.ends[end - 1])
            places.append((field, start, end))
        return places


def _leaves(node: Node) -> Iterator[Term | Phrase | Run | Prefix]:
    match node:
        case And(nodes) | Or(nodes):
            for child in nodes:
                yield from _leaves(child)
        case Term() | Phrase() | Run() | Prefix():
            yield node


def _by_field(
    positions: NDArray[np.int64], field_starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions in a release as fields and positions in those."""
    fields = field_starts.searchsorted(positions, "right") - 1
    return fields, positions - field_starts[fields]
