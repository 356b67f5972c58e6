"""One release to read: all of its texts, with what a query matched marked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.engine import ScoredDoc, Stop
from indexer.errors import AnalysisError
from indexer.release import PressRelease, Section
from indexer.search.marks import merge_ranges
from indexer.search.offsets import find_offsets
from indexer.search.overview import state_of
from indexer.search.parser import parse_query
from indexer.search.response import IndexState, Marked, Range
from indexer.search.snapshots import OpenSnapshot


@dataclass(frozen=True, slots=True)
class MarkedSection:
    """The texts of a section."""

    section: Section
    heading: Marked
    paragraphs: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A release and its texts, as the snapshot `index` has it. `timed_out`: the time was over; there may be
    more marks. `outlet_today`: what its issuer is called today; '' if it is still called so, or unknown.
    """

    index: IndexState
    release: PressRelease
    title: Marked
    subtitles: tuple[Marked, ...]
    contact: Marked
    sections: tuple[MarkedSection, ...]
    timed_out: bool = False
    outlet_today: str = ""

    @property
    def texts(self) -> list[Marked]:
        """All texts, in the order in which they are read."""
        paragraphs = [text for section in self.sections for text in (section.heading, *section.paragraphs)]
        return [self.title, *self.subtitles, self.contact, *paragraphs]

    @property
    def marks(self) -> int:
        """How many marks the texts have together."""
        return sum(len(text.ranges) for text in self.texts)


def read_release(opened: OpenSnapshot, doc: ScoredDoc, text: str, stop: Stop) -> Reading:
    """A release with the words of the query `text` marked. Once `stop` says so, marks may be missing."""
    release = opened.snapshot.fetch([doc.ref])[0]
    ranges = _find_ranges(opened, doc, text, stop) if text.strip() else {}
    subtitles = Lines(ranges.get("subtitle", ()))
    body = Lines(ranges.get("body", ()))
    return Reading(
        state_of(opened.snapshot),
        release,
        Marked(release.title, tuple(ranges.get("title", ()))),
        tuple(subtitles.mark(subtitle) for subtitle in release.subtitles),
        # The index leaves out a contact that the body has.
        Marked(release.contact, tuple(ranges.get("contact", ()))),
        tuple(
            MarkedSection(
                section,
                body.mark(section.heading) if section.heading else Marked(""),
                tuple(body.mark(paragraph) for paragraph in section.paragraphs),
            )
            for section in release.sections
        ),
        timed_out=bool(text.strip()) and stop(),
        outlet_today=opened.issuers.today(release.outlet),
    )


def _find_ranges(opened: OpenSnapshot, doc: ScoredDoc, text: str, stop: Stop) -> dict[str, tuple[Range, ...]]:
    """The ranges of each text field that a query matches; none for a query that cannot be read."""
    try:
        compiled = opened.compile(parse_query(text), stop)
    except AnalysisError:
        return {}
    nodes = [way.node for word in compiled.words for way in word.interpretations]
    (spans,) = find_offsets(opened.snapshot, opened.analyzer, [doc], nodes, stop) or [[]]
    fields: dict[str, list[Range]] = {}
    for span in spans:
        fields.setdefault(span.field, []).append((span.start, span.end))
    return {name: merge_ranges(ranges) for name, ranges in fields.items()}


class Lines:
    """The lines of a text, one after the other, with their shares of the ranges of the whole."""

    def __init__(self, ranges: Sequence[Range]) -> None:
        self._ranges = ranges
        self._ends = [end for _, end in ranges]
        self._start = 0

    def mark(self, line: str) -> Marked:
        """The next line. A range that goes on in the line behind is cut in two."""
        start, end = self._start, self._start + len(line)
        self._start = end + 1
        own: list[Range] = []
        for index in range(bisect_left(self._ends, start + 1), len(self._ranges)):
            first, last = self._ranges[index]
            if first >= end:
                break
            own.append((max(first - start, 0), min(last, end) - start))
        return Marked(line, tuple(own))
