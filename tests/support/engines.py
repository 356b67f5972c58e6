"""Releases that tests of engines share, and short ways to index and search them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from indexer.analysis import Analyzer
from indexer.analysis.keyboard import to_keystrokes
from indexer.engine import (
    And,
    DateRange,
    Engine,
    FacetIn,
    HasExplanation,
    Ids,
    Maintenance,
    NgramPhrase,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    ScoringTerm,
    Search,
    SearchResults,
    Snapshot,
    Term,
    TopK,
    find_docs,
)
from indexer.release import SEOUL, PressRelease
from indexer.schema import FACETS
from indexer.search.phrases import phrases_of
from tests.conftest import release_of
from tests.support.snapshots import positions_in, spans_in, versions

ANALYZER = Analyzer()
HANNOVER = release_of(
    "하노버 산업박람회",
    "창원시는 박람회에 참가했다.\n독일 출장을 마쳤다.",
    id="hannover",
    outlet="창원시",
    published="2023-04-25T01:28",
)
BUSES = release_of(
    "시내버스 노선 개편",
    "창원 시내 버스 노선이 바뀐다.",
    id="buses",
    outlet="창원시",
    published="2024-03-01T09:00",
)
HEALTH = release_of("비급여 진료비 공개", "병원마다 다르다.", id="health", outlet="보건복지부", published="")
RELEASES = (HANNOVER, BUSES, HEALTH)


def _scattered() -> Iterator[PressRelease]:
    """Releases with 수소: many have equal scores, and few dates. Of each six, the first three have one body."""
    for number in range(36):
        body = " ".join(f"{(number // 6 + 3) * 137 * step}째 회사를 만났다." for step in range(60))
        yield release_of(
            "수소 " * (number % 3 + 1),
            body if number % 6 < 3 else "",
            id=f"r{number * 7 % 36:02d}",
            outlet="가나다"[number % 3],
            published=("", "2024-01-02T09:00", "2023-05-01T09:00", "2024-03-01T09:00")[number % 4],
        )


SCATTERED = tuple(_scattered())


def seoul_time(timestamp: float) -> datetime:
    """The time in Seoul so many seconds after 1970."""
    return datetime.fromtimestamp(timestamp, SEOUL)


# When the embargo of EMBARGOED ends, in seconds since 1970: far from the real time of any test run.
EMBARGO_END = 4_000_000_000
EMBARGOED = release_of(
    "창원 기업 합병",
    "창원 기업 둘이 합병한다.\n시내 버스와는 관계가 없다.",
    id="waiting",
    outlet="금융위원회",
    department="기업과",
    published="2024-03-02T09:00",
    embargo_until=seoul_time(EMBARGO_END),
)
PUBLIC = (
    *RELEASES,
    release_of("창원 기업 소식", "기업 이야기다.", id="firm", outlet="창원시", published="2022-01-01T00:00"),
)
# One query of every kind of node; most of them match EMBARGOED.
NODES: tuple[Node, ...] = (
    And(()),
    Not(Term("하노버")),
    Term("합병"),
    NgramPhrase("합병"),
    NgramPhrase("합", borders="none"),
    Phrase(("기업", "합병")),
    Prefix("합병"),
    Ids(("waiting", "firm")),
    FacetIn("outlet", ("금융위원회", "창원시")),
    DateRange(datetime(2024, 1, 1, tzinfo=SEOUL)),
    Or((Term("합병"), Term("버스"))),
)


def commit_releases(engine: Engine, releases: Iterable[PressRelease], *, removed: Iterable[str] = ()) -> None:
    """Put and remove releases in one commit, then merge where the engine can."""
    with engine.write() as writer:
        writer.put(releases)
        writer.remove(removed)
        writer.commit({"a.txt": "1"})
    if isinstance(engine, Maintenance):
        engine.merge()


def search(engine: Engine, query: Node, **options: Any) -> SearchResults:  # noqa: ANN401
    """The results of one search; `options` are further fields of `Search`."""
    snapshot = engine.open()
    try:
        return snapshot.search(Search(query=query, **options))
    finally:
        snapshot.close()


def search_ids(engine: Engine, query: Node, **options: Any) -> list[str]:  # noqa: ANN401
    """The ids of the results of one search, best first."""
    return [doc.id for doc in search(engine, query, **options).docs]


def search_scores(engine: Engine, query: Node, *scoring: ScoringTerm, **options: Any) -> dict[str, float]:  # noqa: ANN401
    """The scores of the results of one search by id, best first."""
    return {doc.id: doc.score for doc in search(engine, query, scoring=scoring, **options).docs}


class StopAfter:
    """A `Stop` that says no `checks` times, then yes; `stopped` is its last answer."""

    def __init__(self, checks: int) -> None:
        self._left = checks
        self.stopped = False

    def __call__(self) -> bool:
        self.stopped = self._left <= 0
        self._left -= 1
        return self.stopped


def read_everything(snapshot: Snapshot) -> dict[str, object]:
    """All answers of a snapshot about PUBLIC and EMBARGOED, by each way to ask; closes the snapshot."""
    terms = ("창원", "기업", "합병", "버스", "관계")
    scoring = tuple(
        ScoringTerm("morphemes", term, coverage_groups=(group,)) for group, term in enumerate(terms)
    )
    scoring += (ScoringTerm("bigrams", "합병"), ScoringTerm("bigrams", "창원"))
    searches = [
        Search(
            query=node,
            scoring=scoring,
            sort="relevance" if by_relevance else "newest",
            prefers_recent=by_relevance,
            facets=tuple(FACETS),
            collapse=by_relevance,
        )
        for node in NODES
        for by_relevance in (True, False)
    ]
    ids = [*(release.id for release in PUBLIC), EMBARGOED.id]
    docs = find_docs(snapshot, ids)
    positions = positions_in(snapshot, ANALYZER, list(docs), terms)
    phrases = phrases_of(snapshot, ANALYZER)
    answers: dict[str, object] = {
        "results": [snapshot.search(request) for request in searches],
        "best": snapshot.top(TopK(scoring=scoring, limit=10)),
        "documents": snapshot.info.documents,
        "releases": snapshot.fetch([doc.ref for doc in docs.values()]),
        "facet values": {name: snapshot.facet_values(name, limit=100) for name in FACETS},
        "frequencies": list(positions.frequencies),
        "positions": list(positions.positions),
        "spans": spans_in(snapshot, ANALYZER, ids, NODES[1:3]),
        "phrases": phrases.complete("", 10_000),
        "phrases by initials": phrases.complete_initials("ㅊㅇ", 100),
        "phrases by keys": phrases.phrases_with_keys(
            [to_keystrokes(text) for text in ("합병", "기업", "금융위원회")]
        ),
        "versions": versions(snapshot),
    }
    if isinstance(snapshot, HasExplanation):
        answers["explanations"] = [snapshot.explain(doc.ref, scoring) for doc in docs.values()]
    snapshot.close()
    return answers
