"""Where a query tree matches in one text, from stored spans: the text itself is not analysed again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from indexer.engine import And, Node, Or, Phrase, Span, Term
from indexer.search.answer import Range


def find_ranges(node: Node, spans: Sequence[Span]) -> list[Range]:
    """The ranges of the text that `node` matches, by ascending start; they may overlap."""
    by_term: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_term[span.term].append(span)
    return sorted(set(_ranges(node, by_term)))


def merge_ranges(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """Join ranges that overlap or touch; ascending."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _ranges(node: Node, by_term: dict[str, list[Span]]) -> list[Range]:
    match node:
        case Term(text):
            return [(span.start, span.end) for span in by_term[text]]
        case Phrase(terms):
            return _phrase_ranges(terms, by_term)
        case And(nodes) | Or(nodes):
            return [found for child in nodes for found in _ranges(child, by_term)]


def _phrase_ranges(terms: tuple[str, ...], by_term: dict[str, list[Span]]) -> list[Range]:
    """Each morpheme of the phrase on its own: a particle between two of them is not marked."""
    at = [{span.position: span for span in by_term[term]} for term in terms]
    found: list[Range] = []
    for first in at[0]:
        run = [places.get(first + step) for step, places in enumerate(at)]
        if all(run):
            found += [(span.start, span.end) for span in run if span]
    return found
