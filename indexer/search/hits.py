"""The hits of a page: what the query matched in each release, marked, and the text around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.engine import ScoredDoc, Span, Stop
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS
from indexer.search.compiled_query import CompiledQuery
from indexer.search.marks import merge_ranges
from indexer.search.offsets import find_offsets
from indexer.search.response import Hit, Marked, Matched, Snippet
from indexer.search.snapshots import OpenSnapshot
from indexer.search.snippets import WordRange, make_snippets


def make_hits(
    opened: OpenSnapshot, docs: Sequence[ScoredDoc], tree: CompiledQuery, corrected: Sequence[str], stop: Stop
) -> tuple[Hit, ...]:
    """The releases of a page with their texts. `corrected` are the words of `tree` that were not typed so."""
    # One node an interpretation: which of them is found says by what a word matched.
    asked = [
        (index, interpretation)
        for index, word in enumerate(tree.words)
        for interpretation in word.interpretations
    ]
    words = [index for index, _ in asked]
    kinds = [
        "correction" if tree.words[index].text in corrected else interpretation.match_kind
        for index, interpretation in asked
    ]
    nodes = [interpretation.node for _, interpretation in asked]
    snapshot = opened.snapshot
    found = find_offsets(snapshot, opened.analyzer, docs, nodes, stop)
    releases = snapshot.fetch([doc.ref for doc in docs])
    return tuple(
        _make_hit(doc, release, _Matches(tree, words, kinds, spans))
        for doc, release, spans in zip(docs, releases, found, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Matches:
    """Where a release has the words of a query. `words` and `kinds` have, for each node that was asked for,
    the index of its word and by what it matches.
    """

    tree: CompiledQuery
    words: Sequence[int]
    kinds: Sequence[str]
    spans: Sequence[Span]

    def needed(self) -> list[Span]:
        """Without synonyms of words that are there themselves: these are not what the reader looks for."""
        found = {self.words[span.node] for span in self.spans if self.kinds[span.node] != "synonym"}
        return [
            span
            for span in self.spans
            if self.kinds[span.node] != "synonym" or self.words[span.node] not in found
        ]


def _make_hit(doc: ScoredDoc, release: PressRelease, matches: _Matches) -> Hit:
    texts = {field.name: field.read(release) for field in TEXT_FIELDS}
    spans = matches.needed()
    ranges: dict[str, list[WordRange]] = {name: [] for name in texts}
    for span in spans:
        ranges[span.field].append(WordRange(span.start, span.end, matches.words[span.node]))
    return Hit(
        id=release.id,
        title=_mark(texts["title"], ranges["title"]),
        subtitle=_mark(texts["subtitle"], ranges["subtitle"]),
        outlet=release.outlet,
        department=release.department,
        reporter=release.reporter,
        published_at=release.published_at,
        published_precision=release.published_precision,
        source_url=release.url,
        score=doc.score,
        snippets=_snippets(release, texts, ranges),
        matched=_matched(texts, matches, spans),
        similar=doc.collapsed_ids,
        embargo_until=release.embargo_until,
    )


def _snippets(
    release: PressRelease, texts: Mapping[str, str], ranges: Mapping[str, list[WordRange]]
) -> tuple[Snippet, ...]:
    """What the body has of the words, or whom to ask where only that has them."""
    if ranges["contact"] and not ranges["body"]:
        marked = _mark(texts["contact"], ranges["contact"])
        return (Snippet(marked.text, marked.ranges, "", 0, 0),)
    return tuple(
        _locate(release, start, marked) for start, marked in make_snippets(texts["body"], ranges["body"])
    )


def _locate(release: PressRelease, start: int, marked: Marked) -> Snippet:
    """A piece of the body that begins at `start`, with the attachment, page and table that it is from."""
    section = release.section_at(start)
    return Snippet(marked.text, marked.ranges, section.file, section.page, section.table)


def _mark(text: str, ranges: Sequence[WordRange]) -> Marked:
    return Marked(text, merge_ranges([(word.start, word.end) for word in ranges]))


def _matched(texts: Mapping[str, str], matches: _Matches, spans: Sequence[Span]) -> tuple[Matched, ...]:
    """For each word, the first surface it matched, fields in their order, and by what: the first of its
    interpretations that is found.
    """
    matched = []
    for index, word in enumerate(matches.tree.words):
        of_word = [span for span in spans if matches.words[span.node] == index]
        if not of_word:
            continue
        node = min(span.node for span in of_word)
        found = [span for span in of_word if span.node == node]
        field = next(name for name in texts if any(span.field == name for span in found))
        start, end = merge_ranges([(span.start, span.end) for span in found if span.field == field])[0]
        matched.append(Matched(word.text, texts[field][start:end], matches.kinds[node]))
    return tuple(matched)
