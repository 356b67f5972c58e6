"""Releases about the same matter as one: those that share its most telling morphemes.

The choice of terms is that of "more like this" in Lucene (`MoreLikeThis`): the terms of the release with the
highest product of frequency and idf, searched for together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from indexer.engine import Ids, ScoredDoc, ScoringTerm, Search, Stop, Term, TopK
from indexer.errors import AnalysisError
from indexer.release import PressRelease
from indexer.search.snapshots import OpenSnapshot
from indexer.weights import idf

# Choices. A release says in its title what it is about, and in its first paragraphs; what comes behind is
# often furniture. An occurrence in the title counts as much as several of those.
_READ_CHARS = 1_500
_TITLE_WEIGHT, _SUBTITLE_WEIGHT = 4, 2
_MAX_CANDIDATES, _MAX_TERMS = 60, 16
# Of so many of the best, near duplicates are grouped; the rest is shown.
_CANDIDATES = 40
# A choice, looked at with releases of every kind: below this share of what the release itself scores, the
# others share only words that releases of all kinds have.
_MIN_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Similar:
    """`same` have the same body, or nearly; `releases` are about the same matter, the most similar first.
    `timed_out`: the time was over; there may be more.
    """

    same: tuple[PressRelease, ...] = ()
    releases: tuple[PressRelease, ...] = ()
    timed_out: bool = False


class _Telling(NamedTuple):
    term: str
    weight: float


def find_similar(opened: OpenSnapshot, doc: ScoredDoc, limit: int, stop: Stop) -> Similar:
    """At most `limit` releases of each kind for the release `doc`; fewer once `stop` says so."""
    snapshot = opened.snapshot
    (release,) = snapshot.fetch([doc.ref])
    terms = _find_terms(opened, release, stop)
    if not terms:
        return Similar(timed_out=stop())
    scoring = tuple(ScoringTerm("morphemes", term, weight) for term, weight in terms)
    best = snapshot.top(TopK(scoring=scoring, limit=_CANDIDATES, stop=stop)).docs
    ids = dict.fromkeys((doc.id, *(other.id for other in best)))
    listed = snapshot.search(
        Search(query=Ids(tuple(ids)), scoring=scoring, limit=len(ids), collapse=True, stop=stop)
    ).docs
    own = next((other for other in listed if doc.id in (other.id, *other.collapsed_ids)), None)
    if own is None:
        return Similar(timed_out=stop())
    same_ids = [other for other in (own.id, *own.collapsed_ids) if other != doc.id][:limit]
    others = [other for other in listed if other is not own and other.score >= _MIN_SHARE * own.score]
    return Similar(
        _fetch(opened, best, same_ids),
        _fetch(opened, best, [other.id for other in others[:limit]]),
        timed_out=stop(),
    )


def _find_terms(opened: OpenSnapshot, release: PressRelease, stop: Stop) -> list[_Telling]:
    """The most telling morphemes of a release, each with a weight for its frequency there."""
    zones = (
        (release.title, _TITLE_WEIGHT), (release.subtitle, _SUBTITLE_WEIGHT), (release.body[:_READ_CHARS], 1),
    )  # fmt: skip
    try:
        analysed = opened.analyzer.analyze([text for text, _ in zones]).morphemes
    except AnalysisError:
        return []
    counts: Counter[str] = Counter()
    for zone, (_, weight) in enumerate(zones):
        for token in analysed.tokens(zone):
            counts[token.term] += weight
    candidates = dict(counts.most_common(_MAX_CANDIDATES))
    frequencies = opened.counts([Term(term) for term in candidates], stop)
    documents = opened.snapshot.info.documents
    telling = [
        # The frequency counts less and less, as in BM25.
        _Telling(term, count / (count + 1.0))
        for (term, count), frequency in zip(candidates.items(), frequencies, strict=True)
        # A term of this release alone finds no other.
        if frequency > 1
    ]
    values = dict(zip(candidates, frequencies, strict=True))
    telling.sort(key=lambda one: (-one.weight * idf(values[one.term], documents), one.term))
    return telling[:_MAX_TERMS]


def _fetch(opened: OpenSnapshot, docs: tuple[ScoredDoc, ...], ids: list[str]) -> tuple[PressRelease, ...]:
    """Releases in the order of `ids`, which are among `docs`."""
    refs = {doc.id: doc.ref for doc in docs}
    return tuple(opened.snapshot.fetch([refs[release_id] for release_id in ids]))
