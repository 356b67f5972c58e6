"""The hits of a page: the texts of each release, with what the query matched marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.engine import Node, ScoredDoc, Span, Stop
from indexer.release import PressRelease
from indexer.schema import TEXT_FIELDS
from indexer.search.compiled_query import CompiledQuery
from indexer.search.marks import merge_ranges
from indexer.search.offsets import find_offsets
from indexer.search.repetition import Shown
from indexer.search.response import Hit, Marked, Matched, MatchKind, Snippet
from indexer.search.snapshots import OpenSnapshot
from indexer.search.snippets import WordRange, make_snippets


def make_hits(
    opened: OpenSnapshot,
    docs: Sequence[ScoredDoc],
    compiled: CompiledQuery,
    corrected: Sequence[str],
    stop: Stop,
) -> tuple[Hit, ...]:
    """The releases of a page with their texts and marks, in the order of `docs`.

    `corrected` are the words of `compiled` that were not typed. Once `stop` says so, marks may be missing.
    """
    targets = [
        _Target(way.node, index, "correction" if word.text in corrected else way.match_kind)
        for index, word in enumerate(compiled.words)
        for way in word.interpretations
    ]
    nodes = [target.node for target in targets]
    spans_by_doc = find_offsets(opened.snapshot, opened.analyzer, docs, nodes, stop)
    releases = opened.snapshot.fetch([doc.ref for doc in docs])
    return tuple(
        _make_hit(doc, release, _Matches(compiled, targets, spans), opened.issuers.today(release.outlet))
        for doc, release, spans in zip(docs, releases, spans_by_doc, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Target:
    """An interpretation of the query's word number `word` (counted from 0): a node of its own, so that its
    spans say how the word matched.
    """

    node: Node
    word: int
    match_kind: MatchKind


@dataclass(frozen=True, slots=True)
class _Matches:
    """Where one release has the words of a query. The `node` of each span is an index of `targets`."""

    compiled: CompiledQuery
    targets: Sequence[_Target]
    spans: Sequence[Span]

    def shown(self) -> list[tuple[Span, _Target]]:
        """The spans, each with the interpretation that it matches, without those of synonyms where the word
        itself is in the release.
        """
        targets = self.targets
        matched = [(span, targets[span.node]) for span in self.spans]
        if not any(target.match_kind == "synonym" for target in targets):
            return matched
        present = {target.word for _, target in matched if target.match_kind != "synonym"}
        return [
            (span, target)
            for span, target in matched
            if target.match_kind != "synonym" or target.word not in present
        ]


def _make_hit(doc: ScoredDoc, release: PressRelease, matches: _Matches, outlet_today: str) -> Hit:
    texts = {field.name: field.read(release) for field in TEXT_FIELDS}
    spans = matches.shown()
    ranges: dict[str, list[WordRange]] = {name: [] for name in texts}
    for span, target in spans:
        ranges[span.field].append(WordRange(span.start, span.end, target.word))
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
        matched=_matched(release, texts, matches, spans),
        attachments=tuple(attachment.name for attachment in release.attachments),
        similar=doc.collapsed_ids,
        embargo_until=release.embargo_until,
        outlet_today=outlet_today,
        corrected_at=release.corrected_at,
    )


def _snippets(
    release: PressRelease, texts: Mapping[str, str], ranges: Mapping[str, list[WordRange]]
) -> tuple[Snippet, ...]:
    """The pieces of the body with the words; the contact if only that has any."""
    if ranges["contact"] and not ranges["body"]:
        marked = _mark(texts["contact"], ranges["contact"])
        return (Snippet(marked.text, marked.ranges, "", 0, 0),)
    shown = Shown((texts["title"], texts["subtitle"]))
    pieces = make_snippets(texts["body"], ranges["body"], shown)
    return tuple(_locate(release, start, marked) for start, marked in pieces)


def _locate(release: PressRelease, start: int, marked: Marked) -> Snippet:
    """A piece of the body, and the attachment, page and table at its first character, number `start`."""
    section = release.section_at(start)
    return Snippet(marked.text, marked.ranges, section.file, section.page, section.table)


def _mark(text: str, ranges: Sequence[WordRange]) -> Marked:
    return Marked(text, merge_ranges([(word.start, word.end) for word in ranges]))


def _matched(
    release: PressRelease,
    texts: Mapping[str, str],
    matches: _Matches,
    spans: Sequence[tuple[Span, _Target]],
) -> tuple[Matched, ...]:
    """For each word that is in the release: the likeliest interpretation that matches, and the first text
    that it matches, in the order of the fields. A word that is in none of them may name the issuer.
    """
    spans_of: dict[int, list[Span]] = {}
    for span, target in spans:
        spans_of.setdefault(target.word, []).append(span)
    matched = []
    for index, word in enumerate(matches.compiled.words):
        if index not in spans_of:
            if release.outlet in word.labels:
                matched.append(Matched(word.text, release.outlet, "issuer"))
            continue
        node = min(span.node for span in spans_of[index])
        node_spans = [span for span in spans_of[index] if span.node == node]
        field = next(name for name in texts if any(span.field == name for span in node_spans))
        start, end = merge_ranges([(span.start, span.end) for span in node_spans if span.field == field])[0]
        matched.append(Matched(word.text, texts[field][start:end], matches.targets[node].match_kind))
    return tuple(matched)
