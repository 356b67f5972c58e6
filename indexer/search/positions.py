"""The positions of morphemes in releases: stored by the engine, or else found by analysing the texts."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.analysis import Analyzer
from indexer.engine import HasPositions, MatchPositions, ScoredDoc, Snapshot, Term, offers
from indexer.engine.meaning import AnalysedRelease, analyse
from indexer.schema import LEAD_SYLLABLES


def find_positions(
    snapshot: Snapshot, analyzer: Analyzer, docs: Sequence[ScoredDoc], terms: Sequence[str]
) -> MatchPositions:
    """Where `terms`, which are different morphemes, stand in the releases `docs`. See `MatchPositions`."""
    refs = [doc.ref for doc in docs]
    if offers(snapshot, HasPositions):
        return snapshot.positions(refs, terms)
    releases = analyse(snapshot.fetch(refs), analyzer)
    index_of = {term: index for index, term in enumerate(terms)}
    occurrences, title_ends, in_lead = [], [], []
    for doc, release in enumerate(releases):
        starts = _field_starts(release)
        in_release = {
            (starts[name] + token.position, index_of[token.term])
            for name, text in release.fields.items()
            for token in text.morphemes
            if token.term in index_of
        }
        occurrences += [(doc, term, position) for position, term in sorted(in_release)]
        title_ends.append(starts["subtitle"])
        lead = _lead(release)
        in_lead.append([term in lead for term in terms])
    columns = [list(column) for column in zip(*occurrences, strict=True)] or [[], [], []]
    frequencies = [count or 0 for count in snapshot.count([Term(term) for term in terms])]
    doc_indexes, term_indexes, positions = columns
    return MatchPositions(
        snapshot.info.documents, frequencies, doc_indexes, term_indexes, positions, title_ends, in_lead
    )


def _field_starts(release: AnalysedRelease) -> dict[str, int]:
    """The position of each field's first token. Fields follow each other with one position between, so that
    no phrase reaches from one into the next.
    """
    starts, position = {}, 0
    for name, text in release.fields.items():
        starts[name] = position
        position += (text.morphemes[-1].position if text.morphemes else -1) + 2
    return starts


def _lead(release: AnalysedRelease) -> set[str]:
    """The morphemes of the lead: of the first LEAD_SYLLABLES letters and digits of the body."""
    body = release.fields["body"]
    end = body.chars[LEAD_SYLLABLES][0] if len(body.chars) > LEAD_SYLLABLES else len(body.text)
    return {token.term for token in body.morphemes if token.start < end}
